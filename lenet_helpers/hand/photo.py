"""From a photograph of digits on any paper to the digits, in reading order."""

import numpy as np
from scipy.sparse import csr_array, vstack
from scipy.sparse.csgraph import connected_components

from lenet_helpers.hand.digits import Hand, center_mask
from lenet_helpers.hand.ink import (
    BETWEEN,
    Parts,
    choose_threshold,
    cut_out,
    find_parts,
    make_dark_on_light,
    measure_darkness,
)
from lenet_helpers.hand.pictures import Source, open_picture

WIDEST = 6  # a stroke is narrower than this part of the picture's longer side
RULED = 0.5  # of the picture's height or width: so long is a ruled line, no digit
DUST = 0.12  # of the digits' height: what is smaller in both directions is none
PIECE = 0.5  # of it: a part that is smaller belongs to a digit beside it
NEAR = 0.35  # of it: so near, at most
CLOSE = 0.15  # of it: small pieces so near to each other are of one digit
SAME_COLUMNS, SAME_ROWS = 0.6, 0.5  # parts that share so much are of one digit
MOST = 1000  # digits
WIDE = 2.2  # times the digits' height: so wide is no digit
BAND = 256  # pieces whose gaps to all others are measured at once


def read_photo(photo: Source) -> Hand:
    """Read the digits on plain, ruled or squared paper, or chalk on a board.

    Parameters
    ----------
    photo : path, bytes, file, Image or array
        As `open_picture` takes it. The digits stand upright and apart from each other,
        all of about one size.

    Returns
    -------
    Hand
        In reading order; every label is -1. What was seen and is no digit is in
        ``left_out``. Steps: photograph, darkness, ink.

    Raises
    ------
    ValueError : the picture cannot be read (`open_picture`), or shows no digits apart
        from each other.
    """
    grey, reduction = open_picture(photo)
    grey = make_dark_on_light(grey)
    darkness = measure_darkness(grey, 2 * (max(grey.shape) // WIDEST // 2) + 1)
    parts = _find_writing(darkness)
    groups, left_out = _group(parts, grey.shape)
    if not groups:
        raise ValueError(_explain(left_out))
    images, boxes = [], []
    for group in _order(parts, groups):
        images.append(center_mask(cut_out(parts, group)))
        top, left = parts.boxes[group, :2].min(0)
        bottom, right = parts.boxes[group, 2:].max(0)
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        boxes.append(reduction * np.array(corners, float))
    return Hand(
        np.stack(images),
        np.full(len(images), -1, np.int64),
        np.stack(boxes),
        tuple(left_out),
        {
            "photograph": grey,
            "darkness": np.floor(255 * darkness + 0.5).astype(np.uint8),
            "ink": np.where(parts.numbers > 0, np.uint8(255), np.uint8(0)),
        },
    )


def _find_writing(darkness):
    """Find the parts that are darker than the lines of ruled or squared paper.

    Raises
    ------
    ValueError : nothing is dark, or lines are as dark as the writing.
    """
    threshold = choose_threshold(darkness)
    if threshold is None:
        raise ValueError(
            "The picture shows no writing: nothing on it is darker than what is around."
        )
    while True:
        parts = find_parts(darkness > threshold)
        extents = parts.boxes[:, 2:] - parts.boxes[:, :2]
        squared = (extents > RULED * np.array(darkness.shape)).all(1)
        if not (squared & (extents.min(1) > 0)).any():
            return parts
        higher = choose_threshold(np.where(darkness > threshold, darkness, 0))
        if higher is None or higher <= threshold or threshold >= BETWEEN[1]:
            raise ValueError(
                "Dark lines run through the whole picture, so no digit stands apart: "
                "the paper's squares, or the table around it. Write with a darker pen, "
                "and photograph nothing but the paper."
            )
        threshold = higher


def _group(parts: Parts, shape):
    """Put together the parts of each digit.

    Returns
    -------
    groups : list of array of int
        Numbers of parts, from 0.
    left_out : list of str

    Raises
    ------
    ValueError : more than `MOST` digits.
    """
    top, left, bottom, right = parts.boxes.T
    heights, widths = bottom - top, right - left
    ruled = (heights > RULED * shape[0]) & (widths < 0.1 * heights)
    ruled |= (widths > RULED * shape[1]) & (heights < 0.1 * widths)
    cut = (top == 0) | (left == 0) | (bottom == shape[0]) | (right == shape[1])
    left_out = []
    usable = ~ruled & ~cut
    if not usable.any():
        return [], _name_rest(ruled, cut, 0)
    size = _judge_size(heights[usable], parts.areas[usable])
    large = np.flatnonzero(usable & (heights >= PIECE * size))
    small = usable & (heights < PIECE * size)
    small &= np.maximum(heights, widths) >= DUST * size
    wide = large[widths[large] > WIDE * np.maximum(heights[large], size)]
    large = np.setdiff1d(large, wide)
    if len(large) > MOST:
        raise ValueError(
            f"The picture shows {len(large)} marks that could be digits, more than "
            f"{MOST}: photograph fewer, larger, and nothing but the paper."
        )
    groups = _join(parts.boxes, large)
    lost = 0
    for pieces in _link(parts.boxes, np.flatnonzero(small), CLOSE * size):
        some = parts.boxes[pieces]
        gaps = [_measure_gaps(some, parts.boxes[group]).min() for group in groups]
        if some[:, 2].max() - some[:, 0].min() >= PIECE * size:
            groups.append(pieces)
        elif gaps and min(gaps) < NEAR * size:
            nearest = int(np.argmin(gaps))
            groups[nearest] = np.append(groups[nearest], pieces)
        else:
            lost += len(pieces)
    left_out += _name_rest(ruled, cut & (parts.areas > 4), lost, len(wide))
    return groups, left_out


def _judge_size(heights, areas):
    """Judge how high the digits are: as high as half of all ink stands."""
    order = np.argsort(heights, kind="stable")
    ink = np.cumsum(areas[order])
    return float(heights[order][np.searchsorted(ink, ink[-1] / 2)])


def _join(boxes, large):
    """Join the large parts that lie above or within each other."""
    groups = []
    for part in large[np.argsort(boxes[large, 1], kind="stable")]:
        for number, group in enumerate(groups):
            if any(_overlap(boxes[part], boxes[other]) for other in group):
                groups[number] = np.append(group, part)
                break
        else:
            groups.append(np.array([part]))
    return groups


def _overlap(one, other):
    """Whether two boxes share so much that they hold one digit."""
    shared = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    sizes = np.minimum(one[2:] - one[:2], other[2:] - other[:2])
    return bool((shared > sizes * [SAME_ROWS, SAME_COLUMNS]).all())


def _link(boxes, pieces, reach):
    """Group pieces from which one comes to the others by steps below `reach`."""
    if not len(pieces):
        return []
    near = [  # a table of all gaps at once would fill the memory
        csr_array(_measure_gaps(boxes[some], boxes[pieces]) < reach)
        for some in np.array_split(pieces, -(-len(pieces) // BAND))
    ]
    number, groups = connected_components(vstack(near), directed=False)
    return [pieces[groups == group] for group in range(number)]


def _measure_gaps(some, others):
    """Measure the pixels between boxes and others: (n, 4), (k, 4) to (n, k)."""
    apart = np.maximum(
        others[:, :2] - some[:, None, 2:], some[:, None, :2] - others[:, 2:]
    )
    return np.hypot(*np.moveaxis(np.maximum(apart, 0), 2, 0))


def _order(parts, groups):
    """Order digits as one reads: rows from above, each from the left.

    A row may run aslant, so each digit is put behind the one to its left whose height
    it shares, if it shares half of it.
    """
    tops = np.array([parts.boxes[group, 0].min() for group in groups])
    bottoms = np.array([parts.boxes[group, 2].max() for group in groups])
    lefts = np.array([parts.boxes[group, 1].min() for group in groups])
    rows = []
    for digit in np.argsort(lefts, kind="stable"):
        best, most = None, 0.5
        for row in rows:
            last = row[-1]
            shared = min(bottoms[digit], bottoms[last]) - max(tops[digit], tops[last])
            height = min(bottoms[digit] - tops[digit], bottoms[last] - tops[last])
            if shared / height > most:
                best, most = row, shared / height
        if best is None:
            rows.append([digit])
        else:
            best.append(digit)
    rows.sort(key=lambda row: np.mean(tops[row] + bottoms[row]))
    return [groups[digit] for row in rows for digit in row]


def _name_rest(ruled, cut, lost, wide=0):
    """Say what was seen and is no digit."""
    counted = [
        (int((ruled & ~cut).sum()), "long thin lines, as on ruled paper"),
        (int(cut.sum()), "parts that the picture's edge cuts off"),
        (lost, "small pieces with no digit near them"),
        (wide, "strokes wider than any digit"),
    ]
    return [f"{number} {what}" for number, what in counted if number]


def _explain(left_out):
    seen = f" Seen and left out: {'; '.join(left_out)}." if left_out else ""
    return (
        f"The picture shows no digit that stands apart.{seen} Leave paper around the "
        "digits, and gaps between them."
    )
