"""When to refuse an answer: for each stored network, how sure it must be.

The networks of `replay` and `modern` have seen all training digits, so a twin of each
is trained in the same way on the training split, and judged on the validation split
(seed 0). The test set is not looked at.
"""

import numpy as np

from lenet_helpers import judging
from lenet_helpers.data import load_mnist
from lenet_helpers.experiments.published import figure5, figure9, recipe
from lenet_helpers.experiments.today import modern
from lenet_helpers.model.networks import LeNet1, LeNet5, Net1989
from lenet_helpers.trained import PREPARATIONS

PAPER = "rejects where the two best differ least, until 0.5 % of the rest are wrong"
CONFIGURATIONS = [
    {"network": name} for name in ("net1989", "lenet1", "lenet5", "modern")
]


def is_random(configuration):
    """Say that one twin of each is enough, as there is one network of each."""
    return False


def run(seed, *, network):
    """Train a twin and choose the threshold.

    Parameters
    ----------
    seed : int
    network : {"net1989", "lenet1", "lenet5", "modern"}

    Returns
    -------
    dict
        ``threshold``: an answer is refused where the two best outputs differ by less;
        ``rejected_rate``, how many that are; ``validation_error_rate`` of all.

    References
    ----------
    LeCun et al. 1998, Figure 10.
    """
    mnist = load_mnist()
    training, validation = mnist.split_indices(seed=0)
    images = PREPARATIONS[network](mnist.train_images)
    twin = train(network, images[training], mnist.train_labels[training], seed=seed)
    scores = judging.score_network(twin, images[validation])
    labels = mnist.train_labels[validation]
    return choose_threshold(scores, labels) | {
        "validation_error_rate": (scores.argmax(1) != labels).float().mean().item()
    }


def train(name, images, labels, *, seed):
    """Train as `replay` and `modern` do.

    Parameters
    ----------
    name : str
        As in `run`.
    images, labels
        The prepared images to learn from.
    seed : int

    Returns
    -------
    Module
    """
    if name == "modern":
        (configuration,) = modern.CONFIGURATIONS
        network, _ = modern.train(
            modern.build_network(seed=seed),
            images,
            labels,
            seed=seed,
            distortions=modern.DISTORTIONS,
            **configuration,
        )
        return network
    built = {"net1989": Net1989, "lenet1": LeNet1, "lenet5": LeNet5}[name]
    network = built(initial="root", seed=seed)
    if name == "lenet5":
        reading = {key: figure5.CURVE[key] for key in ("equation", "j", "divisor")}
        recipe.train_by_reading(network, images, labels, seed=seed, **reading)
    else:
        figure9.train_network(network, images, labels, seed=seed)
    return network


def choose_threshold(scores, labels):
    """Find the smallest difference of the two best that leaves few enough errors.

    Parameters
    ----------
    scores : Tensor, (N, 10)
        The largest is the answer.
    labels : Tensor, (N,) int64

    Returns
    -------
    dict
        ``threshold`` and ``rejected_rate``, the fraction below it.
    """
    rate = judging.find_rejection(
        judging.trace_rejection(scores, labels), judging.ERROR_RATE_AFTER_REJECTION
    )
    best, second = scores.topk(2, dim=1).values.T.numpy()
    differences = np.sort(best - second)
    num_rejected = round(rate * len(differences))
    threshold = differences[num_rejected] if num_rejected < len(differences) else np.inf
    return {"threshold": round(float(threshold), 6), "rejected_rate": round(rate, 6)}
