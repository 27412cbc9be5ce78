"""How large a change must be to fool a network: error against size, four ways.

Each stored network reads 200 test digits, drawn with seed 0, changed by one step along
the gradient, by 20 steps, and by noise as large, with no pixel changed by more than the
size; and by 20 steps and by noise of a Euclidean norm.
"""

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments.looking.protocol import (
    TEN,
    draw_digits,
    find_error_rate,
    load_classifier,
)
from lenet_helpers.looking import attacks
from lenet_helpers.trained import NETWORKS

PAPER = "not in the papers; Szegedy et al. 2014 found it in other networks"
CONFIGURATIONS = [{"network": name} for name in (*TEN, *NETWORKS)]
NUM_DIGITS = 200
SIZES = {  # shares of the ink range
    "linf": (0.05, 0.1, 0.15, 0.2, 0.3),
    "l2": (1.0, 2.0, 3.0),
}


def is_random(configuration):
    """Say that nothing differs between seeds: the networks are stored."""
    return False


def run(seed, *, network):
    """Attack one network.

    Parameters
    ----------
    seed : int
    network : str
        A stored network.

    Returns
    -------
    dict
        ``test_error_rate`` on the 200 digits as they are; ``one_step``, ``steps`` and
        ``noise``: error rates of `SIZES`, by norm.
    """
    mnist = load_mnist()
    some = draw_digits(mnist, NUM_DIGITS)
    pixels, labels = mnist.test_images[some] / 255, mnist.test_labels[some]
    score = attacks.read_pixels(load_classifier(network))

    def measure(changed):
        return find_error_rate(score, changed, labels)

    measured = {"one_step": {}, "steps": {}, "noise": {}}
    for norm, sizes in SIZES.items():
        how = [{"size": size, "norm": norm} for size in sizes]
        measured["one_step"][norm] = [
            measure(attacks.step_once(score, pixels, labels, **one)) for one in how
        ]
        measured["steps"][norm] = [
            measure(attacks.climb(score, pixels, labels, **one)) for one in how
        ]
        measured["noise"][norm] = [
            measure((pixels + attacks.draw_noise(pixels, seed=0, **one)).clamp(0, 1))
            for one in how
        ]
    return {"test_error_rate": measure(pixels), **measured}
