"""Medians of a study beside those of its runs one by one."""

from dataclasses import replace

import numpy as np
import pytest

from sims import Problem, simulate
from theorycheck.commands import sweep_path as module
from theorycheck.commands.sweep_path import study_table
from theorycheck.judging.quantities import in_mild_event, in_over_event
from theorycheck.running.spec import RunSpec
from theorycheck.running.stored_run import execute, failed

pytestmark = pytest.mark.slow

PROBLEMS = [Problem.theorem_regime(300, 4, 3, 2, p) for p in (0.9, 0.02)]
SEEDS = range(5)


@pytest.fixture(scope="module")
def records():
    return [
        execute(RunSpec.plan(problem, seed, target_loss=0.3))
        for problem in PROBLEMS
        for seed in SEEDS
    ]


def test_medians_are_those_of_the_runs(records):
    table = study_table(records)
    assert table["moving"] == ["p"]
    assert table["fixed"]["d"] == 300
    assert (table["seeds"], table["left_out"]) == ([*SEEDS], 0)
    for problem, row in zip(PROBLEMS, table["rows"], strict=True):
        here = [one for one in records if one.values["p"] == problem.p]
        runs = [simulate(problem, seed, target_loss=0.3) for seed in SEEDS]
        reached = [run.steps[-1] for run in runs if run.status == "reached"]
        assert row["settings"] == [problem.p]
        assert (row["runs"], row["failed"], row["reached"]) == (5, 0, len(reached))
        assert row["steps"] == (pytest.approx(np.median(reached)) if reached else None)
        assert row["loss"] == pytest.approx(np.median([run.loss[-1] for run in runs]))
        for name in ("test_loss", "test_error"):
            assert row[name] == pytest.approx(np.median([one.values[name] for one in here]))
        events = [run.event for run in runs]
        assert row["inside"] == [
            sum(map(in_mild_event, events)),
            sum(map(in_over_event, events)),
        ]
    assert table["rows"][0]["inside"][0] > 0 < table["rows"][1]["inside"][1]


def test_failed_runs_are_counted_and_not_measured(records):
    spec = RunSpec.plan(PROBLEMS[0], 5, target_loss=0.3)
    alone = study_table(records[:5])["rows"][0]
    row = study_table([*records[:5], failed(spec, "out of luck", 0.0)])["rows"][0]
    assert row == {**alone, "runs": 6, "failed": 1}
    (row,) = study_table([failed(spec, "out of luck", 0.0)])["rows"]
    assert (row["loss"], row["steps"], row["inside"], row["measured"]) == (None, None, [], 0)


def test_run_that_never_reached_its_target_has_no_part_in_t_star(records):
    late = replace(records[0], values={**records[0].values, "status": "stalled", "steps": 1e9})
    alone = study_table(records[1:5])["rows"][0]
    row = study_table([late, *records[1:5]])["rows"][0]
    assert (row["steps"], row["reached"]) == (alone["steps"], alone["reached"])


def test_many_problems_are_cut(records, monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 1)
    table = study_table(records)
    assert (len(table["rows"]), table["left_out"]) == (1, 1)


def test_no_runs_make_an_empty_table():
    table = study_table([])
    assert (table["rows"], table["moving"], table["fixed"]) == ([], [], {})
