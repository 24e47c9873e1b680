"""Run a plan: simulate, judge, draw and write what `theorycheck verify` reports."""

from __future__ import annotations

import shlex
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import bounds
from bounds import Theorem
from theorycheck.commands.boundaries import Surveys, judge_boundaries, survey_boundaries
from theorycheck.commands.check_runs import observe_in_store
from theorycheck.commands.courses import Runner, observation_task, observe_courses
from theorycheck.commands.plan import P_GRID_SEEDS, Plan, plan_of
from theorycheck.commands.report_directory import files_of, write_verdicts
from theorycheck.commands.verify import LEMMA_DRAWS, count_in_parallel
from theorycheck.files import as_json, output_directory, write_whole
from theorycheck.judging.boundaries.verdict import BoundaryVerdict
from theorycheck.judging.judge import judge_path_lemma, judge_paths, order_claims
from theorycheck.judging.observation import Observation
from theorycheck.judging.table import FamilyRuns
from theorycheck.judging.verdict import Verdict
from theorycheck.judging.whole.summary import (
    ClaimSummary,
    TheoremSummary,
    summarize_claims,
    summarize_theorem,
)
from theorycheck.predictions.experiments import SEEDS as PREDICTION_SEEDS
from theorycheck.predictions.experiments import run_experiments, small_experiments
from theorycheck.predictions.lemma_check import LemmaCheck, check_lemmas
from theorycheck.predictions.limit import PredictionVerdict
from theorycheck.printing import complain, in_one_line
from theorycheck.reporting.document import (
    Findings,
    boundary_record,
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
        The options of the command, by name: d, along and constant (sequences), seeds, n, m, K, p,
        noise, epsilon, engine, quick, p_grid, workers, out (the directory, "theorycheck-report"
        where it is left out) and store.

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
    workers = default_workers() if plan.workers is None else plan.workers
    with open_pool(workers) as pool:
        if plan.store is None:
            runs, grid, surveys = observe(plan, lambda heaps: run_heaps(heaps, pool, progress))
        else:
            with open_store(plan.store, "create") as store:
                store.remember_check(command, plan.options())
                stored = partial(
                    observe_in_store, store=store, workers=workers, pool=pool, progress=progress
                )
                runs, grid, surveys = observe(plan, stored)
        lemmas = _run_lemmas(plan, pool, progress)
        predictions = _run_predictions(plan, pool, progress)
    judged = judge(plan, runs, surveys)
    records = [*judged.records, *map(lemma_record, lemmas), *map(prediction_record, predictions)]
    content = document(command, records, statements(plan), grid_record(grid), judged.summaries)
    content["drawn"] = not plan.quick
    content["files"] = files_of(content)
    text = as_json(content)
    files = write_findings(plan.out, text, content)
    shown = {
        name: [one for _, observations in runs[name] for one in observations]
        for name in runs
        if name in bounds.THEOREMS and name in plan.theorems()
    }
    if content["drawn"]:
        files += draw_check(shown, grid, plan.chosen("epsilon"), lemmas, plan.out)
    return Findings(
        judged.verdicts, lemmas, predictions, text, files, judged.stated, judged.claims,
        judged.theorems, plan.left_out(), judged.boundaries,
    )  # fmt: skip


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
    stated = [theorem_record(plan.stated(name)) for name in plan.theorems()]
    if plan.wants_lemmas():
        stated.append(lemmas_record())
    if plan.wants_predictions():
        stated.append(predictions_record())
    return stated


Runs = dict[str, list[FamilyRuns]]


@dataclass(frozen=True)
class Judged:
    """The verdicts of a check on theorems, path by path and summed up."""

    verdicts: list[Verdict]
    records: list[dict[str, Any]]
    claims: list[ClaimSummary]
    theorems: list[TheoremSummary]
    stated: list[Theorem]
    boundaries: list[BoundaryVerdict]

    @property
    def summaries(self) -> dict[str, Any]:
        """The sums as plain data."""
        return {
            "claims": [asdict(one) for one in self.claims],
            "summaries": [{**asdict(one), "words": one.words} for one in self.theorems],
        }


def judge(plan: Plan, runs: Runs, surveys: Surveys) -> Judged:
    """Judge every claim and boundary that a plan asks for, the claims at one rate of error."""
    stated = {name: plan.theorem_of(name) for name in plan.theorems()}
    together = sum(map(order_claims, stated.values())) + plan.wants_lemmas()
    boundaries = judge_boundaries(surveys)
    whole = Judged([], [], [], [], list(stated.values()), boundaries)
    for name, paths in runs.items():
        found: list[list[Verdict]] = [[] for _ in paths]
        if name in stated:
            found = judge_paths(stated[name], paths, together)
        if name == "mild-pruning" and plan.wants_lemmas():
            # on the path of the regime, which the lemma speaks of
            found[0].append(judge_path_lemma(*paths[0]))
        for (family, observations), here in zip(paths, found, strict=True):
            whole.verdicts.extend(here)
            whole.records.extend(verdict_record(one, family, observations) for one in here)
        claims = summarize_claims([one for here in found for one in here])
        whole.claims.extend(claims)
        if name in stated:
            own = [one for one in claims if one.theorem == stated[name].id]
            whole.theorems.append(summarize_theorem(stated[name], paths, own))
    whole.records.extend(map(boundary_record, boundaries))
    return whole


def observe(plan: Plan, run: Runner) -> tuple[Runs, list[Observation], Surveys]:
    """Make the runs of a plan; return those of paths, of the figure over p, and of boundaries."""
    courses = plan.families()
    flat = [one for several in courses.values() for one in several]
    found = iter(observe_courses(flat, plan.chosen("seeds"), run))
    runs = {name: [next(found) for _ in several] for name, several in courses.items()}
    surveys = survey_boundaries(plan, run)
    if not plan.p_grid:
        return runs, [], surveys
    tasks = [
        observation_task("mild-pruning", problem, seed, plan.chosen("epsilon"))
        for problem in plan.grid()
        for seed in P_GRID_SEEDS
    ]
    return runs, run([tasks])[0], surveys


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
