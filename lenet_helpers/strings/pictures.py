"""Pictures of a line: its cuts, the graph of its pieces below the ink, a path in it."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Arc
from torch import Tensor

from lenet_helpers import plots
from lenet_helpers.strings.cuts import Segments
from lenet_helpers.strings.graphs import Graph


def draw_line(axes: Axes, pixels: np.ndarray, cuts: np.ndarray | None = None) -> None:
    """Draw a line's ink, and its candidate cuts across it.

    Parameters
    ----------
    axes : Axes
    pixels : (32, W) uint8
    cuts : (C, 32) int, optional
    """
    height, width = pixels.shape
    axes.imshow(pixels, cmap=plots.INK, extent=(0, width, height, 0))
    for cut in [] if cuts is None else cuts:
        axes.step(cut, np.arange(height) + 0.5, where="mid", color="C0", lw=1.4)
    axes.axis("off")


def plot_segmentation(
    pixels: np.ndarray,
    pieces: Segments,
    *,
    path: Sequence[int] = (),
    names: Mapping[int, str] | None = None,
) -> Figure:
    """Draw the segmentation graph of a line below its ink.

    Parameters
    ----------
    pixels : (32, W) uint8
    pieces : Segments
        Of this line alone.
    path : sequence of int
        Pieces to draw heavily.
    names : dict, optional
        What to write at a piece's arc.

    Returns
    -------
    Figure
    """
    height, width = pixels.shape
    columns = pieces.cuts[0].mean(1)
    spans = pieces.destinations - pieces.sources
    deepest = float(max(columns[pieces.destinations] - columns[pieces.sources]))
    figure, axes = plt.subplots(figsize=(plots.WIDTH, 3.4))
    draw_line(axes, pixels, pieces.cuts[0])
    axes.scatter(columns, np.full(len(columns), height + 3), color="C0", s=16, zorder=3)
    for piece in np.argsort(-spans):
        left = columns[pieces.sources[piece]]
        right = columns[pieces.destinations[piece]]
        depth = (right - left) / deepest * 0.7 * height
        on_path = piece in path
        axes.add_patch(
            Arc(
                ((left + right) / 2, height + 3),
                right - left,
                2 * depth,
                theta1=0,
                theta2=180,
                color="C3" if on_path else "0.6",
                lw=2.5 if on_path else 0.8,
                zorder=2 if on_path else 1,
            )
        )
        if names and piece in names:
            axes.text(
                (left + right) / 2,
                height + 3 + depth,
                names[piece],
                ha="center",
                va="top",
                fontsize=9,
            )
    axes.set(xlim=(0, width), ylim=(1.85 * height, 0))
    return figure


def plot_row(
    pixels: np.ndarray,
    penalties: Tensor,
    labels: Sequence[int],
    *,
    left: int,
    characters: str = "0123456789",
) -> Figure:
    """Draw a line above the penalties of a network that slides over it.

    Parameters
    ----------
    pixels : (32, W) uint8
    penalties : Tensor, (windows, classes)
        Of the characters, and behind them that of the blank where it is shown, too.
    labels : sequence of int
        Of each window what is read there, written below it.
    left : int
        The column of the line that is the middle of the first window.
    characters : str
        A label's character; the blank is none of them.

    Returns
    -------
    Figure
    """
    height, width = pixels.shape
    num_windows, num_classes = penalties.shape
    step = max(2.4, width / 45)  # from row to row, so that names have room
    foot = step * num_classes
    figure, axes = plt.subplots(figsize=(plots.WIDTH, 3.8))
    axes.imshow(pixels, cmap=plots.INK, extent=(0, width, -3, -3 - height))
    axes.imshow(
        penalties.T.clamp(max=40).numpy(),
        cmap="Greys_r",
        aspect="auto",
        vmin=0,
        vmax=40,
        extent=(left - 2, left - 2 + 4 * num_windows, foot, 0),
    )
    for label in range(num_classes):
        name = characters[label] if label < len(characters) else "blank"
        axes.text(left - 3, step * (label + 0.5), name, ha="right", va="center", size=8)
    for window, label in enumerate(labels):
        name = characters[label] if label < len(characters) else "·"
        axes.text(left + 4 * window, foot + 1, name, ha="center", va="top")
    axes.set(xlim=(-8, width), ylim=(foot + 6, -4 - height))
    axes.axis("off")
    return figure


def draw_graph(
    axes: Axes, graph: Graph, texts: Sequence[str], slopes: Sequence[float]
) -> None:
    """Draw one small graph from left to right: what each arc says, and its slope.

    Parameters
    ----------
    axes : Axes
    graph : Graph
        One, its nodes numbered from left to right. At most two arcs join the same two
        nodes; the first is drawn above.
    texts : sequence of A str
    slopes : sequence of A float
        From -1 to 1: how heavily an arc is drawn, dashed where it is negative.
    """
    drawn: dict[tuple[int, int], int] = {}
    pairs = list(zip(graph.sources.tolist(), graph.destinations.tolist(), strict=True))
    for (source, destination), text, slope in zip(pairs, texts, slopes, strict=True):
        number = drawn.get((source, destination), 0)
        drawn[source, destination] = number + 1
        span = destination - source
        height = 0.42 * span**1.8 * (1 - 2 * number)
        times = np.linspace(0, 1, 60)
        columns = source + span * times
        rows = 4 * height * times * (1 - times)
        axes.plot(
            columns,
            rows,
            color="C0" if slope > 0 else "C3" if slope < 0 else "0.6",
            ls="--" if slope < 0 else "-",
            lw=0.8 + 3 * abs(slope),
        )
        axes.annotate(
            text,
            (source + span / 2, height),
            ha="center",
            va="center",
            fontsize=8.5,
            bbox={"boxstyle": "round,pad=0.1", "fc": axes.get_facecolor(), "lw": 0},
        )
    nodes = np.arange(graph.first_node[-1])
    axes.plot(nodes, 0 * nodes, "o", color="0.3", ms=7, zorder=3)
    axes.axis("off")
