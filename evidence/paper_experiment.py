"""The paper's own kind of experiment: losses and largest coefficients against p, at d = 400.

The runs are those of ``studies/paper_experiment.toml``, which says what is the paper's in it.
"""

from __future__ import annotations

import statistics
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from evidence.record import write
from theorycheck.running.store import open_store
from theorycheck.running.stored_run import StoredRun
from theorycheck.running.sweep import run_sweep

STUDY = Path(__file__).parent.parent / "studies" / "paper_experiment.toml"
MEASURED = ("loss", "test_loss", "test_error", "max_gamma", "max_zeta", "max_omega", "steps")


def cells(runs: Iterable[StoredRun]) -> list[dict[str, Any]]:
    """Reduce runs to a median and the two extremes at each p, with how many reached the loss."""
    by_p: dict[float, list[dict[str, Any]]] = {}
    for run in runs:
        by_p.setdefault(run.values["p"], []).append(run.values)
    return [_cell(p, by_p[p]) for p in sorted(by_p, reverse=True)]


def _cell(p: float, runs: list[dict[str, Any]]) -> dict[str, Any]:
    columns = {name: [one[name] for one in runs] for name in MEASURED}
    return {
        "p": p,
        "runs": len(runs),
        "statuses": dict(Counter(one["status"] for one in runs)),
        **{
            name: {"median": statistics.median(found), "low": min(found), "high": max(found)}
            for name, found in columns.items()
        },
    }


def main() -> None:
    """Make the runs and write what came out."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paper.db"
        run_sweep(STUDY, path)
        with open_store(path) as store:
            write("paper_experiment", {"study": STUDY.name, "cells": cells(store.records())})


if __name__ == "__main__":
    main()
