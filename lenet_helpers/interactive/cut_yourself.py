"""Cut it yourself: the reader cuts lines of touching digits, and LeNet-5 reads."""

import matplotlib.pyplot as plt
import numpy as np
import traitlets

from lenet_helpers import plots, trained
from lenet_helpers.interactive.figure import InteractiveFigure
from lenet_helpers.strings.cuts import cut_at
from lenet_helpers.strings.lines import HEIGHT
from lenet_helpers.strings.pictures import draw_line

STILL_LINES = 2


class CutYourself(InteractiveFigure, module="cut-yourself.mjs"):
    """Lines to cut by hand, and what a network and whole systems read in them.

    Parameters
    ----------
    lines : list of Line
        At least one.
    network : LeNet5
        It reads the pieces between the reader's cuts.
    others : dict of str to list of tuple of int
        For each system, by its name, what it reads in each line.

    Attributes
    ----------
    line : int
        Which line is shown, from 0.
    cuts : list of lists of int
        The reader's cuts of each line: of each the first column on its right.
    answers : list of lists of int
        For each line what the reader's cuts read when they were checked first; empty
        before.
    pieces : Tensor, (S, 1, 32, 32) uint8
        What the network gets of the line that is shown.

    Raises
    ------
    ValueError : there is no line; a system has not read each of them; `line` or `cuts`
        are set to what is not there.

    References
    ----------
    LeCun et al. 1998, p. 19, Fig. 16.
    """

    linked = ("line", "cuts")
    pixels = traitlets.Bytes().tag(sync=True)
    widths = traitlets.List(traitlets.Int()).tag(sync=True)
    labels = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    places = traitlets.List().tag(sync=True)
    network = traitlets.Bytes().tag(sync=True)
    systems = traitlets.List().tag(sync=True)
    line = traitlets.Int(0).tag(sync=True)
    cuts = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    answers = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)

    def __init__(self, lines, *, network, others):
        if not lines:
            raise ValueError("`lines` is empty: give at least one line.")
        for name, readings in others.items():
            if len(readings) != len(lines):
                raise ValueError(
                    f"`others` must have a reading for each of {len(lines)} lines, got "
                    f"{len(readings)} of {name!r}."
                )
        self._lines = list(lines)
        super().__init__(
            pixels=b"".join(line.pixels.tobytes() for line in lines),
            widths=[line.pixels.shape[1] for line in lines],
            labels=[list(line.labels) for line in lines],
            places=[line.places[:, [0, 2]].tolist() for line in lines],
            network=trained.pack_network(network),
            systems=[
                {"name": name, "readings": [list(labels) for labels in readings]}
                for name, readings in others.items()
            ],
            cuts=[[] for _ in lines],
            answers=[[] for _ in lines],
        )
        self.alt = self._describe_still()

    @traitlets.validate("line")
    def _check_line(self, proposal):
        if not 0 <= proposal["value"] < len(self.widths):
            raise ValueError(
                f"`line` must be from 0 to {len(self.widths) - 1}, got "
                f"{proposal['value']}."
            )
        return proposal["value"]

    @traitlets.validate("cuts")
    def _check_cuts(self, proposal):
        cuts = proposal["value"]
        if len(cuts) != len(self.widths):
            raise ValueError(
                f"`cuts` needs a list for each of {len(self.widths)} lines, got {cuts}."
            )
        for width, columns in zip(self.widths, cuts, strict=True):
            if columns != sorted(set(columns) & set(range(1, width))):
                raise ValueError(
                    f"`cuts` of a line must rise, from 1 to {width - 1}, got {columns}."
                )
        return cuts

    @property
    def pieces(self):
        """What the network gets, (S, 1, 32, 32) uint8."""
        return cut_at(self._lines[self.line].pixels, self.cuts[self.line])

    def draw_still(self):
        """Draw two lines, cut where digits meet, and readings; returns the Figure."""
        shown = self._lines[:STILL_LINES]
        figure, axes = plt.subplots(
            len(shown),
            figsize=(plots.WIDTH, 1.8 * len(shown)),
            squeeze=False,
            layout="constrained",
        )
        widest = max(line.pixels.shape[1] for line in shown)
        for number, (axis, line) in enumerate(zip(axes[:, 0], shown, strict=True)):
            meet = (line.places[1:, 0] + line.places[:-1, 2]) / 2
            draw_line(axis, line.pixels, np.repeat(meet[:, None], HEIGHT, axis=1))
            middle = line.pixels.shape[1] / 2
            text = "    ".join(f"{name}: {read}" for name, read in self._list(number))
            axis.text(middle, HEIGHT + 2, text, ha="center", va="top", fontsize=10)
            axis.set(xlim=(middle - widest / 2, middle + widest / 2))
            axis.set(ylim=(HEIGHT + 9, 0))
        return figure

    def _list(self, number):
        """List what was written in a line and what each system read, with its name."""
        readings = [("written", self.labels[number])]
        readings += [(each["name"], each["readings"][number]) for each in self.systems]
        return [(name, " ".join(map(str, labels))) for name, labels in readings]

    def _describe_still(self):
        told = [
            "; ".join(f"{name}, {read}" for name, read in self._list(number))
            for number in range(len(self._lines[:STILL_LINES]))
        ]
        return (
            "Lines of touching handwritten digits. Vertical cuts cross them where "
            "neighbours meet. Below each line stands what it says and what each system "
            f"reads: {'. Next line: '.join(told)}."
        )
