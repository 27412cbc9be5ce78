"""Lesion: parts of LeNet-5 are switched off, and the reader sees what they were for."""

import matplotlib.pyplot as plt
import numpy as np
import safetensors.torch
import torch
import traitlets
from torch import Tensor
from torch.nn import functional

from lenet_helpers import paper, plots, trained
from lenet_helpers.data import MNIST
from lenet_helpers.interactive.figure import InteractiveFigure
from lenet_helpers.model.networks import LeNet5

NETWORK = "lenet5"
NUM_TEST = 500  # digits of the test set that are read again after each click
NUM_MEAN = 5000  # training digits that the means are taken over
# What can be switched off, in the order in which it computes; a link is a kernel of C3.
LAYERS = {"c1": 6, "s2": 6, "links": 60, "c3": 16, "c5": 120, "f6": 84}
NAMES = list(LAYERS)
STILL_OFF = [[3, 6], [2, 9]]  # of the still picture: a map of C3 and a link


class Lesion(InteractiveFigure, module="lesion.mjs"):
    """LeNet-5 with parts switched off: what a digit and the test set lose by it.

    A map or a unit that is off has its mean state, of each unit its own mean over 5,000
    training digits; a link that is off reads its map's mean.

    Parameters
    ----------
    mnist : MNIST
        The digits to choose from, and to count errors on, are 500 of its test set,
        drawn at random.
    number : int
        How many of them, at least 1.

    Attributes
    ----------
    digit : int
        Which of the test digits is looked at, from 0.
    off : list of [int, int]
        The parts that are off: of each the layer, 0 to 5 for C1, S2, the links between
        S2 and C3, C3, C5 and F6, and the map, link or unit in it, from 0. The links are
        in the order of `LeNet5().c3.links`.

    Raises
    ------
    ValueError : `number` is too small; `digit` or `off` are set to what is not there.

    References
    ----------
    LeCun et al. 1998, Sec. II-B, Fig. 2, Table I.
    """

    linked = ("digit", "off")
    network = traitlets.Dict().tag(sync=True)
    means = traitlets.Bytes().tag(sync=True)
    digits = traitlets.Bytes().tag(sync=True)
    labels = traitlets.List(traitlets.Int()).tag(sync=True)
    digit = traitlets.Int(0).tag(sync=True)
    off = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    alt = (
        "LeNet-5 reading a handwritten digit. A grid with six rows, the maps of S2, "
        "and sixteen columns, the maps of C3; in its cells the kernels of the links of "
        "Table I. Crosses lie on one map of C3 and on one link: they are switched off. "
        "Beside it the distances of F6 from the ten codes as bars, before and after: "
        "they differ little, and the digit's bar stays much the shortest."
    )

    def __init__(self, mnist: MNIST, *, number: int = NUM_TEST):
        if number < 1:
            raise ValueError(f"`number` must be 1 or more, got {number}.")
        chosen = choose_digits(len(mnist.test_labels), number)
        self._images = mnist.test_images[chosen]
        labels = mnist.test_labels[chosen].tolist()
        network = trained.load_network(NETWORK)
        assert isinstance(network, LeNet5)
        self._network = network
        self._means = find_means(network, mnist.train_images[:NUM_MEAN])
        super().__init__(
            network=trained.describe_network(NETWORK),
            means=safetensors.torch.save(
                {name: mean.half() for name, mean in self._means.items()}
            ),
            digits=self._images.numpy().tobytes(),
            labels=labels,
            digit=labels.index(3) if 3 in labels else 0,
        )

    @traitlets.validate("digit")
    def _check_digit(self, proposal):
        if not 0 <= proposal["value"] < len(self.labels):
            raise ValueError(
                f"`digit` must be from 0 to {len(self.labels) - 1}, got "
                f"{proposal['value']}."
            )
        return proposal["value"]

    @traitlets.validate("off")
    def _check_off(self, proposal):
        check_off(proposal["value"])
        return proposal["value"]

    @property
    def penalties(self) -> Tensor:
        """What the network says of the digit without these parts, (10,); small wins."""
        images = self._network.prepare(self._images[self.digit, None])
        return run_without(self._network, images, means=self._means, off=self.off)[0]

    @property
    def missed(self) -> list[int]:
        """Which of the test digits the network misreads without these parts."""
        images = self._network.prepare(self._images)
        penalties = run_without(self._network, images, means=self._means, off=self.off)
        wrong = penalties.argmin(1) != torch.tensor(self.labels)
        return wrong.nonzero().flatten().tolist()

    def draw_still(self):
        """Draw Table I with a map and a link off, and the distances; the Figure."""
        images = self._network.prepare(self._images[self.digit, None])
        with torch.no_grad():
            s2 = self._network.s2(self._network.c1(images))
            c3 = self._network.c3(s2)[0]
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(plots.WIDTH, 2.6), width_ratios=[3, 1], layout="constrained"
        )
        _draw_table(left, images[0, 0], s2[0], c3, self._network)
        before, after = (
            run_without(self._network, images, means=self._means, off=off)[0].numpy()
            for off in ([], STILL_OFF)
        )
        place = np.arange(10)
        right.barh(place - 0.2, before, 0.4, color="0.7", label="whole")
        right.barh(place + 0.2, after, 0.4, color="tab:blue", label="two parts off")
        right.set_yticks(place)
        right.tick_params(labelsize=8)
        right.invert_yaxis()
        right.set_xlabel("distance from code", fontsize=8)
        figure.legend(fontsize=7, ncols=2, loc="outside upper right")
        return figure


def choose_digits(available: int, number: int) -> Tensor:
    """Draw which digits the figure has, (number,) int64, rising; the same each time."""
    generator = torch.Generator().manual_seed(0)
    return torch.randperm(available, generator=generator)[:number].sort().values


def find_means(network: LeNet5, pixels: Tensor) -> dict[str, Tensor]:
    """Find the mean state of every unit that can be switched off.

    Parameters
    ----------
    network : LeNet5
    pixels : Tensor, (N, 1, 28, 28) uint8

    Returns
    -------
    dict of str to Tensor
        ``c1`` (6, 28, 28), ``s2`` (6, 14, 14), ``c3`` (16, 10, 10), ``c5`` (120, 1, 1),
        ``f6`` (84,).
    """
    states, means = network.prepare(pixels), {}
    with torch.no_grad():
        for name in ("c1", "s2", "c3", "s4", "c5", "f6"):
            states = getattr(network, name)(states)
            if name in LAYERS:
                means[name] = states.mean(0)
    return means


def run_without(
    network: LeNet5, images: Tensor, *, means: dict[str, Tensor], off: list[list[int]]
) -> Tensor:
    """Compute the penalties of a network some of whose parts are off.

    Parameters
    ----------
    network : LeNet5
    images : Tensor, (N, 1, 32, 32)
    means : dict of str to Tensor
        Of `find_means`.
    off : list of [int, int]
        As `Lesion` has it.

    Returns
    -------
    Tensor, (N, 10)

    Raises
    ------
    ValueError : `off` names what is not there.
    """
    check_off(off)

    def silence(name, states):
        found = [part for layer, part in off if NAMES[layer] == name]
        states[:, found] = means[name][found]
        return states

    with torch.no_grad():
        s2 = silence("s2", network.s2(silence("c1", network.c1(images))))
        cut = torch.zeros(LAYERS["links"], dtype=torch.long)
        cut[[part for layer, part in off if NAMES[layer] == "links"]] = 6
        # Links that are off read one of six more maps, the means.
        maps = torch.cat([s2, means["s2"].expand_as(s2)], 1)
        kernels = maps.new_zeros(16, 12, 5, 5)
        kernels[network.c3.links[0], network.c3.links[1] + cut] = network.c3.weight
        sums = functional.conv2d(maps, kernels, network.c3.bias)
        c3 = silence("c3", network.c3.squash(sums))
        c5 = silence("c5", network.c5(network.s4(c3)))
        return network.output(silence("f6", network.f6(c5)))


def check_off(off: list[list[int]]) -> None:
    """Refuse parts that LeNet-5 has not."""
    for part in off:
        if (
            len(part) != 2
            or not 0 <= part[0] < len(LAYERS)
            or not 0 <= part[1] < LAYERS[NAMES[part[0]]]
        ):
            raise ValueError(
                "`off` needs pairs of a layer, 0 to 5, and a part of it, below "
                f"{', '.join(map(str, LAYERS.values()))}; got {part}."
            )


def _draw_table(axis, image, s2, c3, network):
    """Draw the digit, the maps of S2 in a column, C3 in a row, between them kernels."""
    limit = network.c3.weight.abs().max().item()

    def show(values, column, row, limit, size=0.92):
        axis.imshow(
            values.numpy(),
            cmap=plots.INK if limit is None else plots.SIGNED,
            vmin=None if limit is None else -limit,
            vmax=limit,
            extent=(column, column + size, row + size, row),
        )

    show(image, -3.6, 2, None, 2)
    for row in range(6):
        show(s2[row], -1.2, row, paper.AMPLITUDE)
        axis.text(-1.35, row + 0.46, f"{row}", ha="right", va="center", fontsize=7)
    for column in range(16):
        show(c3[column], column, 6.2, paper.AMPLITUDE)
        axis.text(column + 0.46, 7.25, f"{column}", ha="center", va="top", fontsize=7)
    for kernel, (column, row) in zip(
        network.c3.weight.detach(), network.c3.links.T.tolist(), strict=True
    ):
        show(kernel, column, row, limit)
    for layer, part in STILL_OFF:
        column, row = (part, 6.2) if layer == 3 else network.c3.links[:, part].tolist()
        for ends in ((row, row + 0.92), (row + 0.92, row)):
            axis.plot((column, column + 0.92), ends, color="black", lw=2)
    axis.text(-0.75, -0.15, "S2", ha="center", va="bottom", fontsize=8)
    axis.text(-0.2, 6.7, "C3", ha="right", va="center", fontsize=8)
    axis.set(xlim=(-3.7, 16), ylim=(8, -0.8))
    axis.axis("off")
