"""LeNet-5 slid over amounts of money, for the figure on which one writes an amount.

The rival of `amounts`, which cuts: from `isolated`, with the same thirteen codes, first
on windows, as `windows`, then on whole amounts by equation 17, as the sliding network
of `criteria`, whose rates it takes. One seed: a figure shows one network. Nothing was
chosen for it, and the test digits are read once, at the end.
"""

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments import progress
from lenet_helpers.experiments.strings import amounts, criteria, protocol
from lenet_helpers.experiments.strings.windows import train_on_windows
from lenet_helpers.experiments.weights import load_weights
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.model.rbf import RBFOutput
from lenet_helpers.strings.amounts import CHARACTERS, make_amounts
from lenet_helpers.strings.reading import discriminative_forward
from lenet_helpers.strings.sliding import SlidingNetwork
from lenet_helpers.strings.training import train_on_lines

PAPER = "none: the paper reads no amounts by its sliding network"
CONFIGURATIONS = [{"num_window_lines": 10_000, "num_lines": 40_000, "num_epochs": 3}]
NUM_SEEDS = 1
WIDE = (-1, 16)  # gaps of half of the training amounts: a hand leaves wider ones


def run(seed, *, num_window_lines, num_lines, num_epochs):
    """Train on windows of amounts of training digits, then on the amounts.

    Parameters
    ----------
    seed : int
    num_window_lines : int
        The amounts whose windows are learned first, each for itself.
    num_lines, num_epochs : int
        The amounts that are learned as strings, and the passes over them.

    Returns
    -------
    dict
        ``string_error_rate`` and ``string_error_rate_with_grammar`` of the test
        amounts of `amounts`; ``files``: the weights.
    """
    network = protocol.load_start("isolated", seed)
    network.output = RBFOutput(CHARACTERS)
    lines = draw_training_amounts(num_window_lines, seed=3000 + seed)
    train_on_windows(network, lines, seed=seed)
    reader = SlidingNetwork(network)
    train_on_lines(
        reader,
        draw_training_amounts(num_lines, seed=2000 + seed),
        discriminative_forward,
        num_epochs=num_epochs,
        learning_rate=criteria.RATES["sliding"],
        seed=seed,
        on_pass=progress.report_pass,
    )
    mnist = load_mnist()
    lines = make_amounts(
        mnist.test_images,
        mnist.test_labels,
        number=amounts.NUM_TEST_LINES,
        seed=203,  # as in `amounts`
    )
    return {
        **amounts.count_errors(reader, lines),
        "files": {f"sliding_amounts-{seed}.safetensors": network.state_dict()},
    }


def draw_training_amounts(number, *, seed):
    """Draw amounts of training digits, half of them with wide gaps.

    Parameters
    ----------
    number : int
    seed : int

    Returns
    -------
    list of Line
    """
    mnist = load_mnist()
    training, _ = mnist.split_indices(seed=0)
    images, labels = mnist.train_images[training], mnist.train_labels[training]
    half = number // 2
    return [
        *make_amounts(images, labels, number=number - half, seed=seed),
        *make_amounts(images, labels, number=half, gap=WIDE, seed=seed + 500),
    ]


def load_reader(seed: int = 0) -> SlidingNetwork:
    """Load the system that a run has trained."""
    network = LeNet5()
    network.output = RBFOutput(CHARACTERS)
    load_weights(network, f"sliding_amounts-{seed}")
    return SlidingNetwork(network)
