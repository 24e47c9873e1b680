"""Which classes learn is decided by the draw, class by class, and counted on trained networks."""

import math
from dataclasses import replace

import numpy as np
import pytest

import bounds
from sims import simulate
from theorycheck.predictions.race import (
    RULES,
    Raced,
    count_right,
    exact_interval,
    judge_race,
    problem_at,
    race_experiment,
    raced,
    run_races,
)
from theorycheck.predictions.rivals import Rivals, first_escapes
from theorycheck.running.tasks import run_heaps

NARROW = problem_at(0.6, 0.9, d=200, n=6, m=4, sigma_0=1e-2)
WIDE = {"n": 4, "m": 6, "d": 10**12, "sigma_0": 1e-4}


def escape(start, pull):
    """Escape time at q = 3 in units that signal (mu = 1) and noise share."""
    return 1 / (pull * start) if start > 0 and pull > 0 else math.inf


def test_races_are_those_of_the_escape_times():
    problem, seen = NARROW, set()
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
            ] or [-1.0]  # a class without samples learns nothing
            expected = (np.mean(noise), min(noise), np.median(noise), max(noise))
            assert won == tuple(signal < time for time in expected)
            seen.add(won)
    assert len(seen) > 2


def test_first_to_escape_is_found_without_its_time():
    rng = np.random.default_rng(0)
    rivals = Rivals(rng.normal(0, 0.01, 12), rng.uniform(0.1, 2, 12), 3.5)
    times = [
        bounds.escape_time(z, a, 3.5) for z, a in zip(rivals.starts, rivals.rates, strict=True)
    ]
    expected = [min(times[:4]), min(times[4:8]), min(times[8:])]
    assert first_escapes(rivals, 3) == pytest.approx(expected)
    still = Rivals(-np.abs(rivals.starts), rivals.rates, 3.5)
    assert first_escapes(still, 2) == [math.inf] * 2


def test_real_classes_learn_what_their_draw_says():
    problems = [
        replace(problem_at(snr, 1.0, **WIDE), noise=noise)
        for snr, noise in ((0.7, "orthogonal"), (0.9, "isotropic"))
    ]
    found = [
        one for _, one in raced([(a, seed, "gram-law") for a in problems for seed in range(8)])
    ]
    assert count_right(found) == sum(len(one.learned) for one in found) == 32
    assert {learned for one in found for learned in one.learned} == {True, False}
    wrong = [sum(races[1] != learned for races, learned in zip(one.races, one.learned, strict=True))
             for one in found]  # fmt: skip
    assert sum(wrong) > 0  # the first sample does not decide


def made_up(right, rows=3, seeds=60, learned=0.5):
    """Races that are decided right in a share of the classes."""
    rng = np.random.default_rng(1)
    problems = [[problem_at(0.5, p)] for p in np.linspace(0.5, 1, rows)]
    results = []
    for _ in problems:
        outcomes = rng.random((seeds, 2)) < learned
        said = np.where(rng.random((seeds, 2)) < right, outcomes, ~outcomes)
        results.append(
            [
                Raced(tuple(one.tolist()), tuple((bool(x),) * len(RULES) for x in other))
                for one, other in zip(outcomes, said, strict=True)
            ]
        )
    return judge_race(problems, results)


def test_races_that_are_right_are_consistent():
    verdict = made_up(1.0)
    assert verdict.outcome == "consistent"
    assert "right in 360 of 360 classes" in verdict.reason
    assert (verdict.ratio, verdict.high) == (1.0, 1.0)
    assert dict(verdict.rows[0].more)["right by the mean sample"] == 1.0


def test_races_that_are_wrong_too_often_are_refuted():
    assert made_up(0.8).outcome == "refuted"


def test_few_classes_leave_it_open():
    assert made_up(0.95, seeds=40).outcome == "undecided"
    assert made_up(1.0, seeds=10).outcome == "undecided"


def test_two_settings_leave_it_open():
    assert made_up(1.0, rows=2, seeds=200).outcome == "undecided"


@pytest.mark.parametrize("learned", [0.0, 1.0, 0.05])
def test_classes_that_all_do_the_same_show_nothing(learned):
    verdict = made_up(1.0, learned=learned)
    assert verdict.outcome == "undecided"
    assert "hardly differ" in verdict.reason


def test_worst_row_is_told():
    verdict = made_up(0.97, seeds=200)
    assert verdict.ratio == min(row.ratio for row in verdict.rows)


def test_interval_is_exact():
    low, high = exact_interval(168, 168)
    assert low == pytest.approx(0.005 ** (1 / 168))
    assert high == 1


def test_experiment_trains_every_problem_with_every_seed():
    problems = [[problem_at(snr, 1.0, **WIDE) for snr in (0.5, 1.0)]]
    experiment = race_experiment(problems, range(2))
    assert [len(heap) for heap in experiment.heaps] == [2, 2]
    verdict = experiment.judge(run_heaps(experiment.heaps, None, False))
    assert verdict.rows[0].runs == 4
    assert dict(verdict.rows[0].more)["classes"] == 8
