"""What figures share that train in the page: digits that it fetches when asked."""

import zlib

import numpy as np
import traitlets

from lenet_helpers.data import MNIST
from lenet_helpers.interactive.figure import InteractiveFigure

NUM_TRAINING, NUM_TEST = 6000, 1000  # digits that a page fetches, at most


def pack_digits(mnist: MNIST) -> bytes:
    """Pack the digits that a page trains and tests on.

    Parameters
    ----------
    mnist : MNIST

    Returns
    -------
    bytes
        By zlib: the pixels of the first 6,000 training digits (on the sample, of all
        4,000), their labels, then the pixels and labels of 1,000 test digits, evenly
        spaced. A byte is a pixel, or a label.
    """
    step = max(1, len(mnist.test_labels) // NUM_TEST)
    chosen = [
        mnist.train_images[:NUM_TRAINING],
        mnist.train_labels[:NUM_TRAINING],
        mnist.test_images[::step][:NUM_TEST],
        mnist.test_labels[::step][:NUM_TEST],
    ]
    content = b"".join(part.numpy().astype(np.uint8).tobytes() for part in chosen)
    return zlib.compress(content, 9)


class FigureWithDigits(InteractiveFigure):
    """A figure that asks for MNIST's digits when the reader wants to train.

    Parameters
    ----------
    mnist : MNIST
    **traits
        Of the subclass.
    """

    asks = "digits"
    counts = traitlets.List(traitlets.Int()).tag(sync=True)
    megabytes = traitlets.Float().tag(sync=True)

    def __init__(self, mnist: MNIST, **traits):
        self._digits = pack_digits(mnist)
        super().__init__(
            counts=[
                min(NUM_TRAINING, len(mnist.train_labels)),
                min(NUM_TEST, len(mnist.test_labels)),
            ],
            # Written as text, three bytes take four.
            megabytes=round(len(self._digits) * 4 / 3 / 1e6, 1),
            **traits,
        )

    def pack_file(self) -> bytes:
        """Give what `pack_digits` made."""
        return self._digits
