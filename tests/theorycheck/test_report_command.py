"""The commands around a report, in this process."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

import bounds
from theorycheck.cite import bibtex
from theorycheck.cli import main
from theorycheck.report import render
from theorycheck.results import as_json

SMALL = ["--d", "300,600,1200", "--n", "3", "--m", "2", "--epsilon", "0.3", "--workers", "1"]
PROBLEM = ["--d", "300", "--n", "4", "--m", "3", "--K", "2", "--p", "0.9"]


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


def assert_one_sentence(result, message):
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("theorycheck: ")
    assert message in line


def test_verify_ends_with_a_page_that_report_makes_again(call, tmp_path):
    result = call("verify", "over-pruning", *SMALL, "--seeds", 2, "--format", "csv")
    assert (result.exit_code, result.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["claim"] for row in rows] == list(bounds.THEOREMS["over-pruning"].claims)
    page = (tmp_path / "theorycheck-report" / "index.html").read_bytes()
    result = call("report", "theorycheck-report", "--out", "again")
    assert (result.exit_code, result.stdout) == (0, "written to again/index.html\n")
    assert (tmp_path / "again" / "index.html").read_bytes() == page
    assert b"min over samples i of max over r" in page  # the quantity of noise-memorized


def test_report_is_made_of_a_file(call, tmp_path, made_up_results):
    made_up_results = {**made_up_results, "verdicts": made_up_results["verdicts"][-1:]}
    (tmp_path / "verdicts.json").write_text(as_json(made_up_results), encoding="utf-8")
    assert call("report", "verdicts.json").exit_code == 0
    written = tmp_path / "theorycheck-report" / "index.html"
    assert written.read_text(encoding="utf-8") == render(made_up_results)


def test_results_that_are_none_are_one_sentence(call, tmp_path):
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    assert_one_sentence(call("report", "notes.txt"), "notes.txt is no JSON")
    assert_one_sentence(call("report", "missing.json"), "missing.json: No such file or directory")
    assert_one_sentence(call("report", "empty"), "verdicts.json: No such file or directory")
    assert_one_sentence(call("report"), "Missing argument 'RESULTS'")
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "empty"}


def test_page_that_cannot_be_written_is_one_sentence(call, tmp_path, made_up_results):
    made_up_results = {**made_up_results, "verdicts": []}
    (tmp_path / "verdicts.json").write_text(as_json(made_up_results), encoding="utf-8")
    assert_one_sentence(call("report", ".", "--out", "verdicts.json"), "verdicts.json: ")
    assert json.loads((tmp_path / "verdicts.json").read_text(encoding="utf-8"))


def test_cite_prints_bibtex(call):
    assert call("cite").stdout == bibtex(bounds.THEOREMS.values())
    assert call("cite", "over-pruning").stdout.count("@") == 2
    assert_one_sentence(call("cite", "nothing"), "theorem must be one of mild-pruning")


def test_bound_is_printed_as_latex(call):
    result = call("bound", "mild-pruning", *PROBLEM, "--format", "latex")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("% Mild pruning at d = 300, n = 4")
    assert result.stdout.endswith("\\end{tabular}\n")
