"""The papers' training, one pattern an update, at full speed.

The PyTorch networks and `optim.DiagonalLevenbergMarquardt` are the readable reference;
this computes the same numbers, compiled, one thread a network.
"""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import torch
from tqdm.auto import tqdm

from lenet_helpers.model.layers import FullyConnected, MapConvolution, Subsampling
from lenet_helpers.model.losses import MaximumLikelihood, MaximumPosterior, SquaredError
from lenet_helpers.model.rbf import RBFOutput
from lenet_helpers.paper import MU, NUM_CURVATURE_PATTERNS
from lenet_helpers.training import _kernels as kernels
from lenet_helpers.training.curvature import estimate_curvature

CHUNK = 500  # patterns between two looks at the interrupt
# The columns of the table that the compiled loops read, by their names there.
FIELDS = """maps_in plane_in states_in maps height width row span pad sums plane states
    place offsets links first_links weight bias bias_is_shared stride is_trained
    is_compact"""
FIELDS = ("kind", *FIELDS.split())
ORDERS = ("constant", "reshuffled", "given")
COLUMNS = ["seed", "epoch", "learning_rate", "smallest_rate", "largest_rate"]
COLUMNS += ["training_loss", "training_error_rate"]


def train_online(
    networks,
    images,
    labels,
    *,
    loss,
    learning_rates,
    optimizer="sdlm",
    mu=MU,
    num_curvature_patterns=NUM_CURVATURE_PATTERNS,
    order="constant",
    seeds=None,
    evaluate=None,
    num_threads=None,
    progress=None,
    on_pass=None,
):
    """Train networks on one pattern an update, side by side, in place.

    A Ctrl-C or kernel interrupt ends it after the patterns in hand: the networks keep
    what they have learnt and the history holds the passes that were completed.

    Parameters
    ----------
    networks : Module or sequence of Module
        All of one class of `model.networks`. float32, or float64 for checks.
    images : Tensor, (N, 1, H, W)
    labels : Tensor, (N,) int64
    loss : Module, one of `lenet_helpers.model.losses`
    learning_rates : sequence of float
        The global rate of each pass; its length is the number of passes.
    optimizer : {"sdlm", "sgd"}
        Stochastic diagonal Levenberg-Marquardt, with h estimated before each pass, or
        plain gradient descent.
    mu : float
        For "sdlm".
    num_curvature_patterns : int
        How many patterns h is the mean over: new ones, at random, each pass.
    order : {"constant", "reshuffled", "given"}
        One random order for all passes, as in 1989 and 1998; a new one each pass; or as
        the images come (then h is of the first patterns, as in a check by hand).
    seeds : sequence of int, optional
        Of the order and of the patterns for h, one a network; by default 0, 1, 2...
    evaluate : dict, name to (images, labels), optional
        Sets to classify after each pass, such as ``{"validation": (...)}``.
    num_threads : int, optional
        By default as many as there are networks and cores.
    progress : bool, optional
        Show a bar. By default in a terminal or JupyterLab, and not in a built page.
    on_pass : callable, optional
        Called after each pass with the network, as it is then, and its row of the
        history, a dict.

    Returns
    -------
    DataFrame
        A row a network and pass: ``seed``, ``epoch`` (from 1), ``learning_rate``,
        ``smallest_rate`` and ``largest_rate`` (effective, of a parameter),
        ``training_loss`` and ``training_error_rate`` (means over the pass, each pattern
        judged before it is learnt from), ``<name>_error_rate`` for each set to
        evaluate, ``seconds`` (since the start).

    Raises
    ------
    ValueError : an argument is not among those named, or sizes do not fit.
    TypeError : `loss` or a layer is of another module.

    References
    ----------
    LeCun et al. 1998, Sec. III-B and Appendix C.
    """
    networks = [networks] if isinstance(networks, torch.nn.Module) else list(networks)
    seeds = list(range(len(networks))) if seeds is None else list(seeds)
    if len(seeds) != len(networks):
        raise ValueError(
            f"`seeds` must be one a network ({len(networks)}), got {len(seeds)}."
        )
    if len(labels) != len(images):
        raise ValueError(
            f"`labels` must be one an image ({len(images)}), got {len(labels)}."
        )
    if order not in ORDERS:
        raise ValueError(f"`order` must be one of {ORDERS}, got {order!r}.")
    if optimizer not in ("sdlm", "sgd"):
        raise ValueError(f'`optimizer` must be "sdlm" or "sgd", got {optimizer!r}.')
    learning_rates = [float(rate) for rate in learning_rates]
    programs = [_Program(network) for network in networks]
    sets = {"training": (images, labels), **(evaluate or {})}
    sets = {
        name: (programs[0].lay_out(x), np.ascontiguousarray(y.numpy(), np.int64))
        for name, (x, y) in sets.items()
    }
    if progress is None:
        progress = sys.stderr.isatty() or "JPY_SESSION_NAME" in os.environ
    _read_loss(loss)
    stop, started = threading.Event(), time.perf_counter()
    num_threads = num_threads or min(len(networks), os.cpu_count() or 1)
    total = len(networks) * len(learning_rates) * len(labels)

    def run(program, seed):
        generator = torch.Generator().manual_seed(seed)
        rows, indices = [], torch.arange(len(labels))
        if order == "constant":
            indices = indices[torch.randperm(len(labels), generator=generator)]
        for epoch, learning_rate in enumerate(learning_rates, 1):
            if order == "reshuffled":
                indices = torch.randperm(len(labels), generator=generator)
            rates = np.full_like(program.parameters, learning_rate)
            if optimizer == "sdlm":
                some = torch.arange(min(num_curvature_patterns, len(labels)))
                if order != "given":
                    some = torch.randperm(len(labels), generator=generator)[: len(some)]
                curvature = program.curvature(images[some], labels[some], loss)
                rates = (learning_rate / (mu + curvature)).astype(rates.dtype)
            loss_sum, num_errors = 0.0, 0
            for part in np.split(indices.numpy(), range(CHUNK, len(labels), CHUNK)):
                if stop.is_set():
                    return rows
                sums = program.train(*sets["training"], part, rates, loss)
                loss_sum, num_errors = loss_sum + sums[0], num_errors + sums[1]
                bar.update(len(part))
            row = {
                "seed": seed,
                "epoch": epoch,
                "learning_rate": learning_rate,
                "smallest_rate": float(rates[: program.num_trained].min()),
                "largest_rate": float(rates[: program.num_trained].max()),
                "training_loss": loss_sum / len(labels),
                "training_error_rate": num_errors / len(labels),
            }
            for name in evaluate or {}:
                answers = program.classify(sets[name][0])
                row[f"{name}_error_rate"] = float((answers != sets[name][1]).mean())
            rows.append(row | {"seconds": time.perf_counter() - started})
            if on_pass is not None:
                program.write_back()
                on_pass(program.network, rows[-1])
        return rows

    bar = tqdm(total=total, unit=" patterns", disable=not progress, mininterval=0.5)
    torch_threads = torch.get_num_threads()
    torch.set_num_threads(1)  # or h would be rounded by how many there are
    with bar, ThreadPoolExecutor(num_threads) as executor:
        futures = [
            executor.submit(run, *pair) for pair in zip(programs, seeds, strict=True)
        ]
        try:
            while not all(future.done() for future in futures):
                time.sleep(0.01)
        except KeyboardInterrupt:
            pass
        finally:
            stop.set()
            torch.set_num_threads(torch_threads)
        rows = [row for future in futures for row in future.result()]
    for program in programs:
        program.write_back()
    names = [f"{name}_error_rate" for name in evaluate or {}]
    return pd.DataFrame(rows, columns=[*COLUMNS, *names, "seconds"])


class _Program:
    """A network as the flat arrays that the compiled loops read.

    `parameters` holds the trained ones in the order of ``network.parameters()``, then
    fixed output codes.
    """

    def __init__(self, network):
        self.network = network
        self._parameters = [p for p in network.parameters() if p.requires_grad]
        tensors = list(self._parameters)
        fixed = [t for t in network.buffers() if t.is_floating_point()]
        starts, position = {}, 0
        for tensor in tensors + fixed:
            starts[tensor] = position
            position += tensor.numel()
        self.num_trained = sum(p.numel() for p in tensors)
        self.parameters = np.concatenate(
            [t.detach().numpy().reshape(-1) for t in tensors + fixed]
        )
        self._build(starts)

    def _build(self, starts):
        """Give each layer its row of the table, and its place in the buffers.

        Parameters
        ----------
        starts : dict, Tensor to int
            Where in `parameters` each parameter and fixed code begins.
        """
        layers = list(self.network.children())
        rows, self._pool = [], []
        maps, height, width = 1, self.network.image_size, self.network.image_size
        place, plane = _place(layers[0], height, width)
        self._input_place, self._input_plane = place, plane
        self.input_background = getattr(layers[0], "background", 0.0)
        states_in, states, sums = 0, plane, 0
        background = []  # (start, stop, value) of states that are not 0
        for layer, follower in zip(layers, [*layers[1:], None], strict=True):
            row = dict.fromkeys(FIELDS, 0)
            row |= {"maps_in": maps, "plane_in": plane, "states_in": states_in}
            row |= {"weight": starts[layer.weight], "stride": 1, "bias_is_shared": 1}
            row["is_trained"] = int(isinstance(layer.weight, torch.nn.Parameter))
            if hasattr(layer, "bias"):
                row["bias"] = starts[layer.bias]
            if isinstance(layer, MapConvolution):
                height, width = self._add_convolution(row, layer, height, width)
            elif isinstance(layer, Subsampling):
                height, width = height // 2, width // 2
                row |= {"kind": kernels.SUBSAMPLING, "row": width}
                row |= {"maps": len(layer.sources), "links": self._keep(layer.sources)}
            elif isinstance(layer, (FullyConnected, RBFOutput)):
                is_rbf = isinstance(layer, RBFOutput)
                if is_rbf:
                    row |= {"maps_in": maps * plane, "plane_in": 1}
                row |= {"kind": kernels.RBF if is_rbf else kernels.FULL, "row": 1}
                row["maps"], height, width = len(layer.weight), 1, 1
            else:
                raise TypeError(f"`networks` holds a layer of type {type(layer)}.")
            maps = row["maps"]
            row |= {"height": height, "width": width}
            row["span"] = (height - 1) * row["row"] + width
            place, plane = _place(follower, height, width)
            row |= {"plane": plane, "states": states, "sums": sums}
            row["place"] = self._keep(place)
            row["is_compact"] = int(plane == height * width)
            value = getattr(follower, "background", 0.0)
            background.append((states, states + maps * plane, value))
            states_in, states = states, states + maps * plane
            sums += maps * (row["span"] + 2 * row["pad"])
            rows.append([row[name] for name in FIELDS])
        self.table = np.array(rows, np.int64)
        self.pool = np.array(self._pool, np.int64)
        kind = self.parameters.dtype
        lengths = (states, states, sums, sums, sums)
        self.buffers = tuple(np.zeros(length, kind) for length in lengths)
        for start, end, value in background:
            self.buffers[0][start:end] = value

    def _add_convolution(self, row, layer, height, width):
        """Complete a convolution's row; return its maps' height and width."""
        if layer.kernel_size != 5 or layer.stride not in (1, 2):
            raise ValueError("A kernel must be 5 x 5, its stride 1 or 2.")
        border, step, table = sum(layer.padding), layer.stride, layer.table
        row["row"] = (width + border + step - 1) // step
        phase = row["row"] * ((height + border + step - 1) // step)
        height = (height + border - 5) // step + 1
        width = (width + border - 5) // step + 1
        u, v = np.divmod(np.arange(25), 5)
        offsets = (u % step * step + v % step) * phase
        offsets += u // step * row["row"] + v // step
        is_full = height == width == 1 and not border and step == 1
        is_full &= all(len(inputs) == row["maps_in"] for inputs in table)
        row["kind"] = kernels.FULL if is_full else kernels.CONVOLUTION
        row |= {"stride": step, "maps": len(table), "offsets": self._keep(offsets)}
        if step == 1 and row["states_in"]:  # room to spread dE/dx of the layer below
            row["pad"] = int(offsets.max())
        row["bias_is_shared"] = int(layer.bias.ndim == 1)
        row["links"] = self._keep([m for inputs in table for m in inputs])
        ends = np.cumsum([len(inputs) for inputs in table])
        row["first_links"] = self._keep([0, *ends])
        return height, width

    def _keep(self, values):
        """Append integers to the pool; return where they begin."""
        self._pool.extend(int(value) for value in values)
        return len(self._pool) - len(values)

    def lay_out(self, images):
        """Give (N, 1, H, W) images as rows that the first layer reads."""
        size = self.network.image_size
        if images.shape[1:] != (1, size, size):
            raise ValueError(
                f"`images` must be (N, 1, {size}, {size}), got {tuple(images.shape)}."
            )
        flat = images.reshape(len(images), -1).numpy()
        flat = flat.astype(self.parameters.dtype, copy=False)
        if self._input_plane == flat.shape[1]:
            return np.ascontiguousarray(flat)
        shape = (len(flat), self._input_plane)
        rows = np.full(shape, self.input_background, flat.dtype)
        rows[:, self._input_place] = flat
        return rows

    def train(self, images, labels, order, rates, loss):
        kind, options = _read_loss(loss)
        return kernels.train_patterns(
            self.table,
            self.pool,
            self.parameters,
            rates,
            self.buffers,
            images,
            labels,
            order,
            kind,
            np.array(options, self.parameters.dtype),
        )

    def classify(self, images):
        return kernels.answer_patterns(
            self.table, self.pool, self.parameters, self.buffers, images
        )

    def curvature(self, images, labels, loss):
        """Estimate h of all parameters as one array; 0 for fixed ones."""
        self.write_back()
        images = images.to(self._parameters[0].dtype)
        curvatures = estimate_curvature(self.network, images, labels, loss)
        flat = np.zeros_like(self.parameters)
        flat[: self.num_trained] = torch.cat(
            [curvatures[p].reshape(-1) for p in self._parameters]
        ).numpy()
        return flat

    def write_back(self):
        """Copy the parameters into the network."""
        position = 0
        for parameter in self._parameters:
            part = self.parameters[position : position + parameter.numel()]
            parameter.data.copy_(torch.from_numpy(part).view_as(parameter))
            position += parameter.numel()


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


def _read_loss(loss):
    """Give a loss as a number and two options."""
    if isinstance(loss, SquaredError):
        return kernels.SQUARED_ERROR, (loss.low, loss.high)
    if isinstance(loss, MaximumLikelihood):
        return kernels.MAXIMUM_LIKELIHOOD, (0.0, 0.0)
    if isinstance(loss, MaximumPosterior):
        return kernels.MAXIMUM_POSTERIOR, (loss.j, 0.0)
    raise TypeError(f"`loss` must be of lenet_helpers.losses, got {type(loss)}.")
