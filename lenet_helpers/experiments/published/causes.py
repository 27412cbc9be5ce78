"""Figure 9's rows that came out otherwise than in the paper: one guess changed.

Each guess was tried on the validation split first, images of one length on the machine
of degree 4, one digit per update on 300-10, whose rate 1000-10 takes over (`tried` has
both). Here the same runs as in `figure9`, but for what `change` says, classify the test
set once.
"""

import functools

from torch import nn
from torch.nn import functional

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments.published import classifiers, figure9
from lenet_helpers.judging import judge_scores, score_network
from lenet_helpers.model.layers import FullyConnected
from lenet_helpers.model.networks import count_parameters, initialize

PAPER = "of its linear classifiers: various ways of training gave similar results"
CONFIGURATIONS = [
    {"classifier": "linear", "digits": "plain", "change": "squashed sums"},
    {"classifier": "linear", "digits": "deslanted", "change": "squashed sums"},
    {
        "classifier": "40 PCA + quadratic",
        "digits": "plain",
        "change": "mean digit left in",
    },
    {"classifier": "SVM poly 4", "digits": "plain", "change": "deslanted digits"},
    {"classifier": "SVM poly 4", "digits": "plain", "change": "all of one length"},
    {
        "classifier": "SVM poly 4",
        "digits": "plain",
        "change": "deslanted and of one length",
    },
    {
        "classifier": "V-SVM poly 9",
        "digits": "distorted",
        "change": "all of one length",
    },
    {"classifier": "tangent distance", "digits": "16x16", "change": "800 candidates"},
    {"classifier": "300-10", "digits": "deslanted", "change": "30 passes"},
    {"classifier": "300-10", "digits": "plain", "change": "one digit per update"},
    {"classifier": "1000-10", "digits": "plain", "change": "one digit per update"},
]
ONE_BY_ONE = (0.0005, 0.02, 10)  # first rate and mu of SDLM; passes as in `figure9`
LENGTH = 10  # of an image, a vector of pixels: so its kernel with itself is (1 + 1)^d


def is_random(configuration):
    """Say which runs are repeated with other seeds.

    One digit per update takes minutes, so it runs once.
    """
    return configuration["change"] in ("squashed sums", "30 passes")


def run(seed, *, classifier, digits, change):
    """Train one classifier with the change and classify the test set.

    Parameters
    ----------
    seed : int
    classifier, digits : str
        As for `figure9.run`.
    change : str
        Of `CONFIGURATIONS`.

    Returns
    -------
    dict
        As `figure9.run`.
    """
    mnist = load_mnist()
    if change.startswith("deslanted"):
        digits = "deslanted"
    images, tests = (
        figure9.prepare_for_classifiers(pixels, digits)
        for pixels in (mnist.train_images, mnist.test_images)
    )
    train = functools.partial(
        figure9.classify_by_full_network, seed=seed, is_distorted=False
    )
    classify = {
        "squashed sums": functools.partial(train, units=[10]),
        "30 passes": functools.partial(train, units=[300, 10], num_epochs=30),
        "one digit per update": functools.partial(
            classify_one_by_one, classifier=classifier, seed=seed
        ),
        "mean digit left in": functools.partial(
            classifiers.classify_by_components, centred=False
        ),
        "800 candidates": functools.partial(
            classifiers.classify_by_tangent_distance, num_candidates=800
        ),
        "deslanted digits": figure9.RECIPES["SVM poly 4"],
        "deslanted and of one length": figure9.RECIPES["SVM poly 4"],
        "all of one length": figure9.RECIPES.get(classifier),
    }[change]
    if change.endswith("of one length"):
        images, tests = set_length(images), set_length(tests)
    scores, size = classify(images, mnist.train_labels, tests)
    return judge_scores(scores, mnist.test_labels) | size


def set_length(images):
    """Scale each image, (N, H, W), so that its vector of pixels has length `LENGTH`."""
    return LENGTH * functional.normalize(images.flatten(1)).view_as(images)


def classify_one_by_one(
    images, labels, tests, *, classifier, seed, schedule=ONE_BY_ONE
):
    """Train fully connected layers on one digit per update, by SDLM.

    Parameters
    ----------
    images, labels, tests
        As in `classifiers`; images are square.
    classifier : str
        The units of each layer: ``"300-10"``.
    seed : int
    schedule : tuple
        As for `figure9.train_network`.

    References
    ----------
    LeCun et al. 1998, Appendix C.
    """
    layers, fan_in = nn.Sequential(), images[0].numel()
    for number in map(int, classifier.split("-")):
        layers.append(FullyConnected(fan_in, number))
        fan_in = number
    layers.image_size = images.shape[-1]  # which the compiled trainer asks for
    initialize(layers, initial="root", seed=seed)
    figure9.train_network(layers, images[:, None], labels, seed=seed, schedule=schedule)
    number = count_parameters(layers)
    size = {"multiply_accumulates": number, "memory": number}
    return score_network(layers, tests[:, None]), size
