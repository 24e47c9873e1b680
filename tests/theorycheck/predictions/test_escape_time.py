"""Escape times are found where a coefficient reaches its level, and predicted by the growth law."""

import math
from dataclasses import replace

import numpy as np
import pytest

import bounds
from sims import Problem, simulate
from theorycheck.predictions.escape_time import (
    RTOL,
    Escape,
    crossing_times,
    judge_noise,
    judge_signal,
    noise_escapes,
    search,
    signal_escapes,
)
from theorycheck.predictions.limit import Approach
from theorycheck.predictions.rivals import Rivals, noise_rivals, signal_rivals

pytestmark = pytest.mark.slow

LEVEL = 0.1
SIGNAL = Problem(60, 6, 3, 2, 0.8, 1.0, 0.01, 5e-3, 0.5, noise="orthogonal")
NOISE = Problem(400, 4, 2, 2, 0.9, 0.02, 0.05, 1e-2, 0.5)


def exact_flow(rivals, saturates=2.5):
    """The solution of z' = a z^2 for every rival; what has escaped stays where it is."""

    def stop(time):
        left = 1 / rivals.starts - rivals.rates * time
        z = np.where(left > 1 / saturates, 1 / np.where(left > 0, left, 1.0), saturates)
        return time, np.maximum(z - rivals.starts, 0.0)

    return stop


@pytest.mark.parametrize("guess", [0.2, 0.9, 1 - 1e-7, 1.0, 1 + 1e-7, 1.01, 40.0])
def test_crossing_is_found_from_any_guess(guess):
    rivals = Rivals(np.array([1e-8, 3e-8, 2e-8]), np.array([0.5, 0.3, 0.4]), 3.0)
    exact = min(
        (1 / z - 1 / (z + LEVEL)) / a for z, a in zip(rivals.starts, rivals.rates, strict=True)
    )
    found = crossing_time(exact_flow(rivals), rivals, LEVEL, guess * exact)
    # the descent lag is part of what is added, and a flow has none: less than half a step
    assert abs(found - exact) < 0.5


def test_rates_that_are_wrong_do_not_move_the_crossing():
    truth = Rivals(np.array([1e-8]), np.array([0.5]), 3.0)
    wrong = Rivals(truth.starts, 1.3 * truth.rates, 3.0)
    exact = (1e8 - 1 / (1e-8 + LEVEL)) / 0.5
    guess, _ = wrong.prediction(LEVEL)
    assert abs(crossing_time(exact_flow(truth), wrong, LEVEL, guess) - exact) < 5


def test_level_that_is_never_reached_is_at_infinity():
    rivals = Rivals(np.array([1e-3]), np.array([1.0]), 3.0)
    assert crossing_time(lambda time: (time, np.zeros(1)), rivals, LEVEL, 10.0) == math.inf


def test_what_is_left_is_counted_in_steps_of_descent():
    rivals = Rivals(np.array([1e-3]), np.array([0.02]), 3.0)
    path = [1e-3]
    while path[-1] < 2 * LEVEL:
        path.append(path[-1] + 0.02 * path[-1] ** 2)
    grown = np.array(path) - 1e-3
    exact = np.interp(LEVEL, grown, np.arange(len(path)))
    early = int(np.searchsorted(grown, 0.76 * LEVEL))
    found = crossing_time(lambda time: (early, grown[[early]]), rivals, LEVEL, early)
    assert abs(found - exact) < 0.02


def crossing_time(stop, rivals, level, guess):
    """What one search alone finds, with a function that stops at a time."""
    one = [search(rivals, level, guess)]
    (found,) = crossing_times(one, lambda wanted: [stop(time) for _, time in wanted])
    return found


def escapes_of(measure, problem, seed):
    """The escapes of one run, alone."""
    ((number, found),) = measure([(problem, seed, "gram", LEVEL, RTOL)])
    assert number == 0
    return found


def descent_crossing(problem, seed, read):
    """Where plain descent passes the level, between two steps."""
    at = {}

    def reached(step):
        at[step] = read(simulate(problem, seed, "weights", 0.0, max_steps=step))
        return at[step] >= LEVEL

    low, high = 0, 1
    while not reached(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return low + (LEVEL - at[low]) / (at[high] - at[low])


def test_signal_is_measured_where_plain_descent_reaches_the_level():
    start = simulate(SIGNAL, 1, "weights", 0.0, max_steps=0)
    classes = [j for j in range(SIGNAL.K) if start.event.learnable[j]]
    escapes = escapes_of(signal_escapes, SIGNAL, 1)
    assert len(escapes) == len(classes) > 0
    for j, escape in zip(classes, escapes, strict=True):
        exact = descent_crossing(SIGNAL, 1, lambda run, j=j: run.gamma[-1][j, :, j].max())
        assert abs(escape.measured - exact) < 0.1


def test_noise_is_measured_where_plain_descent_reaches_the_level():
    (escape,) = escapes_of(noise_escapes, NOISE, 0)
    exact = descent_crossing(NOISE, 0, lambda run: run.zeta[-1].max())
    assert abs(escape.measured - exact) < 0.1


def test_searches_of_many_runs_find_what_each_finds_alone():
    problems = [SIGNAL, replace(SIGNAL, sigma_0=1e-3)]
    calls = [(problem, seed, "gram", LEVEL, RTOL) for problem in problems for seed in (1, 2)]
    together = dict(signal_escapes(calls))
    assert together == {
        number: escapes_of(signal_escapes, *call[:2]) for number, call in enumerate(calls)
    }


def test_prediction_needs_the_descent_lag():
    problem = Problem(60, 6, 3, 2, 0.8, 1.0, 0.01, 1e-3, 1.0, noise="orthogonal")
    for escape in escapes_of(signal_escapes, problem, 1):
        assert abs(escape.ratio - 1) < 0.1 * abs(escape.ratio_to_flow - 1)


def test_signal_rivals_are_the_neurons_that_keep_their_coordinate():
    draw = simulate(SIGNAL, 2, max_steps=0).draw
    for j in range(SIGNAL.K):
        rivals = signal_rivals(draw, j)
        kept = draw.signal_mask[j, :, j]
        assert (rivals.starts[~kept] == 0).all()
        assert (rivals.starts[kept] == draw.initial_signal[j, kept, j]).all()
        rate = 0.5 * 3 * 1.0 * np.sum(draw.labels == j) / SIGNAL.n * 0.5
        assert rivals.rates == pytest.approx(rate * kept)


def test_noise_rivals_are_every_sample_and_neuron_of_its_class():
    draw = simulate(NOISE, 0, max_steps=0).draw
    rivals = noise_rivals(draw)
    pairs = [(i, r) for i in range(NOISE.n) for r in range(NOISE.m)]
    for (i, r), start, rate in zip(pairs, rivals.starts, rivals.rates, strict=True):
        j = draw.labels[i]
        assert start == draw.initial_noise[j, r, i]
        expected = bounds.noise_rate(0.5, 3.0, float(draw.noise_norm2[j, r, i]), NOISE.n, 2)
        assert rate == pytest.approx(expected)


def escapes(ratios):
    return [Escape(1000.0, 1.0, 1001.0 * ratio) for ratio in ratios]


SPREAD = np.linspace(0.9, 1.1, 12)
SIGMA_0S = (1e-4, 1e-6, 1e-8)


@pytest.mark.parametrize(
    ("distance", "outcome"),
    [
        (lambda s: 0.05 * math.sqrt(s), "consistent"),
        (lambda s: 0.2 * math.sqrt(s), "undecided"),
        (lambda s: 1e-3, "refuted"),
    ],
    ids=["inside", "falls outside", "stays outside"],
)
def test_signal_is_judged_by_its_tolerance(distance, outcome):
    path = Approach("", SIGMA_0S, (None,) * 3)
    results = [[escapes([1 + distance(s) * one]) for one in SPREAD] for s in SIGMA_0S]
    assert judge_signal([path], results).outcome == outcome


@pytest.mark.parametrize(
    ("distance", "outcome"),
    [
        (lambda kept: 0.1 / math.sqrt(kept), "consistent"),
        (lambda kept: 1 / math.sqrt(kept), "undecided"),
        (lambda kept: 0.01, "refuted"),
    ],
    ids=["inside", "falls outside", "stays outside"],
)
def test_noise_is_judged_by_its_tolerance(distance, outcome):
    kept = (1e5, 1e8, 1e12)
    results = [[escapes([1 + distance(size) * one]) for one in SPREAD] for size in kept]
    assert judge_noise([Approach("", kept, (None,) * 3)], results).outcome == outcome


def test_runs_without_an_escape_are_left_out():
    results = [
        [escapes([1 + 0.05 * math.sqrt(s)] if one > 0.95 else []) for one in SPREAD]
        for s in SIGMA_0S
    ]
    verdict = judge_signal([Approach("", SIGMA_0S, (None,) * 3)], results)
    assert {row.runs for row in verdict.rows} == {int((SPREAD > 0.95).sum())}
