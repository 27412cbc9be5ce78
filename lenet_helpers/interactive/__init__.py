"""Figures to touch: live in JupyterLab, and in the built page without a kernel."""

from lenet_helpers.interactive.amount_pad import AmountPad
from lenet_helpers.interactive.codebook import Codebook
from lenet_helpers.interactive.connection_table import ConnectionTable
from lenet_helpers.interactive.convolution_explorer import ConvolutionExplorer
from lenet_helpers.interactive.criteria_replay import CriteriaReplay
from lenet_helpers.interactive.cut_yourself import CutYourself
from lenet_helpers.interactive.descent import Descent
from lenet_helpers.interactive.digit_pad import DigitPad
from lenet_helpers.interactive.figure import InteractiveFigure
from lenet_helpers.interactive.training_replay import TrainingReplay
from lenet_helpers.interactive.training_room import TrainingRoom
from lenet_helpers.interactive.wide_input import WideInput

__all__ = [
    "AmountPad",
    "Codebook",
    "ConnectionTable",
    "ConvolutionExplorer",
    "CriteriaReplay",
    "CutYourself",
    "Descent",
    "DigitPad",
    "InteractiveFigure",
    "TrainingReplay",
    "TrainingRoom",
    "WideInput",
]
