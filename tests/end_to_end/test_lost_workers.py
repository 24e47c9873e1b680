"""Worker processes that are killed, that cannot start, and that are not waited for."""

import json
import os
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from threading import Thread

import pytest

import theorycheck as tc
from theorycheck.running.progress import Progress
from theorycheck.running.store import open_store

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-P", "-m", "theorycheck"]
posix = pytest.mark.skipif(os.name != "posix", reason="signals that kill")


def run(folder, *words, **variables):
    return subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


# --- kill -9

# A theorem whose quantity kills the process that measures it, so many times in all.
DEADLY = """
import os, signal
from pathlib import Path
from bounds.statements import BIG_O, Claim, Source, Theorem
from bounds.symbols import epsilon
from sims import Problem
from theorycheck import Family

def half(run, test):
    marks = Path(__file__).with_name("marks")
    marks.mkdir(exist_ok=True)
    if len(list(marks.iterdir())) < int(os.environ["DEATHS"]):
        (marks / str(os.getpid())).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return run.loss[-1] / 2

SOURCE = Source("me", "derived", "")
CLAIM = Claim("half", "", "", epsilon, BIG_O, SOURCE)
THEOREM = Theorem("own", "", "", "", "", SOURCE, {}, {"half": CLAIM}, "every-draw")
QUANTITIES = {"half": half}
FAMILY = Family("d", tuple(Problem(d, 4, 3, 2, 1.0, 1.0, 0.1, 0.3, 0.5) for d in (60, 90)), "")
"""
CHECK = ("verify", "deadly.py", "--seeds", "4", "--epsilon", "0.5")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "deadly.py").write_text(DEADLY)
    return tmp_path


def verdicts(folder):
    found = json.loads((folder / "verdicts.json").read_text("utf-8"))
    return {name: value for name, value in found.items() if name != "command"}


@posix
def test_killed_workers_change_no_verdict(folder):
    unhurt = run(folder, *CHECK, "--workers", "1", "--out", "unhurt", DEATHS="0")
    hurt = run(folder, *CHECK, "--workers", "2", "--out", "hurt", DEATHS="2")
    assert len(list((folder / "marks").iterdir())) == 2
    assert (hurt.returncode, hurt.stderr) == (0, "")
    assert hurt.stdout.replace("hurt", "unhurt") == unhurt.stdout
    assert verdicts(folder / "hurt") == verdicts(folder / "unhurt")


@posix
@pytest.mark.parametrize("store", [(), ("--store", "runs.db")], ids=["no store", "store"])
def test_task_that_kills_every_worker_is_status_3_and_keeps_the_store(folder, store):
    some = "one" if store else "4"  # a measurement, or half of the runs in a stack
    done = run(folder, *CHECK, "--workers", "2", *store, DEATHS="99")
    assert (done.returncode, done.stdout) == (3, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"theorycheck: internal error: WorkerDied: {some} of 8 ")
    assert "its process died 3 times, the last with exit code -9" in line
    assert not (folder / "theorycheck-report").exists()
    if store:
        with open_store(folder / "runs.db") as opened:
            assert opened.progress() == Progress(8, 0, 0)


@posix
def test_worker_killed_from_outside_costs_no_verdict():
    family = tc.mild_family((300, 600, 1200), n=4, m=3, p=0.9)
    killed = []

    def kill():
        while len(killed) < 3:
            for process in active_children()[:1]:
                os.kill(process.pid, signal.SIGKILL)
                killed.append(process.pid)
            time.sleep(0.4)

    killer = Thread(target=kill)
    killer.start()
    found = tc.verify("mild-pruning", family, 6, workers=2)
    assert killed
    killed += [0] * 3
    killer.join()
    # repr, since a missing slope is nan and nan differs from itself
    assert repr(found) == repr(tc.verify("mild-pruning", family, 6))


# --- interrupts


@posix
def test_interrupted_check_ends_at_once_with_all_its_processes(tmp_path):
    words = ("verify", "over-pruning", "--seeds", "500", "--workers", "2")
    process = subprocess.Popen(
        [*COMMAND, *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(5)
    assert process.poll() is None
    began = time.perf_counter()
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert time.perf_counter() - began < 2
    assert (process.returncode, stdout, stderr) == (130, "", "theorycheck: interrupted\n")
    assert not list(tmp_path.iterdir())
    for _ in range(40):  # the tracker of multiprocessing sees our end a moment later
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("a process is left")


# --- scripts without a guard

SCRIPTS = {
    "run_sweep": """
import theorycheck as tc
problem = tc.sims.Problem.theorem_regime(300, 4, 3, 2, 0.9)
tc.run_sweep([tc.RunSpec.plan(problem, seed) for seed in range(4)], "runs.db", workers=2)
""",
    "run_sweep, own pool": """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import theorycheck as tc
problem = tc.sims.Problem.theorem_regime(300, 4, 3, 2, 0.9)
with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
    tc.run_sweep([tc.RunSpec.plan(problem, seed) for seed in range(4)], "runs.db", executor=pool)
""",
    "verify": """
import theorycheck as tc
tc.verify("mild-pruning", tc.mild_family((300, 600, 1200), n=4, m=3, p=0.9), 2, workers=2)
""",
    "map_phases": """
import theorycheck as tc
grid = tc.PhaseGrid(p=(0.5, 1.0), snr=(0.5, 1.0), seeds=1, d=100, n=4, m=3)
tc.map_phases(grid, workers=2)
""",
    "verify_predictions": """
from theorycheck.predictions.experiments import verify_predictions
verify_predictions(8, workers=2)
""",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_without_a_guard_is_told_so_at_once(name, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPTS[name])
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "a script that starts workers must do so under: if __name__ == '__main__'" in done.stderr
    *_, last = done.stderr.splitlines()
    if name != "run_sweep, own pool":  # the error of that pool is its own
        assert last.startswith("ChildProcessError: worker processes end before they can work; ")


# --- nobody reads what is printed


@posix
@pytest.mark.parametrize("words", [("list",), ("cite", "all")])
def test_reader_that_left_is_no_refutation(words, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, *words], cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
