"""Draw the cover of the EPUB: what a trained LeNet-5 makes of one digit."""

import io

import torch
from matplotlib.figure import Figure

from lenet_helpers import load_mnist, plots
from lenet_helpers.trained import load_network

ALT = (
    "The title above a handwritten 5, and below it what the layers of LeNet-5 make of "
    "it: six maps, then sixteen smaller ones, then ten outputs, one of them dark."
)
INCHES, DPI = (6, 9), 200  # 1200 by 1800 pixels


def draw_cover(title: str) -> bytes:
    """Draw the cover; returns a PNG.

    Parameters
    ----------
    title : str
        Of the volume.
    """
    network = load_network("lenet5")
    sample = load_mnist(source="sample")
    index = int((sample.train_labels == 5).nonzero()[0])
    image = network.prepare(sample.train_images[index : index + 1])
    with torch.no_grad():
        c1 = network.c1(image)
        c3 = network.c3(network.s2(c1))
        output = network(image)
    figure = Figure(figsize=INCHES, dpi=DPI, facecolor="white")
    style = {"ha": "center", "family": "serif", "color": "#1f3a5f"}
    figure.text(0.5, 0.885, title, size=34, weight="bold", **style)
    figure.text(0.5, 0.84, "Train the networks of 1989 to 1998", size=14, **style)
    draw_row(figure, image[0], bottom=0.56, width=0.34, cmap=plots.INK)
    draw_row(figure, c1[0], bottom=0.40, width=0.13, cmap=plots.SIGNED)
    draw_row(figure, c3[0][:8], bottom=0.31, width=0.09, cmap=plots.SIGNED)
    draw_row(figure, c3[0][8:], bottom=0.24, width=0.09, cmap=plots.SIGNED)
    scores = -output[0] if output[0].argmin() == 5 else output[0]
    draw_row(figure, scores[:, None, None], bottom=0.15, width=0.05, cmap=plots.INK)
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def draw_row(figure, maps, *, bottom, width, cmap):
    """Draw maps side by side, in the middle of the page."""
    gap = 0.012
    left = 0.5 - (len(maps) * (width + gap) - gap) / 2
    limit = float(maps.abs().max())
    for number, values in enumerate(maps):
        height = width * INCHES[0] / INCHES[1]
        box = (left + number * (width + gap), bottom, width, height)
        axes = figure.add_axes(box)
        axes.imshow(values, cmap=cmap, vmin=-limit, vmax=limit)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(color="#1f3a5f", linewidth=0.8)
