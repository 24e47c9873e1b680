"""Tasks: run in any order, in one process or several, their results as if one after the other."""

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from theorycheck.refusals import is_refusal
from theorycheck.running.tasks import (
    Stack,
    Task,
    default_workers,
    open_pool,
    regroup,
    run_heaps,
    run_tasks,
    seed_list,
)
from theorycheck.running.workers import WorkerDied


@pytest.fixture(scope="module", autouse=True)
def findable():
    """Let other processes find the functions of this file: they take over sys.path."""
    root = str(Path(__file__).resolve().parents[3])
    sys.path.append(root)
    yield
    sys.path.remove(root)


def test_results_come_in_the_order_of_the_tasks():
    done = []

    def work(name):
        done.append(name)
        return name * 2

    tasks = [Task(work, (name,), weight) for name, weight in (("a", 1), ("b", 3), ("c", 2))]
    assert run_tasks(tasks, None, progress=False) == ["aa", "bb", "cc"]
    assert done == ["b", "c", "a"]  # heaviest first


def test_results_keep_their_order_in_a_pool():
    last_is_done = threading.Event()

    def first():
        last_is_done.wait()
        return "first"

    def last():
        last_is_done.set()
        return "last"

    with ThreadPoolExecutor(2) as pool:
        tasks = [Task(first, (), 2.0), Task(last, (), 1.0)]
        assert run_tasks(tasks, pool, progress=False) == ["first", "last"]


@pytest.mark.parametrize("sizes", [(2, 0, 3), (), (0,)], ids=str)
@pytest.mark.parametrize("threads", [0, 2])
def test_every_heap_gets_its_own_results_back(sizes, threads):
    def work(place):
        done.append(place)
        return place

    done = []
    places = [[(i, j) for j in range(size)] for i, size in enumerate(sizes)]
    # the second heap's last task is the heaviest of all
    heaps = [[Task(work, (place,), float(sum(place))) for place in heap] for heap in places]
    if not threads:
        assert run_heaps(heaps, None, progress=False) == places
        assert [sum(place) for place in done] == sorted(map(sum, done), reverse=True)
        return
    with ThreadPoolExecutor(threads) as pool:
        assert run_heaps(heaps, pool, progress=False) == places


def test_results_are_cut_as_their_groups_were():
    assert regroup("abcde", ["xy", "", "xyz"]) == [["a", "b"], [], ["c", "d", "e"]]


def squares(calls):
    """Square several numbers, last first."""
    for number, (value,) in reversed(list(enumerate(calls))):
        yield number, (value * value, len(calls))


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_tasks_of_a_stack_are_shared_out_evenly(workers):
    stack = Stack("numbers", 4)
    tasks = [Task(squares, (value,), float(value), stack) for value in range(7)]
    tasks.insert(3, Task(pow, (2, 5), 0.0))
    with open_pool(workers) as pool:
        found = run_tasks(tasks, pool, progress=False)
    assert found.pop(3) == 32
    assert [square for square, _ in found] == [value * value for value in range(7)]
    assert [size for _, size in found] == [4, 3, 4, 3, 4, 3, 4]  # by weight, dealt in turn


def test_tasks_of_different_stacks_are_not_mixed():
    tasks = [Task(squares, (2,), 1.0, Stack(kind, 9)) for kind in "aabab"]
    assert run_tasks(tasks, None, False) == [(4, 3), (4, 3), (4, 2), (4, 3), (4, 2)]


def test_one_worker_is_this_process():
    with open_pool(1) as pool:
        assert pool is None
    assert run_tasks([Task(os.getpid, (), 1.0)], None, progress=False) == [os.getpid()]
    assert default_workers() >= 1


@pytest.mark.slow
def test_tasks_have_one_blas_thread_in_this_process_and_in_others():
    tasks = [Task(blas_threads, (), 1.0)]
    with open_pool(2) as pool:
        assert run_tasks(tasks, pool, progress=False) == [{1}]
    assert run_tasks(tasks, None, progress=False) == [{1}]


def blas_threads() -> set[int]:
    from threadpoolctl import threadpool_info

    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a signal that kills")
def test_task_that_kills_its_processes_is_told_among_the_others():
    tasks = [Task(pow, (2, 3), 2.0), Task(signal.raise_signal, (signal.SIGKILL,), 1.0)]
    message = "one of 2 draws came to nothing: its process died 3 times, the last with exit code -9"
    with open_pool(2) as pool, pytest.raises(WorkerDied, match=message):
        run_tasks(tasks, pool, False, "draws")


def refuse() -> None:
    from sims import Problem

    Problem(1, 1, 1, 1, 2.0, 1.0, 1.0, 1.0, 1.0)


def blunder() -> None:
    import numpy as np

    np.zeros(0).max()


class Unsendable(Exception):
    """An error that cannot be read back: it is made of more than its message."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def fail_strangely() -> None:
    raise Unsendable(1, 2)


def give_a_function() -> object:
    return lambda: None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "kind", "message", "refused"),
    [
        (refuse, ValueError, "must be an integer", True),
        (blunder, ValueError, "zero-size array", False),
        (fail_strangely, RuntimeError, "Unsendable: 1 and 2", False),
        (give_a_function, Exception, "pickle", False),
    ],
)
def test_error_in_a_process_says_what_it_was_and_where(function, kind, message, refused):
    with open_pool(2) as pool, pytest.raises(kind, match=message) as caught:
        run_tasks([Task(function, (), 1.0)], pool, progress=False)
    assert is_refusal(caught.value) == refused
    assert refused == (caught.value.__cause__ is None)
    if not refused:
        assert "Traceback" in str(caught.value.__cause__)
        assert "theorycheck/running/workers.py" in str(caught.value.__cause__)


@pytest.mark.parametrize("seeds", [np.int64(3), np.arange(3), range(3), (0, np.int32(1), 2)])
def test_seeds_may_be_of_any_whole_kind(seeds):
    found = seed_list(seeds)
    assert found == [0, 1, 2]
    assert {type(seed) for seed in found} == {int}


@pytest.mark.parametrize("seeds", [True, 2.0, 0, [], [True], [0, 0], [-1], [1.0], np.zeros(0, int)])
def test_seeds_of_another_kind_are_refused_in_a_sentence(seeds):
    with pytest.raises(ValueError, match=r"^seeds must be "):
        seed_list(seeds)


@pytest.mark.parametrize("workers", [0, 1.5, True, "2"])
def test_workers_are_a_whole_number(workers):
    with (
        pytest.raises(ValueError, match="workers must be an integer of at least 1, got"),
        open_pool(workers),
    ):
        pass
