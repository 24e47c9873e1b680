"""Verdicts on one theorem, or on the lemmas, for those who call from Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor

import bounds
from sims import Problem
from theorycheck.commands.courses import Course, observe_courses
from theorycheck.defaults import EPSILON, SEEDS
from theorycheck.judging.family import Family
from theorycheck.judging.judge import judge_theorem
from theorycheck.judging.paths.default_paths import default_paths
from theorycheck.judging.theorems import default_family, find_claims
from theorycheck.judging.verdict import Verdict
from theorycheck.notebook import Verdicts
from theorycheck.predictions.lemma_check import LemmaCheck, check_lemmas, count_failures
from theorycheck.running.tasks import (
    Task,
    open_pool,
    run_heaps,
    run_tasks,
)

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
) -> Verdicts[Verdict]:
    """Check every claim of a theorem on a family of problems.

    Parameters
    ----------
    theorem : str
        "mild-pruning", "over-pruning", or the path of a module with a theorem of your own.
    family : Family, optional
        The path of problems; by default the theorem's built-in one, d = 10^4, 10^6, .., 10^12 in
        the theorem regime.
    seeds : int or sequence of int, default 24
        How many draws are to count, which takes as many of the seeds 0, 1, 2, .. as must be drawn
        until so many lie in the theorem's event at every size of the tail; or which seeds.
    epsilon : float, optional
        Training loss at which the claims are judged, 0.05 where it is left out. A family along
        epsilon brings its own.
    engine : str, default "auto"
        As in :func:`sims.simulate`; "auto" is the path's own where a default path brings one.
    workers : int, default 1
        Processes. More than one need the caller's script to be importable, as any
        ``multiprocessing`` with the start method "spawn" does.
    progress : bool, default False
        Show a progress bar on standard error.

    Returns
    -------
    Verdicts of Verdict
        A list, one for each claim in the theorem's order; ``to_frame()`` has them as a data frame.

    Raises
    ------
    ValueError
        If the theorem is unknown or an argument is outside its domain.
    """
    subject = find_claims(theorem)
    usual = EPSILON
    if family is None and subject.theorem.id in bounds.SIBLING_THEOREMS:
        path = default_paths(subject.theorem)[0]
        family, usual = path.family, path.epsilon
        engine = path.engine if engine == "auto" else engine
    family = default_family(subject) if family is None else family
    if epsilon is not None and family.epsilons:
        raise ValueError(
            f"epsilon must be left out of a check along {family.along} that brings its own, "
            f"got {epsilon!r}"
        )
    epsilon = usual if epsilon is None else epsilon
    if not (math.isfinite(epsilon) and epsilon > 0):
        raise ValueError(f"epsilon must be a finite number greater than 0, got {epsilon!r}")
    course = Course(theorem, family, epsilon, engine)
    with open_pool(workers) as pool:
        ((_, observations),) = observe_courses(
            [course], seeds, lambda heaps: run_heaps(heaps, pool, progress)
        )
    return Verdicts(judge_theorem(subject.theorem, family, observations))


def verify_lemmas(
    draws: int = LEMMA_DRAWS, *, noise: str = "isotropic", workers: int = 1, progress: bool = False
) -> Verdicts[LemmaCheck]:
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
    Verdicts of LemmaCheck
        A list with ``to_frame()``, one for each lemma with a probability.
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, got {draws!r}")
    with open_pool(workers) as pool:

        def run(problem: Problem, seeds: Sequence[int], lemmas: Sequence[str]) -> dict[str, int]:
            return count_in_parallel(problem, seeds, lemmas, pool, progress)

        return Verdicts(check_lemmas(run, draws, noise))


def count_in_parallel(
    problem: Problem,
    seeds: Sequence[int],
    lemmas: Sequence[str],
    pool: Executor | None,
    progress: bool,
    title: str = "",
) -> dict[str, int]:
    """Count lemma failures as one call of `count_failures` would, in pieces."""
    pieces = [seeds[i : i + DRAWS_PER_TASK] for i in range(0, len(seeds), DRAWS_PER_TASK)]
    tasks = [Task(count_failures, (problem, list(piece), lemmas), 1.0) for piece in pieces]
    totals: dict[str, int] = {}
    for counts in run_tasks(tasks, pool, progress, "draws", title):
        for name, count in counts.items():
            totals[name] = totals.get(name, 0) + count
    return totals
