"""The exponent of the noise term against 1/p, at one threshold tau for all p.

The exp(-n^2/p) of claim `test-loss` comes from P(max |<w~, xi>| > tau) on trained networks. For
orthogonal noise log P is a line in 1/p with slope -tau^2 / (2 sigma_n^2 sigma_0^2 d) (Theory,
section 7). The line is fitted over p and seeds together; tau is the median of what the networks at
p = 1 have. Two more questions are asked: what becomes of the line when every network has its own
tau (c half its smallest own logit), and what isotropic noise makes of it at a d that is too small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy

import bounds
from bounds.noise_term import INITIAL_NORM, LEARNED_NORM, tail_exponent
from evidence.record import write
from sims import Problem, noise_term, simulate
from theorycheck.judging.quantities import in_mild_event, largest_own_gamma
from theorycheck.running.tasks import open_pool

PS = (1.0, 0.8, 0.6, 0.5, 0.4, 0.3)
N, M, K = 10, 7, 2
LARGE = 10**9
SEEDS = 12
SIZES = (10**4, 10**5, 10**6, LARGE)
ISOTROPIC_SEEDS = 4
LEVEL = 0.99

# A network: 1/p, log P at the common tau, its own tau, log P at that, its largest gamma.
Point = tuple[float, float, float, float, float]


def problem(d: int, p: float, noise: str) -> Problem:
    """Return the problem in the theorem regime."""
    return Problem.theorem_regime(d, N, M, K, p, noise=noise)


def networks(d: int, p: float, noise: str, seeds: int, tau: float | None) -> list[Point]:
    """Train the first networks in the event, and take their noise terms."""
    points: list[Point] = []
    seed = 0
    while len(points) < seeds:
        run = simulate(problem(d, p, noise), seed, "gram-law")
        seed += 1
        if not in_mild_event(run.event) or run.status != "reached":
            continue
        own = noise_term(run)
        common = own if tau is None else noise_term(run, tau)
        gamma = float(largest_own_gamma(run).max())
        points.append((1 / p, common.log_probability, own.tau, own.log_probability, gamma))
    return points


def derived_slope(d: int, tau: float, norm: sympy.Expr = INITIAL_NORM, **values: float) -> float:
    """Return the derived exponent of P at p = 1: its slope in 1/p, where the norm grows like p."""
    exponent = tail_exponent(norm, sympy.Float(tau))
    return bounds.value(exponent, {**problem(d, 1.0, "orthogonal").parameters(), **values})


def line(inverse_p: Sequence[float], log_probability: Sequence[float]) -> dict[str, Any]:
    """Fit a line over p and seeds; the interval of the slope is a t-interval."""
    from scipy.stats import linregress, t

    fit = linregress(inverse_p, log_probability)
    reach = float(t.ppf((1 + LEVEL) / 2, len(inverse_p) - 2)) * float(fit.stderr)
    slope = float(fit.slope)
    return {
        "slope": slope,
        "interval 99 %": [slope - reach, slope + reach],
        "intercept": float(fit.intercept),
        "correlation squared": float(fit.rvalue) ** 2,
    }


def over_derived(fit: dict[str, Any], derived: float) -> dict[str, Any]:
    """Add the ratios to a derived slope."""
    low, high = sorted(end / derived for end in fit["interval 99 %"])
    return {**fit, "over derived": fit["slope"] / derived, "over derived, interval": [low, high]}


def summary(d: int, noise: str, points: Sequence[Point], tau: float) -> dict[str, Any]:
    """Fit the line at the common tau and compare it with the derived slope."""
    inverse_p = [point[0] for point in points]
    log_p = [point[1] for point in points]
    gamma = float(np.median([point[4] for point in points]))
    medians = by_p(inverse_p, log_p)
    derived = derived_slope(d, tau)
    return {
        "d": d,
        "noise": noise,
        "networks": len(points),
        "derived slope": derived,
        "exponent by the learned gamma alone": derived_slope(d, tau, LEARNED_NORM, gamma=gamma),
        "median log P by p": medians,
        "log P at the smallest p over log P at p = 1": medians[f"{min(PS):g}"] / medians["1"],
        "fit": over_derived(line(inverse_p, log_p), derived),
        "points 1/p, log P, own tau, log P at own tau, gamma": [list(point) for point in points],
    }


def by_p(inverse_p: Sequence[float], values: Sequence[float]) -> dict[str, float]:
    """Return the median at every p."""
    pairs = list(zip(inverse_p, values, strict=True))
    return {
        f"{1 / x:g}": float(np.median([value for y, value in pairs if y == x]))
        for x in dict.fromkeys(inverse_p)
    }


def own_threshold(points: Sequence[Point], tau: float) -> dict[str, Any]:
    """Fit the line where every network has a tau of its own, as it is and with tau divided out."""
    inverse_p, _, own_tau, own_log_p, _ = zip(*points, strict=True)
    derived = derived_slope(LARGE, tau)
    scaled = [log * (tau / own) ** 2 for log, own in zip(own_log_p, own_tau, strict=True)]
    return {
        "median tau by p": by_p(inverse_p, own_tau),
        "fit": over_derived(line(inverse_p, own_log_p), derived),
        "fit of log P (tau / own tau)^2": over_derived(line(inverse_p, scaled), derived),
    }


def main() -> None:
    """Train every network and write the fits."""
    dense = networks(LARGE, 1.0, "orthogonal", SEEDS, None)
    tau = float(np.median([point[2] for point in dense]))
    cells = [(LARGE, p, "orthogonal", SEEDS, tau) for p in PS]
    cells += [(d, p, "isotropic", ISOTROPIC_SEEDS, tau) for d in SIZES for p in PS]
    with open_pool(2) as workers:
        found = list(workers.map(networks, *zip(*cells, strict=True)))
    by_size: dict[tuple[int, str], list[Point]] = {}
    for (d, _, noise, _, _), points in zip(cells, found, strict=True):
        by_size.setdefault((d, noise), []).extend(points)
    premise = bounds.THEOREMS["mild-pruning"].conditions["mild-pruning"]
    orthogonal, *isotropic = (
        summary(d, noise, points, tau) for (d, noise), points in by_size.items()
    )
    write(
        "noise_exponent",
        {
            "n": N,
            "m": M,
            "K": K,
            "tau": tau,
            "smallest p of the premise": premise.constant * math.log(LARGE) / M,
            "orthogonal": orthogonal,
            "own tau": own_threshold(by_size[LARGE, "orthogonal"], tau),
            "isotropic": isotropic,
        },
    )


if __name__ == "__main__":
    main()
