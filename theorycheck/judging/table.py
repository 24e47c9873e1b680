"""One claim against the runs of a path: a table of seeds and sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import numpy as np

from bounds import Claim, Theorem
from bounds.compiled import CannotEvaluate
from bounds.evaluation import NotDefined
from sims import Problem
from sims.arrays import Booleans, Floats
from theorycheck.judging.family import Family
from theorycheck.judging.observation import Observation
from theorycheck.judging.slopes import tail, tail_end

Point = tuple[Problem, float]  # a problem with the epsilon that its runs stop at
FamilyRuns = tuple[Family, Sequence[Observation]]


@dataclass(frozen=True, eq=False)
class Table:
    """One claim against the draws of a path: S draws, ascending, and N sizes in the path's order.

    Attributes
    ----------
    sizes, progress : (N,) array
        Values of the parameter, and how far along the path they lie, which ascends.
    tail, end : (N,) array of bool
        Which sizes lie in the tail of the whole path, and in the last half of it.
    log_bound : (N,) array
        Logarithm of the bound, constant included; nan where the bound is not defined.
    measured : (S, N) array
        The claim's left side; nan where there is none at t*.
    excess : (S, N) array
        Logarithm of measured / bound on the unfavourable side: inf where there is no t*, nan where
        it is not known, where there is no run in the event, or the bound is not defined.
    """

    sizes: Floats
    progress: Floats
    tail: Booleans
    end: Booleans
    log_bound: Floats
    measured: Floats
    excess: Floats

    def fitted(self) -> Table:
        """Return the table with the constant that the least draw needs where the tail starts."""
        starts = self.excess[:, self.tail][:, :1]
        known = starts[np.isfinite(starts)]
        return replace(self, excess=self.excess - known.min()) if known.size else self

    def only(self, sizes: Booleans) -> Table:
        """Return the table of some of the sizes."""
        return Table(
            self.sizes[sizes],
            self.progress[sizes],
            self.tail[sizes],
            self.end[sizes],
            self.log_bound[sizes],
            self.measured[:, sizes],
            self.excess[:, sizes],
        )


@dataclass(frozen=True, eq=False)
class SortedRuns:
    """The runs of a path, size by size.

    Attributes
    ----------
    family : Family
        The path.
    points : tuple of (Problem, float)
        Its problems, each with the epsilon that its runs stop at.
    runs, inside : list of list of Observation
        All runs at each of them, and those in the theorem's event.
    draws : tuple of int
        The seeds that count: those in the event at every size of the tail.
    """

    family: Family
    points: tuple[Point, ...]
    runs: list[list[Observation]]
    inside: list[list[Observation]]
    draws: tuple[int, ...]

    @property
    def counted(self) -> list[list[Observation]]:
        """The runs in the event of the draws that count, size by size."""
        draws = set(self.draws)
        return [[one for one in here if one.seed in draws] for here in self.inside]


def sort_runs(family: Family, observations: Sequence[Observation]) -> SortedRuns:
    """Sort runs by their size on a path; a run at no point of the path is left out."""
    epsilons = sorted({one.epsilon for one in observations})
    if not epsilons:
        raise ValueError("observations must hold at least one run of the path, got none")
    if not family.epsilons and len(epsilons) > 1:
        raise ValueError(
            f"observations must share one epsilon along {family.along}, got {epsilons}"
        )
    points = points_of(family, epsilons[0])
    runs: dict[Point, list[Observation]] = {point: [] for point in points}
    for one in sorted(observations, key=lambda one: one.seed):
        runs.get((one.problem, one.epsilon), []).append(one)
    everywhere = list(runs.values())
    inside = [[one for one in here if one.in_event] for here in everywhere]
    in_tail = tail([family.progress(*point) for point in points])
    there = [{one.seed for one in here} for here in inside]
    draws = set.intersection(*(seeds for seeds, late in zip(there, in_tail, strict=True) if late))
    return SortedRuns(family, points, everywhere, inside, tuple(sorted(draws)))


def points_of(family: Family, epsilon: float) -> tuple[Point, ...]:
    """Return the problems of a path with the epsilon that the runs of each stop at."""
    return tuple((one, epsilon if own is None else own) for one, own in family.points)


def largest_time_error(runs: Sequence[Observation]) -> float:
    """Return the engine's own estimate of the relative error of a last step, its largest."""
    return max((one.time_error / one.step for one in runs if one.step > 0), default=0.0)


def parameters_at(point: Point) -> dict[str, float]:
    """Return what bounds and premises are evaluated at."""
    problem, epsilon = point
    return {**problem.parameters(), "epsilon": epsilon}


def tabulate(claim: Claim, path: SortedRuns) -> Table:
    """Hold a claim against the draws that count, draw by draw and size by size."""
    row = {seed: index for index, seed in enumerate(path.draws)}
    bound = [defined_log_bound(claim, *point) for point in path.points]
    measured = np.full((len(row), len(path.points)), np.nan)
    excess = measured.copy()
    for column, here in enumerate(path.counted):
        for one in here:
            if can_judge(claim, one):
                value = one.measured[claim.measure]
                measured[row[one.seed], column] = value
                excess[row[one.seed], column] = log_excess(claim, value, bound[column])
            elif one.status in ("stalled", "diverged"):  # one cut short may still have a t*
                excess[row[one.seed], column] = math.inf
    progress = [path.family.progress(*point) for point in path.points]
    return Table(
        np.array(path.family.sizes),
        np.array(progress),
        tail(progress),
        tail_end(progress),
        np.array(bound),
        measured,
        excess,
    )


def defined_log_bound(claim: Claim, problem: Problem, epsilon: float) -> float:
    """Return the logarithm of a bound; nan where it has no real value or a negative one."""
    try:
        return log_bound(claim, problem, epsilon)
    except NotDefined:
        return math.nan


# The model that a theorem speaks of unless it names another.
FIRST_MODEL = {"signals": "axis", "flip": "0", "support": "1", "pruning": "random"}
ANY = "any"


def model_left(theorem: Theorem, problem: Problem) -> str:
    """Say in which field a problem is not of a theorem's model; empty where it is."""
    for name, asked in {**FIRST_MODEL, **theorem.model}.items():
        given = getattr(problem, name)
        if asked != ANY and given != type(given)(asked):
            return f"{theorem.id} speaks of problems with {name} = {asked}, got {given!r}"
    if problem.directions is not None:
        return f"{theorem.id} speaks of problems with directions None, got {problem.directions!r}"
    return ""


def check_evaluable(theorem: Theorem, points: Sequence[Point]) -> None:
    """Raise a ValueError before any run where a bound or a premise cannot be evaluated."""
    for point in points:
        if left := model_left(theorem, point[0]):
            raise ValueError(left)
        for claim in theorem.claims.values():
            with _naming(f"the bound of claim {claim.id!r} of {theorem.id}"):
                defined_log_bound(claim, *point)
        for condition in theorem.conditions.values():
            with _naming(f"the premise {condition.id!r} of {theorem.id}"), suppress(NotDefined):
                condition.implied_constant(parameters_at(point))


@contextmanager
def _naming(what: str) -> Iterator[None]:
    try:
        yield
    except CannotEvaluate as error:
        raise ValueError(f"{what}: {error}") from error


# That t* exists, and when it comes, are claims themselves: they can be judged where it does not.
ABOUT_T_STAR = ("stopping-time", "train-loss")


def can_judge(claim: Claim, run: Observation) -> bool:
    """Tell whether a claim can be held against a run: claims are judged at t*.

    Those derived for any weights that descent can reach hold at any step. What could not be
    measured is judged by nothing, and a run cut short says nothing of t*, which may still come.
    """
    if math.isnan(run.measured[claim.measure]):
        return False
    if run.status == "reached":
        return True
    if claim.measure in ABOUT_T_STAR:
        return run.status == "stalled"
    return claim.source.tag == "derived" and run.status != "diverged"


def log_bound(claim: Claim, problem: Problem, epsilon: float) -> float:
    """Return the logarithm of a claim's bound at a problem, its declared constant included."""
    parameters = {**problem.parameters(), "epsilon": epsilon}
    return claim.evaluate(parameters, log=True) + math.log(claim.constant)


def log_excess(claim: Claim, measured: float, log_bound: float) -> float:
    """Return by how much a measurement exceeds its bound on the unfavourable side."""
    log_measured = math.log(measured) if measured > 0 else -math.inf
    if log_measured == log_bound:
        return 0.0
    difference = log_measured - log_bound
    return -difference if claim.direction == "lower" else difference
