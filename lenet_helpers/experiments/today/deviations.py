"""LeNet-5 with one thing changed at a time: what each choice of 1998 costs or gains.

All rows share one protocol: all 60,000 training digits, 5 passes in batches of 64 with
Adam, its rate from 0.002 down to 0 along a cosine, equation 9 with j = 1. The row
"none" is the network as printed; each other row changes what its name says and nothing
else, so the rate of Adam is the one that suits "none". All start with the deviation
"root"; two rows normalise batches, "batch normalisation" what the units give on, and
"normalised sums" their weighted sums, as its authors do (Ioffe and Szegedy 2015). The
rate was chosen from 0.001, 0.002 and 0.004, that of SGD from 0.0005, 0.002 and 0.006,
on the validation split with seed 0 and 8 passes; `trials` has the same rates with the
protocol's 5. The test set is classified once, after the last pass.
"""

import torch
from torch import nn

from lenet_helpers import paper
from lenet_helpers.data import load_mnist, prepare_images
from lenet_helpers.experiments.progress import report_pass
from lenet_helpers.experiments.published import recipe
from lenet_helpers.experiments.published.figure6 import show_version
from lenet_helpers.judging import judge_scores, score_network
from lenet_helpers.model.losses import MaximumLikelihood, MaximumPosterior
from lenet_helpers.model.networks import LeNet5, count_parameters
from lenet_helpers.paper import BACKGROUND, FOREGROUND, NUM_VERSIONS
from lenet_helpers.training.batches import draw_orders, train_in_batches

PAPER = "dense table: not tried; softmax, ReLU, max pooling: not known"
CHANGES = (
    "none",
    "dense table",
    "average pooling",
    "max pooling",
    "plain tanh",
    "ReLU",
    "softmax",
    "equation 8",
    "input 0 to 1",
    "SGD",
    "SDLM, one at a time",
    "batches of 16",
    "batches of 256",
    "batch normalisation",
    "normalised sums",
    "dropout",
    "distortions",
)
CONFIGURATIONS = [{"change": change} for change in CHANGES]
NORMALISED = (("c1", 6), ("c3", 16), ("c5", 120))  # layers and their maps
NUM_EPOCHS, BATCH_SIZE, LEARNING_RATE = 5, 64, 0.002
SGD_LEARNING_RATE = 0.002
# Each rate of the printed schedule for one pass; the loss is divided by 4 (`figure5`).
SDLM_LEARNING_RATES = (5e-4, 2e-4, 1e-4, 5e-5, 1e-5)


def run(seed, *, change):
    """Train one network.

    Parameters
    ----------
    seed : int
    change : str, one of `CHANGES`

    Returns
    -------
    dict
        As `judge_scores`, with ``parameters``, the number of trainable ones, and
        ``training_error_rate_by_pass``.
    """
    mnist = load_mnist()
    images = prepare(mnist.train_images, change)
    tests = prepare(mnist.test_images, change)
    network = build_network(change, seed=seed)
    error_rates = train(network, images, mnist.train_labels, change, seed=seed)
    scores = score_network(network.eval(), tests)
    judged = judge_scores(scores, mnist.test_labels)
    return judged | {
        "parameters": count_parameters(network),
        "training_error_rate_by_pass": error_rates,
    }


def prepare(pixels, change):
    """Make the images that a changed network reads, (N, 1, 32, 32)."""
    low, high = (0.0, 1.0) if change == "input 0 to 1" else (BACKGROUND, FOREGROUND)
    return prepare_images(pixels, size=32, low=low, high=high)


class ChangedLeNet5(nn.Sequential):
    """LeNet-5's layers, one of them changed: (N, 1, 32, 32) to ten outputs."""

    def rank(self, outputs):
        """Turn outputs into scores: those of softmax are, penalties turn round."""
        return outputs if isinstance(self[-1], nn.Linear) else -outputs

    def scores(self, images):
        """Give each class a score, the largest to the answer, (N, 10)."""
        return self.rank(self(images))


def build_network(change, *, seed):
    """Build LeNet-5 with one thing changed.

    Returns
    -------
    ChangedLeNet5
    """
    torch.manual_seed(seed)  # of new layers and dropout
    table = paper.C3_TABLE
    if change == "dense table":
        table = (range(6),) * 16
    parts = dict(LeNet5(initial="root", seed=seed, c3_table=table).named_children())
    if change == "average pooling":
        parts["s2"] = parts["s4"] = nn.AvgPool2d(2)
    elif change == "max pooling":
        parts["s2"] = parts["s4"] = nn.MaxPool2d(2)
    elif change == "softmax":
        parts["output"] = nn.Linear(84, 10)
        nn.init.normal_(parts["output"].weight, std=84**-0.5)
        nn.init.zeros_(parts["output"].bias)
    elif change == "batch normalisation":
        for name, maps in NORMALISED:
            parts[name] = nn.Sequential(parts[name], nn.BatchNorm2d(maps))
    elif change == "normalised sums":
        for name, maps in NORMALISED:
            squash = parts[name].get_submodule("squash")
            parts[name].squash = nn.Sequential(nn.BatchNorm2d(maps), squash)
    elif change == "dropout":
        parts["c5"] = nn.Sequential(parts["c5"], nn.Dropout(0.25))
    elif change in ("plain tanh", "ReLU"):
        squash = nn.Tanh() if change == "plain tanh" else nn.ReLU()
        names = ["c1", "s2", "c3", "s4", "c5"]  # F6 must reach the codes' +1 and -1
        for name in names + ["f6"] * (change == "plain tanh"):
            parts[name].squash = squash
    return ChangedLeNet5(*parts.values())


def train(network, images, labels, change, *, seed, learning_rate=None):
    """Train by the common protocol, in place; return the error rate of each pass."""
    if change == "SDLM, one at a time":
        faithful = LeNet5(initial="root", seed=seed)
        history = recipe.train_by_reading(
            faithful,
            images,
            labels,
            seed=seed,
            equation=9,
            j=1.0,
            divisor=4,
            learning_rates=SDLM_LEARNING_RATES,
        )
        state = faithful.state_dict().values()
        network.load_state_dict(dict(zip(network.state_dict(), state, strict=True)))
        return recipe.list_by_pass(history)["training_error_rate_by_pass"]
    sizes = {"batches of 16": 16, "batches of 256": 256}
    batch_size = sizes.get(change, BATCH_SIZE)
    loss = {
        "softmax": nn.CrossEntropyLoss(),
        "equation 8": MaximumLikelihood(),
    }.get(change, MaximumPosterior(j=1.0))
    rate = learning_rate or (SGD_LEARNING_RATE if change == "SGD" else LEARNING_RATE)
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    if change == "SGD":
        optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9)
    num_steps = NUM_EPOCHS * -(-len(images) // batch_size)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, num_steps)

    def show(epoch):
        if change != "distortions":
            return images, labels
        return show_version(images, version=epoch % NUM_VERSIONS, seed=seed), labels

    return train_in_batches(
        network,
        show,
        orders=draw_orders(
            len(images),
            num_epochs=NUM_EPOCHS,
            generator=torch.Generator().manual_seed(seed),
        ),
        batch_size=batch_size,
        loss=loss,
        optimizer=optimizer,
        schedule=schedule,
        answer=lambda outputs: network.rank(outputs).argmax(1),
        on_pass=report_pass,
    )
