"""Moved digits: who reads digits that are shifted, turned, scaled or slanted.

All classifiers read the same 2,000 test digits, drawn with seed 0, in the same
versions, made of the stored pixels in their field of 28 x 28. Every other digit goes
the other way. k-NN and the support vector machine are those of `figure9` on plain
digits; Net1989, LeNet-1 and modern are the stored ones, LeNet-5 the ten of `figure5`.
What distorted digits in training give is measured by two networks which differ in
nothing else, "LeNet-5, plain" and "LeNet-5, distorted": they learn by the protocol of
`deviations`, in five passes over the first 20,000 training digits, a third of all.
"""

import functools

import torch
from torch import Tensor

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments.looking.protocol import draw_digits, load_lenet5
from lenet_helpers.experiments.published import classifiers
from lenet_helpers.experiments.today import deviations
from lenet_helpers.judging import score_network
from lenet_helpers.looking.shifts import alternate, shift_around, warp
from lenet_helpers.trained import load_network

PAPER = "robust to translation, scale and squeezing, shown by examples"
STORED = {"Net1989": "net1989", "LeNet-1": "lenet1", "modern": "modern"}
TRAINED = {"LeNet-5, plain": "none", "LeNet-5, distorted": "distortions"}
MACHINES = {
    "k-NN": classifiers.classify_by_neighbours,
    "SVM": functools.partial(classifiers.classify_by_machines, degree=4),
}
CONFIGURATIONS = [
    {"classifier": name} for name in (*STORED, "LeNet-5", *TRAINED, *MACHINES)
]
MOVES = [
    ("none", 0.0),
    *[("shift", pixels) for pixels in (1, 2, 3, 4, 6)],
    *[("turn", degrees) for degrees in (10, 20, 30, 45)],
    *[("scale", size) for size in (0.6, 0.8, 1.2, 1.4)],
    *[("slant", lean) for lean in (0.2, 0.4, 0.6)],
]
NUM_DIGITS, NUM_TRAINING = 2000, 20_000


def is_random(configuration):
    """Say whether seeds differ: only where a network is trained."""
    return configuration["classifier"] in TRAINED


def run(seed, *, classifier):
    """Let a classifier read all versions of the digits.

    Parameters
    ----------
    seed : int
        Of the training.
    classifier : str

    Returns
    -------
    dict
        ``errors_by_move``: for each network (ten of "LeNet-5", else one) a list of
        counts of errors among the 2,000 digits, in the order of `MOVES`.
        ``test_error_rate`` of these digits as they are, mean over the networks.
    """
    mnist = load_mnist()
    some = draw_digits(mnist, NUM_DIGITS)
    pixels = mnist.test_images[some].float() / 255
    versions = torch.cat([move(pixels, kind, amount) for kind, amount in MOVES])
    counts = [
        (answers.view(len(MOVES), -1) != mnist.test_labels[some]).sum(1).tolist()
        for answers in answer(classifier, versions, seed=seed)
    ]
    as_they_are = [by_move[0] for by_move in counts]
    return {
        "test_error_rate": sum(as_they_are) / len(counts) / len(some),
        "errors_by_move": counts,
    }


def answer(classifier, pixels, *, seed):
    """Train a classifier, or load it, and let it read digits.

    Parameters
    ----------
    classifier : str
    pixels : Tensor, (N, 1, 28, 28) float, 0 to 1
    seed : int
        Of the training.

    Returns
    -------
    list of Tensor, (N,) int64
        The answers of each network (ten of "LeNet-5", else one).
    """
    mnist = load_mnist()
    if classifier in MACHINES:
        train = mnist.train_images[:, 0].float() / 255
        scores, _ = MACHINES[classifier](train, mnist.train_labels, pixels[:, 0])
        return [scores.argmax(1)]
    if classifier in TRAINED:
        change = TRAINED[classifier]
        network = deviations.build_network(change, seed=seed)
        images = deviations.prepare(mnist.train_images[:NUM_TRAINING], change)
        taught = mnist.train_labels[:NUM_TRAINING]
        deviations.train(network, images, taught, change, seed=seed)
        tests = deviations.prepare(pixels, change)
        return [score_network(network.eval(), tests).argmax(1)]
    if classifier in STORED:
        networks = [load_network(STORED[classifier])]
    else:
        networks = [load_lenet5(number) for number in range(10)]
    tests = networks[0].prepare(pixels)
    return [score_network(network, tests).argmax(1) for network in networks]


def move(pixels: Tensor, kind: str, amount: float) -> Tensor:
    """Move every other digit one way and the others the other way.

    Parameters
    ----------
    pixels : Tensor, (N, 1, 28, 28) float, 0 to 1
    kind, amount
        One of `MOVES`. A scale has only one way.

    Returns
    -------
    Tensor, as `pixels`
    """
    signs = alternate(len(pixels))
    if kind == "none":
        return pixels
    if kind == "shift":
        return shift_around(pixels, int(amount))
    if kind == "scale":
        return warp(pixels, scale=amount)
    if kind == "turn":
        return warp(pixels, turn=amount * signs)
    return warp(pixels, slant=amount * signs)
