"""Where claim `no-noise` starts to hold: the table at the end of the theory, with intervals.

Runs of engine ``gram-law`` in the theorem regime, isotropic noise. Labels are i.i.d.; the runs kept
are those in the theorem's event, decided from the draw alone; how many of them reached the target
loss is written down. Each is set beside the omega drift that is predicted from its own draw. A seed
is the same along d, so the cells of a row are paired, not independent.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evidence.record import write
from sims import Problem, simulate
from theorycheck.judging.quantities import in_mild_event, predict_omega
from theorycheck.running.tasks import open_pool

CELLS = ((6, 10, 1.0), (5, 16, 1.0), (6, 10, 0.7))
SIZES = (10**3, 10**4, 10**5, 10**6, 10**7)
RUNS = 64
MOST_SEEDS = 400


def one_run(d: int, n: int, m: int, p: float, seed: int) -> tuple[float, float, bool] | None:
    """Return max|omega| and its prediction, over the bound; None outside the event."""
    problem = Problem.theorem_regime(d, n, m, 2, p)
    run = simulate(problem, seed, "gram-law")
    if not in_mild_event(run.event):
        return None
    bound = problem.sigma_0 * problem.sigma_n * math.sqrt(p * d)
    measured = float(np.abs(run.omega[-1]).max()) / bound
    return measured, predict_omega(run) / bound, run.status == "reached"


def cell(d: int, m: int, n: int, p: float) -> dict[str, Any]:
    """Run one cell until it has enough runs."""
    kept: list[tuple[float, float, bool]] = []
    for seed in range(MOST_SEEDS):
        found = one_run(d, n, m, p, seed)
        if found is not None:
            kept.append(found)
        if len(kept) == RUNS:
            break
    measured, predicted, reached = (np.array(column) for column in zip(*kept, strict=True))
    ratios = measured / predicted
    rng = np.random.default_rng(0)
    samples = measured[rng.integers(len(kept), size=(4000, len(kept)))]
    return {
        "m": m,
        "n": n,
        "p": p,
        "d": d,
        "runs": len(kept),
        "reached": int(reached.sum()),
        "seeds": f"0 to {seed}",
        "median": float(np.median(measured)),
        "median interval 99 %": _interval(np.median(samples, axis=1)),
        "quantile 0.9": float(np.quantile(measured, 0.9)),
        "quantile 0.9 interval 99 %": _interval(np.quantile(samples, 0.9, axis=1)),
        "measured/predicted median": float(np.median(ratios)),
        "within 30 %": float(np.mean(np.abs(ratios - 1) < 0.3)),
        "ratios 5 % and 95 %": [float(x) for x in np.quantile(ratios, [0.05, 0.95])],
    }


def _interval(values: Any) -> list[float]:
    return [float(x) for x in np.quantile(values, [0.005, 0.995])]


def main() -> None:
    """Run every cell and write the table."""
    jobs = [(d, m, n, p) for m, n, p in CELLS for d in SIZES]
    with open_pool(2) as workers:
        cells = list(workers.map(cell, *zip(*jobs, strict=True)))
    write("claim4", {"cells": cells})


if __name__ == "__main__":
    main()
