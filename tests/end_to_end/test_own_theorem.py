"""The page on a theorem of one's own: its module and its commands, run as they stand."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[2] / "docs" / "own_theorem.md").read_text(encoding="utf-8")
MODULE, BOUNDARY = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(CORRECTION,) = re.findall(r"```diff\n(.*?)```", PAGE, re.DOTALL)
SHOWN = [
    (command, output.splitlines())
    for command, output in re.findall(r"```console\n\$ (.*?)\n(.*?)```", PAGE, re.DOTALL)
]


def run(command, folder):
    program, *words = shlex.split(command)
    assert program == "theorycheck"
    return subprocess.run(
        [sys.executable, "-P", "-m", program, *words],
        cwd=folder,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "100"},
        capture_output=True,
        text=True,
    )


def corrected(module):
    """The module with the lines that the page takes out replaced by those it puts in."""
    lines = CORRECTION.splitlines()
    for old, new in zip(lines[::2], lines[1::2], strict=True):
        assert (old[0], new[0]) == ("-", "+")
        assert module.count(old[1:]) == 1
        module = module.replace(old[1:], new[1:])
    return module


def words_of(line):
    """A line without its measured numbers, whose last digits another machine may change."""
    return re.sub(r"[-+]?\d[\d.]*(e[-+]?\d+)?", "#", line)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def verified(folder):
    (folder / "my_theorem.py").write_text(MODULE, encoding="utf-8")
    return run(SHOWN[0][0], folder)


@pytest.fixture(scope="module")
def falsified(folder, verified):
    (folder / "my_theorem.py").write_text(corrected(MODULE), encoding="utf-8")
    return run(SHOWN[1][0], folder)


def test_page_shows_its_commands():
    assert [command.split()[:3] for command, _ in SHOWN] == [
        ["theorycheck", "verify", "my_theorem.py"],
        ["theorycheck", "falsify", "my_theorem.py"],
        ["theorycheck", "verify", "race.py"],
    ]


def test_guess_is_refuted_as_the_page_says(verified):
    assert (verified.returncode, verified.stderr) == (1, "")
    shown = SHOWN[0][1]
    assert [words_of(line) for line in verified.stdout.splitlines()] == list(map(words_of, shown))
    for line in shown:
        assert line[:38] in verified.stdout  # claim and outcome
    assert "moves like (1/sigma_0)^+1.000 (allowed +0.050)" in verified.stdout


def test_corrected_theorem_stands_and_its_false_mutants_fall(falsified):
    assert (falsified.returncode, falsified.stderr) == (0, "")
    assert falsified.stdout.splitlines() == SHOWN[1][1]  # counts alone
    assert "separable false ones refuted: 8 of 8, called consistent: 0" in falsified.stdout
    assert "true ones refuted: 0 of 122" in falsified.stdout


def test_boundary_stays_at_its_index_as_the_page_says(tmp_path):
    (tmp_path / "race.py").write_text(BOUNDARY, encoding="utf-8")
    command, shown = SHOWN[2]
    found = run(command, tmp_path)
    assert (found.returncode, found.stderr) == (0, "")
    assert [words_of(line) for line in found.stdout.splitlines()] == list(map(words_of, shown))
    for line in shown:
        assert line[:34] in found.stdout  # boundary or symbol, and outcome


def test_results_are_where_the_page_says(folder, verified):
    assert (folder / "theorycheck-report" / "verdicts.json").exists()
