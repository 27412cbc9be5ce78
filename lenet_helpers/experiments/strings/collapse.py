"""Viterbi training of the system that cuts: it may stop to read as its penalty falls.

From random weights and from `isolated`, with the codes of the output fixed, free, and
free at thirty times the rate of the kernels; beside them, where Viterbi training
collapses, the criterion of equation 17 under the same conditions.
"""

import torch

from lenet_helpers.experiments import progress
from lenet_helpers.experiments.strings import protocol
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.strings.reading import CRITERIA, OverSegmentation
from lenet_helpers.strings.training import train_on_lines

PAPER = "p. 22: free codes collapse; with fixed ones a flat spot remains"
NUM_LINES, NUM_EPOCHS, LEARNING_RATE = 2000, 4, 1e-3
NUM_VALIDATION_LINES = 500
CODE_FACTORS = {"fixed": 0.0, "free": 1.0, "free, fast": 30.0}
CONFIGURATIONS = [
    *(
        {"criterion": "Viterbi", "start": start, "codes": codes}
        for start in ("random", "isolated")
        for codes in CODE_FACTORS
    ),
    *(
        {"criterion": "discriminative forward", "start": start, "codes": "free, fast"}
        for start in ("random", "isolated")
    ),
]


def run(seed, *, criterion, start, codes):
    """Train one system, and look at it after each pass.

    Parameters
    ----------
    seed : int
    criterion : str
        Of `reading.CRITERIA`.
    start : {"random", "isolated"}
    codes : str
        Of `CODE_FACTORS`.

    Returns
    -------
    dict
        ``string_error_rate`` and ``right_penalty``, as of `protocol.judge`, on
        validation lines; ``code_distance``, the mean squared distance between two
        codes; each also ``_by_pass``: before training and after each pass.
    """
    network = LeNet5(initial="root", seed=seed, trainable_codes=codes != "fixed")
    if start == "isolated":
        network.load_state_dict(protocol.load_start("isolated", seed).state_dict())
    reader = OverSegmentation(network)
    lines = protocol.draw_validation_lines(NUM_VALIDATION_LINES)
    looks = [look_at(reader, lines)]

    def look(*_):
        looks.append(look_at(reader, lines))
        progress.report_pass()

    train_on_lines(
        reader,
        protocol.draw_training_lines(NUM_LINES, seed=seed),
        CRITERIA[criterion],
        num_epochs=NUM_EPOCHS,
        learning_rate=LEARNING_RATE,
        seed=seed,
        code_factor=CODE_FACTORS[codes],
        on_pass=look,
    )
    by_pass = {f"{name}_by_pass": [each[name] for each in looks] for name in looks[0]}
    return {**looks[-1], **by_pass}


def look_at(reader: OverSegmentation, lines) -> dict[str, float]:
    """Measure error, penalty and the distance between codes."""
    measured = protocol.judge(reader, lines)
    distance = torch.pdist(reader.network.output.weight.detach()).square().mean()
    return {
        "string_error_rate": measured["string_error_rate"],
        "right_penalty": measured["right_penalty"],
        "code_distance": round(distance.item(), 6),
    }
