"""Spread signals: the escape law with kept shares, and what pruning wins when signals are spread.

First the escape law: the time at which the winning neuron's gamma reaches 0.1, measured over
predicted, at four spreads and five p. Then the share of training samples fitted by their signal
against p, with labels balanced, at two dimensions. Beside the runs as they are, two others: runs
whose cross terms of signals and noises are set to 0 in the Gram matrices, and unpruned runs whose
start is multiplied by sqrt(p), paired with the pruned ones by their seeds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from evidence.record import write
from sims import Directions, Problem
from sims.arrays import Floats
from sims.decomposition import Coefficients, fitted_by_signal
from sims.draw import draw_labels
from sims.engines import FLOW_STEPS
from sims.flow import FlowSettings
from sims.gram import build
from sims.jobs import places
from sims.rows import Start
from sims.stack import train
from theorycheck.predictions.escape_time import GROWN, signal_escapes
from theorycheck.predictions.learnability import target_loss

SUPPORTS = (1, 4, 16, 1000)
P = (1.0, 0.5, 0.25, 0.12, 0.06)
ESCAPE_SEEDS = range(6)
SIZES = (1000, 8000)
SEEDS = 64
SNR = 0.4
FULL = "d"  # signals on all coordinates: given vectors
SPREADS: tuple[int | str, ...] = (1, 4, 16, FULL)
SHRUNK = (0.25, 0.06)  # at which p unpruned runs with a smaller start are set beside


def escape_problem(support: int, p: float) -> Problem:
    """Return a problem whose signal escapes long before its noise, from a tiny start."""
    sigma_n = 1 / (2 * math.sqrt(4000))
    return Problem(4000, 10, 20, 2, p, 1.0, sigma_n, 1e-6, 0.1, noise="orthogonal", support=support)


def escapes(seeds: Sequence[int] = ESCAPE_SEEDS) -> dict[str, Any]:
    """Return measured over predicted escape times, by spread and p."""
    cells, every = [], []
    for support in SUPPORTS:
        for p in P:
            problem = escape_problem(support, p)
            calls = [(problem, seed, "flow", GROWN, 1e-6) for seed in seeds]
            found = [one.ratio for _, some in signal_escapes(calls) for one in some]
            every += found
            median = float(np.median(found)) if found else None
            cells.append({"support": support, "p": p, "escapes": len(found), "median": median})
    worst = float(np.max(np.abs(np.array(every) - 1)))
    runs = len(SUPPORTS) * len(P) * len(seeds)
    return {"runs": runs, "escapes": len(every), "median": float(np.median(every)),
            "farthest of all from 1": worst, "cells": cells}  # fmt: skip


def full_directions(d: int, K: int) -> Directions:
    """Return K orthonormal vectors of a uniform direction."""
    gaussian = np.random.default_rng(d).standard_normal((d, K))
    return Directions(np.linalg.qr(gaussian)[0].T)


def share_problem(d: int, spread: int | str, p: float) -> Problem:
    """Return the problem of one cell, noise on all coordinates."""
    problem = Problem(d, 20, 20, 2, p, 1.0, 1 / (SNR * math.sqrt(d)), 1e-3, 0.1)
    if spread == FULL:
        return replace(problem, directions=full_directions(d, 2))
    return replace(problem, support=spread)


def balanced_seeds(seeds: int) -> list[int]:
    """Return the first seeds under which both classes have as many samples."""
    problem = share_problem(1000, 1, 1.0)
    found = (seed for seed in count() if 2 * draw_labels(problem, seed).sum() == problem.n)
    return list(islice(found, seeds))


@dataclass(frozen=True)
class Cell:
    """Runs that differ in their seeds alone."""

    problem: Problem
    overlaps: bool = True

    def shares(self, seeds: Sequence[int]) -> Floats:
        """Train, and return which share of the samples each run fits by signal."""
        problem, waiting = self.problem, iter(enumerate(seeds))

        def supply(many: int) -> list[Start]:
            return [self._start(number, seed) for number, seed in islice(waiting, many)]

        found = np.empty(len(seeds))
        with threadpool_limits(1, user_api="blas"):
            for one in train(min(places(problem), len(seeds)), supply, FlowSettings(1e-5)):
                last = Coefficients(one.recorded["gamma"][-1], one.recorded["rho"][-1])
                found[one.number] = fitted_by_signal(last, one.draw).mean()
        return found

    def _start(self, number: int, seed: int) -> Start:
        system, K = build(self.problem, seed), self.problem.K
        if not self.overlaps:
            system.gram[:, :, :K, K:] = system.gram[:, :, K:, :K] = 0.0
        return Start(number, system, True, target_loss(self.problem), FLOW_STEPS)


def cells(d: int) -> Iterator[tuple[str, float, Cell]]:
    """Yield every cell at one dimension, with the name of its row and its p."""
    for p in P:
        for spread in SPREADS:
            yield f"s = {spread}", p, Cell(share_problem(d, spread, p))
        yield f"s = {FULL}, overlaps 0", p, Cell(share_problem(d, FULL, p), overlaps=False)
    for p in SHRUNK:
        for spread in (1, FULL):
            dense = share_problem(d, spread, 1.0)
            smaller = replace(dense, sigma_0=dense.sigma_0 * math.sqrt(p))
            yield f"s = {spread}, shrunk", p, Cell(smaller)


def shares(d: int, seeds: int = SEEDS) -> dict[str, Any]:
    """Return the share fitted by signal of every cell at one dimension, and pruned less shrunk."""
    chosen = balanced_seeds(seeds)
    found = {(row, p): cell.shares(chosen) for row, p, cell in cells(d)}
    rows: dict[str, list[dict[str, float]]] = {}
    for (row, p), values in found.items():
        mean, error = mean_and_error(values)
        rows.setdefault(row, []).append({"p": p, "share": mean, "standard error": error})
    differences = []
    for spread in (1, FULL):
        for p in SHRUNK:
            name = f"s = {spread}"
            mean, error = mean_and_error(found[name, p] - found[f"{name}, shrunk", p])
            differences.append({"s": spread, "p": p, "pruned less shrunk": mean,
                                "standard error": error})  # fmt: skip
    best = {row: max(some, key=lambda one: one["share"])["p"] for row, some in rows.items()}
    return {"d": d, "seeds a cell": seeds, "rows": rows, "best p": best, "paired": differences}


def mean_and_error(values: Floats) -> tuple[float, float]:
    """Return the mean over seeds and its standard error."""
    return float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))


def main() -> None:
    """Run everything and write the result."""
    write("spread_signals", {"escapes": escapes(), "shares": [shares(d) for d in SIZES]})


if __name__ == "__main__":
    main()
