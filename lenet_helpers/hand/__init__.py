"""Handwriting on paper or on a pad, as digits in MNIST's form."""

from lenet_helpers.hand.boxes import read_sheet
from lenet_helpers.hand.digits import Hand, load, read_strokes
from lenet_helpers.hand.mistakes import MISTAKES
from lenet_helpers.hand.passport import Passport, classify, write_passport
from lenet_helpers.hand.photo import read_photo
from lenet_helpers.hand.sample import write_sample
from lenet_helpers.hand.sheet import SheetLinks, draw_sheet, save_sheet

__all__ = [
    "MISTAKES",
    "Hand",
    "Passport",
    "SheetLinks",
    "classify",
    "draw_sheet",
    "load",
    "read_photo",
    "read_sheet",
    "read_strokes",
    "save_sheet",
    "write_passport",
    "write_sample",
]
