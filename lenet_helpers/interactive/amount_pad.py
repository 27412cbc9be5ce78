"""The amount pad: write an amount of money, and see why it is read so."""

import zlib
from collections.abc import Sequence

import numpy as np
import torch
import traitlets

from lenet_helpers import drawing, trained
from lenet_helpers.interactive.figure import InteractiveFigure
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.strings import pictures
from lenet_helpers.strings.amounts import CHARACTERS, PATTERN, write
from lenet_helpers.strings.cuts import segment
from lenet_helpers.strings.grammars import NULL
from lenet_helpers.strings.graphs import Graph, compose, viterbi
from lenet_helpers.strings.lines import HEIGHT, MARGIN, Line
from lenet_helpers.strings.patterns import parse_pattern
from lenet_helpers.strings.reading import OverSegmentation, Reading, read
from lenet_helpers.strings.sliding import SlidingNetwork
from lenet_helpers.strings.training import System

COLUMNS = 700  # of the field to write on, in pixels of its ink
# $34.50, written by hand: x and y of the points of each stroke.
WRITING = (
    (0.62, 0.3, 0.5, 0.24, 0.36, 0.28, 0.34, 0.4, 0.45, 0.5, 0.58, 0.58, 0.6, 0.7,
     0.48, 0.77, 0.32, 0.72),
    (0.49, 0.17, 0.46, 0.85),
    (0.86, 0.27, 1.0, 0.22, 1.12, 0.28, 1.12, 0.4, 0.98, 0.49, 1.12, 0.56, 1.16, 0.68,
     1.06, 0.79, 0.9, 0.78, 0.84, 0.72),
    (1.42, 0.22, 1.34, 0.52, 1.7, 0.52),
    (1.6, 0.24, 1.58, 0.8),
    (1.92, 0.78),
    (2.42, 0.22, 2.16, 0.23, 2.14, 0.46, 2.3, 0.42, 2.44, 0.52, 2.44, 0.68, 2.32, 0.79,
     2.14, 0.76),
    (2.8, 0.24, 2.66, 0.36, 2.62, 0.56, 2.7, 0.76, 2.84, 0.8, 2.98, 0.68, 3.02, 0.44,
     2.94, 0.28, 2.8, 0.24),
)  # fmt: skip
FILE = "sliding_amounts"  # what the page fetches, of the experiment of this name
ALTS = {
    "cuts": (
        "A line on which $34.50 is written by hand, with its candidate cuts, and below "
        "it the pieces of ink between two cuts as arcs: six arcs, thick, make the best "
        "path and say the amount."
    ),
    "slides": (
        "A line of handwriting above a grid of greys, a column for each window of the "
        "network that slides over it and a row for each character and the blank. Below "
        "stands the best reading, each character at the window that says it."
    ),
}


def pack_slider(network: LeNet5) -> bytes:
    """Pack the network that slides, for a page.

    Parameters
    ----------
    network : LeNet5

    Returns
    -------
    bytes
        What `trained.pack_network` makes, by zlib.
    """
    return zlib.compress(trained.pack_network(network), 9)


class AmountPad(InteractiveFigure, module="amount-pad.mjs"):
    """A strip to write an amount on, read by cutting or by sliding.

    Parameters
    ----------
    network : LeNet5
        Of the system that cuts, with a code for each of `CHARACTERS`.
    lines : sequence of Line
        Amounts to choose from.
    slider : LeNet5, optional
        Of the system that slides; without it the figure cuts only. A built book fetches
        that of the experiment `sliding_amounts`.
    threshold : float
        The least margin, by which the next reading must be dearer, of an answer.

    Attributes
    ----------
    strokes : list of list of float
        The writing, as in `lenet_helpers.drawing`; at first, $34.50.
    amount : int, optional
        Which of the lines is read instead.
    system : {"cuts", "slides"}
        What reads.
    pattern : str
        The grammar, as `parse_pattern` takes it.
    bends : list of list of float
        What the reader has changed, by columns: [cut] is a cut that is forbidden,
        [left, right] a piece, and [left, right, more] makes a piece dearer. The system
        that slides does not heed it.
    line : array, (32, W) uint8
        What is read.
    reading : Reading
        By the chosen system and the grammar, without the bends.

    Raises
    ------
    TraitError : `system` is another, or there is no `slider`.
    """

    linked = ("strokes", "amount", "system", "pattern", "bends", "threshold")
    weights = traitlets.Bytes().tag(sync=True)
    characters = traitlets.Unicode(CHARACTERS).tag(sync=True)
    columns = traitlets.Int(COLUMNS).tag(sync=True)
    writing = traitlets.List().tag(sync=True)
    amounts = traitlets.List().tag(sync=True)
    pixels = traitlets.Bytes().tag(sync=True)
    strokes = traitlets.List().tag(sync=True)
    amount = traitlets.Int(None, allow_none=True).tag(sync=True)
    system = traitlets.Unicode("cuts").tag(sync=True)
    systems = traitlets.List(["cuts"]).tag(sync=True)
    megabytes = traitlets.Float().tag(sync=True)
    pattern = traitlets.Unicode(PATTERN).tag(sync=True)
    patterns = traitlets.Dict(
        {"An amount": PATTERN, "Anything": "[0-9$,.]*", "Digits": "[0-9]*"}
    ).tag(sync=True)
    bends = traitlets.List().tag(sync=True)
    threshold = traitlets.Float(10.0, min=0.0).tag(sync=True)
    alt = ALTS["cuts"]

    def __init__(
        self,
        network: LeNet5,
        lines: Sequence[Line] = (),
        *,
        slider: LeNet5 | None = None,
        threshold: float = 10.0,
    ):
        writing = [list(stroke) for stroke in WRITING]
        self.network, self.slider = network, slider
        self._systems: dict[str, System] = {"cuts": OverSegmentation(network)}
        size = 0
        if slider is not None:
            self._systems["slides"] = SlidingNetwork(slider)
            self.asks = FILE
            size = len(pack_slider(slider)) * 4 / 3  # as text
        super().__init__(
            systems=list(self._systems),
            megabytes=round(size / 1e6, 1),
            weights=trained.pack_network(network),
            writing=writing,
            strokes=writing,
            amounts=[
                {"text": write(line.labels), "width": line.pixels.shape[1]}
                for line in lines
            ],
            pixels=b"".join(line.pixels.tobytes() for line in lines),
            threshold=threshold,
        )

    def pack_file(self) -> bytes:
        """Pack the network that slides.

        Raises
        ------
        ValueError : there is none.
        """
        if self.slider is None:
            raise ValueError("No network slides here: give a `slider`.")
        return pack_slider(self.slider)

    @property
    def line(self) -> np.ndarray:
        """What is read, (32, W)."""
        if self.amount is None:
            ink = drawing.draw_ink(self.strokes, columns=self.columns)
            return drawing.shrink_field(ink)
        ends = np.cumsum([HEIGHT * amount["width"] for amount in self.amounts])
        whole = np.frombuffer(self.pixels, np.uint8)
        return np.split(whole, ends)[self.amount].reshape(HEIGHT, -1).copy()

    @property
    def reading(self) -> Reading:
        """What the line says by the grammar, without the bends."""
        return read(self._build_graph())[0]

    @traitlets.validate("system")
    def _check_system(self, proposal):
        if proposal["value"] not in self.systems:
            raise traitlets.TraitError(
                f"`system` must be one of {', '.join(self.systems)}, got"
                f" {proposal['value']!r}; 'slides' needs a `slider`."
            )
        return proposal["value"]

    @traitlets.observe("system")
    def _describe_still(self, change):
        self.alt = ALTS[change["new"]]

    def _build_graph(self) -> Graph:
        with torch.no_grad():
            graph = self._systems[self.system].build_graph([self.line])
        return compose(graph, parse_pattern(self.pattern, self.characters))

    def draw_still(self):
        """Draw the line, what is made of it, and the best path; returns the Figure."""
        graph = self._build_graph()
        (path,) = viterbi(graph)[1]
        system = self._systems[self.system]
        if isinstance(system, SlidingNetwork):
            return self._draw_windows(system, graph, path)
        labels = [write([label]) for label in graph.labels[path]]
        names = dict(zip(graph.payload[path].tolist(), labels, strict=True))
        return pictures.plot_segmentation(
            self.line, segment([self.line]), path=list(names), names=names
        )

    def _draw_windows(self, system: SlidingNetwork, graph: Graph, path: np.ndarray):
        """Draw the penalties of the windows, and what the path says at each."""
        with torch.no_grad():
            row = system.build_row([self.line])
        blank = len(self.characters)
        penalties = row.penalties.unflatten(0, (-1, blank + 1))
        said = np.full(len(penalties), blank)
        speaks = path[graph.labels[path] != NULL]
        said[graph.payload[speaks]] = graph.labels[speaks]
        return pictures.plot_row(
            self.line, penalties, said.tolist(), left=MARGIN, characters=self.characters
        )
