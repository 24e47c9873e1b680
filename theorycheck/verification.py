"""Run a family, judge a theorem: the checker end to end."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from sims import Problem
from theorycheck.family import MOST_STREAMED, Family, engine_for
from theorycheck.judge import judge_theorem
from theorycheck.lemma_check import LemmaCheck, check_lemmas, count_failures
from theorycheck.measure import observe
from theorycheck.theorems import default_family, find
from theorycheck.verdict import Verdict

EPSILON = 0.05
SEEDS = 20
LEMMA_DRAWS = 200
DRAWS_PER_TASK = 25


def verify(
    theorem: str,
    family: Family | None = None,
    seeds: int | Sequence[int] = SEEDS,
    *,
    epsilon: float = EPSILON,
    engine: str = "auto",
    workers: int = 1,
    progress: bool = False,
) -> list[Verdict]:
    """Check every claim of a theorem on a family of problems.

    Parameters
    ----------
    theorem : str
        "mild-pruning", "over-pruning", or the path of a module with a theorem of your own.
    family : Family, optional
        The path of problems; by default the theorem's built-in one, d = 10^4, 10^6, .., 10^12 in
        the theorem regime.
    seeds : int or sequence of int, default 20
        How many seeds (0, 1, ..), or which.
    epsilon : float, default 0.05
        Training loss at which the claims are judged.
    engine : str, default "auto"
        As in :func:`sims.simulate`.
    workers : int, default 1
        Processes. More than one need the caller's script to be importable, as any
        ``multiprocessing`` with the start method "spawn" does.
    progress : bool, default False
        Show a progress bar on standard error.

    Returns
    -------
    list of Verdict
        One for each claim, in the theorem's order.

    Raises
    ------
    ValueError
        If the theorem is unknown or an argument is outside its domain.
    """
    subject = find(theorem)
    family = default_family(subject) if family is None else family
    chosen = seed_list(seeds)
    if not (math.isfinite(epsilon) and epsilon > 0):
        raise ValueError(f"epsilon must be a finite number greater than 0, got {epsilon!r}")
    tasks = family_tasks(theorem, family, chosen, epsilon, engine)
    with executor(workers) as pool:
        observations = run_tasks(tasks, pool, progress)
    return judge_theorem(subject.theorem, family, observations)


def seed_list(seeds: int | Sequence[int]) -> list[int]:
    """Return the seeds that a count or a sequence stands for."""
    if isinstance(seeds, int):
        if seeds < 1:
            raise ValueError(f"seeds must be at least 1, got {seeds!r}")
        return list(range(seeds))
    whole = all(isinstance(seed, int) and seed >= 0 for seed in seeds)
    if not seeds or not whole or len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds must be different integers of at least 0, got {list(seeds)!r}")
    return list(seeds)


@dataclass(frozen=True)
class Task:
    """One call that may be made in another process; a heavier one is better started first."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    weight: float


def family_tasks(
    theorem: str, family: Family, seeds: Sequence[int], epsilon: float, engine: str = "auto"
) -> list[Task]:
    """Return one task for each problem and seed; a path along epsilon has its own epsilons."""
    engine = engine_for(family, engine)
    return [
        Task(observe, (theorem, problem, seed, own or epsilon, engine), _weight(problem))
        for problem, own in family.points
        for seed in seeds
    ]


def _weight(problem: Problem) -> float:
    streamed = min(problem.d, MOST_STREAMED)
    return problem.K * problem.m * (streamed + problem.n**2) * (1.0 + problem.n / 30)


@contextmanager
def executor(workers: int) -> Iterator[Executor | None]:
    """Open a pool of processes, or None where one process is enough.

    Interrupted, it drops what has not started.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers!r}")
    if workers == 1:
        yield None
        return
    context = get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts() -> None:
    """Leave Ctrl-C to the main process, which ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run_tasks(
    tasks: Sequence[Task], pool: Executor | None, progress: bool, label: str = "runs"
) -> list[Any]:
    """Run tasks, heaviest first, and return their results in the order of the tasks."""
    from tqdm import tqdm

    order = sorted(range(len(tasks)), key=lambda index: -tasks[index].weight)
    results: list[Any] = [None] * len(tasks)
    with tqdm(total=len(tasks), desc=label, disable=not progress, unit=f" {label}") as bar:
        if pool is None:
            for index in order:
                results[index] = tasks[index].function(*tasks[index].arguments)
                bar.update()
            return results
        futures: dict[Future[Any], int] = {
            pool.submit(tasks[index].function, *tasks[index].arguments): index for index in order
        }
        for future in as_completed(futures):
            results[futures[future]] = future.result()
            bar.update()
    return results


def verify_lemmas(
    draws: int = LEMMA_DRAWS, *, noise: str = "isotropic", workers: int = 1, progress: bool = False
) -> list[LemmaCheck]:
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
    list of LemmaCheck
        One for each lemma with a probability.
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, got {draws!r}")
    with executor(workers) as pool:

        def run(problem: Problem, seeds: Sequence[int], lemmas: Sequence[str]) -> dict[str, int]:
            return count_in_parallel(problem, seeds, lemmas, pool, progress)

        return check_lemmas(run, draws, noise)


def count_in_parallel(
    problem: Problem,
    seeds: Sequence[int],
    lemmas: Sequence[str],
    pool: Executor | None,
    progress: bool,
) -> dict[str, int]:
    """Count lemma failures as :func:`theorycheck.lemma_check.count_failures`, in pieces."""
    pieces = [seeds[i : i + DRAWS_PER_TASK] for i in range(0, len(seeds), DRAWS_PER_TASK)]
    tasks = [Task(count_failures, (problem, list(piece), lemmas), 1.0) for piece in pieces]
    totals: dict[str, int] = {}
    for counts in run_tasks(tasks, pool, progress, "draws"):
        for name, count in counts.items():
            totals[name] = totals.get(name, 0) + count
    return totals
