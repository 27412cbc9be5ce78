"""What goes wrong when digits are prepared for a network, done on purpose.

Each function takes digits in MNIST's form, array (N, 28, 28) uint8, and returns what
somebody's preparation without that step would have made of them. The page does the same
(`web/engine/hand/mistakes.mjs`).
"""

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from lenet_helpers.drawing import TIE, crop_ink, shrink_ink

CROSS = ndimage.generate_binary_structure(2, 1)[None]  # a pixel and its four neighbours


def invert(images: np.ndarray) -> np.ndarray:
    """Leave them dark on light, as they stood on the paper."""
    return 255 - images


def fill_field(images: np.ndarray) -> np.ndarray:
    """Scale each to all 28 pixels instead of 20, so that no border is left."""
    return _place(images, _center, lambda crop: shrink_ink(crop, 28 / max(crop.shape)))


def put_in_corner(images: np.ndarray) -> np.ndarray:
    """Centre none: each stands where it was cut out, at the top left."""
    return _place(images, lambda extent: 0)


def center_boxes(images: np.ndarray) -> np.ndarray:
    """Centre the boxes around the ink, instead of its mass."""
    return _place(images, _center)


def harden(images: np.ndarray) -> np.ndarray:
    """Leave black and white alone, without the grey of edges."""
    return np.where(images >= 128, np.uint8(255), np.uint8(0))


def thin(images: np.ndarray) -> np.ndarray:
    """Write with too thin a pen: each pixel becomes the least of it and its four."""
    return ndimage.grey_erosion(images, footprint=CROSS, mode="constant")


def thicken(images: np.ndarray) -> np.ndarray:
    """Write with too thick a pen: each pixel becomes the largest of it and its four."""
    return ndimage.grey_dilation(images, footprint=CROSS, mode="constant")


MISTAKES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "dark on light": invert,
    "no border": fill_field,
    "not centred": put_in_corner,
    "box centred, not mass": center_boxes,
    "no grey": harden,
    "pen too thin": thin,
    "pen too thick": thicken,
}


def _center(extent):
    return (28 - extent) // 2


def _place(images, choose, change=lambda crop: crop):
    """Cut each digit out, change it, and begin where is chosen for its extent."""
    placed = np.zeros_like(images)
    for image, field in zip(images, placed, strict=True):
        if image.any():
            crop = np.floor(change(crop_ink(image)) + 0.5 + TIE)
            height, width = crop.shape
            top, left = choose(height), choose(width)
            field[top : top + height, left : left + width] = crop
    return placed
