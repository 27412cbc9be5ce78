"""What a network makes of a hand: how often it errs, where, and why."""

import warnings
from dataclasses import dataclass

import numpy as np
import torch

from lenet_helpers.hand.digits import Hand
from lenet_helpers.hand.mistakes import MISTAKES
from lenet_helpers.judging.intervals import bound_rate
from lenet_helpers.model.digit_network import DigitNetwork

PART = 250  # digits at once: the maps of 2,500 leave the cache, which doubles the time


@dataclass(frozen=True)
class Passport:
    """What a network makes of labelled digits.

    Attributes
    ----------
    answers : array, (N,) int64
    missed : array, (k,) int64
        Which are misread, by index.
    error_rate : float
    bounds : pair of float
        The interval of 95 % of the error rate, if more such digits were written.
    by_digit : array, (10, 2) int64
        Of each digit: how many are misread, of how many.
    with_mistakes : dict of float
        The error rate after each of `mistakes.MISTAKES`.
    """

    answers: np.ndarray
    missed: np.ndarray
    error_rate: float
    bounds: tuple[float, float]
    by_digit: np.ndarray
    with_mistakes: dict[str, float]


def write_passport(hand: Hand, network: DigitNetwork) -> Passport:
    """Let a network read a hand's digits, as they are and after each mistake.

    Parameters
    ----------
    hand : Hand
    network : DigitNetwork

    Returns
    -------
    Passport

    Raises
    ------
    ValueError : the hand holds no digit, or one without a label.
    """
    if not len(hand) or hand.labels.min() < 0:
        missing = int((hand.labels < 0).sum())
        raise ValueError(
            "`hand` needs digits with labels; "
            + (f"{missing} of {len(hand)} have none." if missing else "it is empty.")
        )
    answers = classify(hand.images, network)
    missed = np.flatnonzero(answers != hand.labels)
    rows = [(hand.labels[missed] == digit, hand.labels == digit) for digit in range(10)]
    with warnings.catch_warnings():  # of what looks inverted: one of the mistakes
        warnings.simplefilter("ignore")
        with_mistakes = {
            name: float(np.mean(classify(spoil(hand.images), network) != hand.labels))
            for name, spoil in MISTAKES.items()
        }
    return Passport(
        answers,
        missed,
        len(missed) / len(hand),
        bound_rate(len(missed), len(hand)),
        np.array([[wrong.sum(), all_.sum()] for wrong, all_ in rows]),
        with_mistakes,
    )


def classify(images: np.ndarray, network: DigitNetwork) -> np.ndarray:
    """Let a network read digits in MNIST's form.

    Parameters
    ----------
    images : array, (N, 28, 28) uint8
    network : DigitNetwork

    Returns
    -------
    array, (N,) int64
    """
    prepared = network.prepare(torch.from_numpy(images)[:, None])
    with torch.no_grad():
        answers = [network.classify(part) for part in prepared.split(PART)]
    return torch.cat(answers).numpy()
