"""Tasks, and the pool of processes that they may be shared among."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Sized
from concurrent.futures import Executor, Future, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from numbers import Integral
from typing import Any, NamedTuple, TypeVar

from sims import Problem
from sims.arguments import check_count
from sims.jobs import places, shape
from theorycheck.running.spec import RunSpec
from theorycheck.running.workers import Processes, WorkerDied

T = TypeVar("T")

# About: with fewer, one worker may wait for the other at the end; with more, stacks are small, and
# a step of a small one costs nearly what a step of a large one does.
BATCHES_A_WORKER = 2
MOST_STACKS = 4  # stacks that a process works through before it says what came of them,
FEWEST_RUNS = 100  # but no fewer runs than these: the last of them leave a stack empty


class Stack(NamedTuple):
    """Which tasks are done together, at less than their cost one by one.

    Attributes
    ----------
    alike : hashable
        What they have in common.
    most : int
        How many at a time.
    """

    alike: Hashable
    most: int


@dataclass(frozen=True)
class Task:
    """One call that may be made in another process; a heavier one is better started first.

    Where there is a stack, the function is told the arguments of several tasks and yields the
    number and the result of each.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    weight: float
    stack: Stack | None = None


def stack_of(problem: Problem, engine: str = "auto") -> Stack:
    """Return the stack that a run may share with others of its shape."""
    room = places(problem, engine)
    return Stack(shape(problem), max(MOST_STACKS * room, FEWEST_RUNS) if room > 1 else 1)


def stacks(specs: Iterable[RunSpec], most: int) -> list[list[RunSpec]]:
    """Return which runs are made together: of one shape, and with one BLAS thread."""
    alike: dict[object, list[RunSpec]] = {}
    for spec in specs:
        shared = stack_of(spec.problem, spec.engine)
        alone = shared.most == 1 or spec.threads > 1
        alike.setdefault(spec.key if alone else (shared.alike, spec.rtol), []).append(spec)
    return [
        members[start : start + most]
        for members in alike.values()
        for start in range(0, len(members), most)
    ]


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
    tasks: Sequence[Task],
    pool: Executor | None,
    progress: bool,
    label: str = "runs",
    title: str = "",
) -> list[Any]:
    """Run tasks, heaviest first, and return their results in the order of the tasks.

    A progress bar counts what its label says, under a title.
    """
    from threadpoolctl import threadpool_limits
    from tqdm import tqdm

    batches = _batches(tasks, getattr(pool, "count", 1))
    results: list[Any] = [None] * len(tasks)
    with tqdm(
        total=len(tasks), desc=title or label, disable=not progress, unit=f" {label}",
        leave=False, dynamic_ncols=True,
    ) as bar:  # fmt: skip
        if pool is None:
            with threadpool_limits(1, user_api="blas"):  # as in a pool, so to the same bits
                for batch in batches:
                    for number, result in _calls([tasks[index] for index in batch]):
                        results[batch[number]] = result
                        bar.update()
            return results
        futures: dict[Future[list[tuple[int, Any]]], list[int]] = {
            pool.submit(_made, [tasks[index] for index in batch]): batch for batch in batches
        }
        for future in as_completed(futures):
            batch = futures[future]
            try:
                for number, result in future.result():
                    results[batch[number]] = result
            except WorkerDied as error:
                what = "one" if len(batch) == 1 else len(batch)
                raise WorkerDied(
                    f"{what} of {len(tasks)} {label} came to nothing: {error}"
                ) from error
            bar.update(len(batch))
    return results


def _batches(tasks: Sequence[Task], workers: int) -> list[list[int]]:
    """Return which tasks are done at once, heaviest first.

    The runs of a stack end at different times: the more of them, the longer it stays full. So only
    those of a shape are shared out among workers that are a large part of the whole.
    """
    order = sorted(range(len(tasks)), key=lambda index: -tasks[index].weight)
    alike: dict[Hashable, list[int]] = {}
    for index in order:
        task = tasks[index]
        alike.setdefault((task.function, task.stack) if task.stack else index, []).append(index)
    batches: list[list[int]] = []
    for members in alike.values():
        stack = tasks[members[0]].stack
        most = 1 if stack is None else stack.most
        large = -(-len(members) * BATCHES_A_WORKER * workers // len(tasks))
        shares = max(min(workers, len(members), large), -(-len(members) // most))
        batches += [members[first::shares] for first in range(shares)]
    return batches


def _calls(tasks: Sequence[Task]) -> Iterable[tuple[int, Any]]:
    """Do tasks that are done together, or a single one."""
    first = tasks[0]
    if first.stack is None:
        return [(0, first.function(*first.arguments))]
    results: Iterable[tuple[int, Any]] = first.function([task.arguments for task in tasks])
    return results


def _made(tasks: Sequence[Task]) -> list[tuple[int, Any]]:
    """Return what came of tasks that are done together."""
    return list(_calls(tasks))


def run_heaps(
    heaps: Sequence[Sequence[Task]],
    pool: Executor | None,
    progress: bool,
    label: str = "runs",
    title: str = "",
) -> list[list[Any]]:
    """Run heaps of tasks as one, and return a list of results for each heap."""
    return regroup(run_tasks(list(chain.from_iterable(heaps)), pool, progress, label, title), heaps)


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
