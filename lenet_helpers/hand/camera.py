"""A photograph that code takes of a filled sheet, so that a page without one has some.

Paper on a dark table, at an angle, in light that falls off, perhaps with a shadow.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from scipy import ndimage
from skimage.transform import ProjectiveTransform, resize, warp

from lenet_helpers.drawing import crop_ink
from lenet_helpers.hand import sheet

PER_MM = 8


def print_sheet(paper: str = "a4") -> np.ndarray:
    """Print an empty sheet: array, (H, W) float, 0 black to 1 white."""
    figure = sheet.draw_sheet(paper)
    figure.set_dpi(25.4 * PER_MM)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:, :, 0] / 255


def find_origin(paper: str = "a4") -> np.ndarray:
    """Find the first mark on the page: x and y in mm."""
    return (np.array(sheet.PAPERS[paper]) - sheet.FRAME) / 2


def write(
    page: np.ndarray,
    image: np.ndarray,
    box: int,
    *,
    darkness: float = 0.85,
    height: float = 12.0,
    shift: Sequence[float] = (0, 0),
    paper: str = "a4",
) -> None:
    """Write a digit into a box of a page, in place.

    Parameters
    ----------
    page : array, (H, W) float
    image : array, (h, w) uint8
        Its ink, as an image of MNIST's or as `draw_ink` draws it.
    box : int
    darkness : float
        Of the ink.
    height : float
        Of the longer side of its ink, in mm.
    shift : pair of float
        From the box's middle, in mm.
    """
    left, top, right, bottom = sheet.list_boxes()[box]
    ink = crop_ink(image)
    scale = height * PER_MM / max(ink.shape)
    rows, columns = (round(scale * side) for side in ink.shape)
    ink = np.asarray(resize(ink / 255, (rows, columns), order=1))
    middle = np.array([(left + right) / 2, (top + bottom) / 2]) + shift
    middle = (middle + find_origin(paper)) * PER_MM
    x, y = np.floor(middle - np.array([columns, rows]) / 2).astype(int)
    part = page[y : y + rows, x : x + columns]
    np.minimum(part, 1 - darkness * np.clip(2 * ink - 0.5, 0, 1), out=part)


def photograph(
    page: np.ndarray,
    rng: np.random.Generator,
    *,
    size: tuple[int, int] = (2000, 1500),
    angle: float = 20.0,
    turn: int = 0,
    light: float = 0.4,
    shadow: bool = True,
    blur: float = 0.7,
    noise: float = 0.01,
) -> np.ndarray:
    """Photograph a page on a dark table: array, (H, W) uint8.

    Parameters
    ----------
    page : array, (H, W) float
    rng : Generator
    size : pair of int
        Height and width of the photograph.
    angle : float
        Degrees between the camera and the line that stands upright on the page.
    turn : int
        Quarter turns.
    light : float
        The share of its light that the darkest corner lacks.
    shadow : bool
        Whether a hand throws one.
    blur, noise : float
        In pixels, and in parts of white.
    """
    to_page, scale = _look(page.shape, rng, size, angle)
    page = ndimage.gaussian_filter(page, 0.4 / scale)  # so that no detail is skipped
    is_page = warp(np.ones_like(page), to_page, output_shape=size, order=1, cval=0)
    photo = 0.92 * warp(page, to_page, output_shape=size, order=1, cval=0)
    photo = np.asarray(is_page * photo + (1 - is_page) * _draw_table(rng, size))
    rows, columns = np.mgrid[0 : 1 : size[0] * 1j, 0 : 1 : size[1] * 1j]
    way = rng.uniform(0, 2 * np.pi)
    ramp = (rows - 0.5) * np.sin(way) + (columns - 0.5) * np.cos(way) + 0.5
    photo *= 1 - light * np.clip(ramp, 0, 1)
    if shadow:
        center = rng.uniform(0.2, 0.8, 2)
        away = np.hypot(rows - center[0], (columns - center[1]) * 0.8)
        photo *= 1 - 0.35 * np.clip((0.29 - away) / 0.02, 0, 1)
    photo = ndimage.gaussian_filter(photo, blur)
    photo += noise * rng.standard_normal(size)
    return np.rot90(to_bytes(photo), turn)


def _look(shape, rng, size, angle):
    """Place the camera: the map from the photograph to the page, and its scale."""
    height, width = shape
    middle = np.array([width, height]) / 2
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)]) - middle
    tilt = np.deg2rad(angle)
    toward = rng.uniform(0, 2 * np.pi)  # the page sinks in this direction
    along, across = _turn(corners, -toward).T
    distance = 1.8 * height
    nearer = distance / (distance + along * np.sin(tilt))
    seen = np.stack([along * np.cos(tilt), across], 1) * nearer[:, None]
    seen = _turn(_turn(seen, toward), np.deg2rad(rng.uniform(-8, 8)))
    least, most = seen.min(0), seen.max(0)
    scale = (0.94 * np.array(size[::-1]) / (most - least)).min()
    seen = (seen - (least + most) / 2) * scale + np.array(size[::-1]) / 2
    return ProjectiveTransform.from_estimate(seen, corners + middle), scale


def _draw_table(rng, size):
    """Draw a dark table with a grain: array, (H, W) float."""
    coarse = rng.standard_normal([side // 16 for side in size])
    grain = ndimage.zoom(coarse, np.divide(size, coarse.shape), order=1)
    return np.clip(0.25 + 0.1 * np.asarray(grain)[: size[0], : size[1]], 0.05, 0.6)


def to_bytes(page: np.ndarray) -> np.ndarray:
    """Make a scan of a page: array, (H, W) uint8."""
    return np.floor(255 * np.clip(page, 0, 1) + 0.5).astype(np.uint8)


def _turn(points, angle):
    """Turn points, (n, 2), around the origin."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return points @ np.array([[cosine, sine], [-sine, cosine]])
