"""LeNet's stages, deeper: smaller kernels, less in the full layer, under 60,000 too.

The network of `modern` has three quarters of its parameters in one full layer. Here a
stage of 5 x 5 kernels becomes two of 3 x 3, a third stage and its pooling leave maps of
3 x 3, and a single full layer reads them. All else is as in `modern`, but for gentler
elastic distortions, fewer passes and convolutions in bfloat16, to save time. Six shapes
were tried on held-out digits, one seed each: `results/deeper-trials.csv`. The test set
is classified once, at the end.
"""

import torch
from torch import nn

from lenet_helpers.experiments.today import modern

PAPER = modern.PAPER
CONFIGURATIONS = [{"num_epochs": 25}]
DISTORTIONS = modern.RANGES | {"elastic": 0.7, "smoothness": 5.0}


def build_network(*, seed):
    """Build the network: (N, 1, 28, 28) to ten scores; 45,554 parameters."""
    torch.manual_seed(seed)
    network = nn.Sequential(
        *convolve(1, 24, 5),
        nn.MaxPool2d(2),
        *convolve(24, 40, 3),
        *convolve(40, 40, 3),
        nn.MaxPool2d(2),
        *convolve(40, 48, 3),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(432, 10),
    )
    return network.to(memory_format=torch.channels_last)


def convolve(maps, more_maps, size):
    """Convolve within a border of zeros, so that maps keep their size; normalise."""
    return (
        nn.Conv2d(maps, more_maps, size, padding=size // 2, bias=False),
        nn.BatchNorm2d(more_maps),
        nn.ReLU(),
    )


def run(seed, *, num_epochs):
    """Train one network.

    Parameters
    ----------
    seed : int
    num_epochs : int

    Returns
    -------
    dict
        As `modern.run`.
    """
    return modern.train_and_judge(
        "deeper",
        build_network(seed=seed),
        num_epochs=num_epochs,
        seed=seed,
        distortions=DISTORTIONS,
        is_half=True,
    )
