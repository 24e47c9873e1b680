"""`escape-time`: measured against predicted T(g) for signal and noise, sigma_0 over four decades.

Every run is stopped where gamma, or zeta, is about 0.1. Runs of one setting are repeated with a ten
times smaller rtol, to tell what part of the distance from 1 the integrator makes. Isotropic noise
pushes the signal coordinate too, which the prediction leaves out: that part does not fall with
sigma_0 but with d, so it has a table of its own.
"""

from __future__ import annotations

from typing import Any

from evidence.record import write
from theorycheck.predictions.escape_time import (
    GROWN,
    RTOL,
    noise_experiment,
    signal_escapes,
    signal_experiment,
)
from theorycheck.predictions.experiments import falling_sigma_0, growing_kept, run_experiments
from theorycheck.predictions.limit import record
from theorycheck.running.tasks import open_pool

SIGMA_0S = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
KEPT = (1e5, 1e6, 1e8, 1e10, 1e12)
SEEDS = range(16)
NOISE_SEEDS = range(32)
PATHS = [
    falling_sigma_0(SIGMA_0S, 4000, 10, 6, 2, 0.5),
    falling_sigma_0(SIGMA_0S, 4000, 12, 10, 3, 0.4),
    falling_sigma_0(SIGMA_0S, 10**10, 10, 6, 2, 0.5, "isotropic", "gram-law"),
    falling_sigma_0(SIGMA_0S, 10**10, 12, 4, 3, 0.5, "isotropic", "gram-law"),
]
SIZES = (10**4, 10**6, 10**8, 10**10)
SMALL_D = [falling_sigma_0(SIGMA_0S, d, 10, 6, 2, 1.0, "isotropic", "gram-law") for d in SIZES]


def tightened() -> dict[str, Any]:
    """Return how much the ratios change with a ten times smaller rtol."""
    path = PATHS[0]
    changes = {}
    for sigma_0, problem in zip(path.values, path.problems, strict=True):
        calls = [(problem, seed, "auto", GROWN) for seed in SEEDS[:4]]
        usual, tight = (
            [
                one.ratio
                for _, escapes in signal_escapes([(*call, rtol) for call in calls])
                for one in escapes
            ]
            for rtol in (RTOL, RTOL / 10)
        )
        changes[f"{sigma_0:g}"] = max(abs(a - b) for a, b in zip(usual, tight, strict=True))
    return {"setting": path.setting, "rtol": [RTOL, RTOL / 10], "largest change": changes}


def main() -> None:
    """Run both studies and write their verdicts."""
    loud = [growing_kept(KEPT, 10, 6, 2, 0.5), growing_kept(KEPT, 12, 4, 3, 0.5)]
    studies = [
        signal_experiment(PATHS, SEEDS),
        noise_experiment(loud, NOISE_SEEDS),
        *(signal_experiment([path], SEEDS) for path in SMALL_D),
    ]
    with open_pool(2) as pool:
        verdicts = [record(verdict) for verdict in run_experiments(studies, pool)]
    write(
        "escape_time",
        {
            "verdicts": verdicts[:2],
            "isotropic noise, by d": dict(zip(map(str, SIZES), verdicts[2:], strict=True)),
            "tightened": tightened(),
        },
    )


if __name__ == "__main__":
    main()
