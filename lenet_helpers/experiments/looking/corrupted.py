"""What damaged digits, and digits made to fool others, do to every classifier here.

Networks read 1,000 test digits, drawn with seed 0, in each corruption and strength of
`corruptions`; the two classifiers that have no network read the first 200 of them, as
an answer takes them long, and have learnt from the first 10,000 training digits. All
read the same damaged pixels. The 200 are also changed by `attacks.climb` against four
source networks, and by noise as large, and then shown to each classifier: attacks that
transfer.

A network's answer is refused where the two best scores differ by less than a threshold,
chosen on clean validation digits for 0.5 % of errors among the rest: by `rejection` for
the stored networks; for the ten of `figure5` it is the mean of what the five networks
of `isolated` give, which are trained alike and have not seen those digits.
"""

import functools

import torch
from torch.nn import functional

from lenet_helpers import judging
from lenet_helpers.data import load_mnist, prepare_images
from lenet_helpers.experiments.looking.protocol import (
    TEN,
    draw_digits,
    load_classifier,
)
from lenet_helpers.experiments.published import classifiers
from lenet_helpers.experiments.weights import load_weights
from lenet_helpers.looking import attacks, corruptions
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.trained import NETWORKS, read_provenance

PAPER = "not in the papers; Mu and Gilmer 2019 for other networks"
WITHOUT_NETWORK = ("3-NN", "SVM poly 4")
CONFIGURATIONS = [{"classifier": name} for name in (*TEN, *NETWORKS, *WITHOUT_NETWORK)]
SOURCES = ("figure5-0", "net1989", "lenet1", "modern")
NUM_DIGITS, NUM_FEWER = 1_000, 200
NUM_TRAINING = 10_000  # of those that are no networks
SIZES = (0.1, 0.2)  # of the attacks, shares of the ink range


def is_random(configuration):
    """Say that nothing differs between seeds: the networks are stored."""
    return False


def run(seed, *, classifier):
    """Show a classifier all that is damaged.

    Parameters
    ----------
    seed : int
    classifier : str
        A stored network, or one of `WITHOUT_NETWORK`.

    Returns
    -------
    dict
        ``number`` of digits; ``test_error_rate`` on them as they are;
        ``error_rates``, a list of five strengths for each corruption, and the same for
        ``calibration_errors``, ``refused_rates`` and ``accepted_error_rates``, None
        where the classifier gives no probabilities or has no threshold;
        ``clean``, the three for undamaged digits;
        ``transferred_error_rates``, by source a list of `SIZES`, on 200 digits.
    """
    mnist = load_mnist()
    number = NUM_FEWER if classifier in WITHOUT_NETWORK else NUM_DIGITS
    labels = mnist.test_labels[draw_digits(mnist, NUM_DIGITS)[:number]]
    sets = {key: images[:number] for key, images in make_sets().items()}
    scores = score_all(classifier, sets, mnist)
    threshold = find_threshold(classifier)
    judged = {
        key: judge(part, labels[: len(part)], classifier, threshold)
        for key, part in scores.items()
    }
    clean = judged["none", 0]
    measured = {
        "number": number,
        "test_error_rate": clean.pop("error_rates"),
        "clean": clean,
    }
    for measure in ("error_rates", *clean):
        measured[measure] = {
            name: [
                judged[name, strength][measure]
                for strength in range(1, corruptions.NUM_STRENGTHS + 1)
            ]
            for name in corruptions.NAMES
        }
    measured["transferred_error_rates"] = {
        source: [judged[source, size]["error_rates"] for size in SIZES]
        for source in (*SOURCES, "noise")
    }
    return measured


@functools.cache
def make_sets():
    """Damage the digits in all ways, once for all classifiers.

    Returns
    -------
    dict of Tensor, (N, 1, 28, 28) uint8
        By corruption and strength, and by source and size; undamaged ("none", 0).
    """
    mnist = load_mnist()
    some = draw_digits(mnist, NUM_DIGITS)
    images = mnist.test_images[some]
    sets: dict[tuple[str, float], torch.Tensor] = {("none", 0): images}
    for name in corruptions.NAMES:
        for strength in range(1, corruptions.NUM_STRENGTHS + 1):
            sets[name, strength] = corruptions.corrupt(images, name, strength=strength)
    for source, size, pixels in make_transfers(mnist, some[:NUM_FEWER]):
        sets[source, size] = (255 * pixels).round().to(torch.uint8)
    return sets


def make_transfers(mnist, some):
    """Change digits against each source, and by noise: source, size and pixels."""
    pixels, labels = mnist.test_images[some] / 255, mnist.test_labels[some]
    for size in SIZES:
        for source in SOURCES:
            score = attacks.read_pixels(load_classifier(source))
            yield source, size, attacks.climb(score, pixels, labels, size=size)
        noise = attacks.draw_noise(pixels, size=size, seed=0)
        yield "noise", size, (pixels + noise).clamp(0, 1)


def score_all(classifier, sets, mnist):
    """Give the scores of each set of images."""
    if classifier not in WITHOUT_NETWORK:
        network = load_classifier(classifier)
        return {
            key: judging.score_network(network, network.prepare(images))
            for key, images in sets.items()
        }
    train, tests = (
        prepare_images(images, low=0, high=1)[:, 0]
        for images in (
            mnist.train_images[:NUM_TRAINING],
            torch.cat(list(sets.values())),
        )
    )
    known = mnist.train_labels[:NUM_TRAINING]
    if classifier == "3-NN":
        scores, _ = classifiers.classify_by_neighbours(train, known, tests)
    else:
        scores, _ = classifiers.classify_by_machines(train, known, tests, degree=4)
    parts = scores.split([len(images) for images in sets.values()])
    return dict(zip(sets, parts, strict=True))


def find_threshold(classifier):
    """Find below which difference of the two best scores an answer is refused."""
    if classifier in WITHOUT_NETWORK:
        return None
    if classifier not in TEN:
        return float(read_provenance(classifier)["threshold"])
    return find_threshold_of_ten()


@functools.cache
def find_threshold_of_ten():
    """Average the thresholds of five networks that are trained like the ten."""
    mnist = load_mnist()
    _, validation = mnist.split_indices(seed=0)
    images = LeNet5.prepare(mnist.train_images[validation])
    found = []
    for seed in range(5):
        network = load_weights(LeNet5(), f"isolated-{seed}")
        scores = judging.score_network(network, images)
        labels = mnist.train_labels[validation]
        found.append(judging.choose_threshold(scores, labels)["threshold"])
    return sum(found) / len(found)


def judge(scores, labels, classifier, threshold):
    """Measure errors, calibration, and what is refused, to four places."""
    is_right = scores.argmax(1) == labels
    measured = {
        "error_rates": 1 - is_right.double().mean().item(),
        "calibration_errors": None,
        "refused_rates": None,
        "accepted_error_rates": None,
    }
    if classifier == "modern" or classifier == "lenet5" or classifier in TEN:
        confidences = functional.softmax(scores.double(), 1).amax(1).clamp(0, 1)
        measured["calibration_errors"] = judging.expected_calibration_error(
            confidences, is_right
        )
    if threshold is not None:
        accepted = judging.certainty(scores) >= threshold
        measured["refused_rates"] = 1 - accepted.double().mean().item()
        if accepted.any():
            rate = is_right[accepted].double().mean().item()
            measured["accepted_error_rates"] = 1 - rate
    return {
        name: None if value is None else round(value, 4)
        for name, value in measured.items()
    }
