"""``python -m evidence [NAME ..]``: run pieces of evidence and write their results.

``python -m evidence --stale`` runs nothing and lists the results that are behind their sources.
"""

from __future__ import annotations

import importlib
import sys

from evidence.record import stale
from evidence.sources import digest

PIECES = (
    "same_law",
    "claim4",
    "population",
    "over_pruned",
    "many_runs",
    "headline",
    "starts",
    "falsified",
    "calibrated",
    "true_claims",
    "other_numbers",
    "escape_time",
    "learnability",
    "race",
    "sibling_race",
    "relu_curve",
    "relu_map",
    "square_growth",
    "boundaries",
    "phase_boundary",
    "spread_signals",
    "captured",
    "masks",
    "omega_drift",
    "noise_exponent",
    "thresholds",
    "kill",
    "fuzz",
    "store_size",
    "throughput",
    "digits",
    "paper_experiment",
)


def main(names: list[str]) -> int:
    """Run the named pieces, or all; return 2 for an unknown name."""
    if names == ["--stale"]:
        behind = stale()
        print(f"{len(behind)} results are behind their sources", *behind, sep="\n  ")
        return 0
    for name in names:
        if name not in PIECES:
            print(f"evidence must be one of {', '.join(PIECES)}, got {name!r}", file=sys.stderr)
            return 2
    for name in names or PIECES:
        digest(f"evidence.{name}")  # reads the sources now: they may be edited while it runs
        importlib.import_module(f"evidence.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
