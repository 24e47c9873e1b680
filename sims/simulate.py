"""The front door: problems and seeds in, trajectories out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TypeAlias, TypeVar

from sims.engines import check_arguments, settle
from sims.jobs import Job, places, settled, train_stack, train_weights
from sims.masks import Mask, given_bits
from sims.memory import check_memory
from sims.problem import Problem
from sims.trajectory import Trajectory

RESULT_VERSION = 4  # to be raised by every change that alters a bit of any run's results
TARGET_LOSS = 0.05  # default target_loss

T = TypeVar("T")
Each: TypeAlias = T | list[T] | tuple[T, ...]  # one value for all runs, or one for each


def simulate(
    problem: Problem,
    seed: int = 0,
    engine: str = "auto",
    target_loss: float = TARGET_LOSS,
    *,
    max_steps: float | None = None,
    rtol: float = 1e-5,
    memory: float = 100.0,
    threads: int = 1,
    progress: bool = False,
    mask: Mask | None = None,
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
    mask : (K, m, d) bool array, or a function, optional
        True where the weight is kept, in place of what ``pruning`` and p choose; or a function of
        the :class:`sims.DenseStart` that returns such an array. Not with "gram-law". p of the
        problem decides nothing then: that of the run is the share kept, its ``pruning`` is
        "given", and the mask is saved with the run.

    Returns
    -------
    Trajectory
        What was recorded, and how the run ended.

    Raises
    ------
    ValueError
        If an argument is outside its domain, or the problem does not fit into memory.
    """
    masked = mask is not None
    check_arguments(problem, seed, engine, target_loss, max_steps, rtol, memory, threads, masked)
    bits = None
    if mask is not None:
        asked = replace(problem, pruning="given")
        check_memory(asked, settle(asked, engine, max_steps)[0])
        problem, bits = given_bits(problem, int(seed), mask)
    job = settled(problem, seed, engine, target_loss, max_steps, rtol)._replace(mask=bits)
    check_memory(problem, job.engine)
    with _Progress(progress) as show:
        if job.engine == "weights":
            return train_weights(job, memory, int(threads), show)
        report = (lambda times, losses: show(times[0], losses[0])) if progress else None
        ((_, run),) = train_stack([job], memory, int(threads), report)
    return run


def simulate_many(
    problems: Sequence[Problem],
    seeds: Sequence[int],
    target_loss: Each[float] = TARGET_LOSS,
    *,
    max_steps: Each[float | None] = None,
    engine: Each[str] = "auto",
    rtol: Each[float] = 1e-5,
) -> list[Trajectory]:
    """Train many networks, one for each pair of problem and seed.

    Parameters
    ----------
    problems : sequence of Problem
        What to run.
    seeds : sequence of int
        One seed for each problem.
    target_loss, max_steps, engine, rtol
        As in :func:`sims.simulate`; one for all runs, or a list or tuple of one for each.

    Returns
    -------
    list of Trajectory
        The runs, in order, equal to those of :func:`sims.simulate` to the bit.

    Raises
    ------
    ValueError
        If an argument is outside its domain, or sequences differ in length.
    """
    runs = dict(
        stream_many(problems, seeds, target_loss, max_steps=max_steps, engine=engine, rtol=rtol)
    )
    return [runs[index] for index in range(len(problems))]


def stream_many(
    problems: Sequence[Problem],
    seeds: Sequence[int],
    target_loss: Each[float] = TARGET_LOSS,
    *,
    max_steps: Each[float | None] = None,
    engine: Each[str] = "auto",
    rtol: Each[float] = 1e-5,
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
    many = len(problems)
    if many != len(seeds):
        raise ValueError(f"seeds must be as many as problems, {many}, got {len(seeds)}")
    jobs = []
    options = zip(
        _each("engine", engine, many), _each("target_loss", target_loss, many),
        _each("max_steps", max_steps, many), _each("rtol", rtol, many), strict=True,
    )  # fmt: skip
    for problem, seed, own in zip(problems, seeds, options, strict=True):
        taken, target, last, tolerance = own
        check_arguments(problem, seed, taken, target, last, tolerance, 0.0, 1)
        jobs.append(settled(problem, seed, taken, target, last, tolerance))
    for members in _stacks(jobs):
        for problem, taken in {(jobs[index].problem, jobs[index].engine) for index in members}:
            size = min(places(problem, taken), len(members))
            check_memory(problem, taken, stacked=size)
    return _stream(jobs)


def _each(name: str, value: Each[T], many: int) -> Sequence[T]:
    """Return one value for each of many runs."""
    if not isinstance(value, list | tuple):
        return [value] * many
    if len(value) != many:
        raise ValueError(f"{name} must be one, or as many as problems, {many}, got {len(value)}")
    return value


def _stacks(jobs: list[Job]) -> list[list[int]]:
    """Return which runs are trained together; those of the engine ``weights`` are alone."""
    alike: dict[tuple[object, ...], list[int]] = {}
    for index, job in enumerate(jobs):
        alike.setdefault((index,) if job.engine == "weights" else job.shape(), []).append(index)
    return list(alike.values())


def _stream(jobs: list[Job]) -> Iterator[tuple[int, Trajectory]]:
    for members in _stacks(jobs):
        if jobs[members[0]].engine == "weights":
            yield members[0], train_weights(jobs[members[0]], 0.0, 1, lambda step, loss: None)
            continue
        for place, run in train_stack([jobs[index] for index in members]):
            yield members[place], run


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
