import dataclasses
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import pytest

import sims.memory
import theorycheck.running.sweep
from sims import Problem
from theorycheck.running.claims import new_owner
from theorycheck.running.progress import Progress
from theorycheck.running.spec import RunSpec
from theorycheck.running.store import open_store
from theorycheck.running.stored_run import execute
from theorycheck.running.sweep import run_sweep
from theorycheck.running.workers import WorkerDied

PROBLEM = Problem(d=60, n=4, m=3, K=2, p=0.5, mu=1.0, sigma_n=0.05, sigma_0=0.01, eta=0.5)
# with test losses, so that all of a run's numbers are compared
RUNS = [
    RunSpec.plan(dataclasses.replace(PROBLEM, p=p), seed, "gram", max_steps=20)
    for p in (1.0, 0.5, 0.2)
    for seed in range(3)
]


class Here(Executor):
    """Runs everything at once, in the order it was submitted, and counts."""

    def __init__(self):
        self.seen = []

    def submit(self, function, spec):
        future = Future()
        self.seen.append(spec)
        future.set_result(function(spec))
        return future


class Broken(Here):
    """Answers with an error."""

    def __init__(self, error, good=0):
        super().__init__()
        self.error, self.good = error, good

    def submit(self, function, spec):
        if len(self.seen) < self.good:
            return super().submit(function, spec)
        self.seen.append(spec)
        future = Future()
        future.set_exception(self.error)
        return future


@pytest.fixture
def path(tmp_path):
    return tmp_path / "study.db"


@pytest.fixture(scope="module")
def expected():
    """The results of every run, made alone."""
    return {spec.key: execute(spec).results for spec in RUNS}


def results(path):
    with open_store(path) as store:
        return {record.key: record.results for record in store.records()}


def test_sweep_makes_every_run_once(path, expected):
    here = Here()
    assert run_sweep(RUNS, path, executor=here) == Progress(9, 0, 0)
    assert here.seen == RUNS
    assert results(path) == expected


def test_sweep_of_a_finished_study_makes_nothing(path):
    run_sweep(RUNS, path, executor=Here())
    again = Here()
    assert run_sweep(RUNS, path, executor=again) == Progress(9, 0, 0)
    assert again.seen == []


def test_extended_study_makes_only_what_is_new(path, expected):
    assert run_sweep(RUNS[3:5], path, executor=Here()) == Progress(2, 0, 0)
    rest = Here()
    assert run_sweep(RUNS[::-1], path, executor=rest) == Progress(9, 0, 0)
    assert sorted(spec.key for spec in rest.seen) == sorted(
        spec.key for spec in RUNS if spec not in RUNS[3:5]
    )
    assert results(path) == expected


@pytest.mark.slow
def test_results_are_the_same_whatever_makes_them(tmp_path, expected):
    with ThreadPoolExecutor(3) as threads:
        run_sweep(RUNS, tmp_path / "threads.db", executor=threads)
    run_sweep(RUNS, tmp_path / "one.db", workers=1)
    run_sweep(RUNS[::-1], tmp_path / "two.db", workers=2)
    for name in ("threads.db", "one.db", "two.db"):
        assert results(tmp_path / name) == expected


@pytest.mark.parametrize(
    "elsewhere", [{"dask": "tcp://host:8786"}, {"executor": Here()}], ids=["dask", "executor"]
)
def test_workers_of_others_cannot_be_counted(elsewhere, path):
    with pytest.raises(ValueError, match=r"workers must be left out where .* got 2"):
        run_sweep(RUNS, path, workers=2, **elsewhere)
    assert not path.exists()


@pytest.mark.slow
def test_dask_cluster_gives_the_same_results(path, expected):
    pytest.importorskip("distributed")
    run_sweep(RUNS, path, dask="local", workers=2)
    assert results(path) == expected


def test_failed_run_is_kept_and_the_sweep_goes_on(path):
    wild = RunSpec.plan(dataclasses.replace(PROBLEM, eta=1e30), 0, "gram")
    assert run_sweep([wild, *RUNS[:2]], path, executor=Here()) == Progress(2, 1, 0)
    with open_store(path) as store:
        assert "left all bounds at step" in store.get(wild.key).values["reason"]


def test_failed_runs_are_made_again_only_when_asked(path):
    dead = Broken(WorkerDied("it died"))
    assert run_sweep(RUNS[:2], path, executor=dead) == Progress(0, 2, 0)
    with open_store(path) as store:
        assert store.failures()[0][:2] == ("it died", 2)
    assert run_sweep(RUNS[:2], path, executor=Here()) == Progress(0, 2, 0)
    again = Here()
    assert run_sweep(RUNS[:1], path, executor=again, retry_failed=True) == Progress(1, 1, 0)
    assert again.seen == RUNS[:1]


class KilledWorker(Exception):
    """Named as Dask names it."""


class DaskLike(Here):
    """Blames every run it holds for the death of a worker, of which one is guilty."""

    def __init__(self, guilty):
        super().__init__()
        self.guilty, self.held = guilty, []

    def submit(self, function, spec):
        future = Future()
        self.seen.append(spec)
        self.held.append((future, function, spec))
        if len(self.held) == self.expected or len(self.seen) > self.expected:
            self.flush()
        return future

    def flush(self):
        held, self.held = self.held, []
        dies = any(spec == self.guilty for *_, spec in held)
        for future, function, spec in held:
            if dies:
                future.set_exception(KilledWorker(f"{spec.seed}"))
            else:
                future.set_result(function(spec))


def test_only_the_guilty_run_fails_where_all_are_blamed(path):
    dask = DaskLike(RUNS[2])
    dask.expected = len(RUNS)
    assert run_sweep(RUNS, path, executor=dask) == Progress(8, 1, 0)
    with open_store(path) as store:
        assert store.get(RUNS[2].key).values["outcome"] == "failed"


def test_executor_that_breaks_ends_the_sweep_and_keeps_what_was_finished(path):
    with pytest.raises(OSError, match="the workers were lost: RuntimeError: gone"):
        run_sweep(RUNS, path, executor=Broken(RuntimeError("gone"), good=4))
    with open_store(path) as store:
        assert store.progress() == Progress(4, 0, 5)
        assert store._all("SELECT count(*) FROM claims") == [(0,)]


class Stacks(Here):
    """Hands out what a stack yields, until one of its runs kills it."""

    def __init__(self, guilty=None):
        super().__init__()
        self.guilty, self.sizes = guilty, []

    def stream(self, function, arguments, receive):
        future = Future()
        self.sizes.append(len(arguments[0]))
        for record in function(*arguments):
            if record.key == self.guilty:
                future.set_exception(WorkerDied("its process died"))
                return future
            receive(record)
        future.set_result(None)
        return future


@pytest.fixture
def in_stacks(monkeypatch):
    """Let a sweep hand out stacks to an executor of this process, two at a time."""

    def sweep(path, executor):
        monkeypatch.setattr(theorycheck.running.sweep, "ELSEWHERE", 2)
        return run_sweep(RUNS, path, executor=executor)

    return sweep


def test_runs_are_handed_out_in_stacks_of_one_shape(path, expected, in_stacks):
    stacks = Stacks()
    assert in_stacks(path, stacks) == Progress(9, 0, 0)
    assert (stacks.sizes, stacks.seen) == ([3, 5], [RUNS[8]])
    assert results(path) == expected


def test_runs_of_a_stack_that_dies_are_made_one_by_one(path, expected, in_stacks):
    stacks = Stacks(RUNS[4].key)
    assert in_stacks(path, stacks) == Progress(9, 0, 0)
    assert RUNS[4] in stacks.seen
    assert results(path) == expected


def test_interrupted_sweep_keeps_what_was_finished(path, monkeypatch):
    stored = []
    add = theorycheck.running.sweep.Store.add

    def interrupted(store, record):
        if len(stored) == 2:
            stored.append(None)
            raise KeyboardInterrupt
        stored.append(record)
        return add(store, record)

    monkeypatch.setattr(theorycheck.running.sweep.Store, "add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(RUNS, path, executor=Here())
    monkeypatch.undo()
    with open_store(path) as store:
        assert store.progress() == Progress(9, 0, 0)  # the one in hand too


def test_two_sweeps_share_a_store(path, expected):
    crews = [ThreadPoolExecutor(1), ThreadPoolExecutor(1)]
    threads = [
        threading.Thread(target=run_sweep, args=(runs, path), kwargs={"executor": crew})
        for runs, crew in zip((RUNS, RUNS[::-1]), crews, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for crew in crews:
        crew.shutdown()
    assert results(path) == expected


def test_sweep_waits_for_runs_that_another_is_making(path, monkeypatch):
    monkeypatch.setattr(theorycheck.running.sweep, "PATIENCE", 0.01)
    with open_store(path, "create") as store:
        other = new_owner()
        store.claim([RUNS[0].key], other, 1)
        here = Here()
        thread = threading.Thread(
            target=run_sweep, args=(RUNS[:3], path), kwargs={"executor": here}
        )
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
        assert here.seen == RUNS[1:3]
        store.add(execute(RUNS[0]))
        thread.join(10)
        assert not thread.is_alive()
        assert here.seen == RUNS[1:3]


def test_problem_that_cannot_fit_is_refused_before_any_work(path, monkeypatch):
    needed = sims.memory.peak_memory(PROBLEM, "gram")
    monkeypatch.setattr(sims.memory, "available_memory", lambda: 1.5 * needed)
    with pytest.raises(ValueError, match="for 2 runs of this problem at once"):
        run_sweep(RUNS, path, workers=2)
    assert not path.exists()


@pytest.mark.parametrize("workers", [0, -1])
def test_workers_are_at_least_one(path, workers):
    with pytest.raises(ValueError, match="workers must be an integer of at least 1"):
        run_sweep(RUNS, path, workers=workers)
    assert not path.exists()


def test_progress_is_shown_when_asked(path, capsys):
    run_sweep(RUNS[:2], path, executor=Here(), progress=True)
    assert "2/2" in capsys.readouterr().err
    run_sweep(RUNS[:3], path, executor=Here())
    assert capsys.readouterr().err == ""


def test_pool_of_the_standard_library_will_do(path, expected):
    with ProcessPoolExecutor(1) as pool:
        run_sweep(RUNS[:1], path, executor=pool)
    assert results(path) == {RUNS[0].key: expected[RUNS[0].key]}
