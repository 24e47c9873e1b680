"""Intervals of shares, and Holm's step-down: by hand, against scipy, and by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from theorycheck.judging.statistics import FAMILY_ERROR, holm, share_interval

VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=9)


def adjusted(p_values):
    """Holm's adjusted p-values by their definition: the running maximum of (n - j) p_(j)."""
    order = np.argsort(p_values, kind="stable")
    count, running, found = len(p_values), 0.0, [0.0] * len(p_values)
    for rank, index in enumerate(order):
        running = max(running, (count - rank) * p_values[index])
        found[index] = min(running, 1.0)
    return found


def test_levels_by_hand():
    # 0.001 <= 0.05/3 and 0.02 <= 0.05/2 are decided, 0.2 > 0.05/1 is not
    assert holm([0.2, 0.001, 0.02], 0.05) == pytest.approx([0.95, 1 - 0.05 / 3, 0.975])


def test_levels_stay_after_the_first_that_is_not_decided():
    # 0.03 > 0.05/2: it and all after it are read at 97.5 %
    assert holm([0.001, 0.03, 0.04], 0.05) == pytest.approx([1 - 0.05 / 3, 0.975, 0.975])


def test_single_hypothesis_has_the_whole_rate():
    assert holm([0.3]) == holm([0.0]) == [1 - FAMILY_ERROR]


def test_nothing_has_no_level():
    assert holm([]) == []


@given(VALUES, st.sampled_from([0.01, 0.05, 0.3]))
def test_interval_decides_what_the_adjusted_p_value_decides(p_values, rate):
    for value, level, joint in zip(p_values, holm(p_values, rate), adjusted(p_values), strict=True):
        if abs(joint - rate) > 1e-9:
            assert (value <= 1 - level) == (joint <= rate)


@given(VALUES, st.randoms(use_true_random=False))
def test_order_of_the_hypotheses_does_not_matter(p_values, random):
    order = list(range(len(p_values)))
    random.shuffle(order)
    shuffled = holm([p_values[index] for index in order])
    decided = [value <= 1 - level for value, level in zip(p_values, holm(p_values), strict=True)]
    again = [p_values[i] <= 1 - level for i, level in zip(order, shuffled, strict=True)]
    assert again == [decided[index] for index in order]


@given(VALUES)
def test_levels_lie_between_those_of_one_and_of_all(p_values):
    for level in holm(p_values, 0.05):
        assert 0.95 <= level <= 1 - 0.05 / len(p_values) + 1e-12


def test_untestable_hypothesis_still_counts():
    assert holm([1.0, 1.0, 0.5], 0.03)[2] == pytest.approx(0.99)


@pytest.mark.slow
@pytest.mark.parametrize("together", [1, 5])
def test_wrong_directions_stay_below_the_rate(together):
    # every other claim lies at the border, where half of all wrong directions are possible, the
    # rest far from it: the worst case of the step-down
    rng = np.random.default_rng(2)
    far = np.where(np.arange(together) % 2 == 0, 0.0, 9.0)
    wrong, checks, rate = 0, 4000, 0.1
    for z in rng.standard_normal((checks, together)) + far:
        levels = np.array(holm((2 * stats.norm.sf(np.abs(z))).tolist(), rate))
        beyond = np.abs(z) > stats.norm.ppf((1 + levels) / 2)
        wrong += bool((beyond & (far == 0) & (z > 0)).any() or (beyond & (far > 0) & (z < 0)).any())
    assert wrong <= stats.binom.ppf(0.9999, checks, rate)


@pytest.mark.parametrize("level", [0.9, 0.99])
@pytest.mark.parametrize(("successes", "trials"), [(0, 7), (3, 40), (5, 5), (1, 10**6)])
def test_interval_of_a_share_is_that_of_clopper_and_pearson(successes, trials, level):
    expected = stats.binomtest(successes, trials).proportion_ci(level, method="exact")
    assert share_interval(successes, trials, level) == pytest.approx(tuple(expected), rel=1e-9)
