"""What the evidence on sweeps shares: a study of many short runs, and commands that make it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from theorycheck.running.export import export
from theorycheck.running.store import open_store

COMMAND = [sys.executable, "-m", "theorycheck"]

STUDY = """
engine = "gram"
target_loss = 0
max_steps = {steps}
population = {population}
seeds = {seeds}
[problem]
d = {d}
n = 10
m = 6
K = 2
p = [1.0, 0.5, 0.25, 0.1]
sigma_n = 0.02
sigma_0 = 0.01
eta = 0.5
"""


def write_study(
    folder: Path, seeds: int, steps: int, *, d: int = 400, population: bool = True
) -> Path:
    """Write a study of four times as many runs as seeds, each of so many exact steps."""
    path = folder / f"study-{seeds}-{steps}.toml"
    word = str(population).lower()
    path.write_text(STUDY.format(seeds=seeds, steps=steps, d=d, population=word))
    return path


def start_sweep(study: Path, store: Path, *options: str) -> subprocess.Popen[str]:
    """Start the command in a session of its own, so that a signal to its group hits all of it."""
    return subprocess.Popen(
        [*COMMAND, "sweep", str(study), "--store", str(store), *options],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for a sweep that must succeed; return what it said on standard error."""
    _, said = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"a sweep ended with status {process.returncode}: {said}")
    return said


def exported(store: Path) -> str:
    """Return a hash of everything an export of a store holds, every bit of every run."""
    found = hashlib.sha256()
    with tempfile.TemporaryDirectory() as folder, open_store(store) as opened:
        opened.check()
        export(opened, folder)
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def digests(store: Path) -> dict[str, str]:
    """Return the digest of every stored run by its key; it covers when and where it was made."""
    if not store.exists():
        return {}
    with open_store(store) as opened:
        return {record.key: record.digest for record in opened.records()}


def counted(store: Path) -> dict[str, Any]:
    """Return how many runs of a store are done, failed and missing."""
    with open_store(store) as opened:
        return vars(opened.progress())


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that live (Linux)."""
    task = Path(f"/proc/{pid}/task")
    return [int(child) for thread in task.iterdir()
            for child in (thread / "children").read_text().split()]  # fmt: skip


def workers(pid: int) -> list[int]:
    """Return the processes that make the runs of another: its own, or copies of one of its own."""
    found: list[int] = []
    for child in children(pid):
        with suppress(OSError):
            words = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"forkserver" in words:
                found += children(child)
            elif b"spawn_main" in words:
                found.append(child)
    return found
