"""Settings tried for rows of Figure 9 that came out otherwise than in the paper.

Each trial learns from digits of the training split of seed 0 and is judged on digits of
its validation split. It is not given the test set. One choice's trials differ in what
their columns say and in nothing else; what a row does not name is as in `figure9`:

- ``tangent distance``: all 55,000 digits;
- ``SVM poly 4``, ``V-SVM poly 9``, ``RS-SVM poly 5``: 5,000 digits, since a machine
  for each class takes hours with all of them;
- ``300-10``: all digits, one per update, 5 passes.
"""

import functools

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments.published import causes, classifiers, figure9
from lenet_helpers.experiments.published.reduced_set import classify_by_reduced_machines
from lenet_helpers.experiments.today.trials import hide_test_set

PAPER = "none: the papers print no trials"
NUM_FOR_MACHINES = 5_000
SHORT = (0.02, 5)  # mu and passes of 300-10
CONFIGURATIONS = [
    *(
        {"choice": "tangent distance", **settings}
        for settings in (
            {},
            {"smoothing": 0.45},
            {"smoothing": 0.6},
            {"smoothing": 0.75},
            {"smoothing": 0.6, "spring": 0.001},
            {"smoothing": 0.6, "spring": 0.1},
            {"smoothing": 0.6, "num_neighbours": 3},
            {"smoothing": 0.6, "digits": "20x20"},
            {"smoothing": 0.9, "digits": "20x20"},
        )
    ),
    *(
        {"choice": "SVM poly 4", **settings}
        for settings in (
            {},
            {"cost": 1.0},
            {"cost": 0.1},
            {"scale": 30.0},
            {"scale": 300.0},
            {"digits": "deslanted"},
            {"one_length": True},
            {"digits": "deslanted", "one_length": True},
            {"against": "the rest"},
            {"digits": "deslanted", "against": "the rest"},
            {"digits": "deslanted", "one_length": True, "against": "the rest"},
        )
    ),
    *(
        {"choice": "V-SVM poly 9", **settings}
        for settings in (
            {},
            {"cost": 1.0},
            {"scale": 300.0},
            {"one_length": True},
            {"one_length": True, "cost": 1.0},
            {"one_length": True, "scale": 300.0},
        )
    ),
    *(
        {"choice": "RS-SVM poly 5", **settings}
        for settings in (
            {"num_vectors": NUM_FOR_MACHINES},  # so all support vectors
            {},
        )
    ),
    *({"choice": "300-10", "learning_rate": rate} for rate in (0.0002, 0.0005, 0.001)),
]


def is_random(configuration: dict) -> bool:
    """Say that every trial is made with one seed."""
    return False


def run(seed: int, *, choice: str, **settings) -> dict:
    """Train one classifier on the training split and judge it on the validation split.

    Parameters
    ----------
    seed : int
        Of the network; the split is that of seed 0.
    choice : str
        The classifier.
    **settings
        Of `CONFIGURATIONS`.

    Returns
    -------
    dict
        ``validation_error_rate``.
    """
    attempt = {
        "tangent distance": try_tangents,
        "SVM poly 4": try_machines,
        "V-SVM poly 9": functools.partial(
            try_machines, degree=9, shifts=figure9.SHIFTS
        ),
        "RS-SVM poly 5": try_reduced_machines,
        "300-10": try_network,
    }[choice]
    mnist = hide_test_set(load_mnist())
    scores, labels = attempt(mnist, seed=seed, **settings)
    error_rate = (scores.argmax(1) != labels).double().mean().item()
    return {"validation_error_rate": round(error_rate, 6)}


def split(mnist, digits, *, num_digits=None):
    """Give images, labels, others, answers: what to learn from and what to judge on.

    Parameters
    ----------
    mnist : MNIST
    digits : {"plain", "deslanted", "16x16", "20x20"}
        As for `figure9.prepare_for_classifiers`; 20x20 is the box of plain digits.
    num_digits : int, optional
        To learn from; by default all of the training split.
    """
    training, validation = mnist.split_indices(seed=0)
    version = "plain" if digits == "20x20" else digits
    parts = []
    for some in (training[:num_digits], validation):
        images = figure9.prepare_for_classifiers(mnist.train_images[some], version)
        if digits == "20x20":
            images = images[:, 4:-4, 4:-4]
        parts += [images, mnist.train_labels[some]]
    return parts


def try_tangents(mnist, *, seed, digits="16x16", **settings):
    """Classify by tangent distance; return scores and labels of the digits judged."""
    images, labels, others, answers = split(mnist, digits)
    scores, _ = classifiers.classify_by_tangent_distance(
        images, labels, others, **settings
    )
    return scores, answers


def try_machines(
    mnist, *, seed, digits="plain", one_length=False, degree=4, **settings
):
    """Fit support vector machines, as `try_tangents`."""
    images, labels, others, answers = split(mnist, digits, num_digits=NUM_FOR_MACHINES)
    if one_length:
        images, others = causes.set_length(images), causes.set_length(others)
    scores, _ = classifiers.classify_by_machines(
        images, labels, others, degree=degree, **settings
    )
    return scores, answers


def try_reduced_machines(mnist, *, seed, **settings):
    """Fit support vector machines and reduce them, as `try_tangents`."""
    images, labels, others, answers = split(mnist, "plain", num_digits=NUM_FOR_MACHINES)
    scores, _ = classify_by_reduced_machines(images, labels, others, **settings)
    return scores, answers


def try_network(mnist, *, seed, learning_rate):
    """Train 300-10 on one digit per update, as `try_tangents`."""
    images, labels, others, answers = split(mnist, "plain")
    scores, _ = causes.classify_one_by_one(
        images,
        labels,
        others,
        classifier="300-10",
        seed=seed,
        schedule=(learning_rate, *SHORT),
    )
    return scores, answers
