import pytest
import torch

from lenet_helpers.judging import (
    bin_confidences,
    certainty,
    choose_threshold,
    expected_calibration_error,
    find_rejection,
    judge_scores,
    risk_coverage_area,
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


def test_the_risk_coverage_area_is_the_mean_of_the_curve():
    curve = trace_rejection(SCORES, LABELS)  # the one error is rejected first
    assert risk_coverage_area(curve) == pytest.approx(0.25 / 4)


def test_without_certainty_the_risk_coverage_area_is_the_error_rate():
    is_wrong = torch.rand(20_000, generator=torch.Generator().manual_seed(0)) < 0.1
    scores = torch.stack([torch.zeros(20_000), is_wrong.float()], dim=1)
    scores += torch.tensor([0.5, 0.0])  # the same difference, right or wrong
    curve = trace_rejection(scores, torch.zeros(20_000, dtype=torch.int64))
    error_rate = is_wrong.float().mean().item()
    assert risk_coverage_area(curve) == pytest.approx(error_rate, rel=0.1)


CONFIDENCES = torch.tensor([0.95, 1.0, 0.93, 0.6, 0.5])
IS_RIGHT = torch.tensor([True, True, False, True, False])


def test_confidences_are_compared_bin_by_bin():
    bins = bin_confidences(CONFIDENCES, IS_RIGHT, num_bins=2)
    assert bins.ravel() == pytest.approx([5, 3.98 / 5, 3 / 5])
    bins = bin_confidences(CONFIDENCES, IS_RIGHT, num_bins=10)
    assert bins == pytest.approx(
        [[1, 0.5, 0], [1, 0.6, 1], [3, 2.88 / 3, 2 / 3]] @ torch.eye(3).numpy()
    )


def test_the_expected_calibration_error_weighs_bins_by_their_digits():
    gaps = [1 * 0.5, 1 * 0.4, 3 * (2.88 / 3 - 2 / 3)]
    found = expected_calibration_error(CONFIDENCES, IS_RIGHT, num_bins=10)
    assert found == pytest.approx(sum(gaps) / 5)


def test_a_calibrated_network_has_a_small_calibration_error_that_is_not_zero():
    generator = torch.Generator().manual_seed(0)
    confidences = 0.5 + torch.rand(20_000, generator=generator) / 2
    is_right = torch.rand(20_000, generator=generator) < confidences
    assert 0 < expected_calibration_error(confidences, is_right) < 0.02
    sure = torch.full((20_000,), 0.99)
    assert expected_calibration_error(sure, is_right) > 0.2


def test_confidences_are_probabilities():
    with pytest.raises(ValueError, match="-7 to"):
        bin_confidences(torch.tensor([-7.0, 0.5]), torch.tensor([True, True]))


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
