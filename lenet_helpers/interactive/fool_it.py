"""Fool it: a digit is changed as little as it takes for a network to misread it."""

import matplotlib.pyplot as plt
import numpy as np
import torch
import traitlets
from torch import Tensor

from lenet_helpers import plots, trained
from lenet_helpers.data import MNIST
from lenet_helpers.interactive.figure import InteractiveFigure
from lenet_helpers.looking.attacks import (
    climb,
    draw_noise,
    measure_lead,
    read_pixels,
    step_once,
)

NETWORKS = ("lenet5", "modern")
NORMS = {"step": "linf", "steps": "linf", "steps-l2": "l2"}  # by method
LARGEST = (0.5, 5.0)  # sizes, by "linf" and by "l2"
SEED = 0  # of the noise
OPENING = 7  # the digit that the figure opens with


class FoolIt(InteractiveFigure, module="fool-it.mjs"):
    """A digit, changed along the gradient of a network until it is misread.

    Parameters
    ----------
    mnist : MNIST
        The digits to choose from are of its test set: the first of each class that both
        networks read rightly.

    Attributes
    ----------
    network : {"lenet5", "modern"}
        The one whose gradient is used; the other is shown the same picture.
    digit : int
        Which digit is changed, 0 to 9.
    target : int, optional
        What it is to be read as; None is any other digit.
    method : {"step", "steps", "steps-l2"}
        One step along the sign of the gradient, or twenty steps, after each of which
        the change is brought back to what is allowed: of each pixel, or (L2) of the
        root of all pixels' squares.
    sizes : list of float
        The largest change of a pixel, a share of the ink range, 0 to 0.5; the largest
        L2 norm, 0 to 5.
    is_noise : bool
        Noise of the same size instead.

    Raises
    ------
    ValueError : one of them is set to what is not there.
    """

    linked = ("network", "digit", "target", "method", "sizes", "is_noise")
    networks = traitlets.List().tag(sync=True)
    digits = traitlets.Bytes().tag(sync=True)
    noise = traitlets.Bytes().tag(sync=True)
    largest = traitlets.List(traitlets.Float(), list(LARGEST)).tag(sync=True)
    network = traitlets.Unicode("lenet5").tag(sync=True)
    digit = traitlets.Int(OPENING).tag(sync=True)
    target = traitlets.Int(None, allow_none=True).tag(sync=True)
    method = traitlets.Unicode("steps").tag(sync=True)
    sizes = traitlets.List(traitlets.Float(), [0.1, 1.5]).tag(sync=True)
    is_noise = traitlets.Bool(False).tag(sync=True)

    def __init__(self, mnist: MNIST):
        self._networks = {name: _load(name) for name in NETWORKS}
        self._images = self._choose(mnist)
        noise = torch.randn(784, generator=torch.Generator().manual_seed(SEED))
        super().__init__(
            networks=[trained.describe_network(name) for name in NETWORKS],
            digits=self._images.numpy().tobytes(),
            noise=noise.numpy().tobytes(),
        )
        self.alt = self._describe_still()

    def _choose(self, mnist):
        """Choose ten digits, (10, 1, 28, 28) uint8."""
        some = slice(0, 1000)
        labels, pixels = mnist.test_labels[some], mnist.test_images[some]
        is_right = torch.ones(len(labels), dtype=torch.bool)
        for network in self._networks.values():
            is_right &= network.classify(network.prepare(pixels)) == labels
        chosen = [
            ((labels == label) & is_right).nonzero()[0].item() for label in range(10)
        ]
        return pixels[chosen]

    @traitlets.validate("network", "digit", "target", "method", "sizes")
    def _check(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        allowed = {
            "network": NETWORKS,
            "digit": range(10),
            "target": (None, *range(10)),
            "method": tuple(NORMS),
        }
        if name == "sizes":
            is_right = len(value) == len(LARGEST) and all(
                0 <= one <= most for one, most in zip(value, LARGEST, strict=True)
            )
            text = f"two numbers, from 0 to {LARGEST[0]} and to {LARGEST[1]}"
        else:
            is_right = value in allowed[name]
            text = f"one of {', '.join(map(str, allowed[name]))}"
        if not is_right:
            raise ValueError(f"`{name}` must be {text}; got {value!r}.")
        return value

    @property
    def pixels(self) -> Tensor:
        """The digit as it was, (1, 1, 28, 28) in [0, 1]."""
        return self._images[self.digit, None].float() / 255

    @property
    def changed(self) -> Tensor:
        """The digit after the change, (1, 1, 28, 28) in [0, 1]."""
        norm = NORMS[self.method]
        size = self.sizes[norm == "l2"]
        pixels, labels = self.pixels, torch.tensor([self.digit])
        if self.is_noise:
            noise = draw_noise(pixels, size=size, norm=norm, seed=SEED)
            return (pixels + noise).clamp(0, 1)
        attack = step_once if self.method == "step" else climb
        score = read_pixels(self._networks[self.network])
        options = {"size": size, "norm": norm, "loss": self._measure}
        return attack(score, pixels, labels, **options)

    def read(self, pixels: Tensor) -> dict[str, Tensor]:
        """Let both networks read a picture.

        Parameters
        ----------
        pixels : Tensor, (1, 1, 28, 28) in [0, 1]
            Such as `changed`.

        Returns
        -------
        dict of str to Tensor, (10,)
            By network its scores, the largest for the answer.
        """
        with torch.no_grad():
            return {
                name: read_pixels(network)(pixels)[0]
                for name, network in self._networks.items()
            }

    def _measure(self, scores, labels):
        """Measure by how much the goal leads."""
        if self.target is None:
            return measure_lead(scores, labels)
        return -measure_lead(scores, torch.full_like(labels, self.target))

    def draw_still(self):
        """Draw the digit, the change, what comes of it, and distances; the Figure."""
        before, after = self.pixels[0, 0], self.changed[0, 0]
        change = (after - before).numpy()
        figure, axes = plt.subplots(
            1,
            4,
            figsize=(plots.WIDTH, 2.1),
            width_ratios=[1, 1, 1, 1.3],
            layout="constrained",
        )
        for axis, values in zip(axes[::2], (before, after), strict=False):
            axis.imshow(values.numpy(), cmap=plots.INK, vmin=0, vmax=1)
        limit = max(np.abs(change).max(), 1e-6)
        axes[1].imshow(change, cmap=plots.SIGNED, vmin=-limit, vmax=limit)
        titles = ("the digit", f"the change, ±{limit:.2f}", "the digit, changed")
        for axis, title in zip(axes, titles, strict=False):
            axis.set_title(title, fontsize=9)
            axis.axis("off")
        place = np.arange(10)
        pairs = ((-0.2, before, "0.7", "before"), (0.2, after, "tab:blue", "after"))
        for shift, picture, color, name in pairs:
            distances = -self.read(picture[None, None])["lenet5"].numpy()
            axes[3].barh(place + shift, distances, 0.4, color=color, label=name)
        axes[3].set_yticks(place)
        axes[3].tick_params(labelsize=8)
        axes[3].invert_yaxis()
        axes[3].set_xlabel("distance from code", fontsize=8)
        figure.legend(fontsize=7, ncols=2, loc="outside upper right")
        return figure

    def _describe_still(self):
        answers = [
            {name: one.argmax().item() for name, one in self.read(pixels).items()}
            for pixels in (self.pixels, self.changed)
        ]
        return (
            f"A handwritten {self.digit}; a faint pattern of red and blue pixels; and "
            "the sum of both, which to a person is the same digit on a ground with "
            f"specks. LeNet-5 reads {answers[0]['lenet5']} before and "
            f"{answers[1]['lenet5']} after; the distances of F6 from the ten codes "
            "stand beside it as bars."
        )


def _load(name):
    """Load a network, LeNet-5 with weights of 16 bits, as the page has it.

    The batch normalisations of the other are folded into its weights only there.
    """
    network = trained.load_network(name)
    if name == "lenet5":
        state = network.state_dict()
        network.load_state_dict({name: one.half() for name, one in state.items()})
    return network
