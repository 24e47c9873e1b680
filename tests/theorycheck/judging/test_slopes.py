"""Slopes, tolerances and thresholds against scipy, loops and hand computations."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from theorycheck.judging import slopes as slopes_module
from theorycheck.judging import statistics

SIZES = (1000.0, 4000.0, 20_000.0, 100_000.0)
EXACT = 1e-10  # slopes over eight natural logarithms; no interval is narrower than 1e-12


def excess_of(slopes, sizes=SIZES, offset=0.3):
    """Power laws with the given exponents, one a seed."""
    return offset + np.outer(slopes, np.log(sizes))


def noisy_excess(slope=0.5, seeds=15, scatter=0.2):
    rng = np.random.default_rng(7)
    return excess_of([slope] * seeds) + rng.normal(0, scatter, (seeds, len(SIZES)))


def interval_of(excess, level=0.95, sizes=SIZES):
    return slopes_module.t_interval(
        slopes_module.slope_of_each_seed(np.array(sizes), excess), level
    )


# the tail


@pytest.mark.parametrize(
    ("sizes", "tail", "end"),
    [
        # the upper half of 1e2..1e6 begins at 1e4, the last half of that at 1e5
        ((1e2, 1e3, 1e4, 1e5, 1e6), (1e4, 1e5, 1e6), (1e5, 1e6)),
        ((1e2, 1e3, 1e5, 1e6), (1e5, 1e6), (1e5, 1e6)),
        # the upper half of 1e3..1e6 begins at 3.2e4, the last half of that at 1.8e5
        ((1e3, 1e4, 1e5, 1.5e5, 2e5, 4e5, 1e6), (1e5, 1.5e5, 2e5, 4e5, 1e6), (2e5, 4e5, 1e6)),
        ((1e2, 9e5, 1e6), (9e5, 1e6), (9e5, 1e6)),
        ((1e2, 9e4, 1e6), (9e4, 1e6), (9e4, 1e6)),  # at least the last two
        ((7.0,), (7.0,), (7.0,)),
    ],
)
def test_tail_is_the_upper_half_of_the_decades(sizes, tail, end):
    kept, last = slopes_module.tail(sizes), slopes_module.tail_end(sizes)
    assert [size for size, inside in zip(sizes, kept, strict=True) if inside] == list(tail)
    assert [size for size, inside in zip(sizes, last, strict=True) if inside] == list(end)


@pytest.mark.parametrize("base", [3.0, 7.0, 10.0, 1.1])
def test_middle_of_the_decades_is_not_lost_to_rounding(base):
    path = [base**power for power in range(-6, 7)]
    assert slopes_module.tail(path).sum() == 7
    assert slopes_module.tail_end(path).sum() == 4


# slopes


def test_slope_of_two_points_by_hand():
    assert slopes_module.least_squares_slope(np.array([0.0, 2.0]), np.array([1.0, 5.0])) == 2.0


def test_slope_is_that_of_scipy():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=9), rng.normal(size=9)
    assert slopes_module.least_squares_slope(x, y) == pytest.approx(stats.linregress(x, y).slope)


@pytest.mark.parametrize("exponent", [-1.5, 0.0, 0.25, 2.0])
def test_exact_power_law_has_its_exponent(exponent):
    slope = interval_of(excess_of([exponent] * 12))
    assert slope.mean == pytest.approx(exponent, abs=EXACT)
    assert slope.low == pytest.approx(exponent, abs=EXACT)
    assert slope.high == pytest.approx(exponent, abs=EXACT)
    assert (slope.seeds, slope.level) == (12, 0.95)


@pytest.mark.parametrize("level", [0.9, 0.99, 0.998])
def test_interval_is_the_t_interval_over_seeds(level):
    excess = noisy_excess()
    each = [stats.linregress(np.log(SIZES), of_seed).slope for of_seed in excess]
    expected = stats.t.interval(level, len(each) - 1, np.mean(each), stats.sem(each))
    slope = interval_of(excess, level)
    assert (slope.low, slope.high) == pytest.approx(expected, rel=1e-9)
    assert slope.mean == pytest.approx(np.mean(each))


@pytest.mark.parametrize("tolerated", [0.3, 0.48, 0.5, 0.9])
def test_p_value_is_that_of_the_one_sample_t_test(tolerated):
    slopes = slopes_module.slope_of_each_seed(np.array(SIZES), noisy_excess())
    expected = stats.ttest_1samp(slopes, tolerated).pvalue
    assert slopes_module.p_value(slopes, tolerated) == pytest.approx(expected, rel=1e-9)


def test_interval_excludes_what_the_p_value_rejects():
    slopes = slopes_module.slope_of_each_seed(np.array(SIZES), noisy_excess())
    for tolerated in np.linspace(0.3, 0.7, 41):
        interval = slopes_module.t_interval(slopes, 0.99)
        outside = not interval.low <= tolerated <= interval.high
        assert outside == (slopes_module.p_value(slopes, tolerated) < 0.01)


def test_interval_covers_the_true_slope_as_often_as_it_says():
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(400):
        slope = slopes_module.t_interval(rng.normal(0.5, 0.3, size=12), 0.9)
        covered += slope.low <= 0.5 <= slope.high
    # binomial(400, 0.9): beyond these with probability 1e-4
    low, high = stats.binom.interval(0.9999, 400, 0.9)
    assert low <= covered <= high


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("column", [0, 3])
def test_seed_without_a_finite_value_at_every_size_stays_out(bad, column):
    excess = excess_of([1.0] * 12 + [9.0])
    excess[12, column] = bad
    slope = interval_of(excess)
    assert slope.mean == pytest.approx(1.0, abs=EXACT)
    assert slope.seeds == 12


@pytest.mark.parametrize("seeds", [0, 1, 11])
def test_too_few_seeds_have_no_slope(seeds):
    slopes = slopes_module.slope_of_each_seed(np.array(SIZES), excess_of([1.0] * seeds))
    assert len(slopes) == seeds
    assert slopes_module.t_interval(slopes, 0.95) is slopes_module.NO_SLOPE
    assert slopes_module.p_value(slopes, 0.0) == 1.0


def test_one_size_has_no_slope():
    assert len(slopes_module.slope_of_each_seed(np.array([10.0]), np.ones((12, 1)))) == 0


def test_equal_slopes_are_decided_in_the_right_direction():
    slopes = np.full(12, 0.2)
    assert slopes_module.p_value(slopes, 0.1) < 1e-9
    assert slopes_module.p_value(slopes, 0.3) < 1e-9
    assert slopes_module.p_value(slopes, 0.2) > 0.99
    interval = slopes_module.t_interval(slopes, 0.998)
    assert interval.low <= 0.2 <= interval.high


# the tolerance


@pytest.mark.parametrize("power", [1.0, 2.0, 3.5])
def test_tolerance_is_the_derivative_of_the_log_power(power):
    size, step = 1e5, 1e-4
    sizes = size * np.exp([-step, 0.0, step])
    # d log( log(30 d)^power ) / d log d, by central differences
    values = power * np.log(np.log(30 * sizes))
    numeric = (values[2] - values[0]) / (2 * step)
    found = slopes_module.tolerated_slope(power, sizes, 30 * sizes)
    assert found == pytest.approx(max(numeric, slopes_module.RESOLUTION), rel=1e-6)
    assert numeric == pytest.approx(power / math.log(30 * size), rel=1e-6)


def test_quantity_growing_like_the_log_power_has_the_tolerated_slope():
    arguments = 7 * np.array(SIZES)
    growing = np.tile(2 * np.log(np.log(arguments)), (12, 1))
    tolerated = slopes_module.tolerated_slope(2.0, np.array(SIZES), arguments)
    assert interval_of(growing).mean == pytest.approx(tolerated)
    assert tolerated > slopes_module.RESOLUTION


@pytest.mark.parametrize(("sizes", "power"), [(SIZES, 0.0), (SIZES[:1], 2.0), (SIZES, -5.0)])
def test_tolerance_is_never_below_the_resolution(sizes, power):
    sizes = np.array(sizes)
    assert slopes_module.tolerated_slope(power, sizes, 7 * sizes) == slopes_module.RESOLUTION


@pytest.mark.parametrize("size", [3.0, 1e6])
def test_slope_of_the_logarithm_is_its_derivative(size):
    sizes = size * np.array([1 - 1e-4, 1.0, 1 + 1e-4])
    expected = size / ((1 + size) * math.log1p(size))
    assert slopes_module.logarithm_slope(sizes, sizes) == pytest.approx(expected, rel=1e-5)


def test_slope_of_the_logarithm_takes_two_sizes():
    assert slopes_module.logarithm_slope(np.array([2.0]), np.array([2.0])) == 0.0


# the slope of the 0.9 quantile


def fan(slopes, seeds=200):
    """Seeds whose 0.9 quantile moves with one exponent and whose median with another."""
    low, high = slopes
    return excess_of(np.where(np.arange(seeds) < 0.8 * seeds, low, high))


def test_slope_of_the_quantile_is_that_of_the_bad_seeds():
    slope = slopes_module.quantile_slope(np.array(SIZES), fan((0.0, 0.7)))
    assert slope.mean == pytest.approx(0.7, abs=EXACT)
    assert slope.low == pytest.approx(0.7, abs=EXACT)
    assert (slope.seeds, slope.level) == (200, 0.99)


def test_interval_of_the_quantile_slope_is_the_percentile_bootstrap():
    excess = noisy_excess(seeds=30)
    found = slopes_module.quantile_slope(np.array(SIZES), excess)

    def statistic(*index):
        chosen = excess[list(index)]
        return np.polyfit(np.log(SIZES), np.quantile(chosen, 0.9, axis=0), 1)[0]

    rng = np.random.default_rng(5)
    seen = [statistic(*rng.integers(30, size=30)) for _ in range(2000)]
    assert found.mean == pytest.approx(statistic(*range(30)))
    # another generator: the ends of the interval have a Monte Carlo error of about 0.005
    assert (found.low, found.high) == pytest.approx(
        tuple(np.quantile(seen, [0.005, 0.995])), abs=0.02
    )


def test_quantile_slope_is_the_same_twice():
    excess = noisy_excess(seeds=25)
    one, other = (slopes_module.quantile_slope(np.array(SIZES), excess) for _ in range(2))
    assert one == other
    assert one.low < one.mean < one.high


@pytest.mark.parametrize("seeds", [0, 12, 19])
def test_few_seeds_have_no_quantile_slope(seeds):
    found = slopes_module.quantile_slope(np.array(SIZES), noisy_excess(seeds=seeds))
    assert found is slopes_module.NO_SLOPE


@pytest.mark.parametrize("bad", [math.inf, -math.inf])
def test_infinite_quantile_has_no_slope(bad):
    excess = noisy_excess(seeds=40)
    excess[:38, 1] = bad
    assert slopes_module.quantile_slope(np.array(SIZES), excess) is slopes_module.NO_SLOPE


def test_zeros_count_below_the_quantile():
    # of 100 seeds the 90th is flat; of the 50 without a zero the 45th is steep
    excess = excess_of([0.0] * 93 + [0.7] * 7)
    excess[:50] = -math.inf
    assert slopes_module.quantile_slope(np.array(SIZES), excess).mean == pytest.approx(
        0.0, abs=EXACT
    )


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
        ([math.inf, -math.inf, -1, -1], SIZES[1]),
        ([-1, -1, math.nan, -1], SIZES[3]),
        ([-1, -1, -1, math.nan], None),
    ],
)
def test_claim_holds_from_the_last_violation_on(excess, expected):
    assert slopes_module.holds_from(SIZES, np.array(excess, float)) == expected


def test_interval_of_holds_from_is_that_of_a_loop_over_resamples():
    rng = np.random.default_rng(1)
    excess = excess_of([-0.5] * 25, offset=4.6) + rng.normal(0, 1, (25, len(SIZES)))
    excess[3, 2], excess[4, 0] = math.nan, -math.inf
    found = []
    for sample in slopes_module.resample(excess):
        medians = [
            statistics.quantile([v for v in column if not math.isnan(v)], 0.5)
            for column in sample.T
        ]
        found.append(slopes_module.holds_from(SIZES, np.array(medians)))
    order = sorted(found, key=lambda size: math.inf if size is None else size)
    expected = order[round(0.005 * len(order))], order[round(0.995 * len(order)) - 1]
    assert len(set(found)) > 1
    assert slopes_module.holds_from_interval(SIZES, excess, 0.5) == expected


def test_resamples_that_never_get_there_have_no_size():
    excess = np.full((20, 4), -1.0)
    excess[:10, 3] = 1.0  # half of the seeds violate the bound at the last size
    low, high = slopes_module.holds_from_interval(SIZES, excess, 0.5)
    assert (low, high) == (SIZES[0], None)
    assert slopes_module.holds_from_interval(SIZES, excess, 0.9) == (None, None)


def test_extrapolated_size_is_where_the_line_meets_zero():
    # excess 3 at d = 100000 and slope -1/2: six more natural logarithms
    found = slopes_module.extrapolated_size(SIZES, [9, 9, 9, 3.0], -0.5)
    assert found == pytest.approx(100_000 * math.exp(6))


@pytest.mark.parametrize(
    ("last", "slope"), [(3.0, 0.0), (3.0, 0.2), (3.0, math.nan), (math.inf, -1.0), (math.nan, -1.0)]
)
def test_extrapolation_that_leads_nowhere_is_infinite(last, slope):
    assert slopes_module.extrapolated_size(SIZES, [0, 0, 0, last], slope) == math.inf


def test_extrapolation_stays_inside_the_floats():
    assert math.isfinite(slopes_module.extrapolated_size(SIZES, [0, 0, 0, 500.0], -1e-6))


# quantiles


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12),
    st.sampled_from([0.5, 0.9]),
    st.integers(0, 3),
)
def test_quantile_of_finite_values_is_that_of_numpy(values, share, gaps):
    expected = np.quantile(values, share)
    assert statistics.quantile(values + [math.nan] * gaps, share) == pytest.approx(
        expected, rel=1e-12, abs=1e-9
    )


def test_quantiles_are_taken_over_seeds_sample_by_sample():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3, 7, 2))
    assert statistics.quantiles(values, 0.9) == pytest.approx(np.quantile(values, 0.9, axis=1))


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
    assert statistics.quantile(values, share) == expected


def test_quantile_of_nothing_is_nan():
    assert math.isnan(statistics.quantile([], 0.5))
    assert math.isnan(statistics.quantile([math.nan], 0.5))


@pytest.mark.parametrize("value", [-math.inf, -800.0, 0.0, 700.0])
def test_exponential_is_exp(value):
    assert statistics.exponential(value) == math.exp(value)


@pytest.mark.parametrize("value", [710.0, math.inf])
def test_exponential_beyond_the_floats_is_infinite(value):
    assert statistics.exponential(value) == math.inf
