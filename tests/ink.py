"""Lines of digits that several test modules draw."""

import numpy as np

from lenet_helpers.strings.lines import make_lines, write_line


def draw(mnist, number, *, seed=0, **options):
    """Draw lines of test digits."""
    return make_lines(
        mnist.test_images, mnist.test_labels, number=number, seed=seed, **options
    )


def blocks(*widths, gap=3):
    """Write solid blocks of ink side by side."""
    images = np.zeros((len(widths), 28, 28), np.uint8)
    for image, width in zip(images, widths, strict=True):
        image[4:24, 5 : 5 + width] = 255
    return write_line(images, np.full(len(widths), gap), np.zeros(len(widths), int))
