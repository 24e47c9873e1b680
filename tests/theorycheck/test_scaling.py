"""Slopes, tolerances and thresholds against scipy and hand computations."""

import math

import numpy as np
import pytest
from scipy import stats

from theorycheck import scaling

SIZES = (1000.0, 4000.0, 20_000.0, 100_000.0)
EXACT = 1e-12


def excess_of(slopes, sizes=SIZES, offset=0.3):
    """excess[seed][size] of power laws with the given exponents."""
    return {
        seed: {size: offset + slope * math.log(size) for size in sizes}
        for seed, slope in enumerate(slopes)
    }


def noisy_excess(slope, seeds=6, scatter=0.2):
    rng = np.random.default_rng(7)
    return {
        seed: {size: slope * math.log(size) + rng.normal(0, scatter) for size in SIZES}
        for seed in range(seeds)
    }


def test_slope_of_two_points_by_hand():
    assert scaling.least_squares_slope([0.0, 2.0], [1.0, 5.0]) == 2.0


def test_slope_is_that_of_scipy():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=9), rng.normal(size=9)
    assert scaling.least_squares_slope(x, y) == pytest.approx(stats.linregress(x, y).slope)


@pytest.mark.parametrize("exponent", [-1.5, 0.0, 0.25, 2.0])
def test_exact_power_law_has_its_exponent(exponent):
    slope = scaling.slope_over_seeds(excess_of([exponent] * 4), SIZES, 0.95)
    assert slope.mean == pytest.approx(exponent, abs=EXACT)
    assert slope.low == pytest.approx(exponent, abs=EXACT)
    assert slope.high == pytest.approx(exponent, abs=EXACT)
    assert slope.seeds == 4


@pytest.mark.parametrize("level", [0.9, 0.99])
def test_interval_is_the_t_interval_over_seeds(level):
    excess = noisy_excess(0.5)
    each = [
        stats.linregress(np.log(SIZES), [of_seed[size] for size in SIZES]).slope
        for of_seed in excess.values()
    ]
    low, high = stats.t.interval(level, len(each) - 1, np.mean(each), stats.sem(each))
    slope = scaling.slope_over_seeds(excess, SIZES, level)
    assert (slope.low, slope.high) == pytest.approx((low, high), rel=1e-9)
    assert slope.mean == pytest.approx(np.mean(each))


def test_interval_of_three_slopes_by_hand():
    # slopes 1, 2, 3: mean 2, deviation 1, t = 4.302653 with 2 degrees of freedom at 95 %
    slope = scaling.slope_over_seeds(excess_of([1.0, 2.0, 3.0]), SIZES, 0.95)
    reach = 4.302652729911275 / math.sqrt(3)
    assert (slope.low, slope.high) == pytest.approx((2 - reach, 2 + reach), rel=1e-9)


def test_interval_covers_the_true_slope_as_often_as_it_says():
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(400):
        of_seeds = excess_of(rng.normal(0.5, 0.3, size=5))
        slope = scaling.slope_over_seeds(of_seeds, SIZES, 0.9)
        covered += slope.low <= 0.5 <= slope.high
    # binomial(400, 0.9): beyond these with probability 1e-4
    low, high = stats.binom.interval(0.9999, 400, 0.9)
    assert low <= covered <= high


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan, None])
def test_seed_with_an_infinite_or_missing_value_stays_out(bad):
    excess = excess_of([1.0, 1.0, 1.0, 9.0])
    if bad is None:
        del excess[3][SIZES[0]]
    else:
        excess[3][SIZES[0]] = bad
    slope = scaling.slope_over_seeds(excess, SIZES, 0.95)
    assert slope.mean == pytest.approx(1.0, abs=EXACT)
    assert slope.seeds == 3


@pytest.mark.parametrize(
    "excess",
    [excess_of([]), excess_of([1.0] * 2), excess_of([1.0] * 5, SIZES[:-1])],
    ids=["no seeds", "two seeds", "a size that no seed has"],
)
def test_too_few_seeds_have_no_slope(excess):
    slope = scaling.slope_over_seeds(excess, SIZES, 0.95)
    assert slope.seeds == 0
    assert math.isnan(slope.mean)


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_sizes_have_no_slope(count):
    sizes = SIZES[:count]
    assert scaling.slope_over_seeds(excess_of([1.0] * 5, sizes), sizes, 0.95).seeds == 0


@pytest.mark.parametrize("power", [1.0, 2.0, 3.5])
def test_tolerance_is_the_derivative_of_the_log_power(power):
    size, step = 1e5, 1e-4
    sizes = [size * math.exp(-step), size, size * math.exp(step)]
    # d log( log(30 d)^power ) / d log d, by central differences
    values = [power * math.log(math.log(30 * s)) for s in sizes]
    numeric = (values[2] - values[0]) / (2 * step)
    found = scaling.tolerated_slope(power, sizes, [30 * s for s in sizes])
    assert found == pytest.approx(max(numeric, scaling.RESOLUTION), rel=1e-6)
    assert numeric == pytest.approx(power / math.log(30 * size), rel=1e-6)


def test_quantity_growing_like_the_log_power_is_tolerated():
    arguments = [7 * size for size in SIZES]
    growing = {
        seed: {s: 2 * math.log(math.log(a)) for s, a in zip(SIZES, arguments, strict=True)}
        for seed in range(3)
    }
    slope = scaling.slope_over_seeds(growing, SIZES, 0.95)
    assert slope.mean == pytest.approx(scaling.tolerated_slope(2.0, SIZES, arguments))


@pytest.mark.parametrize(("sizes", "power"), [(SIZES, 0.0), (SIZES[:1], 2.0)])
def test_tolerance_is_never_below_the_resolution(sizes, power):
    found = scaling.tolerated_slope(power, sizes, [7 * size for size in sizes])
    assert found == scaling.RESOLUTION


@pytest.mark.parametrize(
    ("excess", "expected"),
    [
        ([-1, -1, -1, -1], SIZES[0]),
        ([1, -1, -1, -1], SIZES[1]),
        ([-1, 1, -1, -1], SIZES[2]),
        ([1, 1, 1, -1], SIZES[3]),
        ([-1, -1, -1, 1], None),
        ([0, 0, 0, 0], SIZES[0]),
        ([math.inf, -math.inf, -1, -1], SIZES[1]),
        ([-1, -1, math.nan, -1], SIZES[3]),
        ([-1, -1, -1, math.nan], None),
    ],
)
def test_claim_holds_from_the_last_violation_on(excess, expected):
    assert scaling.holds_from(SIZES, excess) == expected


def test_extrapolated_size_is_where_the_line_meets_zero():
    # excess 3 at d = 100000 and slope -1/2: six more natural logarithms
    found = scaling.extrapolated_size(SIZES, [9, 9, 9, 3.0], -0.5)
    assert found == pytest.approx(100_000 * math.exp(6))


@pytest.mark.parametrize(
    ("last", "slope"), [(3.0, 0.0), (3.0, 0.2), (3.0, math.nan), (math.inf, -1.0), (math.nan, -1.0)]
)
def test_extrapolation_that_leads_nowhere_is_infinite(last, slope):
    assert scaling.extrapolated_size(SIZES, [0, 0, 0, last], slope) == math.inf


def test_extrapolation_stays_inside_the_floats():
    assert math.isfinite(scaling.extrapolated_size(SIZES, [0, 0, 0, 500.0], -1e-6))


def test_quantile_of_finite_values_is_that_of_numpy():
    values = [3.0, 1.0, 4.0, 1.5]
    for share in (0.5, 0.9):
        assert scaling.quantile(values, share) == np.quantile(values, share)


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
    assert scaling.quantile(values, share) == expected


def test_quantile_of_nothing_is_nan():
    assert math.isnan(scaling.quantile([], 0.5))


@pytest.mark.parametrize("value", [-math.inf, -800.0, 0.0, 700.0])
def test_exponential_is_exp(value):
    assert scaling.exponential(value) == math.exp(value)


@pytest.mark.parametrize("value", [710.0, math.inf])
def test_exponential_beyond_the_floats_is_infinite(value):
    assert scaling.exponential(value) == math.inf
