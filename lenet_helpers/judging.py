"""How good a classifier's scores are: errors, and errors after rejection."""

import numpy as np
import torch

from lenet_helpers.data import prepare_images
from lenet_helpers.model.networks import LeNet5

ERROR_RATE_AFTER_REJECTION = 0.005  # P98, Figure 10


def judge_scores(scores, labels):
    """Compare the classes with the largest scores with the labels.

    Parameters
    ----------
    scores : Tensor, (N, 10)
        The largest is the answer; the difference of the two largest is how sure it is.
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


def trace_rejection(scores, labels):
    """Follow the error rate among accepted patterns as more are rejected.

    Parameters
    ----------
    scores, labels
        As in `judge_scores`.

    Returns
    -------
    array, (N,)
        Item k is the error rate when the k least sure patterns are rejected.

    References
    ----------
    LeCun et al. 1998, Figure 10: the least sure are those whose two best scores differ
    least.
    """
    best, second = scores.topk(2, dim=1).values.T.numpy()
    is_wrong = (scores.argmax(1) != labels).numpy()
    wrong = is_wrong[np.argsort(best - second, kind="stable")]
    num_wrong = wrong[::-1].cumsum()[::-1]  # among those from k on
    return num_wrong / np.arange(len(wrong), 0, -1)


def find_rejection(curve, error_rate):
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


def score_network(network, images):
    """Compute scores, the largest for the answer, also where outputs are penalties.

    Parameters
    ----------
    network : Module
        One of `lenet_helpers.model.networks`, or another with ten outputs.
    images : Tensor, (N, 1, H, W)

    Returns
    -------
    Tensor, (N, 10)
    """
    with torch.no_grad():
        outputs = torch.cat([network(part) for part in images.split(1000)])
    return -outputs if isinstance(network, LeNet5) else outputs


def judge_network(network, mnist, *, size=32):
    """Classify the test set, once.

    Parameters
    ----------
    network, size
        The network, and the size of its images.
    mnist : MNIST

    Returns
    -------
    dict, as `judge_scores`
    """
    images = prepare_images(mnist.test_images, size=size)
    return judge_scores(score_network(network, images), mnist.test_labels)
