"""The parts of a plan: a first look at its first theorem, and no run made twice."""

import pytest

from theorycheck.commands import check
from theorycheck.commands.courses import family_tasks
from theorycheck.commands.parts import first_look, remembering
from theorycheck.commands.plan import QUICK_SEEDS, Plan
from theorycheck.judging.family import mild_family
from theorycheck.reporting.findings import Findings


@pytest.fixture
def runner(made_up_run):
    """Make up runs instead of making them, and keep which were asked for."""
    asked = []

    def run(heaps, *_):
        asked.extend(task.arguments for heap in heaps for task in heap)
        return [[made_up_run(*task.arguments[:3]) for task in heap] for heap in heaps]

    run.asked = asked
    return run


@pytest.mark.parametrize(
    ("plan", "name", "draws"),
    [
        (Plan(), "mild-pruning", range(QUICK_SEEDS)),
        (Plan("over-pruning", seeds=(0, 4)), "over-pruning", (0, 4)),
    ],
)
def test_first_look_is_at_few_draws_along_the_first_path(plan, name, draws, runner):
    found = first_look(plan, runner)
    assert found.first_look
    assert [one.id for one in found.theorems] == [name]
    course = plan.families()[name][0]
    assert {one.along for one in found.verdicts} == {course.family.along}
    assert {(problem, seed) for _, problem, seed, *_ in runner.asked} == {
        (problem, seed) for problem in course.family.problems for seed in draws
    }


@pytest.mark.parametrize(
    "plan",
    [
        Plan("lemmas"),
        Plan("predictions"),
        Plan("mild-pruning", quick=True),
        Plan("mild-pruning", d=(300, 600, 1200)),
        Plan("mild-pruning", along=("eta",)),
    ],
    ids=lambda plan: plan.command,
)
def test_what_has_no_further_path_has_no_first_look(plan, runner):
    assert first_look(plan, runner) == Findings()
    assert runner.asked == []


def test_check_tells_its_first_look_first_and_makes_no_run_of_it_again(
    runner, tmp_path, monkeypatch
):
    monkeypatch.setattr(check, "run_heaps", runner)
    told = []
    plan = Plan("mild-pruning", out=tmp_path, workers=1, no_figures=True)
    found = check.run_plan(plan, plan.command, tell=told.append)
    assert [part.first_look for part in told if part.theorems] == [True, False]
    assert told[0].first_look
    assert len(runner.asked) == len(set(runner.asked))
    assert {one.along for one in found.verdicts} > {one.along for one in told[0].verdicts}
    assert found.json == check.run_plan(plan, plan.command).json


def test_run_that_was_made_is_not_made_again(runner):
    few, more = (family_tasks("mild-pruning", mild_family(), range(n), 0.05) for n in (2, 3))
    run = remembering(runner, {})
    run([few])
    found = run([more, few])
    assert sorted(runner.asked, key=str) == sorted((one.arguments for one in more), key=str)
    assert [[(one.problem, one.seed) for one in heap] for heap in found] == [
        [task.arguments[1:3] for task in heap] for heap in (more, few)
    ]
