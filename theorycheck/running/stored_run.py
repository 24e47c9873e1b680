"""Make one run, and what is kept of it: numbers, how it was made, and the whole trajectory."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import math
import platform
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sims import Population, Trajectory, population, simulate, stream_many
from sims.problem import SIBLING_DEFAULTS
from theorycheck.about import versions
from theorycheck.running.spec import RunSpec

# name -> SQL type, in the order of the digest and of every table. What only some runs have, because
# the model of the first paper has no such parameter, is kept apart from the others.
SIBLING_COLUMNS = {"signals": "TEXT", "flip": "REAL", "support": "INTEGER", "pruning": "TEXT"}
SPEC_COLUMNS = {
    **dict.fromkeys(("d", "n", "m", "K"), "INTEGER"),
    **dict.fromkeys(("p", "mu", "sigma_n", "sigma_0", "eta", "q"), "REAL"),
    "noise": "TEXT",
    **SIBLING_COLUMNS,
    "seed": "INTEGER",
    "engine": "TEXT",
    **dict.fromkeys(("target_loss", "max_steps", "rtol"), "REAL"),
    **dict.fromkeys(("population", "threads", "result_version"), "INTEGER"),
}


RESULT_COLUMNS = {
    **dict.fromkeys(("outcome", "status", "reason"), "TEXT"),
    **dict.fromkeys(("steps", "time_error", "loss", "max_gamma", "max_zeta", "max_omega"), "REAL"),
    **dict.fromkeys(("test_loss", "test_loss_se", "test_error", "test_error_se"), "REAL"),
}


ACCOUNT_COLUMNS = {"seconds": "REAL", **dict.fromkeys(("finished", "host", "versions"), "TEXT")}
COLUMNS = {**SPEC_COLUMNS, **RESULT_COLUMNS, **ACCOUNT_COLUMNS}
COMMON_COLUMNS = {name: kind for name, kind in COLUMNS.items() if name not in SIBLING_COLUMNS}


@dataclass(frozen=True)
class StoredRun:
    """One run as it is stored.

    Attributes
    ----------
    key : str
        The identity of the run (:attr:`RunSpec.key`).
    values : dict
        A number, a text or None for each of ``COLUMNS``. ``outcome`` is "done" or "failed";
        ``steps`` is t* where the status is "reached"; ``seconds`` is the time of the simulation.
    npz : bytes or None
        The trajectory in the format of :meth:`sims.Trajectory.save`; None where there is none.
    """

    key: str
    values: dict[str, Any]
    npz: bytes | None

    @property
    def siblings(self) -> dict[str, Any]:
        """The parameters that the model of the first paper does not have, where they differ."""
        values = self.values
        return {name: values[name] for name in SIBLING_COLUMNS
                if values[name] != SIBLING_DEFAULTS[name]}  # fmt: skip

    @property
    def digest(self) -> str:
        """A hash of everything in the record."""
        row = [self.values[name] for name in COMMON_COLUMNS]
        row += [list(one) for one in self.siblings.items()]
        content = None if self.npz is None else hashlib.sha256(self.npz).hexdigest()
        text = json.dumps([self.key, row, content], allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def results(self) -> tuple[dict[str, Any], bytes | None]:
        """What must be the same however and wherever the run is made."""
        return {name: self.values[name] for name in (*SPEC_COLUMNS, *RESULT_COLUMNS)}, self.npz

    def trajectory(self) -> Trajectory:
        """Return the run."""
        if self.npz is None:
            raise ValueError(f"run {self.key} has no trajectory: {self.values['reason']}")
        return Trajectory.read(io.BytesIO(self.npz), f"run {self.key}")

    @property
    def fitted_by_signal(self) -> float | None:
        """Share of training samples that the run fits by their signal; None without trajectory."""
        return None if self.npz is None else self.trajectory().fitted_by_signal

    def population(self) -> Population | None:
        """Return test loss and test error with their standard errors, or None without them."""
        names = ("test_loss", "test_error", "test_loss_se", "test_error_se")
        found = [self.values[name] for name in names]
        return None if None in found else Population(*found)


def named(names: Iterable[str], row: Iterable[Any]) -> dict[str, Any]:
    """Return columns by name; where nothing is kept apart, its default."""
    values = dict(zip(names, row, strict=True))
    return values | {
        name: SIBLING_DEFAULTS[name] for name in SIBLING_COLUMNS if values[name] is None
    }


def execute(spec: RunSpec) -> StoredRun:
    """Make one run."""
    began = time.perf_counter()
    try:
        run = simulate(
            spec.problem,
            spec.seed,
            spec.engine,
            spec.target_loss,
            max_steps=spec.max_steps,
            rtol=spec.rtol,
            threads=spec.threads,
        )
        test = population(run) if spec.population and run.status != "diverged" else None
    except Exception as error:
        return failed(spec, f"{type(error).__name__}: {error}", time.perf_counter() - began)
    return _finished(spec, run, test, time.perf_counter() - began)


def execute_many(specs: Sequence[RunSpec]) -> Iterator[StoredRun]:
    """Make runs in stacks; yield each when it has ended, in the time since the one before it."""
    waiting, began = dict(enumerate(specs)), time.perf_counter()
    runs = stream_many(
        [spec.problem for spec in specs],
        [spec.seed for spec in specs],
        [spec.target_loss for spec in specs],
        max_steps=[spec.max_steps for spec in specs],
        engine=[spec.engine for spec in specs],
        rtol=[spec.rtol for spec in specs],
    )
    try:
        for number, run in runs:
            spec = waiting[number]
            test = population(run) if spec.population and run.status != "diverged" else None
            record = _finished(spec, run, test, time.perf_counter() - began)
            began = time.perf_counter()
            del waiting[number]
            yield record
    except Exception:  # whose it was shows when the others are made one by one
        for spec in waiting.values():
            yield execute(spec)


def failed(spec: RunSpec, reason: str, seconds: float) -> StoredRun:
    """Return the record of a run without results."""
    results = {"outcome": "failed", "reason": " ".join(reason.split())}
    return _record(spec, results, seconds, None)


def _finished(spec: RunSpec, run: Trajectory, test: Population | None, seconds: float) -> StoredRun:
    results: dict[str, Any] = {
        "outcome": "failed" if run.status == "diverged" else "done",
        "status": run.status,
        "reason": run.reason,
        "steps": run.steps[-1],
        "time_error": run.time_error,
        "loss": run.loss[-1],
        "max_gamma": run.gamma[-1].max(),
        "max_zeta": run.zeta[-1].max(),
        "max_omega": np.abs(run.omega[-1]).max(),
    }
    if test is not None:
        results |= vars(test)
    file = io.BytesIO()
    run.write(file)
    return _record(spec, results, seconds, file.getvalue())


def _record(spec: RunSpec, results: dict[str, Any], seconds: float, npz: bytes | None) -> StoredRun:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    given = {
        **spec.columns(),
        **results,
        "seconds": seconds,
        "finished": now,
        "host": platform.node(),
        "versions": json.dumps(versions()),
    }
    plain = {name: _plain(given.get(name), kind) for name, kind in COLUMNS.items()}
    return StoredRun(spec.key, plain, npz)


def _plain(value: Any, kind: str) -> Any:
    """Return a value as SQLite will give it back; None for what is no finite number."""
    if value is None or kind == "TEXT":
        return value
    if kind == "INTEGER":
        return int(value)
    return float(value) + 0.0 if math.isfinite(value) else None  # SQLite knows no -0.0
