"""Worker processes that are killed, that cannot start, and that are not waited for."""

import inspect
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import chdir
from multiprocessing import active_children
from threading import Thread

import pytest
from click.testing import CliRunner

import theorycheck as tc
from theorycheck.cli import main
from theorycheck.running.progress import Progress
from theorycheck.running.store import open_store

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-P", "-m", "theorycheck"]
posix = pytest.mark.skipif(os.name != "posix", reason="signals that kill")
# click 8.2 keeps the two streams apart always, before it had to be asked
STREAMS = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


# --- kill -9

# As often as the folder says, the quantity of the theorem kills the process that measures it.
DIE = """
    for life in list(FOLDER.glob("life-*")):
        try: life.unlink()
        except FileNotFoundError: continue
        os.kill(os.getpid(), signal.SIGKILL)
"""
CHECK = ("verify", "own.py", "--seeds", "4", "--epsilon", "0.5")


@pytest.fixture
def folder(tmp_path, write_theorem):
    write_theorem(tmp_path, DIE)
    return tmp_path


def kill_workers(folder, times):
    for number in range(times):
        (folder / f"life-{number}").touch()


def check(folder, *words):
    """Check the theorem in this process, whose workers are processes of their own."""
    with chdir(folder):
        return CliRunner(**STREAMS).invoke(main, [*CHECK, *words])


def verdicts(folder):
    found = json.loads((folder / "verdicts.json").read_text("utf-8"))
    return {name: value for name, value in found.items() if name != "command"}


@posix
def test_killed_workers_change_no_verdict(folder):
    unhurt = check(folder, "--workers", "1", "--out", "unhurt")
    kill_workers(folder, 2)
    hurt = check(folder, "--workers", "2", "--out", "hurt")
    assert not list(folder.glob("life-*"))
    assert (hurt.exit_code, hurt.stderr) == (0, "")
    assert hurt.stdout.replace("hurt", "unhurt") == unhurt.stdout
    assert verdicts(folder / "hurt") == verdicts(folder / "unhurt")


@posix
@pytest.mark.parametrize("store", [(), ("--store", "runs.db")], ids=["no store", "store"])
def test_task_that_kills_every_worker_is_status_3_and_keeps_the_store(folder, store):
    some = "one" if store else "4"  # a measurement, or half of the runs in a stack
    kill_workers(folder, 99)
    done = check(folder, "--workers", "2", *store)
    assert (done.exit_code, done.stdout) == (3, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"theorycheck: internal error: WorkerDied: {some} of 8 ")
    assert "its process died 3 times, the last with exit code -9" in line
    assert not (folder / "theorycheck-report").exists()
    if store:
        with open_store(folder / "runs.db") as opened:
            assert opened.progress() == Progress(8, 0, 0)


@posix
def test_worker_killed_from_outside_costs_no_verdict(everything):
    family, killed = tc.mild_family((300, 600), n=4, m=3, p=0.9), []

    def kill():
        while len(killed) < 2:  # a third might be the third over one task
            for process in active_children()[:1]:
                os.kill(process.pid, signal.SIGKILL)
                killed.append(process.pid)
            time.sleep(0.4)

    killer = Thread(target=kill)
    killer.start()
    found = tc.verify("mild-pruning", family, 4, workers=2)
    assert killed
    killed += [0] * 2
    killer.join()
    # repr, since a missing slope is nan and nan differs from itself
    assert everything(found) == everything(tc.verify("mild-pruning", family, 4))


# --- interrupts


@posix
def test_interrupted_check_ends_at_once_with_all_its_processes(tmp_path, write_theorem):
    write_theorem(tmp_path, '(FOLDER / "working").touch(); time.sleep(600)')
    process = subprocess.Popen(
        [*COMMAND, *CHECK, "--workers", "2"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while process.poll() is None and not (tmp_path / "working").exists():
        time.sleep(0.05)
    began = time.perf_counter()
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert time.perf_counter() - began < 2
    assert (process.returncode, stdout, stderr) == (130, "", "theorycheck: interrupted\n")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["own.py", "working"]
    for _ in range(200):  # the tracker of multiprocessing sees our end a moment later
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("a process is left")


# --- scripts without a guard

POOL = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import theorycheck as tc
problem = tc.sims.Problem.theorem_regime(300, 4, 3, 2, 0.9)
with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
    tc.run_sweep([tc.RunSpec.plan(problem, seed) for seed in range(4)], "runs.db", executor=pool)
"""

# Each start in turn; its workers are given the same words, and import the script with them.
SCRIPT = """
import sys
import theorycheck as tc
from theorycheck.predictions.experiments import verify_predictions
problem = tc.sims.Problem.theorem_regime(300, 4, 3, 2, 0.9)
specs = [tc.RunSpec.plan(problem, seed) for seed in range(4)]
grid = tc.PhaseGrid(p=(0.5, 1.0), snr=(0.5, 1.0), seeds=1, d=100, n=4, m=3)
family = tc.mild_family((300, 600, 1200), n=4, m=3, p=0.9)
STARTS = {
    "run_sweep": lambda: tc.run_sweep(specs, "runs.db", workers=1),
    "verify": lambda: tc.verify("mild-pruning", family, 2, workers=2),
    "map_phases": lambda: tc.map_phases(grid, workers=2),
    "verify_predictions": lambda: verify_predictions(8, workers=2),
}
for name in sys.argv[1:]:
    sys.argv[1:] = [name]
    try:
        STARTS[name]()
    except ChildProcessError as error:
        print(name, error)
"""
GUARD = "a script that starts workers must do so under: if __name__ == '__main__'"


def run_script(folder, text, *words):
    (folder / "script.py").write_text(text)
    return subprocess.run(
        [sys.executable, "script.py", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_script_without_a_guard_is_told_so_at_once(tmp_path):
    names = ["run_sweep", "verify", "map_phases", "verify_predictions"]
    done = run_script(tmp_path, SCRIPT, *names)
    assert done.returncode == 0
    ends = "worker processes end before they can work; "
    assert done.stdout.splitlines() == [f"{name} {ends}{GUARD}" for name in names]
    assert "Error" not in done.stderr


def test_script_with_its_own_pool_and_no_guard_is_told_so(tmp_path):
    done = run_script(tmp_path, POOL)
    assert done.returncode == 1
    assert GUARD in done.stderr
