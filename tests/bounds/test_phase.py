"""The race between signal and noise, and the p at which it is even."""

import math

import mpmath
import numpy as np
import pytest
from scipy.stats import norm

import bounds


@pytest.mark.parametrize(
    ("m", "p"), [(1, 1.0), (1, 0.3), (7, 0.5), (40, 0.1), (10**6, 1.0), (10**5, 1e-3), (40, 1e-8)]
)
def test_the_positive_maximum_agrees_with_high_precision(m, p):
    with mpmath.workdps(30):

        def some_above(x):
            return 1 - (1 - p * mpmath.erfc(x / mpmath.sqrt(2)) / 2) ** m

        expected = mpmath.quad(some_above, [*range(9), 12, 40])
        assert bounds.positive_maximum(m, p) == pytest.approx(float(expected), rel=1e-8, abs=0)


def test_one_gaussian_has_half_the_mean_absolute_value():
    assert bounds.positive_maximum(1, 0.4) == pytest.approx(0.4 * norm.pdf(0), rel=1e-10, abs=0)


def test_the_positive_maximum_agrees_with_draws():
    rng = np.random.default_rng(6)
    draws = rng.standard_normal((100_000, 12)) * (rng.random((100_000, 12)) < 0.3)
    maxima = np.maximum(draws.max(axis=1), 0)
    standard_error = maxima.std() / math.sqrt(len(maxima))
    assert maxima.mean() == pytest.approx(
        bounds.positive_maximum(12, 0.3), abs=4.5 * standard_error
    )


def test_the_race_of_the_dense_network_has_no_maxima_in_it():
    assert bounds.race(0.4, 1.0, 20, 40, 2, 3) == pytest.approx(10 * 0.4**3)


def test_the_race_is_the_written_formula():
    ratio = bounds.positive_maximum(40, 0.2) / bounds.positive_maximum(40, 1)
    expected = 10 * (0.4 / math.sqrt(0.2)) ** 2.5 * math.sqrt(ratio)
    assert bounds.race(0.4, 0.2, 20, 40, 2, 2.5) == pytest.approx(expected)


def test_at_q_two_the_boundary_is_a_formula():
    assert bounds.phase_boundary(0.1, 20, 40, 2, 2) == pytest.approx(10 * 0.1**2)


@pytest.mark.parametrize("snr", [0.39, 0.32, 0.26, 0.21, 0.1])
@pytest.mark.parametrize("q", [2.5, 3, 3.5])
def test_the_race_is_even_at_the_boundary_and_won_below(snr, q):
    p = bounds.phase_boundary(snr, 20, 40, 2, q)
    assert 0 < p < 1
    assert bounds.race(snr, p, 20, 40, 2, q) == pytest.approx(1, rel=1e-9, abs=0)
    assert bounds.race(snr, p / 3, 20, 40, 2, q) > 1 > bounds.race(snr, math.sqrt(p), 20, 40, 2, q)


def test_the_boundary_is_one_where_the_dense_network_wins():
    assert bounds.race(0.5, 1.0, 20, 40, 2, 3) > 1
    assert bounds.phase_boundary(0.5, 20, 40, 2, 3) == 1.0


def test_there_is_no_boundary_where_no_pruning_helps():
    assert bounds.phase_boundary(0.01, 20, 40, 2, 5) is None


def test_for_large_q_the_boundary_is_the_upper_one():
    p = bounds.phase_boundary(0.4, 20, 40, 2, 5)
    assert bounds.race(0.4, p, 20, 40, 2, 5) == pytest.approx(1, rel=1e-9, abs=0)
    assert bounds.race(0.4, p * 0.9, 20, 40, 2, 5) > 1
    assert all(bounds.race(0.4, x, 20, 40, 2, 5) < 1 for x in np.linspace(p * 1.01, 1, 30))
    assert bounds.race(0.4, 1e-9, 20, 40, 2, 5) < 1


@pytest.mark.parametrize(
    ("name", "number", "message"),
    [
        ("snr", 0.0, "snr must be a finite number > 0, got 0.0"),
        ("snr", math.nan, "snr must be a finite number > 0, got nan"),
        ("q", 1.5, "q must be a finite number >= 2, got 1.5"),
        ("m", 0, "m must be a whole number >= 1, got 0"),
        ("K", 1, "K must be a whole number >= 2, got 1"),
        ("n", 2.5, "n must be a whole number >= 1, got 2.5"),
    ],
)
def test_a_bad_argument_is_refused(name, number, message):
    good = {"snr": 0.4, "n": 20, "m": 40, "K": 2, "q": 3}
    with pytest.raises(ValueError, match=message):
        bounds.phase_boundary(**{**good, name: number})
    with pytest.raises(ValueError, match=message):
        bounds.race(p=0.5, **{**good, name: number})


def test_a_race_outside_the_range_of_p_is_refused():
    with pytest.raises(ValueError, match="p must be a finite number > 0 and <= 1, got 2"):
        bounds.race(0.4, 2, 20, 40, 2, 3)
