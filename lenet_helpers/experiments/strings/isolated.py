"""LeNet-5 trained on isolated digits: where all training on strings starts.

By the reading of `figure5` that validates best, but on the 55,000 digits of the
training split, so that lines of validation digits hold digits that no network has seen.
"""

from lenet_helpers.data import load_mnist, prepare_images
from lenet_helpers.experiments.published import figure5, recipe
from lenet_helpers.judging import score_network
from lenet_helpers.model.networks import LeNet5

PAPER = "p. 19: recognisers start from isolated characters"
CONFIGURATIONS = [{}]


def run(seed):
    """Train LeNet-5 on the training split.

    Parameters
    ----------
    seed : int

    Returns
    -------
    dict
        ``validation_error_rate``, rates by pass, and ``files``: the weights.
    """
    mnist = load_mnist()
    training, validation = mnist.split_indices(seed=0)
    images = prepare_images(mnist.train_images, size=32)
    reading = {**figure5.BEST}
    network = LeNet5(initial=reading.pop("initial"), seed=seed)
    history = recipe.train_by_reading(
        network, images[training], mnist.train_labels[training], seed=seed, **reading
    )
    answers = score_network(network, images[validation]).argmax(1)
    is_wrong = answers != mnist.train_labels[validation]
    return {
        "validation_error_rate": round(is_wrong.double().mean().item(), 6),
        **recipe.list_by_pass(history),
        "files": {f"isolated-{seed}.safetensors": network.state_dict()},
    }
