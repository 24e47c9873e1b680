"""`phase-boundary`: the p at which the test error crosses 1/4, against the prediction.

Eight SNRs whose boundary lies inside, the verdict; then one SNR with one thing changed at a time,
to tell where the rest of the ratio comes from; and small networks whose samples do not disturb each
other (d = 10^12), where a race on the draw is to decide every class.
"""

from __future__ import annotations

from typing import Any

import bounds
from evidence.record import write
from theorycheck.predictions.experiments import run_experiments
from theorycheck.predictions.limit import record
from theorycheck.predictions.phase_boundary import boundary_experiment, problem_at, table_experiment
from theorycheck.running.tasks import open_pool

SNRS = (0.22, 0.25, 0.28, 0.31, 0.34, 0.37, 0.4, 0.44)
SEEDS = range(20)
FEWER_SEEDS = range(12)
FEWER_FACTORS = (0.55, 0.7, 0.85, 1.0, 1.2)
AT = 0.3
CHANGES: tuple[dict[str, float], ...] = (
    {},
    {"sigma_0": 1e-6},
    {"sigma_0": 1e-2, "eta": 0.01},
    {"d": 64_000},
    {"m": 20},
    {"m": 80},
    {"n": 40},
)
SMALL = {"n": 20, "m": 6}
SMALL_SNR = 0.36
SMALL_SIZES = (4000, 10**8, 10**12)
SMALL_FACTORS = (0.5, 0.7, 1.0, 1.4, 2.0)


def small_networks(d: int) -> Any:
    """Return the study of small networks at one d."""
    boundary = bounds.phase_boundary(SMALL_SNR, SMALL["n"], SMALL["m"], 2, 3.0)
    assert boundary is not None
    ps = [min(1.0, boundary * factor) for factor in SMALL_FACTORS]
    problems = [problem_at(SMALL_SNR, p, d=d, **SMALL) for p in ps]
    return boundary_experiment([problems], [boundary], [SMALL_SNR], SEEDS, "gram-law")


def main() -> None:
    """Run everything and write the result."""
    studies = [
        table_experiment(SNRS, SEEDS),
        *(table_experiment((AT,), FEWER_SEEDS, FEWER_FACTORS, **change) for change in CHANGES),
        *(small_networks(d) for d in SMALL_SIZES),
    ]
    with open_pool(2) as pool:
        table, *rest = run_experiments(studies, pool)
    rows = [record(one)["rows"][0] for one in rest]
    write(
        "phase_boundary",
        {
            "verdicts": [record(table)],
            f"one change at SNR {AT}": [
                {"change": change, **row} for change, row in zip(CHANGES, rows, strict=False)
            ],
            f"m = {SMALL['m']}, SNR {SMALL_SNR}, by d": [
                {"d": d, **row} for d, row in zip(SMALL_SIZES, rows[len(CHANGES) :], strict=True)
            ],
        },
    )


if __name__ == "__main__":
    main()
