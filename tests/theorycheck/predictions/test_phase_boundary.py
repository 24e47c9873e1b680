"""The boundary is read off the error, and the races off the draw."""

import math
from dataclasses import replace

import numpy as np
import pytest

import bounds
from sims import simulate
from theorycheck.predictions.phase_boundary import (
    Trial,
    crossing,
    crossing_interval,
    judge_boundary,
    problem_at,
    run_races,
    table_experiment,
    trial,
)

pytestmark = pytest.mark.slow

PS = (0.1, 0.2, 0.4, 0.8)
TINY = {"d": 200, "n": 6, "m": 4, "sigma_0": 1e-2}


def test_crossing_is_interpolated_in_log_p():
    errors = np.array([0.0, 0.1, 0.4, 0.5])
    assert crossing(PS, errors, 0.25) == pytest.approx(0.2 * 2**0.5)


def test_crossing_is_the_upper_one():
    errors = np.array([0.4, 0.1, 0.3, 0.5])
    assert 0.2 < crossing(PS, errors, 0.25) < 0.4


def test_error_that_never_crosses_has_its_crossing_beyond_the_grid():
    assert crossing(PS, np.array([0.0, 0.0, 0.0, 0.2]), 0.25) == math.inf
    assert crossing(PS, np.array([0.3, 0.3, 0.4, 0.5]), 0.25) == 0.0


def test_bootstrap_interval_holds_the_crossing_and_narrows_with_seeds():
    rng = np.random.default_rng(0)
    mean = np.array([0.05, 0.15, 0.35, 0.45])[:, None]
    widths = []
    for seeds in (10, 160):
        errors = np.clip(mean + rng.normal(0, 0.1, (4, seeds)), 0, 0.5)
        low, high = crossing_interval(PS, errors, 0.25)
        assert low < crossing(PS, errors.mean(axis=1), 0.25) < high
        widths.append(math.log(high / low))
    assert widths[1] < 0.5 * widths[0]


def test_races_are_those_of_the_escape_times():
    problem = problem_at(0.6, 0.9, **TINY)
    seen = set()
    for seed in range(20):
        draw = simulate(problem, seed, max_steps=0).draw
        for j, won in enumerate(run_races(draw)):
            samples = [i for i in range(problem.n) if draw.labels[i] == j]
            signal = min(
                escape(draw.initial_signal[j, r, j] * draw.signal_mask[j, r, j], len(samples))
                for r in range(problem.m)
            )
            norms, starts = draw.noise_norm2[j], draw.initial_noise[j]
            noise = [
                min(escape(starts[r, i], norms[r, i]) for r in range(problem.m)) for i in samples
            ]
            expected = (min(noise), np.median(noise), np.mean(noise)) if samples else (-1.0,) * 3
            assert won == tuple(signal < time for time in expected)
            seen.add(won)
    assert len(seen) > 2


def escape(start, pull):
    """Escape time in units that signal (mu = 1) and noise share."""
    return 1 / (pull * start) if start > 0 and pull > 0 else math.inf


def test_trial_measures_one_run():
    problem = problem_at(0.5, 0.8, **TINY)
    found = trial(problem, 1)
    assert 0 <= found.test_error <= 1
    assert len(found.learned) == len(found.races) == 2


def made_up(ratio, snrs, seeds=24, width=0.1):
    """Problems around the prediction, and trials whose error crosses 1/4 at ratio times it."""
    problems, predicted, trials = [], [], []
    rng = np.random.default_rng(0)
    for snr in snrs:
        boundary = bounds.phase_boundary(snr, 20, 40, 2, 3.0)
        ps = [boundary * factor for factor in (0.3, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5)]
        shifts = rng.normal(0, width, seeds)
        problems.append([replace(problem_at(snr, 1.0), p=p) for p in ps])
        predicted.append(boundary)
        for p in ps:
            lost = 1 / (1 + (ratio(snr) * boundary * np.exp(shifts) / p) ** 6)
            trials.append([Trial(one / 2, (True, True), ((True,) * 3,) * 2) for one in lost])
    return judge_boundary(problems, predicted, snrs, trials)


SNRS = (0.22, 0.25, 0.28, 0.3)


def test_ratio_in_range_is_consistent_and_measured():
    verdict = made_up(lambda snr: 0.8, SNRS)
    assert verdict.outcome == "consistent"
    assert [row.ratio for row in verdict.rows] == pytest.approx([0.8] * 4, rel=0.05)
    assert all(row.low < 0.8 < row.high for row in verdict.rows)


@pytest.mark.parametrize("ratio", [0.45, 1.4])
def test_ratio_out_of_range_at_every_snr_is_refuted(ratio):
    assert made_up(lambda snr: ratio, SNRS, width=0.02).outcome == "refuted"


def test_ratio_out_of_range_somewhere_is_undecided():
    verdict = made_up(lambda snr: 0.45 if snr == 0.28 else 0.8, SNRS, width=0.02)
    assert verdict.outcome == "undecided"
    assert "SNR 0.28" in verdict.reason


def test_ratio_that_is_not_constant_is_undecided():
    verdict = made_up(lambda snr: 0.65 if snr == 0.25 else 1.1, SNRS, width=0.02)
    assert verdict.outcome == "undecided"
    assert "differ by a factor" in verdict.reason


@pytest.mark.parametrize("ratio", [1e-3, 1e3], ids=["below", "above"])
def test_crossing_beyond_the_grid_is_undecided_where_others_are_inside(ratio):
    verdict = made_up(lambda snr: ratio if snr == 0.28 else 0.8, SNRS, width=0.02)
    assert verdict.outcome == "undecided"
    assert verdict.ratio in (0, math.inf)


def test_two_snrs_are_undecided():
    assert made_up(lambda snr: 0.8, SNRS[:2]).outcome == "undecided"


def test_snr_without_a_boundary_inside_is_refused():
    with pytest.raises(ValueError, match=r"snr must have its boundary below p = 1, got 0\.9"):
        table_experiment((0.9,), range(2))
