"""The courses of runs over p: thinned out, in order, with the bounds that belong to them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bounds
from theorycheck.commands.plan import Plan
from theorycheck.judging.observation import Series, observe
from theorycheck.reporting.grid import LEVELS, POINTS, grid_record, thin

NAMES = ("steps", "loss", "gamma", "cross", "zeta", "omega")


@pytest.fixture(scope="module")
def runs():
    problem = replace(Plan().grid()[0], d=300, n=6, m=4)
    real = observe("mild-pruning", problem, 3, 0.05)
    steps = np.geomspace(1, 1e6, 500)
    course = Series(steps, *(steps * factor for factor in (1.0, 2.0, 3.0, 4.0, 1 / 3)))
    return [
        replace(real, problem=replace(problem, p=p), seed=seed, series=course)
        for p in (0.1, 1.0, 0.5)
        for seed in (4, 3)
    ]


def test_first_seed_is_shown_from_dense_to_pruned(runs):
    record = grid_record(runs)
    assert record["seed"] == 3
    assert [one["p"] for one in record["courses"]] == [1.0, 0.5, 0.1]
    assert "p" not in record["problem"]
    assert (record["problem"]["d"], record["epsilon"]) == (300, 0.05)


def test_test_loss_of_every_run_is_kept(runs):
    tests = grid_record(runs)["tests"]
    assert [(one["p"], one["seed"]) for one in tests] == [(run.problem.p, run.seed) for run in runs]
    assert all(one["test_loss"] == runs[0].test.test_loss for one in tests)


def test_course_is_that_of_the_run(runs):
    course = grid_record(runs)["courses"][0]
    assert {len(course[name]) for name in NAMES} == {POINTS}
    for factor, name in zip((1.0, 1.0, 2.0, 3.0, 4.0, 1 / 3), NAMES, strict=True):
        expected = np.array(course["steps"]) * factor
        assert course[name] == pytest.approx(expected, rel=1e-3)
    assert course["steps"][0] == 1
    assert course["steps"][-1] == 1e6


def test_bounds_are_those_of_the_theorem(runs):
    claims = bounds.THEOREMS["mild-pruning"].claims
    for course in grid_record(runs)["courses"]:
        at = {**runs[0].problem.parameters(), "p": course["p"], "epsilon": 0.05}
        assert course["levels"] == {name: claims[name].evaluate(at) for name in LEVELS}
        # C1 log(300) / 4 = 0.143
        assert course["premise_kept"] == (course["p"] > 0.143)


def test_no_runs_have_no_record():
    assert grid_record([]) is None


@given(st.integers(1, 1000))
def test_first_and_last_step_are_kept(recorded):
    kept = thin(recorded)
    assert (kept[0], kept[-1]) == (0, recorded - 1)
    assert kept == sorted(set(kept))
    assert len(kept) == min(recorded, POINTS)
