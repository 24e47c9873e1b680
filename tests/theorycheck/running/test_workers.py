import os
import signal
import subprocess
import sys
import time
from multiprocessing import current_process
from pathlib import Path

import pytest

from theorycheck.running import dask_cluster
from theorycheck.running import workers as workers_module
from theorycheck.running.claims import is_alive
from theorycheck.running.dask_cluster import dask_executor
from theorycheck.running.workers import MOST_DEATHS, Processes, WorkerDied

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def findable():
    """Let other processes find the functions of this file: they take over sys.path."""
    root = str(Path(__file__).resolve().parents[3])
    sys.path.append(root)
    yield
    sys.path.remove(root)


@pytest.fixture(scope="module")
def processes(findable):
    pool = Processes(2)
    yield pool
    pool.shutdown(cancel_futures=True)


def die(marks: str, deaths: int) -> str:
    """Kill this process, unless so many died here before; say how often it was tried."""
    Path(marks, str(os.getpid())).touch()
    tries = len(list(Path(marks).iterdir()))
    if tries <= deaths:
        os.kill(os.getpid(), signal.SIGKILL)
    return f"try {tries}"


def fail() -> None:
    raise LookupError("not here")


def test_results_and_errors_come_back(processes):
    results = [processes.submit(pow, 2, i) for i in range(20)]
    assert [future.result() for future in results] == [2**i for i in range(20)]
    with pytest.raises(LookupError, match="not here"):
        processes.submit(fail).result()


def test_task_of_a_lost_process_is_done_by_another(processes, tmp_path):
    others = [processes.submit(pow, 3, i) for i in range(20)]
    assert processes.submit(die, str(tmp_path), MOST_DEATHS - 1).result() == f"try {MOST_DEATHS}"
    assert [future.result() for future in others] == [3**i for i in range(20)]


def test_task_that_kills_three_processes_is_given_up(processes, tmp_path):
    with pytest.raises(WorkerDied, match="its process died 3 times, the last with exit code -9"):
        processes.submit(die, str(tmp_path), 99).result()
    assert len(list(tmp_path.iterdir())) == MOST_DEATHS
    assert processes.submit(pow, 2, 3).result() == 8


def count_and_die(to: int, death: int):
    """Yield numbers; before one of them, kill this process."""
    for number in range(to):
        if number == death:
            os.kill(os.getpid(), signal.SIGKILL)
        yield number


def test_what_a_call_yields_is_passed_on_part_by_part(processes):
    parts = []
    assert processes.stream(count_and_die, (5, 99), parts.append).result() is None
    assert parts == [0, 1, 2, 3, 4]
    with pytest.raises(LookupError, match="not here"):
        processes.stream(fail, (), parts.append).result()


def test_call_that_yields_is_not_begun_again_by_another_process(processes):
    parts = []
    with pytest.raises(WorkerDied, match="died 1 times, the last with exit code -9"):
        processes.stream(count_and_die, (5, 2), parts.append).result()
    assert parts == [0, 1]
    assert processes.submit(pow, 2, 3).result() == 8


def test_every_process_has_one_blas_thread(processes):
    assert processes.submit(blas_threads).result() == {1}


def blas_threads() -> set[int]:
    from threadpoolctl import threadpool_info

    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_interrupt_is_the_parents(processes):
    pid = processes.submit(os.getpid).result()
    os.kill(pid, signal.SIGINT)
    # either process may take a call: this one is asked until it answers
    assert pid in (processes.submit(os.getpid).result() for _ in range(10_000))


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals that are blocked")
def test_interrupt_is_blocked_from_the_first_moment_on(processes):
    blocked = processes.submit(signal.pthread_sigmask, signal.SIG_BLOCK, []).result()
    assert signal.SIGINT in blocked
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_processes_are_killed_when_they_are_not_waited_for():
    pool = Processes(1)
    pool.submit(pow, 2, 2).result()
    long, waiting = pool.submit(time.sleep, 60), pool.submit(time.sleep, 60)
    time.sleep(0.1)
    began = time.perf_counter()
    pool.shutdown(cancel_futures=True)
    assert time.perf_counter() - began < 2
    assert waiting.cancelled()
    assert long.exception() is not None
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(pow, 2, 2)


PARENT = """
import os, time
from theorycheck.running.workers import Processes
if __name__ == "__main__":
    pool = Processes(1)
    print(pool.submit(os.getpid).result(), flush=True)
    pool.submit(time.sleep, 60)
    time.sleep(60)
"""


def test_processes_end_with_a_parent_that_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert is_alive(worker)
        parent.kill()
    deadline = time.monotonic() + 20
    while is_alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(worker)


def test_processes_end_when_they_are_done():
    with Processes(1) as pool:
        future = pool.submit(pow, 2, 5)
    assert future.result() == 32


def test_process_that_cannot_start_says_why(monkeypatch):
    monkeypatch.setattr(workers_module, "_work", end_at_once)
    with Processes(1) as pool, pytest.raises(ChildProcessError, match="if __name__ == '__main__'"):
        pool.submit(pow, 2, 2).result()


def end_at_once(pipe: object) -> None:
    os._exit(1)


def test_process_that_imports_a_script_starts_no_others(monkeypatch):
    monkeypatch.setattr(current_process(), "_inheriting", True, raising=False)
    with pytest.raises(SystemExit, match="if __name__ == '__main__'"):
        Processes(2)


def test_processes_are_at_least_one():
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        Processes(0)


def test_scheduler_that_does_not_answer_is_an_os_error(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(dask_cluster, "DASK_SECONDS", 0.5)
    with pytest.raises(OSError, match=r"127\.0\.0\.1"), dask_executor("tcp://127.0.0.1:1", 1):
        pass
