import math

import numpy as np
import pytest

from lenet_helpers.judging import (
    compare_lists,
    draw_lists_again,
    find_clustered_spread,
    rank_among_lists,
)


def draw(probabilities, number, seed=0):
    generator = np.random.default_rng(seed)
    return generator.random((number, len(probabilities))) < probabilities


def test_an_odds_ratio_is_that_of_its_four_counts():
    one = np.array([[1, 1, 1, 0, 0, 0, 0, 0]], bool)
    other = np.array([[1, 1, 0, 1, 0, 0, 0, 0]], bool)
    (ratio,) = compare_lists(one, other).ravel()
    assert ratio == pytest.approx(math.log((2.5 / 1.5) / (1.5 / 4.5)))
    assert compare_lists(other, one)[0, 0] == pytest.approx(ratio)


def test_lists_drawn_blindly_are_not_alike_and_stay_so_on_other_digits():
    lists = draw(np.full(4000, 0.1), 6)
    between = compare_lists(lists[:1], lists[1:])
    assert abs(between.mean()) < 0.2
    drawn = draw_lists_again(lists[1:], lists[:1], times=200)
    assert drawn.shape == (200,)
    assert drawn.mean() == pytest.approx(between.mean(), abs=0.05)
    assert 0.02 < drawn.std() < 0.2


def test_a_stranger_has_the_lowest_rank():
    hard = np.where(np.arange(4000) < 100, 0.6, 0.005)
    others = draw(hard, 5)
    ranked = rank_among_lists(draw(hard[::-1], 1), others)
    assert ranked["p_value"] == pytest.approx(1 / 6) and ranked["below"] > 3
    assert ranked["stranger"] < ranked["lowest"] <= ranked["ours"]


def test_clusters_widen_the_spread_of_the_half_that_has_them():
    missed = np.zeros(4000, bool)
    missed[:2000:20] = True  # evenly, 5 in each block
    missed[2000:2100] = True  # all in one block
    even, clustered = find_clustered_spread(missed)
    assert even < 0.5 * math.sqrt(100) < 3 * math.sqrt(100) < clustered


def test_clusters_are_counted_in_errors_not_their_squares():
    missed = draw(np.full(8000, 0.05), 1)[0]
    binomial = math.sqrt(4000 * 0.05 * 0.95)
    assert find_clustered_spread(missed) == pytest.approx(2 * [binomial], rel=0.4)


def test_whole_blocks_are_drawn():
    marked = np.zeros((1, 400), bool)
    marked[0, :10] = True  # all in the first of four blocks
    drawn = draw_lists_again(marked, marked, times=2000)
    without = np.isclose(drawn, math.log(400.5 / 0.5))
    assert without.mean() == pytest.approx((3 / 4) ** 4, abs=0.05)


def test_no_list_is_compared_with_itself():
    hard = np.where(np.arange(4000) < 100, 0.6, 0.005)
    lists = draw(hard, 4)
    among = compare_lists(lists, lists)
    others = [np.delete(row, i).mean() for i, row in enumerate(among)]
    ranked = rank_among_lists(lists[:1], lists[1:])
    assert ranked["stranger"] == pytest.approx(math.exp(others[0]))
    assert ranked["ours"] == pytest.approx(math.exp(np.mean(others[1:])))
