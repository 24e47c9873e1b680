"""Verdicts as text: one line a claim, no number without its place."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

import bounds
import theorycheck as tc
from theorycheck.judging.verdict import PathPremise
from theorycheck.predictions.lemma_check import judge_lemma, mild_problem
from theorycheck.reporting.document import Findings
from theorycheck.reporting.text import text_lines


@pytest.fixture(scope="module")
def told():
    """A real check of over-pruning, and the folder it would be written to."""
    family = tc.over_family((300, 600, 1200), n=4, m=3)
    verdicts = tc.verify("over-pruning", family, 3)
    out = Path("report")
    files = [out / name for name in ("verdicts.json", "index.html", "over-pruning-trajectory.svg")]
    theorems = [bounds.THEOREMS["over-pruning"]]
    return Findings(verdicts, files=files, theorems=theorems), out


def told_lines(report):
    """The lines of a report without those of the premises."""
    return [line for line in text_lines(report) if not line.startswith("  premises ")]


@pytest.mark.slow
def test_text_has_one_line_a_claim(told):
    report, out = told
    head, *lines, last = told_lines(report)
    assert head.startswith("Over-pruning: ")
    assert len(lines) == len(report.verdicts)
    for line, verdict in zip(lines, report.verdicts, strict=True):
        assert line.split()[0] == verdict.claim
        assert line[21:].startswith(verdict.outcome)
        assert line.endswith(verdict.reason)
        assert "\n" not in line
        for word in ("measured", "bound", "implied constant", "d = 1200", "t* ="):
            assert word in line
    assert last.endswith(f"; index.html, figures and verdicts.json in {out}")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["verdicts.json"], "verdicts.json"),
        (["verdicts.json", "index.html"], "index.html and verdicts.json"),
        (["verdicts.json", "lemmas.svg", "lemmas.png"], "figures and verdicts.json"),
    ],
)
def test_last_line_names_what_was_written(names, words, told):
    report, out = told
    *_, last = text_lines(replace(report, files=[out / name for name in names]))
    assert last.endswith(f"; {words} in {out}")


def test_bound_that_is_not_real_is_not_defined(told):
    report, _ = told
    verdict = report.verdicts[0]
    last = replace(verdict.sizes[-1], log_bound=math.nan, implied=math.nan, implied_high=math.nan)
    lines = told_lines(replace(report, verdicts=[replace(verdict, sizes=(last,))]))
    assert "bound not defined  implied constant none (none)  at" in lines[1]


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


def test_path_lemma_is_told_among_the_lemmas(told):
    report, _ = told
    lemma = replace(
        report.verdicts[0], theorem="lemmas", claim="gradient-norm", reason="as it should"
    )
    lines = told_lines(replace(report, verdicts=[lemma, *report.verdicts]))
    place = next(i for i, line in enumerate(lines) if line.split()[0] == "gradient-norm")
    assert "emma" in lines[place - 1]
    assert place > len(report.verdicts)


def test_each_path_has_a_heading_where_there_are_several(told):
    report, _ = told
    elsewhere = [replace(one, along="eta") for one in report.verdicts]
    lines = list(text_lines(replace(report, verdicts=[*report.verdicts, *elsewhere])))
    count = len(report.verdicts)
    assert [line for line in lines if line.startswith(" along")] == [" along d", " along eta"]
    assert lines.index(" along d") == 1
    premises = [place for place, line in enumerate(lines) if line.startswith("  premises kept: ")]
    assert premises == [2, lines.index(" along eta") + 1]
    assert told_lines(replace(report, verdicts=[*report.verdicts, *elsewhere])).index(
        " along eta"
    ) == (count + 2)


def test_own_theorem_is_headed_by_its_title_and_statement(told):
    report, _ = told
    own = [replace(one, theorem="winner-takes-all") for one in report.verdicts]
    theorem = replace(report.theorems[0], id="winner-takes-all", title="Winner", statement="All.")
    told = replace(report, verdicts=own, theorems=[theorem])
    assert next(text_lines(told)) == "Winner: All."


def test_premises_are_told_with_relation_and_constant(told):
    report, _ = told
    _, kept, reported, *_ = text_lines(report)
    assert kept.startswith("  premises kept: K >= 2 (2); d >= K (150 to 600); ")
    assert "K = O(log d) (C_K = 0.351 to 0.282, declared <= 1)" in kept
    assert "p = Theta(1 / (K m log d)) (C_p = 1)" in kept
    assert reported.startswith("  premises reported: n = polylog(d) (power_n = 0.796 to 0.708); ")


def test_premise_that_is_not_kept_is_told_with_where(told):
    report, _ = told
    first = report.verdicts[0]
    left = PathPremise("a", "a >= C b", ">=", "C", 0.1, (0.2, 0.01), "not kept", (600.0,), "why")
    told = replace(report, verdicts=[replace(first, premises=(left,))])
    assert "  premises not kept: a >= C b (C = 0.2 to 0.01, declared >= 0.1, left at 600)" in [
        *text_lines(told)
    ]
