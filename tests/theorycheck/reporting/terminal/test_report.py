"""A check as lines: a sentence a theorem, two lines a claim, and the rest where it is wanted."""

import math
import re
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
from theorycheck.reporting.findings import Findings
from theorycheck.reporting.terminal.details import facts as detailed
from theorycheck.reporting.terminal.layout import Layout
from theorycheck.reporting.terminal.report import part_lines, parts_of, text_lines
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


PLAIN = Layout(200)
FULL = Layout(2000, verbose=True)


@pytest.mark.slow
@pytest.mark.parametrize("width", [80, 100, 160])
def test_text_has_a_sentence_a_theorem_and_two_lines_a_claim(width, told):
    report, out = told
    lines = list(text_lines(report, Layout(width)))
    assert max(map(len, lines)) <= width
    head, *rest = lines[: lines.index("")]
    assert head.startswith("Over-pruning is undecided: ")
    while rest[0].startswith("  ") and rest[0].split()[0] not in THEOREM.claims:
        head += rest.pop(0)
    assert " ".join(head.split()).endswith(f". {report.summaries[0].paths[0]}")
    for claim in report.claims:
        first, second, *rest = rest
        assert first.split()[0] == claim.claim
        assert f"  {claim.outcome}  " in first
        assert second.startswith(
            "    all claims" if claim.claim == "probability" else "    measured"
        )
    assert rest == []
    last = " ".join(line.strip() for line in lines[lines.index("") :])
    assert last.endswith(f"index.html, figures and verdicts.json in {out}")


def test_the_rest_is_told_where_it_is_wanted(told):
    report, _ = told
    lines = list(text_lines(report, FULL))
    assert lines[1] == f"  {report.summaries[0].paths[0]}"
    assert lines[2] == f"  {THEOREM.statement}"
    assert lines[3].startswith("  probability: ")
    for claim, verdict in zip(report.claims, report.verdicts, strict=True):
        place = next(i for i, line in enumerate(lines) if line.startswith(f"  {claim.claim} "))
        assert lines[place + 2].startswith(f"    {claim.reason}")
        if verdict.sizes:
            for word in ("at d = 1200", "t* = ", "measured ", f"{verdict.order} bound ", "tests "):
                assert word in lines[place + 2]


def test_parts_are_the_whole(told):
    report, _ = told
    check = judge_lemma("class-counts", mild_problem(), 2, 200, 7)
    whole = replace(report, lemmas=[check])
    lines = [line for part in parts_of(whole) for line in part_lines(part, PLAIN)]
    told = list(text_lines(whole, PLAIN))
    assert told[: len(lines)] == lines
    assert len(told) == len(lines) + 1


def test_first_look_is_a_sentence_and_no_verdict(told):
    report, _ = told
    lines = list(part_lines(replace(report, first_look=True), PLAIN))
    text = " ".join(line.strip() for line in lines[:-1])
    draws = report.verdicts[0].draws
    assert text.startswith(f"First look at over-pruning, {draws} draws on one path along d: ")
    assert text.endswith("; its verdict, by more of both, comes below.")
    for outcome in set(report.outcomes):
        names = [one.claim for one in report.claims if one.outcome == outcome]
        assert f"{len(names)} {outcome}" in text
        named = outcome in ("refuted", "undecided", "premise not met")
        assert (f"({', '.join(names)})" in text) == named
    assert lines[-1] == ""


def test_part_with_nothing_in_it_has_no_line():
    assert list(part_lines(Findings(), PLAIN)) == []


def test_outcomes_have_colours_where_they_are_wanted(told):
    report, _ = told
    coloured = list(text_lines(report, Layout(80, colour=True)))
    plain = list(text_lines(report, Layout(80)))
    assert [re.sub(r"\033\[\d+m", "", line) for line in coloured] == plain
    assert coloured[0].startswith("\033[1mOver-pruning is undecided")
    assert "\033" not in "".join(plain)


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
    *_, last = text_lines(replace(report, files=[out / name for name in names]), PLAIN)
    assert last.endswith(f"; {words} in {out}")


# one claim


@pytest.fixture
def facts(told):
    """The details of a claim whose verdict has some numbers."""
    report, _ = told
    verdict, claim = report.verdicts[0], report.claims[0]

    def facts(**changes):
        changed = replace(verdict, **changes)
        sums = {"moved": changed.tested.moved, "fixed": changed.tested.fixed}
        return "; ".join(detailed(replace(claim, **sums), changed)).split("; ")

    return facts


def test_bound_that_is_not_real_is_not_defined(told, facts):
    last = replace(told[0].verdicts[0].sizes[-1], log_bound=math.nan)
    assert facts(sizes=(last,))[0].endswith("bound not defined")


def test_constant_has_its_interval_and_limit(facts):
    constant = Constant(0.5, 0.25, 0.75, 0.8, 0.9)
    told = (
        "constant 0.5 in the median (0.25 to 0.75, 99%), 0.8 in 9 draws of 10 (surely at most 0.9)"
    )
    assert told in facts(constant=constant)
    few = (
        "constant 0.5 in the median (too few draws for an interval), 0.8 in 9 draws of 10 "
        "(or more: too few draws for a limit)"
    )
    assert few in facts(constant=Constant(0.5, 0.0, math.inf, 0.8, math.inf))


def test_constant_of_a_lower_bound_has_its_limit_below(told):
    report, _ = told
    place = [one.claim for one in report.verdicts].index("noise-memorized")
    verdict, claim = report.verdicts[place], report.claims[place]
    for limit, words in ((0.1, "(surely at least 0.1)"), (0.0, "(or less: too few draws")):
        one = replace(verdict, constant=Constant(0.5, 0.25, 0.75, 0.3, limit))
        assert f"0.3 in 9 draws of 10 {words}" in "; ".join(detailed(claim, one))


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
    *_, last = text_lines(report, PLAIN)
    assert len(report.outcomes) == len(report.claims)
    for outcome in set(report.outcomes):
        assert f"{report.outcomes.count(outcome)} {outcome}" in last
    again = [replace(one, along="eta") for one in report.verdicts]
    twice = summed(report, [*report.verdicts, *again])
    assert twice.outcomes == report.outcomes
    *_, same = text_lines(twice, PLAIN)
    assert same == last


def test_lemmas_have_two_lines_each(told):
    report, _ = told
    check = judge_lemma("class-counts", mild_problem(), 2, 200, 7)
    lines = list(text_lines(replace(report, lemmas=[check]), PLAIN))
    place = lines.index("Lemmas, how often each event fails: 1 holds.")
    assert lines[place + 1].split()[:2] == ["class-counts", check.outcome]
    assert "failed in 2 of 200" in lines[place + 2]


def test_path_lemma_is_told_among_the_lemmas(told):
    report, _ = told
    lemma = replace(
        report.verdicts[0], theorem="lemmas", claim="gradient-norm", reason="as it should"
    )
    lines = list(text_lines(summed(report, [lemma, *report.verdicts]), PLAIN))
    place = next(i for i, line in enumerate(lines) if line.split()[:1] == ["gradient-norm"])
    assert lines[place - 1] == f"Lemma on the path: 1 {lemma.outcome}."
    assert place > 2 * (len(report.verdicts) - 1)


def test_each_path_is_named_where_there_are_several(told):
    report, _ = told
    elsewhere = [replace(one, along="eta", outcome="holds") for one in report.verdicts]
    both = summed(report, [*report.verdicts, *elsewhere])
    assert len(list(text_lines(both, PLAIN))) == len(list(text_lines(report, PLAIN)))
    lines = list(text_lines(both, FULL))
    premises = [line.split("premises")[0] for line in lines if "premises kept: " in line]
    assert premises == ["  along d: ", "  along eta: "]
    several = [line for line in lines if re.match("    on (1 of|all) 2 paths; along ", line)]
    assert len(several) == len(report.claims)


def test_own_theorem_is_headed_by_its_title(told):
    report, _ = told
    own = [replace(one, theorem="winner-takes-all") for one in report.verdicts]
    theorem = replace(report.theorems[0], id="winner-takes-all", title="Winner", statement="All.")
    line = replace(report.summaries[0], theorem="winner-takes-all")
    head, _, said, *_ = text_lines(summed(report, own, theorems=[theorem], summaries=[line]), FULL)
    assert head.startswith("Winner is undecided: ")
    assert said == "  All."


def test_premises_are_told_with_relation_and_constant(told):
    report, _ = told
    _, _, _, _, kept, reported, *_ = text_lines(report, FULL)
    assert kept.startswith("  premises kept: K >= 2 (2); d >= K (150 to 600); ")
    assert "K = O(log d) (C_K = 0.351 to 0.282, declared <= 1)" in kept
    assert "p = Theta(1 / (K m log d)) (C_p = 1)" in kept
    assert reported.startswith("  premises reported: n = polylog(d) (power_n = 0.796 to 0.708); ")


def test_premise_that_is_not_kept_is_told_with_where(told):
    report, _ = told
    left = PathPremise("a", "a >= C b", ">=", "C", 0.1, (0.2, 0.01), "not kept", (600.0,), "why")
    one = replace(report.verdicts[0], premises=(left,))
    assert "  premises not kept: a >= C b (C = 0.2 to 0.01, declared >= 0.1, left at 600)" in [
        *text_lines(summed(report, [one]), FULL)
    ]


def test_what_a_quick_check_leaves_out_is_told(told):
    report, _ = told
    assert not any("left out" in line for line in text_lines(report, PLAIN))
    left = replace(report, left_out=["the lemmas", "4 of 20 draws on a path"])
    *_, line, _ = text_lines(left, PLAIN)
    assert line == "left out by --quick: the lemmas, 4 of 20 draws on a path"
