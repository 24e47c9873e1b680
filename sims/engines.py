"""Which engine a run takes, when it ends by default, and what its arguments may be."""

from __future__ import annotations

import math

from sims.arguments import check_count, check_number
from sims.problem import Problem

ENGINES = ("auto", "weights", "gram", "flow", "gram-law")
EXACT_STEPS = 1e6  # default max_steps of exact engines
FLOW_STEPS = 1e22  # default max_steps of the flow
LONG_RUN = 2e3  # expected steps from which the flow is worth it
LARGEST_GRAM = 4e9  # bytes of Gram matrices beyond which `auto` keeps to the weights


def settle(problem: Problem, engine: str, max_steps: float | None) -> tuple[str, float, bool]:
    """Return what :func:`sims.simulate` makes of its defaults.

    Parameters
    ----------
    problem, engine, max_steps
        As in :func:`sims.simulate`.

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


def check_arguments(
    problem: Problem,
    seed: int,
    engine: str,
    target_loss: float,
    max_steps: float | None,
    rtol: float,
    memory: float,
    threads: int,
    masked: bool = False,
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
    if problem.pruning == "given" and not masked:
        raise ValueError("pruning 'given' needs a mask, which sims.simulate alone takes")
    if engine == "gram-law" and (masked or (problem.pruning != "random" and problem.p < 1)):
        chosen = "a given mask" if masked else f"pruning {problem.pruning!r}"
        raise ValueError(
            f"engine 'gram-law' draws no weights to choose among and must be another for {chosen}, "
            f"got 'gram-law'"
        )
    check_number("target_loss", target_loss, 0.0, math.inf)
    check_number("max_steps", 0 if max_steps is None else max_steps, 0.0, 1e30)
    check_number("memory", memory, 0.0, math.inf)
    check_number("rtol", rtol, 1e-10, 0.1)
