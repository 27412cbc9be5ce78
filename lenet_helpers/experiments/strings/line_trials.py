"""Trials of settings on lines of held-out digits: how `criteria` was set.

Each starts from `isolated` (cutting) or `windows` (sliding), trains by equation 17 and
is judged on validation lines.
"""

from lenet_helpers.experiments.strings import criteria, protocol
from lenet_helpers.strings.reading import OverSegmentation, discriminative_forward
from lenet_helpers.strings.training import train_on_lines

PAPER = "none: the paper prints no limits of its segmenter and no rates"
NUM_SEEDS = 1
CONFIGURATIONS = [
    *(
        {"system": "cutting", "limit": limit, "max_pieces": most, "learning_rate": rate}
        for limit, most, rate in (
            (800.0, 8, 1e-3),
            (1500.0, 8, 1e-3),
            (2500.0, 8, 1e-3),
            (4000.0, 8, 1e-3),
            (1500.0, 4, 1e-3),
            (2500.0, 8, 5e-4),
            (2500.0, 8, 2e-3),
        )
    ),
    *({"system": "sliding", "learning_rate": rate} for rate in (1e-3, 2e-3, 4e-3)),
]


def run(seed, *, system, learning_rate, **limits):
    """Train one system with one thing changed.

    Parameters
    ----------
    seed : int
    system : {"cutting", "sliding"}
    learning_rate : float
    **limits
        Of `OverSegmentation`.

    Returns
    -------
    dict
        What `protocol.judge` measures on validation lines, before training with the
        prefix ``start_`` and after it.
    """
    reader = criteria.build_system(system, seed)
    if system == "cutting":
        reader = OverSegmentation(reader.network, **limits)
    lines = protocol.draw_validation_lines()
    measured = protocol.judge(reader, lines, prefix="start_")
    num_lines, num_epochs = criteria.EQUAL[system]
    train_on_lines(
        reader,
        protocol.draw_training_lines(num_lines, seed=seed),
        discriminative_forward,
        num_epochs=num_epochs,
        learning_rate=learning_rate,
        seed=seed,
    )
    return {**measured, **protocol.judge(reader, lines)}
