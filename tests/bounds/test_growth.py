"""Escape times and learnability against integration, plain descent and drawn networks."""

import math

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import bounds


def test_the_rates_are_the_written_formulas():
    assert bounds.signal_rate(eta=0.3, q=3, mu=2, n_j=4, n=10, K=5) == pytest.approx(
        0.3 * 3 * 4 * 0.4 * 0.8
    )
    assert bounds.noise_rate(eta=0.3, q=3, norm_squared=7, n=10, K=5) == pytest.approx(
        0.3 * 3 * 0.8 * 0.7
    )
    assert bounds.omega_rate(eta=0.3, q=3, norm_squared=7, n=10, K=5) == pytest.approx(
        0.3 * 3 / 50 * 7
    )


def test_a_class_without_samples_has_rate_zero_and_never_escapes():
    rate = bounds.signal_rate(eta=0.3, q=3, mu=2, n_j=0, n=10, K=5)
    assert rate == 0.0
    assert bounds.escape_time(0.1, rate, 3) == math.inf


@pytest.mark.parametrize("q", [1, 1.5, 2, 2.0001, 2.5, 3, 4.5])
def test_the_time_to_a_level_agrees_with_integration(q):
    z0, rate, level = 0.02, 0.3, 0.5

    def reached(t, z):
        return z[0] - level

    reached.terminal = True
    run = solve_ivp(
        lambda t, z: rate * z ** (q - 1), (0, 1e6), [z0], events=reached, rtol=1e-11, atol=1e-13
    )
    expected = run.t_events[0][0]
    assert bounds.escape_time(z0, rate, q, level) == pytest.approx(expected, rel=1e-8, abs=0)


def test_the_time_is_continuous_where_q_passes_two():
    times = [bounds.escape_time(0.02, 0.3, q, 0.5) for q in (2 - 1e-9, 2, 2 + 1e-9)]
    assert times[0] == pytest.approx(times[1], rel=1e-7, abs=0)
    assert times[2] == pytest.approx(times[1], rel=1e-7, abs=0)


def test_a_level_close_to_the_start_keeps_its_digits():
    z0, step = 0.25, 2.0**-40
    assert bounds.escape_time(z0, 1.0, 3, z0 + step) == pytest.approx(
        step / z0**2, rel=1e-11, abs=0
    )


def test_escape_is_the_limit_of_ever_higher_levels():
    escape = bounds.escape_time(0.02, 0.3, 3)
    assert escape == pytest.approx(1 / (0.3 * 0.02))
    assert bounds.escape_time(0.02, 0.3, 3, 1e9) == pytest.approx(escape, rel=1e-9, abs=0)
    assert bounds.escape_time(0.02, 0.3, 3, math.inf) == escape


def test_without_explosive_growth_infinity_is_never_reached():
    assert bounds.escape_time(0.02, 0.3, 2) == math.inf
    assert bounds.escape_time(0.02, 0.3, 1.5) == math.inf


@pytest.mark.parametrize("z0", [0.0, -0.1])
def test_a_neuron_that_does_not_start_positive_never_moves(z0):
    assert bounds.escape_time(z0, 0.3, 3) == math.inf
    assert bounds.escape_time(z0, 0.3, 3, 0.1) == math.inf


def test_a_time_beyond_the_floats_is_infinite():
    assert bounds.escape_time(1e-200, 1e-200, 3) == math.inf


@pytest.mark.parametrize("q", [2, 3, 4])
def test_descent_reaches_a_level_one_lag_after_the_flow(q):
    """Steps of size 1 in z' = rate z^(q-1), interpolated to the level."""
    z0, level = 0.01, 0.5
    rate = 1e-3 / level ** (q - 2)
    z, steps = z0, 0
    while z < level:
        before, z, steps = z, z + rate * z ** (q - 1), steps + 1
    crossing = steps - 1 + math.log(level / before) / math.log(z / before)
    lag = crossing - bounds.escape_time(z0, rate, q, level)
    # The next correction is smaller by the relative growth in one step, 1e-3.
    assert lag == pytest.approx(bounds.descent_lag(z0, level, q), rel=5e-3, abs=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.1, 0.3, 3, 0.1), "level must be > z0 = 0.1 and > 0, got 0.1"),
        ((-0.1, 0.3, 3, -0.05), "level must be > z0 = -0.1 and > 0, got -0.05"),
        ((math.nan, 0.3, 3), "z0 must be a finite number, got nan"),
        ((0.1, -1.0, 3), "rate must be a finite number >= 0, got -1.0"),
        ((0.1, math.inf, 3), "rate must be a finite number >= 0, got inf"),
        ((0.1, 0.3, 0.9), "q must be a finite number >= 1, got 0.9"),
        ((0.1, 0.3, 3, math.nan), "level must be > z0 = 0.1 and > 0, got nan"),
    ],
    ids=str,
)
def test_a_bad_argument_of_an_escape_time_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        bounds.escape_time(*arguments)


def test_a_lag_needs_a_level_above_the_start():
    with pytest.raises(ValueError, match=r"level must be > z0 = 0\.5, got 0\.1"):
        bounds.descent_lag(0.5, 0.1, 3)


@pytest.mark.parametrize(
    ("m", "p", "expected"), [(20, 0.12, 0.504), (10, 0.3, 0.645), (40, 0.05, 0.405)]
)
def test_learnable_probabilities_are_the_published_ones(m, p, expected):
    assert bounds.learnable_probability(m, p, 2) == pytest.approx(expected, abs=5e-4)


def test_learnable_probability_agrees_with_drawn_networks():
    rng = np.random.default_rng(5)
    m, p, K, draws = 10, 0.3, 3, 40_000
    weights = rng.standard_normal((draws, K, m))
    kept = rng.random((draws, K, m)) < p
    learnable = ((weights > 0) & kept).any(axis=2).all(axis=1)
    expected = bounds.learnable_probability(m, p, K)
    standard_error = math.sqrt(expected * (1 - expected) / draws)
    assert learnable.mean() == pytest.approx(expected, abs=4.5 * standard_error)


def test_learnable_probability_of_a_large_network_is_below_one_by_the_right_amount():
    with mpmath.workdps(40):
        missing = 1 - (1 - (1 - mpmath.mpf(0.5) / 2) ** 90) ** 2
        assert 1 - bounds.learnable_probability(90, 0.5, 2) == pytest.approx(
            float(missing), rel=1e-4, abs=0
        )


def test_a_learnable_probability_outside_its_domain_is_refused():
    with pytest.raises(ValueError, match="p must be a finite number > 0 and <= 1, got 0"):
        bounds.learnable_probability(10, 0, 2)


@pytest.mark.parametrize(
    ("signal", "noise", "learned"),
    [
        (2.0, [1.0, 3.1], True),
        (2.0, [1.0, 2.9], False),
        (2.0, [2.0, 2.0], False),
        (2.0, [1.0, math.inf], True),
        (math.inf, [1.0, math.inf], False),
        (2.0, [], False),
    ],
)
def test_a_class_learns_where_its_signal_is_before_the_mean_sample(signal, noise, learned):
    assert bounds.learns_signal(signal, noise) is learned


def test_the_mean_sample_decides_a_race_of_shared_clocks():
    """Integrate signal and samples of one class, each sample pulling until it has escaped."""
    rng = np.random.default_rng(5)
    decided = []
    for _ in range(40):
        b, noise = rng.uniform(0.5, 2, 4), rng.uniform(1e-3, 4e-3, 4)
        a, signal = rng.uniform(0.5, 2), rng.uniform(1e-3, 3e-3)
        times = [bounds.escape_time(z, rate, 3) for z, rate in zip(noise, b, strict=True)]
        left = bounds.escape_time(signal, a, 3)
        clock = 0.0
        for share, before, end in zip(
            (1, 0.75, 0.5, 0.25), [0.0, *sorted(times)], sorted(times), strict=False
        ):
            clock += share * (end - before)
        decided.append((clock > left, bounds.learns_signal(left, times)))
    assert set(decided) == {(True, True), (False, False)}


@pytest.mark.parametrize(
    ("signal", "noise", "message"),
    [
        (0.0, [1.0], "signal_time must be > 0, got 0.0"),
        (math.nan, [1.0], "signal_time must be > 0, got nan"),
        (1.0, [1.0, -2.0], "noise_times must be > 0, got -2.0"),
    ],
)
def test_a_time_that_is_not_positive_is_refused(signal, noise, message):
    with pytest.raises(ValueError, match=message):
        bounds.learns_signal(signal, noise)
