"""Where runs are made: processes that die one by one, or a Dask cluster.

Both are executors of the standard library's kind. A pool of the standard library breaks as a whole
when one of its processes dies; here every process has a thread of its own that waits for it, knows
what it was doing, and starts another.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from multiprocessing import Pipe, current_process, get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import Empty, SimpleQueue
from threading import Thread
from traceback import format_exc
from typing import Any, NamedTuple

from theorycheck.refusals import WorkerTraceback, is_refusal
from theorycheck.running.spec import RunSpec
from theorycheck.running.stored_run import StoredRun, execute, execute_many

MOST_DEATHS = 3  # of processes over one task
PART, WHOLE = b"+", b"."  # what an answer begins with
MOST_STARTS = 10  # of processes that are killed before they can work
SLOW_IMPORTS = ("scipy.integrate", "scipy.stats", "sims")  # two seconds that are no run's
UNGUARDED = (
    "worker processes end before they can work; a script that starts workers must do so "
    "under: if __name__ == '__main__'"
)


class WorkerDied(RuntimeError):
    """A task killed every process it was given."""


class Call(NamedTuple):
    """What waits for a process: a call to be made, and where its result goes.

    With a receiver the call is made once; what it yields is passed on as it comes, and its future
    has the result None when all has come.
    """

    future: Future[Any]
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    receive: Callable[[Any], Any] | None = None


class Worker(NamedTuple):
    """A process, and our end of the pipe to it."""

    process: BaseProcess
    pipe: Connection


class Processes(Executor):
    """An executor whose processes die one by one and are replaced.

    A task whose process dies is given to a new one, three times in all; then its future raises
    :class:`WorkerDied`. Every process runs one BLAS thread and leaves interrupts to its parent.

    Parameters
    ----------
    count : int
        How many processes.

    Raises
    ------
    ValueError
        If the count is less than 1.
    """

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"workers must be at least 1, got {count!r}")
        refuse_imported_script()
        self.count = count
        self._calls: SimpleQueue[Call | None] = SimpleQueue()
        self._workers: list[Worker | None] = [None] * count
        self._ending = self._killed = False
        self._threads = [Thread(target=self._serve, args=(i,), daemon=True) for i in range(count)]
        with _interrupts_blocked():
            for thread in self._threads:
                thread.start()

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:  # type: ignore[override]
        """Call a function in one of the processes; it and its arguments are pickled."""
        return self._put(Call(Future(), function, arguments))

    def stream(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        receive: Callable[[Any], Any],
    ) -> Future[None]:
        """Call a function that yields in one of the processes; pass on what it yields.

        A process that dies over it is not given it again: part of it may have come.
        """
        return self._put(Call(Future(), function, arguments, receive))

    def _put(self, call: Call) -> Future[Any]:
        if self._ending:
            raise RuntimeError("the processes have been shut down")
        self._calls.put(call)
        return call.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes when their tasks are done, or kill them now with cancel_futures."""
        self._ending = True
        if cancel_futures:
            self._killed = True
            self._cancel_waiting()
            for worker in self._workers:
                if worker is not None:
                    worker.process.kill()
        for _ in self._threads:
            self._calls.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _cancel_waiting(self) -> None:
        with suppress(Empty):
            while True:
                call = self._calls.get_nowait()
                if call is not None:
                    call.future.cancel()

    def _serve(self, place: int) -> None:
        """Give calls to one process after the other."""
        while (call := self._calls.get()) is not None:
            if not call.future.set_running_or_notify_cancel():
                continue
            try:
                call.future.set_result(self._run(call, place))
            except BaseException as error:
                call.future.set_exception(error)
        worker = self._workers[place]
        if worker is not None:
            worker.pipe.close()
            worker.process.join()

    def _run(self, call: Call, place: int) -> Any:
        asked = pickle.dumps((call.function, call.arguments, call.receive is not None))
        tries, died = MOST_DEATHS if call.receive is None else 1, ""
        for _ in range(tries):
            worker = self._workers[place] or self._start(place)
            try:
                worker.pipe.send_bytes(asked)
                while (answer := worker.pipe.recv_bytes())[:1] == PART:
                    if call.receive is not None:
                        call.receive(pickle.loads(answer[1:]))
            except (EOFError, OSError):
                worker.process.join()
                self._workers[place] = None
                if self._killed:
                    raise CancelledError from None
                died = f"exit code {worker.process.exitcode}"
                continue
            result, error, told = pickle.loads(answer[1:])
            if error is not None:
                raise error from (WorkerTraceback(told) if told else None)
            return result
        raise WorkerDied(f"its process died {tries} times, the last with {died}")

    def _start(self, place: int) -> Worker:
        """Start a process; one that ends before it could work says nothing about any task."""
        for _ in range(MOST_STARTS):
            ours, theirs = Pipe()
            process = _new_process(target=_work, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self._workers[place] = worker = Worker(process, ours)
            if self._killed:
                process.kill()
            with suppress(EOFError, OSError):
                ours.recv()
                return worker
            process.join()
            self._workers[place] = None
            if self._killed:
                raise CancelledError
            if (process.exitcode or 0) > 0:  # by itself: it would do so again
                break
        raise ChildProcessError(UNGUARDED)


def _new_process(**options: Any) -> BaseProcess:
    """Make a process that has nothing of this one, whose threads a copy would not have.

    On Linux it is a copy of a process that has done nothing but the slow imports; elsewhere
    libraries may not stand being copied, and it does them itself.
    """
    if sys.platform != "linux":
        return get_context("spawn").Process(**options)
    context = get_context("forkserver")
    context.set_forkserver_preload(list(SLOW_IMPORTS))
    return context.Process(**options)


def refuse_imported_script() -> None:
    """End a process that imports its parent's script, where the script goes on to start workers.

    It is one of the workers itself: it would start more of them, or wait for runs that its parent
    waits for it to make.
    """
    if getattr(current_process(), "_inheriting", False):  # as multiprocessing itself tells
        sys.exit(f"theorycheck: {UNGUARDED}")


def _work(pipe: Connection) -> None:
    """Do what is asked until the parent closes its end, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    for slow in SLOW_IMPORTS:
        import_module(slow)
    one_blas_thread()
    with suppress(EOFError, OSError):
        pipe.send("ready")
        while True:
            asked = pipe.recv_bytes()
            pipe.send_bytes(WHOLE + _answer(asked, lambda part: pipe.send_bytes(PART + part)))


def _end_with_parent() -> None:
    """End this process when its parent is gone: nobody waits for what it is in the midst of."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _answer(asked: bytes, send: Callable[[bytes], Any]) -> bytes:
    """Make a call; return its result, or its error and, where nobody expected it, its traceback.

    What a call yields part by part is sent, and its result is None.
    """
    try:
        function, arguments, in_parts = pickle.loads(asked)
        result = function(*arguments)
        if in_parts:
            for part in result:
                send(pickle.dumps(part))
            result = None
        return pickle.dumps((result, None, ""))
    except Exception as error:
        told = "" if is_refusal(error) else f"\n{format_exc()}"
        try:
            answer = pickle.dumps((None, error, told))
            pickle.loads(answer)  # as the parent will
            return answer
        except Exception:
            return pickle.dumps((None, RuntimeError(f"{type(error).__name__}: {error}"), told))


@cache
def one_blas_thread() -> Any:
    """Hold BLAS at one thread for as long as this process lives.

    The limit inside :func:`sims.simulate` is the process's: where two runs share a process, the one
    that ends first would lift it for the other.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="blas")


def execute_in_worker(spec: RunSpec) -> StoredRun:
    """Make one run in a process that exists to make runs."""
    one_blas_thread()
    return execute(spec)


def execute_many_in_worker(specs: Sequence[RunSpec]) -> Iterator[StoredRun]:
    """Make runs in stacks in a process that exists to make runs."""
    one_blas_thread()
    return execute_many(specs)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Start processes that an interrupt of the whole group leaves to their parent.

    Threads, and the processes they start, inherit what is blocked where they were started.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # or it starts with the first process, and unblocks them
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
