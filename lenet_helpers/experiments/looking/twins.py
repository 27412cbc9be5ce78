"""LeNet-5 with its RBF units, and with a softmax in place of them, sees strangers.

All runs share one protocol, a short form of that of `deviations`: one pass over 20,000
digits of the training split, batches of 32, Adam, its rate from 0.002 down to 0 along a
cosine; equation 9 with j = 1, or the cross-entropy. Two networks of a seed begin with
the same weights up to F6 and see the same digits in the same order. Then they read
2,000 test digits and 500 strangers of each kind, drawn with seed 0. What may be
accepted is decided on the validation split: 95 of 100 of its digits are.
"""

from torch import nn

from lenet_helpers.data import load_mnist, prepare_images
from lenet_helpers.experiments.looking.protocol import draw_digits
from lenet_helpers.experiments.progress import report_pass
from lenet_helpers.experiments.today.deviations import build_network
from lenet_helpers.judging import score_network
from lenet_helpers.looking import strangers
from lenet_helpers.model.losses import MaximumPosterior
from lenet_helpers.training.batches import train_with_adam

PAPER = "Sec. II-B: a sigmoid output rejects worse than an RBF, without a number"
CONFIGURATIONS = [{"output": "RBF"}, {"output": "softmax"}]
CHANGES = {"RBF": "none", "softmax": "softmax"}
NUM_EPOCHS, BATCH_SIZE, LEARNING_RATE = 1, 32, 0.002
NUM_TRAINING = 20_000
NUM_DIGITS, NUM_STRANGERS, ACCEPTED = 2_000, 500, 0.95


def run(seed, *, output):
    """Train one network and show it what is no digit.

    Parameters
    ----------
    seed : int
    output : {"RBF", "softmax"}

    Returns
    -------
    dict
        ``test_error_rate``; ``areas`` and ``accepted``, by kind of stranger and rule:
        the area under the ROC curve against the test digits, and the share of strangers
        that is accepted where 95 of 100 validation digits are.
    """
    mnist = load_mnist()
    training, validation = mnist.split_indices(seed=0)
    training = training[:NUM_TRAINING]
    images = prepare_images(mnist.train_images, size=32)
    network = build_network(CHANGES[output], seed=seed)
    train(network, images[training], mnist.train_labels[training], seed, output)
    scores = score_network(network.eval(), prepare_images(mnist.test_images, size=32))
    is_wrong = scores.argmax(1) != mnist.test_labels
    held = strangers.rate_answers(score_network(network, images[validation]))
    limits = {rule: rating.quantile(1 - ACCEPTED) for rule, rating in held.items()}
    known = strangers.rate_answers(scores[draw_digits(mnist, NUM_DIGITS)])
    kinds = strangers.gather(
        mnist.test_images, mnist.test_labels, NUM_STRANGERS, seed=0
    )
    areas, accepted = {}, {}
    for kind, pictures in kinds.items():
        shown = prepare_images(pictures, size=32)
        ratings = strangers.rate_answers(score_network(network, shown))
        areas[kind] = {
            rule: round(strangers.measure_area(known[rule], rating), 4)
            for rule, rating in ratings.items()
        }
        accepted[kind] = {
            rule: round((rating >= limits[rule]).double().mean().item(), 4)
            for rule, rating in ratings.items()
        }
    return {
        "test_error_rate": round(is_wrong.double().mean().item(), 6),
        "areas": areas,
        "accepted": accepted,
    }


def train(network, images, labels, seed, output):
    """Train by the common protocol, in place."""
    train_with_adam(
        network,
        network.parameters(),
        images,
        labels,
        loss=MaximumPosterior(j=1.0) if output == "RBF" else nn.CrossEntropyLoss(),
        num_epochs=NUM_EPOCHS,
        batch_size=BATCH_SIZE,
        learning_rate=LEARNING_RATE,
        seed=seed,
        on_pass=lambda error_rates: report_pass(),
    )
