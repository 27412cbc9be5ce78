"""The two systems that read a line: one cuts it in many ways, one slides over it.

Each turns lines into graphs whose paths are readings; `read` takes the best path, and
the criteria of section VI compare it with what the line really says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lenet_helpers.data import prepare_images
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.strings.cuts import CONTACT_LIMIT, MAX_PIECES, segment
from lenet_helpers.strings.grammars import Grammar, build_character_model
from lenet_helpers.strings.graphs import Graph, compose, forward, select_path, viterbi
from lenet_helpers.strings.lines import HEIGHT, MARGIN

STEP = 4  # columns from one window of the sliding network to the next
BLANK = 10.0  # the penalty of the blank, as the rubbish class's in equation 9


@dataclass(frozen=True)
class OverSegmentation:
    """Read by cutting at every candidate and looking at every piece.

    Parameters
    ----------
    network : LeNet5
    limit, max_pieces
        As in `cuts.segment`.

    References
    ----------
    LeCun et al. 1998, Sec. IV and V.
    """

    network: LeNet5
    limit: float = CONTACT_LIMIT
    max_pieces: int = MAX_PIECES

    def build_graph(self, lines: Sequence[np.ndarray]) -> Graph:
        """Build the recognition graph of each line, (32, W) uint8."""
        pieces = segment(lines, limit=self.limit, max_pieces=self.max_pieces)
        penalties = self.network(prepare_images(pieces.images, size=HEIGHT))
        return pieces.build_graph(penalties)


@dataclass(frozen=True)
class SlidingNetwork:
    """Read by sliding one network over the line, then a model over its answers.

    Parameters
    ----------
    network : LeNet5
    blank : float
        The penalty of "no digit in the middle of this window".
    model : Grammar
        From a row of digits and blanks to digits.

    References
    ----------
    LeCun et al. 1998, Sec. VII.
    """

    network: LeNet5
    blank: float = BLANK
    model: Grammar = field(default_factory=build_character_model)

    def build_graph(self, lines: Sequence[np.ndarray]) -> Graph:
        """Build the graph of what the model makes of each line, (32, W) uint8."""
        return compose(self.build_row(lines), self.model)

    def build_row(self, lines: Sequence[np.ndarray]) -> Graph:
        """Build the graph of the network's answers: windows in a row, an arc a class.

        The label of the blank is 10; the payload is the window.
        """
        images, num_windows = place_windows(lines)
        penalties = slide(self.network, images)  # (B, windows, 10)
        penalties = functional.pad(penalties, (0, 1), value=self.blank)
        is_used = torch.arange(penalties.shape[1]) < num_windows[:, None]
        penalties = penalties[is_used]  # (all windows, 11)
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


@dataclass(frozen=True)
class Reading:
    """What a system reads in a line.

    Parameters
    ----------
    labels : tuple of int
        Empty where there is no path, as in a line without ink.
    penalty : float
        Of the best path; infinite without one.
    confidence : float
        The share of e^-penalty of all paths that say this, from 0 to 1.

    References
    ----------
    LeCun et al. 1998, p. 39, whose exponent lacks its minus.
    """

    labels: tuple[int, ...]
    penalty: float
    confidence: float


def read(graph: Graph) -> list[Reading]:
    """Read the best path of each graph.

    Parameters
    ----------
    graph : Graph
        B of them.

    Returns
    -------
    list of B Reading
    """
    penalties, paths = viterbi(graph)
    strings = [graph.read(path) for path in paths]
    loss = forward(select_path(graph, strings)) - forward(graph)
    confidences = torch.exp(-loss).nan_to_num(0.0)  # without a path inf - inf
    return [
        Reading(*values)
        for values in zip(
            strings, penalties.tolist(), confidences.tolist(), strict=True
        )
    ]


def viterbi_training(graph: Graph, strings: Sequence[Sequence[int]]) -> Tensor:
    """Equation 11: the penalty of the best right path, (B,); infinite without one."""
    return viterbi(select_path(graph, strings))[0]


def discriminative_viterbi(graph: Graph, strings: Sequence[Sequence[int]]) -> Tensor:
    """Equation 12: the best right path's penalty less that of the best path, (B,)."""
    return viterbi_training(graph, strings) - viterbi(graph)[0]


def forward_training(graph: Graph, strings: Sequence[Sequence[int]]) -> Tensor:
    """Add up all right paths, (B,); infinite without one. It has no number."""
    return forward(select_path(graph, strings))


def discriminative_forward(graph: Graph, strings: Sequence[Sequence[int]]) -> Tensor:
    """Equation 17: -log of the share of the right paths among all, (B,)."""
    return forward_training(graph, strings) - forward(graph)


Criterion = Callable[[Graph, Sequence[Sequence[int]]], Tensor]
CRITERIA: dict[str, Criterion] = {
    "Viterbi": viterbi_training,
    "discriminative Viterbi": discriminative_viterbi,
    "forward": forward_training,
    "discriminative forward": discriminative_forward,
}


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
    """
    left = HEIGHT // 2 - MARGIN
    widths = torch.tensor([line.shape[1] for line in lines])
    num_windows = (widths - 2 * MARGIN).clamp(min=0).add(STEP - 1) // STEP + 1
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
    images : Tensor, (N, 1, 32, W); W is 32 and a multiple of 4 more

    Returns
    -------
    Tensor, (N, T, 10)
        The penalties of window t, which begins at column 4t.

    References
    ----------
    LeCun et al. 1998, Sec. VII, Fig. 23.
    """
    states = images
    for layer in (network.c1, network.s2, network.c3, network.s4, network.c5):
        states = layer(states)
    columns = states.squeeze(2).transpose(1, 2)  # (N, T, 120)
    penalties = network.output(network.f6(columns.flatten(0, 1)))
    return penalties.unflatten(0, columns.shape[:2])
