"""Amounts of money, "$1,234.56": MNIST's digits, and marks drawn by code."""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from torch import Tensor

from lenet_helpers.strings.lines import Line, write_line

CHARACTERS = "0123456789$,."  # a label's character; the paper's network knows 95
PATTERN = "$[1-9][0-9]{0,2}(,[0-9]{3})*.[0-9]{2}"
SIZE = 28


def make_amounts(
    images: Tensor,
    labels: Tensor,
    *,
    number: int,
    most_digits: int = 6,
    gap: tuple[int, int] = (-1, 4),
    seed: int,
) -> list[Line]:
    """Write amounts of money at random, with commas every three digits and cents.

    Parameters
    ----------
    images : Tensor, (N, 1, 28, 28) uint8
        The digits to draw from.
    labels : Tensor, (N,) int64
        All ten digits must be among them.
    number : int
        Of amounts.
    most_digits : int
        Of the dollars; there are 1 to so many, each number equally often.
    gap : (int, int)
        As in `lines.make_lines`.
    seed : int

    Returns
    -------
    list of Line
        Their labels are places in `CHARACTERS`.
    """
    generator = np.random.default_rng(seed)
    by_digit = [np.flatnonzero(labels.numpy() == digit) for digit in range(10)]
    lines = []
    for _ in range(number):
        found = draw_amount(generator, most_digits=most_digits)
        ink = [
            images[generator.choice(by_digit[label]), 0].numpy()
            if label < 10
            else draw_mark(CHARACTERS[label], generator)
            for label in found
        ]
        gaps = generator.integers(gap[0], gap[1] + 1, size=len(found))
        pixels, places = write_line(np.array(ink), gaps, np.zeros(len(found), int))
        lines.append(Line(pixels, found, places))
    return lines


def draw_amount(generator: Generator, *, most_digits: int = 6) -> tuple[int, ...]:
    """Draw the labels of an amount; `most_digits` as in `make_amounts`."""
    count = int(generator.integers(1, most_digits + 1))
    dollars = int(generator.integers(10 ** (count - 1), 10**count))
    text = f"${dollars:,}.{generator.integers(100):02}"
    return tuple(CHARACTERS.index(character) for character in text)


def write(labels: Sequence[int]) -> str:
    """Write labels as text."""
    return "".join(CHARACTERS[label] for label in labels)


def draw_mark(mark: str, generator: Generator) -> np.ndarray:
    """Draw a mark as a pen would: a stroke of some width, slant and size.

    Parameters
    ----------
    mark : {"$", ",", "."}
    generator : Generator

    Returns
    -------
    (28, 28) uint8
        The middle of a dollar sign is that of the image; a comma and a point stand
        where the digits' feet are.
    """
    width = generator.uniform(2.2, 3.4)
    size = generator.uniform(0.85, 1.1)
    slant = generator.uniform(-0.1, 0.3)
    bend = generator.normal(0, 0.4, size=(8, 2))
    if mark == "$":
        times = np.linspace(0, 1, 25)
        angles = 1.5 * np.pi * np.interp(times, [0, 0.5, 1], [-0.05, 0.85, 0])
        upper = times < 0.5
        columns = np.where(upper, 1, -1) * 4.5 * np.cos(angles + 0.2)
        rows = -7.5 + 15 * times
        strokes = [np.stack([columns, rows], 1), np.array([[0, -9.5], [0, 9.5]])]
        strokes[0] += np.interp(
            times[:, None].repeat(2, 1), np.linspace(0, 1, 8), bend[:, 0]
        )
        middle = 14.0
    else:
        foot = 4.5 if mark == "," else 0.4
        strokes = [np.array([[0.0, 0.0], [-0.35 * foot, foot]])]
        strokes[0] += bend[:2] / 2
        width += 0.8 if mark == "." else 0.0
        middle = 22.0
    rows, columns = np.mgrid[:SIZE, :SIZE].astype(float)
    pixels = np.zeros((SIZE, SIZE))
    for points in strokes:
        points = size * points
        points = np.stack(
            [14 + points[:, 0] - slant * points[:, 1], middle + points[:, 1]], 1
        )
        distance = _measure_distance(points, columns, rows)
        pixels = np.maximum(pixels, np.clip(width / 2 + 0.5 - distance, 0, 1))
    return np.round(255 * pixels).astype(np.uint8)


def _measure_distance(points, columns, rows):
    """Measure each pixel's distance from a line through points."""
    nearest = np.full(columns.shape, np.inf)
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        dx, dy = x1 - x0, y1 - y0
        along = ((columns - x0) * dx + (rows - y0) * dy) / max(dx * dx + dy * dy, 1e-9)
        along = along.clip(0, 1)
        away = np.hypot(columns - x0 - along * dx, rows - y0 - along * dy)
        nearest = np.minimum(nearest, away)
    return nearest
