"""The four networks of the papers, exact where they are published, and their sizes."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn import functional

from lenet_helpers import paper
from lenet_helpers.data import prepare_images
from lenet_helpers.model.digit_network import DigitNetwork
from lenet_helpers.model.layers import FullyConnected, MapConvolution, Subsampling
from lenet_helpers.model.rbf import RBFOutput

# P89 withholds which 8 of the 12 H1 maps each H2 map reads; this is the guess of
# karpathy/lecun1989-repro: three blocks of four, each H1 map read by eight.
H2_TABLE = (tuple(range(8)),) * 4 + (tuple(range(4, 12)),) * 4
H2_TABLE += ((*range(4), *range(8, 12)),) * 4
# LeNet-4's table is not published. 60 links in the manner of Table I: eight cyclic
# triples, seven cyclic quadruples, one map that reads all eight.
LENET4_C3_TABLE = (
    *(tuple(sorted((i + k) % 8 for k in range(3))) for i in range(8)),
    *(tuple(sorted((i + k) % 8 for k in range(4))) for i in range(7)),
    tuple(range(8)),
)
INITIALS = ("printed", "root", "lush")


class _Layered(Protocol):
    """A Module whose children are layers: to PyTorch's types they are any Modules."""

    def children(self) -> Iterator[Any]: ...


class Net1989(DigitNetwork):
    """The network of 1989: 16 x 16 images in [-1, 1] to ten units, target +1 or -1.

    Parameters
    ----------
    initial : {"printed", "root", "lush"}
        As in `initialize`.
    seed : int
    h2_table : sequence of sequences of int
        The H1 maps that each H2 map reads; not published, so a choice.

    References
    ----------
    LeCun et al. 1989, p. 542-546. Not published: `h2_table`, the split of the border
    of three between the sides (here two before, one after), the initial biases.
    """

    title = "Network of 1989"
    image_size = 16

    def __init__(
        self,
        *,
        initial: str = "printed",
        seed: int = 0,
        h2_table: Sequence[Sequence[int]] = H2_TABLE,
    ):
        super().__init__()
        border = {"stride": 2, "padding": (2, 1), "background": -1.0}
        self.h1 = MapConvolution(
            ((0,),) * 12, num_inputs=1, bias_shape=(8, 8), **border
        )
        self.h2 = MapConvolution(h2_table, num_inputs=12, bias_shape=(4, 4), **border)
        self.h3 = FullyConnected(192, 30)
        self.output = FullyConnected(30, 10)
        initialize(self, initial=initial, seed=seed)

    @staticmethod
    def prepare(pixels: Tensor) -> Tensor:
        """Shrink digits to 16 x 16, from -1 to 1; as `DigitNetwork.prepare`."""
        return prepare_images(pixels, size=16, low=-1, high=1)


class LeNet1(DigitNetwork):
    """The network of 1990: 28 x 28 images in [-1, 1] to ten units, target +1 or -1.

    Parameters
    ----------
    initial : {"printed", "root", "lush"}
        As in `initialize`.
    seed : int

    References
    ----------
    Le Cun et al. 1990, p. 5-7, Table 1. Not published: the initialisation.
    """

    title = "LeNet-1, 1990"
    image_size = 28

    def __init__(self, *, initial: str = "printed", seed: int = 0):
        super().__init__()
        self.h1 = MapConvolution(((0,),) * 4, num_inputs=1)
        self.h2 = Subsampling(4)
        self.h3 = MapConvolution(paper.H3_TABLE, num_inputs=4)
        self.h4 = Subsampling(12)
        self.output = FullyConnected(192, 10)
        initialize(self, initial=initial, seed=seed)

    @staticmethod
    def prepare(pixels: Tensor) -> Tensor:
        """Put digits in a box of 16 x 16 into a field of 28 x 28, from -1 to 1.

        As in Figure 9 of 1998. The box of MNIST's digits is 20 x 20, so the whole image
        shrinks to 22 x 22. (The chapter on LeNet-1 repeats the paper of 1990 and trains
        on smaller digits, which it prepares itself.)
        """
        images = prepare_images(pixels, size=22, low=-1, high=1)
        return functional.pad(images, (3,) * 4, value=-1.0)


class LeNet4(DigitNetwork):
    """A reconstruction of LeNet-4: 32 x 32 images to ten units, target +1 or -1.

    Its published sizes contradict each other: 120 units in the full layer need 50,000
    parameters, not "about 17,000". With 60 map links and 37 full units both published
    totals hold: 16,885 parameters and 258,193 connections.

    Parameters
    ----------
    initial : {"printed", "root", "lush"}
        As in `initialize`.
    seed : int
    c3_table : sequence of sequences of int
        The S2 maps that each C3 map reads; not published, so a choice.
    num_full_units : int

    References
    ----------
    LeCun et al. 1998, Sec. III-C; 1995, p. 5.
    """

    title = "LeNet-4, 1995"
    image_size = 32

    def __init__(
        self,
        *,
        initial: str = "printed",
        seed: int = 0,
        c3_table: Sequence[Sequence[int]] = LENET4_C3_TABLE,
        num_full_units: int = 37,
    ):
        super().__init__()
        self.c1 = MapConvolution(((0,),) * 4, num_inputs=1)
        self.s2 = Subsampling(8, sources=(0, 0, 1, 1, 2, 2, 3, 3))
        self.c3 = MapConvolution(c3_table, num_inputs=8)
        self.s4 = Subsampling(len(c3_table))
        self.f5 = FullyConnected(len(c3_table) * 25, num_full_units)
        self.output = FullyConnected(num_full_units, 10)
        initialize(self, initial=initial, seed=seed)

    @staticmethod
    def prepare(pixels: Tensor) -> Tensor:
        """Put digits into a field of 32 x 32; as `DigitNetwork.prepare`."""
        return prepare_images(pixels, size=32)


class LeNet5(DigitNetwork):
    """The network of 1998: 32 x 32 images to ten penalties.

    Parameters
    ----------
    initial : {"printed", "root", "lush"}
        As in `initialize`.
    seed : int
    c3_table : sequence of sequences of int
        The S2 maps that each C3 map reads; by default Table I.
    trainable_codes : bool
        Let the output centres adapt.

    References
    ----------
    LeCun et al. 1998, Sec. II-B.
    """

    title = "LeNet-5, 1998"
    image_size = 32

    def __init__(
        self,
        *,
        initial: str = "printed",
        seed: int = 0,
        c3_table: Sequence[Sequence[int]] = paper.C3_TABLE,
        trainable_codes: bool = False,
    ):
        super().__init__()
        self.c1 = MapConvolution(((0,),) * 6, num_inputs=1)
        self.s2 = Subsampling(6)
        self.c3 = MapConvolution(c3_table, num_inputs=6)
        self.s4 = Subsampling(len(c3_table))
        self.c5 = MapConvolution(
            (range(len(c3_table)),) * 120, num_inputs=len(c3_table)
        )
        self.f6 = FullyConnected(120, 84)
        self.output = RBFOutput(trainable=trainable_codes)
        initialize(self, initial=initial, seed=seed)

    @staticmethod
    def prepare(pixels: Tensor) -> Tensor:
        """Put digits into a field of 32 x 32; as `DigitNetwork.prepare`."""
        return prepare_images(pixels, size=32)

    def scores(self, images: Tensor) -> Tensor:
        """Turn the penalties round: the smallest penalty is the largest score."""
        return -self(images)


def initialize(network: _Layered, *, initial: str = "printed", seed: int = 0) -> None:
    """Draw a network's parameters at random, in place.

    Parameters
    ----------
    network : Module
        One of this module's.
    initial : {"printed", "root", "lush"}
        With F the number of inputs of a unit:
        "printed", uniform within 2.4 / F, as the papers print; they are silent on
        biases and on the subsampling coefficients, which here follow the same rule;
        "root", uniform within sqrt(3 / F), so of deviation 1 / sqrt(F), as Efficient
        BackProp recommends; biases 0, coefficients 0.5;
        "lush", uniform within 1 / sqrt(F), biases 0, coefficients 0.5, as the demo of
        LeCun and Bottou's Lush library.
    seed : int

    Raises
    ------
    ValueError : `initial` is unknown.

    References
    ----------
    LeCun et al. 1989, p. 546; 1998, Appendix A; Efficient BackProp, eq. 16.
    """
    if initial not in INITIALS:
        raise ValueError(f"`initial` must be one of {INITIALS}, got {initial!r}.")
    generator = torch.Generator().manual_seed(seed)
    for layer in network.children():
        if isinstance(layer, RBFOutput):  # its codes are given
            continue
        fan_in = layer.fan_in().to(torch.float64)  # (maps,)
        if initial == "printed":
            widths, bias_widths = 2.4 / fan_in, 2.4 / fan_in
        else:
            widths = (3.0 if initial == "root" else 1.0) ** 0.5 / fan_in.sqrt()
            bias_widths = torch.zeros_like(widths)
        if isinstance(layer, MapConvolution):
            widths = widths[layer.links[0].cpu()]  # (links,)
        for parameter, width in ((layer.weight, widths), (layer.bias, bias_widths)):
            unit = 2 * torch.rand(parameter.shape, generator=generator) - 1
            width = width.to(torch.float32).view(-1, *[1] * (unit.ndim - 1))
            parameter.data.copy_(unit * width)
        if isinstance(layer, Subsampling) and initial != "printed":
            layer.weight.data.fill_(0.5)


def count_parameters(network: nn.Module) -> int:
    """Count the trainable parameters of a network or layer.

    Parameters
    ----------
    network : Module

    Returns
    -------
    int
    """
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def count_connections(network: DigitNetwork) -> int:
    """Count the connections of a network; each unit's bias is one.

    Parameters
    ----------
    network : Module
        One of this module's.

    Returns
    -------
    int

    Raises
    ------
    ValueError : as `summarize`.
    """
    # By pandas' types a column might be a DataFrame, and its sum a Series.
    connections = summarize(network)["connections"]
    return int(connections.sum())  # pyright: ignore[reportArgumentType]


def summarize(network: DigitNetwork) -> pd.DataFrame:
    """Measure a network layer by layer.

    Parameters
    ----------
    network : Module
        One of this module's.

    Returns
    -------
    DataFrame
        A row a layer, by its name: ``maps``, ``units``, ``connections`` (a bias is one
        for each unit), ``parameters`` (trainable), ``multiply_accumulates`` (the
        connections without biases, as the papers count them: a subsampling unit has
        four).

    Raises
    ------
    ValueError : `network` is another, or its ``image_size`` does not fit its layers.
    """
    layers = list(network.children())
    if not (layers and hasattr(network, "image_size")) or not all(
        hasattr(layer, "measure") for layer in layers
    ):
        raise ValueError(
            "`network` must be Net1989, LeNet1, LeNet4 or LeNet5, whose layers count "
            f"themselves, got {type(network).__name__}. Of a network inside another, "
            "give the inner one; `count_parameters` takes any."
        )
    parameter = next(network.parameters())
    size = network.image_size
    states = torch.zeros(1, 1, size, size).to(parameter)
    rows = {}
    for name, layer in network.named_children():
        inputs = states
        try:
            with torch.no_grad():
                states = layer(inputs)
        except (ValueError, RuntimeError) as error:
            raise ValueError(
                f"`network` does not take images of its `image_size`, {size}: its "
                f"layer {name} gets {tuple(inputs.shape)}. {error}"
            ) from None
        rows[name] = layer.measure(inputs, states)  # pyright: ignore[reportCallIssue]
        rows[name]["parameters"] = count_parameters(layer)
    columns = ["maps", "units", "connections", "parameters", "multiply_accumulates"]
    # By pandas' types it might be a Series.
    return pd.DataFrame.from_dict(rows, orient="index")[columns].rename_axis(
        "layer"  # pyright: ignore[reportReturnType]
    )
