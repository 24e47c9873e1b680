"""`omega-drift`: the largest |omega| against its prediction, sigma_0 over four decades."""

from __future__ import annotations

from evidence.record import write
from theorycheck.predictions.experiments import falling_sigma_0, run_experiments
from theorycheck.predictions.limit import record
from theorycheck.predictions.omega_drift import drift_experiment
from theorycheck.running.tasks import open_pool

SIGMA_0S = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
SEEDS = range(24)
PATHS = [
    falling_sigma_0(SIGMA_0S, 10**4, 10, 6, 2, 1.0),
    falling_sigma_0(SIGMA_0S, 10**4, 12, 6, 3, 0.8),
    falling_sigma_0(SIGMA_0S, 10**10, 10, 6, 2, 1.0, "isotropic", "gram-law"),
    falling_sigma_0(SIGMA_0S, 10**10, 10, 6, 2, 0.8, "isotropic", "gram-law"),
]
SMALL_D = [falling_sigma_0(SIGMA_0S, 10**4, 10, 6, 2, 1.0, "isotropic")]


def main() -> None:
    """Run the study, and the same at a small d with isotropic noise, and write the verdicts."""
    with open_pool(2) as pool:
        found = run_experiments(
            [drift_experiment(paths, SEEDS) for paths in (PATHS, SMALL_D)], pool
        )
    verdict, small = (record(one) for one in found)
    write("omega_drift", {"verdicts": [verdict], "isotropic noise at d = 10^4": small})


if __name__ == "__main__":
    main()
