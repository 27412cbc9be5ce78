"""A network as the flat arrays that the compiled loops read and change."""

import numpy as np
import torch
from torch import Tensor

from lenet_helpers.model.layers import (
    FullyConnected,
    MapConvolution,
    ScaledTanh,
    Subsampling,
)
from lenet_helpers.model.losses import MaximumLikelihood, MaximumPosterior, SquaredError
from lenet_helpers.model.rbf import RBFOutput
from lenet_helpers.training import _kernels as kernels
from lenet_helpers.training.curvature import estimate_curvature


class Program:
    """One network, its parameters and its buffers, as arrays.

    Parameters
    ----------
    network : Module
        One of `model.networks`, on the CPU.

    Attributes
    ----------
    parameters : array, (P,)
        The trained ones in the order of ``network.parameters()``, then what is fixed:
        frozen parameters and output codes.
    num_trained : int
    num_classes : int
    table : array of `_kernels.LAYER`, (layers,)
    pool : array, (K,) int64; the lists of integers that the table points into
    buffers : tuple of array; states, their derivatives, sums, theirs, sums of four

    Raises
    ------
    TypeError : a layer is not of `model.layers`, or squashes otherwise.
    ValueError : layers do not fit each other, or nothing is to be trained.
    """

    def __init__(self, network):
        self.network = network
        self._trained = [p for p in network.parameters() if p.requires_grad]
        if not self._trained:
            raise ValueError(
                "`networks` holds one whose parameters are all frozen: set"
                " `requires_grad` of those to train."
            )
        frozen = [p for p in network.parameters() if not p.requires_grad]
        codes = [t for t in network.buffers() if t.is_floating_point()]
        tensors = [*self._trained, *frozen, *codes]
        devices = {tensor.device.type for tensor in tensors}
        if devices != {"cpu"}:
            raise ValueError(
                "`networks` must lie on the CPU, where `train_online` computes; got"
                f" one on {', '.join(sorted(devices))}: move it by `network.cpu()`."
            )
        starts, position = {}, 0
        for tensor in tensors:
            starts[tensor] = position
            position += tensor.numel()
        self.num_trained = sum(p.numel() for p in self._trained)
        self.parameters = np.concatenate(
            [tensor.detach().numpy().reshape(-1) for tensor in tensors]
        )
        self._build(starts)
        self.num_classes = int(self.table[-1]["maps"])

    def _build(self, starts):
        """Give each layer its row of the table, and its place in the buffers.

        Parameters
        ----------
        starts : dict, Tensor to int
            Where in `parameters` each parameter and fixed code begins.
        """
        names, layers = zip(*self.network.named_children(), strict=True)
        self.table, self._pool = np.zeros(len(layers), kernels.LAYER), []
        maps, height, width = 1, self.network.image_size, self.network.image_size
        place, plane = _place(layers[0], height, width)
        self._input_place, self._input_plane = place, plane
        self._input_background = getattr(layers[0], "background", 0.0)
        states_in, states, sums = 0, plane, 0
        borders = []  # (start, stop, value) of states that are not 0
        for i, (name, layer) in enumerate(zip(names, layers, strict=True)):
            _check_layer(name, layer, maps, height, width)
            row = self.table[i]
            row["maps_in"], row["plane_in"], row["states_in"] = maps, plane, states_in
            row["weight"] = starts[layer.weight]
            row["bias"] = starts[layer.bias] if hasattr(layer, "bias") else 0
            row["is_trained"] = layer.weight.requires_grad
            height, width = self._add_layer(row, layer, height, width)
            row["height"], row["width"] = height, width
            row["span"] = (height - 1) * row["row"] + width
            maps, follower = int(row["maps"]), (*layers, None)[i + 1]
            place, plane = _place(follower, height, width)
            row["plane"], row["states"], row["sums"] = plane, states, sums
            row["place"] = self._keep(place)
            row["is_compact"] = plane == height * width
            border = getattr(follower, "background", 0.0)
            borders.append((states, states + maps * plane, border))
            states_in, states = states, states + maps * plane
            sums += maps * int(row["span"] + 2 * row["pad"])
        self.pool = np.array(self._pool, np.int64)
        lengths = (states, states, sums, sums, sums)
        self.buffers = tuple(np.zeros(n, self.parameters.dtype) for n in lengths)
        for start, stop, value in borders:
            self.buffers[0][start:stop] = value

    def _add_layer(self, row, layer, height, width):
        """Complete a layer's row; return the height and width of its maps."""
        if isinstance(layer, MapConvolution):
            return self._add_convolution(row, layer, height, width)
        row["bias_is_shared"], row["stride"] = 1, 1
        row["maps"] = len(layer.weight)
        if isinstance(layer, Subsampling):
            row["kind"], row["row"] = kernels.SUBSAMPLING, width // 2
            row["links"] = self._keep(layer.sources)
            return height // 2, width // 2
        row["kind"] = kernels.RBF if isinstance(layer, RBFOutput) else kernels.FULL
        row["row"] = 1
        return 1, 1

    def _add_convolution(self, row, layer, height, width):
        border, step, table = sum(layer.padding), layer.stride, layer.table
        row["row"] = (width + border + step - 1) // step
        phase = row["row"] * ((height + border + step - 1) // step)
        height = (height + border - 5) // step + 1
        width = (width + border - 5) // step + 1
        if layer.bias.ndim == 3 and layer.bias.shape[1:] != (height, width):
            raise ValueError(
                f"`networks` holds a map of {height} x {width} units with biases for"
                f" {layer.bias.shape[1]} x {layer.bias.shape[2]}."
            )
        u, v = np.divmod(np.arange(25), 5)
        offsets = (u % step * step + v % step) * phase
        offsets += u // step * row["row"] + v // step
        is_full = height == width == 1 and not border and step == 1
        is_full &= all(len(inputs) == row["maps_in"] for inputs in table)
        row["kind"] = kernels.FULL if is_full else kernels.CONVOLUTION
        row["stride"], row["maps"] = step, len(table)
        row["offsets"] = self._keep(offsets)
        if step == 1 and row["states_in"]:  # room to spread dE/dx of the layer below
            row["pad"] = offsets.max()
        row["bias_is_shared"] = layer.bias.ndim == 1
        row["links"] = self._keep([m for inputs in table for m in inputs])
        ends = np.cumsum([len(inputs) for inputs in table])
        row["first_links"] = self._keep([0, *ends])
        return height, width

    def _keep(self, values):
        """Append integers to the pool; return where they begin."""
        self._pool.extend(int(value) for value in values)
        return len(self._pool) - len(values)

    def lay_out(self, images: Tensor) -> np.ndarray:
        """Give (N, 1, H, W) images as rows that the first layer reads."""
        flat = images.reshape(len(images), -1).numpy()
        flat = flat.astype(self.parameters.dtype, copy=False)
        if self._input_plane == flat.shape[1]:
            return np.ascontiguousarray(flat)
        shape = (len(flat), self._input_plane)
        rows = np.full(shape, self._input_background, flat.dtype)
        rows[:, self._input_place] = flat
        return rows

    def train(self, rows, labels, order, rates, loss):
        """Show patterns one by one; return the sum of losses and the errors.

        Parameters
        ----------
        rows : array, (N, M), of `lay_out`
        labels, order : array, (N,) and (n,) int64
        rates : array, (P,); 0 for what is fixed
        loss : Module, one of `model.losses`
        """
        kind, options = read_loss(loss)
        options = np.array(options, self.parameters.dtype)
        return kernels.train_patterns(
            self.table, self.pool, self.parameters, rates, self.buffers,
            rows, labels, order, kind, options,
        )  # fmt: skip

    def classify(self, rows):
        """Classify, (N, M) to (N,) int64."""
        return kernels.answer_patterns(
            self.table, self.pool, self.parameters, self.buffers, rows
        )

    def make_rates(self, learning_rate):
        """Give one rate to all that is trained, 0 to what is fixed."""
        rates = np.zeros_like(self.parameters)
        rates[: self.num_trained] = learning_rate
        return rates

    def estimate_curvature(self, images, labels, loss):
        """Estimate h of the trained parameters, (num_trained,), as they are now."""
        self.write_back()
        images = images.to(self._trained[0].dtype)
        curvatures = estimate_curvature(self.network, images, labels, loss)
        return torch.cat([curvatures[p].reshape(-1) for p in self._trained]).numpy()

    def write_back(self):
        """Copy the parameters into the network."""
        position = 0
        for parameter in self._trained:
            part = self.parameters[position : position + parameter.numel()]
            parameter.data.copy_(torch.from_numpy(part).view_as(parameter))
            position += parameter.numel()


def _check_layer(name, layer, maps, height, width):
    """Refuse a layer that the compiled loops would read out of bounds, or otherwise.

    Parameters
    ----------
    name : str
    layer : Module
    maps, height, width : int, of what it reads
    """
    if not isinstance(layer, (MapConvolution, Subsampling, FullyConnected, RBFOutput)):
        raise TypeError(
            f"`networks` holds a layer, `{name}`, of type {type(layer).__name__};"
            " `train_online` knows those of lenet_helpers.model.layers."
        )
    squash = getattr(layer, "squash", None)
    if not isinstance(squash, (ScaledTanh, type(None))):
        raise TypeError(
            f"`networks` holds a layer, `{name}`, that squashes by"
            f" {type(squash).__name__}; `train_online` knows ScaledTanh alone."
        )
    wrong = ""
    if isinstance(layer, MapConvolution):
        if layer.kernel_size != 5 or layer.stride not in (1, 2):
            wrong = "a kernel must be 5 x 5, its stride 1 or 2"
        elif layer.num_inputs != maps:
            wrong = f"it reads {layer.num_inputs} maps of the {maps} that are there"
        for inputs in layer.table:
            if list(inputs) != sorted(set(inputs)) or not inputs:
                wrong = f"its table must name maps once, in rising order, not {inputs}"
    elif isinstance(layer, Subsampling):
        if height % 2 or width % 2:
            wrong = f"it cannot halve maps of {height} x {width}"
        elif len(layer.sources) != len(layer.weight):
            wrong = f"{len(layer.sources)} sources for {len(layer.weight)} maps"
        elif not all(0 <= source < maps for source in layer.sources):
            wrong = f"its sources must be maps 0 to {maps - 1}, not {layer.sources}"
    elif layer.weight.shape[1] != maps * height * width:
        wrong = f"{layer.weight.shape[1]} inputs of {maps * height * width} states"
    if wrong:
        raise ValueError(
            f"`networks` holds a layer, `{name}`, that does not fit: {wrong}."
        )


def _place(layer, height, width):
    """Say where the cells of a map lie, for the layer that reads it, and its length."""
    stride, before, after = 1, 0, 0
    if isinstance(layer, MapConvolution):
        stride, (before, after) = layer.stride, layer.padding
    rows = (height + before + after + stride - 1) // stride
    columns = (width + before + after + stride - 1) // stride
    y, x = np.meshgrid(
        np.arange(height) + before, np.arange(width) + before, indexing="ij"
    )
    phase = y % stride * stride + x % stride
    place = phase * rows * columns + y // stride * columns + x // stride
    return place.reshape(-1), stride**2 * rows * columns


def read_loss(loss):
    """Give a loss as a number and two options."""
    if isinstance(loss, SquaredError):
        return kernels.SQUARED_ERROR, (loss.low, loss.high)
    if isinstance(loss, MaximumLikelihood):
        return kernels.MAXIMUM_LIKELIHOOD, (0.0, 0.0)
    if isinstance(loss, MaximumPosterior):
        return kernels.MAXIMUM_POSTERIOR, (loss.j, 0.0)
    raise TypeError(
        f"`loss` must be one of lenet_helpers.model.losses, got {type(loss).__name__}."
    )
