"""Lesions: what LeNet-5 loses with one map, one unit or one link of Table I.

The ten networks of `figure5`'s reading BEST, whose weights are stored, read the whole
test set once for each part that is switched off. A part is held at its mean over the
first 10,000 training digits. Nothing is trained and nothing chosen.
"""

import torch
from torch import Tensor

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments.looking.protocol import load_lenet5
from lenet_helpers.looking.lesions import (
    classify_without,
    classify_without_links,
    find_means,
)

PAPER = "has no lesions"
NUM_SEEDS = 10  # networks that are stored
PARTS = ("c1", "c3", "c5", "f6", "links")
CONFIGURATIONS = [{"part": part} for part in PARTS]
NUM_MEAN = 10_000  # training digits that make a mean


def run(seed, *, part):
    """Switch off each part of a kind, one at a time.

    Parameters
    ----------
    seed : int
        Of the network.
    part : {"c1", "c3", "c5", "f6", "links"}
        Maps or units of a layer, or the links of Table I from S2 to C3, through which
        the mean is read.

    Returns
    -------
    dict
        ``test_error_rate`` and ``errors_by_class``, ten counts, of the whole network;
        ``errors_by_part_and_class``, ten counts for each part.
    """
    mnist = load_mnist()
    network = load_lenet5(seed)
    images = network.prepare(mnist.test_images)
    layer, measured = ("s2", "c3") if part == "links" else (part, part)
    some = network.prepare(mnist.train_images[:NUM_MEAN])
    means = find_means(network, some, layer)
    classify = classify_without_links if part == "links" else classify_without
    answers = classify(network, images, measured, means=means)
    with torch.no_grad():
        whole = torch.cat([network.classify(chunk) for chunk in images.split(1000)])
    whole_by_class = count_errors(whole, mnist.test_labels)
    return {
        "test_error_rate": sum(whole_by_class) / len(images),
        "errors_by_class": whole_by_class,
        "errors_by_part_and_class": [
            count_errors(given, mnist.test_labels) for given in answers
        ],
    }


def count_errors(answers: Tensor, labels: Tensor) -> list[int]:
    """Count the errors of each class: ten numbers."""
    return torch.bincount(labels[answers != labels], minlength=10).tolist()
