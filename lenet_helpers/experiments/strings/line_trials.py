"""Trials of settings on lines of held-out digits: how `criteria` was set.

Each starts from `isolated` (cutting) or `windows` (sliding), trains by equation 17 and
is judged on validation lines. A row sets one thing other than `criteria` does.
"""

from lenet_helpers.experiments.strings import criteria, protocol
from lenet_helpers.strings.cuts import CONTACT_LIMIT, MAX_PIECES
from lenet_helpers.strings.reading import OverSegmentation, discriminative_forward
from lenet_helpers.strings.training import train_on_lines

PAPER = "none: the paper prints no limits of its segmenter and no rates"
NUM_SEEDS = 1
CONFIGURATIONS = [
    {"system": "cutting"},
    {"system": "cutting", "limit": 800.0},
    {"system": "cutting", "limit": 2500.0},
    {"system": "cutting", "max_pieces": 4},
    {"system": "cutting", "learning_rate": 5e-4},
    {"system": "cutting", "learning_rate": 2e-3},
    {"system": "sliding"},
    {"system": "sliding", "learning_rate": 1e-3},
    {"system": "sliding", "learning_rate": 4e-3},
]


def run(
    seed, *, system, limit=CONTACT_LIMIT, max_pieces=MAX_PIECES, learning_rate=None
):
    """Train one system with one thing changed.

    Parameters
    ----------
    seed : int
    system : {"cutting", "sliding"}
    limit, max_pieces
        Of `OverSegmentation`.
    learning_rate : float, optional
        By default that of `criteria`.

    Returns
    -------
    dict
        What `protocol.judge` measures on validation lines, before training with the
        prefix ``start_`` and after it.
    """
    reader = criteria.build_system(system, seed)
    if system == "cutting":
        reader = OverSegmentation(reader.network, limit=limit, max_pieces=max_pieces)
    lines = protocol.draw_validation_lines()
    measured = protocol.judge(reader, lines, prefix="start_")
    num_lines, num_epochs = criteria.EQUAL[system]
    train_on_lines(
        reader,
        protocol.draw_training_lines(num_lines, seed=seed),
        discriminative_forward,
        num_epochs=num_epochs,
        learning_rate=learning_rate or criteria.RATES[system],
        seed=seed,
    )
    return {**measured, **protocol.judge(reader, lines)}
