"""A network that slides over a line, and a model that reads its row of answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lenet_helpers.data import prepare_images
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.strings.grammars import Grammar, build_character_model
from lenet_helpers.strings.graphs import Graph, compose
from lenet_helpers.strings.lines import HEIGHT, MARGIN, Line

STEP = 4  # columns from one window of the sliding network to the next
BLANK = 10  # the label of a window without one of ten digits in its middle
BLANK_PENALTY = 10.0  # as the rubbish class's in equation 9
UNSURE = -1  # the label of a window that shows neither a digit's middle nor a gap


@dataclass(frozen=True)
class SlidingNetwork:
    """Read by sliding one network over the line, then a model over its answers.

    Parameters
    ----------
    network : LeNet5
        With K codes.
    blank : float
        The penalty of "no character in the middle of this window".
    model : Grammar, optional
        From a row of characters and blanks to characters; by default
        `build_character_model` of K classes.

    References
    ----------
    LeCun et al. 1998, p. 27-30.
    """

    network: LeNet5
    blank: float = BLANK_PENALTY
    model: Grammar | None = None

    def build_graph(self, lines: Sequence[np.ndarray]) -> Graph:
        """Build the graph of what the model makes of each line, (32, W) uint8."""
        model = self.model
        if model is None:
            model = build_character_model(len(self.network.output.weight))
        return compose(self.build_row(lines), model)

    def build_row(self, lines: Sequence[np.ndarray]) -> Graph:
        """Build the graph of the network's answers: windows in a row, an arc a class.

        The label of the blank is K, the number of classes; the payload is the window.
        """
        images, num_windows = place_windows(lines)
        penalties = slide(self.network, images)  # (B, windows, K)
        penalties = functional.pad(penalties, (0, 1), value=self.blank)
        is_used = torch.arange(penalties.shape[1]) < num_windows[:, None]
        penalties = penalties[is_used]  # (all windows, K + 1)
        windows = np.concatenate([np.arange(number) for number in num_windows.tolist()])
        nodes = np.arange(len(windows)) + np.repeat(
            np.arange(len(lines)), num_windows.numpy()
        )
        num_labels = penalties.shape[1]
        return Graph(
            nodes.repeat(num_labels),
            nodes.repeat(num_labels) + 1,
            np.tile(np.arange(num_labels), len(windows)),
            penalties.flatten(),
            payload=windows.repeat(num_labels),
            ends_of_nodes=np.cumsum(num_windows.numpy() + 1),
        )


def place_windows(lines: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Pad lines so that a window's middle stands on each end of the ink.

    Parameters
    ----------
    lines : sequence of B arrays, (32, W) uint8

    Returns
    -------
    images : Tensor, (B, 1, 32, 32 + 4 (T - 1)) float32
        Padded on the right to the widest.
    num_windows : Tensor, (B,) int64
        The windows that each line needs, at most T.

    Raises
    ------
    ValueError : no lines.
    """
    if not len(lines):
        raise ValueError("`lines` is empty: give at least one line of (32, W) uint8.")
    left = HEIGHT // 2 - MARGIN
    widths = torch.tensor([line.shape[1] for line in lines])
    num_windows = (widths - 2 * MARGIN - 1).clamp(min=0).add(STEP - 1) // STEP + 1
    width = HEIGHT + STEP * (int(num_windows.max()) - 1)
    pixels = torch.zeros(len(lines), 1, HEIGHT, width, dtype=torch.uint8)
    for image, line in zip(pixels, lines, strict=True):
        part = torch.from_numpy(np.ascontiguousarray(line))[:, : width - left]
        image[0, :, left : left + part.shape[1]] = part
    return prepare_images(pixels, size=HEIGHT), num_windows


def slide(network: LeNet5, images: Tensor) -> Tensor:
    """Slide LeNet-5 over wide images, as one convolution.

    Parameters
    ----------
    network : LeNet5
        With K codes.
    images : Tensor, (N, 1, 32, W); W is 32 and a multiple of 4 more

    Returns
    -------
    Tensor, (N, T, K)
        The penalties of window t, which begins at column 4t.

    References
    ----------
    LeCun et al. 1998, p. 27, Fig. 23.
    """
    states = images
    for layer in (network.c1, network.s2, network.c3, network.s4, network.c5):
        states = layer(states)
    columns = states.squeeze(2).transpose(1, 2)  # (N, T, 120)
    penalties = network.output(network.f6(columns.flatten(0, 1)))
    return penalties.unflatten(0, columns.shape[:2])


def label_windows(line: Line, *, blank: int = BLANK) -> np.ndarray:
    """Say what stands in the middle of each window of a line.

    Parameters
    ----------
    line : Line
    blank : int
        The label of a window with nothing in its middle: the number of classes.

    Returns
    -------
    (windows,) int64
        The digit whose middle is within 2 px of the window's; `blank` where the
        nearest digit's middle is at least 4 px away; else `UNSURE`.
    """
    _, (number,) = place_windows([line.pixels])
    middles = MARGIN + STEP * np.arange(int(number))  # columns of the line
    centres = (line.places[:, 0] + line.places[:, 2] - 1) / 2
    distances = np.abs(middles[:, None] - centres)  # (windows, digits)
    nearest = distances.argmin(1)
    least = distances.min(1)
    labels = np.where(least <= 2, np.array(line.labels)[nearest], UNSURE)
    return np.where(least >= 4, blank, labels)


def classify_windows(graph: Graph, lines: Sequence[Line]) -> Tensor:
    """Equation 9 for each window alone, the blank as the rubbish class: a loss a line.

    Parameters
    ----------
    graph : Graph
        Of `SlidingNetwork.build_row`.
    lines : sequence of B Line

    Returns
    -------
    Tensor, (B,)
        The mean over the windows of the line that have a label.

    References
    ----------
    LeCun et al. 1998, p. 28: a digit between two others, or nothing between them.
    """
    blank = int(graph.labels.max())
    labels = [torch.from_numpy(label_windows(line, blank=blank)) for line in lines]
    scores = -graph.penalties.unflatten(0, (-1, blank + 1))
    losses = functional.cross_entropy(
        scores, torch.cat(labels), ignore_index=UNSURE, reduction="none"
    )
    means = [
        part.sum() / max(1, int((wanted != UNSURE).sum()))
        for part, wanted in zip(
            losses.split([len(each) for each in labels]), labels, strict=True
        )
    ]
    return torch.stack(means)
