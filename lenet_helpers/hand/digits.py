"""Digits that somebody wrote, and those drawn on a pad, in MNIST's form."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lenet_helpers.drawing import center_ink, draw_ink


@dataclass(frozen=True)
class Hand:
    """Digits that somebody wrote, in MNIST's form.

    Attributes
    ----------
    images : array, (N, 28, 28) uint8
        0 is background, 255 ink.
    labels : array, (N,) int64
        The digit that was to be written; -1 where that is unknown.
    boxes : array, (N, 4, 2) float
        The corners of each digit's box in the upright picture, x and y in pixels of the
        file, clockwise from the digit's top left; all 0 for digits of a pad.
    left_out : tuple of str
        What was not taken as a digit, and why.
    steps : dict of array
        A picture of each step, (H, W) uint8, by its name; empty for digits of a pad.
    """

    images: np.ndarray
    labels: np.ndarray
    boxes: np.ndarray
    left_out: tuple[str, ...] = ()
    steps: dict[str, np.ndarray] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Count the digits."""
        return len(self.images)

    def save(self, path: str | os.PathLike) -> None:
        """Write images, labels and boxes to a file that `load` reads (.npz)."""
        with Path(path).open("wb") as file:
            np.savez(
                file,
                images=self.images,
                labels=self.labels.astype(np.int64),
                boxes=self.boxes.astype(np.float64),
            )


def load(path: str | os.PathLike) -> Hand:
    """Read digits that `Hand.save` wrote, or the figure "Your hand" in a browser.

    Parameters
    ----------
    path : path of an .npz file

    Returns
    -------
    Hand

    Raises
    ------
    ValueError : the file is of another kind, or what it holds is no hand.
    """
    name = Path(path).name
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in ("images", "labels", "boxes")}
    except FileNotFoundError:
        raise
    except Exception as error:  # a zip file fails in many ways
        raise ValueError(
            f"{name} holds no hand ({error}): it is cut off, or of another kind. "
            "Export it again."
        ) from error
    images, labels, boxes = arrays.values()
    number = len(images) if images.ndim else 0
    wanted = {
        "images": (images, (number, 28, 28), "u1"),
        "labels": (labels, (number,), "i8"),
        "boxes": (boxes, (number, 4, 2), "f8"),
    }
    for key, (array, shape, dtype) in wanted.items():
        if array.shape != shape or array.dtype.str[1:] != dtype:
            raise ValueError(
                f"{name} holds no hand: `{key}` needs shape {shape} and dtype "
                f"{np.dtype(dtype)}, got {array.shape} of {array.dtype}."
            )
    if number and not (labels.min() >= -1 and labels.max() <= 9):
        raise ValueError(
            f"{name} holds no hand: labels are digits, or -1; got "
            f"{labels.min()} to {labels.max()}."
        )
    return Hand(images, labels, boxes)


def read_strokes(drawings: Sequence, labels: Sequence[int] | None = None) -> Hand:
    """Read digits drawn on a pad.

    Parameters
    ----------
    drawings : sequence of list of list of float
        A drawing a digit: its strokes, as in `lenet_helpers.drawing`.
    labels : sequence of int, optional

    Returns
    -------
    Hand
        In order, without what is empty, which is in ``left_out``.

    Raises
    ------
    ValueError : another number of labels than of drawings, or none holds ink.
    """
    if labels is None:
        labels = [-1] * len(drawings)
    if len(labels) != len(drawings):
        raise ValueError(
            f"`labels` needs one for each of the {len(drawings)} drawings, got "
            f"{len(labels)}."
        )
    images = [center_ink(draw_ink(drawing)) for drawing in drawings]
    drawn = [number for number, image in enumerate(images) if image.any()]
    if not drawn:
        raise ValueError(f"None of the {len(drawings)} drawings holds ink.")
    empty = sorted(set(range(len(images))) - set(drawn))
    return Hand(
        np.stack([images[number] for number in drawn]),
        np.array([labels[number] for number in drawn], np.int64),
        np.zeros((len(drawn), 4, 2)),
        tuple(f"drawing {number + 1}: empty" for number in empty),
    )


def center_mask(ink: np.ndarray) -> np.ndarray:
    """Bring a digit's pixels, (h, w) bool, into MNIST's form: array, (28, 28) uint8."""
    border = max(ink.shape) // 2  # so that most of it is paper
    return center_ink(np.pad(np.where(ink, np.uint8(255), np.uint8(0)), border))
