"""LeNet-5 with thirteen classes, trained on amounts of money through the decision.

From `isolated`, its ten codes joined by those of the paper for the dollar sign, the
comma and the point; the grammar of amounts takes no part in the training.
"""

import torch

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments import progress
from lenet_helpers.experiments.strings import protocol
from lenet_helpers.experiments.weights import load_weights
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.model.rbf import RBFOutput
from lenet_helpers.strings.amounts import CHARACTERS, PATTERN, make_amounts
from lenet_helpers.strings.graphs import compose
from lenet_helpers.strings.patterns import parse_pattern
from lenet_helpers.strings.reading import (
    OverSegmentation,
    discriminative_forward,
    read,
)
from lenet_helpers.strings.training import System, train_on_lines

PAPER = "p. 39-40: 82 % of 646 business cheques read rightly, 1 % wrongly"
CONFIGURATIONS = [{"num_lines": 8000, "num_epochs": 2}]
LEARNING_RATE = 1e-3
NUM_TEST_LINES = 2000


def run(seed, *, num_lines, num_epochs):
    """Train on amounts of training digits.

    Parameters
    ----------
    seed : int
    num_lines, num_epochs : int

    Returns
    -------
    dict
        ``string_error_rate`` of 2,000 amounts of test digits, and
        ``string_error_rate_with_grammar`` of the same; ``files``: the weights.
    """
    network = protocol.load_start("isolated", seed)
    network.output = RBFOutput(CHARACTERS)
    reader = OverSegmentation(network)
    mnist = load_mnist()
    training, _ = mnist.split_indices(seed=0)
    images, labels = mnist.train_images[training], mnist.train_labels[training]
    train_on_lines(
        reader,
        make_amounts(images, labels, number=num_lines, seed=2000 + seed),
        discriminative_forward,
        num_epochs=num_epochs,
        learning_rate=LEARNING_RATE,
        seed=seed,
        on_pass=progress.report_pass,
    )
    lines = make_amounts(
        mnist.test_images, mnist.test_labels, number=NUM_TEST_LINES, seed=203
    )
    return {
        **count_errors(reader, lines),
        "files": {f"amounts-{seed}.safetensors": network.state_dict()},
    }


def count_errors(reader: System, lines) -> dict[str, float]:
    """Read amounts without and with their grammar."""
    grammar = parse_pattern(PATTERN, CHARACTERS)
    wrong = {"string_error_rate": 0, "string_error_rate_with_grammar": 0}
    for begin in range(0, len(lines), protocol.CHUNK):
        some = lines[begin : begin + protocol.CHUNK]
        with torch.no_grad():
            graph = reader.build_graph([line.pixels for line in some])
            both = (read(graph), read(compose(graph, grammar)))
        for name, readings in zip(wrong, both, strict=True):
            wrong[name] += sum(
                reading.labels != line.labels
                for reading, line in zip(readings, some, strict=True)
            )
    return {name: number / len(lines) for name, number in wrong.items()}


def load_reader(seed: int) -> OverSegmentation:
    """Load the system that a run has trained."""
    network = LeNet5()
    network.output = RBFOutput(CHARACTERS)
    load_weights(network, f"amounts-{seed}")
    return OverSegmentation(network)
