"""The path that the problems of a study form, where a theorem can be held to one."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import bounds
from bounds import Theorem
from bounds.paths import PATHS
from bounds.regime import theorem_regime_values
from sims import Problem
from theorycheck.judging.family import Family
from theorycheck.judging.paths.premises import path_premises, regime_left, unmet
from theorycheck.judging.quantities import EVENTS
from theorycheck.judging.table import Point, parameters_at, points_of
from theorycheck.running.spec import spec_from_columns
from theorycheck.running.stored_run import SPEC_COLUMNS, StoredRun

FIXED = "everything else held fixed"
TYPED = 1e-9  # relative; a study may spell sigma_n out in digits


class NotJudged(ValueError):
    """Runs that no theorem, or not this one, can be held to; the sentence says why."""


def study_points(settings: Sequence[dict[str, Any]]) -> list[Point]:
    """Return the different problems of a study with their target losses."""
    specs = [spec_from_columns({**one, "seed": 0}) for one in settings]
    points = [(spec.problem, spec.target_loss) for spec in specs]
    if len({one["result_version"] for one in settings}) > 1:
        raise NotJudged("the runs have several result versions")
    if len({spec.engine == "gram-law" for spec in specs}) > 1:
        raise NotJudged("engine gram-law draws networks of its own, and other engines are there")
    if len(set(points)) < len(points):
        raise NotJudged("a problem was run in several ways (engine, max_steps, rtol or population)")
    return points


def study_path(theorem: Theorem, points: Sequence[Point]) -> Family:
    """Return the path of problems that differ in one parameter, or in d along the regime."""
    moved = moving([parameters_at(point) for point in points])
    problems = tuple(dict.fromkeys(problem for problem, _ in points))
    if set(moved) == {"d", "sigma_n"} and all(map(_in_regime, problems)):
        family = Family("d", problems, f"{FIXED}; sigma_n tied to d by the theorem regime")
    elif len(moved) == 1 and moved[0] in PATHS:
        (along,) = moved
        family = Family(
            along,
            problems,
            FIXED,
            "down" if PATHS[along].direction == "down" else "up",
            epsilons=tuple(epsilon for _, epsilon in points) if along == "epsilon" else (),
        )
        released = regime_left(theorem, family, points_of(family, points[0][1]))
        family = replace(family, released=released)
    else:
        raise NotJudged(
            f"that takes a path along one of {', '.join(PATHS)} with {FIXED}, or along d in the "
            f"theorem regime, and what moves here is {' and '.join(moved) or 'nothing'}"
        )
    if left := unmet(path_premises(theorem, family, points_of(family, points[0][1]))):
        raise NotJudged("; ".join(left))
    return family


def moving(several: Collection[dict[str, Any]]) -> list[str]:
    """Return the names whose values are not all the same."""
    names = dict.fromkeys(name for one in several for name in one)
    return [name for name in names if len({one.get(name) for one in several}) > 1]


def _in_regime(problem: Problem) -> bool:
    """Tell whether sigma_n is that of the theorem regime (Theory, section 6)."""
    if problem.d < 2:
        return False
    regime = theorem_regime_values(
        problem.d, problem.n, problem.m, problem.K, problem.p, problem.mu
    )
    return math.isclose(problem.sigma_n, regime["sigma_n"], rel_tol=TYPED)


SETTINGS = tuple(name for name in SPEC_COLUMNS if name not in ("seed", "threads"))
MEDIANS = ("loss", "test_loss", "test_error")
MOST_ROWS = 500


def study_table(records: Iterable[StoredRun]) -> dict[str, Any]:
    """Return medians problem by problem."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    seeds = set()
    for record in records:
        settings = tuple(record.values[name] for name in SETTINGS)
        groups.setdefault(settings, []).append(_measured(record))
        seeds.add(record.values["seed"])
    everywhere = [dict(zip(SETTINGS, settings, strict=True)) for settings in groups]
    moved = moving(everywhere)
    rows = [
        {"settings": [settings[name] for name in moved], **_medians(runs)}
        for settings, runs in zip(everywhere, groups.values(), strict=True)
    ]
    return {
        "fixed": {} if not rows else {k: v for k, v in everywhere[0].items() if k not in moved},
        "moving": moved,
        "rows": rows[:MOST_ROWS],
        "left_out": len(rows[MOST_ROWS:]),
        "events": [one.title for one in bounds.THEOREMS.values()],
        "seeds": sorted(seeds),
        "engines": sorted({one["engine"] for one in everywhere}),
    }


def _measured(record: StoredRun) -> dict[str, Any]:
    """Return the few numbers of a run that are kept."""
    found = {name: record.values[name] for name in ("outcome", "status", "steps", *MEDIANS)}
    if record.npz is not None:
        event = record.trajectory().event
        found["inside"] = [EVENTS[one.inside](event) for one in bounds.THEOREMS.values()]
    return found


def _medians(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    inside = [one["inside"] for one in runs if "inside" in one]
    reached = [one["steps"] for one in runs if one["status"] == "reached"]
    return {
        "runs": len(runs),
        "failed": sum(one["outcome"] == "failed" for one in runs),
        "reached": len(reached),
        "steps": _median(reached),
        **{name: _median([one[name] for one in runs]) for name in MEDIANS},
        "measured": len(inside),
        "inside": [sum(column) for column in zip(*inside, strict=True)],
    }


def _median(values: Sequence[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return float(np.median(known)) if known else None
