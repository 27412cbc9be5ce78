"""Pages of digits and files of photographs, beside what `hand.camera` takes."""

import io

import numpy as np
from PIL import Image
from skimage.transform import resize

from lenet_helpers.hand.camera import (
    PER_MM,
    find_origin,
    photograph,
    print_sheet,
    to_bytes,
    write,
)

__all__ = [
    "PER_MM",
    "compress",
    "find_origin",
    "lay_out",
    "photograph",
    "print_sheet",
    "rule",
    "to_bytes",
    "write",
]


def compress(photo, *, quality=60, **options):
    """Save a photograph as JPEG: bytes."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(photo)).save(
        file, "JPEG", quality=quality, **options
    )
    return file.getvalue()


def lay_out(images, *, columns, pitch=60, height=40, darkness=0.8):
    """Write digits in rows on white paper: array, (H, W) float.

    Parameters
    ----------
    images : array, (N, 28, 28) uint8
    columns : int
        Digits a row.
    pitch, height : int
        Pixels from digit to digit, and of a field of 20 pixels.
    darkness : float
        Of the ink.
    """
    rows = -(-len(images) // columns)
    page = np.ones(((rows + 1) * pitch, (columns + 1) * pitch))
    side = round(height * 28 / 20)
    for number, image in enumerate(images):
        row, column = divmod(number, columns)
        y, x = (pitch * (place + 1) - side // 2 for place in (row, column))
        ink = resize(image / 255, (side, side), order=1)
        part = page[y : y + side, x : x + side]
        np.minimum(part, 1 - darkness * np.clip(2 * ink - 0.5, 0, 1), out=part)
    return page


def rule(page, *, every, darkness=0.2, squared=True, width=1):
    """Draw the lines of squared or ruled paper over a page's writing."""
    page = page.copy()
    for offset in range(width):
        page[every // 3 + offset :: every] -= darkness
        if squared:
            page[:, every // 4 + offset :: every] -= darkness
    return np.clip(page, 0.05, 1)
