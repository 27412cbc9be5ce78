"""What is done to a drawing before a network sees it; the engine does the same.

A drawing is a list of strokes on a field of height 1. A stroke is a list of numbers, x
and y of each of its points in turn; one point alone is a dot.
"""

import warnings
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

SIDE = 140  # pixels of a drawing's field, five for each of MNIST's 28
RADIUS = 0.04  # of the pen, as a part of the field's height
MARGIN, LONGEST = 12, 320  # columns around a line of digits, and of one at most
LINE = 32  # rows of a line that is cut, LeNet-5's field
BOX, CENTER = 20, 14  # MNIST's box, and the pixel on which its digits' mass is centred
TIE = 1e-9  # halves are rounded up, whatever the order of a sum


def draw_ink(
    strokes: Sequence[Sequence[float]],
    digit: np.ndarray | None = None,
    *,
    columns: int = SIDE,
) -> np.ndarray:
    """Draw strokes with a round pen, over a digit or over nothing.

    Parameters
    ----------
    strokes : list of list of float
        Points from 0 to 1; what lies outside leaves no ink.
    digit : array, (28, 28) uint8, optional
    columns : int
        The width of the field, in pixels.

    Returns
    -------
    array, (140, columns) uint8
        0 is background, 255 is ink; edges are antialiased.
    """
    ink = np.zeros((SIDE, columns), np.uint8)
    if digit is not None:
        ink = np.kron(digit, np.ones((SIDE // 28,) * 2, np.uint8))
    reach = RADIUS * SIDE + 0.5
    for stroke in strokes:
        points = np.reshape(stroke, (-1, 2)) * SIDE - 0.5
        if len(points) == 1:
            points = np.repeat(points, 2, axis=0)
        for ends in pairwise(points):
            lowest = np.min(ends, axis=0) - reach
            highest = np.max(ends, axis=0) + reach
            left, top = np.clip(np.ceil(lowest), 0, (columns, SIDE)).astype(int)
            right, bottom = np.clip(np.floor(highest) + 1, 0, (columns, SIDE)).astype(
                int
            )
            part = ink[top:bottom, left:right]
            gap = _measure_gaps(*ends, np.mgrid[top:bottom, left:right])
            value = np.floor(255 * np.clip(reach - gap, 0, 1) + 0.5)
            np.maximum(part, value.astype(np.uint8), out=part)
    return ink


def center_ink(ink: np.ndarray) -> np.ndarray:
    """Do what MNIST's makers did: crop, scale into a box of 20 x 20, centre the mass.

    Parameters
    ----------
    ink : array, (H, W) uint8
        A drawing of 140 x 140 pixels or a picture of any size: 0 is background, 255 is
        ink. Most pictures of handwriting are dark on light: give ``255 - picture``.

    Returns
    -------
    array, (28, 28) uint8
        All 0 where there is no ink.

    Raises
    ------
    ValueError : another shape or kind of numbers, or numbers from 0 to 1.

    Warns
    -----
    UserWarning : it looks like dark ink on light paper.

    References
    ----------
    LeCun et al. 1998, Sec. III-A. The chapter on the digits measures that their mass is
    centred on pixel 14. The makers' antialiasing is not published; here each pixel is
    the mean of what it covers.
    """
    ink = _check_ink(ink)
    pixels = np.zeros((28, 28), np.uint8)
    if ink.any():
        crop = crop_ink(ink)
        small = shrink_ink(crop, BOX / max(crop.shape))
        center = small.sum(0) @ np.arange(small.shape[1]) / small.sum()
        _place(pixels, small, _find_start(center, small.shape[1]))
    return pixels


def scale_line(ink: np.ndarray) -> np.ndarray:
    """Make a line of digits 20 pixels high and centre its mass in height.

    Parameters
    ----------
    ink : array, (140, W) uint8
        As in `center_ink`.

    Returns
    -------
    array, (28, 28 + 4 k) uint8
        The first window of 28 columns can have a thin 1 in its middle, and so can the
        last. All 0, 28 columns, where there is no ink.

    Raises
    ------
    ValueError, and a warning : as in `center_ink`.
    """
    ink = _check_ink(ink)
    if not ink.any():
        return np.zeros((28, 28), np.uint8)
    crop = crop_ink(ink)
    small = shrink_ink(crop, min(BOX / crop.shape[0], LONGEST / crop.shape[1]))
    columns = -(-(small.shape[1] + 2 * MARGIN - 28) // 4) * 4 + 28
    pixels = np.zeros((28, columns), np.uint8)
    _place(pixels, small, MARGIN)
    return pixels


def shrink_field(ink: np.ndarray) -> np.ndarray:
    """Make a line of 32 rows of a whole field, wherever its ink lies.

    Parameters
    ----------
    ink : array, (140, W) uint8
        As `draw_ink` makes it.

    Returns
    -------
    array, (32, W / 4.375) uint8
    """
    small = shrink_ink(ink, LINE / SIDE)
    return np.floor(small + 0.5 + TIE).astype(np.uint8)


def _check_ink(ink):
    """Refuse what is no ink, and say what came instead; returns an array."""
    ink = np.asarray(ink)  # a picture of PIL's, too
    if ink.ndim != 2:
        raise ValueError(
            f"`ink` needs the shape (height, width), got {ink.shape}; of a coloured "
            'picture of PIL\'s, `picture.convert("L")` makes a grey one.'
        )
    lowest, highest = (ink.min(), ink.max()) if ink.size else (0, 0)
    if ink.dtype != np.uint8 or highest == 1:
        raise ValueError(
            "`ink` needs whole numbers from 0 (background) to 255 (ink), dtype uint8; "
            f"got {ink.dtype} from {lowest} to {highest}. Numbers from 0 to 1 become "
            "that by `(255 * ink).astype(np.uint8)`."
        )
    if lowest < 128 <= np.median(ink):
        warnings.warn(
            "`ink` looks like dark ink on light paper: half of its pixels are "
            f"{np.median(ink):.0f} or more, where 255 is ink. If so, give `255 - ink`.",
            stacklevel=3,
        )
    return ink


def _measure_gaps(start, end, places):
    """Measure how far pixels, (rows, columns), lie from a line from start to end."""
    rows, columns = places
    step = end - start
    square = step @ step
    along = (columns - start[0]) * step[0] + (rows - start[1]) * step[1]
    share = np.clip(along / square if square else 0, 0, 1)
    return np.hypot(
        columns - start[0] - share * step[0], rows - start[1] - share * step[1]
    )


def crop_ink(ink: np.ndarray) -> np.ndarray:
    """Cut a picture to the box around its ink, of which there is some."""
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def shrink_ink(crop: np.ndarray, scale: float) -> np.ndarray:
    """Scale a picture; each pixel is the mean of what it covers: array of float."""
    height, width = (max(1, int(scale * side + 0.5 + TIE)) for side in crop.shape)
    return _weigh(crop.shape[0], height) @ crop @ _weigh(crop.shape[1], width).T


def _weigh(old, new):
    """Weigh old pixels by how much of each new one they cover: array, (new, old)."""
    edges = np.linspace(0, old, new + 1)
    ends = np.minimum(edges[1:, None], np.arange(1, old + 1))
    starts = np.maximum(edges[:-1, None], np.arange(old))
    return np.maximum(ends - starts, 0) * new / old


def _find_start(center, extent):
    """Choose where a box begins, so that its mass is centred and nothing is cut off."""
    return int(np.clip(np.floor(CENTER - center + 0.5 + TIE), 0, 28 - extent))


def _place(pixels, small, column):
    height, width = small.shape
    row = _find_start(small.sum(1) @ np.arange(height) / small.sum(), height)
    pixels[row : row + height, column : column + width] = np.floor(small + 0.5 + TIE)
