"""How good a classifier's scores are: errors, certainty, rejection.

Scores are (N, 10), the largest for the answer.
"""

import math

import numpy as np
import torch
from torch import Tensor, nn

from lenet_helpers.data import MNIST
from lenet_helpers.model.digit_network import DigitNetwork
from lenet_helpers.paper import ERROR_RATE_AFTER_REJECTION


def judge_scores(scores: Tensor, labels: Tensor) -> dict:
    """Compare the classes with the largest scores with the labels.

    Parameters
    ----------
    scores : Tensor, (N, 10)
    labels : Tensor, (N,) int64

    Returns
    -------
    dict
        ``test_error_rate``; ``rejected_rate``, the fraction to reject for 0.5 % errors
        among the rest; ``missed`` and ``answers``, the indices of the errors and what
        was answered.
    """
    answers = scores.argmax(1)
    missed = (answers != labels).nonzero().flatten()
    curve = trace_rejection(scores, labels)
    return {
        "test_error_rate": round(len(missed) / len(labels), 6),
        "rejected_rate": round(find_rejection(curve, ERROR_RATE_AFTER_REJECTION), 6),
        "missed": missed.tolist(),
        "answers": answers[missed].tolist(),
    }


def certainty(scores: Tensor) -> Tensor:
    """Say how sure each answer is: the best score minus the second, (N, 10) to (N,).

    References
    ----------
    LeCun et al. 1998, Figure 10: what is rejected first differs least.
    """
    best, second = scores.topk(2, dim=1).values.T
    return best - second


def trace_rejection(scores: Tensor, labels: Tensor) -> np.ndarray:
    """Follow the error rate among accepted patterns as more are rejected.

    Parameters
    ----------
    scores : Tensor, (N, 10)
    labels : Tensor, (N,) int64

    Returns
    -------
    array, (N,)
        Item k is the error rate when the k least sure patterns are rejected.

    References
    ----------
    LeCun et al. 1998, Figure 10.
    """
    is_wrong = (scores.argmax(1) != labels).numpy()
    wrong = is_wrong[np.argsort(certainty(scores).numpy(), kind="stable")]
    num_wrong = wrong[::-1].cumsum()[::-1]  # among those from k on
    return num_wrong / np.arange(len(wrong), 0, -1)


def find_rejection(curve: np.ndarray, error_rate: float) -> float:
    """Find the smallest fraction to reject for an error rate.

    Parameters
    ----------
    curve : array, (N,)
        Of `trace_rejection`.
    error_rate : float

    Returns
    -------
    float
        1.0 where no rejection is enough.
    """
    enough = np.flatnonzero(curve <= error_rate)
    return float(enough[0] / len(curve)) if len(enough) else 1.0


def risk_coverage_area(curve: np.ndarray) -> float:
    """Average the error rate among the accepted over all shares that may be accepted.

    It is the area under the curve of error (risk) against the accepted fraction
    (coverage): near 0 where the least sure answers are the wrong ones, about the error
    rate where certainty says nothing.

    Parameters
    ----------
    curve : array, (N,)
        Of `trace_rejection`.

    References
    ----------
    El-Yaniv and Wiener 2010 (risk and coverage).
    """
    return float(np.mean(curve))


def bin_confidences(
    confidences: Tensor, is_right: Tensor, *, num_bins: int = 15
) -> np.ndarray:
    """Compare stated probabilities with how often they come true, bin by bin.

    Parameters
    ----------
    confidences : Tensor, (N,)
        The probability, in [0, 1], that each answer gives itself.
    is_right : Tensor of bool, (N,)
    num_bins : int
        Bins of equal width.

    Returns
    -------
    array, (bins that hold a digit, 3)
        How many digits lie in the bin, their mean confidence, the fraction right.
    """
    stated = confidences.double().numpy()
    if not ((stated >= 0) & (stated <= 1)).all():
        raise ValueError(
            "`confidences` must be in [0, 1], got "
            f"{stated.min():g} to {stated.max():g}."
        )
    places = np.minimum((stated * num_bins).astype(int), num_bins - 1)
    numbers = np.bincount(places, minlength=num_bins)
    sums = [
        np.bincount(places, weights, minlength=num_bins)
        for weights in (stated, is_right.double().numpy())
    ]
    is_filled = numbers > 0
    means = [total[is_filled] / numbers[is_filled] for total in sums]
    return np.stack([numbers[is_filled], *means], axis=1)


def expected_calibration_error(
    confidences: Tensor, is_right: Tensor, *, num_bins: int = 15
) -> float:
    """Average the gap between confidence and fraction right over the digits' bins.

    It is above 0 for a perfectly calibrated network, too: in each bin, the fraction
    right scatters by chance, and gaps of both signs add up. Compare it with that of
    answers drawn to be right as often as they say.

    Parameters
    ----------
    confidences, is_right, num_bins
        As in `bin_confidences`.

    Returns
    -------
    float, in [0, 1]

    References
    ----------
    Guo et al. 2017, equation 3.
    """
    number, confidence, right = bin_confidences(
        confidences, is_right, num_bins=num_bins
    ).T
    return float((number * abs(confidence - right)).sum() / number.sum())


def draw_perfect_errors(
    confidences: Tensor, *, num_bins: int = 15, times: int = 50
) -> np.ndarray:
    """Compute the calibration error of answers that are right as often as they say.

    Parameters
    ----------
    confidences : Tensor, (N,)
    num_bins : int
        As in `bin_confidences`.
    times : int
        How often the answers are drawn.

    Returns
    -------
    array, (times,)
    """
    generator = torch.Generator().manual_seed(0)
    draws = torch.rand(times, len(confidences), generator=generator) < confidences
    return np.array(
        [
            expected_calibration_error(confidences, is_right, num_bins=num_bins)
            for is_right in draws
        ]
    )


def choose_threshold(
    scores: Tensor, labels: Tensor, *, error_rate: float = ERROR_RATE_AFTER_REJECTION
) -> dict[str, float]:
    """Find the smallest certainty that leaves few enough errors.

    Parameters
    ----------
    scores : Tensor, (N, 10)
    labels : Tensor, (N,) int64
    error_rate : float
        Allowed among the accepted.

    Returns
    -------
    dict
        ``threshold`` and ``rejected_rate``, the fraction below it; infinity and 1.0
        where all must go.
    """
    rate = find_rejection(trace_rejection(scores, labels), error_rate)
    certainties = certainty(scores).sort().values
    num_rejected = round(rate * len(certainties))
    threshold = math.inf
    if num_rejected < len(certainties):
        threshold = certainties[num_rejected].item()
    return {"threshold": round(threshold, 6), "rejected_rate": round(rate, 6)}


def score_network(network: nn.Module, images: Tensor) -> Tensor:
    """Compute scores of many images, a part after another.

    Parameters
    ----------
    network : Module
        Its ``scores(images)`` are taken, or its outputs where it has none.
    images : Tensor, (N, 1, H, W)

    Returns
    -------
    Tensor, (N, 10)
    """
    score = getattr(network, "scores", network)
    with torch.no_grad():
        return torch.cat([score(part) for part in images.split(1000)])


def judge_network(network: DigitNetwork, mnist: MNIST) -> dict:
    """Classify the test set, once.

    Returns
    -------
    dict, as `judge_scores`
    """
    images = network.prepare(mnist.test_images)
    return judge_scores(score_network(network, images), mnist.test_labels)
