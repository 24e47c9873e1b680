"""The race between signal and noise, and the SNR and p at which it is even."""

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


def critical_by_loops(n, m, K, p, q, classes, seed=1):
    """Draw classes one by one, neurons as Gaussians: the n SNR^q at which each race is even."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(classes):
        kept = rng.random(m) < p
        signal = max(rng.standard_normal(m) * kept)
        noise = [max(rng.standard_normal(m)) for _ in range(rng.binomial(n, 1 / K))]
        index = bounds.race_index(1.0, p, signal, noise, q)
        found.append(n / index if index > 0 else math.inf)
    return np.array(found)


@pytest.mark.parametrize(
    ("m", "n", "quantiles"), [(10, 20, (0.96, 1.77, 3.65)), (40, 40, (1.39, 1.97, 2.85))]
)
def test_the_critical_snr_has_the_measured_quantiles(m, n, quantiles):
    for share, expected in zip((0.1, 0.5, 0.9), quantiles, strict=True):
        found = bounds.critical_quantile(share, 1.0, n, m, 2, 3)
        assert found == pytest.approx(expected, rel=0.015)


@pytest.mark.parametrize(
    ("n", "m", "K", "p", "q"), [(8, 10, 2, 1.0, 3), (8, 5, 2, 0.6, 3), (9, 12, 3, 0.4, 4)]
)
def test_the_critical_snr_agrees_with_classes_drawn_one_by_one(n, m, K, p, q):
    found = critical_by_loops(n, m, K, p, q, 1500)
    for share in (0.1, 0.5, 0.7):
        below = np.mean(found <= bounds.critical_quantile(share, p, n, m, K, q))
        assert below == pytest.approx(share, abs=4.5 * math.sqrt(share * (1 - share) / 1500))


def test_the_boundary_tends_to_that_of_a_typical_sample_as_m_grows():
    typical = [10 * bounds.even_snr(1.0, 20, m, 2, 3) ** 3 for m in (10, 100, 10_000)]
    assert typical[0] < typical[1] < typical[2] < 1.01
    assert typical[2] > 0.98


def test_the_index_is_the_written_formula():
    index = bounds.race_index(0.4, 0.25, 1.5, [2.0, 0.5], 4)
    assert index == pytest.approx(0.8**4 * 1.5**2 * (1 / 4 + 4))
    assert bounds.race_index(0.4, 0.25, -0.1, [2.0, 0.5], 4) == 0
    assert bounds.race_index(0.4, 0.25, 1.5, [], 4) == 0
    assert bounds.race_index(0.4, 0.25, 1.5, [2.0, -0.5], 4) == math.inf


def test_the_index_decides_as_the_times_do():
    rng = np.random.default_rng(3)
    decided = set()
    for _ in range(200):
        signal, noise = rng.uniform(0.1, 2), rng.uniform(0.1, 2, 5).tolist()
        # n = 5 samples of one class, sigma_n sqrt(d) = 1 / 0.6, all rates over eta q (1 - 1/K) / n
        times = [bounds.escape_time(z / 0.6, 1 / 0.36, 3) for z in noise]
        won = bounds.learns_signal(bounds.escape_time(signal, 5.0, 3), times)
        assert won == (bounds.race_index(0.6, 1.0, signal, noise, 3) > 1)
        decided.add(won)
    assert decided == {True, False}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_share_and_quantile_are_each_others_inverse(share):
    snr = bounds.even_snr(0.4, 20, 12, 2, 3, share)
    assert 20 * snr**3 == pytest.approx(bounds.critical_quantile(share, 0.4, 20, 12, 2, 3))
    assert bounds.learned_share(snr * (1 + 1e-12), 0.4, 20, 12, 2, 3) == pytest.approx(share)


def test_no_more_classes_win_than_are_learnable():
    able = 1 - (1 - 0.4 / 2) ** 5
    has_samples = 1 - 0.5**8
    found = bounds.learned_share(1e9, 0.4, 8, 5, 2, 3)
    assert found == pytest.approx(able * has_samples, abs=0.01)
    assert bounds.even_snr(0.4, 8, 5, 2, 3, 0.9) == math.inf


@pytest.mark.parametrize("snr", [0.38, 0.3, 0.24])
@pytest.mark.parametrize("q", [2.5, 3, 3.5])
def test_half_of_the_classes_win_at_the_boundary_and_more_below(snr, q):
    p = bounds.phase_boundary(snr, 20, 40, 2, q)
    assert 0 < p < 1
    assert bounds.even_snr(p, 20, 40, 2, q) == pytest.approx(snr, rel=1e-9, abs=0)
    shares = [bounds.learned_share(snr, one, 20, 40, 2, q) for one in (p / 1.5, p * 1.1)]
    assert shares[0] > 0.5 > shares[1]


def test_the_boundary_is_one_where_the_dense_network_wins():
    assert bounds.learned_share(0.5, 1.0, 20, 40, 2, 3) > 0.5
    assert bounds.phase_boundary(0.5, 20, 40, 2, 3) == 1.0


def test_there_is_no_boundary_where_no_pruning_helps():
    assert bounds.phase_boundary(0.01, 20, 40, 2, 5) is None
    assert bounds.phase_boundary(0.05, 20, 40, 2, 3) is None


def test_the_boundary_of_more_classes_lies_lower():
    found = [bounds.phase_boundary(0.3, 20, 40, 2, 3, share) for share in (0.1, 0.5, 0.7)]
    assert found == sorted(found, reverse=True)


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


@pytest.mark.parametrize("share", [0.0, 1.0, math.nan])
def test_a_share_that_is_no_share_is_refused(share):
    with pytest.raises(ValueError, match="share must satisfy 0 < share < 1, got"):
        bounds.critical_quantile(share, 1.0, 20, 40, 2, 3)


def test_a_race_that_starts_do_not_decide_is_refused():
    with pytest.raises(ValueError, match="q must be > 2, got 2"):
        bounds.even_snr(1.0, 20, 40, 2, 2)
    with pytest.raises(ValueError, match="q must be > 2, got 2"):
        bounds.race_index(0.4, 1.0, 1.0, [1.0], 2)
