"""Two processes against one, and whether whatever makes the runs gives the same bits."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from evidence.record import write
from evidence.sweeping import exported, write_study
from theorycheck.store import open_store
from theorycheck.sweep import run_sweep

SEEDS, STEPS = 25, 5000  # 100 runs of about 0.2 s
REPEATS = 3


def main() -> None:
    """Time one and two processes in turn, and compare every way to make the runs."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        study = write_study(folder, SEEDS, STEPS, population=False)
        began = os.getloadavg()[0]
        seconds: dict[int, list[float]] = {1: [], 2: []}
        for repeat in range(REPEATS):
            for workers, taken in seconds.items():
                taken.append(timed(study, folder / f"{workers}-{repeat}.db", workers=workers))
        run_median = median_run(folder / "1-0.db")
        results = same_bits(folder)
    ratios = [one / two for one, two in zip(seconds[1], seconds[2], strict=True)]
    write(
        "throughput",
        {
            "runs": 4 * SEEDS,
            "median seconds of a run": run_median,
            "seconds with 1 and 2 processes": seconds,
            "ratios": [round(ratio, 2) for ratio in ratios],
            "load of the machine before": round(began, 1),
            **results,
        },
    )


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
