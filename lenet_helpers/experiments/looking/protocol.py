"""What the experiments of this folder share: digits, networks, and their errors.

The stored networks are those of `trained`, one of each kind, and the ten LeNet-5 of
`figure5`, of the reading that validates best.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from lenet_helpers.data import MNIST
from lenet_helpers.experiments.weights import load_weights
from lenet_helpers.model.digit_network import DigitNetwork
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.trained import load_network

TEN = tuple(f"figure5-{seed}" for seed in range(10))


def draw_digits(mnist: MNIST, number: int) -> Tensor:
    """Draw indices of test digits without replacement, with seed 0: (number,) int64."""
    generator = torch.Generator().manual_seed(0)
    return torch.randperm(len(mnist.test_labels), generator=generator)[:number]


def load_lenet5(seed: int) -> LeNet5:
    """Load the LeNet-5 of this seed, 0 to 9, of `figure5`."""
    return load_weights(LeNet5(), f"figure5-{seed}")


def load_classifier(name: str) -> DigitNetwork:
    """Load a stored network: of `trained.NETWORKS`, or of `TEN`."""
    return load_lenet5(TEN.index(name)) if name in TEN else load_network(name)


def find_error_rate(
    score: Callable[[Tensor], Tensor], pixels: Tensor, labels: Tensor
) -> float:
    """Give the share of digits that are misread, to four places.

    Parameters
    ----------
    score : callable, (N, 1, 28, 28) in [0, 1] to (N, 10)
    pixels : Tensor, (N, 1, 28, 28) float in [0, 1]
    labels : Tensor, (N,) int64
    """
    with torch.no_grad():
        answers = score(pixels).argmax(1)
    return round((answers != labels).double().mean().item(), 4)
