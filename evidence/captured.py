"""`captured`: which samples of an over-pruned network get memorized, decided by the draw.

Over-pruned networks whose own signals are all gone, drawn with the Gram matrices of their noises
and trained to a loss at which no sample can be left: sample by sample, and draw by draw, what the
event says beside what is memorized, and the same for the event `memorizable`, which asks for a
positive start alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import bounds
from bounds.omega import LEARNED
from evidence.record import write
from sims import Problem, Trajectory, stream_many
from sims.arrays import Booleans
from theorycheck.judging.siblings.quantities import memorized
from theorycheck.predictions.learnability import target_loss
from theorycheck.predictions.race import exact_interval

# d, n, m, K, and the factor on the sigma_0 of the theorem regime, how many seeds
SETTINGS: tuple[tuple[int, int, int, int, float, int], ...] = (
    (10**4, 10, 6, 2, 1.0, 150),
    (10**6, 10, 6, 2, 1.0, 150),
    (10**8, 10, 6, 2, 1.0, 150),
    (10**10, 10, 6, 2, 1.0, 150),
    (10**12, 10, 6, 2, 1.0, 150),
    (10**15, 10, 6, 2, 1.0, 150),
    (10**15, 10, 6, 2, 10.0, 150),
    (10**4, 10, 3, 2, 1.0, 100),
    (10**8, 10, 3, 2, 1.0, 100),
    (10**12, 10, 3, 2, 1.0, 100),
    (10**12, 10, 3, 2, 100.0, 100),
    (10**8, 12, 4, 3, 1.0, 100),
    (10**6, 10, 20, 2, 1.0, 40),
    (10**8, 10, 20, 2, 1.0, 40),
)


def over_pruned(d: int, n: int, m: int, K: int, factor: float) -> Problem:
    """Return the over-pruned problem of the theorem regime, sigma_0 times a factor."""
    problem = Problem.theorem_regime(d, n, m, K, bounds.over_pruning_p(d, m, K))
    return replace(problem, sigma_0=factor * problem.sigma_0)


def compare(said: Sequence[Booleans], seen: Sequence[Booleans]) -> dict[str, Any]:
    """Count samples and draws by what an event says and what was memorized."""
    pairs = [
        [pair for a, b in zip(said, seen, strict=True) for pair in zip(a, b, strict=True)],
        [(bool(a.all()), bool(b.all())) for a, b in zip(said, seen, strict=True)],
    ]
    counted: dict[str, Any] = {}
    for name, found in zip(("samples", "draws"), pairs, strict=True):
        counted[name] = {
            "captured, and said to be": sum(a and b for a, b in found),
            "captured, but said to be lost": sum(b and not a for a, b in found),
            "lost, and said to be": sum(not a and not b for a, b in found),
            "lost, but said to be captured": sum(a and not b for a, b in found),
        }
        counted[name] = {key: int(value) for key, value in counted[name].items()}
    return counted


def total(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Add counts up, with sensitivity (share of the lost that are said to be) and specificity."""
    added: dict[str, Any] = {}
    for name in ("samples", "draws"):
        sums = {key: sum(part[name][key] for part in parts) for key in parts[0][name]}
        kept, missed, lost, overlooked = sums.values()
        added[name] = {
            **sums,
            "lost: share said to be": lost / (lost + overlooked),
            "lost: interval": exact_interval(lost, lost + overlooked),
            "captured: share said to be": kept / (kept + missed),
            "captured: interval": exact_interval(kept, kept + missed),
        }
    return added


def measure(d: int, n: int, m: int, K: int, factor: float, seeds: int) -> dict[str, Any]:
    """Compare both events with the runs of one problem."""
    problem = over_pruned(d, n, m, K, factor)
    runs: list[Trajectory] = [
        run
        for _, run in stream_many(
            [problem] * seeds, range(seeds), target_loss(problem), engine="gram-law"
        )
        if run.event.no_own_signal
    ]
    events = [run.event for run in runs]
    seen = [memorized(run).max(axis=1) >= LEARNED for run in runs]
    start = problem.sigma_0 * problem.sigma_n * np.sqrt(problem.p * d)
    return {
        "d": d, "n": n, "m": m, "K": K, "sigma_0": problem.sigma_0, "p d": problem.p * d,
        "shift over start": float(1 / np.sqrt(problem.p * d) / start),
        "runs": len(runs),
        "stalled": sum(run.status == "stalled" for run in runs),
        "captured": compare([event.captured for event in events], seen),
        "memorizable": compare([event.memorizable for event in events], seen),
    }  # fmt: skip


def main() -> None:
    """Run everything and write the result."""
    found = [measure(*setting) for setting in SETTINGS]
    wide = [one for one in found if one["d"] >= 10**6]
    write(
        "captured",
        {
            "settings": found,
            "all": {
                event: total([one[event] for one in found]) for event in ("captured", "memorizable")
            },
            "d >= 10^6": {
                event: total([one[event] for one in wide]) for event in ("captured", "memorizable")
            },
        },
    )


if __name__ == "__main__":
    main()
