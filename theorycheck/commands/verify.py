"""Run a plan: simulate, judge, draw and write what `theorycheck verify` reports."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bounds
from sims import Problem
from theorycheck.commands.check_runs import family_tasks, observe_in_store
from theorycheck.commands.plan import P_GRID_SEEDS, Course, Plan
from theorycheck.commands.report_directory import files_of, write_verdicts
from theorycheck.defaults import EPSILON, SEEDS
from theorycheck.files import as_json, output_directory, write_whole
from theorycheck.judging.family import Family
from theorycheck.judging.judge import judge_path_lemma, judge_paths, judge_theorem
from theorycheck.judging.lemma_check import LemmaCheck, check_lemmas, count_failures
from theorycheck.judging.observation import Observation, observe
from theorycheck.judging.theorems import default_family, find
from theorycheck.judging.verdict import Verdict
from theorycheck.predictions.limit import SharpVerdict
from theorycheck.predictions.studies import SEEDS as PREDICTION_SEEDS
from theorycheck.predictions.studies import run_studies, small_studies
from theorycheck.printing import complain, in_one_line
from theorycheck.reporting.document import (
    Report,
    document,
    grid_record,
    lemma_record,
    prediction_record,
    verdict_record,
)
from theorycheck.reporting.page import PAGE, render
from theorycheck.reporting.statements import lemmas_record, predictions_record, theorem_record
from theorycheck.running.store import open_store
from theorycheck.running.tasks import (
    Task,
    default_workers,
    open_pool,
    run_heaps,
    run_tasks,
    seed_list,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


FamilyRuns = tuple[Family, list[Observation]]


def run_plan(plan: Plan, command: str, progress: bool = False) -> Report:
    """Run a plan, and write ``verdicts.json`` and figures; make no run that its store has.

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
    with output_directory(plan.out, "verdicts.json"):
        return _run_plan(plan, command, progress)


def _run_plan(plan: Plan, command: str, progress: bool) -> Report:
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
    files += _draw(plan, runs, grid, lemmas)
    stated = [find(name).theorem for name in plan.theorems()]
    return Report(verdicts, lemmas, predictions, text, files, stated)


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
                Task(observe, ("mild-pruning", problem, seed, plan.chosen("epsilon")), 1e9)
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
    runs = {
        name: [(one.family, next(observed)) for one in several] for name, several in courses.items()
    }
    return runs, next(observed, [])


def _run_lemmas(plan: Plan, pool: Executor | None, progress: bool) -> list[LemmaCheck]:
    if not plan.wants_lemmas():
        return []
    return check_lemmas(
        lambda problem, seeds: count_in_parallel(problem, seeds, pool, progress),
        LEMMA_DRAWS,
        plan.chosen("noise"),
    )


def _run_predictions(plan: Plan, pool: Executor | None, progress: bool) -> list[SharpVerdict]:
    if not plan.wants_predictions():
        return []
    return run_studies(small_studies(seed_list(PREDICTION_SEEDS)), pool, progress)


def _draw(
    plan: Plan,
    runs: Mapping[str, Sequence[FamilyRuns]],
    grid: list[Observation],
    lemmas: list[LemmaCheck],
) -> list[Path]:
    """Draw every figure of the plan, each whether or not the others fail."""
    from theorycheck.reporting.figures.style import draw, figure_of
    from theorycheck.reporting.figures.trajectory import (
        plot_lemmas,
        plot_test_loss,
        trajectory_figure,
    )

    def trajectory(name: str) -> Figure:
        shown = typical_run([one for _, observations in runs[name] for one in observations])
        return trajectory_figure(shown, name, shown.epsilon)

    epsilon = plan.chosen("epsilon")
    figures: dict[str, Callable[[], Figure]] = {
        f"{name}-trajectory": partial(trajectory, name)
        for name in plan.theorems()
        if name in bounds.THEOREMS
    }
    if grid:
        figures["test-loss"] = lambda: figure_of(plot_test_loss(grid, epsilon))
    if lemmas:
        figures["lemmas"] = lambda: figure_of(plot_lemmas(lemmas))
    return [path for name, make in figures.items() for path in draw(make, plan.out, name)]


def typical_run(runs: list[Observation]) -> Observation:
    """Choose the run to show: in the event where there is one, the largest size, the first seed."""
    return min(runs, key=lambda run: (not run.in_event, -run.problem.d, run.seed))


LEMMA_DRAWS = 200
DRAWS_PER_TASK = 25


def verify(
    theorem: str,
    family: Family | None = None,
    seeds: int | Sequence[int] = SEEDS,
    *,
    epsilon: float | None = None,
    engine: str = "auto",
    workers: int = 1,
    progress: bool = False,
) -> list[Verdict]:
    """Check every claim of a theorem on a family of problems.

    Parameters
    ----------
    theorem : str
        "mild-pruning", "over-pruning", or the path of a module with a theorem of your own.
    family : Family, optional
        The path of problems; by default the theorem's built-in one, d = 10^4, 10^6, .., 10^12 in
        the theorem regime.
    seeds : int or sequence of int, default 20
        How many seeds (0, 1, ..), or which.
    epsilon : float, optional
        Training loss at which the claims are judged, 0.05 where it is left out. A family along
        epsilon brings its own.
    engine : str, default "auto"
        As in :func:`sims.simulate`.
    workers : int, default 1
        Processes. More than one need the caller's script to be importable, as any
        ``multiprocessing`` with the start method "spawn" does.
    progress : bool, default False
        Show a progress bar on standard error.

    Returns
    -------
    list of Verdict
        One for each claim, in the theorem's order.

    Raises
    ------
    ValueError
        If the theorem is unknown or an argument is outside its domain.
    """
    subject = find(theorem)
    family = default_family(subject) if family is None else family
    chosen = seed_list(seeds)
    if epsilon is not None and family.along == "epsilon":
        raise ValueError(
            f"epsilon must be left out of a check along epsilon, which brings its own, "
            f"got {epsilon!r}"
        )
    epsilon = EPSILON if epsilon is None else epsilon
    if not (math.isfinite(epsilon) and epsilon > 0):
        raise ValueError(f"epsilon must be a finite number greater than 0, got {epsilon!r}")
    tasks = family_tasks(theorem, family, chosen, epsilon, engine)
    with open_pool(workers) as pool:
        observations = run_tasks(tasks, pool, progress)
    return judge_theorem(subject.theorem, family, observations)


def verify_lemmas(
    draws: int = LEMMA_DRAWS, *, noise: str = "isotropic", workers: int = 1, progress: bool = False
) -> list[LemmaCheck]:
    """Check every concentration lemma against draws.

    Parameters
    ----------
    draws : int, default 200
        Independent draws.
    noise : str, default "isotropic"
        The noise law.
    workers : int, default 1
        Processes, as in :func:`verify`.
    progress : bool, default False
        Show a progress bar.

    Returns
    -------
    list of LemmaCheck
        One for each lemma with a probability.
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, got {draws!r}")
    with open_pool(workers) as pool:

        def run(problem: Problem, seeds: Sequence[int]) -> dict[str, int]:
            return count_in_parallel(problem, seeds, pool, progress)

        return check_lemmas(run, draws, noise)


def count_in_parallel(
    problem: Problem, seeds: Sequence[int], pool: Executor | None, progress: bool
) -> dict[str, int]:
    """Count lemma failures as :func:`theorycheck.judging.lemma_check.count_failures`, in pieces."""
    pieces = [seeds[i : i + DRAWS_PER_TASK] for i in range(0, len(seeds), DRAWS_PER_TASK)]
    tasks = [Task(count_failures, (problem, list(piece)), 1.0) for piece in pieces]
    totals: dict[str, int] = {}
    for counts in run_tasks(tasks, pool, progress, "draws"):
        for name, count in counts.items():
            totals[name] = totals.get(name, 0) + count
    return totals
