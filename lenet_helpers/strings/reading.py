"""Reading a line by its graph, and the criteria that compare readings with the truth.

`OverSegmentation` builds graphs by cutting a line in many ways, `sliding` by a network
that slides over it; what follows is the same for both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lenet_helpers.data import prepare_images
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.strings.cuts import CONTACT_LIMIT, MAX_PIECES, segment
from lenet_helpers.strings.graphs import Graph, forward, select_path, viterbi
from lenet_helpers.strings.lines import HEIGHT


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
    LeCun et al. 1998, p. 19-20.
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
