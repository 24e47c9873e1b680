"""Runs with all their defaults settled, trained in stacks or, by the weights, one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple

from threadpoolctl import ThreadpoolController, threadpool_limits

from sims import gram, gram_law
from sims.arrays import Floats
from sims.data import draw_dataset, draw_network
from sims.descent import Ending, descend
from sims.draw import Bits, Draw, blocks
from sims.draw_sums import DrawSums
from sims.engines import settle
from sims.flow import FlowSettings
from sims.masks import kept_bits
from sims.problem import Problem
from sims.recorder import Recorder
from sims.rows import Report, Start
from sims.stack import train
from sims.system import CoefficientSystem
from sims.trajectory import Trajectory
from sims.weights import WeightDescent

STACK_BYTES = 5e6  # Gram matrices of one stack: larger ones leave the caches
STACK_SIZE = 100  # places of a stack at most


class Job(NamedTuple):
    """A run with all its defaults settled."""

    problem: Problem
    seed: int
    engine: str
    target_loss: float
    max_steps: float
    leaps: bool
    rtol: float
    mask: Bits | None = None  # that was given

    def shape(self) -> tuple[object, ...]:
        """Return what runs must have in common to share a stack."""
        return (*shape(self.problem), self.rtol)


def shape(problem: Problem) -> tuple[object, ...]:
    """Return what problems must have in common for their runs to share a stack."""
    return problem.K, problem.m, problem.n, problem.q, problem.p == 1.0


def settled(
    problem: Problem, seed: int, engine: str, target_loss: float, max_steps: float | None,
    rtol: float,
) -> Job:  # fmt: skip
    """Settle the defaults of a run."""
    taken, last, leaps = settle(problem, engine, max_steps)
    return Job(problem, int(seed), taken, float(target_loss), last, leaps, float(rtol))


def places(problem: Problem, engine: str = "auto") -> int:
    """Return how many runs of a problem's shape fit into one stack; with ``weights`` one."""
    if settle(problem, engine, None)[0] == "weights":
        return 1
    neurons = 1 if problem.p == 1.0 else problem.K * problem.m
    gram_bytes = 8 * neurons * (problem.K + problem.n) ** 2
    return int(min(max(STACK_BYTES // gram_bytes, 1), STACK_SIZE))


def train_stack(
    jobs: Sequence[Job],
    memory: float = 0.0,
    threads: int = 1,
    report: Report | None = None,
) -> Iterator[tuple[int, Trajectory]]:
    """Train runs of one shape in a stack; hand out each, with its number, when it has ended."""
    waiting = iter(enumerate(jobs))

    def supply(many: int) -> list[Start]:
        return [
            Start(number, _system(job, memory), job.leaps, job.target_loss, job.max_steps)
            for number, job in islice(waiting, many)
        ]

    first = jobs[0]
    size = min(places(first.problem, first.engine), len(jobs))
    trained = train(size, supply, FlowSettings(first.rtol), report)
    blas = ThreadpoolController()
    while True:
        with blas.limit(limits=threads, user_api="blas"):
            ended = next(trained, None)
        if ended is None:
            return
        yield ended.number, _trajectory(jobs[ended.number], *ended[1:], threads)


def _system(job: Job, memory: float) -> CoefficientSystem:
    if job.engine == "gram-law":
        return gram_law.build(job.problem, job.seed)
    return gram.build(job.problem, job.seed, memory, job.mask)


def train_weights(
    job: Job, memory: float, threads: int, report: Callable[[float, float], None]
) -> Trajectory:
    """Train with the engine ``weights``."""
    problem, seed, recorder = job.problem, job.seed, Recorder()
    target = job.target_loss if job.target_loss > 0 else -math.inf  # that rounds to 0 is no target
    with _threads(threads) as workers:
        bits = kept_bits(problem, seed, job.mask)
        sums = DrawSums(problem, seed, bits)
        for block in blocks(problem, seed, memory, bits):
            sums.add(block)
        weights, mask = draw_network(problem, seed, bits)
        data = draw_dataset(problem, seed)
        state = WeightDescent(sums.total(), data, weights, mask, workers)
        ending = descend(state, recorder, target, job.max_steps, report)
        if ending.status != "diverged":
            loss = state.loss()
            recorder.record(ending.step, loss, state.gradient_norm2(), state.coefficients())
        elif ending.step == 0:  # nothing was recorded
            recorder.record(0.0, math.inf, math.nan, state.coefficients())
    return _trajectory(job, state.draw, ending, recorder.arrays(), threads)


def _trajectory(
    job: Job, draw: Draw, ending: Ending, recorded: dict[str, Floats], threads: int
) -> Trajectory:
    return Trajectory(
        draw,
        job.engine,
        job.target_loss,
        ending.status,
        ending.reason,
        time_error=ending.time_error,
        threads=threads,
        **recorded,
    )


@contextmanager
def _threads(threads: int) -> Iterator[Executor | None]:
    """Give the threads of engine ``weights`` to whole slabs of weights, or the one to BLAS."""
    with threadpool_limits(1, user_api="blas"):
        if threads == 1:
            yield None
            return
        with ThreadPoolExecutor(threads) as workers:
            yield workers
