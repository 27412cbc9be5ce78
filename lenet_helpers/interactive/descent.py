"""Gradient descent with one weight: the reader sets the rate, and steps."""

import matplotlib.pyplot as plt
import numpy as np
import traitlets

from lenet_helpers import plots
from lenet_helpers.interactive.figure import InteractiveFigure

START = 0.0  # the weight before any step
MINIMUM = 1.6  # the weight with the smallest loss
LIMIT = 1000  # a weight of a larger size is lost: no step follows
STILL_RATES = {0.1: "small", 0.4: "right", 0.7: "large", 0.9: "too large"}
STILL_STEPS = 3


def compute_loss(weight):
    """Compute the loss over (1, 2) and (2, 3): half of the mean squared error.

    Parameters
    ----------
    weight : float, or array of any shape

    Returns
    -------
    float, or array of that shape
    """
    return ((weight - 2) ** 2 + (2 * weight - 3) ** 2) / 4


def compute_slope(weight):
    """Compute the slope of the loss.

    Parameters
    ----------
    weight : float, or array of any shape

    Returns
    -------
    float, or array of that shape
    """
    return (5 * weight - 8) / 2


def take_steps(weights, rate, count):
    """Take some steps more, fewer where the weight gets lost.

    Parameters
    ----------
    weights : list of float
        The first one, and the one after each step.
    rate : float
        The learning rate.
    count : int
        How many steps.

    Returns
    -------
    list of float
        All weights.
    """
    weights = list(weights)
    for _ in range(count):
        if abs(weights[-1]) > LIMIT:
            break
        weights.append(weights[-1] - rate * compute_slope(weights[-1]))
    return weights


class Descent(InteractiveFigure, module="descent.mjs"):
    """One weight that learns two examples, step by step.

    The examples are x = 1 with target 2 and x = 2 with target 3; the network multiplies
    x by the weight. Where the weight is larger than 1,000, the figure stops.

    Attributes
    ----------
    rate : float
        The learning rate, from 0.02 to 1.
    history : list of float
        The first weight, and the one after each step.
    weight : float
        The last of them.
    num_steps : int
    """

    linked = ("rate",)
    rate = traitlets.Float(0.1, min=0.02, max=1.0).tag(sync=True)
    history = traitlets.List(traitlets.Float(), [START], minlen=1).tag(sync=True)
    alt = (
        "Four times the loss of one weight, a bowl with its lowest point at 1.6, and "
        "the first three steps from weight 0. At rate 0.1 the steps creep downhill, at "
        "0.4 the first one lands on the lowest point, at 0.7 they jump from one side "
        "to the other and come closer, at 0.9 each lands higher than the one before."
    )

    @property
    def weight(self):
        """Where the weight is now."""
        return self.history[-1]

    @property
    def num_steps(self):
        """How many steps were taken."""
        return len(self.history) - 1

    def draw_still(self):
        """Draw the first steps at four rates; returns the Figure."""
        figure, axes = plt.subplots(
            1, 4, figsize=(plots.WIDTH, 2.4), sharey=True, layout="constrained"
        )
        curve = np.linspace(-1.5, 5, 100)
        for axis, (rate, name) in zip(axes, STILL_RATES.items(), strict=True):
            weights = np.array(take_steps([START], rate, STILL_STEPS))
            axis.plot(curve, compute_loss(curve), color="0.6")
            axis.axvline(MINIMUM, color="0.6", lw=1, ls=":")
            axis.plot(weights, compute_loss(weights), "o-", lw=1.2, ms=5, color="C0")
            axis.plot(START, compute_loss(START), "o", ms=8, mfc="w", mec="C0")
            axis.set_title(f"{rate}: {name}", fontsize=10)
            axis.set(xlabel="weight", xticks=[0, 2, 4])
            axis.set(ylim=(0, 14), yticks=[0, 4, 8, 12])
        axes[0].set_ylabel("loss")
        return figure
