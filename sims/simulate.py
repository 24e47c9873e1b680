"""The front door: one problem and one seed in, one trajectory out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType

from threadpoolctl import threadpool_limits

from sims import gram_law
from sims.checks import check_count, check_number
from sims.data import draw_dataset, draw_network
from sims.descent import descend
from sims.draw import DrawSums, blocks
from sims.flow import FlowSettings, follow
from sims.gram import GramDescent, build
from sims.memory import check_memory
from sims.problem import Problem
from sims.recorder import Recorder
from sims.trajectory import Trajectory
from sims.weights import WeightDescent

RESULT_VERSION = 2  # to be raised by every change that alters a bit of any run's results
ENGINES = ("auto", "weights", "gram", "flow", "gram-law")
TARGET_LOSS = 0.05  # default target_loss
EXACT_STEPS = 1e6  # default max_steps of exact engines
FLOW_STEPS = 1e22  # default max_steps of the flow
LONG_RUN = 2e3  # expected steps from which the flow is worth it
LARGEST_GRAM = 4e9  # bytes of Gram matrices beyond which `auto` keeps to the weights


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
    seed, threads, target_loss = int(seed), int(threads), float(target_loss)
    goal = target_loss if target_loss > 0 else -math.inf  # a loss that rounds to 0 is no target
    engine, max_steps, leaps = settle(problem, engine, max_steps)
    check_memory(problem, engine)
    recorder = Recorder()
    with _threads(engine, threads) as workers, _Progress(progress) as report:
        state = _start(problem, seed, engine, memory, workers)
        if isinstance(state, GramDescent) and leaps:
            settings = FlowSettings(rtol)
            ending = follow(state, recorder, goal, max_steps, settings, report)
        else:
            ending = descend(state, recorder, goal, max_steps, report)
        if ending.status != "diverged":
            loss = state.loss()
            recorder.record(ending.step, loss, state.gradient_norm2(), state.coefficients())
        elif ending.step == 0:  # nothing was recorded
            recorder.record(0.0, math.inf, math.nan, state.coefficients())
    return Trajectory(
        state.draw,
        engine,
        target_loss,
        ending.status,
        ending.reason,
        time_error=ending.time_error,
        threads=threads,
        **recorder.arrays(),
    )


def settle(problem: Problem, engine: str, max_steps: float | None) -> tuple[str, float, bool]:
    """Return what :func:`simulate` makes of its defaults.

    Parameters
    ----------
    problem, engine, max_steps
        As in :func:`simulate`.

    Returns
    -------
    engine : str
        The engine, never "auto".
    max_steps : float
        The last step.
    leaps : bool
        Whether the run follows the flow, which alone feels ``rtol``.
    """
    if engine == "auto":
        engine = choose_engine(problem)
    leaps = engine == "flow" or (engine == "gram-law" and is_long(problem))
    if max_steps is None:
        max_steps = FLOW_STEPS if leaps else EXACT_STEPS
    return engine, float(max_steps), leaps


def choose_engine(problem: Problem) -> str:
    """Choose an engine by the parameters alone, never by the draw or the machine.

    Parameters
    ----------
    problem : Problem
        The parameters.

    Returns
    -------
    str
        "flow" where training is expected to be long, else the cheaper of "gram" and "weights".
    """
    n, m, K, d = problem.n, problem.m, problem.K, problem.d
    gram_entries = K * m * (n + K) ** 2
    if 8.0 * gram_entries > LARGEST_GRAM:
        return "weights"
    if is_long(problem):
        return "flow"
    # a step costs one pass over the Gram matrices, or four over weights times samples
    return "gram" if gram_entries < 4 * K * m * d * n else "weights"


def is_long(problem: Problem) -> bool:
    """Tell whether training is expected to take so many steps that leaping pays."""
    return problem.q >= 2 and expected_steps(problem) > LONG_RUN


def expected_steps(problem: Problem) -> float:
    """Estimate how many steps the slower of signal and noise takes to grow, for ``q >= 2``.

    The leading order of Theory, section 7 (growth phase), from a typical start.
    """
    q, kept = problem.q, problem.p * problem.d
    own_class = problem.eta * q * (1 - 1 / problem.K)
    signal_rate = own_class * problem.mu**2 / problem.K
    noise_rate = own_class * problem.sigma_n**2 * kept / problem.n
    signal_start = problem.sigma_0 * problem.mu
    noise_start = problem.sigma_0 * problem.sigma_n * math.sqrt(kept)
    times = []
    for rate, start in ((signal_rate, signal_start), (noise_rate, noise_start)):
        if start >= 1:
            times.append(1 / rate)
        elif q == 2:
            times.append(-math.log(start) / rate)
        else:
            times.append((start ** (2 - q) - 1) / ((q - 2) * rate))
    return max(times)


@contextmanager
def _threads(engine: str, threads: int) -> Iterator[Executor | None]:
    """Give the threads of a run to BLAS, or in engine ``weights`` to whole slabs of weights."""
    slabs = engine == "weights" and threads > 1
    with threadpool_limits(1 if slabs else threads, user_api="blas"):
        if not slabs:
            yield None
            return
        with ThreadPoolExecutor(threads) as workers:
            yield workers


def _start(
    problem: Problem, seed: int, engine: str, memory: float, workers: Executor | None
) -> WeightDescent | GramDescent:
    if engine == "gram-law":
        return GramDescent(gram_law.build(problem, seed))
    if engine != "weights":
        return GramDescent(build(problem, seed, memory))
    sums = DrawSums(problem, seed)
    for block in blocks(problem, seed, memory):
        sums.add(block)
    weights, mask = draw_network(problem, seed)
    data = draw_dataset(problem, seed)
    return WeightDescent(sums.total(), data, weights, mask, workers)


def check_arguments(
    problem: Problem,
    seed: int,
    engine: str,
    target_loss: float,
    max_steps: float | None,
    rtol: float,
    memory: float,
    threads: int,
) -> None:
    """Raise a ValueError with one sentence about the first argument outside its domain."""
    if not isinstance(problem, Problem):
        raise ValueError(f"problem must be a sims.Problem, got {problem!r}")
    check_count("seed", seed, 0)
    check_count("threads", threads, 1)
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {engine!r}")
    if engine == "flow" and problem.q < 2:
        raise ValueError(
            f"engine 'flow' needs q >= 2, got q = {problem.q!r}; use 'gram' or 'weights'"
        )
    check_number("target_loss", target_loss, 0.0, math.inf)
    check_number("max_steps", 0 if max_steps is None else max_steps, 0.0, 1e30)
    check_number("memory", memory, 0.0, math.inf)
    check_number("rtol", rtol, 1e-10, 0.1)


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
