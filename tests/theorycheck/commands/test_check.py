"""Running a plan: simulated, judged, written whole or not at all."""

import json
import re
import shutil
from dataclasses import replace

import pytest

import bounds
from theorycheck.commands import check as module
from theorycheck.commands import plan as plan_module
from theorycheck.commands.check import run_plan
from theorycheck.commands.parts import Part
from theorycheck.commands.plan import Plan
from theorycheck.commands.results import load_results, write_report
from theorycheck.predictions.lemma_check import judge_lemma, mild_problem
from theorycheck.reporting.figures import check as check_figures
from theorycheck.reporting.figures.check import typical_run
from theorycheck.reporting.findings import Findings
from theorycheck.reporting.page import render
from theorycheck.reporting.terminal.layout import Layout
from theorycheck.reporting.terminal.report import part_lines, text_lines

pytestmark = pytest.mark.slow

WIDE = Layout(5000, verbose=True)
SMALL = {"d": (300, 600, 1200), "n": 3, "m": 3, "epsilon": 0.5, "seeds": 1, "workers": 1}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A plan whose runs are kept, and its check of over-pruning."""
    folder = tmp_path_factory.mktemp("check")
    plan = Plan("over-pruning", out=folder / "deep" / "report", store=folder / "runs.db", **SMALL)
    return plan, run_plan(plan, "the command")


@pytest.fixture
def told(stored):
    """The check, and the folder it wrote to."""
    plan, report = stored
    return report, plan.out


def test_check_writes_figures_and_verdicts(told):
    report, out = told
    names = ["verdicts.json", "index.html"]
    names += ["over-pruning-trajectory.svg", "over-pruning-trajectory.png"]
    assert [path.name for path in report.files] == names
    assert json.loads(report.json)["files"] == names
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    assert all(path.stat().st_size > 0 for path in report.files)


def test_written_verdicts_are_those_reported(told):
    report, out = told
    assert (out / "verdicts.json").read_text(encoding="utf-8") == report.json
    document = json.loads(report.json, parse_constant=pytest.fail)
    assert document["command"] == "the command"
    written = [(one["claim"], one["outcome"]) for one in document["verdicts"]]
    assert written == [(one.claim, one.outcome) for one in report.verdicts]


def test_sums_are_written_as_they_are_reported(told):
    report, _ = told
    document = json.loads(report.json)
    claims = bounds.THEOREMS["over-pruning"].claims
    assert [one["claim"] for one in document["claims"]] == [*claims, "probability"]
    written = [(one["outcome"], one["reason"]) for one in document["claims"]]
    assert written == [(one.outcome, one.reason) for one in report.claims]
    (line,) = document["summaries"]
    assert line["words"] == report.summaries[0].words
    assert line["weakest"] in claims
    assert report.outcomes == [one["outcome"] for one in document["claims"]]


@pytest.mark.parametrize("where", ["claims", "lemmas"])
def test_anything_refuted_counts(where, told):
    report, _ = told
    assert not report.refuted
    wrong = (
        replace(report.claims[0], outcome="refuted")
        if where == "claims"
        else judge_lemma("class-counts", mild_problem(), 200, 200, 7)
    )
    assert replace(report, **{where: [wrong]}).refuted


def test_empty_report_refutes_nothing():
    assert not Findings().refuted


# what is written, and when


def nothing(*_):
    pytest.fail("work was started")


@pytest.mark.parametrize("out", ["file", "file/below", "file/far/below"])
def test_unwritable_folder_stops_before_any_work(out, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("kept")
    monkeypatch.setattr(module, "_run_plan", nothing)
    with pytest.raises(OSError, match=r"exists|directory"):
        run_plan(Plan("over-pruning", out=tmp_path / out, **SMALL), "")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


def test_folder_in_place_of_verdicts_stops_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "verdicts.json").mkdir()
    monkeypatch.setattr(module, "_run_plan", nothing)
    with pytest.raises(OSError, match="is a directory, not a file"):
        run_plan(Plan("over-pruning", out=tmp_path, **SMALL), "")


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError])
def test_failed_check_leaves_nothing_behind(failure, tmp_path, monkeypatch):
    def fail(*_):
        raise failure("stop")

    monkeypatch.setattr(module, "_run_plan", fail)
    (tmp_path / "old").mkdir()
    with pytest.raises(failure, match="stop"):
        run_plan(Plan("over-pruning", out=tmp_path / "old" / "new" / "report", **SMALL), "")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert not list((tmp_path / "old").iterdir())


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("stage", ["run_heaps", "judge", "files_of"])
def test_failed_check_leaves_every_file_of_an_older_one(
    stage, failure, told, tmp_path, monkeypatch
):
    def fail(*_):
        raise failure("stop")

    _, older = told
    shutil.copytree(older, tmp_path / "report")
    monkeypatch.setattr(module, stage, fail)
    with pytest.raises(failure, match="stop"):
        run_plan(Plan("over-pruning", out=tmp_path / "report", **SMALL), "")
    assert contents(tmp_path / "report") == contents(older)


def test_check_leaves_nothing_of_an_older_one_and_all_that_is_not_of_a_check(
    told, tmp_path, monkeypatch
):
    report, older = told
    others = {"notes.txt", "falsify.svg", "phase.png", "calibration.json", "test-loss.png"}
    shutil.copytree(older, tmp_path / "report")
    for name in others:
        (tmp_path / "report" / name).write_text("kept")
    monkeypatch.setattr(module, "draw_check", lambda *_: [])
    monkeypatch.setattr(module, "_run_lemmas", lambda *_: [])
    found = run_plan(Plan("lemmas", out=tmp_path / "report", **SMALL), "")
    seen = contents(tmp_path / "report")
    assert set(seen) == {"verdicts.json", "index.html", *others}
    assert seen["verdicts.json"] == found.json.encode() != report.json.encode()
    assert seen["index.html"] == render(json.loads(found.json)).encode()
    assert {seen[name] for name in others} == {b"kept"}


# what is asked for


@pytest.fixture
def nothing_drawn(monkeypatch):
    """Leave out figures and page, which take seconds."""
    monkeypatch.setattr(module, "draw_check", lambda *_: [])
    monkeypatch.setattr(module, "render", lambda content: "")


def test_claim_is_held_to_the_constant_that_is_declared(stored, nothing_drawn, tmp_path):
    plan, before = stored
    options = {"out": tmp_path, "constant": ("noise-memorized=0.25",)}
    found = run_plan(replace(plan, **options), "the command")
    for old, new in zip(before.verdicts, found.verdicts, strict=True):
        factor = 0.25 if new.claim == "noise-memorized" else 1.0
        assert new.constant.median == pytest.approx(old.constant.median / factor, nan_ok=True)
    content = json.loads(found.json)
    (stated,) = content["theorems"]
    declared = {id: one["constant"] for id, one in stated["claims"].items()}
    assert declared == {id: 1.0 if id != "noise-memorized" else 0.25 for id in declared}


def seen(folder):
    return tuple(path.name for path in folder.iterdir())


def test_figures_are_left_out_where_none_are_wanted(stored, tmp_path, monkeypatch):
    plan, before = stored
    monkeypatch.setattr(module, "draw_check", nothing)
    found = run_plan(replace(plan, no_figures=True, out=tmp_path), "the command")
    assert sorted(seen(tmp_path)) == ["index.html", "verdicts.json"]
    content, older = json.loads(found.json), json.loads(before.json)
    assert (content["drawn"], older["drawn"]) == (False, True)
    assert content["verdicts"] == older["verdicts"]
    assert found.left_out == []
    assert json.loads(replace(plan, no_figures=True).options()) == json.loads(plan.options())


def test_workers_draw_what_one_process_draws(stored, tmp_path):
    plan, _ = stored
    run_plan(replace(plan, workers=2, out=tmp_path), "the command")
    drawn, before = contents(tmp_path), contents(plan.out)
    assert drawn.keys() >= {"index.html", "over-pruning-trajectory.svg"}
    assert all(drawn[name] == before[name] for name in drawn)


def test_what_is_left_is_told():
    stages = module.stages(Plan("all"))
    assert stages == ["lemmas", "mild-pruning", "over-pruning", "predictions"]
    assert module.what_is_left(stages, "mild-pruning") == (
        "mild-pruning, then over-pruning and predictions"
    )
    assert module.what_is_left(stages, "predictions") == "predictions"


def test_quick_check_says_what_it_leaves_out(stored, nothing_drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(plan_module, "QUICK_SEEDS", 1)
    plan, before = stored
    quick = replace(plan, theorem="all", quick=True, seeds=None, out=tmp_path)
    told = []
    begun = []

    def tell(part):
        told.append((part, seen(tmp_path)))

    found = run_plan(quick, "the command", tell=tell, begin=begun.append)
    assert begun == ["mild-pruning, then over-pruning"]
    assert {one.theorem for one in found.verdicts} == set(bounds.THEOREMS)
    # each theorem was told by itself, before anything was written
    assert [[one.id for one in part.theorems] for part, _ in told if part.claims] == [
        [name] for name in bounds.THEOREMS
    ]
    assert {written for _, written in told} == {()}
    lines = [line for part, _ in told for line in part_lines(part, WIDE)]
    assert list(text_lines(found, WIDE))[: len(lines)] == lines
    assert (found.lemmas, found.predictions) == ([], [])
    (line,) = [one for one in text_lines(found, WIDE) if one.startswith("left out by --quick: ")]
    assert line.endswith("the lemmas, the sharp predictions, 19 of 20 draws on a path, the figures")
    assert not any("left out" in one for one in text_lines(before, WIDE))


def test_runs_over_p_are_made_on_demand(stored, tmp_path, monkeypatch):
    plan, before = stored
    monkeypatch.setattr(plan_module, "P_GRID", (1.0, 0.5))
    monkeypatch.setattr(plan_module, "P_GRID_SHAPE", {"d": 300, "n": 4, "m": 3, "K": 2})
    assert json.loads(before.json)["trajectories"] is None
    assert 'id="explorer"' not in (plan.out / "index.html").read_text("utf-8")
    found = run_plan(replace(plan, p_grid=True, out=tmp_path), "the command")
    grid = json.loads(found.json)["trajectories"]
    assert [one["p"] for one in grid["courses"]] == [1.0, 0.5]
    assert grid["problem"]["d"] == 300
    assert found.outcomes == before.outcomes
    assert {"test-loss.svg", "test-loss.png"} <= {path.name for path in found.files}
    assert json.loads(found.json)["files"] == [path.name for path in found.files]
    assert 'id="explorer"' in (tmp_path / "index.html").read_text("utf-8")


def test_courses_of_the_first_draws_are_kept(told):
    report, out = told
    (path,) = json.loads(report.json)["courses"]
    assert (path["theorem"], path["along"]) == ("over-pruning", "d")
    assert [size["size"] for size in path["sizes"]] == list(SMALL["d"])
    verdict = json.loads(report.json)["verdicts"][0]
    assert path["seeds"] == sorted(path["seeds"], key=verdict["seeds"].index)
    for size in verdict["sizes"]:
        (drawn,) = [one for one in path["sizes"] if one["size"] == size["size"]]
        ends = {run["seed"]: run["steps"][-1] for run in drawn["runs"]}
        for seed, steps in zip(size["seeds"], size["each"], strict=True):
            assert ends.get(seed, steps) == pytest.approx(steps, rel=1e-3)
    assert 'id="course-explorer"' in (out / "index.html").read_text("utf-8")


@pytest.mark.parametrize("option", ["quick", "no_figures"])
def test_without_figures_there_are_no_courses(option, stored, tmp_path):
    plan, before = stored
    found = run_plan(replace(plan, out=tmp_path, **{option: True}), "the command")
    assert json.loads(found.json)["courses"] == []
    assert found.outcomes == before.outcomes
    assert "One run along a path" not in (tmp_path / "index.html").read_text("utf-8")


def test_lemmas_alone_show_no_course_of_the_theorem_they_borrow_runs_from(monkeypatch):
    monkeypatch.setattr(module, "path_record", lambda theorem, path: (theorem.id, path))
    parts = [Part("mild-pruning", ["its path"], [])]
    assert module.courses(Plan("lemmas"), parts) == []
    assert module.courses(Plan("mild-pruning"), parts) == [("mild-pruning", "its path")]


# what fails after the runs


LINE = "theorycheck: the figure {} could not be drawn: RuntimeError: no LaTeX\n"


def fail(*_):
    raise RuntimeError("no\nLaTeX")


def test_figure_that_fails_is_one_line(stored, tmp_path, monkeypatch, capsys):
    plan, before = stored
    files = contents(plan.out)
    monkeypatch.setattr(check_figures, "trajectory_figure", fail)
    report = run_plan(replace(plan, out=tmp_path), "the command")
    assert capsys.readouterr().err == LINE.format("over-pruning-trajectory")
    assert (report.json, report.outcomes) == (before.json, before.outcomes)
    assert [path.name for path in report.files] == ["verdicts.json", "index.html"]
    left = ("verdicts.json", "index.html")
    assert contents(tmp_path) == {name: files[name] for name in left}


def test_page_that_fails_is_one_line_and_can_be_made_later(stored, tmp_path, monkeypatch, capsys):
    plan, before = stored
    files = contents(plan.out)
    out = tmp_path / "my report"
    with monkeypatch.context() as patch:
        patch.setattr(module, "render", fail)
        report = run_plan(replace(plan, out=out), "the command")
    assert capsys.readouterr().err == (
        "theorycheck: the page could not be made: RuntimeError: no LaTeX; "
        f"theorycheck report '{out}' --out '{out}' makes it from verdicts.json\n"
    )
    assert (report.json, report.outcomes) == (before.json, before.outcomes)
    assert contents(out) == {name: files[name] for name in files if name != "index.html"}
    write_report(load_results(out), out)
    assert contents(out) == files


def test_verdicts_are_whole_before_the_page_and_the_page_before_figures(
    stored, tmp_path, monkeypatch
):
    plan, before = stored
    seen = {}

    def page(content, each):
        seen["page"] = contents(tmp_path)
        return "the page"

    def figure(*_):
        seen["figure"] = contents(tmp_path)
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "render", page)
    monkeypatch.setattr(check_figures, "trajectory_figure", figure)
    with pytest.raises(KeyboardInterrupt):
        run_plan(replace(plan, out=tmp_path), "the command")
    verdicts = {"verdicts.json": before.json.encode()}
    assert seen == {"page": verdicts, "figure": {**verdicts, "index.html": b"the page"}}


@pytest.mark.parametrize("failing", ["trajectory_figure", "plot_test_loss", "lemmas_figure"])
def test_every_figure_but_the_one_that_fails_is_drawn(
    failing, real_runs, tmp_path, monkeypatch, capsys
):
    run = real_runs["mild-pruning"]
    checks = [judge_lemma("class-counts", mild_problem(), 3, 200, 1)]
    monkeypatch.setattr(check_figures, failing, fail)
    drawn = module.draw_check({"mild-pruning": [run]}, [run], 0.05, checks, tmp_path)
    names = {
        "trajectory_figure": "mild-pruning-trajectory",
        "plot_test_loss": "test-loss",
        "lemmas_figure": "lemmas",
    }
    assert capsys.readouterr().err == LINE.format(names.pop(failing))
    assert {path.stem for path in drawn} == set(names.values())
    assert set(drawn) == set(tmp_path.iterdir())


# the run that is shown


def test_shown_run_is_the_largest_in_the_event(made_up_run, long_path):
    problems = long_path["mild-pruning"].problems
    runs = [
        made_up_run("mild-pruning", problem, seed, in_event=(problem.d < 10**6 and seed > 0))
        for problem in problems
        for seed in range(3)
    ]
    shown = typical_run(runs)
    assert (shown.problem.d, shown.seed) == (100_000, 1)


def test_shown_run_is_the_largest_where_none_is_in_the_event(made_up_run, long_path):
    problems = long_path["mild-pruning"].problems
    runs = [made_up_run("mild-pruning", one, 0, in_event=False) for one in problems]
    assert typical_run(runs).problem.d == 10_000_000


# a theorem of one's own


OWN = """
from sympy import sqrt
from bounds import REGIME
from bounds.statements import BIG_O, Claim, Condition, Source, Theorem
from bounds.symbols import d, mu, n, q, sigma_n
from sims import Problem
from theorycheck import Family
SOURCE = Source("me", "derived", "")
SNR = mu / (sigma_n * sqrt(d))
SNR_PREMISE = Condition("snr", "n SNR^q = Omega~(1)", n * SNR**q, "lower", SOURCE, 1.0, "C_snr")
CLAIM = Claim("stopping-time", "t* = O(1)", "t*", 1, BIG_O, SOURCE)
THEOREM = Theorem("own", "My title", "My statement.", "", "", SOURCE,
                  {"few-classes": REGIME["few-classes"], "snr": SNR_PREMISE},
                  {"stopping-time": CLAIM})
PROBLEMS = [Problem(d, 4, 3, 2, 1.0, 1.0, (4 / 0.01)**(1 / 3) / d**0.5, 0.05, 0.5)
            for d in (50, 100, 200)]
FAMILY = Family("d", tuple(PROBLEMS), "SNR held")
"""


def test_own_theorem_has_its_heading_and_premises_everywhere(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    plan = Plan(str(tmp_path / "own.py"), seeds=2, workers=1, out=tmp_path / "out")
    report = run_plan(plan, "the command")
    assert report.outcomes == ["premise not met", "premise not met"]
    heading, networks, statement, probability, kept, left, *_ = text_lines(report, WIDE)
    assert heading.startswith("My title says nothing about these runs, for a premise is not met")
    assert ": stopping-time is the weakest claim" in heading
    assert networks.startswith("  along d: d = 50 to 200, n = 4, m = 3, K = 2, p = 1, mu = 1, ")
    assert statement == "  My statement."
    assert probability.startswith("  probability: ")
    assert kept == "  premises kept: K = O(log d) (C_K = 0.511 to 0.377, declared <= 1)"
    assert left.startswith("  premises not kept: n SNR^q = Omega~(1) (C_snr = 0.01, declared >= 1,")
    document = json.loads(report.json)
    record, probability = document["verdicts"]
    assert (probability["claim"], probability["reason"]) == ("probability", record["reason"])
    assert record["premises"]["snr"] == pytest.approx([0.01, 0.01, 0.01])
    checks = {one["id"]: (one["relation"], one["state"]) for one in record["premise_checks"]}
    assert checks == {"few-classes": ("<=", "kept"), "snr": (">=", "not kept")}
    assert record["premise_checks"][1]["left_at"] == [50, 100, 200]
    page = re.sub(r"<math.*?</math>|<[^>]*>", "", report.files[-1].read_text(encoding="utf-8"))
    assert "My title" in page
    # the premise that is not of the regime stands by itself, with what becomes of it
    (premise,) = re.findall(r"the premise, its hidden constant declared as (.*)", page)
    assert premise == "1; along d it is 0.01, not kept, left at d = 50, 100, 200"
