"""`sibling_race`: antipodal classes decided by their draw, the loss that they end with, and when.

Averaged outputs, right labels, nothing pruned, q = 3 and 4. Six settings run near the SNR at which
half of the classes are predicted to learn, so that the draw decides. A class has learned where the
signal coefficient of the averaged network ends far above its start; `gap` says that no class ends
between the two numbers there. Then the number of steps where both classes learn at once: along m,
and along sigma_0, with all else of the averaged network fixed. The start of the neuron that wins
grows slowly with m, which the second slope along m takes out. Source: measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

import bounds
from evidence.record import write
from sims import Problem, Trajectory, coefficient_factor, populations, simulate_many
from sims.arrays import Floats
from theorycheck.judging.siblings.problems import start
from theorycheck.judging.siblings.quantities import race_indices, signal_lead
from theorycheck.predictions.race import exact_interval

D = 10**10
START = 1e-3  # sigma_0 sigma_n sqrt(d): far below 1, far above what samples do to each other
SEEDS = 84
EPSILON = 1e-3
LEARNED = 0.5  # gamma of the averaged network
SETTINGS = tuple(
    (q, m, n, factor)
    for q in (3.0, 4.0)
    for m, n, factor in ((10, 10, 1.0), (20, 20, 0.95), (10, 20, 1.05))
)
SLOPE_SEEDS = 16
MS = (16, 32, 64, 128)
SIGMA_0S = (1e-2, 1e-3, 1e-4, 1e-5)


@dataclass(frozen=True)
class Line:
    """A line through log T: over what, its slope, and the one that is predicted."""

    along: str
    q: float
    values: tuple[float, ...]
    predicted: float


def near_boundary(q: float, m: int, n: int, factor: float) -> Problem:
    """Return a problem at a multiple of the SNR at which half of the classes learn."""
    snr = factor * bounds.even_snr(1.0, n, m, 2, q, 0.5)
    return start(q, snr, d=D, n=n, m=m, sigma_0=START * snr, eta=0.1 * m * min(1.0, snr * snr))


def leads(run: Trajectory) -> Floats:
    """Return the largest signal coefficient of each class in the averaged network, ``(2,)``."""
    return coefficient_factor(run.problem) * signal_lead(run).max(axis=1)


def raced(q: float, m: int, n: int, factor: float, seeds: int = SEEDS) -> dict[str, Any]:
    """Run one setting; return how often the draw was right, and the losses at the end."""
    problem = near_boundary(q, m, n, factor)
    runs = simulate_many([problem] * seeds, range(seeds), EPSILON, engine="gram-law")
    reached = np.array([leads(run) for run in runs])
    learned = reached >= LEARNED
    won = np.array([race_indices(run.event) for run in runs]) > 1
    losses = np.array([one.test_loss for one in populations(runs)])
    unlearned = (~learned).sum(axis=1)
    low, high = exact_interval(int((won == learned).sum()), learned.size)
    return {
        "q": q, "m": m, "n": n, "SNR": problem.mu / (problem.sigma_n * math.sqrt(D)),
        "SNR over predicted": factor,
        "ended": {status: sum(run.status == status for run in runs)
                  for status in sorted({run.status for run in runs})},
        "classes": int(learned.size), "learned": int(learned.sum()),
        "right": int((won == learned).sum()), "interval 99 %": [low, high],
        "gap": [float(reached[~learned].max()), float(reached[learned].min())],
        "L_D: runs, least and largest over log 2 times the share unlearned": {
            f"{count} unlearned": [int((unlearned == count).sum()),
                        *guessed(losses[unlearned == count], count)]
            for count in (1, 2) if (unlearned == count).any()
        },
        "L_D, median where both learned": (
            float(np.median(losses[unlearned == 0])) if (unlearned == 0).any() else None
        ),
    }  # fmt: skip


def guessed(losses: Floats, unlearned: int) -> list[float]:
    """Return least and largest loss over log 2 times the share of unlearned classes."""
    expected = bounds.guessed_loss([place >= unlearned for place in range(2)])
    return [float(losses.min() / expected), float(losses.max() / expected)]


def line_problems(line: Line) -> list[Problem]:
    """Return problems of a line where both classes learn: n SNR^q = 100 n, mu = 1."""
    fixed: dict[str, Any] = {"d": D, "n": 10, "eta": 0.1}
    snr = 100.0 ** (1 / line.q)
    if line.along == "m":
        return [start(line.q, snr, m=int(m), sigma_0=1e-4, **fixed) for m in line.values]
    return [start(line.q, snr, m=10, sigma_0=one, **fixed) for one in line.values]


def slope(line: Line, seeds: int = SLOPE_SEEDS) -> dict[str, Any]:
    """Fit log T against the log of the parameter, seed by seed."""
    times, starts = np.zeros((2, len(line.values), seeds))
    for place, problem in enumerate(line_problems(line)):
        runs = simulate_many([problem] * seeds, range(seeds), 0.1, engine="gram-law")
        for seed, run in enumerate(runs):
            times[place, seed] = run.steps[-1]
            own = np.einsum("jrj->jr", run.draw.initial_signal).max(axis=1)
            starts[place, seed] = own.min() / (problem.sigma_0 * problem.mu)
    found = {
        "along": line.along, "q": line.q, "values": list(line.values), "predicted": line.predicted,
        "T, median": np.median(times, axis=1).tolist(),
        "slope, standard error": fitted(line, times),
    }  # fmt: skip
    if line.along == "m":
        # the class that learns last decides: T is m over its largest start to the q - 2
        found["slope with M_s^(q-2) taken out"] = fitted(line, times * starts ** (line.q - 2))
    return found


def fitted(line: Line, times: Floats) -> list[float]:
    """Return mean and standard error over seeds of the slopes of log T, ``(values, seeds)``."""
    slopes = np.polyfit(np.log(line.values), np.log(times), 1)[0]
    return [float(slopes.mean()), float(slopes.std(ddof=1)) / math.sqrt(slopes.size)]


def main() -> None:
    """Run all settings and lines and write the result."""
    rows = [raced(*setting) for setting in SETTINGS]
    right, classes = (sum(row[name] for row in rows) for name in ("right", "classes"))
    lines = [Line("m", q, MS, 1.0) for q in (3.0, 4.0)]
    lines += [Line("sigma_0", q, SIGMA_0S, 2 - q) for q in (3.0, 4.0)]
    write(
        "sibling_race",
        {
            "d": D, "sigma_0 sigma_n sqrt(d)": START, "epsilon": EPSILON,
            "right": right, "classes": classes, "learned": sum(row["learned"] for row in rows),
            "share right": right / classes, "interval 99 %": exact_interval(right, classes),
            "settings": rows,
            "lines": [slope(line) for line in lines],
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
