"""Tests of what chance does to errors."""

import numpy as np
import pytest
from scipy import stats

from lenet_helpers.judging import chance


def test_an_interval_of_a_mean_is_scipys():
    values = [0.81, 0.85, 0.92, 0.88, 0.84]
    ours = chance.estimate_mean(values)
    theirs = stats.ttest_1samp(values, 0.8)
    low, high = theirs.confidence_interval()
    assert (ours.value - ours.margin, ours.value + ours.margin) == pytest.approx(
        (low, high)
    )


def test_one_more_run_lies_in_the_interval_as_often_as_promised():
    draws = np.random.default_rng(0).normal(size=(4000, 6))
    inside = [
        abs(new - runs.mean()) < chance.predict_next(runs)
        for *runs, new in draws
        for runs in [np.array(runs)]
    ]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.012)


def test_pairs_take_out_what_a_seed_does_to_both():
    base, values = [0.90, 1.10, 1.00], [1.00, 1.21, 1.09]
    paired = chance.compare_pairs(values, base)
    groups = chance.compare_groups(values, base)
    assert paired.value == pytest.approx(groups.value) == pytest.approx(0.1)
    assert paired.standard_error < groups.standard_error / 5
    assert paired.p_value == pytest.approx(stats.ttest_rel(values, base).pvalue)
    welch = stats.ttest_ind(values, base, equal_var=False)
    assert groups.p_value == pytest.approx(welch.pvalue)


def test_runs_without_a_partner_are_not_compared():
    with pytest.raises(ValueError, match="got 3 and 2"):
        chance.compare_pairs([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="at least two runs, got 1"):
        chance.estimate_mean([1.0])


def test_a_method_without_seed_adds_no_chance_of_seeds():
    values = [0.9, 1.0, 1.1]
    ours = chance.compare_groups(values, [1.3])
    assert ours.margin == pytest.approx(chance.estimate_mean(values).margin)
    assert chance.compare_groups([1.2], [1.3]).p_value == 0
    assert chance.compare_groups([1.3], [1.3]).p_value == 1


def draw_misses(generator, hard, bad, num_seeds):
    """Draw who misses what: digits have their hardness, seeds their luck."""
    seeds = 1 + bad * generator.normal(size=(num_seeds, 1))
    return generator.random((num_seeds, len(hard))) < hard * seeds


def test_intervals_on_other_digits_hold_as_often_as_promised():
    generator = np.random.default_rng(1)
    inside, narrow = [], []
    for _ in range(1500):
        hard = 0.5 * generator.beta(0.1, 1.0, size=600)  # mean 0.0455
        one = draw_misses(generator, hard, 0.2, 4)
        other = draw_misses(generator, hard, 0.2, 4)
        ours = chance.compare_on_other_digits(one, other)
        inside.append(abs(ours.value) < ours.margin)
        narrow.append(ours.standard_error)
    assert 0.93 < np.mean(inside) < 0.985


def test_the_chance_that_digits_and_seeds_share_is_counted_once():
    generator = np.random.default_rng(2)
    found, values, twice = [], [], []
    for _ in range(2000):
        hard = 0.5 * generator.beta(0.1, 1.0, size=200)
        one, other = (draw_misses(generator, hard, 0.4, 4) for _ in range(2))
        ours = chance.compare_on_other_digits(one, other)
        found.append(ours.standard_error**2)
        values.append(ours.value)
        seeds = chance.compare_groups(one.mean(1), other.mean(1)).standard_error
        digits = (one.mean(0) - other.mean(0)).std(ddof=1) / 200**0.5
        twice.append(seeds**2 + digits**2)
    assert np.mean(found) == pytest.approx(np.var(values), rel=0.12)
    assert np.mean(twice) > 1.2 * np.var(values)


def test_on_other_digits_chance_is_never_less_than_on_these():
    generator = np.random.default_rng(6)
    for _ in range(200):
        hard = 0.5 * generator.beta(0.1, 1.0, size=300)
        base = draw_misses(generator, hard, 0.3, 5)
        values = base ^ (generator.random(base.shape) < 0.002)
        errors = values.mean(1), base.mean(1)
        for paired, compare in (
            (True, chance.compare_pairs),
            (False, chance.compare_groups),
        ):
            other = chance.compare_on_other_digits(values, base, paired=paired)
            these = compare(*errors)
            assert other.value == pytest.approx(these.value)
            assert other.standard_error >= these.standard_error - 1e-12


def test_lists_of_missed_digits_become_an_array():
    misses = chance.tally([[0, 3], []], number=4)
    assert misses.tolist() == [[True, False, False, True], [False] * 4]


def test_holm_corrects_the_smallest_most():
    adjusted = chance.adjust([0.04, 0.01, 0.03])
    assert adjusted.tolist() == pytest.approx([0.06, 0.03, 0.06])
    assert chance.adjust([0.6, 0.7]).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("num_changes", "freedom", "factor"),
    # Two-sided, 5 %, as tabled by Dunnett (1964); one change is Student's own.
    [(1, 10, 2.228), (2, 10, 2.57), (3, 20, 2.54), (5, 60, 2.58), (9, 60, 2.77)],
)
def test_dunnetts_factors_are_those_of_his_table(num_changes, freedom, factor):
    ours = chance.find_dunnett_factor(num_changes, freedom)
    assert ours == pytest.approx(factor, abs=0.012)


def test_dunnetts_p_value_is_scipys():
    generator = np.random.default_rng(3)
    effects = np.array([[0], [1], [0], [0.5], [0]])
    base, *groups = effects + generator.normal(size=(5, 6))
    theirs = stats.dunnett(*groups, control=base, rng=generator)
    spread = np.mean([np.var(runs, ddof=1) for runs in (base, *groups)]) ** 0.5
    ratios = (np.mean(groups, axis=1) - base.mean()) / (spread * (2 / 6) ** 0.5)
    ours = [chance.find_dunnett_p_value(ratio, 4, 25) for ratio in ratios]
    assert ours == pytest.approx(theirs.pvalue, abs=0.004)


def test_clusters_are_seen_and_independent_errors_are_not():
    generator = np.random.default_rng(4)
    even = generator.random(5000) < 0.02
    ratio, p_value = chance.find_clustering(even, block=100)
    assert 0.5 < ratio < 1.6 and p_value > 0.01
    writers = np.repeat(generator.random(50) < 0.1, 100)
    ratio, p_value = chance.find_clustering(
        writers & (generator.random(5000) < 0.2), block=100
    )
    assert ratio > 5 and p_value < 1e-6
    with pytest.raises(ValueError, match="0% are missed"):
        chance.find_clustering(np.zeros(100, bool), block=10)


def test_a_difference_that_is_to_be_seen_is_larger_than_the_margin():
    ours = chance.compare_pairs([1.0, 1.1, 0.9, 1.2], [0.9, 1.0, 0.95, 1.0])
    assert ours.smallest_seen() > ours.margin
    assert ours.smallest_seen(looks=15) > ours.smallest_seen()
    generator = np.random.default_rng(5)
    size = stats.t.ppf(0.975, 9) + stats.t.ppf(0.8, 9)
    runs = generator.normal(size * 10**-0.5, size=(3000, 10))
    seen = stats.ttest_1samp(runs, 0, axis=1).pvalue < 0.05
    assert np.mean(seen) == pytest.approx(0.8, abs=0.05)
