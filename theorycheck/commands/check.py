"""Run a plan: simulate, judge, draw and write what `theorycheck verify` reports."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import bounds
from theorycheck.commands.check_runs import family_tasks, observation_task, observe_in_store
from theorycheck.commands.plan import P_GRID_SEEDS, Course, Plan, plan_of
from theorycheck.commands.report_directory import files_of, write_verdicts
from theorycheck.commands.verify import LEMMA_DRAWS, count_in_parallel
from theorycheck.files import as_json, output_directory, write_whole
from theorycheck.judging.judge import judge_path_lemma, judge_paths
from theorycheck.judging.observation import Observation
from theorycheck.judging.table import FamilyRuns
from theorycheck.judging.theorems import find
from theorycheck.judging.verdict import Verdict
from theorycheck.predictions.experiments import SEEDS as PREDICTION_SEEDS
from theorycheck.predictions.experiments import run_experiments, small_experiments
from theorycheck.predictions.lemma_check import LemmaCheck, check_lemmas
from theorycheck.predictions.limit import PredictionVerdict
from theorycheck.printing import complain, in_one_line
from theorycheck.reporting.document import (
    Findings,
    document,
    lemma_record,
    prediction_record,
    verdict_record,
)
from theorycheck.reporting.figures.check import draw_check
from theorycheck.reporting.grid import grid_record
from theorycheck.reporting.page import PAGE, render
from theorycheck.reporting.statements import lemmas_record, predictions_record, theorem_record
from theorycheck.running.store import open_store
from theorycheck.running.tasks import (
    Task,
    default_workers,
    open_pool,
    run_heaps,
    seed_list,
)


def check(theorem: str = "all", *, progress: bool = False, **options: Any) -> Findings:
    """Do what ``theorycheck verify`` does: simulate, judge, write verdicts, page and figures.

    Parameters
    ----------
    theorem : str, default "all"
        "mild-pruning", "over-pruning", "lemmas", "predictions", "all", or the path of a module.
    progress : bool, default False
        Show progress bars on standard error.
    **options
        The options of the command, by name: d and along (sequences), seeds, n, m, K, p, noise,
        epsilon, engine, workers, out (the directory, "theorycheck-report" where it is left out)
        and store.

    Returns
    -------
    Findings
        Verdicts, lemma checks, predictions, the text of ``verdicts.json`` and the files written.

    Raises
    ------
    ValueError
        If an option is unknown, outside its domain, or one that this check cannot use.
    OSError
        If the directory or the store cannot be written.
    """
    plan = plan_of(theorem, options)
    return run_plan(plan, plan.command, progress)


def run_plan(plan: Plan, command: str, progress: bool = False) -> Findings:
    """Run a plan, and write ``verdicts.json`` and figures; make no run that its store has."""
    with output_directory(plan.out, "verdicts.json"):
        return _run_plan(plan, command, progress)


def _run_plan(plan: Plan, command: str, progress: bool) -> Findings:
    courses = plan.families()
    workers = default_workers() if plan.workers is None else plan.workers
    heaps = planned_runs(plan, courses)
    with open_pool(workers) as pool:
        if plan.store is None:
            done = run_heaps(heaps, pool, progress)
        else:
            with open_store(plan.store, "create") as store:
                store.remember_check(command, plan.options())
                done = observe_in_store(heaps, store, workers, pool, progress)
        lemmas = _run_lemmas(plan, pool, progress)
        predictions = _run_predictions(plan, pool, progress)
    runs, grid = by_family(courses, done)
    verdicts, records = judge(plan, runs)
    records += [lemma_record(check) for check in lemmas]
    records += [prediction_record(one) for one in predictions]
    content = document(command, records, statements(plan), grid_record(grid))
    content["files"] = files_of(content)
    text = as_json(content)
    files = write_findings(plan.out, text, content)
    drawn = {
        name: [one for _, observations in runs[name] for one in observations]
        for name in plan.theorems()
        if name in bounds.THEOREMS
    }
    files += draw_check(drawn, grid, plan.chosen("epsilon"), lemmas, plan.out)
    stated = [find(name).theorem for name in plan.theorems()]
    return Findings(verdicts, lemmas, predictions, text, files, stated)


def write_findings(out: Path, text: str, content: dict[str, Any]) -> list[Path]:
    """Write the verdicts, whole, and only then their page; one that fails costs nothing else."""
    verdicts, page = write_verdicts(out, text), out / PAGE
    try:
        write_whole(page, render(content).encode(errors="backslashreplace"))
    except Exception as error:
        again = shlex.join(["theorycheck", "report", str(out), "--out", str(out)])
        complain(
            f"the page could not be made: {in_one_line(error)}",
            f"{again} makes it from verdicts.json",
        )
        return [verdicts]
    return [verdicts, page]


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
        wanted = name in plan.theorems()
        found = judge_paths(find(name).theorem, paths) if wanted else [[] for _ in paths]
        for (family, observations), here in zip(paths, found, strict=True):
            if name == "mild-pruning" and plan.wants_lemmas():
                here.append(judge_path_lemma(family, observations))
            verdicts += here
            records += [verdict_record(one, family, observations) for one in here]
    return verdicts, records


def planned_runs(plan: Plan, courses: Mapping[str, Sequence[Course]]) -> list[list[Task]]:
    """Return the runs of each family of a plan, and last those of the figure over p, if any."""
    seeds = seed_list(plan.chosen("seeds"))
    heaps = [
        family_tasks(name, one.family, seeds, one.epsilon, one.engine)
        for name, several in courses.items()
        for one in several
    ]
    if "mild-pruning" in plan.theorems() and not plan.along:
        heaps.append(
            [
                observation_task("mild-pruning", problem, seed, plan.chosen("epsilon"))
                for problem in plan.p_grid()
                for seed in P_GRID_SEEDS
            ]
        )
    return heaps


def by_family(
    courses: Mapping[str, Sequence[Course]], done: Sequence[list[Observation]]
) -> tuple[dict[str, list[FamilyRuns]], list[Observation]]:
    """Give each family its runs back; return them by theorem, and the runs over the grid of p."""
    observed = iter(done)
    runs: dict[str, list[FamilyRuns]] = {
        name: [(one.family, next(observed)) for one in several] for name, several in courses.items()
    }
    return runs, next(observed, [])


def _run_lemmas(plan: Plan, pool: Executor | None, progress: bool) -> list[LemmaCheck]:
    if not plan.wants_lemmas():
        return []
    return check_lemmas(
        lambda problem, seeds, lemmas: count_in_parallel(problem, seeds, lemmas, pool, progress),
        LEMMA_DRAWS,
        plan.chosen("noise"),
    )


def _run_predictions(plan: Plan, pool: Executor | None, progress: bool) -> list[PredictionVerdict]:
    if not plan.wants_predictions():
        return []
    return run_experiments(small_experiments(seed_list(PREDICTION_SEEDS)), pool, progress)
