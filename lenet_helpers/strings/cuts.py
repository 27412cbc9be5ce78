"""Where a line might be cut, the pieces between two cuts, the graph of all ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from lenet_helpers.strings._kernels import compiled
from lenet_helpers.strings.graphs import Graph
from lenet_helpers.strings.lines import HEIGHT, Line

CONTACT_LIMIT = 2500.0  # grey units; by `line_trials`
MAX_PIECES = 8
MAX_WIDTH = 21
MAX_GAP = 4


def measure_projection(pixels: np.ndarray) -> np.ndarray:
    """Add up the ink of each column, (H, W) to (W,)."""
    return pixels.sum(0, dtype=float)


def measure_contour(pixels: np.ndarray) -> np.ndarray:
    """Measure from the upper to the lower contour of each column, in rows."""
    ink = pixels > 127
    top, bottom = ink.argmax(0), len(ink) - ink[::-1].argmax(0)
    return np.where(ink.any(0), bottom - top, 0).astype(float)


def measure_contact(pixels: np.ndarray) -> np.ndarray:
    """Measure how much ink joins each column to the one before, (H, W) to (W,).

    The sum over the rows of the smaller of the two neighbouring pixels.
    """
    contact = np.zeros(pixels.shape[1])
    contact[1:] = np.minimum(pixels[:, 1:], pixels[:, :-1]).sum(0, dtype=float)
    return contact


def find_minima(profile: np.ndarray, *, limit: float, distance: int = 2) -> np.ndarray:
    """Find where a profile is locally least, and at most `limit`.

    Parameters
    ----------
    profile : (W,) float
    limit : float
    distance : int
        The least number of columns from one minimum to the next; of two that are
        nearer the lower one stays.

    Returns
    -------
    (C,) int64
        Columns, from left to right. A flat stretch counts once, in its middle. The
        first and the last column are none.
    """
    return _find_minima(np.ascontiguousarray(profile, float), float(limit), distance)


def find_cuts(pixels: np.ndarray, *, limit: float = CONTACT_LIMIT) -> np.ndarray:
    """Find candidate cuts: where neighbouring columns touch least.

    Parameters
    ----------
    pixels : (32, W) uint8
    limit : float
        The most contact, in grey units, at a cut.

    Returns
    -------
    (C, 32) int64
        Of each cut the first column on its right, row by row, from left to right: the
        first cut lies before all ink, the last behind it. None where there is no ink.
    """
    columns = np.flatnonzero(pixels.any(0))
    if not len(columns):
        return np.empty((0, HEIGHT), np.int64)
    first, last = columns[0], columns[-1] + 1
    minima = first + find_minima(measure_contact(pixels)[first : last + 1], limit=limit)
    cuts = np.concatenate([[first], minima, [last]])
    return np.repeat(cuts[:, None], HEIGHT, axis=1)


@dataclass(frozen=True, eq=False)
class Segments:
    """The pieces of ink of a batch of lines that might be a digit.

    Parameters
    ----------
    images : Tensor, (S, 1, 32, 32) uint8
        Each piece alone, its centre of mass in the middle, as MNIST's.
    sources, destinations : (S,) int64
        The cuts on its left and right, which are the nodes of the graph.
    ends_of_nodes : (B,) int64
        Where the nodes of each line end.
    cuts : list of B arrays, (C, 32)
    """

    images: Tensor
    sources: np.ndarray
    destinations: np.ndarray
    ends_of_nodes: np.ndarray
    cuts: list[np.ndarray]

    def build_graph(self, penalties: Tensor) -> Graph:
        """Build the recognition graph: an arc a piece and class.

        Parameters
        ----------
        penalties : Tensor, (S, K)
            What a network gives each piece's classes.

        Returns
        -------
        Graph
            B graphs; the labels are the classes, the payload is the piece. A line
            without ink has no path.

        References
        ----------
        LeCun et al. 1998, p. 20, Fig. 18.
        """
        num_classes = penalties.shape[1]
        pieces = np.repeat(np.arange(len(self.sources)), num_classes)
        return Graph(
            self.sources[pieces],
            self.destinations[pieces],
            np.tile(np.arange(num_classes), len(self.sources)),
            penalties.flatten(),
            payload=pieces,
            ends_of_nodes=self.ends_of_nodes,
        )


def segment(
    lines: Sequence[np.ndarray],
    *,
    limit: float = CONTACT_LIMIT,
    max_pieces: int = MAX_PIECES,
    max_width: int = MAX_WIDTH,
    max_gap: int = MAX_GAP,
) -> Segments:
    """Cut lines at every candidate, and list what might be a digit.

    Parameters
    ----------
    lines : sequence of B arrays, (32, W) uint8
    limit : float
        As in `find_cuts`.
    max_pieces, max_width, max_gap : int
        A digit is at most so many neighbouring pieces, so many columns wide, and has at
        most so many blank columns inside. A single piece may always be one.

    Returns
    -------
    Segments

    Raises
    ------
    ValueError : no lines; a line is not (32, W) of uint8.

    References
    ----------
    LeCun et al. 1998, p. 19, Fig. 16; limits are not published.
    """
    if not len(lines):
        raise ValueError("`lines` is empty: give at least one line of (32, W) uint8.")
    parts, cuts, num_nodes = [], [], 0
    for pixels in lines:
        if pixels.ndim != 2 or len(pixels) != HEIGHT or pixels.dtype != np.uint8:
            raise ValueError(
                f"A line must be ({HEIGHT}, W) of uint8, got {pixels.shape} of"
                f" {pixels.dtype}."
            )
        cuts.append(find_cuts(pixels, limit=limit))
        sources, destinations, images = _list_pieces(
            np.ascontiguousarray(pixels), cuts[-1], max_pieces, max_width, max_gap
        )
        parts.append((sources + num_nodes, destinations + num_nodes, images))
        num_nodes += max(2, len(cuts[-1]))
    sources, destinations, images = map(np.concatenate, zip(*parts, strict=True))
    ends = np.cumsum([max(2, len(some)) for some in cuts])
    return Segments(
        torch.from_numpy(images)[:, None], sources, destinations, ends, cuts
    )


def cut_at(pixels: np.ndarray, columns: Sequence[int]) -> Tensor:
    """Cut a line at given columns, and at no others.

    Parameters
    ----------
    pixels : (32, W) uint8
        0 is background, 255 ink.
    columns : sequence of int
        Of each cut the first column on its right, from left to right.

    Returns
    -------
    Tensor, (S, 1, 32, 32) uint8
        The ink between neighbouring cuts, from left to right, each piece as in
        `Segments`. Where there is none, there is no piece.

    Raises
    ------
    ValueError : a column is not from 1 to W - 1, or not right of the one before.
    """
    edges = [0, *columns, pixels.shape[1]]
    if any(left >= right for left, right in pairwise(edges)):
        raise ValueError(
            f"`columns` must rise, from 1 to {pixels.shape[1] - 1}, got {columns}."
        )
    parts = [pixels[:, left:right] for left, right in pairwise(edges)]
    return segment(parts, limit=-1).images  # no contact is below 0


def match_pieces(line: Line, pieces: Segments) -> np.ndarray:
    """Say which pieces of one line are its digits.

    A piece is a digit if it begins and ends where the digit does, within a column or
    anywhere in the blank before and behind it.

    Parameters
    ----------
    line : Line
        Of D digits.
    pieces : Segments
        S of this line alone.

    Returns
    -------
    (S, D) bool
    """
    starts, ends = line.places[:, 0], line.places[:, 2]
    before, behind = [starts[0], *ends[:-1]], [*starts[1:], ends[-1]]
    columns = pieces.cuts[0][:, 0]
    fits = []
    for nodes, edges in (
        (pieces.sources, (before, starts)),
        (pieces.destinations, (ends, behind)),
    ):
        low, high = np.min(edges, 0) - 1, np.max(edges, 0) + 1
        fits.append((columns[nodes, None] >= low) & (columns[nodes, None] <= high))
    return fits[0] & fits[1]


@compiled
def _find_minima(profile, limit, distance):
    found = np.empty(len(profile), np.int64)
    num_found = 0
    left = 1
    while left < len(profile) - 1:
        right = left
        while right + 1 < len(profile) and profile[right + 1] == profile[left]:
            right += 1
        is_least = profile[left - 1] > profile[left]
        is_least &= right + 1 < len(profile) and profile[right + 1] > profile[left]
        if is_least and profile[left] <= limit:
            column = (left + right + 1) // 2
            near = num_found > 0 and column - found[num_found - 1] < distance
            if not near:
                found[num_found] = column
                num_found += 1
            elif profile[column] < profile[found[num_found - 1]]:
                found[num_found - 1] = column
        left = right + 1
    return found[:num_found].copy()


@compiled
def _list_pieces(pixels, cuts, max_pieces, max_width, max_gap):
    """List the pairs of cuts that may hold a digit, and its image."""
    height = len(pixels)
    capacity = max(0, len(cuts) - 1) * max_pieces
    sources = np.empty(capacity, np.int64)
    destinations = np.empty(capacity, np.int64)
    images = np.zeros((capacity, height, height), np.uint8)
    number = 0
    for i in range(len(cuts) - 1):
        for j in range(i + 1, min(i + max_pieces, len(cuts) - 1) + 1):
            total, row_sum, column_sum = 0, 0, 0
            first, last, widest = -1, -1, 0
            for column in range(cuts[i].min(), cuts[j].max()):
                for row in range(height):
                    if cuts[i, row] <= column < cuts[j, row] and pixels[row, column]:
                        ink = int(pixels[row, column])
                        total += ink
                        row_sum += ink * row
                        column_sum += ink * column
                        if first < 0:
                            first = column
                        elif column > last:
                            widest = max(widest, column - last - 1)
                        last = column
            if total == 0:
                continue
            is_wide = last - first + 1 > max_width or widest > max_gap
            if is_wide and j > i + 1:
                continue
            middle = height // 2
            down = middle - int(np.floor(row_sum / total + 0.5))
            right = middle - int(np.floor(column_sum / total + 0.5))
            for column in range(max(first, -right), min(last + 1, height - right)):
                for row in range(max(0, -down), min(height, height - down)):
                    if cuts[i, row] <= column < cuts[j, row]:
                        images[number, row + down, column + right] = pixels[row, column]
            sources[number], destinations[number] = i, j
            number += 1
    return sources[:number].copy(), destinations[:number].copy(), images[:number].copy()
