"""Figures to touch: live in JupyterLab, and in the built page without a kernel."""

import importlib
from typing import TYPE_CHECKING

from lenet_helpers.interactive.codebook import Codebook
from lenet_helpers.interactive.connection_table import ConnectionTable
from lenet_helpers.interactive.convolution_explorer import ConvolutionExplorer
from lenet_helpers.interactive.descent import Descent
from lenet_helpers.interactive.digit_pad import DigitPad
from lenet_helpers.interactive.figure import InteractiveFigure
from lenet_helpers.interactive.training_replay import TrainingReplay
from lenet_helpers.interactive.training_room import TrainingRoom
from lenet_helpers.interactive.wide_input import WideInput

if TYPE_CHECKING:
    from lenet_helpers.interactive.amount_pad import AmountPad
    from lenet_helpers.interactive.criteria_replay import CriteriaReplay
    from lenet_helpers.interactive.cut_yourself import CutYourself
    from lenet_helpers.interactive.fool_it import FoolIt
    from lenet_helpers.interactive.lesion import Lesion
    from lenet_helpers.interactive.your_hand import YourHand

__all__ = [
    "AmountPad",
    "Codebook",
    "ConnectionTable",
    "ConvolutionExplorer",
    "CriteriaReplay",
    "CutYourself",
    "Descent",
    "DigitPad",
    "FoolIt",
    "InteractiveFigure",
    "Lesion",
    "TrainingReplay",
    "TrainingRoom",
    "WideInput",
    "YourHand",
]

# These read graphs, for which Numba is loaded, or pictures, for which much of SciPy is;
# no other figure should wait for that. Or they belong to one chapter alone.
LATER = {
    "AmountPad": "amount_pad",
    "CriteriaReplay": "criteria_replay",
    "CutYourself": "cut_yourself",
    "FoolIt": "fool_it",
    "Lesion": "lesion",
    "YourHand": "your_hand",
}


def __getattr__(name):
    if name not in LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{LATER[name]}"), name)
