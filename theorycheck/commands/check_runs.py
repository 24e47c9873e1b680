"""The runs of a check: made, or taken from a store."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from itertools import chain
from pathlib import Path

from sims import RESULT_VERSION, Population, Problem, Trajectory, check_memory, population
from theorycheck.judging.observation import NO_POPULATION, Observation, observation
from theorycheck.running.spec import RunSpec
from theorycheck.running.store import Store, open_store
from theorycheck.running.stored_run import StoredRun
from theorycheck.running.sweep import PER_WORKER, make_missing, open_executor
from theorycheck.running.tasks import Task, run_heaps


class RunFailed(RuntimeError):
    """A run that a check rests on came to nothing; the others are stored."""


def observe_in_store(
    heaps: Sequence[Sequence[Task]], store: Store, workers: int, pool: Executor | None,
    progress: bool, title: str = "runs",
) -> list[list[Observation]]:  # fmt: skip
    """Do what :func:`theorycheck.running.tasks.run_heaps` does, with every run kept in a store."""
    heaviest_first = sorted(chain.from_iterable(heaps), key=lambda task: -task.weight)
    specs = list(dict.fromkeys(map(spec_of, heaviest_first)))
    for problem, engine in dict.fromkeys((spec.problem, spec.engine) for spec in specs):
        check_memory(problem, engine, min(workers, len(specs)))
    store.plan(spec.key for spec in specs)
    store.forget_failed((spec.key for spec in specs), without_results=True)
    makers = open_executor(workers) if pool is None else nullcontext((pool, PER_WORKER * workers))
    make_missing(specs, store, makers, progress, title)
    return run_heaps(
        measurements(heaps, store, RESULT_VERSION), pool, progress, "measurements", title
    )


def spec_of(task: Task) -> RunSpec:
    """Return the run that a task of :func:`observation_task` makes."""
    return _spec(*task.arguments)


def _spec(
    theorem: str, problem: Problem, seed: int, epsilon: float, engine: str = "auto"
) -> RunSpec:
    return RunSpec.plan(problem, seed, engine, epsilon)


def version_of(heaps: Sequence[Sequence[Task]], store: Store) -> int:
    """Return the newest version of the results of which a store has every run, or this one's."""
    there, specs = store.keys(), [spec_of(task) for heap in heaps for task in heap]
    whole = (
        version
        for version in range(RESULT_VERSION, 0, -1)
        if there.issuperset(spec.key_of(version) for spec in specs)
    )
    return next(whole, RESULT_VERSION)


def measurements(heaps: Sequence[Sequence[Task]], store: Store, version: int) -> list[list[Task]]:
    """Return tasks with the same results that take their runs, of one version, from a store."""

    def measurement(task: Task) -> Task:
        arguments = (task.arguments[0], store.path, spec_of(task).key_of(version))
        return Task(observe_stored, arguments, task.weight)

    return [[measurement(task) for task in heap] for heap in heaps]


def observe_stored(theorem: str, store: Path, key: str) -> Observation:
    """Measure everything a theorem claims about a stored run."""
    with open_store(store) as opened:
        record = opened.get(key)
    if record is None:
        raise ValueError(f"{store} has no run {key}")
    if record.npz is None:
        raise RunFailed(f"run {key} came to nothing: {record.values['reason']}")
    return observe_record(theorem, record)


def observe_record(theorem: str, record: StoredRun) -> Observation:
    """Measure everything a theorem claims about a run that was read from a store."""
    run = record.trajectory()
    return observation(theorem, run, _test(record, run))


def _test(record: StoredRun, run: Trajectory) -> Population:
    """Return test loss and test error, integrated again where the columns cannot hold them."""
    if run.status == "diverged" or not record.values["population"]:
        return NO_POPULATION
    return record.population() or population(run)
