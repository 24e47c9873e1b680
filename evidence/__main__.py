"""``python -m evidence [NAME ..]``: run pieces of evidence and write their results."""

from __future__ import annotations

import importlib
import sys

PIECES = (
    "same_law",
    "claim4",
    "population",
    "over_pruned",
    "many_runs",
    "starts",
    "falsified",
    "calibrated",
    "true_claims",
    "other_numbers",
    "escape_time",
    "learnability",
    "phase_boundary",
    "omega_drift",
    "noise_exponent",
    "kill",
    "fuzz",
    "store_size",
    "throughput",
)


def main(names: list[str]) -> int:
    """Run the named pieces, or all; return 2 for an unknown name."""
    for name in names:
        if name not in PIECES:
            print(f"evidence must be one of {', '.join(PIECES)}, got {name!r}", file=sys.stderr)
            return 2
    for name in names or PIECES:
        importlib.import_module(f"evidence.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
