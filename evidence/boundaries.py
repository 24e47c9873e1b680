r"""`boundaries`: where benign overfitting ends, and that only the theorem's exponents say so.

For both papers (Cao et al., q = 3; Kou et al., ReLU with a tenth of the labels wrong) the built-in
boundary is located with all its paths and judged. The same crossings are then read with other
exponents, each of which has to be refuted: n SNR^2 and n mu^3 among them. Beside them what the
sharp predictions say, without a fit: for each draw the race, and for ReLU the error curve at the
two shares of neurons that are talked about. Source: measured; the boundaries are derived.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import sympy
from scipy.optimize import brentq

import bounds
from bounds import Boundary
from bounds.overfitting_thresholds import FLIP, HARM
from bounds.symbols import d, m, mu, n, sigma_n
from evidence.record import write
from sims import event_of
from sims.gram_law import build
from theorycheck.commands.parts import survey_of
from theorycheck.judging.boundaries.judge import judge_boundary
from theorycheck.judging.boundaries.reread import reread
from theorycheck.judging.boundaries.survey import Survey
from theorycheck.judging.boundary_paths import START, Place, problem_at
from theorycheck.judging.siblings.quantities import race_indices
from theorycheck.judging.theorems import find
from theorycheck.running.tasks import default_workers, open_pool, run_heaps

SEEDS = 48
LIMITS = ("low", "median", "high", "early", "late")  # early to late: 8 of 10 draws
SNR = mu / (sigma_n * sympy.sqrt(d))
OTHERS: dict[str, dict[str, sympy.Expr]] = {
    "threshold-benign": {
        "n SNR^2": n * SNR**2,
        "n SNR^4": n * SNR**4,
        "n^(1/2) SNR^3": sympy.sqrt(n) * SNR**3,
        "n^2 SNR^3": n**2 * SNR**3,
        "SNR^3": SNR**3,
        "n SNR^3 d^(1/4)": n * SNR**3 * d ** sympy.Rational(1, 4),
        "n SNR^3 m": n * SNR**3 * m,
        "n SNR^3 m^(1/2)": n * SNR**3 * sympy.sqrt(m),
        "n SNR^3 m^(-1/2)": n * SNR**3 / sympy.sqrt(m),
    },
    "threshold-relu-benign": {
        "n SNR^2": n * SNR**2,
        "n mu^3/(sigma_n^3 d)": n * mu**3 / (sigma_n**3 * d),
        "n mu^5/(sigma_n^5 d)": n * mu**5 / (sigma_n**5 * d),
        "n SNR^4": n * SNR**4,
        "n^(1/2) mu^4/(sigma_n^4 d)": sympy.sqrt(n) * mu**4 / (sigma_n**4 * d),
        "n^2 mu^4/(sigma_n^4 d)": n**2 * mu**4 / (sigma_n**4 * d),
        "mu^4/(sigma_n^4 d)": mu**4 / (sigma_n**4 * d),
        "n mu^4/(sigma_n^4 d^(1/2))": n * mu**4 / (sigma_n**4 * sympy.sqrt(d)),
        "n mu^4/(sigma_n^4 d^(3/4))": n * mu**4 / (sigma_n**4 * d ** sympy.Rational(3, 4)),
    },
}


def located(theorem: str, found: Survey) -> dict[str, Any]:
    """Judge a survey; return where the boundary lies and how it moves along each symbol."""
    verdict = judge_boundary(find(theorem).theorem, found)
    return {
        "outcome": verdict.outcome,
        "critical index": {name: getattr(verdict.located, name) for name in LIMITS},
        "draws": verdict.located.draws,
        "along": {
            one.symbol: {
                "outcome": one.outcome,
                "at each size": [
                    {name: getattr(at, name) for name in ("size", *LIMITS)} for at in one.places
                ],
                "moves like": [getattr(one.slope, name) for name in ("low", "median", "high")],
                "explained": one.explained,
            }
            for one in verdict.along
        },
    }


def race_ratios(found: Survey, place: Place) -> list[float]:
    """Return each draw's critical index over what its race says: the worse class has to win."""
    problem = problem_at(found.boundary, found.paths, place, 1.0)
    ratios = []
    for seed, log_index in enumerate(found.critical[place].tolist()):
        if math.isfinite(log_index):
            # at index 1 the race index is R, and it is linear in n SNR^q
            worst = min(race_indices(event_of(build(problem, seed).draw, "gram-law")))
            ratios.append(math.exp(log_index) * worst)
    return ratios


def against_race(found: Survey) -> dict[str, Any]:
    """Return the spread over draws of measured over predicted critical index, at every place."""
    told = {}
    for place in found.paths.places:
        ratios = race_ratios(found, place)
        name = "start" if place == START else f"{place.symbol} = {place.size:g}"
        low, median, high = np.quantile(ratios, (0.1, 0.5, 0.9)).tolist()
        told[name] = {"draws": len(ratios), "median": median, "8 of 10": [low, high]}
    return told


def against_curve() -> dict[str, float]:
    """Return where the error curve crosses the boundary's level, for two shares of neurons."""
    return {
        f"share {share:g}": float(
            brentq(lambda x, a=share: bounds.relu_error(x, FLIP, a) - FLIP - HARM, 0.1, 10.0)
        )
        for share in (0.75, 0.82)
    }


def others(theorem: str, found: Survey) -> dict[str, Any]:
    """Judge the same crossings by other indices, each alone."""
    told = {}
    for name, index in OTHERS[theorem].items():
        other: Boundary = replace(found.boundary, index=index)
        verdict = located(theorem, reread(found, other))
        told[name] = {
            "outcome": verdict["outcome"],
            "moves like": {symbol: one["moves like"] for symbol, one in verdict["along"].items()},
        }
    return told


def main() -> None:
    """Survey both boundaries and write the result."""
    content: dict[str, Any] = {"seeds": SEEDS}
    for theorem in OTHERS:
        (id,) = find(theorem).theorem.boundaries
        with open_pool(default_workers()) as pool:
            found = survey_of(theorem, id, range(SEEDS), lambda one: run_heaps(one, pool, False))
        sharp = against_curve() if "relu" in theorem else against_race(found)
        content[theorem] = {
            "index": str(found.boundary.index),
            "runs": found.runs,
            **located(theorem, found),
            "predicted": sharp,
            "other exponents": others(theorem, found),
        }
    write("boundaries", content)


if __name__ == "__main__":
    main()
