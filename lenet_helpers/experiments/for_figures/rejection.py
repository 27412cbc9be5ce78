"""When to refuse an answer: for each stored network, how sure it must be.

The networks of `replay` and `modern` have seen all training digits, so a twin of each
is trained in the same way on the training split, and judged on the validation split
(seed 0). The test set is not looked at.
"""

from lenet_helpers import judging
from lenet_helpers.data import load_mnist
from lenet_helpers.experiments.published import figure5, figure9, recipe
from lenet_helpers.experiments.today import modern
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.model.today import ModernLeNet
from lenet_helpers.trained import NETWORKS

PAPER = "rejects where the two best differ least, until 0.5 % of the rest are wrong"
CONFIGURATIONS = [{"network": name} for name in NETWORKS]


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
    images = NETWORKS[network].prepare(mnist.train_images)
    twin = train(network, images[training], mnist.train_labels[training], seed=seed)
    scores = judging.score_network(twin, images[validation])
    labels = mnist.train_labels[validation]
    return judging.choose_threshold(scores, labels) | {
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
    if NETWORKS[name] is ModernLeNet:
        (configuration,) = modern.CONFIGURATIONS
        network, _ = modern.train(
            ModernLeNet(seed=seed),
            images,
            labels,
            seed=seed,
            distortions=modern.DISTORTIONS,
            # Of num_epochs alone: pyright takes it for any argument.
            **configuration,  # pyright: ignore[reportArgumentType]
        )
        return network
    network = NETWORKS[name](initial="root", seed=seed)
    if isinstance(network, LeNet5):
        reading = {key: figure5.CURVE[key] for key in ("equation", "j", "divisor")}
        recipe.train_by_reading(network, images, labels, seed=seed, **reading)
    else:
        figure9.train_network(network, images, labels, seed=seed)
    return network
