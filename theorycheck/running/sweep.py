"""Make every run of a study that the store does not have yet."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from sims import check_memory
from sims.arguments import check_count
from theorycheck.running.claims import LEASE_SECONDS, new_owner
from theorycheck.running.dask_cluster import dask_executor
from theorycheck.running.progress import Progress
from theorycheck.running.spec import RunSpec
from theorycheck.running.store import Store, open_store
from theorycheck.running.stored_run import StoredRun, failed
from theorycheck.running.study_file import read_study
from theorycheck.running.tasks import default_workers, stacks
from theorycheck.running.workers import (
    Processes,
    WorkerDied,
    execute_in_worker,
    execute_many_in_worker,
    refuse_imported_script,
)

PER_WORKER = 2  # stacks handed out for each process: one at work, one waiting
MOST_TOGETHER = 1000  # runs handed out at once, of which a stack has about 100 at work
ELSEWHERE = 256  # runs handed out to an executor that does not say how many workers it has
LOOK_AHEAD = 1000  # runs looked at for one that nobody else is making
PATIENCE = 0.3  # seconds between two looks at what other sweeps have finished
RENEWAL = LEASE_SECONDS / 6
Study = str | Path | Mapping[str, Any] | Iterable[RunSpec]


def run_sweep(
    study: Study,
    store: str | Path,
    *,
    workers: int | None = None,
    dask: str | None = None,
    executor: Executor | None = None,
    retry_failed: bool = False,
    progress: bool = False,
) -> Progress:
    """Make every run of a study that the store does not have.

    Each run is stored when it ends. Interrupted or killed, a sweep is gone on with by calling it
    again: the final store is the same. Any number of sweeps may work on one store.

    Parameters
    ----------
    study : str, Path, mapping or iterable of RunSpec
        A study file, its content, or the runs themselves.
    store : str or Path
        The file to store runs in; it is made where there is none.
    workers : int, optional
        Processes of this machine, by default as many as processors; left out where others bring
        theirs. They need the caller's script to be importable, as any ``multiprocessing`` with the
        start method "spawn" does.
    dask : str, optional
        Address of a Dask scheduler, or "local", instead of processes.
    executor : Executor, optional
        Any executor instead of processes. It is left open.
    retry_failed : bool, default False
        Make the study's failed runs again.
    progress : bool, default False
        Show a progress bar on standard error.

    Returns
    -------
    Progress
        What the store has now.

    Raises
    ------
    ValueError
        If the study or an option is not valid, or the file is no store, before any work starts.
    OSError
        If the store cannot be written to, or the workers are lost. All that was finished is kept.
    """
    specs = read_study(study)
    count = default_workers() if workers is None else workers
    check_count("workers", count, 1)
    if workers is not None and (executor is not None or dask not in (None, "local")):
        raise ValueError(
            f"workers must be left out where a scheduler or an executor brings its own, "
            f"got {workers!r}"
        )
    if dask is not None and executor is not None:
        raise ValueError(f"dask must be left out where an executor is given, got {dask!r}")
    if dask is None and executor is None:
        for problem, engine in dict.fromkeys((spec.problem, spec.engine) for spec in specs):
            check_memory(problem, engine, min(count, len(specs)))
    with open_store(store, "create") as opened:
        opened.plan(spec.key for spec in specs)
        if retry_failed:
            opened.forget_failed(spec.key for spec in specs)
        make_missing(specs, opened, open_executor(count, dask, executor), progress)
        return opened.progress()


@contextmanager
def open_executor(
    count: int, dask: str | None = None, executor: Executor | None = None
) -> Iterator[tuple[Executor, int]]:
    """Open the executor that makes runs, and say how many stacks to hand out to it."""
    if executor is not None:
        yield executor, ELSEWHERE
    elif dask is not None:
        with dask_executor(dask, count) as cluster:
            yield cluster, ELSEWHERE
    else:
        processes = Processes(count)
        try:
            yield processes, PER_WORKER * count
        finally:
            # by now all is done, or nothing is waited for
            processes.shutdown(cancel_futures=True)


def make_missing(
    specs: Iterable[RunSpec],
    store: Store,
    executor: AbstractContextManager[tuple[Executor, int]],
    progress: bool = False,
    title: str = "runs",
) -> None:
    """Make every run that a store does not have; wait for those that others are making."""
    from threadpoolctl import threadpool_limits
    from tqdm import tqdm

    wanted = {spec.key: spec for spec in specs}
    there = store.keys()
    waiting = [spec for key, spec in wanted.items() if key not in there]
    if not waiting:
        return
    refuse_imported_script()
    made = len(wanted) - len(waiting)
    with (
        tqdm(total=len(wanted), initial=made, desc=title, unit="run", disable=not progress) as bar,
        threadpool_limits(1, user_api="blas"),  # an executor may be of threads of this process
        executor as (opened, at_a_time),
    ):
        _Sweep(waiting, store, opened, at_a_time, bar.update).run()


class _Sweep:
    """The loop of one sweep: claim, hand out, store."""

    def __init__(
        self,
        waiting: Iterable[RunSpec],
        store: Store,
        executor: Executor,
        at_a_time: int,
        tell: Callable[[int], Any],
    ) -> None:
        self._waiting, self._store, self._tell = deque(waiting), store, tell
        self._executor, self._at_a_time = executor, at_a_time
        self._stream = getattr(executor, "stream", None)  # hands out what a stack yields
        share = -(-len(self._waiting) // at_a_time)
        self._together = min(share, MOST_TOGETHER) if self._stream else 1
        self._owner, self._renewed = new_owner(), time.monotonic()
        self._running: dict[Future[Any], list[RunSpec]] = {}
        self._missing: dict[str, RunSpec] = {}  # of what was handed out
        self._suspects: list[RunSpec] = []
        self._alone: RunSpec | None = None
        self._arrived: dict[str, StoredRun] = {}  # and not stored yet
        self._news: SimpleQueue[Future[Any] | None] = SimpleQueue()  # None: something arrived

    def run(self) -> None:
        """Run until nothing is missing."""
        try:
            while self._waiting or self._running or self._suspects:
                if self._waiting and len(self._running) <= self._at_a_time // 2:
                    self._hand_out()
                elif self._suspects and not self._running:
                    self._alone = self._suspects.pop()
                    self._submit(self._alone)
                if self._running:
                    self._store_news()
                else:
                    time.sleep(PATIENCE)
        except BaseException:
            self._store_what_ended()
            raise
        finally:
            with suppress(OSError, ValueError):  # a claim that stays lapses by itself
                self._store.release(self._owner)

    def _hand_out(self) -> None:
        keys = (spec.key for spec in islice(self._waiting, LOOK_AHEAD))
        free = (self._at_a_time - len(self._running)) * self._together
        claimed, there, elsewhere = self._store.claim(keys, self._owner, free)
        mine = []
        for _ in range(len(claimed) + len(there) + len(elsewhere)):
            spec = self._waiting.popleft()
            if spec.key in claimed:
                mine.append(spec)
            elif spec.key not in there:  # to be looked at again at the end
                self._waiting.append(spec)
        for specs in stacks(mine, self._together):
            self._submit(*specs)
        self._tell(len(there))

    def _submit(self, *specs: RunSpec) -> None:
        self._missing |= {spec.key: spec for spec in specs}
        future: Future[Any]
        if self._stream and len(specs) > 1:
            future = self._stream(execute_many_in_worker, (specs,), self._receive)
        else:
            future = self._executor.submit(execute_in_worker, specs[0])
        self._running[future] = list(specs)
        future.add_done_callback(self._news.put)

    def _receive(self, record: StoredRun) -> None:
        self._arrived[record.key] = record
        self._news.put(None)

    def _store_news(self) -> None:
        """Wait for a run or a stack to end, and store what is new."""
        with suppress(Empty):
            news = self._news.get(timeout=RENEWAL)
            self._store_arrived()
            if news is not None:
                self._end(news, self._running[news])
                del self._running[news]  # not before it is stored: an interrupt comes at any time
        if time.monotonic() - self._renewed > RENEWAL:
            self._store.renew(self._owner)
            self._renewed = time.monotonic()

    def _store_arrived(self) -> None:
        for key in list(self._arrived):
            self._keep(self._arrived[key])
            del self._arrived[key]

    def _keep(self, record: StoredRun) -> None:
        self._store.add(record)
        self._missing.pop(record.key, None)
        self._tell(1)

    def _end(self, future: Future[Any], specs: list[RunSpec]) -> None:
        """Store a single run, or make one by one what a stack did not come to."""
        if len(specs) == 1:
            if (record := self._record(future, specs[0])) is None:
                self._suspects += specs
            else:
                self._keep(record)
            return
        with suppress(WorkerDied):  # over one of them; which, is seen when they are alone
            future.result()
        for spec in specs:
            if spec.key in self._missing:
                self._submit(spec)

    def _record(self, future: Future[StoredRun], spec: RunSpec) -> StoredRun | None:
        """Return what came of a run; None where it may have died of its neighbours.

        A run records its own errors, so any other is the executor's.
        """
        try:
            return future.result()
        except ChildProcessError:
            raise
        except WorkerDied as error:
            return failed(spec, str(error), 0.0)
        except Exception as error:
            if type(error).__name__ == "KilledWorker":
                # Dask blames every run that a lost worker held: the guilty one dies alone too
                return failed(spec, str(error), 0.0) if spec == self._alone else None
            cause = f"{type(error).__name__}: {error}".rstrip(": ")
            raise OSError(f"the workers were lost: {cause}") from error

    def _store_what_ended(self) -> None:
        """Keep what is there; a store that cannot be written to has said so already."""
        with suppress(OSError, ValueError):
            self._store_arrived()
            for future, specs in self._running.items():
                if len(specs) > 1 or future.cancel() or not future.done():
                    continue
                if not future.exception():
                    self._keep(future.result())
