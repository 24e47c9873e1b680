"""Whole families of runs: ``python -m benchmarks.families [--against PYTHON]``.

Runs a second against the size of a stack, the processor seconds of whole checks beside those of
another installation (version 0.1.0 in an environment of its own), and a sweep of many small runs.
Results go to ``families.json`` and ``families.md``.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks import machine
from benchmarks.tables import duration, table
from sims import Problem, jobs, simulate_many

RESULTS = Path(__file__).parent / "results"
SHAPE = {"n": 10, "m": 6, "K": 2}
D = 10_000
SIZES = (1, 10, 50, 100)
LEAST_RUNS = 20  # of one timing: fewer where a stack is small
CHECKS = {
    "mild pruning, with the figure over p": ("verify", "mild-pruning"),
    "over-pruning": ("verify", "over-pruning"),
    "lemmas": ("verify", "lemmas"),
    "sharp predictions": ("verify", "predictions"),
    "phase map, 576 runs": ("phase",),
}
STUDY = """
engine = "auto"
seeds = {seeds}
[problem]
d = 600
n = 10
m = 6
K = 2
p = 0.9
"""


def kinds() -> dict[str, tuple[Problem, str]]:
    """Return a problem and an engine for each kind of run."""
    over = 1 / (SHAPE["K"] * SHAPE["m"] * math.log(D))
    return {
        "mild, flow": (Problem.theorem_regime(D, p=0.7, **SHAPE), "flow"),
        "over-pruned, flow": (Problem.theorem_regime(D, p=over, **SHAPE), "flow"),
        "exact, 1000 steps": (Problem(600, 10, 6, 2, 0.7, 1.0, 0.02, 0.1, 0.05), "gram"),
    }


def stack_rows() -> Iterator[dict[str, Any]]:
    """Time runs of every kind in stacks of every size, draws included."""
    for kind, (problem, engine) in kinds().items():
        loss, last = (0.0, 1000) if engine == "gram" else (0.05, None)
        for size in SIZES:
            runs = max(size, LEAST_RUNS)
            with mock.patch.object(jobs, "STACK_SIZE", size):
                began = time.process_time()
                simulate_many([problem] * runs, range(runs), loss, max_steps=last, engine=engine)
                seconds = time.process_time() - began
            yield {"kind": kind, "size": size, "runs": runs, "seconds": seconds}


def own_packages() -> dict[str, str]:
    """Return the environment without a path that would hide what a Python has installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def processor_seconds(python: str, words: Sequence[str]) -> float:
    """Run a command of one installation; return what it and its processes took of processors."""
    with tempfile.TemporaryDirectory() as folder:
        before = sum(os.times()[2:4])
        subprocess.run(
            [python, "-P", "-m", "theorycheck", *words, "--out", "out", "--workers", "2"],
            cwd=folder, env=own_packages(), check=False, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return sum(os.times()[2:4]) - before


def check_rows(against: str) -> Iterator[dict[str, Any]]:
    """Measure whole checks here and there, one after the other."""
    for name, words in CHECKS.items():
        there = processor_seconds(against, words)
        yield {"check": name, "there": there, "here": processor_seconds(sys.executable, words)}


def sweep_row(runs: int) -> dict[str, Any]:
    """Time a sweep of small runs on two processes, store and all."""
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "study.toml"
        study.write_text(STUDY.format(seeds=runs), encoding="utf-8")
        before, began = sum(os.times()[2:4]), time.perf_counter()
        words = ("sweep", "study.toml", "--store", "study.db", "--workers", "2")
        command = [sys.executable, "-P", "-m", "theorycheck", *words]
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        return {
            "runs": runs,
            "wall": time.perf_counter() - began,
            "processor": sum(os.times()[2:4]) - before,
            "said": done.stdout.strip().removeprefix("study.db: "),
        }


def render(results: dict[str, Any]) -> str:
    """Return the results in Markdown."""
    about = results["machine"]
    stacks = [
        (row["kind"], str(row["size"]), f"{row['runs'] / row['seconds']:.3g}")
        for row in results["stacks"]
    ]
    checks = [
        (row["check"], *(duration(row[place]) for place in ("there", "here")),
         f"{row['there'] / row['here']:.2f}")
        for row in results["checks"]
    ]  # fmt: skip
    swept = results["sweep"]
    parts = [
        "# Families of runs",
        f"{about['date']}, {about['cpu']}, {about['cores']} cores, load at the start "
        f"{about['load']}. K m = 12, n = 10.",
        "## Runs a second of processor time, against the size of the stack",
        table(("runs", "places", "runs a second"), stacks),
        "## Processor seconds of whole checks, side by side",
        table(("check", "0.1.0", "here", "ratio"), checks),
        "## A sweep of small runs, two processes, store and all",
        f"d = 600, loss 0.05, {swept['runs']} runs: {duration(swept['wall'])}, "
        f"{duration(swept['processor'])} of processor time; {swept['said']}.",
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.families", description=__doc__)
    parser.add_argument("--against", help="the Python of an environment with version 0.1.0")
    parser.add_argument("--runs", type=int, default=10_000, help="runs of the sweep")
    parser.add_argument(
        "--only", choices=("stacks", "checks", "sweep"), help="keep the other parts as they are"
    )
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder to write to")
    arguments = parser.parse_args()
    parts: dict[str, Callable[[], Any]] = {
        "stacks": lambda: list(stack_rows()),
        "checks": lambda: list(check_rows(arguments.against)) if arguments.against else [],
        "sweep": lambda: sweep_row(arguments.runs),
    }
    path = arguments.output / "families.json"
    results = json.loads(path.read_text("utf-8")) if arguments.only else {}
    results["machine"] = machine.describe()
    results |= {name: make() for name, make in parts.items() if arguments.only in (None, name)}
    path.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    (arguments.output / "families.md").write_text(render(results), encoding="utf-8")
    print(render(results))


if __name__ == "__main__":
    main()
