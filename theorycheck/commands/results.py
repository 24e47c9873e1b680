"""The report: one self-contained HTML page, made from ``verdicts.json`` or a store alone."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import bounds
from bounds import Boundary, Claim, Lemma, Theorem
from theorycheck.commands.check import courses, statements
from theorycheck.commands.check_runs import measurements, observe_record, spec_of, version_of
from theorycheck.commands.courses import Heaps
from theorycheck.commands.parts import judge_parts, observe_grid, observe_part, part_names
from theorycheck.commands.plan import Plan, plan_from
from theorycheck.commands.sweep_path import NotJudged, study_path, study_points, study_table
from theorycheck.files import check_writable, without_gaps, write_whole
from theorycheck.judging.judge import judge_theorem
from theorycheck.judging.observation import GRADIENT_NORM, Observation
from theorycheck.judging.table import Point, model_left, sort_runs
from theorycheck.judging.theorems import BUILT_IN_THEOREMS, find
from theorycheck.reporting.courses import grid_record
from theorycheck.reporting.document import Results, document, read_verdicts, verdict_record
from theorycheck.reporting.page import PAGE, render
from theorycheck.reporting.statements import theorem_record
from theorycheck.running.spec import spec_from_columns
from theorycheck.running.store import MOST_REASONS, Store, open_store
from theorycheck.running.store_file import is_database
from theorycheck.running.tasks import Task, run_heaps


def load_results(path: Path, module: str | None = None) -> Results:
    """Read what a check found; nothing that it names is imported."""
    if is_database(path):
        return store_results(path, module)
    file = path / "verdicts.json" if path.is_dir() else path
    found = read_verdicts(file)
    if module is not None:
        raise ValueError(
            f"--theorem must be left out where RESULTS holds its verdicts, as {file} does, "
            f"got {module!r}"
        )
    return found


def write_report(results: Results, out: Path) -> Path:
    """Write the page."""
    from jinja2 import TemplateError

    try:
        page = render(results)
    except (LookupError, TypeError, AttributeError, ValueError, TemplateError) as error:
        raise ValueError(
            f"RESULTS must be as verify writes them, and {type(error).__name__}: {error}"
        ) from error
    out.mkdir(parents=True, exist_ok=True)
    check_writable(out / PAGE)
    write_whole(out / PAGE, page.encode(errors="backslashreplace"))
    return out / PAGE


UNFINISHED = "unfinished"
NOT_STORED = "The draws of lemmas and the runs of sharp predictions are not kept in a store."


def store_results(path: Path, module: str | None = None) -> dict[str, Any]:
    """Judge what a store has."""
    with open_store(path) as store:
        check = store.last_check()
        if check is not None:
            return without_gaps(_of_check(store, *check, module))
        if module is not None:
            raise ValueError(
                f"--theorem must be left out where no theorem was checked, as in {path}, which "
                f"sweeps have made; got {module!r}"
            )
        return without_gaps(_of_sweeps(store))


class Unfinished(Exception):
    """A check whose store lacks runs."""


def _of_check(store: Store, command: str, options: str, module: str | None) -> dict[str, Any]:
    """Return the verdicts that `verify` was last asked for."""
    plan = plan_from(options, module)
    asked: list[Task] = []

    def stored(heaps: Heaps) -> list[list[Observation]]:
        asked.extend(task for heap in heaps for task in heap)
        version = version_of([asked], store)
        if _study_of(plan, asked, store)["unfinished"]:
            raise Unfinished
        return run_heaps(measurements(heaps, store, version), None, progress=False)

    try:
        parts = [observe_part(plan, name, stored) for name in part_names(plan)]
        grid = observe_grid(plan, stored)
    except Unfinished:
        return _unfinished(plan, command, _study_of(plan, asked, store))
    judged = judge_parts(plan, parts)
    content = document(
        command,
        judged.records,
        statements(plan),
        grid_record(grid),
        judged.summaries,
        courses(plan, parts),
    )
    return {**content, "drawn": plan.draws_figures, "study": _study_of(plan, asked, store)}


def _study_of(plan: Plan, asked: Sequence[Task], store: Store) -> dict[str, Any]:
    """Return how far the runs of a check are."""
    version = version_of([asked], store)
    study = _study(store, {spec_of(task).key_of(version) for task in asked})
    if plan.wants_lemmas() or plan.wants_predictions():
        study["notes"].append(NOT_STORED)
    return study


def _unfinished(plan: Plan, command: str, study: dict[str, Any]) -> dict[str, Any]:
    """Return the records of a check that cannot be judged yet."""
    records = [one for name in plan.theorems() for one in _open(find(name).theorem, study)]
    if plan.wants_lemmas():
        records.append(_open_claim("lemmas", bounds.LEMMAS[GRADIENT_NORM], study))
    return {**document(command, records, statements(plan)), "study": study}


def _of_sweeps(store: Store) -> dict[str, Any]:
    """Return the medians of a study, and verdicts where its problems form a path."""
    study = _study(store, store.asked() | store.keys())
    if not study["missing"]:
        study |= study_table(store.records())
    records = _verdicts(store, study)
    command = shlex.join(["theorycheck", "report", str(store.path)])
    judged = {*bounds.THEOREMS, *(one["theorem"] for one in records)}
    stated = [theorem_record(one) for id, one in BUILT_IN_THEOREMS.items() if id in judged]
    return {**document(command, records, stated), "study": study}


def _verdicts(store: Store, study: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the verdicts on every theorem that the runs can be held to; note the others."""
    try:
        points = study_points(store.settings())
    except NotJudged as reason:
        study["notes"].append(f"Not judged: any theorem: {reason}.")
        return []
    records: list[dict[str, Any]] = []
    left_out: dict[str, list[str]] = {}
    for theorem in _of_this_model(points):
        try:
            records += _judged(theorem, points, store, study)
        except NotJudged as reason:
            left_out.setdefault(str(reason), []).append(theorem.title)
    study["notes"] += [f"Not judged: {', '.join(t)}: {reason}." for reason, t in left_out.items()]
    return records


def _of_this_model(points: Sequence[Point]) -> list[Theorem]:
    """Return the built-in theorems with claims whose model a study is of."""
    known = [find(name).theorem for name in BUILT_IN_THEOREMS]
    return [
        one
        for one in known
        if one.claims and not any(model_left(one, problem) for problem, _ in points)
    ]


def _study(store: Store, asked: Iterable[str]) -> dict[str, Any]:
    """Return how far the runs are that were asked for, as plain data."""
    outcomes = store.outcomes()
    found = [outcomes.get(key, ("missing", False)) for key in asked]
    counts = {
        name: sum(outcome == name for outcome, _ in found) for name in ("done", "failed", "missing")
    }
    return {
        "store": store.path.name,
        **counts,
        "total": len(found),
        "unfinished": not all(results for _, results in found),
        "reasons": [
            {"reason": reason, "count": count}
            for reason, count, _ in store.failures()[:MOST_REASONS]
        ],
        "versions": [json.loads(one) for one in store.versions()],
        "notes": [],
    }


def _judged(
    theorem: Theorem, points: list[Point], store: Store, study: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the verdicts on a theorem by the runs of a study."""
    if study["missing"] and len(points) < 2:  # what is missing may make it a path
        return _open(theorem, study)
    family = study_path(theorem, points)
    if study["unfinished"]:
        return _open(theorem, study)
    observations = [observe_record(theorem.id, record) for record in store.records()]
    if not any(one.in_event for one in observations):
        raise NotJudged(f"no run lies in the event: {theorem.event}")
    verdicts = judge_theorem(theorem, family, observations)
    records = [verdict_record(one, family, observations) for one in verdicts]
    run_options = _run_options(store, sort_runs(family, observations).points)
    return [{**one, "run_options": run_options} for one in records]


def _run_options(store: Store, points: Iterable[Point]) -> list[dict[str, float]]:
    """Return what the runs at each point were made with that `verify` leaves at its default."""
    specs = [spec_from_columns({**one, "seed": 0}) for one in store.settings()]
    made = {(one.problem, one.target_loss): one for one in specs}
    return [{"max_steps": made[at].max_steps, "rtol": made[at].rtol} for at in points]


def _open(theorem: Theorem, study: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a record without an outcome for each claim and boundary."""
    stated: list[Claim | Boundary] = [*theorem.claims.values(), *theorem.boundaries.values()]
    return [_open_claim(theorem.id, one, study) for one in stated]


def _open_claim(
    theorem: str, claim: Claim | Lemma | Boundary, study: dict[str, Any]
) -> dict[str, Any]:
    without = study["failed"] if not study["missing"] else 0
    reason = f"{UNFINISHED}: {study['done']} of {study['total']} runs"
    if without:
        reason += f"; {without} failed and may be made again"
    return {
        "theorem": theorem,
        "claim": claim.id,
        "statement": claim.statement,
        "outcome": UNFINISHED,
        "reason": reason,
        "tag": claim.source.tag,
    }
