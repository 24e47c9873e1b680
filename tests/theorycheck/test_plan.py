"""One `theorycheck verify`: validated first, written whole, told in one line a claim."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from theorycheck import plan
from theorycheck.lemma_check import judge_lemma, mild_problem
from theorycheck.plan import Plan, Report, check_writable, run_plan, text_lines, typical_run

TINY = {"d": (300, 600, 1200), "n": 4, "m": 3, "seeds": 3, "workers": 1}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A real check of over-pruning, and the folder it wrote to."""
    out = tmp_path_factory.mktemp("check") / "deep" / "report"
    return run_plan(Plan("over-pruning", out=out, **TINY), "the command"), out


def test_check_writes_figures_and_verdicts(told):
    report, out = told
    names = ["over-pruning-trajectory.svg", "over-pruning-trajectory.png", "verdicts.json"]
    assert [path.name for path in report.files] == names
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    assert all(path.stat().st_size > 0 for path in report.files)


def test_written_verdicts_are_those_reported(told):
    report, out = told
    assert (out / "verdicts.json").read_text(encoding="utf-8") == report.json
    document = json.loads(report.json, parse_constant=pytest.fail)
    assert document["command"] == "the command"
    written = [(one["claim"], one["outcome"]) for one in document["verdicts"]]
    assert written == [(one.claim, one.outcome) for one in report.verdicts]


def test_text_has_one_line_a_claim(told):
    report, out = told
    head, *lines, last = text_lines(report)
    assert head.startswith("Over-pruning: ")
    assert len(lines) == len(report.verdicts)
    for line, verdict in zip(lines, report.verdicts, strict=True):
        assert line.split()[0] == verdict.claim
        assert line[21:].startswith(verdict.outcome)
        assert line.endswith(verdict.reason)
        assert "\n" not in line
        for word in ("measured", "bound", "implied constant", "d = 1200", "t* ="):
            assert word in line
    assert last.endswith(f"figures and verdicts.json in {out}")


def test_summary_counts_outcomes(told):
    report, _ = told
    *_, last = text_lines(report)
    for outcome in set(report.outcomes):
        assert f"{report.outcomes.count(outcome)} {outcome}" in last


def test_lemmas_have_a_line_each(told):
    report, _ = told
    check = judge_lemma("class-counts", mild_problem(), 2, 200, 7)
    lines = list(text_lines(replace(report, lemmas=[check])))
    (line,) = [one for one in lines if one.strip().startswith("class-counts")]
    assert "empirical 2/200" in line
    assert check.outcome in line


@pytest.mark.parametrize("where", ["verdicts", "lemmas"])
def test_anything_refuted_counts(where, told):
    report, _ = told
    assert not report.refuted
    wrong = (
        replace(report.verdicts[0], outcome="refuted")
        if where == "verdicts"
        else judge_lemma("class-counts", mild_problem(), 200, 200, 7)
    )
    assert replace(report, **{where: [wrong]}).refuted


def test_empty_report_refutes_nothing():
    assert not Report().refuted


# plans


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"theorem": "x"}, "THEOREM must be one of mild-pruning, over-pruning, lemmas, all, got"),
        ({"seeds": 0}, "seeds must be at least 1, got 0"),
        ({"epsilon": math.nan}, "epsilon must be a finite number greater than 0, got nan"),
        ({"epsilon": -1.0}, "epsilon must be a finite number greater than 0, got -1.0"),
        ({"engine": "x"}, "engine must be one of .*, got 'x'"),
        ({"workers": 0}, "workers must be at least 1, got 0"),
        ({"d": (1,)}, "d must be an integer from 2 to 2"),
        ({"n": 0}, "n must be an integer from 1 to 2"),
        ({"m": 0}, "m must be an integer from 1 to 2"),
        ({"K": 1}, "K must be an integer from 2 to 2"),
        ({"p": 0.0}, "p is the probability to keep a weight and must satisfy 0 < p <= 1, got 0.0"),
        ({"noise": "x"}, "noise must be one of isotropic, orthogonal, got 'x'"),
    ],
    ids=lambda value: str(value)[:25],
)
def test_bad_plan_is_refused_before_any_work(options, message):
    with pytest.raises(ValueError, match=message):
        Plan(**options)


def test_bad_size_of_over_pruning_is_named():
    with pytest.raises(ValueError, match="d must be"):
        Plan("over-pruning", d=(1,))


def test_built_in_families_are_those_of_the_issue():
    families = Plan().families()
    assert list(families) == ["mild-pruning", "over-pruning"]
    for family in families.values():
        assert [problem.d for problem in family.problems] == [2000, 20_000, 200_000]
        assert {(one.n, one.m, one.K) for one in family.problems} == {(30, 20, 2)}


def test_repeated_size_is_run_once():
    (family,) = Plan("over-pruning", d=(600, 300, 600)).families().values()
    assert [problem.d for problem in family.problems] == [300, 600]


# what is written, and when


def nothing(*_):
    pytest.fail("work was started")


@pytest.mark.parametrize("out", ["file", "file/below", "file/far/below"])
def test_unwritable_folder_stops_before_any_work(out, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("kept")
    monkeypatch.setattr(plan, "_run_plan", nothing)
    with pytest.raises(OSError, match=r"exists|directory"):
        run_plan(Plan("over-pruning", out=tmp_path / out, **TINY), "")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


def test_folder_in_place_of_verdicts_stops_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "verdicts.json").mkdir()
    monkeypatch.setattr(plan, "_run_plan", nothing)
    with pytest.raises(OSError, match="is a directory, not a file"):
        run_plan(Plan("over-pruning", out=tmp_path, **TINY), "")


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError])
def test_failed_check_leaves_nothing_behind(failure, tmp_path, monkeypatch):
    def fail(*_):
        raise failure("stop")

    monkeypatch.setattr(plan, "_run_plan", fail)
    (tmp_path / "old").mkdir()
    with pytest.raises(failure, match="stop"):
        run_plan(Plan("over-pruning", out=tmp_path / "old" / "new" / "report", **TINY), "")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert not list((tmp_path / "old").iterdir())


def test_failed_check_leaves_older_verdicts(tmp_path, monkeypatch):
    def fail(*_):
        raise ValueError("stop")

    monkeypatch.setattr(plan, "_run_plan", fail)
    (tmp_path / "verdicts.json").write_text("old")
    with pytest.raises(ValueError, match="stop"):
        run_plan(Plan("over-pruning", out=tmp_path, **TINY), "")
    assert (tmp_path / "verdicts.json").read_text() == "old"


def test_writable_file_is_left_as_it_was(tmp_path):
    check_writable(tmp_path / "new.npz")
    assert not list(tmp_path.iterdir())
    (tmp_path / "old.npz").write_text("kept")
    check_writable(tmp_path / "old.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["old.npz"]
    assert (tmp_path / "old.npz").read_text() == "kept"


def test_unwritable_file_is_named_as_it_was_given(tmp_path):
    with pytest.raises(OSError, match="No such file") as caught:
        check_writable(tmp_path / "missing" / "run.npz")
    assert Path(caught.value.filename).name in ("run.npz", "missing")


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


def test_path_lemma_is_told_among_the_lemmas(told):
    report, _ = told
    lemma = replace(
        report.verdicts[0], theorem="lemmas", claim="gradient-norm", reason="as it should"
    )
    lines = list(text_lines(replace(report, verdicts=[lemma, *report.verdicts])))
    place = next(i for i, line in enumerate(lines) if line.split()[0] == "gradient-norm")
    assert "emma" in lines[place - 1]
    assert place > len(report.verdicts)
