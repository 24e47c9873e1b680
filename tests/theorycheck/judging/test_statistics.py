"""Sign tests, Holm's procedure and intervals: by hand, against scipy, and by their definition."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from theorycheck.judging.statistics import (
    draws_needed,
    exponential,
    holm,
    quantile,
    quantile_limits,
    quantiles,
    share_interval,
    sign_p,
)

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=9)


# sign tests


@pytest.mark.parametrize("trials", [1, 7, 8, 24, 60])
def test_sign_test_is_the_one_sided_binomial_test(trials):
    for heads in range(trials + 1):
        expected = stats.binomtest(heads, trials, alternative="greater").pvalue
        assert sign_p(heads, trials) == pytest.approx(expected, rel=1e-12)


def test_no_coin_tells_nothing():
    assert sign_p(0, 0) == 1.0


@pytest.mark.parametrize("rate", [0.5, 0.25, 0.1, 0.005, 0.005 / 5, 0.005 / 20, 2.0**-20])
def test_fewest_draws_can_reject_and_one_less_cannot(rate):
    needed = draws_needed(rate)
    assert sign_p(needed, needed) <= rate < sign_p(needed - 1, needed - 1)


def test_fewest_draws_for_five_claims_on_four_paths():
    assert [draws_needed(0.005 / tests) for tests in (1, 5, 20)] == [8, 10, 12]


# several tests


def adjusted(p_values):
    """Holm's adjusted p-values by their definition: the running maximum of (n - j) p_(j)."""
    order = np.argsort(p_values, kind="stable")
    count, running, found = len(p_values), 0.0, [0.0] * len(p_values)
    for rank, index in enumerate(order):
        running = max(running, (count - rank) * p_values[index])
        found[index] = running
    return found


def test_holm_by_hand():
    # 0.001 <= 0.05/3 and 0.02 <= 0.05/2 are rejected, 0.2 > 0.05/1 is not
    assert holm([0.2, 0.001, 0.02], 0.05) == [False, True, True]


def test_holm_stops_at_the_first_that_is_not_rejected():
    # 0.03 > 0.05/2, so that 0.04 <= 0.05/1 is no longer asked
    assert holm([0.001, 0.03, 0.04], 0.05) == [True, False, False]


def test_holm_of_one_is_the_test_itself():
    assert [holm([p], 0.05) for p in (0.05, 0.0501)] == [[True], [False]]
    assert holm([], 0.05) == []


def test_test_that_cannot_reject_still_counts():
    assert holm([0.02], 0.05) == [True]
    assert holm([0.02, 1.0, 1.0], 0.05) == [False, False, False]


@given(P_VALUES, st.sampled_from([0.01, 0.05, 0.3]))
def test_holm_rejects_what_the_adjusted_p_value_rejects(p_values, rate):
    for rejected, joint in zip(holm(p_values, rate), adjusted(p_values), strict=True):
        if abs(joint - rate) > 1e-9:
            assert rejected == (joint <= rate)


@given(P_VALUES, st.randoms(use_true_random=False))
def test_holm_does_not_depend_on_the_order_of_the_tests(p_values, random):
    order = list(range(len(p_values)))
    random.shuffle(order)
    shuffled = holm([p_values[index] for index in order], 0.3)
    assert shuffled == [holm(p_values, 0.3)[index] for index in order]


@given(P_VALUES)
def test_holm_lies_between_bonferroni_and_no_correction(p_values):
    for p, rejected in zip(p_values, holm(p_values, 0.3), strict=True):
        assert (p <= 0.3 / len(p_values)) <= rejected <= (p <= 0.3)


# the interval of a quantile


def ranks(count, share, level):
    """The innermost order statistics beyond which the quantile lies rarely, by trying all."""
    outside = (1 - level) / 2
    # the l-th smallest exceeds the quantile if fewer than l values lie below it
    low = [k for k in range(1, count + 1) if stats.binom.cdf(k - 1, count, share) <= outside]
    high = [k for k in range(1, count + 1) if stats.binom.sf(k - 1, count, share) <= outside]
    return max(low, default=0), min(high, default=count + 1)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.98, 0.99])
@pytest.mark.parametrize("share", [0.5, 0.9])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 24, 44, 100])
def test_limits_are_the_innermost_order_statistics_that_are_safe(count, share, level):
    values = np.random.default_rng(count).permutation(np.arange(1.0, count + 1))
    low, high = ranks(count, share, level)
    expected = (low if low else -math.inf, high if high <= count else math.inf)
    assert quantile_limits(values.tolist(), share, level) == expected


@pytest.mark.parametrize(("count", "finite"), [(7, False), (8, True)])
def test_interval_of_a_median_takes_eight_values_at_99_percent(count, finite):
    limits = quantile_limits(list(range(count)), 0.5, 0.99)
    assert all(map(math.isfinite, limits)) == finite


@pytest.mark.parametrize(("count", "finite"), [(43, False), (44, True)])
def test_upper_limit_of_nine_in_ten_takes_44_values(count, finite):
    # 0.9^44 < 0.01 < 0.9^43
    assert math.isfinite(quantile_limits(list(range(count)), 0.9, 0.98)[1]) == finite


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_interval_covers_the_quantile_as_often_as_it_says(share):
    rng, level, trials = np.random.default_rng(5), 0.9, 1500
    truth = stats.expon.ppf(share)
    missed = [0, 0]
    for values in rng.exponential(size=(trials, 30)):
        low, high = quantile_limits(values.tolist(), share, level)
        missed[0] += truth < low
        missed[1] += truth > high
    # each side is missed in no more than half of the error, beyond chance of 1e-4
    assert max(missed) <= stats.binom.ppf(0.9999, trials, (1 - level) / 2)


def test_infinite_values_are_values():
    values = [-math.inf] * 5 + [0.0] * 20 + [math.inf] * 5
    assert quantile_limits(values, 0.5, 0.9) == (0.0, 0.0)
    assert quantile_limits([math.inf] * 30, 0.5, 0.9) == (math.inf, math.inf)


# the interval of a share


@pytest.mark.parametrize("level", [0.9, 0.98, 0.99])
@pytest.mark.parametrize(("successes", "trials"), [(0, 7), (3, 40), (5, 5), (1, 10**6)])
def test_interval_of_a_share_is_that_of_clopper_and_pearson(successes, trials, level):
    expected = stats.binomtest(successes, trials).proportion_ci(level, method="exact")
    assert share_interval(successes, trials, level) == pytest.approx(tuple(expected), rel=1e-9)


def test_share_that_never_failed_has_the_limit_of_its_formula():
    assert share_interval(0, 15, 0.99) == pytest.approx((0.0, 1 - 0.005 ** (1 / 15)))


# quantiles


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12),
    st.sampled_from([0.5, 0.9]),
    st.integers(0, 3),
)
def test_quantile_of_finite_values_is_that_of_numpy(values, share, gaps):
    expected = np.quantile(values, share)
    found = quantile(values + [math.nan] * gaps, share)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_quantiles_are_taken_over_draws_size_by_size():
    values = np.random.default_rng(0).normal(size=(3, 7, 2))
    assert quantiles(values, 0.9) == pytest.approx(np.quantile(values, 0.9, axis=1))


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([1.0, 2.0, math.inf], 0.5, 2.0),
        ([1.0, 2.0, math.inf], 0.9, math.inf),
        ([-math.inf, 2.0, 3.0], 0.5, 2.0),
        ([-math.inf, -math.inf, 3.0], 0.5, -math.inf),
        ([-math.inf, math.inf], 0.5, -math.inf),
        ([math.inf] * 3, 0.5, math.inf),
    ],
)
def test_quantile_never_averages_with_infinity(values, share, expected):
    assert quantile(values, share) == expected


def test_quantile_of_nothing_is_nan():
    assert math.isnan(quantile([], 0.5))
    assert math.isnan(quantile([math.nan], 0.5))


@pytest.mark.parametrize("value", [-math.inf, -800.0, 0.0, 700.0])
def test_exponential_is_exp(value):
    assert exponential(value) == math.exp(value)


@pytest.mark.parametrize("value", [710.0, math.inf])
def test_exponential_beyond_the_floats_is_infinite(value):
    assert exponential(value) == math.inf
