"""The layers of LeCun's networks, each with its squashing function built in.

Every layer maps the states of the layer below to its own states, knows how many
connections it has, and propagates diagonal second derivatives back (for the optimiser).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from lenet_helpers.model._checks import check_maps, check_table, check_units
from lenet_helpers.paper import AMPLITUDE, SLOPE


class ScaledTanh(nn.Module):
    """Squash a weighted sum: f(a) = A tanh(S a), so f(1) = 1 and f(-1) = -1.

    References
    ----------
    LeCun et al. 1998, eq. 6 and Appendix A.
    """

    def forward(self, sums):
        """Squash, any shape to the same shape."""
        return AMPLITUDE * torch.tanh(SLOPE * sums)

    def derivative(self, states):
        """Compute f'(a) from the state f(a), any shape to the same shape."""
        return AMPLITUDE * SLOPE * (1 - (states / AMPLITUDE) ** 2)


class MapConvolution(nn.Module):
    """Convolve, where each map reads only the maps that a table names.

    Parameters
    ----------
    table : sequence of sequences of int
        For each map, the maps of the layer below that it reads, in rising order.
        ``(range(6),) * 120`` reads everything.
    num_inputs : int
        Maps of the layer below.
    kernel_size, stride : int
    padding : (int, int)
        Rows and columns of background before and after the image, both ways.
    background : float
        The value of the padding (1989: -1).
    bias_shape : (int, int), optional
        Height and width of a map whose units have a bias each (1989). By default a map
        has one bias.

    Attributes
    ----------
    weight : Parameter, (number of links, kernel_size, kernel_size)
        One kernel a link, map by map, as in the table: absent connections have none.
    bias : Parameter, (maps,) or (maps, H, W)

    Raises
    ------
    ValueError : `table` names a map that the layer below does not have, or one twice,
        or none in a row, or maps out of order.

    References
    ----------
    LeCun et al. 1998, Sec. II-B, Table I; 1990, Table 1; 1989, p. 544 (biases, border).
    """

    links: Tensor  # (2, number of links); of each, the map and the map that it reads

    def __init__(
        self,
        table: Sequence[Sequence[int]],
        *,
        num_inputs: int,
        kernel_size: int = 5,
        stride: int = 1,
        padding: tuple[int, int] = (0, 0),
        background: float = 0.0,
        bias_shape: tuple[int, int] | None = None,
    ):
        super().__init__()
        check_table(table, num_inputs)
        links = [(o, i) for o, inputs in enumerate(table) for i in inputs]
        self.table = tuple(tuple(inputs) for inputs in table)
        self.num_inputs, self.kernel_size, self.stride = num_inputs, kernel_size, stride
        self.padding, self.background = tuple(padding), background
        self.weight = nn.Parameter(torch.zeros(len(links), kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(len(table), *(bias_shape or ())))
        self.squash = ScaledTanh()
        self.register_buffer("links", torch.tensor(links).T, persistent=False)

    def fan_in(self):
        """Count the weights of a unit of each map: Tensor, (maps,)."""
        counts = torch.tensor([len(inputs) for inputs in self.table])
        return counts * self.kernel_size**2

    def _sum(self, inputs, weight, bias, background):
        maps, size = len(self.table), self.kernel_size
        if len(weight) == maps * self.num_inputs:  # every link is there
            kernels = weight.view(maps, self.num_inputs, size, size)
        else:
            kernels = weight.new_zeros(maps, self.num_inputs, size, size)
            kernels = kernels.index_put(tuple(self.links), weight)
        if any(self.padding):
            inputs = functional.pad(inputs, self.padding * 2, value=background)
        if bias.ndim == 1:
            return functional.conv2d(inputs, kernels, bias, self.stride)
        sums = functional.conv2d(inputs, kernels, stride=self.stride)
        if sums.shape[1:] != bias.shape:
            raise ValueError(
                f"`inputs` must give maps of the biases' {tuple(bias.shape[1:])}, got "
                f"{tuple(sums.shape[2:])}."
            )
        return sums + bias

    def forward(self, inputs: Tensor) -> Tensor:
        """Compute the states, (N, num_inputs, H, W) to (N, maps, H', W').

        Raises
        ------
        ValueError : `inputs` has another shape.
        """
        check_maps(inputs, self.num_inputs, "MapConvolution")
        return self.squash(self._sum(inputs, self.weight, self.bias, self.background))

    def propagate_curvature(self, inputs, states, curvature, gradient=None):
        """Turn d2E/dx2 of the states into that of the inputs and of the parameters.

        Parameters
        ----------
        inputs, states : Tensor, what `forward` took and gave
        curvature : Tensor, shape of `states`
        gradient : Tensor, shape of `states`; only `RBFOutput` uses it

        Returns
        -------
        input_curvature : Tensor, shape of `inputs`
        parameter_curvatures : list of Tensor
            One a parameter, summed over the patterns and over the connections that
            share the parameter.

        References
        ----------
        LeCun et al. 1998, eqs. 23, 25 and 27.
        """
        curvature = curvature * self.squash.derivative(states) ** 2  # d2E/da2
        # A weighted sum of squared inputs with squared weights: its derivatives are
        # the two rules, u^2 d2E/da2 downwards and x^2 d2E/da2 for a weight.
        return _pull_back(
            lambda x, w, b: self._sum(x, w, b, self.background**2),
            (inputs.square(), self.weight.square(), self.bias),
            curvature,
        )

    def measure(self, inputs, states):
        """Count from one pattern's inputs and states; see `networks.summarize`."""
        units_of_a_map = states[0, 0].numel()
        multiplications = int(self.fan_in().sum()) * units_of_a_map
        return {
            "maps": states.shape[1],
            "units": states[0].numel(),
            "connections": multiplications + states[0].numel(),
            "multiply_accumulates": multiplications,
        }


class Subsampling(nn.Module):
    """Halve each map: sum every 2 x 2 patch, scale, shift, squash.

    Parameters
    ----------
    num_maps : int
    sources : sequence of int, optional
        The map of the layer below that each map reads; by default one to one.

    Attributes
    ----------
    weight, bias : Parameter, (num_maps,); the coefficient and the bias of each map

    References
    ----------
    LeCun et al. 1998, Sec. II-B (p. 7, the sum; p. 6 speaks of the average).
    """

    def __init__(self, num_maps: int, *, sources: Sequence[int] | None = None):
        super().__init__()
        self.sources = tuple(range(num_maps) if sources is None else sources)
        if len(self.sources) != num_maps or min(self.sources) < 0:
            raise ValueError(
                f"`sources` must be {num_maps} maps, from 0, got {self.sources}."
            )
        self.num_inputs = max(self.sources) + 1  # a last map that none reads is refused
        self.weight = nn.Parameter(torch.zeros(num_maps))
        self.bias = nn.Parameter(torch.zeros(num_maps))
        self.squash = ScaledTanh()

    def fan_in(self):
        """Count the inputs of a unit of each map: Tensor, (maps,)."""
        return torch.full((len(self.sources),), 4)

    def _sum_four(self, inputs):
        if self.sources != tuple(range(inputs.shape[1])):
            inputs = inputs[:, self.sources]
        return 4 * functional.avg_pool2d(inputs, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        """Compute the states, (N, C, H, W) to (N, maps, H/2, W/2).

        Raises
        ------
        ValueError : H or W is odd, or C is not what the layer reads.
        """
        check_maps(inputs, self.num_inputs, "Subsampling")
        if inputs.shape[-2] % 2 or inputs.shape[-1] % 2:
            raise ValueError(
                f"`inputs` needs even height and width, got {tuple(inputs.shape)}."
            )
        weight, bias = self.weight[:, None, None], self.bias[:, None, None]
        return self.squash(weight * self._sum_four(inputs) + bias)

    def propagate_curvature(self, inputs, states, curvature, gradient=None):
        """Turn d2E/dx2 of the states into that of the inputs and of the parameters.

        The sum of four counts as the one input of the coefficient. Parameters and
        returns as in `MapConvolution.propagate_curvature`.
        """
        curvature = curvature * self.squash.derivative(states) ** 2
        sums = self._sum_four(inputs)
        input_curvature, _ = _pull_back(
            lambda x: self.weight[:, None, None] ** 2 * self._sum_four(x),
            (inputs,),
            curvature,
        )
        return input_curvature, [
            (curvature * sums**2).sum((0, 2, 3)),
            curvature.sum((0, 2, 3)),
        ]

    def measure(self, inputs, states):
        """Count from one pattern's inputs and states; see `networks.summarize`."""
        units = states[0].numel()
        return {
            "maps": states.shape[1],
            "units": units,
            "connections": 5 * units,
            "multiply_accumulates": 4 * units,
        }


class FullyConnected(nn.Module):
    """Connect every unit to every unit of the layer below.

    Parameters
    ----------
    num_inputs, num_units : int

    Attributes
    ----------
    weight : Parameter, (num_units, num_inputs)
    bias : Parameter, (num_units,)
    """

    def __init__(self, num_inputs: int, num_units: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(num_units, num_inputs))
        self.bias = nn.Parameter(torch.zeros(num_units))
        self.squash = ScaledTanh()

    def fan_in(self):
        """Count the weights of each unit: Tensor, (num_units,)."""
        return torch.full((len(self.weight),), self.weight.shape[1])

    def forward(self, inputs: Tensor) -> Tensor:
        """Compute the states, (N, C, H, W) or (N, C * H * W) to (N, num_units).

        Raises
        ------
        ValueError : `inputs` has another shape.
        """
        check_units(inputs, self.weight.shape[1], "FullyConnected")
        return self.squash(functional.linear(inputs.flatten(1), self.weight, self.bias))

    def propagate_curvature(self, inputs, states, curvature, gradient=None):
        """Turn d2E/dx2 of the states into that of the inputs and of the parameters.

        Parameters and returns as in `MapConvolution.propagate_curvature`.
        """
        curvature = curvature * self.squash.derivative(states) ** 2
        return _pull_back(
            lambda x, w, b: functional.linear(x.flatten(1), w, b),
            (inputs.square(), self.weight.square(), self.bias),
            curvature,
        )

    def measure(self, inputs, states):
        """Count from one pattern's inputs and states; see `networks.summarize`."""
        return {
            "maps": 1,
            "units": len(self.weight),
            "connections": self.weight.numel() + len(self.weight),
            "multiply_accumulates": self.weight.numel(),
        }


def _pull_back(function, inputs, cotangent):
    with torch.enable_grad():
        inputs = [tensor.detach().requires_grad_() for tensor in inputs]
        products = torch.autograd.grad(function(*inputs), inputs, cotangent)
    return products[0], list(products[1:])
