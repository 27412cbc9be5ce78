"""Figure 5: training and test error of LeNet-5, pass by pass.

All 60,000 training digits, 20 passes with the printed schedule, the test set classified
after each pass as in the figure. `recipe` chose two readings of what the paper leaves
open, both without the test set: the first follows the paper's training curve and
effective rates, the second has the lowest validation error.
"""

from lenet_helpers.data import load_mnist, prepare_images
from lenet_helpers.experiments.published import recipe
from lenet_helpers.judging import judge_network
from lenet_helpers.model.networks import LeNet5

PAPER = "test error 0.95 % from pass 10 on, training error 0.36 % in pass 20"
CURVE = {"initial": "root", "equation": 9, "j": 1.0, "divisor": 4}
BEST = {"initial": "root", "equation": 9, "j": 10.0, "divisor": 10}
CONFIGURATIONS = [CURVE, BEST]
NUM_SEEDS = 10


def run(seed, *, initial, **reading):
    """Train LeNet-5 as in Figure 5.

    Parameters
    ----------
    seed : int
    initial, equation, j, divisor
        As in `recipe`.

    Returns
    -------
    dict
        What `judge_network` measures after the last pass, and rates by pass; ``files``
        of the second reading: the weights.
    """
    mnist = load_mnist()
    network = LeNet5(initial=initial, seed=seed)
    test_images = prepare_images(mnist.test_images, size=32)
    history = recipe.train_by_reading(
        network,
        prepare_images(mnist.train_images, size=32),
        mnist.train_labels,
        seed=seed,
        evaluate={"test": (test_images, mnist.test_labels)},
        **reading,
    )
    measured = judge_network(network, mnist) | recipe.list_by_pass(history)
    if {"initial": initial, **reading} == BEST:
        measured["files"] = {f"figure5-{seed}.safetensors": network.state_dict()}
    return measured
