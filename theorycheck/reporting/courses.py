"""Runs as plain data, thinned to what a page can show: over a grid of p, and along a path."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import bounds
from bounds import Theorem
from theorycheck.judging.family import Family
from theorycheck.judging.observation import Observation
from theorycheck.judging.paths.premises import is_of_regime, path_premises
from theorycheck.judging.table import (
    FamilyRuns,
    Point,
    SortedRuns,
    defined_log_bound,
    parameters_at,
    sort_runs,
)

POINTS = 60
DIGITS = 4  # more than a picture can show
LEVELS = ("stopping-time", "train-loss", "signal-learned", "no-cross-signal", "no-noise")
# Along a path: fewer points, for every size has a run of every seed.
PATH_POINTS = 40
PATH_SEEDS = 3
PATH_LEVELS = (*LEVELS, "noise-memorized")
LARGEST_LOG = math.log(np.finfo(float).max)
SIGNS = {"mu": "μ", "sigma_n": "σₙ", "sigma_0": "σ₀", "eta": "η", "epsilon": "ε"}


def grid_record(runs: Sequence[Observation]) -> dict[str, Any] | None:
    """Return runs of mild pruning over a grid of p as plain data.

    The problem, the course of the first seed's run at each p with the theorem's bounds, and the
    test loss and error of every run; None where there are no runs.
    """
    if not runs:
        return None
    first = min(run.seed for run in runs)
    problem = runs[0].problem.parameters()
    del problem["p"]
    shown = sorted((run for run in runs if run.seed == first), key=lambda run: -run.problem.p)
    return {
        "problem": problem,
        "epsilon": runs[0].epsilon,
        "seed": first,
        "courses": [_at_p(run) for run in shown],
        "tests": [
            {
                "p": run.problem.p,
                "seed": run.seed,
                "in_event": run.in_event,
                "test_loss": run.test.test_loss,
                "test_error": run.test.test_error,
            }
            for run in runs
        ],
    }


def _at_p(run: Observation) -> dict[str, Any]:
    parameters = {**run.problem.parameters(), "epsilon": run.epsilon}
    theorem = bounds.THEOREMS["mild-pruning"]
    premise = theorem.conditions[theorem.id]
    return {
        "p": run.problem.p,
        "premise_kept": premise.implied_constant(parameters) >= premise.constant,
        "levels": {name: theorem.claims[name].evaluate(parameters) for name in LEVELS},
        **_course(run, POINTS),
    }


def path_record(theorem: Theorem, path: FamilyRuns) -> dict[str, Any]:
    """Return the courses of a few runs at every size of a path as plain data.

    What moves along it and what does not, the levels of the claims that are lines in a picture of
    one run, and the runs of the first seeds that lie in the event at every size, which others
    follow where they are too few.
    """
    family, observations = path
    runs = sort_runs(family, observations)
    seeds = shown_seeds(runs)
    everywhere = [parameters_at(point) for point in runs.points]
    first = everywhere[0]
    moves = [name for name in first if any(one[name] != first[name] for one in everywhere)]
    moves = list(dict.fromkeys([family.along, *moves]))
    return {
        "theorem": theorem.id,
        "title": theorem.title or theorem.id,
        "along": family.along,
        "direction": family.direction,
        "tied": family.tied,
        "symbols": {name: SIGNS.get(name, name) for name in first},
        "fixed": {name: value for name, value in first.items() if name not in moves},
        "seeds": seeds,
        "sizes": [
            {
                "size": family.size(*point),
                "moved": {name: _rounded(parameters_at(point)[name]) for name in moves},
                "K": point[0].K,
                "epsilon": point[1],
                "premises_left": _premises_left(theorem, family, runs.points, place),
                "levels": _levels(theorem, point),
                "runs": _shown_at(runs.runs[place], seeds),
            }
            for place, point in enumerate(runs.points)
        ],
    }


def _shown_at(runs: Sequence[Observation], seeds: Sequence[int]) -> list[dict[str, Any]]:
    """Return the runs of the seeds at one size, in the order of the seeds."""
    by_seed = {run.seed: run for run in runs}
    return [{"seed": seed, **_course(by_seed[seed], PATH_POINTS)} for seed in seeds]


def shown_seeds(runs: SortedRuns) -> list[int]:
    """Choose the seeds of a path that are shown: those in the event at every size go first."""
    there = set.intersection(*({run.seed for run in here} for here in runs.runs))
    inside = set.intersection(*({run.seed for run in here} for here in runs.inside))
    return sorted(there, key=lambda seed: (seed not in inside, seed))[:PATH_SEEDS]


def _premises_left(
    theorem: Theorem, family: Family, points: tuple[Point, ...], place: int
) -> list[str]:
    """Name the premises of the theorem's own, not those of the regime, that a size leaves."""
    size = family.sizes[place]
    left = [one.id for one in path_premises(theorem, family, points) if size in one.left_at]
    return [id for id in left if not is_of_regime(theorem.conditions[id])]


def _levels(theorem: Theorem, point: Point) -> dict[str, float]:
    """Return the bounds, constants included, that are lines, by what they bound: the first each."""
    first = {claim.measure: claim for claim in reversed([*theorem.claims.values()])}
    logs = {name: defined_log_bound(first[name], *point) for name in PATH_LEVELS if name in first}
    return {name: _rounded(_power(value)) for name, value in logs.items()}


def _power(log: float) -> float:
    return math.inf if log > LARGEST_LOG else math.exp(log)


def _course(run: Observation, points: int) -> dict[str, Any]:
    seen = vars(run.series)
    kept = thin(len(run.series.steps), points)
    return {
        "in_event": run.in_event,
        "status": run.status,
        "test_loss": run.test.test_loss,
        "test_error": run.test.test_error,
        **{name: [_rounded(value) for value in seen[name][kept].tolist()] for name in seen},
    }


def thin(recorded: int, points: int = POINTS) -> list[int]:
    """Choose at most so many points of the recorded steps, the first and the last among them.

    They are recorded where there is something to see, so their numbers are spaced evenly.
    """
    return sorted({round(place) for place in np.linspace(0, recorded - 1, points)})


def _rounded(value: Any) -> Any:
    """Round what is no whole number and no word."""
    if not isinstance(value, float) or not math.isfinite(value):
        return value
    return float(f"{value:.{DIGITS}g}")
