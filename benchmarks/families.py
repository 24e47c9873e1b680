"""Whole families of runs: ``python -m benchmarks.families [--against PYTHON]``.

Runs a second against the size of a stack, the processor seconds of whole checks beside those of
another installation (version 0.1.0 in an environment of its own), and a sweep of many small runs.
Results go to ``families.json`` and ``families.md``.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks import machine
from benchmarks.tables import duration, table
from sims import Problem, jobs, simulate_many

PARTS = ("stacks", "runs", "checks", "sweep", "vmap")
RESULTS = Path(__file__).parent / "results"
SHAPE = {"n": 10, "m": 6, "K": 2}
D = 10_000
SIZES = (1, 10, 50, 100)
LEAST_RUNS = 20  # of one timing: fewer where a stack is small
VMAP_RUNS, VMAP_STEPS = 100, 10
PR_SET_CHILD_SUBREAPER = 36  # of <linux/prctl.h>
CHECKS = {
    "verify, the default": ("verify",),
    "verify lemmas": ("verify", "lemmas"),
    "verify predictions": ("verify", "predictions"),
    "phase, 576 runs": ("phase",),
    "falsify mild-pruning along d and sigma_0": ("falsify", "mild-pruning", "--along", "d,sigma_0"),
}
# The work of the default `verify` of 0.1.0, part by part, in lines that both versions understand;
# both print the processor seconds, imports and first calls apart.
FIRST = """
import time
from threadpoolctl import threadpool_limits
threadpool_limits(1)
try:
    from theorycheck.commands.plan import Plan
    from theorycheck.judging.family import engine_for, mild_family, over_family
    from theorycheck.judging.observation import observe, observe_many
    from theorycheck.predictions.experiments import SEEDS, small_experiments
    from theorycheck.predictions.lemma_check import check_lemmas, count_failures
    from theorycheck.running.tasks import run_tasks
    grid = Plan().grid
except ImportError:
    from theorycheck.family import engine_for, mild_family, over_family
    from theorycheck.lemma_check import check_lemmas, count_failures
    from theorycheck.measure import observe
    from theorycheck.plan import Plan
    from theorycheck.sharp import SEEDS, small_studies
    grid, observe_many, run_tasks = Plan().p_grid, None, None
observe("mild-pruning", mild_family((300,)).problems[0], 0, 0.5)


def runs(wanted):
    began = time.process_time()
    if observe_many is None:
        for one in wanted:
            observe(*one)
    else:
        list(observe_many([one if len(one) == 5 else (*one, "auto") for one in wanted]))
    print(time.process_time() - began)


def family_runs(theorem, family):
    runs([(theorem, problem, seed, 0.05, engine_for(family))
          for problem in family.problems for seed in range(20)])


def lemmas():
    began = time.process_time()
    check_lemmas(lambda problem, seeds, *which: count_failures(problem, seeds, *which),
                 200, "isotropic")
    print(time.process_time() - began)


def predictions():
    began = time.process_time()
    if run_tasks is None:
        for study in small_studies(range(SEEDS)):
            for task in study.tasks:
                task.function(*task.arguments)
    else:
        signal, noise, learnable, race, boundary, drift = small_experiments(range(SEEDS))
        for one in (signal, noise, learnable, boundary, drift):
            run_tasks([task for heap in one.heaps for task in heap], None, False)
    print(time.process_time() - began)
"""
RUNS = {
    "100 mild": 'family_runs("mild-pruning", mild_family())',
    "100 over-pruned": 'family_runs("over-pruning", over_family())',
    "21 over p": 'runs([("mild-pruning", problem, seed, 0.05) for problem in grid() '
    "for seed in range(3)])",
    "200 draws of every lemma": "lemmas()",
    "predictions, without `race`": "predictions()",
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


def adopt_orphans() -> None:
    """Become the parent of processes whose own parent ends first, to count their time (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(command: Sequence[str], folder: str) -> tuple[float, float, str]:
    """Run a command; return wall and processor seconds, of all its processes, and its output."""
    before, began = sum(os.times()[2:4]), time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=own_packages(), check=False, stdout=subprocess.PIPE, text=True
    )
    wall = time.perf_counter() - began
    with suppress(ChildProcessError):
        while True:
            os.wait()
    return wall, sum(os.times()[2:4]) - before, done.stdout


def run_rows(against: str) -> Iterator[dict[str, Any]]:
    """Measure the parts of a default check alone, in one process, there and here."""
    for name, line in RUNS.items():
        row: dict[str, Any] = {"runs": name}
        for place, python in (("there", against), ("here", sys.executable)):
            with tempfile.TemporaryDirectory() as folder:
                *_, said = run([python, "-P", "-c", FIRST + line], folder)
                row[place] = float(said)
        yield row


def check_rows(against: str) -> Iterator[dict[str, Any]]:
    """Measure whole commands there and here, one after the other."""
    for name, words in CHECKS.items():
        row: dict[str, Any] = {"check": name}
        for place, python in (("there", against), ("here", sys.executable)):
            with tempfile.TemporaryDirectory() as folder:
                command = [python, "-P", "-m", "theorycheck", *words]
                row[f"{place}_wall"], row[place], _ = run([*command, "--workers", "2"], folder)
        yield row


def sweep_row(runs: int) -> dict[str, Any]:
    """Time a sweep of small runs on two processes, store and all."""
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "study.toml"
        study.write_text(STUDY.format(seeds=runs), encoding="utf-8")
        words = ("sweep", "study.toml", "--store", "study.db", "--workers", "2")
        wall, processor, said = run([sys.executable, "-P", "-m", "theorycheck", *words], folder)
        said = said.strip().removeprefix("study.db: ")
        return {"runs": runs, "wall": wall, "processor": processor, "said": said}


def vmap_row() -> dict[str, Any]:
    """Set 100 over-pruned runs beside PyTorch's vmap over them, extrapolated from some steps."""
    from benchmarks.torch_vmap import seconds_a_step

    problem, engine = kinds()["over-pruned, flow"]
    began = time.process_time()
    runs = simulate_many([problem] * VMAP_RUNS, range(VMAP_RUNS), 0.05, engine=engine)
    ours = time.process_time() - began
    longest = max(float(one.steps[-1]) for one in runs)
    step = seconds_a_step(problem, range(VMAP_RUNS), VMAP_STEPS)
    return {"runs": VMAP_RUNS, "ours": ours, "step": step, "longest": longest,
            "measured_steps": VMAP_STEPS, "extrapolated": step * longest}  # fmt: skip


def render(results: dict[str, Any]) -> str:
    """Return the results in Markdown."""
    about = results["machine"]
    stacks = [
        (row["kind"], str(row["size"]), f"{row['runs'] / row['seconds']:.3g}")
        for row in results["stacks"]
    ]
    together = {place: sum(row[place] for row in results["runs"]) for place in ("there", "here")}
    alone = [_ratio(row["runs"], row) for row in results["runs"]]
    alone.append(_ratio("together", together))
    checks = [
        (*_ratio(row["check"], row), *(duration(row[f"{one}_wall"]) for one in ("there", "here")))
        for row in results["checks"]
    ]
    swept, vmap = results["sweep"], results["vmap"]
    parts = [
        "# Families of runs",
        f"{about['date']}, {about['cpu']}, {about['cores']} cores, load at the start "
        f"{about['load']}. K m = 12, n = 10.",
        "## Runs a second of processor time, against the size of the stack",
        table(("runs", "places", "runs a second"), stacks),
        "## Processor seconds of the parts of a default check of 0.1.0, one process, side by side",
        table(("part", "0.1.0", "here", "ratio"), alone),
        "## Processor seconds of whole commands with two processes, side by side",
        table(("check", "0.1.0", "here", "ratio", "wall, 0.1.0", "wall, here"), checks),
        "## A sweep of small runs, two processes, store and all",
        f"d = 600, loss 0.05, {swept['runs']} runs: {duration(swept['wall'])}, "
        f"{duration(swept['processor'])} of processor time; {swept['said']}.",
        "## The same over-pruned runs with PyTorch's vmap over runs, extrapolated",
        f"One step of {vmap['runs']} runs takes {duration(vmap['step'])} (mean of "
        f"{vmap['measured_steps']}); the longest takes {vmap['longest']:.3g} steps, which would "
        f"be {duration(vmap['extrapolated'])}. Here all take {duration(vmap['ours'])}.",
    ]
    return "\n\n".join(parts) + "\n"


def _ratio(name: str, row: dict[str, Any]) -> tuple[str, ...]:
    there, here = row["there"], row["here"]
    return name, duration(there), duration(here), f"{there / here:.2f}"


def main() -> None:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.families", description=__doc__)
    parser.add_argument("--against", help="the Python of an environment with version 0.1.0")
    parser.add_argument("--runs", type=int, default=10_000, help="runs of the sweep")
    parser.add_argument(
        "--only",
        choices=("stacks", "runs", "checks", "sweep", "vmap"),
        help="keep the other parts as they are",
    )
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder to write to")
    arguments = parser.parse_args()
    parts: dict[str, Callable[[], Any]] = {
        "stacks": lambda: list(stack_rows()),
        "runs": lambda: list(run_rows(arguments.against)) if arguments.against else [],
        "checks": lambda: list(check_rows(arguments.against)) if arguments.against else [],
        "sweep": lambda: sweep_row(arguments.runs),
        "vmap": vmap_row,
    }
    adopt_orphans()
    path = arguments.output / "families.json"
    results = json.loads(path.read_text("utf-8")) if arguments.only else {}
    results["machine"] = machine.describe()
    results |= {name: make() for name, make in parts.items() if arguments.only in (None, name)}
    path.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    (arguments.output / "families.md").write_text(render(results), encoding="utf-8")
    print(render(results))


if __name__ == "__main__":
    main()
