"""`masks`: which mask keeps the signal: test error by share kept for five masks, in paired draws.

K = 2, m = n = 20, d = 4000, q = 3, orthogonal noise, sigma_0 = 10^-3. Every mask prunes the same
dense starts, and each difference is between two runs of one seed, which share data and weights.
Beside the errors stand what a mask keeps of own signals, what it makes of the first products with
the noise (1 for a mask by chance), and how many neurons it empties; for SNIP also what is predicted
of the first and the last, for magnitude of the second. Source: measured.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import bounds
from evidence.record import write
from sims import Problem, Trajectory, dense_start, populations, simulate_many
from sims.arrays import Floats
from theorycheck.predictions.masks import predict_snip

PRUNINGS = ("random", "magnitude", "snip", "grasp", "synflow")
SHARES = (0.5, 0.25, 0.12, 0.05, 0.02)
LOW_SNR, LOW_SHARE = 0.25, 0.12  # where SNIP is worse than chance
SEEDS = 64


@dataclass(frozen=True)
class Cell:
    """The test errors of one mask at one share, and what it is like, seed by seed."""

    pruning: str
    p: float
    errors: Floats
    row: dict[str, Any]


def problem_at(pruning: str, p: float, snr: float = 0.5, d: int = 4000) -> Problem:
    """Return the problem that a mask prunes."""
    return Problem(
        d=d, n=20, m=20, K=2, p=p, mu=1.0, sigma_n=1 / (snr * d**0.5), sigma_0=1e-3, eta=0.1,
        noise="orthogonal", pruning=pruning,
    )  # fmt: skip


def measured(problem: Problem, seeds: int = SEEDS) -> Cell:
    """Run one mask at one share."""
    runs = simulate_many([problem] * seeds, range(seeds))
    errors = np.array([one.test_error for one in populations(runs)])
    row: dict[str, Any] = {
        "ended": {status: sum(run.status == status for run in runs)
                  for status in sorted({run.status for run in runs})},
        "test error": spread_of(errors),
        "own signals kept": spread_of([run.signal_neurons.mean() for run in runs]),
        "first products with noise": spread_of([first_products(run) for run in runs]),
        "neurons emptied": spread_of([emptied(run) for run in runs]),
    }  # fmt: skip
    return Cell(problem.pruning, problem.p, errors, row | predicted(problem, seeds))


def spread_of(values: Any) -> list[float]:
    """Return mean and standard error."""
    array = np.asarray(values, float)
    return [float(array.mean()), float(array.std(ddof=1) / np.sqrt(array.size))]


def first_products(run: Trajectory) -> float:
    """Return the root mean square of the first products with noise, over that of chance."""
    problem = run.problem
    size = problem.sigma_0 * problem.sigma_n * (problem.p * problem.d) ** 0.5
    return float(np.sqrt(np.mean(run.draw.initial_noise**2)) / size)


def emptied(run: Trajectory) -> int:
    """Return how many neurons keep no weight."""
    lost = (run.draw.noise_norm2 == 0).all(axis=2) & ~run.draw.signal_mask.any(axis=2)
    return int(lost.sum())


def predicted(problem: Problem, seeds: int) -> dict[str, Any]:
    """Return what is predicted of a mask, where anything is."""
    if problem.pruning == "magnitude":
        gain = bounds.magnitude_gain(problem.p) ** 0.5
        return {"first products with noise, predicted": gain}
    if problem.pruning != "snip":
        return {}
    told = [predict_snip(dense_start(problem, seed)) for seed in range(seeds)]
    return {
        "own signals kept, predicted": float(np.mean([one.own_share for one in told])),
        "neurons emptied, predicted": float(np.mean([one.emptied for one in told])),
    }


def against_chance(cell: Cell, chance: Cell) -> dict[str, Any]:
    """Return the row of a cell, with the paired difference from the mask by chance."""
    difference = [] if cell is chance else spread_of(cell.errors - chance.errors)
    return {"pruning": cell.pruning, "p": cell.p, **cell.row,
            "test error less that of random, paired": difference}  # fmt: skip


def compared(p: float, prunings: tuple[str, ...], seeds: int, snr: float = 0.5) -> list[Any]:
    """Run masks at one share; the first is the mask by chance."""
    cells = [measured(problem_at(pruning, p, snr), seeds) for pruning in prunings]
    return [against_chance(cell, cells[0]) for cell in cells]


def collapse(q: float, seeds: int) -> dict[str, Any]:
    """Return how many of 40 neurons SynFlow empties around the share where it is to begin."""
    share = bounds.synflow_collapse(q)
    found = {}
    for factor in (1.2, 1.0, 0.8):
        problem = replace(problem_at("synflow", factor * share), q=q)
        lost = [emptied(one) for one in simulate_many([problem] * seeds, range(seeds), max_steps=0)]
        found[f"p over predicted {factor}"] = spread_of(lost)
    return {"q": q, "p predicted": share, "neurons emptied": found}


def main(seeds: int = SEEDS) -> None:
    """Run everything and write the result."""
    rows = [row for p in SHARES for row in compared(p, PRUNINGS, seeds)]
    low = compared(LOW_SHARE, ("random", "snip"), seeds, LOW_SNR)
    write(
        "masks",
        {
            "seeds": seeds,
            "problem": problem_at("random", 1.0).parameters(),
            "[mean, standard error] by share and mask": rows,
            f"at SNR {LOW_SNR}": low,
            "synflow empties neurons from": [collapse(q, seeds) for q in (2.0, 3.0, 4.0)],
        },
    )


if __name__ == "__main__":
    main()
