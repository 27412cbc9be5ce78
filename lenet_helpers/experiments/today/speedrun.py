"""The speed ladder: seconds on two cores to 99.0 and to 99.4 % of the test digits.

A fixed recipe a rung, chosen on the validation split: `trials` has what was tried. The
clock runs from the first byte that is read of the stored digits to the last update; the
test set is classified once, after it. Runs come one after another, since each uses both
cores. The clock is right only if nothing else runs, and if threads may wait awake:
without ``OMP_WAIT_POLICY=passive``. The network is trained on a GPU where PyTorch finds
one.
"""

import functools
import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from lenet_helpers.data import load_mnist, prepare_images
from lenet_helpers.distortions import distort
from lenet_helpers.experiments.progress import report_pass
from lenet_helpers.experiments.today.modern import RANGES
from lenet_helpers.judging import judge_scores, score_network
from lenet_helpers.training.batches import draw_orders, train_in_batches

PAPER = "none; two to three days for LeNet-5's 20 passes"
FIRST: dict[float, dict[str, Any]] = {  # recipes by which the trials began
    99.0: {
        "shape": "8 24 96",
        "num_epochs": 1,
        "batch_size": 128,
        "learning_rate": 0.05,
        "weight_decay": 0.01,
        "smoothing": 0.1,
        "affine": 0.0,
    },
    99.4: {
        "shape": "12 32 96",
        "num_epochs": 9,
        "batch_size": 128,
        "learning_rate": 0.03,
        "weight_decay": 0.01,
        "smoothing": 0.1,
        "affine": 0.7,
    },
}
TRIED: dict[float, tuple[dict[str, Any], ...]] = {  # in place of what those say
    99.0: (
        {},
        {"learning_rate": 0.03},
        {"learning_rate": 0.08},
        {"weight_decay": 0.0},
        {"weight_decay": 0.1},
        {"smoothing": 0.0},
        {"smoothing": 0.05},
        {"batch_size": 64},
        {"batch_size": 256},
        {"num_epochs": 2},
    ),
    99.4: (
        {},
        {"learning_rate": 0.02},
        {"learning_rate": 0.05},
        {"smoothing": 0.0},
        {"smoothing": 0.05},
        {"affine": 0.4},
        {"affine": 1.0},
        {"weight_decay": 0.1},
        {"batch_size": 64},
        {"batch_size": 256},
        {"shape": "8 24 96", "num_epochs": 11},
        {"shape": "8 32 128", "num_epochs": 10},
        {"shape": "16 48 128", "num_epochs": 7},
        {"num_epochs": 7, "batch_size": 256},
        {"num_epochs": 6, "batch_size": 256},
        {"num_epochs": 5, "batch_size": 256},
    ),
}
RECIPES = {99.0: FIRST[99.0], 99.4: FIRST[99.4] | {"num_epochs": 6, "batch_size": 256}}
CONFIGURATIONS = [{"mark": mark} for mark in RECIPES]
NUM_SEEDS, NUM_JOBS = 30, 1
NUM_THREADS = 2


def build_network(shape: str, *, seed: int) -> nn.Sequential:
    """Build LeNet-5's shape as one would today, for speed.

    Parameters
    ----------
    shape : str
        The maps of the two convolutions and the units of the full layer.
    seed : int
        Of the initial parameters.

    Returns
    -------
    Sequential, (N, 1, 28, 28) to (N, 10)
    """
    first, second, units = map(int, shape.split())
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.ZeroPad2d(-2),  # hardly any ink is there: 24 x 24
        nn.Conv2d(1, first, 5),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(first),
        nn.ReLU(),
        nn.Conv2d(first, second, 5),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(second),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(9 * second, units),
        nn.BatchNorm1d(units),
        nn.ReLU(),
        nn.Linear(units, 10),
    )
    return network.to(memory_format=torch.channels_last)  # a fifth faster


def run(seed, *, mark):
    """Train one network against the clock.

    Parameters
    ----------
    seed : int
    mark : {99.0, 99.4}
        The per cent of test digits for which the recipe was made.

    Returns
    -------
    dict
        As `judge_scores`, and ``training_seconds``.
    """
    torch.set_num_threads(NUM_THREADS)
    started = time.perf_counter()
    mnist = load_mnist()
    images = prepare_images(mnist.train_images)
    network = train(images, mnist.train_labels, seed=seed, **RECIPES[mark])
    seconds = time.perf_counter() - started
    report_pass()
    scores = score_network(network, prepare_images(mnist.test_images))
    judged = judge_scores(scores, mnist.test_labels)
    return judged | {"training_seconds": round(seconds, 2)}


def train(
    images: Tensor,
    labels: Tensor,
    *,
    seed: int,
    shape: str,
    num_epochs: int,
    batch_size: int,
    learning_rate: float,
    weight_decay: float,
    smoothing: float,
    affine: float,
) -> nn.Sequential:
    """Train a network by a recipe.

    Parameters
    ----------
    images : Tensor, (N, 1, 28, 28)
    labels : Tensor, (N,) int64
    seed : int
        Of the initial parameters, the order and the distortions.
    shape : str
        As for `build_network`.
    num_epochs, batch_size : int
    learning_rate, weight_decay : float
        The largest rate of the cycle, and the optimiser's decay.
    smoothing : float
        Of the labels: the probability that is shared by all ten digits.
    affine : float
        By which the ranges of `modern`'s affine distortions are multiplied; 0 for
        digits as they are.

    Returns
    -------
    Sequential, in evaluation mode, on the CPU
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = build_network(shape, seed=seed).to(device)
    num_steps = len(images) // batch_size
    optimizer = torch.optim.AdamW(
        network.parameters(), weight_decay=weight_decay, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, learning_rate, total_steps=num_epochs * num_steps, pct_start=0.25
    )
    generator = torch.Generator(device).manual_seed(seed)
    orders = draw_orders(len(images), num_epochs=num_epochs, generator=generator)
    ranges = {name: affine * width for name, width in RANGES.items()}

    def forward(some):
        return network(distort(some, generator=generator, **ranges) if affine else some)

    train_in_batches(
        forward,
        images.to(device),
        labels.to(device),
        orders=(order[: num_steps * batch_size] for order in orders),
        batch_size=batch_size,
        loss=functools.partial(functional.cross_entropy, label_smoothing=smoothing),
        optimizer=optimizer,
        schedule=schedule,
    )
    return network.cpu().eval()
