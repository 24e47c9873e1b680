"""A boundary surveyed: crossed at every place along its paths, and looked at on either side.

The runs are asked for round by round, for where a draw is run next depends on how it ended before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bounds import Boundary
from sims import Problem
from sims.arrays import Floats
from theorycheck.judging.boundaries.crossing import (
    RUNGS,
    START_RUNGS,
    Bracket,
    Ladder,
    log_indices,
    untried,
)
from theorycheck.judging.boundary_paths import START, BoundaryPaths, Place, problem_at
from theorycheck.judging.observation import Observation
from theorycheck.judging.statistics import quantile

APART = 4.0  # how far on either side of the boundary success must stay on its side
SIDE_DRAWS = 16  # that are run there

Ask = tuple[Problem, int]
Asker = Callable[[Sequence[Ask]], Sequence[Observation]]


@dataclass(frozen=True, eq=False)
class Survey:
    """What the runs say about a boundary.

    Attributes
    ----------
    boundary : Boundary
        Which.
    paths : BoundaryPaths
        Where it was looked for.
    critical : mapping of Place to (S,) array
        The logarithm of each draw's critical index; inf and -inf where it is not crossed, nan where
        it is not known. Without the places along where the start is not crossed.
    sides : mapping of (Place, float) to tuple of (bool or None)
        By place and factor, 4 or 1/4 of the located index, whether each draw lies on its side.
    runs : int
        How many were made.
    """

    boundary: Boundary
    paths: BoundaryPaths
    critical: Mapping[Place, Floats] = field(hash=False)
    sides: Mapping[tuple[Place, float], tuple[bool | None, ...]] = field(hash=False)
    runs: int

    @property
    def located(self) -> float:
        """The median over draws of the critical index at the start."""
        return median_index(self.critical[START])


def median_index(log_index: Floats) -> float:
    """Return the median over draws whose crossing is known; 0 or inf where most do not cross."""
    middle = quantile(log_index.tolist(), 0.5)
    return math.exp(middle) if math.isfinite(middle) else (math.inf if middle > 0 else 0.0)


def survey(boundary: Boundary, paths: BoundaryPaths, seeds: Sequence[int], ask: Asker) -> Survey:
    """Locate a boundary at the start, then along its paths, then look at either side of it."""
    ladder = Ladder(boundary.constant, START_RUNGS)
    critical, runs = _cross(boundary, paths, {START: ladder}, seeds, ask)
    located = median_index(critical[START])
    if not 0 < located < math.inf:
        return Survey(boundary, paths, critical, {}, runs)
    further = {place: ladder.about(located, RUNGS) for place in paths.places if place != START}
    along, more = _cross(boundary, paths, further, seeds, ask)
    sides, last = _look(boundary, paths, located, seeds[:SIDE_DRAWS], ask)
    return Survey(boundary, paths, {**critical, **along}, sides, runs + more + last)


def _cross(
    boundary: Boundary,
    paths: BoundaryPaths,
    ladders: Mapping[Place, Ladder],
    seeds: Sequence[int],
    ask: Asker,
) -> tuple[dict[Place, Floats], int]:
    """Bisect every draw at some places, all in step; return what was found and the runs made."""
    brackets = {place: dict.fromkeys(seeds, untried(ladders[place])) for place in ladders}
    runs = 0
    while wanted := _next(brackets):
        problems = {
            (place, rung): problem_at(boundary, paths, place, ladders[place].index(rung))
            for place, rung in dict.fromkeys((place, rung) for place, _, rung in wanted)
        }
        found = ask([(problems[place, rung], seed) for place, seed, rung in wanted])
        for (place, seed, _), run in zip(wanted, found, strict=True):
            brackets[place][seed] = brackets[place][seed].after(success(boundary, run))
        runs += len(wanted)
    located = {place: log_indices(ladders[place], here, seeds) for place, here in brackets.items()}
    return located, runs


def _next(brackets: Mapping[Place, Mapping[int, Bracket]]) -> list[tuple[Place, int, int]]:
    """Return what to run next: place, seed and rung."""
    return [
        (place, seed, bracket.rung)
        for place, here in brackets.items()
        for seed, bracket in here.items()
        if bracket.rung is not None
    ]


def _look(
    boundary: Boundary, paths: BoundaryPaths, located: float, seeds: Sequence[int], ask: Asker
) -> tuple[dict[tuple[Place, float], tuple[bool | None, ...]], int]:
    """Run draws on either side of the located boundary, at every place."""
    where = [(place, factor) for place in paths.places for factor in (APART, 1 / APART)]
    problems = [problem_at(boundary, paths, place, located * factor) for place, factor in where]
    found = iter(ask([(problem, seed) for problem in problems for seed in seeds]))
    sides = {}
    for place, factor in where:
        ends = [success(boundary, next(found)) for _ in seeds]
        sides[place, factor] = tuple(None if end is None else end == (factor > 1) for end in ends)
    return sides, len(where) * len(seeds)


def success(boundary: Boundary, run: Observation) -> bool | None:
    """Tell whether a run is a success; None outside the event and where nothing can be told.

    A run that stalled is taken as it ended: what it has not learned it has not learned.
    """
    measured = run.measured[boundary.measure]
    if not run.in_event or run.status in ("diverged", "max-steps") or np.isnan(measured):
        return None
    return boundary.succeeds(measured)
