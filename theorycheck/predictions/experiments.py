"""The sharp predictions, each with a verdict of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

from sims import Problem
from theorycheck.notebook import Verdicts
from theorycheck.predictions import (
    escape_time,
    learnability,
    omega_drift,
    phase_boundary,
    race,
)
from theorycheck.predictions.escape_time import noise_experiment, signal_experiment
from theorycheck.predictions.learnability import learnability_experiment
from theorycheck.predictions.limit import Approach, Experiment, PredictionVerdict
from theorycheck.predictions.omega_drift import drift_experiment
from theorycheck.predictions.phase_boundary import around_boundary, boundary_experiment
from theorycheck.predictions.race import race_experiment
from theorycheck.running.tasks import open_pool, run_tasks, seed_list

SEEDS = 12
STATEMENTS = {
    escape_time.SIGNAL: escape_time.SIGNAL_STATEMENT,
    escape_time.NOISE: escape_time.NOISE_STATEMENT,
    **{one.PREDICTION: one.STATEMENT for one in (learnability, race, phase_boundary, omega_drift)},
}


SIGMA_0S = (1e-4, 1e-6, 1e-8)


KEPT = (1e6, 1e9, 1e12)
RUNS = 40
FEWER = 8  # seeds where a run is dearer; a median needs as many for an interval
RTOL = 1e-6
RACES = 24
WIDE = {"d": 10**12, "sigma_0": 1e-4}
# isotropic or not, dense or pruned; d is large, so that samples do not disturb each other
RACING: tuple[tuple[float, dict[str, Any]], ...] = (
    (1.0, {"n": 4, "m": 20, **WIDE}),
    (1.0, {"n": 5, "m": 10, "K": 3, "noise": "isotropic", **WIDE}),
    (0.8, {"n": 4, "m": 6, **WIDE}),
)


def verify_predictions(
    seeds: int | Sequence[int] = SEEDS, *, workers: int = 1, progress: bool = False
) -> Verdicts[PredictionVerdict]:
    """Check every sharp prediction in a form small enough to be run at once.

    Parameters
    ----------
    seeds : int or sequence of int, default 12
        Seeds of the escape times and of the omega drift.
    workers : int, default 1
        Processes, as in :func:`theorycheck.verify`.
    progress : bool, default False
        Show a progress bar on standard error.

    Returns
    -------
    Verdicts of PredictionVerdict
        A list with ``to_frame()``: escape-time, escape-time-noise, learnability, race,
        phase-boundary, omega-drift.

    Raises
    ------
    ValueError
        If an argument is outside its domain.
    """
    experiments = small_experiments(seed_list(seeds))
    with open_pool(workers) as pool:
        return Verdicts(run_experiments(experiments, pool, progress))


def run_experiments(
    experiments: Sequence[Experiment],
    pool: Executor | None = None,
    progress: bool = False,
    title: str = "",
) -> list[PredictionVerdict]:
    """Run several experiments as one, and judge each; what two of them ask for is done once."""
    every = [task for one in experiments for heap in one.heaps for task in heap]
    tasks = list(dict.fromkeys(every))
    done = dict(zip(tasks, run_tasks(tasks, pool, progress, "predictions", title), strict=True))
    return [one.judge([[done[task] for task in heap] for heap in one.heaps]) for one in experiments]


def small_experiments(seeds: Sequence[int]) -> list[Experiment]:
    """Return the reduced experiment of every prediction."""
    settings = ((0.5, 4, 2), (0.2, 8, 2), (0.7, 3, 3))
    problems = [learnable_problem(*one, n=6, d=500, snr=6, sigma_0=0.3) for one in settings]
    signal = falling_sigma_0(SIGMA_0S, 1000, 6, 4, 2, 0.6)
    drifting = falling_sigma_0(SIGMA_0S, 1000, 6, 4, 2, 1.0)
    racing = [around_boundary(p, **sizes) for p, sizes in RACING]
    return [
        signal_experiment([signal], seeds, RTOL),
        noise_experiment([growing_kept(KEPT, 4, 2, 2, 0.5)], seeds[:FEWER], 10 * RTOL),
        learnability_experiment(problems, RUNS),
        race_experiment(racing, range(RACES)),
        boundary_experiment(racing, range(RACES)),
        drift_experiment([drifting], seeds[: FEWER + 2]),
    ]


def falling_sigma_0(
    sigma_0s: Sequence[float], d: int, n: int, m: int, K: int, p: float,
    noise: str = "orthogonal", engine: str = "flow",
) -> Approach:  # fmt: skip
    """Return the theorem regime with sigma_0 falling."""
    regime = Problem.theorem_regime(d, n, m, K, p, noise=noise)
    problems = tuple(replace(regime, sigma_0=sigma_0) for sigma_0 in sigma_0s)
    setting = f"{noise}, d = {d:g}, n = {n}, m = {m}, K = {K}, p = {p:g}"
    return Approach(setting, tuple(sigma_0s), problems, engine)


def growing_kept(
    kept: Sequence[float], n: int, m: int, K: int, p: float, snr: float = 0.02
) -> Approach:
    """Return problems whose noise is loud, with p d growing; a dense noise has norm 1."""
    problems = tuple(
        Problem(d, n, m, K, p, snr, 1 / math.sqrt(d), 1e-8, 1.0)
        for d in (round(size / p) for size in kept)
    )
    setting = f"isotropic, SNR {snr:g}, n = {n}, m = {m}, K = {K}, p = {p:g}"
    return Approach(setting, tuple(kept), problems, "gram-law")


def learnable_problem(
    p: float, m: int, K: int, *, n: int = 12, d: int = 1000, snr: float = 10.0,
    sigma_0: float = 1e-2, noise: str = "orthogonal",
) -> Problem:  # fmt: skip
    """Return a problem at high SNR, where only the draw decides whether a class learns."""
    return Problem(d, n, m, K, p, 1.0, 1 / (snr * math.sqrt(d)), sigma_0, 0.5, noise=noise)
