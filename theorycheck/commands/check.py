"""Run a plan: simulate, judge, draw and write what `theorycheck verify` reports."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import bounds
from theorycheck.commands.check_runs import observe_in_store
from theorycheck.commands.courses import Runner
from theorycheck.commands.parts import (
    Judged,
    Part,
    first_look,
    judge,
    observe_grid,
    observe_part,
    part_names,
    path_lemma,
    remembering,
)
from theorycheck.commands.plan import Plan
from theorycheck.commands.report_directory import files_of, write_verdicts
from theorycheck.commands.verify import LEMMA_DRAWS, count_in_parallel
from theorycheck.files import as_json, output_directory, write_whole
from theorycheck.judging.observation import Observation
from theorycheck.names import full_name
from theorycheck.predictions.experiments import SEEDS as PREDICTION_SEEDS
from theorycheck.predictions.experiments import run_experiments, small_experiments
from theorycheck.predictions.lemma_check import LemmaCheck, check_lemmas
from theorycheck.predictions.limit import PredictionVerdict
from theorycheck.printing import complain, in_one_line, listed
from theorycheck.reporting.courses import grid_record, path_record
from theorycheck.reporting.document import document, lemma_record, prediction_record
from theorycheck.reporting.figures.check import draw_check
from theorycheck.reporting.figures.style import Each
from theorycheck.reporting.findings import Findings
from theorycheck.reporting.page import PAGE, render
from theorycheck.reporting.repeat import THEOREM_CHOICES
from theorycheck.reporting.statements import lemmas_record, predictions_record, theorem_record
from theorycheck.running.store import open_store
from theorycheck.running.tasks import (
    default_workers,
    open_pool,
    run_heaps,
    seed_list,
)

OVER_P = "runs over p"
Tell = Callable[[Findings], None]  # is told each part of a check as soon as it is known


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
        noise, epsilon, engine, quick, p_grid, no_figures, workers, out (the directory,
        "theorycheck-report" where it is left out) and store.

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


def plan_of(theorem: str, options: Mapping[str, Any]) -> Plan:
    """Return the plan of options given by name; sequences and paths may be of any kind."""
    known = [field.name for field in fields(Plan)][1:]
    if unknown := [name for name in options if name not in known]:
        raise ValueError(f"options must be among {', '.join(known)}, got {unknown[0]!r}")
    given = {name: value for name, value in options.items() if value is not None}
    given |= {name: tuple(given[name]) for name in ("d", "along", "constant") if name in given}
    given |= {name: Path(given[name]) for name in ("out", "store") if name in given}
    return Plan(full_name(theorem, THEOREM_CHOICES), **given)


def run_plan(
    plan: Plan,
    command: str,
    progress: bool = False,
    tell: Tell = lambda part: None,
    begin: Callable[[str], None] = lambda stages: None,
) -> Findings:
    """Run a plan, and write ``verdicts.json`` and figures; make no run that its store has.

    `tell` is told a first look, then each theorem, the lemmas and the predictions as soon as they
    are judged, and `begin` before any run what there will be, where that is more than one of them.
    """
    with output_directory(plan.out, "verdicts.json"):
        if len(every := stages(plan)) > 1:
            begin(what_is_left(every, every[0]))
        return _run_plan(plan, command, progress, tell)


def _run_plan(plan: Plan, command: str, progress: bool, tell: Tell) -> Findings:
    workers = default_workers() if plan.workers is None else plan.workers
    title = partial(what_is_left, stages(plan))
    judged, parts = Judged(), []
    with open_pool(workers) as pool:
        with _runners(plan, command, workers, pool, progress) as runner:
            tell(first_look(plan, runner("first look")))
            lemmas = _run_lemmas(plan, pool, progress, title("lemmas"))
            tell(Findings(lemmas=lemmas))
            for name in part_names(plan):
                parts.append(observe_part(plan, name, runner(title(name))))
                own = judge(plan, parts[-1])
                tell(own.findings)
                judged.add(own)
            grid = observe_grid(plan, runner(title(OVER_P)))
        tell(path_lemma(judged))
        predictions = _run_predictions(plan, pool, progress, title("predictions"))
        tell(Findings(predictions=predictions))
        beside = [*map(lemma_record, lemmas), *map(prediction_record, predictions)]
        content = document(
            command, [*judged.records, *beside], statements(plan), grid_record(grid),
            judged.summaries, courses(plan, parts),
        )  # fmt: skip
        text, files = _write(plan, content, _shown(plan, parts), grid, lemmas, pool)
    return Findings(
        judged.verdicts, lemmas, predictions, text, files, judged.stated, judged.claims,
        judged.theorems, plan.left_out(), judged.boundaries,
    )  # fmt: skip


def _write(
    plan: Plan,
    content: dict[str, Any],
    shown: Mapping[str, Sequence[Observation]],
    grid: Sequence[Observation],
    lemmas: Sequence[LemmaCheck],
    pool: Executor | None,
) -> tuple[str, list[Path]]:
    """Write verdicts, page and figures, drawn in the pool; return the verdicts and the files."""
    each: Each = map if pool is None else pool.map
    content["drawn"] = plan.draws_figures
    content["files"] = files_of(content)
    text = as_json(content)
    files = write_findings(plan.out, text, content, each)
    if plan.draws_figures:
        files += draw_check(shown, grid, plan.chosen("epsilon"), lemmas, plan.out, each)
    return text, files


@contextmanager
def _runners(
    plan: Plan, command: str, workers: int, pool: Executor | None, progress: bool
) -> Iterator[Callable[[str], Runner]]:
    """Yield what makes a runner with the title of its progress bar, with a store or without."""
    made: dict[tuple[Any, ...], Observation] = {}
    if plan.store is None:
        yield lambda title: remembering(
            lambda heaps: run_heaps(heaps, pool, progress, "runs", title), made
        )
        return
    with open_store(plan.store, "create") as store:
        store.remember_check(command, plan.options())
        stored = partial(observe_in_store, store=store, workers=workers, pool=pool)
        yield lambda title: remembering(partial(stored, progress=progress, title=title), made)


def stages(plan: Plan) -> list[str]:
    """Return what a check works through, in words."""
    asked = {
        "lemmas": plan.wants_lemmas(),
        **dict.fromkeys(part_names(plan), True),
        OVER_P: plan.p_grid,
        "predictions": plan.wants_predictions(),
    }
    return [name for name, wanted in asked.items() if wanted]


def what_is_left(every: Sequence[str], now: str) -> str:
    """Return the title of a stage, with those that are left after it."""
    left = every[every.index(now) + 1 :] if now in every else []
    return f"{now}, then {listed(left)}" if left else now


def _shown(plan: Plan, parts: Sequence[Part]) -> dict[str, list[Observation]]:
    """Return the runs of which a figure shows one, by theorem."""
    return {
        part.name: [one for _, observations in part.paths for one in observations]
        for part in parts
        if part.name in bounds.THEOREMS and part.name in plan.theorems()
    }


def courses(plan: Plan, parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Return the runs of which the page shows the course, by path; none without figures."""
    if not plan.draws_figures:
        return []
    asked = [part for part in parts if part.name in plan.theorems()]
    return [path_record(plan.theorem_of(part.name), path) for part in asked for path in part.paths]


def write_findings(out: Path, text: str, content: dict[str, Any], each: Each = map) -> list[Path]:
    """Write the verdicts, whole, and only then their page; one that fails costs nothing else."""
    verdicts, page = write_verdicts(out, text), out / PAGE
    try:
        write_whole(page, render(content, each).encode(errors="backslashreplace"))
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


def _run_lemmas(plan: Plan, pool: Executor | None, progress: bool, title: str) -> list[LemmaCheck]:
    if not plan.wants_lemmas():
        return []
    return check_lemmas(
        lambda problem, seeds, lemmas: count_in_parallel(
            problem, seeds, lemmas, pool, progress, title
        ),
        LEMMA_DRAWS,
        plan.chosen("noise"),
    )


def _run_predictions(
    plan: Plan, pool: Executor | None, progress: bool, title: str
) -> list[PredictionVerdict]:
    if not plan.wants_predictions():
        return []
    return run_experiments(small_experiments(seed_list(PREDICTION_SEEDS)), pool, progress, title)
