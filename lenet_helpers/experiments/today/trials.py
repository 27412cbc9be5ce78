"""Trials of settings on the validation split: how the other experiments were set.

Each trial trains on the training split of seed 0, 55,000 digits, and is judged on its
5,000 for validation. It is not given the test set. One choice's trials differ in what
their columns say and in nothing else:

- ``LeNet-1``, ``LeNet-4``: the schedules of `figure9`, one seed;
- ``Adam``, ``SGD``: the rates of `deviations`, by its protocol, one seed;
- ``deviations``: its changes, by its protocol, three seeds;
- ``speedrun``: its recipes, three seeds;
- ``modern``: the network, the rate and the distortions of `modern` and `deeper`, six
  passes, one seed; the row that sets nothing else is the recipe of `modern`;
- ``league``: shapes for the budgets of `league`, 24 passes, one seed, and its rule.
"""

import dataclasses
import itertools
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from lenet_helpers.data import MNIST, load_mnist, prepare_images
from lenet_helpers.experiments.published import figure9
from lenet_helpers.experiments.today import deviations, league, modern, speedrun
from lenet_helpers.judging import score_network
from lenet_helpers.model.networks import LeNet1, LeNet4

PAPER = "none: the papers print no trials"
NUM_SEEDS = 3
FLAT = "16 32 84"  # of `modern`: `build_flat`
DEEP = "24 | 40 40 | 48"  # of `deeper`: `build_deep`
SCHEDULES = {  # rates, values of mu, numbers of passes
    "LeNet-1": ((0.005, 0.015, 0.045), (0.02, 0.1), (20, 60)),
    "LeNet-4": ((0.00025, 0.0005, 0.001, 0.002), (0.01, 0.02, 0.1), (20,)),
}
RATES = {"Adam": (0.001, 0.002, 0.004), "SGD": (0.0005, 0.002, 0.006)}
LONG_RUNS = (
    {},
    {"elastic": 0.7},
    {"elastic": 1.5},
    {"smoothness": 6.0},
    {"affine": 0.7},
    {"affine": 1.4},
    {"learning_rate": 0.003},
    {"learning_rate": 0.012},
    {"weight_decay": 0.2},
    {"shape": "24 48 36"},
    {"shape": DEEP},
    {"shape": "24 | 40 48 | 56, mean"},
    {"shape": "20 | 32 32 | 40 40, mean"},
    {"shape": "16 | 32 40 | 64"},
    {"shape": DEEP, "elastic": 0.7, "smoothness": 5.0},
    {"shape": DEEP, "elastic": 0.7, "smoothness": 5.0, "affine": 0.7},
)
CONFIGURATIONS = [
    *(
        {"choice": choice, "learning_rate": rate, "mu": mu, "num_epochs": num_epochs}
        for choice, values in SCHEDULES.items()
        for rate, mu, num_epochs in itertools.product(*values)
    ),
    *(
        {"choice": choice, "learning_rate": rate}
        for choice, rates in RATES.items()
        for rate in rates
    ),
    *({"choice": "deviations", "change": change} for change in deviations.CHANGES),
    *(
        {"choice": "speedrun", "mark": mark, **settings}
        for mark, tried in speedrun.TRIED.items()
        for settings in tried
    ),
    *({"choice": "modern", "num_epochs": 6, **settings} for settings in LONG_RUNS),
    *({"choice": "league", "num_epochs": 24, **entry} for entry in league.TRIALS),
]


def is_random(configuration: dict) -> bool:
    """Say which trials are made with three seeds; the others with one."""
    return configuration["choice"] in ("deviations", "speedrun")


def run(seed: int, *, choice: str, **settings) -> dict:
    """Train one network on the training split and judge it on the validation split.

    Parameters
    ----------
    seed : int
        Of the initial parameters and the order; the split is that of seed 0.
    choice : str
    **settings
        Of `CONFIGURATIONS`.

    Returns
    -------
    dict
        ``validation_error_rate``, and ``validation_loss``, the mean cross-entropy of
        scores, for networks that are trained on it.
    """
    train = {
        "LeNet-1": try_lenet1,
        "LeNet-4": try_lenet4,
        "Adam": try_adam,
        "SGD": try_sgd,
        "deviations": try_change,
        "speedrun": try_sprint,
        "modern": try_long_run,
        "league": try_entry,
    }[choice]
    mnist = hide_test_set(load_mnist())
    scores, labels = train(mnist, seed=seed, **settings)
    measured = judge(scores, labels)
    if choice not in ("speedrun", "modern", "league"):  # scores are no logarithms
        del measured["validation_loss"]
    return measured


class HiddenTestSet:
    """Stands where a trial would find the test set, and refuses to be read."""

    def __getattr__(self, name):
        """Refuse to have a shape, a type or an item."""
        raise RuntimeError(
            f"A trial may not read the test set, and asked for its `{name}`: judge on"
            " the validation split."
        )

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        """Refuse to be part of an operation of PyTorch, such as a comparison."""
        raise RuntimeError(
            "A trial may not read the test set, and compared or computed with it: judge"
            " on the validation split."
        )


def hide_test_set(mnist: MNIST) -> MNIST:
    """Give MNIST without the test set, which raises RuntimeError when it is read."""
    return dataclasses.replace(
        mnist, test_images=HiddenTestSet(), test_labels=HiddenTestSet()
    )


def split(
    mnist: MNIST, prepare: Callable[[Tensor], Tensor]
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Prepare images and labels to learn from, and images and labels to judge on."""
    training, validation = mnist.split_indices(seed=0)
    images = prepare(mnist.train_images)
    labels = mnist.train_labels
    return images[training], labels[training], images[validation], labels[validation]


def try_lenet1(mnist, *, seed, learning_rate, mu, num_epochs):
    """Train LeNet-1 by a schedule; return scores and labels of the validation split."""
    images, labels, others, answers = split(mnist, LeNet1.prepare)
    network = LeNet1(initial="root", seed=seed)
    schedule = (learning_rate, mu, num_epochs)
    figure9.train_network(network, images, labels, seed=seed, schedule=schedule)
    return score_network(network, others), answers


def try_lenet4(mnist, *, seed, learning_rate, mu, num_epochs):
    """Train LeNet-4 by a schedule, as `try_lenet1`."""
    images, labels, others, answers = split(
        mnist, lambda pixels: prepare_images(pixels, size=32)
    )
    network = LeNet4(initial="root", seed=seed)
    schedule = (learning_rate, mu, num_epochs)
    figure9.train_network(network, images, labels, seed=seed, schedule=schedule)
    return score_network(network, others), answers


def try_adam(mnist, *, seed, learning_rate):
    """Train LeNet-5 by the protocol of `deviations`, as `try_lenet1`."""
    return try_change(mnist, seed=seed, change="none", learning_rate=learning_rate)


def try_sgd(mnist, *, seed, learning_rate):
    """Train LeNet-5 by the protocol of `deviations` with SGD, as `try_lenet1`."""
    return try_change(mnist, seed=seed, change="SGD", learning_rate=learning_rate)


def try_change(mnist, *, seed, change, learning_rate=None):
    """Train LeNet-5 with one thing changed, as `deviations` does and `try_lenet1`."""
    images, labels, others, answers = split(
        mnist, lambda pixels: deviations.prepare(pixels, change)
    )
    network = deviations.build_network(change, seed=seed)
    deviations.train(
        network, images, labels, change, seed=seed, learning_rate=learning_rate
    )
    return score_network(network.eval(), others), answers


def try_sprint(mnist, *, seed, mark, **settings):
    """Train by a recipe of the speed ladder with something changed, as `try_lenet1`."""
    torch.set_num_threads(speedrun.NUM_THREADS)
    images, labels, others, answers = split(mnist, prepare_images)
    recipe = speedrun.FIRST[mark] | settings
    network = speedrun.train(images, labels, seed=seed, **recipe)
    return score_network(network, others), answers


def try_long_run(
    mnist,
    *,
    seed,
    num_epochs,
    shape=FLAT,
    elastic=modern.ELASTIC["elastic"],
    smoothness=modern.ELASTIC["smoothness"],
    affine=1.0,
    **settings,
):
    """Train a network of today on distorted digits, as `try_lenet1`.

    Parameters
    ----------
    mnist : MNIST
    seed, num_epochs : int
    shape : str
        With ``|``, as for `build_deep`; else as for `build_flat`.
    elastic, smoothness : float
        As in `distort`.
    affine : float
        By which the ranges of the affine distortions are multiplied.
    **settings
        For `modern.train`.
    """
    images, labels, others, answers = split(mnist, prepare_images)
    is_deep = "|" in shape
    network = (build_deep if is_deep else build_flat)(shape, seed=seed)
    ranges = {name: affine * width for name, width in modern.RANGES.items()}
    network, _ = modern.train(
        network,
        images,
        labels,
        num_epochs=num_epochs,
        seed=seed,
        distortions=ranges | {"elastic": elastic, "smoothness": smoothness},
        is_half=is_deep,  # as in `deeper`
        **settings,
    )
    return score_network(network, others), answers


def try_entry(mnist, *, seed, shape, elastic=None, **settings):
    """Train a network by the rule of the league with something changed.

    Parameters
    ----------
    mnist : MNIST
    seed : int
    shape : str
        As for `league.build`.
    elastic : float, optional
        As in `distort`; by default the rule's.
    **settings
        Of `league.RULE`.
    """
    images, labels, others, answers = split(mnist, prepare_images)
    if elastic is not None:
        distortions = league.RULE["distortions"]
        settings["distortions"] = distortions | {"elastic": elastic}
    network = league.build(shape, seed=seed)
    league.train(network, images, labels, seed=seed, **settings)
    return score_network(network, others), answers


def build_flat(shape: str, *, seed: int) -> nn.Sequential:
    """Build the network of `modern`; `shape` is its maps, twice, and units."""
    first, second, units = (int(number) for number in shape.split())
    torch.manual_seed(seed)
    layers = (
        nn.Conv2d(1, first, 5),
        nn.BatchNorm2d(first),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(first, second, 5),
        nn.BatchNorm2d(second),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * second, units),
        nn.BatchNorm1d(units),
        nn.ReLU(),
        nn.Linear(units, 10),
    )
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def build_deep(shape: str, *, seed: int) -> nn.Sequential:
    """Build stages of convolutions within a border of zeros, a pooling after each.

    Parameters
    ----------
    shape : str
        The maps of each convolution; ``|`` between stages: ``"24 | 40 40 | 48"``. The
        first convolution has kernels of 5 x 5, the others of 3 x 3. Ten units read the
        last stage's maps of 3 x 3; or with ``", mean"`` at the end, each map's mean.
    seed : int
    """
    stages, _, ending = shape.partition(", ")
    torch.manual_seed(seed)
    layers, maps, size = nn.Sequential(), 1, 5
    for stage in stages.split("|"):
        for more_maps in map(int, stage.split()):
            layers.append(
                nn.Conv2d(maps, more_maps, size, padding=size // 2, bias=False)
            )
            layers.extend([nn.BatchNorm2d(more_maps), nn.ReLU()])
            maps, size = more_maps, 3
        layers.append(nn.MaxPool2d(2))
    if ending == "mean":
        layers.append(nn.AdaptiveAvgPool2d(1))
    layers.extend([nn.Flatten(), nn.Linear(maps * (1 if ending else 9), 10)])
    return layers.to(memory_format=torch.channels_last)


def judge(scores: Tensor, labels: Tensor) -> dict:
    """Measure the error rate and the mean cross-entropy of scores, (N, 10)."""
    error_rate = (scores.argmax(1) != labels).double().mean().item()
    loss = functional.cross_entropy(scores, labels).item()
    return {
        "validation_error_rate": round(error_rate, 6),
        "validation_loss": round(loss, 6),
    }
