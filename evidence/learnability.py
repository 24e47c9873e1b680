"""`learnability`: how often every class learns, at ten settings; and what isotropic noise adds.

Orthogonal noise first: the verdict, and how a falling SNR lets noise overtake a slow signal, class
by class. Then isotropic noise against orthogonal with the same seeds: what one has learned and the
other has not, by d. From d = 2 10^5 on draws are from the law of the Gram matrices, not paired.
"""

from __future__ import annotations

from typing import Any

import bounds
from evidence.record import write
from sims import Problem, simulate
from theorycheck.predictions.experiments import learnable_problem, run_experiments
from theorycheck.predictions.learnability import (
    Learned,
    learnability_experiment,
    seeds_with_samples,
    target_loss,
    train,
    what_learned,
)
from theorycheck.predictions.limit import record
from theorycheck.running.tasks import open_pool

SETTINGS = (
    (0.12, 20, 2),
    (0.3, 10, 2),
    (0.05, 40, 2),
    (0.5, 5, 2),
    (0.9, 3, 2),
    (0.2, 20, 3),
    (0.4, 8, 3),
    (0.8, 4, 4),
    (0.15, 30, 4),
    (0.6, 6, 5),
)
RUNS = 500
SNRS = (2.0, 4.0, 10.0)
AT_LOW_SNR = (0.5, 8, 4)
ISOTROPIC = (0.3, 6, 2)
PAIRED_SIZES = (500, 2000, 20_000, 200_000)
LAW_SIZES = (2 * 10**6, 2 * 10**8, 2 * 10**10)
ISOTROPIC_RUNS = 300


def from_law(problem: Problem, seeds: list[int]) -> list[Learned]:
    """Train with engine ``gram-law``."""
    epsilon = target_loss(problem)
    return [what_learned(simulate(problem, seed, "gram-law", epsilon)) for seed in seeds]


def excess(d: int) -> dict[str, Any]:
    """Count, at one d, how often isotropic and orthogonal noise let every class learn."""
    p, m, K = ISOTROPIC
    problems = [
        learnable_problem(p, m, K, d=d, snr=2.0, sigma_0=1e-3, noise=noise)
        for noise in ("orthogonal", "isotropic")
    ]
    seeds = seeds_with_samples(problems[0], ISOTROPIC_RUNS)
    run = train if d in PAIRED_SIZES else from_law
    orthogonal, isotropic = ([all(one.learned) for one in run(a, seeds)] for a in problems)
    return {
        "d": d,
        "engine": "gram" if d in PAIRED_SIZES else "gram-law",
        "runs": len(seeds),
        "orthogonal": sum(orthogonal) / len(seeds),
        "isotropic": sum(isotropic) / len(seeds),
        "only isotropic": sum(b and not a for a, b in zip(orthogonal, isotropic, strict=True)),
        "only orthogonal": sum(a and not b for a, b in zip(orthogonal, isotropic, strict=True)),
    }


def overtaken(snr: float) -> dict[str, Any]:
    """Count, at one SNR, the learnable classes that noise overtook."""
    p, m, K = AT_LOW_SNR
    problem = learnable_problem(p, m, K, snr=snr)
    found = train(problem, seeds_with_samples(problem, RUNS))
    pairs = [pair for one in found for pair in zip(one.learnable, one.learned, strict=True)]
    return {
        "snr": snr,
        "classes": len(pairs),
        "learnable": sum(able for able, _ in pairs),
        "learnable, not learned": sum(able and not did for able, did in pairs),
        "learned, not learnable": sum(did and not able for able, did in pairs),
    }


def main() -> None:
    """Run everything and write the result."""
    problems = [learnable_problem(p, m, K) for p, m, K in SETTINGS]
    with open_pool(2) as workers:
        (verdict,) = run_experiments([learnability_experiment(problems, RUNS)], workers)
        by_snr = list(workers.map(overtaken, SNRS))
        by_d = list(workers.map(excess, (*LAW_SIZES, *reversed(PAIRED_SIZES))))
    p, m, K = ISOTROPIC
    write(
        "learnability",
        {
            "verdicts": [record(verdict)],
            "noise overtakes, by SNR, at p, m, K": [*AT_LOW_SNR, by_snr],
            "isotropic at p, m, K": list(ISOTROPIC),
            "predicted": bounds.learnable_probability(m, p, K),
            "isotropic": sorted(by_d, key=lambda one: one["d"]),
        },
    )


if __name__ == "__main__":
    main()
