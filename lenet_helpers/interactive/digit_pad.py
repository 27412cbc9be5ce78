"""The digit pad: draw a digit, and watch networks read it, layer by layer."""

import matplotlib.pyplot as plt
import numpy as np
import torch
import traitlets

from lenet_helpers import drawing, paper, plots, trained
from lenet_helpers.interactive.figure import InteractiveFigure
from lenet_helpers.model.networks import LeNet5

# Some of paper.FIGURE_8, by their indices.
MISREAD = (
    247, 449, 582, 659, 1014, 1039, 1901, 2118, 2130, 2462, 2921, 4176, 6783,
    9009,
)  # fmt: skip


class DigitPad(InteractiveFigure, module="digit-pad.mjs"):
    """A field to draw a digit on, and what networks make of it, layer by layer.

    Parameters
    ----------
    mnist : MNIST
        The digits to choose from are of its test set.
    networks : sequence of str
        Of `trained.NETWORKS`; the first two are shown at first.
    opening : int, optional
        Which of the digits the figure opens with; it gives way to the first stroke.

    Attributes
    ----------
    strokes : list of list of float
        The drawing, as in `lenet_helpers.drawing`.
    example : int, optional
        Which of the digits lies below it.
    image : array, (28, 28) uint8
        What the networks get, made as MNIST's images were; 0 is background, 255 ink.
    """

    linked = ("shown", "strokes", "example")
    networks = traitlets.List().tag(sync=True)
    shown = traitlets.List(traitlets.Unicode()).tag(sync=True)
    examples = traitlets.List().tag(sync=True)
    digits = traitlets.Bytes().tag(sync=True)
    strokes = traitlets.List().tag(sync=True)
    example = traitlets.Int(None, allow_none=True).tag(sync=True)
    opening = traitlets.Int(None, allow_none=True).tag(sync=True)
    alt = (
        "A handwritten digit; six maps of C1 that stress parts of its outline; the 84 "
        "units of F6 as a picture, in which a digit shows in the font of the codes; "
        "the distances from the ten codes as bars, one of them much shorter."
    )

    def __init__(
        self, mnist, *, networks=("lenet5", "lenet1", "net1989"), opening=None
    ):
        examples = _choose_examples(mnist)
        indices = [example.pop("index") for example in examples]
        super().__init__(
            networks=[trained.describe_network(name) for name in networks],
            shown=list(networks[:2]),
            examples=examples,
            digits=mnist.test_images[indices].numpy().tobytes(),
            opening=opening,
        )

    @property
    def image(self):
        """What the networks get, (28, 28)."""
        digit = None
        if self.example is not None:
            digits = np.frombuffer(self.digits, np.uint8).reshape(-1, 28, 28)
            digit = digits[self.example]
            if not self.strokes:
                return digit.copy()
        return drawing.center_ink(drawing.draw_ink(self.strokes, digit))

    def draw_still(self):
        """Draw LeNet-5 reading the first example; returns the Figure."""
        pixels = torch.frombuffer(bytearray(self.digits[:784]), dtype=torch.uint8)
        network = trained.load_network("lenet5")
        assert isinstance(network, LeNet5)
        image = network.prepare(pixels.view(1, 1, 28, 28))
        with torch.no_grad():
            c1 = network.c1(image)
            f6 = network.f6(network.c5(network.s4(network.c3(network.s2(c1)))))
            penalties = network.output(f6)[0]
        figure, axes = plt.subplots(
            1,
            4,
            figsize=(plots.WIDTH, 2.4),
            width_ratios=[2, 4, 1.2, 3],
            layout="constrained",
        )
        axes[0].imshow(image[0, 0].numpy(), cmap=plots.INK)
        rows = torch.cat([torch.cat(list(c1[0, i : i + 3]), 1) for i in (0, 3)])
        for axis, maps in ((axes[1], rows), (axes[2], f6.view(12, 7))):
            axis.imshow(
                maps.numpy(),
                cmap=plots.SIGNED,
                vmin=-paper.AMPLITUDE,
                vmax=paper.AMPLITUDE,
            )
        axes[3].barh(range(10), penalties.numpy(), color="0.6")
        axes[3].set_yticks(range(10))
        axes[3].invert_yaxis()
        for axis, name in zip(axes, ("input", "C1", "F6", "distance"), strict=True):
            axis.set_title(name, fontsize=10)
        for axis in axes[:3]:
            axis.axis("off")
        return figure


def _choose_examples(mnist):
    """List the digits to choose from: one of each class, some that 1998 misread."""
    group = "Digits of the test set"
    chosen = [
        {
            "group": group,
            "name": f"a {label}",
            "index": (mnist.test_labels == label).nonzero()[0].item(),
        }
        for label in range(10)
    ]
    if mnist.is_sample:  # has another test set
        return chosen
    for index, label, answer in paper.FIGURE_8:
        if index in MISREAD:
            name = f"a {label} that LeNet-5 read as {answer}"
            group = "Misread in 1998"
            chosen.append({"group": group, "name": name, "index": index})
    return chosen
