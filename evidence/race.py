"""`race`: 2046 classes at their hardest SNR, each decided by its draw; and what small d changes.

Every setting runs at the SNR that is predicted to let half of its classes learn: nothing but the
draw decides there. Wide problems first (d = 10^14, sigma_0 = 10^-5), dense and pruned, K = 2 and
3. Then d = 10^5, where the memorized samples move the others' products (by about g/sqrt(p d)): the
smaller sigma_0 is, the more that decides.
"""

from __future__ import annotations

from typing import Any

from evidence.record import write
from theorycheck.predictions.experiments import run_experiments
from theorycheck.predictions.limit import record
from theorycheck.predictions.phase_boundary import around_boundary
from theorycheck.predictions.race import race_experiment

DENSE: tuple[tuple[float, dict[str, Any]], ...] = (
    (1.0, {"m": 10, "n": 10}),
    (1.0, {"m": 10, "n": 20}),
    (1.0, {"m": 20, "n": 10}),
    (1.0, {"m": 20, "n": 20}),
    (1.0, {"m": 40, "n": 10}),
    (1.0, {"m": 40, "n": 20}),
    (1.0, {"m": 10, "n": 20, "noise": "isotropic"}),
    (1.0, {"m": 10, "n": 12, "K": 3}),
    (1.0, {"m": 10, "n": 21, "K": 3, "noise": "isotropic"}),
)
PRUNED: tuple[tuple[float, dict[str, Any]], ...] = (
    (0.8, {"m": 7, "n": 10}),
    (0.5, {"m": 6, "n": 10}),
    (0.3, {"m": 6, "n": 20}),
    (0.5, {"m": 6, "n": 10, "noise": "isotropic"}),
    (0.6, {"m": 4, "n": 12, "K": 3}),
)
SEEDS = range(66)
NARROW: tuple[dict[str, Any], ...] = tuple(
    {"d": 10**5, "m": m, "n": n, "sigma_0": sigma_0, "noise": noise}
    for sigma_0 in (1e-2, 3e-3, 1e-3, 1e-4)
    for m, n, noise in ((20, 10, "isotropic"), (40, 10, "orthogonal"))
)


def main() -> None:
    """Run everything and write the result."""
    studies = [
        race_experiment([around_boundary(p, **sizes) for p, sizes in settings], SEEDS)
        for settings in (DENSE, PRUNED, tuple((1.0, sizes) for sizes in NARROW))
    ]
    dense, pruned, narrow = (record(one) for one in run_experiments(studies))
    by_start = [
        {"sigma_0": sizes["sigma_0"], **row}
        for sizes, row in zip(NARROW, narrow["rows"], strict=True)
    ]
    write("race", {"verdicts": [dense, pruned], "d = 10^5, by sigma_0": by_start})


if __name__ == "__main__":
    main()
