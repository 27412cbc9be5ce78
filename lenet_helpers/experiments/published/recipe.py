"""Readings of what the 1998 paper leaves open, beside its Figure 5.

LeNet-5 on 55,000 training digits, 20 passes with the printed schedule, judged on the
5,000 of the validation split after each pass and on the test set once, at the end. The
readings differ in the initialisation, in the loss (equation 8, or equation 9 and its
j), and in the scale: `divisor` divides the loss as printed, which is a sum over
penalties. That is the same as mu times the divisor.
"""

from lenet_helpers import paper
from lenet_helpers.data import load_mnist, prepare_images
from lenet_helpers.experiments import progress
from lenet_helpers.judging import judge_network
from lenet_helpers.model.losses import MaximumLikelihood, MaximumPosterior
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.training.online import train_online

NUM_SEEDS = 2
PAPER = "training error 4.89 % in pass 1, 0.36 % in pass 20; rates 7e-5 to 0.016"
READINGS = (  # initial, equation, j, divisor
    ("printed", 8, None, 1),
    ("printed", 9, 1.0, 1),
    ("printed", 8, None, 84),
    ("lush", 8, None, 4),
    ("lush", 9, 1.0, 4),
    ("root", 8, None, 1),
    ("root", 8, None, 4),
    ("root", 8, None, 10),
    ("root", 9, 1.0, 4),
    ("root", 9, 10.0, 10),
)
CONFIGURATIONS = [
    dict(zip(("initial", "equation", "j", "divisor"), reading, strict=True))
    for reading in READINGS
]


def run(seed, *, initial, equation, j, divisor):
    """Train LeNet-5 by one reading.

    Parameters
    ----------
    seed : int
        Of the initial parameters, the order and the patterns for the curvature. The
        split is that of seed 0 for all.
    initial : str
        As in `networks.initialize`.
    equation : {8, 9}
    j : float or None
    divisor : float

    Returns
    -------
    dict
        Error rates and effective rates by pass, ``test_error_rate`` after the last.
    """
    mnist = load_mnist()
    training, validation = mnist.split_indices(seed=0)
    images = prepare_images(mnist.train_images, size=32)
    network = LeNet5(initial=initial, seed=seed)
    history = train_by_reading(
        network,
        images[training],
        mnist.train_labels[training],
        seed=seed,
        equation=equation,
        j=j,
        divisor=divisor,
        evaluate={"validation": (images[validation], mnist.train_labels[validation])},
    )
    error_rate = judge_network(network, mnist)["test_error_rate"]
    return {"test_error_rate": error_rate, **list_by_pass(history)}


def train_by_reading(
    network,
    images,
    labels=None,
    *,
    seed,
    equation,
    j,
    divisor,
    learning_rates=paper.LEARNING_RATES,
    evaluate=None,
    on_pass=progress.report_pass,
):
    """Train a LeNet-5 by one reading.

    Parameters
    ----------
    network, images, labels, learning_rates, evaluate, on_pass
        As in `online.train_online`.
    seed, equation, j, divisor
        As in `run`.

    Returns
    -------
    DataFrame
        The history of `online.train_online`.
    """
    return train_online(
        network,
        images,
        labels,
        loss=make_loss(equation=equation, j=j),
        learning_rates=learning_rates,
        mu=paper.MU * divisor,
        seeds=[seed],
        evaluate=evaluate,
        progress=False,
        on_pass=on_pass,
    )


def make_loss(*, equation, j):
    """Make the criterion of a reading."""
    return MaximumLikelihood() if equation == 8 else MaximumPosterior(j=j)


def list_by_pass(history):
    """Turn the rates and error rates of a history into lists, six digits each."""
    columns = [c for c in history.columns if c.endswith("_rate") and c[:5] != "learn"]
    return {
        f"{column}_by_pass": [float(f"{value:.6g}") for value in history[column]]
        for column in columns
    }
