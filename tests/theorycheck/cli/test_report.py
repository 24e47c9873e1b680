"""The commands around a report, in this process."""

import csv
import html
import io
import json
import re
import shlex
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner

import bounds
import theorycheck.commands.check
from sims import Trajectory, population
from theorycheck.cli import main
from theorycheck.files import as_json
from theorycheck.judging.quantities import LEFT_SIDES
from theorycheck.reporting.cite import bibtex
from theorycheck.reporting.page import render
from theorycheck.reporting.page_parts import number
from theorycheck.running.store import open_store
from theorycheck.running.sweep import run_sweep

pytestmark = pytest.mark.slow

SMALL = ["--d", "300,600,1200", "--n", "3", "--m", "2", "--epsilon", "0.3", "--workers", "1"]
# by their length the runs along sigma_0 are made with gram, gram and flow
OWN = """
from dataclasses import replace
from bounds.statements import BIG_O, OMEGA, Claim, Source, Theorem
from bounds.symbols import epsilon, eta, mu, sigma_0
from sims import Problem
from theorycheck import Family
SOURCE = Source("me", "derived", "")
CLAIMS = [
    Claim("time", "", "", 1 / (eta * sigma_0), BIG_O, SOURCE, measure="stopping-time"),
    Claim("signal", "", "", mu, OMEGA, SOURCE, measure="signal-learned"),
    Claim("noise", "", "", sigma_0, BIG_O, SOURCE, measure="no-noise"),
]
THEOREM = Theorem("own", "", "", "", "", SOURCE, {}, {one.id: one for one in CLAIMS}, "learnable")
START = Problem(d=200, n=6, m=4, K=2, p=0.9, mu=1.0, sigma_n=0.05, sigma_0=1e-3, eta=0.5)
PATHS = {
    "sigma_0": Family("sigma_0", tuple(replace(START, sigma_0=s) for s in (0.5, 0.05, 1e-3)), "",
                      direction="down"),
    "epsilon": Family("epsilon", (START,), "", direction="down", epsilons=(0.3, 0.1, 0.03)),
}
FAMILY = PATHS["ALONG"]
"""
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


def test_verify_ends_with_a_page_that_report_makes_again(call, tmp_path, monkeypatch):
    monkeypatch.setattr(theorycheck.commands.check, "draw_check", lambda *_: [])
    result = call("verify", "over-pruning", *SMALL, "--seeds", 1, "--format", "csv")
    assert (result.exit_code, result.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    claims = [*bounds.THEOREMS["over-pruning"].claims, "probability"]
    assert [row["claim"] for row in rows] == claims
    page = (tmp_path / "theorycheck-report" / "index.html").read_bytes()
    result = call("report", "theorycheck-report", "--out", "again")
    assert (result.exit_code, result.stdout) == (0, "written to again/index.html\n")
    assert (tmp_path / "again" / "index.html").read_bytes() == page
    assert b"min over samples i of max over r" in page  # the quantity of noise-memorized


def test_page_beside_the_verdicts_of_another_check_is_refused(call, tmp_path, made_up_results):
    verdict = {**made_up_results["verdicts"][-1]}
    del verdict["exact"]  # what a figure is drawn of
    made_up_results = {**made_up_results, "verdicts": [verdict]}
    for name, command in (("theorycheck-report", "one"), ("elsewhere", "another")):
        (tmp_path / name).mkdir()
        text = as_json({**made_up_results, "command": command})
        (tmp_path / name / "verdicts.json").write_text(text, encoding="utf-8")
        assert call("report", name, "--out", name).exit_code == 0
    page = tmp_path / "theorycheck-report" / "index.html"
    before = page.read_bytes()
    message = "--out must be a directory without the verdicts of another check than RESULTS, got "
    for words in (["elsewhere"], ["elsewhere/verdicts.json", "--out", "theorycheck-report"]):
        assert_one_sentence(call("report", *words), message + "theorycheck-report")
        assert page.read_bytes() == before
    open_store("study.db", "create").close()
    assert_one_sentence(call("report", "study.db"), message + "theorycheck-report")
    assert_one_sentence(call("report", "missing"), "missing: No such file or directory")
    shutil.copytree("theorycheck-report", "copy")
    page.unlink()
    for words in ([], ["--out", "copy"], ["--out", "page"]):
        assert call("report", "theorycheck-report", *words).exit_code == 0
    assert call("report", "elsewhere", "--out", "page").exit_code == 0  # no verdicts are there
    assert page.read_bytes() == before


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


@pytest.fixture
def repeat(call, tmp_path):
    """Give the command that a page has for the first judged run of a claim; return the run."""

    def repeat(page, claim):
        parts = (tmp_path / page / "index.html").read_text("utf-8").split('<details class="claim')
        (part,) = (one for one in parts if f'aria-label="Every run of {claim}"' in one)
        (command,) = re.findall("theorycheck simulate .*?npz", part)
        program, *words = shlex.split(html.unescape(command))
        told = call(*words)
        assert (program, told.exit_code, told.stderr) == ("theorycheck", 0, "")
        run = Trajectory.load(tmp_path / "run.npz")
        said = number(LEFT_SIDES[MEASURES.get(claim, claim)](run, population(run)))
        row = part.split(f'<tr><th scope="row" class="n">{run.seed}</th>')[-1].split("</tr>")[0]
        assert row.endswith(f'<td class="n">{said}</td>')
        return run

    return repeat


MEASURES = {"time": "stopping-time", "signal": "signal-learned", "noise": "no-noise"}


@pytest.mark.parametrize(
    ("along", "engines"), [("sigma_0", ["flow", "gram"]), ("epsilon", ["flow"])]
)
def test_command_of_a_run_repeats_it(along, engines, call, repeat, tmp_path):
    (tmp_path / "own.py").write_text(OWN.replace("ALONG", along))
    call("verify", "own.py", "--seeds", 3, "--workers", 1)
    made = json.loads((tmp_path / "theorycheck-report" / "verdicts.json").read_text("utf-8"))
    for record in made["verdicts"][:-1]:  # the last is on the probability, which has no run
        last, measure = record["sizes"][-1], MEASURES[record["claim"]]
        run = repeat("theorycheck-report", record["claim"])
        assert run.seed == last["seeds"][0]
        assert LEFT_SIDES[measure](run, population(run)) == last["each"][0]  # to the bit
        assert record["engines"] == engines
        assert last["engines"] == ["flow"] * len(last["seeds"])


def test_command_of_a_run_of_a_sweep_repeats_it(call, repeat, tmp_path):
    study = {"seeds": 2, "target_loss": 0.6, "max_steps": 4000, "engine": "gram",
             "problem": {"d": [300, 600, 1200], "n": 4, "m": 3, "K": 2, "p": 0.9}}  # fmt: skip
    with ThreadPoolExecutor(1) as threads:
        run_sweep(study, tmp_path / "study.db", executor=threads)
    assert call("report", "study.db", "--out", "page").exit_code == 0
    run = repeat("page", "train-loss")
    assert run.status == "reached"
    assert "--max-steps 4000" in (tmp_path / "page" / "index.html").read_text("utf-8")


@pytest.mark.parametrize("engines", [["flow"], ["flow", "gram"], [], None])
def test_run_of_version_0_1_0_has_a_command_where_its_engine_is_sure(engines, made_up_results):
    record = next(one for one in made_up_results["verdicts"] if one["claim"] == "no-noise")
    sizes = [{k: v for k, v in size.items() if k != "engines"} for size in record["sizes"]]
    record = {**record, "sizes": sizes, "engines": engines}
    page = render({**made_up_results, "verdicts": [record]})
    assert ("theorycheck simulate" in page) == (engines == ["flow"])
    assert ("--engine flow" in page) == (engines == ["flow"])


def test_cite_prints_bibtex(call):
    every = (*bounds.THEOREMS.values(), *bounds.SIBLING_THEOREMS.values())
    assert call("cite").stdout == bibtex(every)
    assert call("cite", "over-pruning").stdout.count("@") == 2
    assert_one_sentence(call("cite", "nothing"), "theorem must be one of mild-pruning")


def test_bound_is_printed_as_latex(call):
    result = call("bound", "mild-pruning", *PROBLEM, "--format", "latex")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("% Mild pruning at d = 300, n = 4")
    assert result.stdout.endswith("\\end{tabular}\n")
