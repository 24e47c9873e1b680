"""Sweeps that are killed and interrupted; `evidence/kill.py` does the same at length."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from theorycheck.running.store import open_store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals to a group of processes"),
]
COMMAND = [sys.executable, "-P", "-m", "theorycheck"]
STUDY = """
engine = "gram"
target_loss = 0
max_steps = {steps}
seeds = {seeds}
population = false
[problem]
d = 60
n = 4
m = 3
K = 2
p = [1.0, 0.5]
"""


def start(folder, store="study.db", study="study.toml"):
    return subprocess.Popen(
        [*COMMAND, "sweep", study, "--store", store, "--workers", "2"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def stored(path):
    """The digest of each stored run, which covers when it was made, and its results."""
    if not path.exists():
        return {}, {}
    with open_store(path) as store:
        found = list(store.records())
    return {one.key: one.digest for one in found}, {one.key: one.results for one in found}


def wait_for_more(process, path, count):
    while process.poll() is None and len(stored(path)[0]) <= count:
        time.sleep(0.02)
    assert process.poll() is None


def finish(process):
    stdout, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, "")
    return stdout


def test_killed_and_interrupted_sweep_ends_as_an_unbroken_one(tmp_path):
    # enough runs that a fault finds some under way, however slowly they are seen to end
    (tmp_path / "study.toml").write_text(STUDY.format(steps=1000, seeds=60))
    path, chance = tmp_path / "study.db", random.Random(0)
    before = {}
    for fault in (signal.SIGKILL, signal.SIGINT):
        process = start(tmp_path)
        wait_for_more(process, path, len(before))
        time.sleep(chance.uniform(0.0, 0.2))
        began = time.perf_counter()
        os.killpg(process.pid, fault)
        _, stderr = process.communicate()
        if fault == signal.SIGINT:
            assert (process.returncode, stderr) == (130, "theorycheck: interrupted\n")
            assert time.perf_counter() - began < 2
        after, _ = stored(path)
        assert before.items() <= after.items()  # nothing lost, nothing made again
        before = after
    assert 0 < len(before) < 120
    assert finish(start(tmp_path)) == "study.db: 120 of 120 runs done, 0 failed, 0 missing\n"
    assert before.items() <= stored(path)[0].items()
    finish(start(tmp_path, "unbroken.db"))
    assert stored(path)[1] == stored(tmp_path / "unbroken.db")[1]


def test_two_sweeps_on_one_store_both_finish(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY.format(steps=300, seeds=10))
    sweeps = [start(tmp_path) for _ in range(2)]
    for process in sweeps:
        assert finish(process) == "study.db: 20 of 20 runs done, 0 failed, 0 missing\n"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["study.db", "study.toml"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a limit that Linux keeps")
def test_sweep_out_of_space_says_so_and_keeps_what_it_has(tmp_path):
    import resource

    def limit_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, 120_000))

    (tmp_path / "study.toml").write_text(STUDY.format(steps=100, seeds=50))
    done = subprocess.run(
        [*COMMAND, "sweep", "study.toml", "--store", "study.db", "--workers", "1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        preexec_fn=limit_files,
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("theorycheck: study.db: ")
    assert "what was stored before is safe" in line
    kept, _ = stored(tmp_path / "study.db")
    assert 0 < len(kept) < 100
    finish(start(tmp_path))
    assert kept.items() <= stored(tmp_path / "study.db")[0].items()


# --- verify with a store

CHECK = "verify own.py --epsilon 0.5 --seeds 12 --workers 2"


def verify(folder, *options):
    return subprocess.Popen(
        [*COMMAND, *CHECK.split(), *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_interrupted_check_ends_with_the_verdicts_of_an_unbroken_one(tmp_path, write_theorem):
    write_theorem(tmp_path, "time.sleep(0.1)")
    path, kept = tmp_path / "runs.db", ["--store", "runs.db", "--out", "kept"]
    process = verify(tmp_path, *kept)
    wait_for_more(process, path, 0)
    began = time.perf_counter()
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate()
    assert (process.returncode, stdout, stderr) == (130, "", "theorycheck: interrupted\n")
    assert time.perf_counter() - began < 2
    assert sorted(one.name for one in tmp_path.iterdir()) == ["own.py", "runs.db"]
    before, _ = stored(path)
    assert 0 < len(before) < 24
    report = [*COMMAND, "report", "runs.db", "--theorem", "own.py", "--out", "page"]
    subprocess.run(report, cwd=tmp_path, check=True, capture_output=True)
    page = (tmp_path / "page" / "index.html").read_text("utf-8")
    assert f"<h1>Unfinished: {len(before)} of 24 runs</h1>" in page
    finish(verify(tmp_path, *kept))
    after, _ = stored(path)
    assert len(after) == 24
    assert before.items() <= after.items()  # nothing lost, nothing made again
    finish(verify(tmp_path, "--out", "plain"))
    found = [
        json.loads((tmp_path / out / "verdicts.json").read_text()) for out in ("kept", "plain")
    ]
    for one in found:
        assert one.pop("command").startswith("theorycheck verify own.py")
    assert found[0] == found[1]
