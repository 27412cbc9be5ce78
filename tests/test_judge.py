import pytest
import torch

from lenet_helpers.judging import (
    certainty,
    choose_threshold,
    find_rejection,
    judge_scores,
    score_network,
    standard_error,
    trace_rejection,
)
from lenet_helpers.model.networks import LeNet5

# Four patterns, three classes; the third is wrong and the least sure.
SCORES = torch.tensor(
    [[5.0, 1.0, 0.0], [0.0, 3.0, 1.0], [1.0, 1.5, 0.0], [0.0, 1.0, 2.0]]
)
LABELS = torch.tensor([0, 1, 0, 2])


def test_scores_are_judged_by_the_largest():
    judged = judge_scores(SCORES, LABELS)
    assert judged["test_error_rate"] == 0.25
    assert judged["missed"] == [2] and judged["answers"] == [1]


def test_the_least_sure_are_rejected_first():
    assert trace_rejection(SCORES, LABELS).tolist() == pytest.approx([0.25, 0, 0, 0])
    assert judge_scores(SCORES, LABELS)["rejected_rate"] == 0.25


def test_a_sure_mistake_is_rejected_last():
    scores = SCORES.clone()
    scores[2] = torch.tensor([0.0, 9.0, 0.0])
    curve = trace_rejection(scores, LABELS)
    assert curve.tolist() == pytest.approx([1 / 4, 1 / 3, 1 / 2, 1])
    assert find_rejection(curve, 0.4) == 0
    assert find_rejection(curve, 0.2) == 1.0  # nothing is enough


def test_penalties_become_scores():
    network, images = LeNet5(initial="root"), torch.rand(3, 1, 32, 32)
    scores = score_network(network, images)
    assert torch.equal(scores.argmax(1), network.classify(images))


def test_an_answer_is_as_sure_as_the_best_two_lie_apart():
    assert certainty(SCORES).tolist() == pytest.approx([4.0, 2.0, 0.5, 1.0])


def test_a_threshold_leaves_the_error_rate_that_is_asked_for():
    found = choose_threshold(SCORES, LABELS, error_rate=0.0)
    assert found == {"threshold": 1.0, "rejected_rate": 0.25}
    assert choose_threshold(SCORES, LABELS, error_rate=0.3)["rejected_rate"] == 0.0


def test_a_standard_error_is_the_deviation_of_many_counts():
    generator = torch.Generator().manual_seed(0)
    wrong = torch.rand(4000, 400, generator=generator) < 0.1
    deviation = wrong.double().mean(1).std().item()
    assert standard_error(0.1, 400) == pytest.approx(deviation, rel=0.05)
    assert standard_error(0.02, 10_000) == pytest.approx(0.0014)


def test_outputs_are_the_scores_of_a_network_that_has_none():
    layer = torch.nn.Linear(4, 3)
    images = torch.rand(2500, 4)
    assert torch.equal(score_network(layer, images).argmax(1), layer(images).argmax(1))
