"""Tails, the slopes of draws with gaps or without, and starts: scipy, loops and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from theorycheck.judging.slopes import (
    LEAST_SIZES,
    NO_SLOPE,
    SHORT_TAIL,
    extrapolated_size,
    holds_from,
    least_squares_slope,
    logarithm_slope,
    median_slope,
    slopes_of_draws,
    tail,
    tail_end,
)

SIZES = (1000.0, 4000.0, 20_000.0, 100_000.0)
INF, NAN = math.inf, math.nan


def slope_of(*excess, sizes=SIZES):
    """The slope of one draw."""
    (slope,) = slopes_of_draws(np.array(sizes[: len(excess)]), np.array([excess]))
    return slope


# the tail and its end


@pytest.mark.parametrize(
    ("sizes", "kept", "end"),
    [
        # the upper half of 1e2..1e6 begins at 1e4: three sizes, which are their own end
        ((1e2, 1e3, 1e4, 1e5, 1e6), (1e4, 1e5, 1e6), (1e4, 1e5, 1e6)),
        ((1e2, 1e3, 1e5, 1e6), (1e5, 1e6), (1e5, 1e6)),
        # the upper half of 1e3..1e6 begins at 3.2e4, the last half of that at 1.8e5
        ((1e3, 1e4, 1e5, 1.5e5, 2e5, 4e5, 1e6), (1e5, 1.5e5, 2e5, 4e5, 1e6), (2e5, 4e5, 1e6)),
        # four sizes are a short tail, five are not
        ((1e2, 1e4, 2e4, 4e5, 1e6), (1e4, 2e4, 4e5, 1e6), (1e4, 2e4, 4e5, 1e6)),
        ((1e2, 1e4, 2e4, 4e4, 4e5, 1e6), (1e4, 2e4, 4e4, 4e5, 1e6), (4e4, 4e5, 1e6)),
        ((1e2, 1e4, 2e5, 3e5, 4e5, 1e6), (1e4, 2e5, 3e5, 4e5, 1e6), (2e5, 3e5, 4e5, 1e6)),
        ((7.0,), (7.0,), (7.0,)),
    ],
)
def test_tail_is_the_upper_half_of_the_decades_and_its_end_the_half_of_that(sizes, kept, end):
    assert [size for size, here in zip(sizes, tail(sizes), strict=True) if here] == list(kept)
    assert [size for size, here in zip(sizes, tail_end(sizes), strict=True) if here] == list(end)


@pytest.mark.parametrize("base", [3.0, 7.0, 10.0, 1.1])
def test_middle_of_the_decades_is_not_lost_to_rounding(base):
    path = [base**power for power in range(-8, 9)]
    assert tail(path).sum() == 9
    assert tail_end(path).sum() == 5


@given(st.lists(st.floats(0.1, 1e6), min_size=2, max_size=12, unique=True).map(sorted))
def test_end_is_the_last_part_of_the_tail(progress):
    kept, end = tail(progress), tail_end(progress)
    assert kept[-1]
    assert end[-1]
    assert (np.diff(kept.astype(int)) >= 0).all()  # once in the tail, a path stays there
    assert (np.diff(end.astype(int)) >= 0).all()
    assert (end <= kept).all()
    if kept.sum() > SHORT_TAIL:
        assert end.sum() >= LEAST_SIZES
    else:
        assert (end == kept).all()


# slopes


def test_slope_of_two_points_by_hand():
    assert least_squares_slope(np.array([0.0, 2.0]), np.array([1.0, 5.0])) == 2.0


def test_slope_of_every_draw_is_that_of_scipy():
    excess = np.random.default_rng(3).normal(size=(9, len(SIZES)))
    expected = [stats.linregress(np.log(SIZES), of_draw).slope for of_draw in excess]
    assert slopes_of_draws(np.array(SIZES), excess) == pytest.approx(expected)


@pytest.mark.parametrize("exponent", [-1.5, 0.0, 0.25, 2.0])
def test_exact_power_law_has_its_exponent(exponent):
    assert slope_of(*(0.3 + exponent * np.log(SIZES))) == pytest.approx(exponent, abs=1e-12)


def test_one_size_has_no_slope_and_no_draw_has_none():
    assert np.isnan(slopes_of_draws(np.array([10.0]), np.ones((12, 1)))).all()
    assert slopes_of_draws(np.array(SIZES), np.ones((0, 4))).shape == (0,)


@pytest.mark.parametrize("value", [INF, -INF, NAN])
def test_gap_at_the_last_size_or_at_half_of_them_is_the_slope(value):
    for excess in ([0, 0, 0, value], [value, value, 0, 0], [0, value, value, 0], [value] * 4):
        assert slope_of(*excess) == pytest.approx(value, nan_ok=True)
    assert slope_of(0, value, value, 0, 0, sizes=(*SIZES, 1e6)) == 0.0  # two of five are less
    assert slope_of(0, value, value, value, 0, sizes=(*SIZES, 1e6)) == pytest.approx(
        value, nan_ok=True
    )


@pytest.mark.parametrize("value", [INF, -INF, NAN])
def test_lone_gap_is_left_out_of_the_line(value):
    logs = np.log(SIZES)
    excess = np.array([0.1, 2.0, -0.7, 0.5])
    for gap in range(3):
        there = np.arange(4) != gap
        expected = stats.linregress(logs[there], excess[there]).slope
        assert slope_of(*np.where(there, excess, value)) == pytest.approx(expected)


def test_worse_gap_wins():
    # two of four each: without a t* comes first, then what is not known, then exactly 0
    assert slope_of(INF, INF, NAN, NAN) == INF
    assert slope_of(INF, INF, -INF, -INF) == INF
    assert math.isnan(slope_of(-INF, -INF, NAN, NAN))


def test_single_value_between_gaps_has_no_slope():
    assert math.isnan(slope_of(INF, NAN, 1.0, sizes=SIZES[:3]))


# the median over draws


def test_median_slope_has_the_interval_of_its_order_statistics():
    slopes = np.random.default_rng(1).permutation(np.arange(15.0))
    # P(Bin(15, 1/2) <= 2) = 0.0037 <= 0.005 < P(<= 3): the third from either end
    found = median_slope(slopes)
    assert (found.median, found.low, found.high) == (7.0, 2.0, 12.0)
    assert (found.draws, found.level) == (15, 0.99)


def test_median_slope_leaves_out_what_is_not_known():
    found = median_slope(np.array([NAN, 1.0, 2.0, INF, NAN]))
    assert (found.median, found.draws) == (2.0, 3)
    assert (found.low, found.high) == (-INF, INF)


def test_no_draw_has_no_median_slope():
    assert median_slope(np.array([])) is NO_SLOPE
    assert median_slope(np.array([NAN, NAN])) is NO_SLOPE


def test_median_slope_is_infinite_where_most_draws_have_no_t_star():
    assert median_slope(np.array([INF] * 6 + [0.0] * 5)).median == INF
    assert median_slope(np.array([INF] * 5 + [0.0] * 6)).median == 0.0


# the slope of a logarithm


@pytest.mark.parametrize("power", [1.0, 2.0, 3.5])
def test_slope_of_a_power_of_a_logarithm_is_its_derivative(power):
    sizes = 1e5 * np.exp([-1e-4, 0.0, 1e-4])
    # d log( log(30 d)^power ) / d log d
    found = logarithm_slope(power, sizes, np.log(30 * sizes))
    assert found == pytest.approx(power / math.log(30 * 1e5), rel=1e-6)


def test_slope_of_a_logarithm_takes_two_sizes():
    assert logarithm_slope(2.0, np.array([2.0]), np.array([2.0])) == 0.0


def test_logarithm_that_stays_has_no_slope():
    assert logarithm_slope(2.0, np.array(SIZES), np.ones(4)) == 0.0


# where a claim starts to hold


@pytest.mark.parametrize(
    ("excess", "expected"),
    [
        ([-1, -1, -1, -1], SIZES[0]),
        ([1, -1, -1, -1], SIZES[1]),
        ([-1, 1, -1, -1], SIZES[2]),
        ([1, 1, 1, -1], SIZES[3]),
        ([-1, -1, -1, 1], None),
        ([0, 0, 0, 0], SIZES[0]),
        ([INF, -INF, -1, -1], SIZES[1]),
        ([-1, -1, NAN, -1], SIZES[3]),
        ([-1, -1, -1, NAN], None),
    ],
)
def test_claim_holds_from_the_last_violation_on(excess, expected):
    assert holds_from(SIZES, np.array(excess, float)) == expected


@pytest.mark.parametrize(("excess", "slope"), [(3.0, -0.5), (-3.0, 0.5)])
def test_extrapolated_size_is_where_the_line_meets_zero(excess, slope):
    # six more natural logarithms on either side
    assert extrapolated_size(1e5, excess, slope) == pytest.approx(1e5 * math.exp(6))


@pytest.mark.parametrize(
    ("last", "slope"), [(3, 0), (3, 0.2), (-3, -0.2), (3, NAN), (INF, -1), (NAN, -1), (-3, INF)]
)
def test_extrapolation_that_leads_nowhere_is_infinite(last, slope):
    assert extrapolated_size(1e5, float(last), float(slope)) == INF


def test_extrapolation_stays_inside_the_floats():
    assert math.isfinite(extrapolated_size(1e5, 500.0, -1e-6))
