"""Sweeps that are killed, interrupted, doubled and out of space: nothing lost, nothing twice.

Every store that went through a fault is gone on with and then compared, by a hash of its whole
export, with one that was made in a single go. Linux only: it reads /proc and sends signals.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evidence.record import write
from evidence.sweeping import (
    COMMAND,
    counted,
    digests,
    exported,
    finish,
    start_sweep,
    workers,
)

# four times as many runs as seeds, each to a loss, in stacks: they end one after the other
STUDY = """
engine = "auto"
seeds = {seeds}
[problem]
d = 600
n = 10
m = 6
K = 2
p = [0.95, 0.9, 0.8, 0.7]
"""
SEEDS, SEEDS_DASK = 600, 200  # Dask makes runs one by one
KILLS = 20
LATEST = 0.5  # seconds to a fault, from a sweep's start or from the first run it stores
SMALL_DISK = 1_500_000  # bytes; the runs take fifty times as much
INTERRUPTED = 130


def main() -> None:
    """Go through every fault and write what was seen."""
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        study, whole = unbroken(folder / "study", SEEDS)
        small, small_whole = unbroken(folder / "small", SEEDS_DASK)
        processes = ("--workers", "2")
        cluster = ("--dask", "local", "--workers", "2")
        found = {
            "runs": counted(study.with_suffix(".db"))["done"],
            "group killed": repeat_fault(study, whole, processes, kill_group, chance),
            "worker killed": kill_workers(study, whole, processes, chance),
            "dask worker killed": kill_workers(small, small_whole, cluster, chance),
            "interrupted": repeat_fault(study, whole, processes, interrupt, chance),
            "interrupted, dask": repeat_fault(small, small_whole, cluster, interrupt, chance, 3),
            "two sweeps at once": sweep_twice(study, whole),
            "limit on file size": fill(study, whole, folder / "limited", limited=True),
            "full disk": fill_tmpfs(study, whole, folder / "disk"),
        }
    write("kill", found)


def unbroken(path: Path, seeds: int) -> tuple[Path, str]:
    """Write a study, sweep it in a single go, and return it with the hash of what came of it."""
    study, store = path.with_suffix(".toml"), path.with_suffix(".db")
    study.write_text(STUDY.format(seeds=seeds), encoding="utf-8")
    finish(start_sweep(study, store, "--workers", "2"))
    return study, exported(store)


def kill_group(process: subprocess.Popen[str]) -> float:
    """Kill a sweep and all its processes at once; return 0, for it has no say."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return 0.0


def interrupt(process: subprocess.Popen[str]) -> float:
    """Send what Ctrl-C sends, and return how long the sweep took to end."""
    began = time.perf_counter()
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate()
    seconds = time.perf_counter() - began
    if process.returncode != INTERRUPTED or said.splitlines() != ["theorycheck: interrupted"]:
        raise SystemExit(f"interrupted, a sweep ended with {process.returncode}: {said}")
    return seconds


def repeat_fault(
    study: Path,
    whole: str,
    options: tuple[str, ...],
    fault: Callable[[subprocess.Popen[str]], float],
    chance: random.Random,
    times: int = KILLS,
) -> dict[str, Any]:
    """Let a fault end a sweep at random moments, go on each time, and finish."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "study.db"
        before: dict[str, str] = {}
        stored, took = [], []
        for trial in range(times):
            process = start_sweep(study, store, *options)
            # an interrupt while Python loads is Python's to answer
            if fault is interrupt or trial % 2 == 0:
                wait_for(process, store, len(before) + 1)
            time.sleep(chance.uniform(0.0, LATEST))
            if process.poll() is not None:
                raise SystemExit("the sweep ended before its fault: take longer runs")
            took.append(fault(process))
            before = expect_kept(before, digests(store))
            stored.append(len(before))
        finish(start_sweep(study, store, *options))
        expect_kept(before, digests(store))
        result = {"faults": times, "stored after each": stored, **compare(store, whole)}
        if any(took):
            result["seconds to end"] = [round(statistics.median(took), 2), round(max(took), 2)]
        return result


def wait_for(process: subprocess.Popen[str], store: Path, runs: int) -> None:
    """Wait until so many runs are stored, or the sweep has ended."""
    while process.poll() is None and (not store.exists() or counted(store)["done"] < runs):
        time.sleep(0.05)


def expect_kept(before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
    """Insist that no stored row is gone or was written again."""
    if any(after.get(key) != digest for key, digest in before.items()):
        raise SystemExit("a stored run was lost or made twice")
    return after


def compare(store: Path, whole: str) -> dict[str, Any]:
    """Count a store's runs, and tell whether its results are those of an unbroken sweep."""
    return {**counted(store), "equal to the bit": exported(store) == whole}


def kill_workers(
    study: Path, whole: str, options: tuple[str, ...], chance: random.Random
) -> dict[str, Any]:
    """Kill a worker every now and then during one sweep."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "study.db"
        process = start_sweep(study, store, *options)
        kills = 0
        while kills < KILLS:
            # both at work again: a run that dies three times is a failed one, and rightly so
            wait_for(process, store, 8 * (kills + 1))
            time.sleep(chance.uniform(0.0, 0.3))
            if alive := workers(process.pid):
                os.kill(chance.choice(alive), signal.SIGKILL)
                kills += 1
        process.communicate()
        blamed = counted(store)["failed"]  # by chance one run may lose three workers
        finish(start_sweep(study, store, *options, "--retry-failed"))
        return {"workers killed": kills, "runs blamed": blamed, **compare(store, whole)}


def sweep_twice(study: Path, whole: str) -> dict[str, Any]:
    """Let two sweeps make one study in one store at the same time."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "study.db"
        sweeps = [start_sweep(study, store, "--workers", "1") for _ in range(2)]
        for process in sweeps:
            finish(process)
        return compare(store, whole)


def fill(study: Path, whole: str, folder: Path, *, limited: bool = False) -> dict[str, Any]:
    """Sweep where there is room for a part of the runs, then where there is room for all."""
    folder.mkdir(exist_ok=True)
    store = folder / "study.db"
    stopped = subprocess.run(
        [*COMMAND, "sweep", str(study), "--store", str(store), "--workers", "2"],
        capture_output=True,
        text=True,
        preexec_fn=_limit_files if limited else None,
    )
    lines = stopped.stderr.splitlines()
    if stopped.returncode != 2 or len(lines) != 1:
        raise SystemExit(f"out of space, a sweep ended with {stopped.returncode}: {stopped.stderr}")
    kept = digests(store)
    with tempfile.TemporaryDirectory() as roomy:
        larger = Path(roomy) / "study.db"
        for name in ("study.db", "study.db-wal"):
            if (folder / name).exists():
                (Path(roomy) / name).write_bytes((folder / name).read_bytes())
        finish(start_sweep(study, larger, "--workers", "2"))
        expect_kept(kept, digests(larger))
        sentence = lines[0].replace(str(store), "FILE")
        return {"said": sentence, "stored until then": len(kept), **compare(larger, whole)}


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_DISK, SMALL_DISK))


def fill_tmpfs(study: Path, whole: str, folder: Path) -> dict[str, Any] | str:
    """As :func:`fill`, on a disk that is really full; it takes the right to mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        return "no right to mount a disk"
    try:
        return fill(study, whole, folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


if __name__ == "__main__":
    main()
