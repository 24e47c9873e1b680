"""Time of one step of descent: four implementations side by side in interleaved repeats."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np

from benchmarks.plan import Plan, Size, step_problem
from benchmarks.worker import CHECKED_STEPS, STARTS, Missing, Worker

AGREEMENT = 1e-10  # of the losses after the first steps, relative


def measure(plan: Plan, missing: set[str]) -> Iterator[dict[str, Any]]:
    """Time every implementation at every size and thread count.

    Parameters
    ----------
    plan : Plan
        What to measure.
    missing : set of str
        Sentences about frameworks that are not installed are added here.

    Yields
    ------
    dict
        One row per size, thread count and implementation.
    """
    for size in plan.sizes:
        for threads in plan.threads:
            yield from _side_by_side(plan, size, threads, missing)


def _side_by_side(
    plan: Plan, size: Size, threads: int, missing: set[str]
) -> Iterator[dict[str, Any]]:
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        for engine in STARTS:
            try:
                worker = Worker(engine, step_problem(size), threads)
            except Missing as sentence:
                missing.add(str(sentence))
            else:
                workers[engine] = worker
                stack.callback(worker.close)
        _check_losses({engine: worker.ready.loss for engine, worker in workers.items()})
        times = interleaved(workers, plan.repeats, plan.seconds)
        for engine, worker in workers.items():
            yield {
                "size": list(size),
                "threads": threads,
                "engine": engine,
                **summary(times[engine]),
                "start_seconds": worker.ready.start_seconds,
                "peak_megabytes": worker.ready.peak,
                "loss": worker.ready.loss,
            }


def interleaved(workers: dict[str, Worker], repeats: int, seconds: float) -> dict[str, list[float]]:
    """Time a step of each worker in turn, and all that again: load on the machine meets all alike.

    Parameters
    ----------
    workers : dict
        Workers by name.
    repeats : int
        How many rounds.
    seconds : float
        About how long each worker runs in a round.

    Returns
    -------
    dict
        Times of a step in seconds, one per round.
    """
    steps = {name: max(1, round(seconds / worker.seconds(3))) for name, worker in workers.items()}
    times: dict[str, list[float]] = {name: [] for name in workers}
    for _ in range(repeats):
        for name, worker in workers.items():
            times[name].append(worker.seconds(steps[name]))
    return times


def summary(times: list[float]) -> dict[str, float]:
    """Return median and quartiles of times in seconds."""
    low, median, high = np.quantile(times, [0.25, 0.5, 0.75])
    return {"seconds": float(median), "low": float(low), "high": float(high)}


def _check_losses(losses: dict[str, float]) -> None:
    reference = losses["gram"]
    for engine, loss in losses.items():
        if not abs(loss - reference) <= AGREEMENT * reference:
            raise RuntimeError(
                f"after {CHECKED_STEPS} steps the loss of {engine} is {loss!r} and that of gram "
                f"{reference!r}: they do not train the same network"
            )
