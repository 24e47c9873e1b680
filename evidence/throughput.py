"""Two processes against one, and whether whatever makes the runs gives the same bits.

Two processors of a virtual machine need not be worth twice one. The same runs in bare processes,
without store or claims, say in turn with the sweeps what the machine gives at that moment.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from evidence.record import write
from evidence.sweeping import exported, write_study
from theorycheck.running.store import open_store
from theorycheck.running.stored_run import execute
from theorycheck.running.study_file import read_study
from theorycheck.running.sweep import run_sweep

SEEDS, STEPS = 15, 8000  # 60 runs of about 0.2 s
REPEATS = 5


def main() -> None:
    """Time one and two processes in turn, and compare every way to make the runs."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        study = write_study(folder, SEEDS, STEPS, population=False)
        began = os.getloadavg()[0]
        seconds: dict[int, list[float]] = {1: [], 2: []}
        bare: dict[int, list[float]] = {1: [], 2: []}
        for repeat in range(REPEATS):
            for workers in (1, 2):
                store = folder / f"{workers}-{repeat}.db"
                seconds[workers].append(timed(study, store, workers=workers))
                bare[workers].append(timed_bare(study, workers))
        run_median = median_run(folder / "1-0.db")
        results = same_bits(folder)
    write(
        "throughput",
        {
            "runs": 4 * SEEDS,
            "median seconds of a run": run_median,
            "seconds with 1 and 2 processes": seconds,
            "ratios": ratios(seconds),
            "seconds of bare processes": bare,
            "ratios of bare processes": ratios(bare),
            "load of the machine before": round(began, 1),
            **results,
        },
    )


def ratios(seconds: dict[int, list[float]]) -> list[float]:
    """Return how many times as fast two processes were, time for time."""
    return [round(one / two, 2) for one, two in zip(seconds[1], seconds[2], strict=True)]


def timed_bare(study: Path, workers: int) -> float:
    """Make the same runs in processes that share nothing, and return the seconds it took."""
    specs = read_study(study)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        list(pool.map(execute, specs[:workers]))
        began = time.perf_counter()
        list(pool.map(execute, specs))
        return round(time.perf_counter() - began, 2)


def timed(study: Path, store: Path, **options: Any) -> float:
    """Make a study, and return the seconds it took beyond starting the workers."""
    warm = store.with_suffix(".warm.db")
    tiny = write_study(study.parent, 1, 1, population=False)
    began = time.perf_counter()
    run_sweep(tiny, warm, **options)
    started = time.perf_counter()
    run_sweep(study, store, **options)
    return round(time.perf_counter() - started - (started - began), 2)


def median_run(store: Path) -> float:
    """Return the median time of a stored run."""
    with open_store(store) as opened:
        return round(statistics.median(one.values["seconds"] for one in opened.records()), 3)


def same_bits(folder: Path) -> dict[str, Any]:
    """Make one study, test losses included, in every way there is."""
    study = write_study(folder, 5, 1000)
    ways: dict[str, dict[str, Any]] = {
        "1 process": {"workers": 1},
        "2 processes": {"workers": 2},
        "dask, 2 processes": {"dask": "local", "workers": 2},
    }
    hashes = {}
    for name, options in ways.items():
        store = folder / f"{name}.db"
        run_sweep(study, store, **options)
        hashes[name] = exported(store)
    with ThreadPoolExecutor(2) as threads:
        run_sweep(study, folder / "threads.db", executor=threads)
        hashes["2 threads"] = exported(folder / "threads.db")
    return {"ways": list(hashes), "all equal to the bit": len(set(hashes.values())) == 1}


if __name__ == "__main__":
    main()
