"""Whole runs in the regime of the theorems: leaping, against what PyTorch's steps would take."""

from __future__ import annotations

import math
import time
from contextlib import closing
from typing import Any

from benchmarks.per_step import interleaved, summary
from benchmarks.plan import SEED, Plan
from benchmarks.worker import Missing, Worker
from sims import Problem, simulate


def measure(plan: Plan, missing: set[str]) -> list[dict[str, Any]]:
    """Time runs of ``flow`` to the target loss, building included, on one thread.

    PyTorch gets as many threads as there are, and only its step is measured: its run is steps
    times that, an extrapolation.

    Parameters
    ----------
    plan : Plan
        What to measure.
    missing : set of str
        A sentence is added where PyTorch is not installed.

    Returns
    -------
    list of dict
        One row per run.
    """
    K, m, d, n = plan.run_size
    keeps = {"mild pruning": 0.5, "over-pruned": 1 / (K * m * math.log(d))}
    return [
        _row(plan, name, Problem.theorem_regime(d, n, m, K, p), missing)
        for name, p in keeps.items()
    ]


def _row(plan: Plan, name: str, problem: Problem, missing: set[str]) -> dict[str, Any]:
    times = []
    for _ in range(min(plan.repeats, 3)):
        began = time.perf_counter()
        run = simulate(problem, SEED, "flow", threads=1)
        times.append(time.perf_counter() - began)
    row: dict[str, Any] = {
        "run": name,
        "p": problem.p,
        "status": run.status,
        "steps": float(run.steps[-1]),
        "loss": float(run.loss[-1]),
        "flow": {"threads": 1, **summary(times)},
    }
    threads = max(plan.threads)
    try:
        worker = Worker("pytorch", problem, threads)
    except Missing as sentence:
        missing.add(str(sentence))
        return row
    with closing(worker):
        step = interleaved({"pytorch": worker}, plan.repeats, plan.seconds)["pytorch"]
    row["pytorch_step"] = {"threads": threads, **summary(step)}
    row["pytorch_run_extrapolated"] = row["steps"] * row["pytorch_step"]["seconds"]
    return row
