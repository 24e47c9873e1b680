"""The path that the problems of a study form, where a theorem can be held to one."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from bounds import Theorem
from bounds.paths import PATHS
from bounds.regime import theorem_regime_values
from sims import Problem
from theorycheck.family import Family
from theorycheck.premises import path_premises, regime_left, unmet
from theorycheck.run_spec import spec_from_columns
from theorycheck.tabulate import Point, parameters_at, points_of

FIXED = "everything else held fixed"
TYPED = 1e-9  # relative; a study may spell sigma_n out in digits


class NotJudged(ValueError):
    """Runs that no theorem, or not this one, can be held to; the sentence says why."""


def study_points(settings: Sequence[dict[str, Any]]) -> list[Point]:
    """Return the different problems of a study with their target losses.

    Parameters
    ----------
    settings : sequence of dict
        The columns of a study's runs apart from their seeds, each combination once.

    Returns
    -------
    list of (Problem, float)
        The points, each once.

    Raises
    ------
    NotJudged
        If a point was run in several ways, or the runs do not compare with each other.
    """
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
    """Return the path of problems that differ in one parameter, or in d along the theorem regime.

    Parameters
    ----------
    theorem : Theorem
        What it is to be held to. A path along a lone parameter may leave what a path of
        ``verify --along`` may: premises of the regime with a hidden constant.
    points : sequence of (Problem, float)
        Different problems with the training loss that their runs stop at, at least one.

    Returns
    -------
    Family
        The path, on which no premise fails.

    Raises
    ------
    NotJudged
        If they form none, or leave a premise.
    """
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
    names = next(iter(several), {})
    return [name for name in names if len({one[name] for one in several}) > 1]


def _in_regime(problem: Problem) -> bool:
    """Tell whether sigma_n is that of the theorem regime (Theory, section 6)."""
    if problem.d < 2:
        return False
    regime = theorem_regime_values(
        problem.d, problem.n, problem.m, problem.K, problem.p, problem.mu
    )
    return math.isclose(problem.sigma_n, regime["sigma_n"], rel_tol=TYPED)
