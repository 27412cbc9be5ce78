"""Find the five marks of a sheet in a photograph, and see the sheet straight on."""

from itertools import permutations

import numpy as np
from scipy.spatial import KDTree
from skimage.transform import ProjectiveTransform, warp

from lenet_helpers.hand import sheet
from lenet_helpers.hand.ink import find_parts, measure_darkness

BLACK = 0.4  # darkness of a mark's print, at least
SMALLEST = 20  # pixels of a mark's dot
MOST = 9  # marks at most: more is no sheet
RATIO = (1.5, 4.5)  # of a ring's area to its dot's: 24 modules to 9
CENTERED = 0.12  # how far their centres may be apart, by the ring's size
TOLERANCE = 3.0  # mm, how far the fifth mark may lie from where four put it
SLIM = 0.1  # sine of an angle at a corner of the sheet, as it is seen, at least
SCALE = 6  # pixels per mm of the sheet seen straight on
TIE = 1e-6  # halves are rounded up, whatever the noise of a transform


def find_sheet(grey: np.ndarray) -> ProjectiveTransform:
    """Find where the sheet lies in a photograph, whichever way it was turned.

    Parameters
    ----------
    grey : array, (H, W) uint8

    Returns
    -------
    ProjectiveTransform
        From millimetres of the sheet, x and y, to columns and rows of `grey`.

    Raises
    ------
    ValueError : fewer than five marks are seen, or they do not lie as on a sheet.
    """
    marks = find_marks(grey)
    advice = "Photograph the whole page, flat and sharp, with nothing on its corners."
    if len(marks) < len(sheet.MARKS):
        seen = "none" if len(marks) == 0 else f"only {len(marks)}"
        raise ValueError(
            f"The picture shows {seen} of the sheet's five square marks. {advice}"
        )
    found = _match(marks) if len(marks) <= MOST else None
    if found is None:
        raise ValueError(
            f"The picture shows {len(marks)} square marks, but no five of them lie as "
            f"on one sheet. {advice}"
        )
    return found


def find_marks(grey: np.ndarray) -> np.ndarray:
    """Find all rings with a dot in their middle.

    Parameters
    ----------
    grey : array, (H, W) uint8

    Returns
    -------
    array, (n, 2) float
        Column and row of each dot's centre.
    """
    reach = 2 * (max(grey.shape) // 20) + 1
    parts = find_parts(measure_darkness(grey, reach) > BLACK)
    large = parts.areas >= SMALLEST
    areas, boxes, centers = parts.areas[large], parts.boxes[large], parts.centers[large]
    sizes = (boxes[:, 2:] - boxes[:, :2]).max(1)
    if not len(areas):
        return np.empty((0, 2))
    near = KDTree(centers).query_ball_point(centers, CENTERED * sizes)
    rings = np.repeat(np.arange(len(areas)), [len(some) for some in near])
    dots = np.concatenate(near).astype(int)
    ratios = areas[rings] / areas[dots]
    is_around = (boxes[rings, :2] < boxes[dots, :2]).all(1)
    is_around &= (boxes[rings, 2:] > boxes[dots, 2:]).all(1)
    is_mark = is_around & (ratios > RATIO[0]) & (ratios < RATIO[1])
    return centers[np.unique(dots[is_mark])][:, ::-1]


def _match(marks):
    """Choose the four corners so that another mark lies where the fifth should."""
    corners, fifth = sheet.MARKS[:4], sheet.MARKS[4]
    best, least = None, TOLERANCE
    for four in permutations(range(len(marks)), 4):
        if not _is_seen(marks[list(four)]):
            continue
        there = ProjectiveTransform.from_estimate(corners, marks[list(four)])
        if not isinstance(there, ProjectiveTransform):
            continue
        others = np.delete(marks, four, axis=0)
        gap = np.hypot(*(there.inverse(others) - fifth).T).min()
        if gap < least:
            best, least = there, gap
    return best


def _is_seen(corners):
    """Whether a camera before a sheet can see its corners, (4, 2), at these places.

    It can if they make a convex field, and not too slim a one.
    """
    sides = np.roll(corners, -1, axis=0) - corners
    after = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]
    least = SLIM * np.hypot(*sides.T) * np.hypot(*after.T)
    return bool((turns > least).all() or (turns < -least).all())


def straighten(grey: np.ndarray, transform: ProjectiveTransform) -> np.ndarray:
    """See the sheet straight on, from mark to mark.

    Parameters
    ----------
    grey : array, (H, W) uint8
    transform : ProjectiveTransform
        As `find_sheet` returns it.

    Returns
    -------
    array, (1416, 1056) uint8
        `SCALE` pixels per mm; between the photograph's pixels, linear.
    """
    width, height = (int(SCALE * size) for size in sheet.FRAME)
    to_mm = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, SCALE]]) / SCALE
    seen = warp(
        grey.astype(float),
        ProjectiveTransform(transform.params @ to_mm),
        output_shape=(height, width),
        order=1,
        mode="edge",
        preserve_range=True,
    )
    return np.floor(seen + 0.5 + TIE).astype(np.uint8)
