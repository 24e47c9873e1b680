"""`phase-boundary`: the SNR from which on half of the classes learn, over the predicted median.

Dense networks of 40 and 80 neurons first, whose boundary is to be within 5 %, and small ones, whose
law is wide: d = 10^14 by the law of the Gram matrices. Pruned ones of up to 14 neurons the same
way, and of 40 neurons coordinate by coordinate at d = 2 10^5. Each setting runs at several SNRs.
Last the (p, SNR) plane of d = 4000, where samples do disturb each other: the test error's crossing
of half of guessing, in SNR, over the predicted one.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import numpy as np

import bounds
from evidence.record import write
from sims import population, stream_many
from theorycheck.predictions.experiments import run_experiments
from theorycheck.predictions.limit import record
from theorycheck.predictions.phase_boundary import around_boundary, boundary_experiment
from theorycheck.predictions.race import problem_at, race_experiment

FACTORS = (0.9, 1.1)
Setting = tuple[float, dict[str, Any]]
LARGE: tuple[Setting, ...] = (
    (1.0, {"m": 40, "n": 10}),
    (1.0, {"m": 40, "n": 20}),
    (1.0, {"m": 80, "n": 10}),
    (1.0, {"m": 40, "n": 12, "K": 3}),
)
MANY_SEEDS = range(80)
SMALL: tuple[Setting, ...] = (
    (1.0, {"m": 10, "n": 20}),
    (0.8, {"m": 7, "n": 10}),
    (0.5, {"m": 6, "n": 10}),
    (0.6, {"m": 4, "n": 12, "K": 3}),
)
SEEDS = range(40)
# wider starts than elsewhere: at this d, smaller ones would be lost in the overlaps
STREAMED: tuple[Setting, ...] = tuple(
    (p, {"m": 40, "n": 10, "d": 200_000, "sigma_0": 1e-2, "eta": 0.01}) for p in (0.5, 0.2)
)
FEW_SEEDS = range(24)
PLANE = {"d": 4000, "n": 20, "m": 40, "sigma_0": 1e-3}
PLANE_P = (1.0, 0.3)
PLANE_FACTORS = (0.75, 0.9, 1.05, 1.25)


def rows_of(settings: Iterable[Setting], factors: tuple[float, ...] = FACTORS) -> list[Any]:
    """Return the problems of each setting, at SNRs around the predicted one."""
    return [around_boundary(p, factors, **sizes) for p, sizes in settings]


def test_error_crossing(p: float) -> dict[str, Any]:
    """Measure where the test error of the plane crosses 1/4 at one p."""
    predicted = bounds.even_snr(p, PLANE["n"], PLANE["m"], 2, 3.0)
    snrs = [predicted * factor for factor in PLANE_FACTORS]
    cells = list(product(snrs, FEW_SEEDS))
    problems = [problem_at(snr, p, **PLANE) for snr, _ in cells]  # type: ignore[arg-type]
    errors = np.empty(len(cells))
    for number, run in stream_many(problems, [seed for _, seed in cells]):
        errors[number] = population(run, scrambles=8, points=256).test_error
    mean = errors.reshape(len(snrs), -1).mean(axis=1)
    crossing = np.exp(np.interp(-0.25, -mean, np.log(snrs)))
    return {
        "p": p, "predicted SNR": predicted, "crossing over predicted": float(crossing / predicted),
        "test error by factor": dict(zip(map(str, PLANE_FACTORS), mean.tolist(), strict=True)),
    }  # fmt: skip


def main() -> None:
    """Run everything and write the result."""
    large, small, streamed = rows_of(LARGE), rows_of(SMALL), rows_of(STREAMED)
    studies = [
        boundary_experiment(large, MANY_SEEDS),
        boundary_experiment(small, SEEDS),
        boundary_experiment(streamed, FEW_SEEDS, "auto"),
        race_experiment(large, MANY_SEEDS),
        race_experiment(small, SEEDS),
        race_experiment(streamed, FEW_SEEDS, "auto"),
    ]
    verdicts = [record(one) for one in run_experiments(studies)]
    write(
        "phase_boundary",
        {
            "verdicts": verdicts[:3],
            "race on the same runs": verdicts[3:],
            f"test error at d = {PLANE['d']}": [test_error_crossing(p) for p in PLANE_P],
        },
    )


if __name__ == "__main__":
    main()
