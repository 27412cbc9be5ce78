"""Draw the cover of the EPUB: what a trained LeNet-5 makes of one digit."""

import io

import torch
from matplotlib.figure import Figure

from lenet_helpers import load_mnist
from lenet_helpers.plots import INK
from lenet_helpers.trained import load_network

ALT = (
    "LeNet, hands on: a handwritten 5, and below it what the layers of LeNet-5 make of "
    "it, that is six maps, then sixteen smaller ones, then ten outputs, one of them "
    "dark."
)
DIGIT = 5
INCHES, DPI = (6, 9), 200  # 1200 by 1800 pixels
COLOR = "#1f3a5f"


def draw_cover(title: str) -> bytes:
    """Draw the cover; returns a PNG.

    Parameters
    ----------
    title : str
        Of the volume.
    """
    network = load_network("lenet5")
    sample = load_mnist(source="sample")
    first = int((sample.train_labels == DIGIT).nonzero()[0])
    image = network.prepare(sample.train_images[first : first + 1])
    with torch.no_grad():
        s2 = network.s2(network.c1(image))
        s4 = network.s4(network.c3(s2))
        scores = network.scores(image).softmax(1).sqrt()  # the second best shows, too
    figure = Figure(figsize=INCHES, dpi=DPI, facecolor="white")
    style = {"ha": "center", "family": "serif", "color": COLOR}
    figure.text(0.5, 0.885, title, size=36, weight="bold", **style)
    figure.text(0.5, 0.84, "Build, train and judge it yourself", size=15, **style)
    draw_row(figure, image[0], bottom=0.48, width=0.48)
    draw_row(figure, s2[0], bottom=0.34, width=0.13)
    draw_row(figure, s4[0, :8], bottom=0.245, width=0.097)
    draw_row(figure, s4[0, 8:], bottom=0.17, width=0.097)
    draw_row(figure, scores[0, :, None, None], bottom=0.08, width=0.074, limits=(0, 1))
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def draw_row(figure, maps, *, bottom, width, limits=(None, None)):
    """Draw maps side by side, in the middle of the page."""
    gap = 0.012
    left = 0.5 - (len(maps) * (width + gap) - gap) / 2
    for number, values in enumerate(maps):
        height = width * INCHES[0] / INCHES[1]
        box = (left + number * (width + gap), bottom, width, height)
        axes = figure.add_axes(box)
        axes.imshow(values.numpy(), cmap=INK, vmin=limits[0], vmax=limits[1])
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(color=COLOR, linewidth=0.8)
