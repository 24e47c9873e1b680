"""What a store costs: bytes and time a run, and how a large one answers."""

from __future__ import annotations

import dataclasses
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from evidence.record import write
from evidence.sweeping import COMMAND
from sims import Problem, simulate
from theorycheck.cli.stores import store_counts
from theorycheck.running.spec import RunSpec
from theorycheck.running.store import open_store
from theorycheck.running.stored_run import StoredRun, execute
from theorycheck.running.sweep import run_sweep

TRIVIAL = Problem(d=20, n=2, m=1, K=2, p=1.0, mu=1.0, sigma_n=0.05, sigma_0=0.3, eta=0.5)
RUNS = 2000
LARGE = 100_000


def main() -> None:
    """Time trivial runs, then fill a store with copies of one and ask it."""
    with tempfile.TemporaryDirectory() as folder:
        write(
            "store_size",
            {"overhead": overhead(Path(folder)), "large": large(Path(folder) / "large.db")},
        )


def trivial(seed: int) -> RunSpec:
    """Return a run that takes about a millisecond."""
    return RunSpec.plan(TRIVIAL, seed, "gram", 0.0, max_steps=3, population=False)


def overhead(folder: Path) -> dict[str, Any]:
    """Return what a run costs beyond its simulation, with one and two processes.

    Processor time is of all processes together; it says the same on a busy machine.
    """
    found: dict[str, Any] = {"runs": RUNS, "load of the machine before": round(os.getloadavg()[0])}
    simulation = processor_seconds(simulate_all)
    for workers in (1, 2):
        store = folder / f"{workers}.db"
        start = processor_seconds(lambda: sweep([RUNS], store, workers))  # noqa: B023
        began = time.perf_counter()
        sweep([RUNS + 1], store, workers)
        started = time.perf_counter()
        whole = processor_seconds(lambda: sweep(range(RUNS), store, workers))  # noqa: B023
        seconds = time.perf_counter() - started - (started - began)
        with open_store(store) as opened:
            simulated = sum(one.values["seconds"] for one in opened.records()) / workers
        found[f"{workers} workers"] = {
            "milliseconds a run": round(1e3 * seconds / RUNS, 2),
            "of which simulation": round(1e3 * simulated / RUNS, 2),
            "overhead": round(1e3 * (seconds - simulated) / RUNS, 2),
            "overhead in processor time": round(1e3 * (whole - start - simulation) / RUNS, 2),
            "bytes a run": round(store.stat().st_size / RUNS),
        }
    return found


def sweep(seeds: Iterable[int], store: Path, workers: int) -> None:
    """Make trivial runs."""
    run_sweep([trivial(seed) for seed in seeds], store, workers=workers)


def simulate_all() -> None:
    """Make the same runs without keeping anything."""
    for seed in range(RUNS):
        simulate(TRIVIAL, seed, "gram", 0.0, max_steps=3)


def processor_seconds(act: Callable[[], object]) -> float:
    """Return the processor time that something takes, here and in processes that it ends."""

    def used() -> float:
        who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        return sum(one.ru_utime + one.ru_stime for one in map(resource.getrusage, who))

    before = used()
    act()
    return used() - before


def large(store: Path) -> dict[str, Any]:
    """Fill a store with many runs and time opening it, its status, and a full check."""
    model = execute(trivial(0))
    specs = [trivial(seed) for seed in range(LARGE)]
    with open_store(store, "create") as opened:
        planned = clock(lambda: opened.plan(spec.key for spec in specs))
        filled = clock(lambda: [opened.add(copy(model, spec)) for spec in specs[:-1]])
    found = {
        "runs": LARGE,
        "megabytes": round(store.stat().st_size / 1e6, 1),
        "seconds to plan": round(planned, 2),
        "milliseconds to add one": round(1e3 * filled / LARGE, 3),
        "seconds to open": round(clock(lambda: open_store(store).close()), 4),
        "seconds of the command status": round(clock(lambda: ask_status(store)), 2),
    }
    with open_store(store) as opened:
        found["status"] = store_counts(opened)
        found["seconds of status"] = round(clock(lambda: store_counts(opened)), 3)
        found["seconds of a full check"] = round(clock(opened.check), 1)
    with open_store(store, "write") as opened:
        # what a sweep does before its first run
        found["seconds to find what is missing"] = round(clock(lambda: opened.keys()), 2)
    return found


def copy(model: StoredRun, spec: RunSpec) -> StoredRun:
    """Return a record of another seed with the arrays of one."""
    return dataclasses.replace(model, key=spec.key, values={**model.values, "seed": spec.seed})


def ask_status(store: Path) -> None:
    """Run the command as a user does."""
    subprocess.run([*COMMAND, "status", str(store)], check=True, capture_output=True)


def clock(act: Callable[[], object]) -> float:
    """Return the seconds something takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
