"""The facts beside the outcome: the constant at the end, the start, the share of draws."""

import math

import numpy as np
import pytest
from scipy import stats

from theorycheck.judging.facts import NO_CONSTANT
from theorycheck.judging.orders.order import constant_at_end, start_of

LONG = tuple(10.0**k for k in range(2, 11))
SIZES = (10.0, 100.0, 1000.0, 1e4)
INF, NAN = math.inf, math.nan


# the constant


def last_column(values):
    """An excess whose last size has these values and whose others are absurd."""
    values = np.asarray(values, float)
    return np.column_stack([np.full(len(values), 99.0), values])


@pytest.mark.parametrize("count", [8, 24, 44, 100])
def test_constant_of_an_upper_claim_is_that_of_its_order_statistics(count):
    values = np.random.default_rng(count).normal(size=count)
    found, factors = constant_at_end(last_column(values), lower=False), np.exp(np.sort(values))
    assert found.median == pytest.approx(math.exp(np.median(values)))
    assert found.quantile == pytest.approx(math.exp(np.quantile(values, 0.9)))
    # the k-th smallest exceeds the median with P(fewer than k of the draws lie below it)
    k = max(k for k in range(1, count) if stats.binom.cdf(k - 1, count, 0.5) <= 0.005)
    assert (found.low, found.high) == pytest.approx((factors[k - 1], factors[-k]))
    safe = [k for k in range(1, count + 1) if stats.binom.sf(k - 1, count, 0.9) <= 0.01]
    assert found.limit == (pytest.approx(factors[safe[0] - 1]) if safe else INF)
    assert bool(safe) == (count >= 44)


@pytest.mark.parametrize("count", [7, 24, 60])
def test_constant_of_a_lower_claim_is_the_mirror_image(count):
    values = np.random.default_rng(count).normal(size=count)
    upper = constant_at_end(last_column(values), lower=False)
    lower = constant_at_end(last_column(values), lower=True)
    mirrored = [1 / x if x else INF for x in (lower.median, lower.quantile, lower.limit)]
    assert mirrored == pytest.approx([upper.median, upper.quantile, upper.limit])
    assert [lower.low * upper.high, lower.high * upper.low] == pytest.approx(
        [1, 1] if count > 7 else [NAN, NAN], nan_ok=True
    )
    # measured / bound: the bad draws are the small ones
    assert lower.limit <= lower.quantile <= lower.median


def test_draws_that_are_too_few_have_no_limit():
    few = last_column(np.zeros(7))
    upper, lower = constant_at_end(few, lower=False), constant_at_end(few, lower=True)
    assert (upper.low, upper.median, upper.high) == (0.0, 1.0, INF)
    assert (upper.limit, lower.limit) == (INF, 0.0)


def test_limit_misses_nine_in_ten_as_rarely_as_it_says():
    rng, trials = np.random.default_rng(8), 1000
    truth = math.exp(stats.norm.ppf(0.9))
    missed = sum(
        constant_at_end(last_column(values), lower=False).limit < truth
        for values in rng.normal(size=(trials, 60))
    )
    assert missed <= stats.binom.ppf(0.9999, trials, 0.01)


def test_draw_without_a_t_star_needs_an_infinite_constant():
    found = constant_at_end(last_column([0.0] * 15 + [INF] * 5), lower=False)
    assert (found.median, found.quantile) == (1.0, INF)
    found = constant_at_end(last_column([0.0] * 15 + [INF] * 5), lower=True)
    assert (found.median, found.quantile) == (1.0, 0.0)


def test_draw_that_is_not_known_has_no_constant():
    known = constant_at_end(last_column([0.0, 1.0, 2.0]), lower=False)
    assert constant_at_end(last_column([0.0, NAN, 1.0, 2.0]), lower=False) == known
    assert constant_at_end(last_column([NAN, NAN]), lower=False) is NO_CONSTANT
    assert constant_at_end(np.empty((0, 4)), lower=False) is NO_CONSTANT
    assert constant_at_end(np.empty((4, 0)), lower=False) is NO_CONSTANT


# the start


def test_start_is_told_for_the_median_and_for_nine_draws_in_ten():
    # eight draws start at the second size, two at the last
    excess = np.array([[1.0, -1.0, -1.0, -1.0]] * 8 + [[3.0, 2.0, 5.0, -1.0]] * 2)
    start = start_of(SIZES, excess)
    assert (start.median, start.quantile) == (100.0, 1e4)


def test_start_names_the_worst_violation_by_its_factors():
    excess = np.array([[0.5, -2.0, -2.0, -1.0]] * 8 + [[0.5, 2.0, 5.0, -1.0]] * 2)
    start = start_of(SIZES, excess)
    assert start.worst == 1000.0
    assert start.worst_median == pytest.approx(math.exp(-2.0))
    assert start.worst_quantile == pytest.approx(math.exp(5.0))


def test_claim_that_is_never_violated_has_no_worst_size():
    start = start_of(SIZES, np.full((10, 4), -0.1))
    assert (start.median, start.quantile, start.worst) == (10.0, 10.0, None)
    assert math.isnan(start.worst_quantile)


def test_claim_that_is_violated_at_the_end_has_not_started():
    start = start_of(SIZES, np.array([[-1.0, -1.0, -1.0, 2.0]] * 10))
    assert (start.median, start.quantile, start.worst) == (None, None, 1e4)


def test_start_of_nothing_is_nowhere():
    for excess in (np.empty((10, 0)), np.full((10, 4), NAN), np.empty((0, 4))):
        start = start_of(SIZES[: excess.shape[1]], excess)
        assert (start.median, start.quantile, start.worst) == (None, None, None)


def test_draw_without_a_t_star_is_the_worst_violation():
    start = start_of(SIZES, np.array([[9.0, INF, -1.0, -1.0]] * 10))
    assert (start.median, start.worst, start.worst_quantile) == (1000.0, 100.0, INF)


# what a verdict carries


def test_share_within_is_the_limit_of_clopper_and_pearson(judged, powers):
    for within in (20, 15, 0):
        found = judged(powers([-0.3] * within + [0.3] * (20 - within))).share_within
        expected = stats.binomtest(within, 20).proportion_ci(0.98, method="exact").low
        assert found == pytest.approx(expected, abs=1e-12)


def test_slopes_are_those_of_the_tail_and_of_its_end(judged):
    excess = np.random.default_rng(2).normal(size=(15, 9))
    verdict = judged(excess)
    assert verdict.tail == LONG[4:]
    for found, sizes in ((verdict.slope, slice(4, 9)), (verdict.end_slope, slice(6, 9))):
        each = [stats.linregress(np.log(LONG[sizes]), row[sizes]).slope for row in excess]
        assert found.median == pytest.approx(np.median(each))
        # of 15 the third from either end is the 99 % interval
        assert (found.low, found.high) == pytest.approx(tuple(np.sort(each)[[2, -3]]))
        assert found.draws == 15


def test_short_tail_is_its_own_end(judged, powers):
    sizes = LONG[:7]
    verdict = judged(np.random.default_rng(3).normal(size=(15, 7)), sizes)
    assert len(verdict.tail) == 4
    assert verdict.end_slope == verdict.slope


def test_runs_are_those_of_which_something_is_known(judged, powers):
    excess = powers([-0.3] * 20)
    excess[0, :3], excess[1, 0] = NAN, INF
    verdict = judged(excess)
    assert (verdict.runs, verdict.draws) == (177, 20)
