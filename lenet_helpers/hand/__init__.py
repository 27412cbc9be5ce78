"""Handwriting on paper or on a pad, as digits in MNIST's form."""

from lenet_helpers.hand.boxes import read_sheet
from lenet_helpers.hand.digits import Hand, load, read_strokes
from lenet_helpers.hand.photo import read_photo
from lenet_helpers.hand.sheet import draw_sheet, save_sheet

__all__ = [
    "Hand",
    "draw_sheet",
    "load",
    "read_photo",
    "read_sheet",
    "read_strokes",
    "save_sheet",
]
