"""The front door: problems and seeds in, trajectories out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from types import TracebackType
from typing import NamedTuple

from threadpoolctl import ThreadpoolController, threadpool_limits

from sims import gram, gram_law
from sims.arrays import Floats
from sims.data import draw_dataset, draw_network
from sims.descent import Ending, WeightDescent, descend
from sims.draw import Draw, DrawSums, blocks
from sims.engines import check_arguments, settle
from sims.flow import FlowSettings
from sims.memory import check_memory
from sims.problem import Problem
from sims.rows import Report, Start
from sims.stack import train
from sims.system import CoefficientSystem
from sims.trajectory import Recorder, Trajectory

RESULT_VERSION = 3  # to be raised by every change that alters a bit of any run's results
STACK_BYTES = 2e7  # Gram matrices of one stack: larger ones leave the caches
STACK_SIZE = 100  # places of a stack at most


def simulate(
    problem: Problem,
    seed: int = 0,
    engine: str = "auto",
    target_loss: float = 0.05,
    *,
    max_steps: float | None = None,
    rtol: float = 1e-5,
    memory: float = 100.0,
    threads: int = 1,
    progress: bool = False,
) -> Trajectory:
    r"""Train one pruned network by full-batch gradient descent.

    Parameters
    ----------
    problem : Problem
        The parameters.
    seed : int, default 0
        Decides labels, noise, weights and masks, each through a stream of its own.
    engine : {"auto", "weights", "gram", "flow", "gram-law"}, default "auto"
        "weights" is plain descent on the weights; "gram" the same descent in coefficient space;
        "flow" leaps over many steps at once where one step is tiny (``q >= 2``) and is exact
        elsewhere; "gram-law" draws the Gram matrices from their law, at any d, and trains as
        "flow" or "gram" would. "auto" decides by the problem alone between the first three;
        ``Trajectory.engine`` says what it took.
    target_loss : float, default 0.05
        epsilon: stop at the first step with training loss at most this. 0 never stops early.
    max_steps : float, optional
        Stop after so many steps; by default 10^6 for exact engines and 10^22 for the flow.
    rtol : float, default 1e-5
        The relative error of step counts that leaping may cause. A smaller one hands more of the
        way over to exact descent.
    memory : float, default 100
        Megabytes for coordinates that a second thread draws ahead. Never changes a bit of a result.
    threads : int, default 1
        Threads inside the run, of BLAS or (engine "weights") over the coordinates. More than one
        of BLAS may change the last bits of a result; the number is part of the run's identity.
    progress : bool, default False
        Show a progress bar on standard error.

    Returns
    -------
    Trajectory
        What was recorded, and how the run ended.

    Raises
    ------
    ValueError
        If an argument is outside its domain, or the problem does not fit into memory.
    """
    check_arguments(problem, seed, engine, target_loss, max_steps, rtol, memory, threads)
    job = _job(problem, int(seed), engine, float(target_loss), max_steps)
    check_memory(problem, job.engine)
    with _Progress(progress) as show:
        if job.engine == "weights":
            return _train_weights(job, memory, int(threads), show)
        report = (lambda times, losses: show(times[0], losses[0])) if progress else None
        ((_, run),) = _train_stack([job], rtol, memory, int(threads), report)
    return run


def simulate_many(
    problems: Sequence[Problem],
    seeds: Sequence[int],
    target_loss: float = 0.05,
    *,
    max_steps: float | None = None,
    engine: str = "auto",
    rtol: float = 1e-5,
) -> list[Trajectory]:
    """Train many networks, one for each pair of problem and seed.

    Parameters
    ----------
    problems : sequence of Problem
        What to run.
    seeds : sequence of int
        One seed for each problem.
    target_loss, max_steps, engine, rtol
        As in :func:`sims.simulate`.

    Returns
    -------
    list of Trajectory
        The runs, in order, equal to those of :func:`sims.simulate` to the bit.

    Raises
    ------
    ValueError
        If an argument is outside its domain, or the two sequences differ in length.
    """
    runs = dict(
        stream_many(problems, seeds, target_loss, max_steps=max_steps, engine=engine, rtol=rtol)
    )
    return [runs[index] for index in range(len(problems))]


def stream_many(
    problems: Sequence[Problem],
    seeds: Sequence[int],
    target_loss: float = 0.05,
    *,
    max_steps: float | None = None,
    engine: str = "auto",
    rtol: float = 1e-5,
) -> Iterator[tuple[int, Trajectory]]:
    """Train many networks like :func:`simulate_many`, and hand out each run when it has ended.

    Parameters
    ----------
    problems, seeds, target_loss, max_steps, engine, rtol
        As in :func:`simulate_many`.

    Returns
    -------
    iterator of (int, Trajectory)
        Which run it is, counted from 0, and the run.

    Raises
    ------
    ValueError
        As :func:`simulate_many`, before any work starts.
    """
    if len(problems) != len(seeds):
        raise ValueError(f"seeds must be as many as problems, {len(problems)}, got {len(seeds)}")
    jobs = []
    for problem, seed in zip(problems, seeds, strict=True):
        check_arguments(problem, seed, engine, target_loss, max_steps, rtol, 0.0, 1)
        jobs.append(_job(problem, int(seed), engine, float(target_loss), max_steps))
    for problem, taken in {(job.problem, job.engine) for job in jobs}:
        check_memory(problem, taken)
    return _stream(jobs, rtol)


class Job(NamedTuple):
    """A run with all its defaults settled."""

    problem: Problem
    seed: int
    engine: str
    target_loss: float
    max_steps: float
    leaps: bool

    def shape(self) -> tuple[object, ...]:
        """Return what runs must have in common to share a stack."""
        problem = self.problem
        return problem.K, problem.m, problem.n, problem.q, problem.p == 1.0


def _job(
    problem: Problem, seed: int, engine: str, target_loss: float, max_steps: float | None
) -> Job:
    taken, last, leaps = settle(problem, engine, max_steps)
    return Job(problem, seed, taken, target_loss, last, leaps)


def _stream(jobs: list[Job], rtol: float) -> Iterator[tuple[int, Trajectory]]:
    alike: dict[tuple[object, ...], list[int]] = {}
    for index, job in enumerate(jobs):
        if job.engine == "weights":
            yield index, _train_weights(job, 0.0, 1, lambda step, loss: None)
        else:
            alike.setdefault(job.shape(), []).append(index)
    for members in alike.values():
        for place, run in _train_stack([jobs[index] for index in members], rtol):
            yield members[place], run


def stack_size(problem: Problem) -> int:
    """Return how many runs of a shape are stacked at most."""
    vectors = problem.K + problem.n
    neurons = 1 if problem.p == 1.0 else problem.K * problem.m
    return int(min(max(STACK_BYTES // (8 * neurons * vectors**2), 1), STACK_SIZE))


def _train_stack(
    jobs: Sequence[Job],
    rtol: float,
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

    size = min(stack_size(jobs[0].problem), len(jobs))
    trained = train(size, supply, FlowSettings(rtol), report)
    blas = ThreadpoolController()
    while True:
        with blas.limit(limits=threads, user_api="blas"):
            ended = next(trained, None)
        if ended is None:
            return
        job, draw = jobs[ended.start.number], ended.start.system.draw
        yield (
            ended.start.number,
            _trajectory(job, draw, ended.ending, ended.recorded, threads),
        )


def _system(job: Job, memory: float) -> CoefficientSystem:
    if job.engine == "gram-law":
        return gram_law.build(job.problem, job.seed)
    return gram.build(job.problem, job.seed, memory)


def _train_weights(
    job: Job, memory: float, threads: int, report: Callable[[float, float], None]
) -> Trajectory:
    """Train with the engine ``weights``."""
    problem, seed, recorder = job.problem, job.seed, Recorder()
    target = job.target_loss if job.target_loss > 0 else -math.inf  # that rounds to 0 is no target
    with _threads(threads) as workers:
        sums = DrawSums(problem, seed)
        for block in blocks(problem, seed, memory):
            sums.add(block)
        weights, mask = draw_network(problem, seed)
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


class _Progress:
    """A progress bar over steps, on standard error; silent where it is not wanted."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted

    def __enter__(self) -> Callable[[float, float], None]:
        if not self._wanted:
            return lambda step, loss: None
        from tqdm import tqdm

        self._bar = tqdm(unit="step", unit_scale=True, desc="training")
        return self._show

    def _show(self, step: float, loss: float) -> None:
        self._bar.update(step - self._bar.n)
        self._bar.set_postfix(loss=f"{loss:.4g}", refresh=False)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._wanted:
            self._bar.close()
