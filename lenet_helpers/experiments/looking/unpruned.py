"""LeNet-1 trained on 10,000 digits: where the pruning of LeNet-1 starts.

About as many digits as the paper's network had, and few enough to train for many
passes, since saliencies are for a network near a minimum. Its first rate and its
mu are those of `figure9`.
"""

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments.published.figure9 import SCHEDULES, train_network
from lenet_helpers.judging import judge_network
from lenet_helpers.model.networks import LeNet1

PAPER = "Le Cun, Denker and Solla 1990, Sec. 2.3: about 9,300 training digits"
CONFIGURATIONS = [{}]
NUM_DIGITS, NUM_EPOCHS = 10_000, 20


def run(seed):
    """Train LeNet-1 on the first 10,000 training digits.

    Parameters
    ----------
    seed : int

    Returns
    -------
    dict
        What `judge_network` measures, and ``files``: the weights.
    """
    mnist = load_mnist()
    images = LeNet1.prepare(mnist.train_images[:NUM_DIGITS])
    network = LeNet1(initial="root", seed=seed)
    rate, mu, _ = SCHEDULES["LeNet1"]
    train_network(
        network,
        images,
        mnist.train_labels[:NUM_DIGITS],
        seed=seed,
        schedule=(rate, mu, NUM_EPOCHS),
    )
    files = {f"unpruned-{seed}.safetensors": network.state_dict()}
    return {**judge_network(network, mnist), "files": files}
