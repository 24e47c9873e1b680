"""The command: measure everything, write ``results.json``, ``results.md`` and the figure."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks import against_d, figure, gram_rate, machine, per_step, tables, whole_runs
from benchmarks.plan import FULL, QUICK, Plan

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, under a minute")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder to write to")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    results = measure(QUICK if arguments.quick else FULL)
    text = json.dumps(results, indent=1) + "\n"
    (arguments.output / "results.json").write_text(text, encoding="utf-8")
    (arguments.output / "results.md").write_text(tables.render(results), encoding="utf-8")
    figure.draw(results, arguments.output)
    print(tables.render(results))


def measure(plan: Plan) -> dict[str, Any]:
    """Measure all parts one after the other.

    Parameters
    ----------
    plan : Plan
        What to measure.

    Returns
    -------
    dict
        Results of every part, ready for JSON.
    """
    began = time.perf_counter()
    missing: set[str] = set()
    results: dict[str, Any] = {"machine": machine.describe(), "quick": plan is QUICK}
    results["per_step"] = list(per_step.measure(plan, missing))
    results["whole_runs"] = whole_runs.measure(plan, missing)
    results["against_d"] = against_d.measure(plan)
    results["gram_rate"] = gram_rate.measure(plan)
    results["missing"] = sorted(missing)
    results["seconds"] = time.perf_counter() - began
    return results


if __name__ == "__main__":
    main()
