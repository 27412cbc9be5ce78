"""How alike the lists of digits are that classifiers miss.

Lists are (n, N) bool arrays of `tally`, True for a digit that is missed. Two are
compared by their odds ratio: the odds of a miss among the digits that the other misses,
over those among the others. It is 1 for lists drawn blindly, and stays the same where
all odds of one list are multiplied by a factor. A half is added to each of the four
counts, so that its logarithm is finite.
"""

import numpy as np
from numpy.typing import NDArray

from lenet_helpers.judging.chance import find_clustering


def compare_lists(one: NDArray, other: NDArray) -> NDArray:
    """Compute the log odds ratio of each list with each.

    Parameters
    ----------
    one, other : array of bool, (n, N) and (m, N)

    Returns
    -------
    array, (n, m)
    """
    both = one.astype(float) @ other.T.astype(float)
    only_one = one.sum(1)[:, None] - both
    only_other = other.sum(1) - both
    neither = one.shape[1] - both - only_one - only_other
    return _find_log_odds(both, only_one, only_other, neither)


def draw_lists_again(
    found: NDArray, marked: NDArray, *, block: int = 100, times: int = 1_000
) -> NDArray:
    """Compute the mean log odds ratio with a list on test sets that are drawn anew.

    The sets are drawn with replacement from blocks of successive digits, since errors
    come in clusters. The same sets are drawn for all lists of one length.

    Parameters
    ----------
    found, marked : array of bool, (n, N) and (1, N)
    block : int
        Digits in a block; it divides N.
    times : int

    Returns
    -------
    array, (times,)
        Means over the n lists.
    """
    cells = found & marked, found & ~marked, ~found & marked, ~found & ~marked
    counts = [cell.reshape(len(found), -1, block).sum(2) for cell in cells]
    number = counts[0].shape[1]
    generator = np.random.default_rng(0)
    weights = generator.multinomial(number, np.ones(number) / number, times)
    return _find_log_odds(*(count @ weights.T for count in counts)).mean(0)


def rank_among_lists(stranger: NDArray, found: NDArray) -> dict:
    """Put a list among others, and see how much less it is like the rest than they are.

    Parameters
    ----------
    stranger, found : array of bool, (1, N) and (n, N)

    Returns
    -------
    dict
        ``ours``, ``lowest`` and ``stranger``: the odds ratio with all other lists, mean
        and lowest of `found`, and that of the stranger; ``p_value``: its rank from
        below over n + 1, its chance if the stranger were one of them; ``below``: how
        many standard deviations of the others it lies below their mean.
    """
    lists = np.concatenate([stranger, found])
    among = compare_lists(lists, lists)
    np.fill_diagonal(among, np.nan)
    theirs, *rest = np.nanmean(among, axis=1)
    rest = np.array(rest)
    return {
        "ours": np.exp(rest.mean()),
        "lowest": np.exp(rest.min()),
        "stranger": np.exp(theirs),
        "p_value": (1 + (rest < theirs).sum()) / (len(rest) + 1),
        "below": (rest.mean() - theirs) / rest.std(ddof=1),
    }


def find_clustered_spread(missed: NDArray, *, block: int = 100) -> NDArray:
    """Give the standard deviation of the number of errors, with their clusters.

    Parameters
    ----------
    missed : array of bool, (N,)
    block : int
        As for `find_clustering`.

    Returns
    -------
    array, (2,)
        Of the first and of the second half of the test set.
    """
    return np.array(
        [
            (find_clustering(half, block=block)[0] * half.sum() * (1 - half.mean()))
            ** 0.5
            for half in np.split(missed, 2)
        ]
    )


def _find_log_odds(both, only_one, only_other, neither):
    odds = (both + 0.5) / (only_other + 0.5)
    return np.log(odds / ((only_one + 0.5) / (neither + 0.5)))
