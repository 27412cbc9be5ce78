"""Tell ink from paper under any light, and take the ink apart."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.measure import label, regionprops_table

FAINT = 0.1  # darkness below which nothing is ink
BETWEEN = (0.15, 0.5)  # where ink can begin
BLOCKS = 5  # along a picture's longer side, to tell ink on paper from chalk on slate


class Parts(NamedTuple):
    """The connected parts of some ink.

    Attributes
    ----------
    numbers : array, (H, W) int
        The part that each pixel belongs to, from 1; 0 is paper.
    areas : array, (n,) int
        Pixels of part 1, part 2, ...
    boxes : array, (n, 4) int
        Top, left, bottom and right; the last two lie outside.
    centers : array, (n, 2) float
        Row and column of the centre of mass.
    """

    numbers: np.ndarray
    areas: np.ndarray
    boxes: np.ndarray
    centers: np.ndarray


def make_dark_on_light(grey: np.ndarray) -> np.ndarray:
    """Invert a picture whose writing is lighter than what it is written on.

    Writing covers less than half of any part of a page. So in each block the median is
    the page, and the writing lies on that side of it which reaches farther.

    Parameters
    ----------
    grey : array, (H, W) uint8

    Returns
    -------
    array, (H, W) uint8
    """
    side = -(-max(grey.shape) // BLOCKS)
    balance = 0.0
    for top in range(0, grey.shape[0], side):
        for left in range(0, grey.shape[1], side):
            block = np.sort(grey[top : top + side, left : left + side], axis=None)
            middle = block[block.size // 2]
            balance += (float(block[-1]) - middle) - (middle - float(block[0]))
    return 255 - grey if balance > 0 else grey


def measure_darkness(grey: np.ndarray, reach: int) -> np.ndarray:
    """Measure how much darker each pixel is than the paper around it.

    The paper's own brightness is what is left when everything dark that is narrower
    than `reach` is filled: a closing. A shadow is wider, so it stays, with its edge.

    Parameters
    ----------
    grey : array, (H, W) uint8
    reach : int, odd
        In pixels, more than the width of a stroke.

    Returns
    -------
    array, (H, W) float
        0 is as bright as the paper, 1 is black.
    """
    # Nine times each, in whole numbers: no rounding decides what is ink.
    nine = grey.astype(np.int32)
    around = ndimage.convolve(nine, np.ones((3, 3), np.int32), mode="nearest")
    paper = ndimage.grey_closing(around, size=(reach, reach))
    return np.clip(1 - 9 * nine / np.maximum(paper, 9), 0, 1)


def choose_threshold(darkness: np.ndarray) -> float | None:
    """Choose the darkness from which on a pixel is ink, by Otsu's rule.

    Parameters
    ----------
    darkness : array of float, of any shape

    Returns
    -------
    float or None
        None where nothing is darker than paper.
    """
    dark = darkness[darkness > FAINT]
    if not dark.size:
        return None
    bins = np.minimum((256 * dark).astype(int), 255)
    counts = np.bincount(bins, minlength=256)
    middles = (np.arange(256) + 0.5) / 256
    if np.count_nonzero(counts) == 1:  # as in a drawing without grey
        threshold = middles[bins[0]]
    else:
        threshold = threshold_otsu(hist=(counts, middles))
    return float(np.clip(threshold, *BETWEEN))


def find_parts(mask: np.ndarray) -> Parts:
    """Find the connected parts of a mask; pixels that touch at a corner are connected.

    Parameters
    ----------
    mask : array, (H, W) bool

    Returns
    -------
    Parts
    """
    numbers = np.asarray(label(mask, connectivity=2))
    table = regionprops_table(numbers, properties=("area", "bbox", "centroid"))
    boxes = np.stack([table[f"bbox-{i}"] for i in range(4)], axis=1)
    centers = np.stack([table[f"centroid-{i}"] for i in range(2)], axis=1)
    return Parts(numbers, table["area"].astype(int), boxes.astype(int), centers)


def cut_out(parts: Parts, chosen: np.ndarray) -> np.ndarray:
    """Cut some parts out of the picture, without the others.

    Parameters
    ----------
    parts : Parts
    chosen : array, (k,) int
        Which, from 0; at least one.

    Returns
    -------
    array, (h, w) bool
    """
    top, left = parts.boxes[chosen, :2].min(0)
    bottom, right = parts.boxes[chosen, 2:].max(0)
    return np.isin(parts.numbers[top:bottom, left:right], chosen + 1)
