"""The threshold below which an answer is refused, on scores written by hand."""

import math

import torch

from lenet_helpers.judging import choose_threshold


def make_scores(differences, *, wrong):
    """Make scores whose two best differ by what is given; label 0, the wrong say 1."""
    scores = torch.full((len(differences), 10), -9.0)
    for row, (difference, is_wrong) in enumerate(zip(differences, wrong, strict=True)):
        scores[row, int(is_wrong)] = 1.0
        scores[row, int(not is_wrong)] = 1.0 - difference
    return scores, torch.zeros(len(differences), dtype=torch.int64)


def test_the_threshold_lies_just_above_the_last_error_that_must_go():
    differences = [0.1 * (i + 1) for i in range(300)]
    wrong = [i in (2, 4, 250) for i in range(300)]  # two unsure, one sure
    found = choose_threshold(*make_scores(differences, wrong=wrong))
    # Two wrong of 297 are too many, one of 295 is not.
    assert found == {"threshold": 0.6, "rejected_rate": round(5 / 300, 6)}


def test_a_network_without_errors_refuses_nothing():
    found = choose_threshold(*make_scores([0.5, 1.0, 2.0], wrong=[False] * 3))
    assert found == {"threshold": 0.5, "rejected_rate": 0.0}


def test_a_network_that_is_always_wrong_refuses_everything():
    found = choose_threshold(*make_scores([0.5, 1.0], wrong=[True] * 2))
    assert found["threshold"] == math.inf
