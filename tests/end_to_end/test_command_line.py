"""The commands as a user types them, in processes of their own."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.slow

# -P keeps the folder the command runs in out of the interpreter's path.
COMMAND = [sys.executable, "-P", "-m", "theorycheck"]
SMALL = ["--d", "300,600", "--n", "4", "--m", "3", "--epsilon", "0.3", "--workers", "1"]
FIGURES = ["over-pruning-trajectory"]


def start(words, folder, **environment):
    return subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        env={**{name: one for name, one in os.environ.items() if name != "COLUMNS"}, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture(scope="module")
def both_checks(tmp_path_factory):
    """One check in two formats, under other hash seeds and numbers of BLAS threads."""
    words = ["verify", "over-pruning", *SMALL, "--seeds", "2", "--out", "report", "--format"]
    formats = ["json", "text"]
    surroundings = [
        {"PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1"},
        {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "2"},
    ]
    folders = [tmp_path_factory.mktemp("verify") for _ in surroundings]
    processes = [
        start([*words, form], folder, **around)
        for form, folder, around in zip(formats, folders, surroundings, strict=True)
    ]
    outputs = [process.communicate() for process in processes]
    return [
        (process.returncode, *output, folder / "report")
        for process, output, folder in zip(processes, outputs, folders, strict=True)
    ]


def test_verify_writes_figures_and_verdicts(both_checks):
    status, stdout, stderr, out = both_checks[0]
    assert stderr == b""
    document = json.loads(stdout, parse_constant=pytest.fail)
    outcomes = [verdict["outcome"] for verdict in document["verdicts"]]
    assert status == (1 if "refuted" in outcomes else 0)
    assert (out / "verdicts.json").read_bytes() == stdout
    assert document["command"].startswith("theorycheck verify over-pruning --d 300,600")
    names = [f"{name}.{ending}" for name in FIGURES for ending in ("png", "svg")]
    names += ["index.html", "verdicts.json"]
    assert sorted(path.name for path in out.iterdir()) == sorted(names)


def test_verify_writes_the_same_bytes_twice(both_checks):
    contents = [
        {path.name: path.read_bytes().replace(b"--format json", b"--format text") for path in paths}
        for paths in (out.iterdir() for *_, out in both_checks)
    ]
    assert contents[0] == contents[1]


def test_verify_tells_a_sentence_a_theorem_and_two_lines_a_claim(both_checks):
    status, stdout, stderr, _ = both_checks[1]
    assert (status, stderr) == (0, b"")
    lines = stdout.decode().splitlines()
    assert max(map(len, lines)) <= 100
    assert "\033" not in stdout.decode()
    assert lines[0].startswith("Over-pruning is ")
    assert "claim" in "".join(lines[:2])
    numbers = [i for i, line in enumerate(lines) if line.startswith("    measured ")]
    assert len(numbers) == 7
    for place in numbers:
        assert lines[place - 1].startswith("  ")
        assert lines[place - 1][2] != " "
    assert lines.index("") == numbers[-1] + 3  # after the probability
    assert " ".join(lines).endswith("figures and verdicts.json in report")


SHAPE = ["--d", "300", "--n", "4", "--m", "3", "--K", "2"]


@pytest.mark.parametrize(
    "words",
    [
        ["simulate", *SHAPE, "--p", "0", "--out", "run.npz"],
        ["simulate", *SHAPE, "--p", "0.5", "--out", "file/run.npz"],
        ["verify", "no-such-theorem"],
    ],
    ids=["p = 0", "unwritable", "unknown theorem"],
)
def test_bad_usage_is_one_sentence(words, tmp_path):
    (tmp_path / "file").write_text("kept")
    process = start(words, tmp_path)
    stdout, stderr = process.communicate()
    assert process.returncode == 2
    assert stdout == b""
    assert len(stderr.splitlines()) == 1
    assert b"Traceback" not in stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.name != "posix", reason="a terminal's interrupt goes to a process group")
def test_interrupted_check_leaves_nothing_behind(tmp_path):
    # A process started in the background ignores the signal unless it asks for it. What is loaded
    # on the way is loaded before: an extension module turns the interrupt into an ImportError.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import scipy.integrate, scipy.stats, theorycheck.commands.plan\n"
        "from theorycheck.cli import main; main()"
    )
    words = ["verify", "mild-pruning", "--d", "5000000", "--out", "new/report", "--workers", "1"]
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", code, *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    while process.poll() is None and not (tmp_path / "new").exists():
        time.sleep(0.05)  # the folder is made when the work starts
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate()
    assert process.returncode == 130
    assert stdout == b""
    assert stderr.split(b"\n")[-2:] == [b"theorycheck: interrupted", b""]
    assert b"Traceback" not in stderr
    assert not list(tmp_path.iterdir())
