"""Lines of handwritten digits, made from MNIST's: where each digit lies is known."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from torch import Tensor
from torch.nn import functional

HEIGHT = 32  # rows of a line, as LeNet-5's field
MARGIN = 6  # blank columns before the first digit and behind the last


@dataclass(frozen=True, eq=False)
class Line:
    """A line of digits.

    Parameters
    ----------
    pixels : (32, W) uint8
        0 is background, 255 ink.
    labels : tuple of int
        What it says.
    places : (digits, 4) int
        Left, top, right and bottom of the ink of each digit; right and bottom are the
        first column and row behind it.
    """

    pixels: np.ndarray
    labels: tuple[int, ...]
    places: np.ndarray


def make_lines(
    images: Tensor,
    labels: Tensor,
    *,
    number: int,
    length: tuple[int, int] = (3, 6),
    gap: tuple[int, int] = (-1, 4),
    noise: float = 0.0,
    baseline: int = 0,
    scale: float = 0.0,
    seed: int,
) -> list[Line]:
    """Write lines of digits drawn at random.

    Parameters
    ----------
    images : Tensor, (N, 1, 28, 28) uint8
        The digits to draw from: training, validation or test, never mixed.
    labels : Tensor, (N,) int64
    number : int
        Of lines.
    length : (int, int)
        The least and the greatest number of digits.
    gap : (int, int)
        The least and the greatest number of blank columns between the boxes around the
        ink of two neighbours; below 0 the boxes overlap.
    noise : float
        The share of pixels that are inverted, salt and pepper.
    baseline : int
        The most rows by which a digit is moved up or down, as far as there is room.
    scale : float
        Each line has a hand of its own: its digits are all resized by one factor, from
        1 - scale to 1 + scale.
    seed : int

    Returns
    -------
    list of Line

    Raises
    ------
    ValueError : an argument is out of its range, or `images` and `labels` do not fit.

    References
    ----------
    LeCun et al. 1998, p. 28: neighbours 1 px into each other to 4 px apart, 10 %
    of the pixels inverted.
    """
    _check(images, labels, number, length, gap, noise, baseline, scale)
    generator = np.random.default_rng(seed)
    classes = labels.numpy()
    lines = []
    for _ in range(number):
        count = generator.integers(length[0], length[1] + 1)
        chosen = generator.integers(len(images), size=count)
        digits = _resize(images[chosen], scale, generator)
        gaps = generator.integers(gap[0], gap[1] + 1, size=count)
        shifts = generator.integers(-baseline, baseline + 1, size=count)
        pixels, places = write_line(digits, gaps, shifts)
        is_inverted = generator.random(pixels.shape) < noise
        pixels = np.where(is_inverted, 255 - pixels, pixels)
        lines.append(Line(pixels, tuple(map(int, classes[chosen])), places))
    return lines


def write_line(
    digits: np.ndarray, gaps: np.ndarray, shifts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Write digits side by side.

    Parameters
    ----------
    digits : (n, h, w) uint8; h at most 32
    gaps : (n,) int
        Blank columns between a digit's box and that of the one before; the first is not
        used.
    shifts : (n,) int
        Rows down from where the middle of the digit's image is the middle of the line.

    Returns
    -------
    pixels : (32, W) uint8
    places : (n, 4) int
        As in `Line`.
    """
    boxes = np.array([_find_box(digit) for digit in digits])
    widths = boxes[:, 2] - boxes[:, 0]
    lefts = MARGIN + np.cumsum(np.concatenate([[0], widths[:-1] + gaps[1:]]))
    lefts -= min(0, lefts.min() - MARGIN)
    # Rows of a digit's box in the line: moved as wanted, as far as the box has room.
    tops = boxes[:, 1] + (HEIGHT - digits.shape[1]) // 2 + shifts
    heights = boxes[:, 3] - boxes[:, 1]
    tops = np.clip(tops, 0, HEIGHT - heights)
    pixels = np.zeros((HEIGHT, (lefts + widths).max() + MARGIN), np.uint8)
    places = np.stack([lefts, tops, lefts + widths, tops + heights], 1)
    for digit, box, place in zip(digits, boxes, places, strict=True):
        ink = digit[box[1] : box[3], box[0] : box[2]]
        field = pixels[place[1] : place[3], place[0] : place[2]]
        np.maximum(field, ink, out=field)
    return pixels, places


def _find_box(digit):
    """Find left, top, right, bottom of a digit's ink."""
    rows, columns = (np.flatnonzero(digit.any(axis)) for axis in (1, 0))
    if not len(rows):
        return 0, 0, digit.shape[1], digit.shape[0]
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def _resize(images: Tensor, scale: float, generator: Generator) -> np.ndarray:
    """Resize the digits of a line by one factor: (n, 1, 28, 28) to (n, h, h)."""
    factor = 1 + scale * generator.uniform(-1, 1)
    size = 2 * round(14 * factor)
    if size != 28:
        images = functional.interpolate(
            images.float(), (size, size), mode="bilinear", antialias=True
        )
        images = images.round().clamp(0, 255).byte()
    return images[:, 0].numpy()


def _check(images, labels, number, length, gap, noise, baseline, scale):
    if images.ndim != 4 or images.shape[1:] != (1, 28, 28) or len(images) == 0:
        raise ValueError(
            "`images` must be stored digits, (N, 1, 28, 28) uint8, got"
            f" {tuple(images.shape)}."
        )
    if len(labels) != len(images):
        raise ValueError(
            f"`labels` must be as many as `images`, {len(images)}, got {len(labels)}."
        )
    if number < 0 or not 1 <= length[0] <= length[1]:
        raise ValueError(
            "`number` must be 0 or more and `length` (least, most) from 1, got"
            f" {number} and {length}."
        )
    if not -12 <= gap[0] <= gap[1]:
        raise ValueError(f"`gap` must be (least, most), from -12, got {gap}.")
    if not (0 <= noise <= 1 and baseline >= 0 and 0 <= scale <= 0.14):
        raise ValueError(
            "`noise` must be from 0 to 1, `baseline` 0 or more and `scale` from 0 to"
            f" 0.14 (a line has {HEIGHT} rows), got {noise}, {baseline} and {scale}."
        )
