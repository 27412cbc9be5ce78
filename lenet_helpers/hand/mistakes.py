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
    filled = np.zeros_like(images)
    for image, whole in zip(images, filled, strict=True):
        if image.any():
            crop = crop_ink(image)
            small = np.floor(shrink_ink(crop, 28 / max(crop.shape)) + 0.5 + TIE)
            height, width = small.shape
            top, left = (28 - height) // 2, (28 - width) // 2
            whole[top : top + height, left : left + width] = small
    return filled


def put_in_corner(images: np.ndarray) -> np.ndarray:
    """Centre none: each stands where it was cut out, at the top left."""
    return _move(images, lambda height, width: (0, 0))


def center_boxes(images: np.ndarray) -> np.ndarray:
    """Centre the boxes around the ink, instead of its mass."""
    return _move(images, lambda height, width: ((28 - height) // 2, (28 - width) // 2))


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


def _move(images, choose):
    """Move each digit's ink to the row and column chosen for its height and width."""
    moved = np.zeros_like(images)
    for image, field in zip(images, moved, strict=True):
        if image.any():
            crop = crop_ink(image)
            height, width = crop.shape
            top, left = choose(height, width)
            field[top : top + height, left : left + width] = crop
    return moved
