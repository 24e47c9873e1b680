"""Where claim `no-noise` is seen to start to hold, against where the omega drift puts it.

Families along d in the theorem regime, four sizes a decade and at least 64 seeds in the event,
engine ``gram-law``; the verdict is the checker's own. Its `holds_from` of medians is set beside the
size from which the median of the predictions, made from the same draws and the measured gamma,
stays within the bound.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import bounds
from evidence.record import write
from sims import Problem
from theorycheck.commands.courses import family_tasks
from theorycheck.judging import slopes
from theorycheck.judging.family import Family, engine_for
from theorycheck.judging.judge import judge_theorem
from theorycheck.judging.observation import Observation
from theorycheck.judging.table import log_bound
from theorycheck.running.tasks import open_pool, run_heaps

# (m, n, p, K, noise, decades of d, seeds drawn): enough seeds for 64 in the event
CELLS = (
    (6, 10, 1.0, 2, "isotropic", (4, 7.5), 70),
    (5, 16, 1.0, 2, "isotropic", (4, 7.5), 74),
    (6, 10, 0.7, 2, "isotropic", (4, 7.5), 84),
    (4, 12, 1.0, 2, "isotropic", (4, 7.5), 84),
    (4, 18, 1.0, 3, "isotropic", (4, 7.5), 88),
    (6, 10, 1.0, 2, "orthogonal", (2, 4.5), 70),
)
PER_DECADE = 4


def family(m: int, n: int, p: float, K: int, noise: str, decades: tuple[float, float]) -> Family:
    """Return the path along d."""
    low, high = decades
    sizes = [round(x) for x in np.logspace(low, high, round((high - low) * PER_DECADE) + 1)]
    problems = tuple(Problem.theorem_regime(d, n, m, K, p, noise=noise) for d in sizes)
    return Family("d", problems, "n, m, K, p fixed; sigma_n tied to d")


def predicted_start(path: Family, runs: list[Observation]) -> float | None:
    """Return the size from which the median prediction stays within the bound."""
    claim = bounds.THEOREMS["mild-pruning"].claims["no-noise"]
    medians = []
    for problem in path.problems:
        here = [one for one in runs if one.problem == problem and one.in_event]
        excess = [np.log(one.predicted_omega) - log_bound(claim, problem, one.epsilon)
                  for one in here]  # fmt: skip
        medians.append(float(np.median(excess)))
    return slopes.holds_from([path.size(one) for one in path.problems], np.array(medians))


def cell(found: list[Observation], path: Family, settings: tuple[Any, ...]) -> dict[str, Any]:
    """Judge one family and set it beside the prediction."""
    theorem = bounds.THEOREMS["mild-pruning"]
    verdicts = judge_theorem(theorem, path, found)
    (verdict,) = [one for one in verdicts if one.claim == "no-noise"]
    inside = [one for one in found if one.in_event]
    predicted = predicted_start(path, found)
    ratios = np.array([one.omega / one.predicted_omega for one in inside])
    m, n, p, K, noise, _, seeds = settings
    measured = verdict.start.median
    return {
        "m": m, "n": n, "p": p, "K": K, "noise": noise, "seeds": seeds,
        "least runs at a size": min(size.in_event for size in verdict.sizes),
        "outcome": verdict.outcome,
        "holds_from": measured,
        "holds_from 0.9 quantile": verdict.start.quantile,
        "predicted": predicted,
        "measured/predicted": measured / predicted if measured and predicted else None,
        "ratio run by run, median": float(np.median(ratios)),
        "ratio run by run, within 30 %": float(np.mean(np.abs(ratios - 1) < 0.3)),
        "slope": verdict.slope.median,
        "slope interval": [verdict.slope.low, verdict.slope.high],
        "tolerated": verdict.tolerated_slope,
    }  # fmt: skip


def main() -> None:
    """Run every family and write the table."""
    paths = [family(*settings[:-1]) for settings in CELLS]
    heaps = [
        family_tasks("mild-pruning", path, range(settings[-1]), 0.05, engine_for(path, "gram-law"))
        for path, settings in zip(paths, CELLS, strict=True)
    ]
    with open_pool(2) as pool:
        done = run_heaps(heaps, pool, progress=True)
    rows = [cell(*one) for one in zip(done, paths, CELLS, strict=True)]
    write("starts", {"cells": rows})


if __name__ == "__main__":
    main()
