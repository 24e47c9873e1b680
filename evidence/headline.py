"""What the paper is about, in one figure: test error against p, beside what the draws predict.

One SNR at which the dense network memorizes noise: pruned, the noise loses more than the signal,
and the network learns; pruned too much, no neuron is left that sees the signal. The prediction is
`race` at leading order (Theory, section 11), from the sizes alone: what share of the classes learns
its signal. A class that does not is guessed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import t as student

from bounds import learned_share
from evidence.record import write
from sims import Problem, population, stream_many

SNR = 0.35
P = (1.0, 0.8, 0.6, 0.45, 0.35, 0.25, 0.18, 0.13, 0.09, 0.065, 0.045, 0.03, 0.02, 0.014, 0.01)
SEEDS = range(48)
EPSILON = 0.01  # less than log(K)/n: every sample has to be fitted
LEVEL = 0.99
SIZES: dict[str, Any] = {
    "d": 4000, "n": 20, "m": 20, "K": 2, "mu": 1.0, "sigma_0": 1e-3, "eta": 0.1,
    "noise": "orthogonal",
}  # fmt: skip


def problem_at(p: float) -> Problem:
    """Return the problem at a probability to keep a weight."""
    return Problem(p=p, sigma_n=SIZES["mu"] / (SNR * math.sqrt(SIZES["d"])), **SIZES)


def measure(p: float, seeds: Sequence[int] = SEEDS) -> dict[str, Any]:
    """Train networks that differ in their draw alone; return what came out at the end."""
    problems = [problem_at(p)] * len(seeds)
    rows = []
    for _, run in stream_many(problems, seeds, EPSILON):
        own = np.einsum("jrj->jr", run.gamma[-1]).max()
        rows.append((population(run).test_error, own, run.zeta[-1].max(), run.status == "reached"))
    error, gamma, zeta, reached = np.array(rows, float).T
    spread = error.std(ddof=1) / math.sqrt(len(seeds))
    return {
        "p": p,
        "test error": float(error.mean()),
        "99 % of its mean": float(spread * student.ppf((1 + LEVEL) / 2, len(seeds) - 1)),
        "predicted": predicted_error(p),
        "largest gamma": float(np.median(gamma)),
        "largest zeta": float(np.median(zeta)),
        "fitted": float(reached.mean()),
    }


def predicted_error(p: float) -> float:
    """Return the error of a network that guesses the classes that lose the race."""
    n, m, K = SIZES["n"], SIZES["m"], SIZES["K"]
    return (1 - 1 / K) * (1 - learned_share(SNR, p, n, m, K, 3.0))


def main() -> None:
    """Measure all p and write the result."""
    cells = [measure(p) for p in P]
    write(
        "headline", {"SNR": SNR, **SIZES, "epsilon": EPSILON, "seeds": len(SEEDS), "cells": cells}
    )


if __name__ == "__main__":
    main()
