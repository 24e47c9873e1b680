"""Draws: which count, and that whether one lies in the event is settled before training."""

import math
from dataclasses import replace
from typing import get_type_hints

import numpy as np
import pytest

import bounds
from sims import Event, Problem, simulate
from theorycheck.judging.judge import judge_theorem
from theorycheck.judging.quantities import EVENTS
from theorycheck.judging.table import sort_runs, tabulate

MILD = bounds.THEOREMS["mild-pruning"]
CLAIM = MILD.claims["no-noise"]
SIZES = (1000, 10_000, 100_000, 1_000_000, 10_000_000)
TAIL = SIZES[2:]


def outside(runs, *where):
    """Move runs out of the event, by seed and size."""
    return [replace(one, in_event=(one.seed, one.problem.d) not in where) for one in runs]


@pytest.fixture
def runs(runs_along, power_law):
    return runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3), seeds=range(12))


@pytest.fixture
def family(long_path):
    return long_path["mild-pruning"]


def judged(family, runs):
    return {one.claim: one for one in judge_theorem(MILD, family, runs)}["no-noise"]


@pytest.mark.parametrize("size", TAIL)
def test_draw_outside_the_event_at_one_size_of_the_tail_does_not_count(size, family, runs):
    path = sort_runs(family, outside(runs, (3, size)))
    assert path.draws == tuple(seed for seed in range(12) if seed != 3)
    # at no size, though it lies in the event at the others
    assert all(one.seed != 3 for here in path.counted for one in here)
    assert [len(here) for here in path.inside] == [11 + (one != size) for one in SIZES]
    verdict, without = (
        judged(family, some)
        for some in (outside(runs, (3, size)), [one for one in runs if one.seed != 3])
    )
    assert (verdict.draws, verdict.runs, verdict.total) == (11, 55, 60)
    assert (verdict.slope, verdict.constant) == (without.slope, without.constant)


def test_draw_that_left_the_event_only_before_the_tail_counts(family, runs):
    path = sort_runs(family, outside(runs, (3, 1000), (4, 1000), (4, 10_000)))
    assert path.draws == tuple(range(12))
    assert [len(here) for here in path.counted] == [10, 11, 12, 12, 12]
    table = tabulate(CLAIM, path)
    gaps = [(draw, SIZES[column]) for draw, column in np.argwhere(np.isnan(table.excess))]
    assert gaps == [(3, 1000), (4, 1000), (4, 10_000)]


@pytest.mark.parametrize("size", TAIL)
def test_draw_without_a_run_at_a_size_of_the_tail_does_not_count(size, family, runs):
    some = [one for one in runs if (one.seed, one.problem.d) != (5, size)]
    assert 5 not in sort_runs(family, some).draws


def test_sizes_of_one_draw_are_no_more_draws(family, runs):
    # nine draws at five sizes are 45 runs, and too few for five claims
    verdict = judged(family, [one for one in runs if one.seed < 9])
    assert (verdict.outcome, verdict.draws, verdict.runs) == ("undecided", 9, 45)
    assert "1 more draws" in verdict.reason


def test_same_draw_again_is_not_another_draw(family, runs):
    verdict = judged(family, [one for one in runs if one.seed == 0] * 15)
    assert (verdict.outcome, verdict.draws) == ("undecided", 1)


def test_no_draw_in_the_event_everywhere_is_a_premise_not_met(family, runs):
    # at each size of the tail only a third of the draws is missing
    missing = [(seed, TAIL[seed % 3]) for seed in range(12)]
    verdict = judged(family, outside(runs, *missing))
    assert (verdict.outcome, verdict.draws) == ("premise not met", 0)
    assert MILD.event in verdict.reason


def test_draw_is_its_seed_at_every_size(family, runs):
    table = tabulate(CLAIM, sort_runs(family, runs[::-1]))
    by_seed = {(one.seed, one.problem.d): one.measured["no-noise"] for one in runs}
    expected = [[by_seed[seed, size] for size in SIZES] for seed in range(12)]
    assert table.measured.tolist() == expected
    assert not math.isnan(table.excess.sum())


# the event is decided by the draw


def test_event_is_a_function_of_the_draw_alone():
    for decide in EVENTS.values():
        (argument,) = get_type_hints(decide).keys() - {"return"}
        assert get_type_hints(decide)[argument] is Event


@pytest.mark.parametrize(("event", "p"), [("learnable", 0.3), ("memorizable", 0.06)])
def test_permuted_trajectories_leave_the_same_draws_in_the_event(event, p):
    problem = Problem(d=40, n=6, m=3, K=2, p=p, mu=1.0, sigma_n=0.3, sigma_0=0.4, eta=0.1)
    runs = [simulate(problem, seed, "gram", 0.4, max_steps=5) for seed in range(12)]
    inside = [EVENTS[event](run.event) for run in runs]
    assert True in inside
    assert False in inside
    for shift in (1, 5):
        course = [
            {name: getattr(runs[(index + shift) % 12], name) for name in COURSE}
            for index in range(12)
        ]
        permuted = [replace(run, **other) for run, other in zip(runs, course, strict=True)]
        assert [EVENTS[event](run.event) for run in permuted] == inside


COURSE = ("steps", "loss", "gradient_norm2", "gamma", "rho", "status", "reason")
