"""Families with what their runs need, run until enough draws count."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sims import Problem
from theorycheck.judging.family import MOST_STREAMED, Family, engine_for
from theorycheck.judging.observation import Observation, observe_many
from theorycheck.judging.paths.exponent_paths import ExponentPath
from theorycheck.judging.table import FamilyRuns, check_evaluable, points_of, sort_runs
from theorycheck.judging.theorems import find
from theorycheck.running.tasks import Task, seed_list, stack_of

MOST_TIMES = 20  # as many draws as are asked for are made at most, where few lie in the event
SPARE = 1.2  # further draws made at once, over what their rate so far asks for

Heaps = Sequence[Sequence[Task]]
Runner = Callable[[Heaps], list[list[Observation]]]


@dataclass(frozen=True)
class Course:
    """A family with the theorem, the target loss and the engine of its runs.

    `times` is how many times as many draws it takes as others, for its slopes scatter.
    """

    theorem: str
    family: Family
    epsilon: float
    engine: str = "auto"
    times: int = 1

    def tasks(self, seeds: Sequence[int]) -> list[Task]:
        """Return one task for each problem and seed."""
        return family_tasks(self.theorem, self.family, seeds, self.epsilon, self.engine)


def course_along(theorem: str, path: ExponentPath) -> Course:
    """Return the runs of a theorem along one path."""
    return Course(theorem, path.family, path.epsilon, path.engine, path.seeds_times)


def observe_courses(
    courses: Sequence[Course], seeds: int | Sequence[int], run: Runner
) -> list[FamilyRuns]:
    """Run families until as many draws count as `seeds` says, or with exactly the seeds given.

    A draw counts that lies in the event at every size of the tail; the seeds are 0, 1, 2, ..
    """
    if not isinstance(seeds, int):
        chosen = seed_list(seeds)
        found = run([one.tasks(chosen) for one in courses])
        return [(one.family, here) for one, here in zip(courses, found, strict=True)]
    seed_list(seeds)  # refuses what is no number of draws
    wanted = [seeds * one.times for one in courses]
    found = [[] for _ in courses]
    tried, more = [0] * len(courses), wanted
    while any(more):
        made = run(
            [
                one.tasks(range(start, start + extra))
                for one, start, extra in zip(courses, tried, more, strict=True)
            ]
        )
        found = [[*old, *new] for old, new in zip(found, made, strict=True)]
        tried = [start + extra for start, extra in zip(tried, more, strict=True)]
        more = [
            _missing(one.family, here, target, start)
            for one, here, target, start in zip(courses, found, wanted, tried, strict=True)
        ]
    return [(one.family, here) for one, here in zip(courses, found, strict=True)]


def _missing(family: Family, runs: Sequence[Observation], wanted: int, tried: int) -> int:
    """Return how many further draws to make so that enough count; 0 where enough do."""
    counted = len(sort_runs(family, runs).draws)
    if counted >= wanted:
        return 0
    likely = math.ceil(SPARE * (wanted - counted) * tried / max(counted, 1))
    return min(likely, MOST_TIMES * wanted - tried)


def family_tasks(
    theorem: str, family: Family, seeds: Sequence[int], epsilon: float, engine: str = "auto"
) -> list[Task]:
    """Return one task for each problem and seed; a path may have epsilons of its own."""
    engine = engine_for(family, engine)
    points = points_of(family, epsilon)
    check_evaluable(find(theorem).theorem, points)
    return [
        observation_task(theorem, problem, seed, own, engine)
        for problem, own in points
        for seed in seeds
    ]


def observation_task(
    theorem: str, problem: Problem, seed: int, epsilon: float, engine: str = "auto"
) -> Task:
    """Return a run to be made and measured, in a stack with others."""
    call = (theorem, problem, seed, epsilon, engine)
    return Task(observe_many, call, _weight(problem), stack_of(problem, engine))


def _weight(problem: Problem) -> float:
    streamed = min(problem.d, MOST_STREAMED)
    return problem.K * problem.m * (streamed + problem.n**2) * (1.0 + problem.n / 30)
