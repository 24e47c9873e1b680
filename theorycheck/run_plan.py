"""Run a plan: simulate, judge, draw and write what `theorycheck verify` reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bounds
from theorycheck import results
from theorycheck.family import Family
from theorycheck.judge import judge_path_lemma, judge_paths
from theorycheck.lemma_check import LemmaCheck, check_lemmas
from theorycheck.measure import Observation, observe
from theorycheck.plan import P_GRID_SEEDS, Course, Plan
from theorycheck.report import render
from theorycheck.sharp import SEEDS as PREDICTION_SEEDS
from theorycheck.sharp import small_studies
from theorycheck.sharp_verdict import SharpVerdict
from theorycheck.statement_record import lemmas_record, predictions_record, theorem_record
from theorycheck.store import open_store
from theorycheck.stored_runs import observe_in_store
from theorycheck.theorems import find
from theorycheck.trajectory_record import grid_record
from theorycheck.verdict import Verdict
from theorycheck.verification import (
    LEMMA_DRAWS,
    Task,
    count_in_parallel,
    executor,
    family_tasks,
    run_tasks,
    seed_list,
)
from theorycheck.workers import default_workers

FamilyRuns = tuple[Family, list[Observation]]


@dataclass(frozen=True)
class Report:
    """What a check found."""

    verdicts: list[Verdict] = field(default_factory=list)
    lemmas: list[LemmaCheck] = field(default_factory=list)
    predictions: list[SharpVerdict] = field(default_factory=list)
    json: str = ""
    files: list[Path] = field(default_factory=list)

    @property
    def outcomes(self) -> list[str]:
        """The outcome of every verdict, then of every lemma and every prediction."""
        kinds = (self.verdicts, self.lemmas, self.predictions)
        return [str(one.outcome) for several in kinds for one in several]

    @property
    def refuted(self) -> bool:
        """Whether anything is refuted."""
        return "refuted" in self.outcomes


def run_plan(plan: Plan, command: str, progress: bool = False) -> Report:
    """Run a plan, and write figures and ``verdicts.json``; make no run that its store has.

    Parameters
    ----------
    plan : Plan
        What to verify.
    command : str
        The command that is noted in ``verdicts.json``.
    progress : bool, default False
        Show progress bars.

    Returns
    -------
    Report
        Verdicts, lemma checks, the JSON text and the files written.

    Raises
    ------
    OSError
        If the directory cannot be written, before any work starts.
    """
    with results.output_directory(plan.out, "verdicts.json"):
        return _run_plan(plan, command, progress)


def _run_plan(plan: Plan, command: str, progress: bool) -> Report:
    courses = plan.families()
    workers = default_workers() if plan.workers is None else plan.workers
    heaps = planned_runs(plan, courses)
    tasks = [task for heap in heaps for task in heap]
    with executor(workers) as pool:
        if plan.store is None:
            done = run_tasks(tasks, pool, progress)
        else:
            with open_store(plan.store, "create") as store:
                store.remember_check(command, plan.options())
                done = observe_in_store(tasks, store, workers, pool, progress)
        lemmas = _run_lemmas(plan, pool, progress)
        predictions = _run_predictions(plan, pool, progress)
    runs, grid = by_family(courses, heaps, done)
    verdicts, records = judge(plan, runs)
    records += [results.lemma_record(check) for check in lemmas]
    records += [results.prediction_record(one) for one in predictions]
    content = results.document(command, records, statements(plan), grid_record(grid))
    files = _draw(plan, runs, grid, lemmas)
    text = results.as_json(content)
    page, path = plan.out / "index.html", plan.out / "verdicts.json"
    results.write_whole(page, render(content).encode())
    results.write_whole(path, text.encode())
    return Report(verdicts, lemmas, predictions, text, [*files, page, path])


def statements(plan: Plan) -> list[dict[str, Any]]:
    """Return what a plan checks as plain data."""
    stated = [theorem_record(find(name).theorem) for name in plan.theorems()]
    if plan.wants_lemmas():
        stated.append(lemmas_record())
    if plan.wants_predictions():
        stated.append(predictions_record())
    return stated


def judge(
    plan: Plan, runs: Mapping[str, Sequence[FamilyRuns]]
) -> tuple[list[Verdict], list[dict[str, Any]]]:
    """Judge every claim that a plan asks for; return the verdicts, and their records."""
    verdicts, records = [], []
    for name, paths in runs.items():
        found = judge_paths(find(name).theorem, paths) if name in plan.theorems() else []
        per_path = len(found) // len(paths)
        for index, (family, observations) in enumerate(paths):
            here = found[index * per_path : (index + 1) * per_path]
            if name == "mild-pruning" and plan.wants_lemmas():
                here.append(judge_path_lemma(family, observations))
            verdicts += here
            records += [results.verdict_record(one, family, observations) for one in here]
    return verdicts, records


def planned_runs(plan: Plan, courses: Mapping[str, Sequence[Course]]) -> list[list[Task]]:
    """Return the runs of each family of a plan, and last those of the figure over p, if any."""
    seeds = seed_list(plan.seeds)
    heaps = [
        family_tasks(name, one.family, seeds, one.epsilon, one.engine)
        for name, several in courses.items()
        for one in several
    ]
    if "mild-pruning" in plan.theorems() and not plan.along:
        heaps.append(
            [
                Task(observe, ("mild-pruning", problem, seed, plan.epsilon), 1e9)
                for problem in plan.p_grid()
                for seed in P_GRID_SEEDS
            ]
        )
    return heaps


def by_family(
    courses: Mapping[str, Sequence[Course]],
    heaps: Sequence[Sequence[Task]],
    done: Sequence[Observation],
) -> tuple[dict[str, list[FamilyRuns]], list[Observation]]:
    """Give each family its runs back; return them by theorem, and the runs over the grid of p."""
    left = iter(done)
    observed = iter([[next(left) for _ in heap] for heap in heaps])
    runs = {
        name: [(one.family, next(observed)) for one in several] for name, several in courses.items()
    }
    return runs, next(observed, [])


def _run_lemmas(plan: Plan, pool: Executor | None, progress: bool) -> list[LemmaCheck]:
    if not plan.wants_lemmas():
        return []
    return check_lemmas(
        lambda problem, seeds, lemmas: count_in_parallel(problem, seeds, lemmas, pool, progress),
        LEMMA_DRAWS,
        plan.noise,
    )


def _run_predictions(plan: Plan, pool: Executor | None, progress: bool) -> list[SharpVerdict]:
    if not plan.wants_predictions():
        return []
    studies = small_studies(seed_list(PREDICTION_SEEDS))
    tasks = [task for study in studies for task in study.tasks]
    done = iter(run_tasks(tasks, pool, progress, "predictions"))
    return [study.judge([next(done) for _ in study.tasks]) for study in studies]


def _draw(
    plan: Plan,
    runs: Mapping[str, Sequence[FamilyRuns]],
    grid: list[Observation],
    lemmas: list[LemmaCheck],
) -> list[Path]:
    """Draw every figure of the plan."""
    from theorycheck import plots

    files = []
    with plots.house_style():
        for name in set(plan.theorems()) & set(bounds.THEOREMS):
            shown = typical_run([one for _, observations in runs[name] for one in observations])
            figure = plots.trajectory_figure(shown, name, shown.epsilon)
            files += plots.save(figure, plan.out, f"{name}-trajectory")
        if grid:
            ax = plots.plot_test_loss(grid, plan.epsilon)
            files += plots.save(plots.figure_of(ax), plan.out, "test-loss")
        if lemmas:
            ax = plots.plot_lemmas(lemmas)
            files += plots.save(plots.figure_of(ax), plan.out, "lemmas")
    return files


def typical_run(runs: list[Observation]) -> Observation:
    """Choose the run to show: in the event where there is one, the largest size, the first seed."""
    return min(runs, key=lambda run: (not run.in_event, -run.problem.d, run.seed))
