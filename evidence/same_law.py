"""Engines ``gram`` and ``gram-law`` draw from one law; an error of 2 % in a variance is seen.

Two-sample Kolmogorov-Smirnov tests of functionals of Gram matrices, initial pre-activations and
W~ W~^T over seeds, and tests of second moments against their closed forms, all judged together by
Holm's rule at 99 %. The seeds were fixed beforehand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import ks_2samp, norm
from threadpoolctl import threadpool_limits

from evidence.record import write
from sims import Problem, gram, gram_law, simulate
from sims.population import weight_gram_and_signals
from sims.system import CoefficientSystem
from theorycheck.running.tasks import open_pool

SEEDS = 2000
LEVEL = 0.01
INFLATED = 1.02


def problem(noise: str, sigma_n: float = 0.05) -> Problem:
    """Return the problem that both engines draw."""
    return Problem(200, 6, 4, 2, 0.5, 1.0, sigma_n, 0.1, 0.1, noise=noise)


def functionals(system: CoefficientSystem, weight_gram: Any) -> dict[str, float]:
    """Reduce a draw to numbers that see every block of its joint law."""
    A, K = system.gram, system.draw.problem.K
    noise, start = A[:, :, K:, K:], system.draw.initial_noise
    n = noise.shape[-1]
    off = ~np.eye(n, dtype=bool)
    return {
        "norm": noise[0, 0, 0, 0],
        "overlap": noise[0, 0, 0, 1],
        "trace": np.einsum("jrii->", noise),
        "largest overlap": np.abs(noise[:, :, off]).max(),
        "difference of neurons": noise[0, 0, 0, 0] - noise[1, 2, 0, 0],
        "smallest eigenvalue": np.linalg.eigvalsh(noise[0, 1])[0],
        "log determinant": np.linalg.slogdet(noise[1, 1])[1],
        "signal with noise": A[0, 0, :K, K:].sum(),
        "kept signals": A[:, :, 0, 0].sum(),
        "initial product": start[0, 0, 0],
        "squared initial products": np.sum(start**2),
        "initial products of two samples": start[0, 0, 0] * start[0, 0, 1],
        "initial products of two neurons": start[0, 0, 0] * start[0, 1, 0],
        "largest initial product": np.abs(start).max(),
        "weight norm": weight_gram[0, 0],
        "weight overlap": weight_gram[0, 5],
        "trace of weights": np.trace(weight_gram),
        "norm with its product": noise[0, 0, 0, 0] * start[0, 0, 0] ** 2,
    }


def draw_many(engine: str, one: Problem, seeds: Sequence[int]) -> list[dict[str, float]]:
    """Draw with every seed and reduce."""
    build = gram_law.build if engine == "gram-law" else gram.build
    found = []
    with threadpool_limits(1):
        for seed in seeds:
            untrained = simulate(one, seed, engine, 0.0, max_steps=0)
            weight_gram, _ = weight_gram_and_signals(untrained)
            values = functionals(build(one, seed), weight_gram)
            found.append({name: float(value) for name, value in values.items()})
    return found


def expected_moments(one: Problem) -> dict[str, float]:
    """Return means of functionals in closed form."""
    d, n, m, K, p = one.d, one.n, one.m, one.K, one.p
    felt = d - K if one.noise == "orthogonal" else d
    noise2, weight2 = one.sigma_n**2, one.sigma_0**2
    return {
        "norm": noise2 * p * felt,
        "overlap": 0.0,
        "trace": K * m * n * noise2 * p * felt,
        "kept signals": K * m * p * one.mu**2,
        "squared initial products": K * m * n * noise2 * weight2 * p * felt,
        "initial products of two samples": 0.0,
        "weight norm": weight2 * p * felt,
        "trace of weights": K * m * weight2 * p * felt,
        # E[|x|^2 <w, x>^2] = sigma_0^2 E[|x|^4], |x|^2 of a binomial number of squares
        "norm with its product": noise2**2 * weight2 * (3 * p * felt + p**2 * felt * (felt - 1)),
    }


def holm(p_values: dict[str, float], level: float) -> list[str]:
    """Return the names that Holm's rule rejects at a joint level."""
    rejected = []
    for rank, name in enumerate(sorted(p_values, key=lambda one: p_values[one])):
        if p_values[name] > level / (len(p_values) - rank):
            break
        rejected.append(name)
    return rejected


def compare(ours: list[dict[str, float]], theirs: list[dict[str, float]]) -> dict[str, float]:
    """Return the p-value of each functional's two-sample Kolmogorov-Smirnov test."""
    return {
        name: float(ks_2samp([one[name] for one in ours], [one[name] for one in theirs]).pvalue)
        for name in ours[0]
    }


def moment_tests(ours: list[dict[str, float]], one: Problem) -> dict[str, float]:
    """Return p-values of the means against their closed forms (and so of second moments)."""
    found = {}
    for name, expected in expected_moments(one).items():
        values = np.array([draw[name] for draw in ours])
        error = values.std(ddof=1) / math.sqrt(len(values))
        found[f"mean of {name}"] = float(2 * norm.sf(abs(values.mean() - expected) / error))
    return found


def main(seeds: int = SEEDS) -> None:
    """Draw, test, and write the result."""
    result: dict[str, Any] = {"seeds": f"0 to {seeds - 1}", "level": LEVEL}
    parts = [range(start, seeds, 4) for start in range(4)]
    with open_pool(2) as workers:
        for noise in ("isotropic", "orthogonal"):
            true, wrong = problem(noise), problem(noise, 0.05 * math.sqrt(INFLATED))
            drawn = {
                name: [
                    one
                    for part in workers.map(draw_many, [engine] * 4, [chosen] * 4, parts)
                    for one in part
                ]
                for name, engine, chosen in (
                    ("gram", "gram", true),
                    ("gram-law", "gram-law", true),
                    ("inflated", "gram-law", wrong),
                )
            }
            p_values = compare(drawn["gram-law"], drawn["gram"])
            p_values |= moment_tests(drawn["gram-law"], true)
            caught = compare(drawn["inflated"], drawn["gram"])
            caught |= moment_tests(drawn["inflated"], true)
            result[noise] = {
                "tests": len(p_values),
                "rejected": holm(p_values, LEVEL),
                "smallest p-value": min(p_values.values()),
                "rejected with 2 % more noise variance": holm(caught, LEVEL),
                "p-values": {name: round(value, 4) for name, value in p_values.items()},
            }
    write("same_law", result)


if __name__ == "__main__":
    main()
