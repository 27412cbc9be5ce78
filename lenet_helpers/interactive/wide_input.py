"""The wide input: a strip to write on, and LeNet-5's answer at each place of it."""

import matplotlib.pyplot as plt
import torch
import traitlets

from lenet_helpers import drawing, paper, plots, trained
from lenet_helpers.data import prepare_images
from lenet_helpers.interactive.figure import InteractiveFigure
from lenet_helpers.model.networks import LeNet5

COLUMNS = 700  # of the field for a line, in pixels of its ink
# 1998, written by hand: x and y of the points of each stroke.
YEAR = (
    (0.72, 0.3, 0.81, 0.22, 0.77, 0.5, 0.74, 0.78),
    (1.88, 0.35, 1.81, 0.24, 1.68, 0.25, 1.61, 0.35, 1.65, 0.47, 1.75, 0.5,
     1.85, 0.43, 1.88, 0.35, 1.87, 0.51, 1.83, 0.66, 1.79, 0.8),
    (2.95, 0.32, 2.9, 0.21, 2.78, 0.22, 2.7, 0.32, 2.71, 0.45, 2.8, 0.48, 2.91,
     0.4, 2.95, 0.32, 2.91, 0.49, 2.85, 0.65, 2.79, 0.79),
    (3.97, 0.29, 3.88, 0.22, 3.76, 0.26, 3.74, 0.36, 3.83, 0.46, 3.93, 0.55,
     3.97, 0.67, 3.88, 0.77, 3.74, 0.75, 3.71, 0.64, 3.79, 0.54, 3.91, 0.44,
     3.98, 0.36, 3.97, 0.29),
)  # fmt: skip


class WideInput(InteractiveFigure, module="wide-input.mjs"):
    """A strip to write digits on, and LeNet-5's answer at every place of it.

    Attributes
    ----------
    strokes : list of list of float
        The line, as in `lenet_helpers.drawing`; at first, 1998.
    strip : array, (28, 28 + 4 k) uint8
        What the network gets; each window of 28 columns, 4 apart, has an answer.
    """

    linked = ("strokes",)
    network = traitlets.Dict().tag(sync=True)
    columns = traitlets.Int(COLUMNS).tag(sync=True)
    example = traitlets.List().tag(sync=True)
    strokes = traitlets.List().tag(sync=True)
    alt = (
        "A strip on which 1998 is written by hand, and below it, for each place of the "
        "window, F6 as a small picture with the answer: under the digits the pictures "
        "are clear, between them they are blurred."
    )

    def __init__(self):
        line = [list(stroke) for stroke in YEAR]
        network = trained.describe_network("lenet5")
        super().__init__(network=network, example=line, strokes=line)

    @property
    def strip(self):
        """What the network gets, (28, 28 + 4 k)."""
        return drawing.scale_line(drawing.draw_ink(self.strokes, columns=self.columns))

    def draw_still(self):
        """Draw the strip and F6 at every place; returns the Figure."""
        network = trained.load_network("lenet5")
        assert isinstance(network, LeNet5)
        pixels = torch.from_numpy(self.strip)
        width = pixels.shape[1] + 4
        image = prepare_images(pixels[None, None], size=32)  # (1, 1, 32, width)
        windows = image[0, 0].unfold(1, 32, 4).permute(1, 0, 2)[:, None]
        with torch.no_grad():
            states = torch.nn.Sequential(*list(network.children())[:-1])(windows)
            answers = network.output(states).argmin(1).tolist()
        figure, axis = plt.subplots(figsize=(plots.WIDTH, 2.6))
        axis.imshow(pixels.numpy(), cmap=plots.INK, extent=(2, width - 2, 12, 40))
        for place, (picture, answer) in enumerate(zip(states, answers, strict=True)):
            x = 16 + 4 * place
            axis.imshow(
                picture.view(12, 7).numpy(),
                cmap=plots.SIGNED,
                vmin=-paper.AMPLITUDE,
                vmax=paper.AMPLITUDE,
                extent=(x - 1.8, x + 1.8, 5, 11.2),
            )
            axis.text(x, 4, answer, ha="center", va="top", fontsize=9)
        axis.set(xlim=(0, width), ylim=(0, 40))
        axis.axis("off")
        return figure
