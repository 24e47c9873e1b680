"""One implementation in a process of its own: its threads, its memory and its time."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

from benchmarks import memory
from benchmarks.plan import SEED
from sims.problem import Problem

STARTS = {
    "gram": ("benchmarks.own_descent", "start_gram"),
    "weights": ("benchmarks.own_descent", "start_weights"),
    "pytorch": ("benchmarks.torch_descent", "start_pytorch"),
    "jax": ("benchmarks.jax_descent", "start_jax"),
}
CHECKED_STEPS = 5


class Missing(Exception):
    """A framework is not installed."""


@dataclass(frozen=True)
class Ready:
    """What a worker says once it has taken its first steps.

    Attributes
    ----------
    start_seconds : float
        Time to draw and build, imports excluded.
    loss : float
        Training loss after ``CHECKED_STEPS`` steps.
    peak : float
        Peak memory until then beyond that of the imports, in megabytes.
    """

    start_seconds: float
    loss: float
    peak: float


class Worker:
    """A process that takes steps of one implementation when told to.

    Parameters
    ----------
    engine : {"gram", "weights", "pytorch", "jax"}
        The implementation.
    problem : Problem
        What to train.
    threads : int
        CPU threads; with 1 the process is also held to one core.

    Raises
    ------
    Missing
        If its framework is not installed.
    """

    def __init__(self, engine: str, problem: Problem, threads: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        arguments = (theirs, engine, problem, threads)
        self._process = context.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        theirs.close()  # so that a worker that dies is an end of file here
        answer = self._connection.recv()
        if not isinstance(answer, Ready):
            self._process.join()
            raise Missing(answer)
        self.ready = answer

    def seconds(self, steps: int) -> float:
        """Take steps; return the time of one."""
        self._connection.send(steps)
        return self._connection.recv() / steps

    def close(self) -> None:
        """End the process."""
        self._connection.send(0)
        self._process.join()


def _serve(connection: Connection, engine: str, problem: Problem, threads: int) -> None:
    if threads == 1 and hasattr(os, "sched_setaffinity"):
        # JAX has no documented way to be held to one thread; all are held alike
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    module, name = STARTS[engine]
    try:
        start = getattr(importlib.import_module(module), name)
    except ImportError:
        connection.send(f"{engine} is not installed, so it was not measured")
        return
    before, began = memory.resident(), time.perf_counter()
    descent = start(problem, SEED, threads)
    start_seconds = time.perf_counter() - began
    descent.take(CHECKED_STEPS)
    connection.send(Ready(start_seconds, descent.loss(), memory.peak() - before))
    while steps := connection.recv():
        descent.take(1)  # wakes threads and caches
        began = time.perf_counter()
        descent.take(steps)
        connection.send(time.perf_counter() - began)
