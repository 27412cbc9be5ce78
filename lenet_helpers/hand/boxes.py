"""From a photograph of a filled sheet to its digits and their labels."""

import numpy as np

from lenet_helpers.hand import sheet
from lenet_helpers.hand.digits import Hand, center_mask
from lenet_helpers.hand.ink import (
    Parts,
    choose_threshold,
    cut_out,
    find_parts,
    measure_darkness,
)
from lenet_helpers.hand.marks import SCALE, find_sheet, straighten
from lenet_helpers.hand.pictures import Source, open_picture

REACH = 8 * SCALE + 1  # pixels: 8 mm, wider than any pen's stroke
DUST = 12  # pixels of a part of a box, 0.33 mm2: less is no ink
EMPTY = 36  # pixels of a box, 1 mm2: less is no digit
ON_LINE = 0.5  # mm from a box's line: what lies there is the line
CROSSES = 0.25  # of a part's ink: so much outside its box is of two digits
GAP = 5  # empty columns, 0.8 mm, between two digits in a box
TALL = 0.45  # of a box's ink in height: so much has a digit at least
MANY = 3  # boxes that one part of ink may reach into
WIDE = 2.2  # times its height: so wide is no digit


def read_sheet(photo: Source) -> Hand:
    """Read the digits of a filled sheet in a photograph or a scan of it.

    Parameters
    ----------
    photo : path, bytes, file, Image or array
        As `open_picture` takes it; the sheet may be turned, at an angle, in uneven
        light.

    Returns
    -------
    Hand
        Row by row, with labels. Boxes that are empty, or that hold no one digit, are in
        ``left_out``. Steps: photograph, straightened, ink.

    Raises
    ------
    ValueError : the picture cannot be read (`open_picture`), shows no whole sheet, or a
        sheet without digits.
    """
    grey, reduction = open_picture(photo)
    grey, transform = _find_in_either(grey)
    seen = straighten(grey, transform)
    darkness = measure_darkness(seen, REACH)
    cells = _find_cells(seen.shape)
    parts = find_parts(darkness > _choose_thresholds(darkness)[cells])
    owners, left_out = _assign(parts, cells)
    images, boxes, labels = [], [], []
    corners = sheet.list_boxes()[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
    for box in range(sheet.ROWS * sheet.COLUMNS):
        own = np.flatnonzero(owners == box)
        ink = cut_out(parts, own) if len(own) else np.zeros((1, 1), bool)
        reason = left_out.get(box) or _find_fault(ink)
        if reason:
            left_out[box] = reason
            continue
        images.append(center_mask(ink))
        labels.append(box // sheet.COLUMNS)
        boxes.append((transform(corners[box]) + 0.5) * reduction)
    if not images:
        raise ValueError(
            "The sheet is there, but none of its boxes holds a digit: "
            f"{_name_box(0)}: {left_out[0]}."
        )
    return Hand(
        np.stack(images),
        np.array(labels, np.int64),
        np.stack(boxes),
        tuple(f"{_name_box(box)}: {left_out[box]}" for box in sorted(left_out)),
        {
            "photograph": grey,
            "straightened": seen,
            "ink": np.where(parts.numbers > 0, np.uint8(255), np.uint8(0)),
        },
    )


def _find_in_either(grey):
    """Find the sheet in a picture or in its negative: which, and the transform.

    The marks say which it is. A shadow, or a dark table around the paper, says nothing.
    """
    try:
        return grey, find_sheet(grey)
    except ValueError as refused:
        try:
            return 255 - grey, find_sheet(255 - grey)
        except ValueError:
            raise refused from None


def _name_box(box):
    row, column = divmod(box, sheet.COLUMNS)
    return f"the {row}s, box {column + 1}"


def _choose_thresholds(darkness):
    """Choose from which darkness on there is ink in each box: array, (101,) float.

    The sheet's own threshold, or a box's where it is lower, for another pen. The last
    is that of what is outside, where nothing is ink.
    """
    boxes = _in_pixels(sheet.list_boxes(), -1)  # away from their lines
    insides = [darkness[top:bottom, left:right] for left, top, right, bottom in boxes]
    common = choose_threshold(np.stack(insides))
    own = [choose_threshold(inside) for inside in insides]
    if common is None:
        return np.ones(len(boxes) + 1)
    chosen = [common if some is None else min(some, common) for some in own]
    return np.array([*chosen, 1])


def _in_pixels(boxes, margin):
    """Widen boxes in mm by a margin in mm, and give them in whole pixels."""
    wider = boxes + margin * np.array([-1, -1, 1, 1])
    return np.floor(wider * SCALE + 0.5).astype(int)


def _find_lines(shape):
    """Mark the pixels on or beside a box's line: array, (H, W) bool."""
    lines = np.zeros(shape, bool)
    boxes = sheet.list_boxes()
    for left, top, right, bottom in _in_pixels(boxes, ON_LINE):
        lines[top:bottom, left:right] = True
    for left, top, right, bottom in _in_pixels(boxes, -ON_LINE):
        lines[top:bottom, left:right] = False
    return lines


def _find_cells(shape):
    """Give each pixel the number of the nearest box: array, (H, W) int; -1 outside."""
    numbers = []
    for axis, most in enumerate((sheet.COLUMNS, sheet.ROWS)):  # x, y
        place = (np.arange(shape[1 - axis]) + 0.5) / SCALE
        gap = sheet.PITCH[axis] - sheet.BOX[axis]
        number = (place - sheet.FIRST[axis] + gap / 2) // sheet.PITCH[axis]
        is_box = (number >= 0) & (number < most)
        numbers.append(np.where(is_box, number, -1).astype(int))
    columns, rows = numbers
    cells = sheet.COLUMNS * rows[:, None] + columns
    return np.where((rows[:, None] < 0) | (columns < 0), -1, cells)


def _assign(parts: Parts, cells):
    """Give each part of the ink to the box that holds most of it.

    Parameters
    ----------
    parts : Parts
    cells : array, (H, W) int

    Returns
    -------
    owners : array, (n,) int
        The box of each part; -1 of what is no writing.
    faults : dict of str
        By box: parts that belong to two.

    Raises
    ------
    ValueError : the boxes' lines are as dark as ink.
    """
    lines = _find_lines(cells.shape)
    owners, faults = np.full(len(parts.areas), -1), {}
    for number, (area, (top, left, bottom, right)) in enumerate(
        zip(parts.areas, parts.boxes, strict=True)
    ):
        window = np.s_[top:bottom, left:right]
        own = parts.numbers[window] == number + 1
        within = cells[window][own]
        counts = np.bincount(within[within >= 0], minlength=1)
        if area < DUST or 2 * counts.sum() < area or lines[window][own].mean() > 0.8:
            continue
        reached = np.flatnonzero(counts >= DUST)
        if len(reached) > MANY:
            raise ValueError(
                f"On the sheet, ink is connected through {len(reached)} boxes: their "
                "lines are as dark as the writing. Print the sheet as it is, with grey "
                "lines, and write with a darker pen."
            )
        owners[number] = counts.argmax()
        for box in reached[counts[reached] > CROSSES * area]:
            if counts.max() < (1 - CROSSES) * area:
                faults[int(box)] = "ink runs from one box into the next"
    return owners, faults


def _find_fault(ink):
    """Say why a box's ink, (H, W) bool, is not one digit; None where it is."""
    if ink.sum() < EMPTY:
        return "empty"
    columns = np.flatnonzero(ink.any(0))
    ends = np.flatnonzero(np.diff(columns) > GAP)
    starts = np.concatenate([[0], ends + 1])
    ends = np.concatenate([ends, [len(columns) - 1]])
    tall = 0
    for start, end in zip(columns[starts], columns[ends], strict=True):
        rows = np.flatnonzero(ink[:, start : end + 1].any(1))
        tall += (rows[-1] - rows[0] + 1) > TALL * ink.shape[0]
    if tall > 1:
        return f"{tall} digits"
    if ink.shape[1] > WIDE * ink.shape[0]:
        return "a stroke wider than any digit"
    return None
