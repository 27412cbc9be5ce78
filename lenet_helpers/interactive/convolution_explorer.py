"""The convolution explorer: a kernel slides over a digit."""

import matplotlib.pyplot as plt
import torch
import traitlets
from matplotlib.patches import Rectangle
from torch.nn import functional

from lenet_helpers import plots
from lenet_helpers.data import prepare_images
from lenet_helpers.interactive.figure import InteractiveFigure


def _make_kernels():
    """Make the kernels that nobody trained: 5 x 5 weights by name."""
    step = torch.tensor([-1.0, -1, 0, 1, 1])
    row, column = torch.meshgrid(torch.arange(5), torch.arange(5), indexing="ij")
    copy, spot = torch.zeros(5, 5), torch.full((5, 5), -9 / 16)
    copy[2, 2], spot[1:4, 1:4] = 1, 1
    return {
        "upper edge": step[:, None].expand(5, 5),
        "left edge": step.expand(5, 5),
        "edge of /": (row + column - 4).sign(),
        "edge of \\": (row - column).sign(),
        "blur": torch.full((5, 5), 1 / 25),
        "spot": spot,
        "copy": copy,
    }


class ConvolutionExplorer(InteractiveFigure, module="convolution-explorer.mjs"):
    """A kernel over a digit, and the 25 products behind each unit of its map.

    Parameters
    ----------
    images : Tensor, (N, 1, 28, 28) uint8
        Digits to choose from; LeNet-5's input is made of them.
    network : LeNet5, optional
        Its kernels of C1 can be chosen beside those made by hand.
    digit : int
        The index of the image that is shown at first.

    Attributes
    ----------
    kernel : list of 25 float, row by row
    bias : float
    stride, padding : int
        Padding is in pixels on each side.
    border : float
        The value of the padding.
    """

    linked = ("digit", "kernel", "bias", "stride", "padding", "border", "unit")
    digits = traitlets.Bytes().tag(sync=True)
    kernels = traitlets.List().tag(sync=True)
    digit = traitlets.Int(0).tag(sync=True)
    kernel = traitlets.List(traitlets.Float(), minlen=25, maxlen=25).tag(sync=True)
    bias = traitlets.Float(0.0).tag(sync=True)
    stride = traitlets.Int(1, min=1, max=3).tag(sync=True)
    padding = traitlets.Int(0, min=0, max=2).tag(sync=True)
    border = traitlets.Float(-0.1).tag(sync=True)
    unit = traitlets.List(traitlets.Int(), minlen=2, maxlen=2).tag(sync=True)
    alt = (
        "Three pictures: a handwritten digit with a small square on a stroke; a kernel "
        "of 5 by 5 weights, blue above and red below; and the map that the kernel "
        "makes, red along the upper edges of the strokes and blue along the lower ones."
    )

    def __init__(self, images, *, network=None, digit=0):
        kernels = [("made by hand", *kernel, 0.0) for kernel in _make_kernels().items()]
        if network is not None:
            c1 = network.c1
            kernels += [
                ("trained: C1 of LeNet-5", f"map {i} of C1", weight, bias.item())
                for i, (weight, bias) in enumerate(zip(c1.weight, c1.bias, strict=True))
            ]
        keys = ("group", "name", "weights", "bias")
        listed = [
            dict(zip(keys, (*names, weights.flatten().tolist(), bias), strict=True))
            for *names, weights, bias in kernels
        ]
        super().__init__(
            digits=images.numpy().tobytes(),
            kernels=listed,
            digit=digit,
            kernel=listed[0]["weights"],
            unit=[0, 0],
        )
        # Begin where most of what the kernel looks for is found.
        self.unit = list(divmod(self.map.argmax().item(), self.map.shape[1]))

    @property
    def image(self):
        """The chosen image as LeNet-5 gets it, (32, 32)."""
        raw = torch.frombuffer(bytearray(self.digits), dtype=torch.uint8)
        return prepare_images(raw.view(-1, 1, 28, 28), size=32)[self.digit, 0]

    @property
    def map(self):
        """What the kernel makes of the image, (H, W), before squashing."""
        image = functional.pad(self.image, (self.padding,) * 4, value=self.border)
        kernel = torch.tensor(self.kernel).view(1, 1, 5, 5)
        bias = torch.tensor([self.bias])
        return functional.conv2d(image[None, None], kernel, bias, self.stride)[0, 0]

    def draw_still(self):
        """Draw the chosen digit, the kernel and the map; returns the Figure."""
        panels = [self.image, torch.tensor(self.kernel).view(5, 5), self.map]
        figure, axes = plt.subplots(1, 3, figsize=(plots.WIDTH, 2.6))
        for axis, panel, name in zip(
            axes, panels, ("image", "kernel", "map"), strict=True
        ):
            axis.set_title(name, fontsize=10)
            limit = panel.abs().max().item()
            colors = {"cmap": plots.SIGNED, "vmin": -limit, "vmax": limit}
            if name == "image":
                colors = {"cmap": plots.INK}
            axis.imshow(panel.numpy(), **colors)
            axis.axis("off")
        row, column = self.unit
        for axis, size, color in ((axes[0], 5, "C3"), (axes[2], 1, "k")):
            place = (column - 0.5, row - 0.5)
            axis.add_patch(Rectangle(place, size, size, fill=False, lw=2, ec=color))
        return figure
