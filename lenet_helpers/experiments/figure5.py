"""Figure 5: training and test error of LeNet-5, pass by pass.

All 60,000 training digits, 20 passes with the printed schedule, the test set classified
after each pass as in the figure. The reading of what the paper leaves open is the one
that `recipe` finds to follow the paper's training curve and effective rates; nothing is
chosen on the test set.
"""

from lenet_helpers import paper
from lenet_helpers.data import load_mnist, prepare_images
from lenet_helpers.losses import MaximumPosterior
from lenet_helpers.networks import LeNet5
from lenet_helpers.online import train_online

PAPER = "test error 0.95 % from pass 10 on, training error 0.36 % in pass 20"
CONFIGURATIONS = [{"initial": "root", "equation": 9, "j": 1.0, "divisor": 4}]


def run(seed, *, initial, equation, j, divisor):
    """Train LeNet-5 as in Figure 5.

    Parameters
    ----------
    seed : int
    initial, equation, j, divisor
        As in `recipe`.

    Returns
    -------
    dict
        Training and test error rates by pass.
    """
    del equation
    mnist = load_mnist()
    history = train_online(
        LeNet5(initial=initial, seed=seed),
        prepare_images(mnist.train_images, size=32),
        mnist.train_labels,
        loss=MaximumPosterior(j=j),
        learning_rates=paper.LEARNING_RATES,
        mu=paper.MU * divisor,
        seeds=[seed],
        evaluate={
            "test": (prepare_images(mnist.test_images, size=32), mnist.test_labels)
        },
        progress=False,
    )
    columns = ["training_error_rate", "test_error_rate"]
    return {
        f"{column}_by_pass": [float(f"{v:.6g}") for v in history[column]]
        for column in columns
    }
