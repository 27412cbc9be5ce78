"""Your hand: digits that the reader brings, how LeNet-5 reads them, and teaching it."""

import matplotlib.pyplot as plt
import numpy as np
import traitlets

from lenet_helpers import plots, trained
from lenet_helpers.data import MNIST, load_mnist
from lenet_helpers.hand.digits import Hand
from lenet_helpers.hand.passport import classify
from lenet_helpers.hand.sample import write_sample
from lenet_helpers.interactive.bundle import bundle
from lenet_helpers.interactive.digits import FigureWithDigits
from lenet_helpers.interactive.figure import WEB

NETWORK = "lenet5"
NUM_SAMPLE = 8  # of each digit


class YourHand(FigureWithDigits, module="your-hand.mjs"):
    """The reader's own digits: collected, mended, read by LeNet-5, and learnt from.

    They are drawn in the page, read from a photograph of the sheet or of any paper, or
    taken from a file that `Hand.save` wrote. None of them leaves the page.

    Parameters
    ----------
    mnist : MNIST, optional
        The page fetches some of its digits when the reader teaches the network; by
        default those that `load_mnist` gives.

    Attributes
    ----------
    hand : Hand
        What is in the figure now.
    """

    network = traitlets.Dict().tag(sync=True)
    mnist_error = traitlets.Float().tag(sync=True)
    sample = traitlets.Dict().tag(sync=True)
    workers = traitlets.Dict().tag(sync=True)
    # JupyterLab sends a memoryview.
    images = traitlets.Bytes().tag(sync=True, from_json=lambda data, _: bytes(data))
    labels = traitlets.List(traitlets.Int(min=-1, max=9)).tag(sync=True)
    alt = (
        "Forty digits of a sample hand, in two rows. Those that LeNet-5 misreads have "
        "a frame, and below it stands what is read: among them are a crossed-out zero "
        "and ones with a long upstroke."
    )

    def __init__(self, mnist: MNIST | None = None):
        sample = write_sample(NUM_SAMPLE)
        super().__init__(
            mnist or load_mnist(),
            network=trained.describe_network(NETWORK),
            mnist_error=float(trained.read_provenance(NETWORK)["test_error_rate"]),
            sample={
                "images": sample.images.tobytes(),
                "labels": sample.labels.tolist(),
            },
            workers={
                name: bundle(WEB / "engine" / name / "worker.mjs").encode()
                for name in ("hand", "training")
            },
        )

    @property
    def hand(self) -> Hand:
        """The digits in the figure; without boxes, for they come from many pictures."""
        images = np.frombuffer(self.images, np.uint8).reshape(-1, 28, 28)
        labels = np.array(self.labels, np.int64)
        return Hand(images.copy(), labels, np.zeros((len(images), 4, 2)))

    def draw_still(self):
        """Draw half of the sample hand, the misread in frames; returns the Figure."""
        sample = write_sample(NUM_SAMPLE)
        answers = classify(sample.images, trained.load_network(NETWORK))
        shown = np.flatnonzero(np.arange(len(sample)) % NUM_SAMPLE < NUM_SAMPLE // 2)
        figure, axes = plt.subplots(
            2, 20, figsize=(plots.WIDTH, 1.4), layout="constrained"
        )
        for axis, index in zip(axes.flat, shown, strict=True):
            axis.imshow(sample.images[index], cmap=plots.INK, interpolation="nearest")
            axis.set(xticks=[], yticks=[])
            wrong = answers[index] != sample.labels[index]
            axis.spines[:].set(linewidth=2 if wrong else 0, color="tab:red")
            text = f"read {answers[index]}" if wrong else " "
            axis.set_xlabel(text, fontsize=7, labelpad=2)
        error_rate = 100 * np.mean(answers != sample.labels)
        figure.suptitle(
            f"LeNet-5 misreads {error_rate:.1f} % of this hand's {len(sample)} digits",
            fontsize=10,
        )
        return figure
