"""The interval of an error rate that was measured on few digits."""

from scipy import stats

from lenet_helpers.judging.chance import LEVEL


def bound_rate(num_wrong: int, number: int) -> tuple[float, float]:
    """Bound the error rate of which so many errors are a sample, by Wilson's interval.

    On few digits `standard_error` fails: where none of twenty is wrong it says 0, and
    the truth may be 15 %.

    Parameters
    ----------
    num_wrong, number : int
        Errors among digits that were classified, each a draw of its own.

    Returns
    -------
    low, high : float
        In [0, 1]. They hold the truth 95 times in 100.

    References
    ----------
    Wilson 1927, J. Am. Stat. Assoc. 22, p. 209.
    """
    result = stats.binomtest(num_wrong, number)
    low, high = result.proportion_ci(LEVEL, method="wilson")
    return float(low), float(high)
