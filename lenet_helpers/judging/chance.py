"""What chance does to measured errors: one rule for every comparison in the book.

An error rate could have come out otherwise for two reasons: another seed gives another
network, and other test digits are other questions. Which of the two counts depends on
what is asked:

- What would other seeds give on the same digits? `estimate_mean` for one kind of
  network; `compare_pairs` where runs share a seed that makes them alike, else
  `compare_groups`.
- Could one more network have given this number? `predict_next`.
- What would other seeds give on other digits? `compare_on_other_digits`.

Whoever looks at many differences corrects for it: `find_dunnett_factor` for many
changes against one base, `adjust` for any list of p-values.
"""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

LEVEL = 0.95  # of every interval


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A mean, or a difference of two, and how far chance may have moved it.

    Parameters
    ----------
    value : float
    standard_error : float
    freedom : float
        Degrees of freedom of the standard error, infinite where it is known.
    """

    value: float
    standard_error: float
    freedom: float

    @property
    def margin(self) -> float:
        """Half the width of the interval that holds the truth 95 times in 100."""
        return find_factor(self.freedom) * self.standard_error

    @property
    def p_value(self) -> float:
        """How often chance alone, were the truth 0, gives a value as far from 0."""
        if self.standard_error == 0:
            return 1.0 if self.value == 0 else 0.0
        ratio = abs(self.value) / self.standard_error
        return float(2 * stats.t.sf(ratio, self.freedom))

    def smallest_seen(self, *, power: float = 0.8, looks: int = 1) -> float:
        """Compute how large a difference must be to be found with some certainty.

        Parameters
        ----------
        power : float
            How often, in [0, 1], the interval shall leave out 0.
        looks : int
            Over how many looks 5 % are shared.
        """
        factor = find_factor(self.freedom, looks=looks)
        found = float(stats.t.ppf(power, self.freedom))
        return (factor + found) * self.standard_error


def standard_error(rate: float, number: int) -> float:
    """Compute the standard error of an error rate, as a fraction.

    By chance, the share of errors among `number` digits scatters around what it would
    be among all digits, with this standard deviation. It takes each digit for a draw of
    its own; `find_clustering` says how far that is true.

    Parameters
    ----------
    rate : float or array
        In [0, 1].
    number : int
        Digits that were classified.

    Returns
    -------
    float or array, as `rate`
    """
    return (rate * (1 - rate) / number) ** 0.5


def find_factor(freedom: float, *, looks: int = 1) -> float:
    """Find how many standard errors an interval of 95 % reaches to each side.

    Parameters
    ----------
    freedom : float
        From how many free numbers the standard error is estimated.
    looks : int
        Over how many intervals the 5 % are shared (Dunn 1961).
    """
    return float(stats.t.ppf(1 - (1 - LEVEL) / 2 / looks, freedom))


def estimate_mean(values: ArrayLike) -> Estimate:
    """Estimate what other seeds would give on average, from at least two."""
    values = _take(values)
    return Estimate(values.mean(), _squared_error(values) ** 0.5, len(values) - 1)


def predict_next(values: ArrayLike) -> float:
    """Compute how far from the mean one more run falls in at most 95 of 100 cases.

    Parameters
    ----------
    values : array_like, (N,)
        At least two runs.

    Returns
    -------
    float
        Half the width of Student's prediction interval.
    """
    values = _take(values)
    number = len(values)
    factor = find_factor(number - 1) * (1 + 1 / number) ** 0.5
    return float(factor * values.std(ddof=1))


def compare_pairs(values: ArrayLike, base: ArrayLike) -> Estimate:
    """Compare runs with those of the base that have the same seeds.

    What a seed does to both drops out of the differences.

    Parameters
    ----------
    values, base : array_like, (N,)
        Sorted by seed; at least two.

    Returns
    -------
    Estimate, of the mean of ``values - base``
    """
    values, base = _take(values), _take(base)
    if len(values) != len(base):
        raise ValueError(
            f"Pairs need as many runs of each, got {len(values)} and {len(base)}."
        )
    return estimate_mean(values - base)


def compare_groups(values: ArrayLike, base: ArrayLike) -> Estimate:
    """Compare runs whose seeds have nothing in common, by Welch's test.

    Parameters
    ----------
    values, base : array_like, (N,) and (M,)
        At least two runs of each; a single one where a method has no seed and gives the
        same number whenever it runs.

    Returns
    -------
    Estimate, of ``values.mean() - base.mean()``
    """
    values, base = np.asarray(values, float), np.asarray(base, float)
    parts = [_seed_part(runs) for runs in (values, base)]
    return _add_up(values.mean() - base.mean(), parts)


def compare_on_other_digits(
    misses: np.ndarray, base: np.ndarray, *, paired: bool = False
) -> Estimate:
    """Compare two kinds of classifiers as on other digits and with other seeds.

    The digits are those of both, so what is hard for both drops out. Digits and seeds
    are crossed: the scatter of digits' means still holds some of the chance of single
    seeds, and the scatter of seeds some of that of single digits; what both hold is
    counted once. The sum is an estimate and may come out too small, so the standard
    error is never less than that of the digits or of the seeds alone.

    Parameters
    ----------
    misses, base : array of bool, (seeds, digits)
        Whether each run misses each digit, as from `tally`. A single row is a method
        without a seed.
    paired : bool
        The rows share their seeds, as in `compare_pairs`.

    Returns
    -------
    Estimate, of the difference of the error rates, as a fraction
    """
    difference = misses.mean(0) - base.mean(0)
    digits = misses.shape[1]
    of_digits = (_squared_error(difference), digits - 1)
    of_seeds, of_both = [], []
    for runs in [misses * 1.0 - base] if paired else [misses, base]:
        of_seeds.append(_seed_part(runs.mean(1)))
        if len(runs) > 1:
            rest = runs - runs.mean(0) - runs.mean(1, keepdims=True) + runs.mean()
            free = (len(runs) - 1) * (digits - 1)
            of_both.append((-(rest**2).sum() / free / runs.size, free))
    value = float(difference.mean())
    ways = ([of_digits, *of_seeds, *of_both], [of_digits], of_seeds)
    estimates = [_add_up(value, parts) for parts in ways]
    return max(estimates, key=lambda estimate: estimate.standard_error)


def tally(missed: Sequence[Sequence[int]], number: int = 10_000) -> np.ndarray:
    """Turn lists of missed digits, one a run, into an array of bool (runs, digits).

    Parameters
    ----------
    missed : sequence of sequences of int
        As in the column ``missed`` of a table of results.
    number : int
        Digits of the test set.
    """
    misses = np.zeros((len(missed), number), bool)
    for row, indices in zip(misses, missed, strict=True):
        row[list(indices)] = True
    return misses


def adjust(p_values: ArrayLike) -> np.ndarray:
    """Correct p-values for being many, by the method of Holm 1979.

    The smallest is multiplied by how many there are, the next by one less, and so on;
    none becomes smaller than one before it, nor larger than 1. If no difference is
    real, one or more of them fall below 0.05 in at most 5 of 100 cases.

    Parameters
    ----------
    p_values : array_like, (N,)

    Returns
    -------
    array, (N,), in the same order
    """
    p_values = np.asarray(p_values, float)
    order = p_values.argsort()
    steps = p_values[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted


def find_dunnett_p_value(ratio: float, num_changes: int, freedom: float) -> float:
    """Compute how often the largest of many differences from one base is as large.

    All changes are compared with the same base, so an unlucky base moves all
    differences together, and the correction is smaller than for separate looks.

    Parameters
    ----------
    ratio : float
        A difference over its standard error; all groups have as many runs.
    num_changes : int
    freedom : float
        Of the standard error, which is one for all.

    Returns
    -------
    float
        If no change does anything, the probability that one or more of them lie as far
        from the base, in either direction.

    References
    ----------
    Dunnett 1955.
    """
    # A change's mean less the base's, over the root of 2, given the base's z; then
    # averaged over z and over s, how far the estimated spread is off.
    z, z_weights = np.polynomial.hermite_e.hermegauss(60)
    levels = (np.arange(400) + 0.5) / 400
    s = (stats.chi2.ppf(levels, freedom) / freedom) ** 0.5
    reach = 2**0.5 * abs(ratio) * s[:, None]
    inside = stats.norm.cdf(z + reach) - stats.norm.cdf(z - reach)
    by_spread = inside**num_changes @ z_weights / z_weights.sum()
    return float(1 - by_spread.mean())


def find_dunnett_factor(num_changes: int, freedom: float) -> float:
    """Find the factor of `find_factor` for many changes against one base.

    The parameters are those of `find_dunnett_p_value`.
    """
    low, high = find_factor(freedom), find_factor(freedom, looks=num_changes)
    while high - low > 1e-4:
        middle = (low + high) / 2
        p_value = find_dunnett_p_value(middle, num_changes, freedom)
        low, high = (middle, high) if p_value > 1 - LEVEL else (low, middle)
    return high


def find_clustering(is_missed: np.ndarray, *, block: int) -> tuple[float, float]:
    """Test whether errors come in clusters, as when a writer's digits are all hard.

    Parameters
    ----------
    is_missed : array of bool, (N,)
        In the order of the digits; those of a writer lie together.
    block : int
        How many digits in a row are counted together.

    Returns
    -------
    ratio : float
        The variance of the counts over that of independent errors. The standard error
        of the error rate is too small by its root.
    p_value : float
        How often independent errors are as uneven, by the chi-squared test.
    """
    blocks = is_missed[: len(is_missed) // block * block].reshape(-1, block)
    counts, rate = blocks.sum(1), blocks.mean()
    if not 0 < rate < 1:
        raise ValueError(f"No clusters can be seen where {rate:.0%} are missed.")
    ratio = counts.var(ddof=1) / (block * rate * (1 - rate))
    free = len(counts) - 1
    return float(ratio), float(stats.chi2.sf(ratio * free, free))


def _take(values):
    values = np.asarray(values, float)
    if len(values) < 2:
        raise ValueError(f"A spread takes at least two runs, got {len(values)}.")
    return values


def _squared_error(values):
    """Compute the square of the standard error of a mean."""
    return values.var(ddof=1) / len(values)


def _seed_part(values):
    """Give the squared standard error of a mean over seeds, and its freedom."""
    if len(values) < 2:
        return 0.0, 1
    return _squared_error(values), len(values) - 1


def _add_up(value, parts):
    """Add squared errors; Satterthwaite's degrees of freedom."""
    total = sum(part for part, _ in parts)
    scatter = sum(part**2 / free for part, free in parts)
    freedom = total**2 / scatter if scatter else math.inf
    return Estimate(float(value), float(max(total, 0) ** 0.5), float(freedom))
