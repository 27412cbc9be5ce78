"""Whose gain is whose: shape, elastic distortions and passes, each with each.

`deeper` differs from `modern` in three things at once. Here each of them is varied with
the others held: two shapes, the elastic distortions of either, 6 and 12 passes. Trained
on the training split of seed 0 and judged on its 5,000 digits for validation, as the
`trials` are; the test set is not read.
"""

import itertools

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments.today import deeper, modern, trials

PAPER = "none: the papers have no such network"
SHAPES = {"modern": trials.FLAT, "deeper": trials.DEEP}
ELASTIC = {
    "modern": modern.ELASTIC,
    "deeper": {name: deeper.DISTORTIONS[name] for name in modern.ELASTIC},
}
CONFIGURATIONS = [  # the short runs first, which stand by themselves
    {"num_epochs": num_epochs, "shape": shape, "elastic": elastic}
    for num_epochs, shape, elastic in itertools.product((6, 12), SHAPES, ELASTIC)
]


def run(seed, *, num_epochs, shape, elastic):
    """Train one network and judge it on the validation split.

    Parameters
    ----------
    seed : int
        Of the initial parameters, the order and the distortions.
    num_epochs : int
    shape, elastic : {"modern", "deeper"}
        The network whose shape, and whose elastic distortions, are taken.

    Returns
    -------
    dict
        As `trials.judge`.
    """
    judged = trials.try_long_run(
        trials.hide_test_set(load_mnist()),
        seed=seed,
        num_epochs=num_epochs,
        shape=SHAPES[shape],
        **ELASTIC[elastic],
    )
    return trials.judge(*judged)
