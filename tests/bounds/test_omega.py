"""The omega drift against integration of u' = -beta u^(q-1)."""

import math

import pytest
from scipy.integrate import solve_ivp

import bounds

BETA = 0.3


def remaining(u, q, time):
    run = solve_ivp(
        lambda t, x: -BETA * max(x[0], 0.0) ** (q - 1), (0, time), [u], rtol=1e-11, atol=1e-14
    )
    return run.y[0, -1]


@pytest.mark.parametrize("q", [2, 2.0001, 2.5, 3, 4])
def test_the_drift_agrees_with_integration(q):
    found = bounds.drift(0.7, BETA, q, 12.0)
    assert found == pytest.approx(0.7 - remaining(0.7, q, 12.0), rel=1e-8, abs=0)


def test_the_drift_at_q_three_is_the_written_formula():
    u, time = 0.7, 12.0
    assert bounds.drift(u, BETA, 3, time) == pytest.approx(u - u / (1 + BETA * u * time))


def test_a_small_drift_keeps_its_digits():
    assert bounds.drift(1e-9, 1e-6, 3, 1.0) == pytest.approx(1e-24, rel=1e-12, abs=0)


@pytest.mark.parametrize("q", [2, 3])
def test_a_drift_takes_all_in_infinite_time_and_nothing_without_a_cause(q):
    assert bounds.drift(0.7, BETA, q, math.inf) == 0.7
    assert bounds.drift(0.7, 0.0, q, math.inf) == 0.0
    assert bounds.drift(-0.7, BETA, q, 5.0) == 0.0
    assert bounds.drift(0.7, BETA, q, 0.0) == 0.0


@pytest.mark.parametrize("q", [2, 3, 3.5])
def test_two_drifts_around_a_jump_agree_with_integration(q):
    u, T_j, T_k, overlap = 0.2, 3.0, 10.0, 0.5
    before = remaining(u, q, T_j)
    after = remaining(before + overlap, q, T_k - T_j)
    expected = (u - before) + (before + overlap - after)
    assert bounds.omega_drift(u, BETA, q, T_j, T_k, overlap) == pytest.approx(
        expected, rel=1e-8, abs=0
    )


def test_without_an_overlap_it_is_one_drift_until_the_class_of_the_sample_learns():
    for T_j in (1.0, 9.0, 30.0, math.inf):
        expected = bounds.drift(0.2, BETA, 3, 10.0)
        assert bounds.omega_drift(0.2, BETA, 3, T_j, 10.0) == pytest.approx(
            expected, rel=1e-12, abs=0
        )


def test_an_overlap_may_start_a_drift_or_stop_one():
    started = bounds.omega_drift(-0.2, BETA, 3, 3.0, 10.0, 0.5)
    assert started == pytest.approx(bounds.drift(0.3, BETA, 3, 7.0))
    stopped = bounds.omega_drift(0.2, BETA, 3, 3.0, 10.0, -0.5)
    assert stopped == pytest.approx(bounds.drift(0.2, BETA, 3, 3.0))


def test_an_overlap_that_comes_after_the_sample_is_learned_changes_nothing():
    late = bounds.omega_drift(0.2, BETA, 3, 10.0, 3.0, 0.5)
    assert late == pytest.approx(bounds.drift(0.2, BETA, 3, 3.0))


def test_a_learned_signal_overlaps_with_isotropic_noise_on_a_kept_coordinate_only():
    overlap = bounds.signal_overlap
    assert overlap(0.9, -0.02, 2.0, True, "isotropic") == pytest.approx(-0.009)
    assert overlap(0.9, -0.02, 2.0, True, "orthogonal") == 0.0
    assert overlap(0.9, -0.02, 2.0, False, "isotropic") == 0.0
    assert overlap(0.0499, -0.02, 2.0, True, "isotropic") == 0.0
    assert overlap(0.05, -0.02, 2.0, True, "isotropic") != 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((math.nan, 0.3, 3, 1.0, 2.0), "u must be a finite number, got nan"),
        ((0.1, -0.3, 3, 1.0, 2.0), "beta must be a finite number >= 0, got -0.3"),
        ((0.1, 0.3, 1.9, 1.0, 2.0), "q must be a finite number >= 2, got 1.9"),
        ((0.1, 0.3, 3, math.nan, 2.0), "T_j must be >= 0, got nan"),
        ((0.1, 0.3, 3, 1.0, -2.0), "T_k must be >= 0, got -2.0"),
        ((0.1, 0.3, 3, 1.0, 2.0, math.inf), "overlap must be a finite number, got inf"),
    ],
    ids=str,
)
def test_a_bad_argument_of_the_drift_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        bounds.omega_drift(*arguments)


def test_a_bad_argument_of_a_single_drift_is_refused():
    with pytest.raises(ValueError, match="time must be >= 0, got -1"):
        bounds.drift(0.1, 0.3, 3, -1)


def test_a_bad_argument_of_the_overlap_is_refused():
    with pytest.raises(ValueError, match="mu must be a finite number > 0, got 0"):
        bounds.signal_overlap(0.9, 0.1, 0, True, "isotropic")
    with pytest.raises(ValueError, match="noise must be 'isotropic' or 'orthogonal', got 'pink'"):
        bounds.signal_overlap(0.9, 0.1, 1.0, True, "pink")
