"""Few bits a weight: LeNet-5 rounded after training, and trained through the rounding.

It starts from `figure5`, or from what `pruning` left of it, and learns from the first
20,000 of the same digits by the protocol of the full networks of `figure9`. Nothing is
chosen here.
"""

import safetensors.torch

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments import store
from lenet_helpers.experiments.looking.protocol import load_lenet5
from lenet_helpers.experiments.published.figure5 import BEST
from lenet_helpers.experiments.published.figure9 import BATCH_SIZE, LEARNING_RATE
from lenet_helpers.judging import judge_network
from lenet_helpers.looking.bits import round_network, train_rounded
from lenet_helpers.looking.pruning import unpack_sparse
from lenet_helpers.model.losses import MaximumPosterior
from lenet_helpers.model.networks import LeNet5

PAPER = "none: the papers' networks were trained and run with more bits"
CONFIGURATIONS = [
    *({"left": 60_000, "bits": bits, "num_epochs": 0} for bits in (8, 4, 2, 1)),
    *({"left": 60_000, "bits": bits, "num_epochs": 1} for bits in (8, 4, 2, 1)),
    {"left": 10_000, "bits": 8, "num_epochs": 0},
    {"left": 3_000, "bits": 8, "num_epochs": 0},
]
NUM_DIGITS = 20_000


def run(seed, *, left, bits, num_epochs):
    """Round a LeNet-5, and classify the test set.

    Parameters
    ----------
    seed : int
    left : int
        Its parameters: 60,000, or a level of `pruning` whose weights are stored.
    bits : int
        Of each weight.
    num_epochs : int
        Of training through the rounding; with 0 trained weights are rounded.

    Returns
    -------
    dict
        As `judge_network`.
    """
    mnist = load_mnist()
    if left == 60_000:
        network = load_lenet5(seed)
    else:
        path = store.RESULTS / f"pruned-{left}-{seed}.safetensors"
        network = unpack_sparse(LeNet5(), safetensors.torch.load_file(path))
    # By their types, functions that take any module give any module.
    if not num_epochs:
        return judge_network(
            round_network(network, bits=bits),  # pyright: ignore[reportArgumentType]
            mnist,
        )
    rounded = train_rounded(
        network,
        network.prepare(  # pyright: ignore[reportCallIssue]
            mnist.train_images[:NUM_DIGITS]
        ),
        mnist.train_labels[:NUM_DIGITS],
        bits=bits,
        loss=MaximumPosterior(j=BEST["j"]),
        num_epochs=num_epochs,
        learning_rate=LEARNING_RATE,
        batch_size=BATCH_SIZE,
        seed=seed,
    )
    return judge_network(
        rounded,  # pyright: ignore[reportArgumentType]
        mnist,
    )
