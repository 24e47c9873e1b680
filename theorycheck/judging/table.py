"""One claim against the runs of a path: a table of seeds and sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

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
    """One claim against the runs of a path: S seeds, ascending, and N sizes in the path's order.

    Attributes
    ----------
    sizes, progress : (N,) array
        Values of the parameter, and how far along the path they lie, which ascends.
    tail, end : (N,) array of bool
        Which sizes lie in the tail of the whole path, and in the last half of it.
    log_bound : (N,) array
        Logarithm of the bound, constant included; nan where the bound is not defined.
    measured : (S, N) array
        The claim's left side; nan where no run in the event can be judged.
    excess : (S, N) array
        Logarithm of measured / bound on the unfavourable side; nan as above, and where the bound
        is not defined.
    """

    sizes: Floats
    progress: Floats
    tail: Booleans
    end: Booleans
    log_bound: Floats
    measured: Floats
    excess: Floats

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
    """

    family: Family
    points: tuple[Point, ...]
    runs: list[list[Observation]]
    inside: list[list[Observation]]


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
    return SortedRuns(family, points, everywhere, inside)


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
    """Hold a claim against the runs in the event, seed by seed and size by size."""
    seeds = sorted({one.seed for here in path.inside for one in here})
    row = {seed: index for index, seed in enumerate(seeds)}
    bound = [defined_log_bound(claim, *point) for point in path.points]
    measured = np.full((len(seeds), len(path.points)), np.nan)
    excess = measured.copy()
    for column, here in enumerate(path.inside):
        for one in here:
            if can_judge(claim, one):
                value = one.measured[claim.measure]
                measured[row[one.seed], column] = value
                excess[row[one.seed], column] = log_excess(claim, value, bound[column])
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


def check_evaluable(theorem: Theorem, points: Sequence[Point]) -> None:
    """Raise a ValueError before any run where a bound or a premise cannot be evaluated."""
    for point in points:
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
    measured is judged by nothing.
    """
    if math.isnan(run.measured[claim.measure]):
        return False
    if run.status == "reached":
        return True
    at_any_step = claim.source.tag == "derived" or claim.measure in ABOUT_T_STAR
    return at_any_step and run.status != "diverged"


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
