"""Tasks, and the pool of processes that they may be shared among."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from concurrent.futures import Executor, Future, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from numbers import Integral
from typing import Any, TypeVar

from sims.checks import check_count
from theorycheck.running.workers import Processes, WorkerDied

T = TypeVar("T")


@dataclass(frozen=True)
class Task:
    """One call that may be made in another process; a heavier one is better started first."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    weight: float


def default_workers() -> int:
    """Return the number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def open_pool(workers: int) -> Iterator[Executor | None]:
    """Open a pool of processes, or None where this one is enough; left, it waits for nothing."""
    check_count("workers", workers, 1)
    if workers == 1:
        yield None
        return
    pool = Processes(workers)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def run_tasks(
    tasks: Sequence[Task], pool: Executor | None, progress: bool, label: str = "runs"
) -> list[Any]:
    """Run tasks, heaviest first, and return their results in the order of the tasks."""
    from threadpoolctl import threadpool_limits
    from tqdm import tqdm

    order = sorted(range(len(tasks)), key=lambda index: -tasks[index].weight)
    results: list[Any] = [None] * len(tasks)
    with tqdm(total=len(tasks), desc=label, disable=not progress, unit=f" {label}") as bar:
        if pool is None:
            with threadpool_limits(1, user_api="blas"):  # as in a pool, so to the same bits
                for index in order:
                    results[index] = tasks[index].function(*tasks[index].arguments)
                    bar.update()
            return results
        futures: dict[Future[Any], int] = {
            pool.submit(tasks[index].function, *tasks[index].arguments): index for index in order
        }
        for future in as_completed(futures):
            try:
                results[futures[future]] = future.result()
            except WorkerDied as error:
                raise WorkerDied(f"one of {len(tasks)} {label} came to nothing: {error}") from error
            bar.update()
    return results


def run_heaps(
    heaps: Sequence[Sequence[Task]], pool: Executor | None, progress: bool, label: str = "runs"
) -> list[list[Any]]:
    """Run heaps of tasks as one, and return a list of results for each heap."""
    return regroup(run_tasks(list(chain.from_iterable(heaps)), pool, progress, label), heaps)


def regroup(results: Iterable[T], groups: Iterable[Sized]) -> list[list[T]]:
    """Cut results into lists that are as long as the groups they came from."""
    rest = iter(results)
    return [list(islice(rest, len(group))) for group in groups]


def seed_list(seeds: int | Sequence[int]) -> list[int]:
    """Return the seeds that a count or a sequence stands for."""
    if not isinstance(seeds, Iterable):
        check_count("seeds", seeds, 1)
        return list(range(seeds))
    listed = list(seeds)
    whole = all(isinstance(seed, Integral) and not isinstance(seed, bool) for seed in listed)
    if not listed or not whole or min(listed) < 0 or len(set(listed)) < len(listed):
        raise ValueError(f"seeds must be different integers of at least 0, got {listed!r}")
    return [int(seed) for seed in listed]
