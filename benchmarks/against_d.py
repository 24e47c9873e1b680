"""Cost against the dimension, each engine over its range."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.own_descent import start_gram, start_weights
from benchmarks.per_step import summary
from benchmarks.plan import SEED, Plan
from sims import Problem, simulate

FIXED_STEPS = 1000  # for the engines that take one step at a time; a whole run has about 10^8
TIMED_STEPS = 5
NETWORK = {"n": 10, "m": 6, "K": 2}
REPEATS = 3


def measure(plan: Plan) -> list[dict[str, Any]]:
    """Time every engine at every dimension of its range, on one thread.

    Parameters
    ----------
    plan : Plan
        What to measure.

    Returns
    -------
    list of dict
        One row per engine, p and d.
    """
    ranges: dict[str, tuple[tuple[int, ...], Callable[[Problem], float]]] = {
        "weights": (plan.small_dimensions, _weights),
        "gram": (plan.small_dimensions, _gram),
        "flow": (plan.small_dimensions, lambda problem: _run(problem, "flow")),
        "gram-law": (plan.all_dimensions, lambda problem: _run(problem, "gram-law")),
    }
    rows = []
    for engine, (dimensions, seconds) in ranges.items():
        for p in (1.0, 0.5):
            problems = [Problem.theorem_regime(d, p=p, **NETWORK) for d in dimensions]
            seconds(problems[0])  # the first call pays for imports
            rounds = [[seconds(problem) for problem in problems] for _ in range(REPEATS)]
            for problem, times in zip(problems, zip(*rounds, strict=True), strict=True):
                row = {"engine": engine, "p": p, "d": problem.d, "what": WHAT[engine]}
                rows.append({**row, **summary(list(times))})
    return rows


WHAT = {
    "weights": f"{FIXED_STEPS} steps, from the time of {TIMED_STEPS}",
    "gram": f"building and {FIXED_STEPS} steps",
    "flow": "whole run to loss 0.05",
    "gram-law": "whole run to loss 0.05",
}


def _weights(problem: Problem) -> float:
    descent = start_weights(problem, SEED, threads=1)
    descent.take(1)
    began = time.perf_counter()
    descent.take(TIMED_STEPS)
    return (time.perf_counter() - began) * FIXED_STEPS / TIMED_STEPS


def _gram(problem: Problem) -> float:
    began = time.perf_counter()
    start_gram(problem, SEED, threads=1).take(FIXED_STEPS)
    return time.perf_counter() - began


def _run(problem: Problem, engine: str) -> float:
    began = time.perf_counter()
    run = simulate(problem, SEED, engine, target_loss=0.05, threads=1)
    seconds = time.perf_counter() - began
    if run.status != "reached":
        raise RuntimeError(f"{engine} at d = {problem.d} did not train: {run.reason}")
    return seconds
