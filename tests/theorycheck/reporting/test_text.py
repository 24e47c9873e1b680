"""Verdicts as text: a line a theorem, two a claim, no number without its place."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

import bounds
import theorycheck as tc
from theorycheck.commands.courses import Course, observe_courses
from theorycheck.judging.facts import Constant, PathPremise, Start
from theorycheck.judging.facts import Tested as What
from theorycheck.judging.judge import judge_theorem
from theorycheck.judging.whole.summary import summarize_claims, summarize_theorem
from theorycheck.predictions.lemma_check import judge_lemma, mild_problem
from theorycheck.reporting.document import Findings
from theorycheck.reporting.text import claim_lines, text_lines
from theorycheck.running.tasks import run_heaps

THEOREM = bounds.THEOREMS["over-pruning"]


@pytest.fixture(scope="module")
def told():
    """A real check of over-pruning, and the folder it would be written to."""
    course = Course("over-pruning", tc.over_family((300, 600, 1200), n=4, m=3), 0.05)
    runs = observe_courses([course], [0, 1, 2], lambda heaps: run_heaps(heaps, None, False))
    verdicts = judge_theorem(THEOREM, *runs[0])
    out = Path("report")
    files = [out / name for name in ("verdicts.json", "index.html", "over-pruning-trajectory.svg")]
    claims = summarize_claims(verdicts)
    line = summarize_theorem(THEOREM, runs, claims)
    return Findings(verdicts, [], [], "", files, [THEOREM], claims, [line]), out


def summed(report, verdicts, **changes):
    """A report of other verdicts, summed up as a check does."""
    return replace(report, verdicts=verdicts, claims=summarize_claims(verdicts), **changes)


def told_lines(report):
    """The lines of a report without those of the premises."""
    return [line for line in text_lines(report) if "premises " not in line]


@pytest.mark.slow
def test_text_has_a_line_a_theorem_and_two_a_claim(told):
    report, out = told
    head, line, *lines, last = told_lines(report)
    assert head.startswith("Over-pruning: ")
    assert line == f"  {report.summaries[0].words}"
    for claim, verdict in zip(report.claims, report.verdicts, strict=True):
        first = lines.pop(0)
        assert first.split()[0] == claim.claim == verdict.claim
        assert first[21:].startswith(claim.outcome)
        assert first.endswith(claim.reason)
        assert "\n" not in first
        if claim.claim == "probability":  # which has no sizes of its own
            continue
        second = lines.pop(0)
        assert second.startswith(" " * 37)
        assert "\n" not in second
        for word in ("at d = 1200", "t* = ", "measured ", f"{verdict.order} bound ", "tests "):
            assert word in second
    assert lines == []
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


# one claim


@pytest.fixture
def facts(told):
    """The second line of a claim whose verdict has some numbers."""
    report, _ = told
    verdict, claim = report.verdicts[0], report.claims[0]

    def facts(**changes):
        changed = replace(verdict, **changes)
        sums = {"moved": changed.tested.moved, "fixed": changed.tested.fixed}
        _, line = claim_lines(replace(claim, **sums), changed)
        return line.strip().split("; ")

    return facts


def test_bound_that_is_not_real_is_not_defined(told, facts):
    last = replace(told[0].verdicts[0].sizes[-1], log_bound=math.nan)
    assert facts(sizes=(last,))[0].endswith("bound not defined")


def test_constant_has_its_interval_and_limit(facts):
    constant = Constant(0.5, 0.25, 0.75, 0.8, 0.9)
    told = "constant 0.5 [0.25, 0.75] in the median, 0.8 (at most 0.9) in 9 draws of 10"
    assert told in facts(constant=constant)
    few = "constant 0.5 [0, inf] in the median, 0.8 (>) in 9 draws of 10"
    assert few in facts(constant=Constant(0.5, 0.0, math.inf, 0.8, math.inf))


def test_constant_of_a_lower_bound_has_its_limit_below(told):
    report, _ = told
    place = [one.claim for one in report.verdicts].index("noise-memorized")
    verdict, claim = report.verdicts[place], report.claims[place]
    for limit, words in ((0.1, "0.3 (at least 0.1)"), (0.0, "0.3 (<)")):
        one = replace(verdict, constant=Constant(0.5, 0.25, 0.75, 0.3, limit))
        _, line = claim_lines(claim, one)
        assert f"in the median, {words} in 9 draws of 10" in line


NUMBERS = Constant(0.5, 0.25, 0.75, 0.8, 0.9)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (Start(600.0, 600.0), ["kept from d = 600 on"]),
        (
            Start(300.0, 1200.0, 300.0, 0.5, 2.0),
            [
                "kept from d = 300 on in the median, from 1200 on in 9 draws of 10",
                "violated at 300 by 2 in one draw of ten (0.5 in the median)",
            ],
        ),
        (
            Start(600.0, None, 300.0, 2.0, 142.0),
            [
                "kept from d = 600 on in the median, never in 9 draws of 10",
                "violated at 300 by 142 in one draw of ten (2 in the median)",
            ],
        ),
        (
            Start(None, None, 1200.0, 2.0, 3.0),
            [
                "the declared constant is not kept at the last size",
                "violated at 1200 by 3 in one draw of ten (2 in the median)",
            ],
        ),
    ],
)
def test_start_is_told_with_the_worst_before_it(start, words, facts):
    assert facts(constant=NUMBERS, start=start)[2 : 2 + len(words)] == words


@pytest.mark.parametrize(
    ("tested", "words"),
    [
        (What(("sigma_0", "mu"), ("eta",)), "tests sigma_0, mu, eta held fixed"),
        (What(("d",)), "tests d"),
        (What((), ("eta",), ("d",)), "tests only that the left side does not outgrow a bound"),
    ],
)
def test_what_the_paths_move_is_told(tested, words, facts):
    assert any(one.startswith(words) for one in facts(tested=tested))


# all of them


def test_summary_counts_outcomes_by_claim(told):
    report, _ = told
    *_, last = text_lines(report)
    assert len(report.outcomes) == len(report.claims)
    for outcome in set(report.outcomes):
        assert f"{report.outcomes.count(outcome)} {outcome}" in last
    again = [replace(one, along="eta") for one in report.verdicts]
    twice = summed(report, [*report.verdicts, *again])
    assert twice.outcomes == report.outcomes
    *_, same = text_lines(twice)
    assert same == last


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
    lines = told_lines(summed(report, [lemma, *report.verdicts]))
    place = next(i for i, line in enumerate(lines) if line.split()[0] == "gradient-norm")
    assert "emma" in lines[place - 1]
    assert place > 2 * (len(report.verdicts) - 1)


def test_each_path_is_named_where_there_are_several(told):
    report, _ = told
    elsewhere = [replace(one, along="eta", outcome="holds") for one in report.verdicts]
    lines = list(text_lines(summed(report, [*report.verdicts, *elsewhere])))
    premises = [line.split("premises")[0] for line in lines if "premises kept: " in line]
    assert premises == ["  along d: ", "  along eta: "]
    assert len(lines) == len(list(text_lines(report))) + len(premises)
    reasons = [line for line in lines if line.split()[0] == "test-loss"]
    assert len(reasons) == 1
    assert "on 1 of 2 paths; along " in reasons[0]


def test_own_theorem_is_headed_by_its_title_and_statement(told):
    report, _ = told
    own = [replace(one, theorem="winner-takes-all") for one in report.verdicts]
    theorem = replace(report.theorems[0], id="winner-takes-all", title="Winner", statement="All.")
    assert next(text_lines(summed(report, own, theorems=[theorem]))) == "Winner: All."


def test_premises_are_told_with_relation_and_constant(told):
    report, _ = told
    _, _, kept, reported, *_ = text_lines(report)
    assert kept.startswith("  premises kept: K >= 2 (2); d >= K (150 to 600); ")
    assert "K = O(log d) (C_K = 0.351 to 0.282, declared <= 1)" in kept
    assert "p = Theta(1 / (K m log d)) (C_p = 1)" in kept
    assert reported.startswith("  premises reported: n = polylog(d) (power_n = 0.796 to 0.708); ")


def test_premise_that_is_not_kept_is_told_with_where(told):
    report, _ = told
    left = PathPremise("a", "a >= C b", ">=", "C", 0.1, (0.2, 0.01), "not kept", (600.0,), "why")
    one = replace(report.verdicts[0], premises=(left,))
    assert "  premises not kept: a >= C b (C = 0.2 to 0.01, declared >= 0.1, left at 600)" in [
        *text_lines(summed(report, [one]))
    ]


def test_what_a_quick_check_leaves_out_is_told(told):
    report, _ = told
    assert not any("left out" in line for line in text_lines(report))
    *_, line, _ = text_lines(replace(report, left_out=["the lemmas", "4 of 20 draws on a path"]))
    assert line == "left out by --quick: the lemmas, 4 of 20 draws on a path"
