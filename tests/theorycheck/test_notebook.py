"""What is judged, as Python and a notebook show it."""

import math
import pickle
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

import theorycheck as tc
from theorycheck.judging.boundaries.verdict import BoundaryVerdict, Located
from theorycheck.judging.facts import Constant, Start
from theorycheck.judging.verdict import Verdict
from theorycheck.judging.whole.summary import summarize_claims
from theorycheck.notebook import Verdicts
from theorycheck.predictions.lemma_check import judge_lemma, mild_problem
from theorycheck.predictions.limit import PredictionVerdict
from theorycheck.reporting.findings import Findings

VERDICT = Verdict(
    "own", "no-noise", "a statement", "O~", "derived", "consistent", "for a & <b>", "d",
    constant=Constant(0.895, 0.4, 1.43, 1.39, math.inf), start=Start(1e4, 1e6), draws=13,
)  # fmt: skip
LOCATED = Located(math.nan, 1.8, 1.7, 1.9, 1.2, 2.5, 20, 0)
EVERY = [
    VERDICT,
    BoundaryVerdict("own", "won", "", "derived", "refuted", "why", "n", "d", 1.0, LOCATED, (), 9),
    judge_lemma("class-counts", mild_problem(), 2, 200, 7),
    PredictionVerdict("race", "tends to 1", "undecided", "why", "d", (), 1.01, 0.9, 1.1),
]


@pytest.mark.parametrize("one", EVERY, ids=lambda one: type(one).__name__)
def test_whatever_is_judged_is_short(one):
    assert len(repr(one)) < 400
    assert one.outcome in repr(one)
    assert len(repr(replace(one, reason="word " * 999, outcome="o" * 999))) < 400
    assert one._repr_html_().count("<tr>") == 2


def test_verdict_is_told_in_one_line():
    assert repr(VERDICT) == "<Verdict: own, no-noise: consistent: for a & <b>>"
    assert "\n" not in repr(replace(VERDICT, reason="two\nlines", claim="a\nb"))


def test_verdicts_are_a_list_and_a_table():
    several = Verdicts(EVERY)
    assert several == EVERY
    assert repr(several) == "<Verdicts: 1 consistent, 1 refuted, 1 holds, 1 undecided>"
    assert repr(Verdicts()) == "<Verdicts: none>"
    told = several._repr_html_()
    assert told.count("<tr>") == 5
    assert "for a &amp; &lt;b&gt;" in told
    assert "nan" not in told
    assert "color" not in told
    for number in ("0.895", "1.39", "1e+06", "1.01"):
        assert f">{number}</td>" in told


def test_columns_that_nothing_has_are_left_out():
    told = Verdicts([VERDICT])._repr_html_()
    assert "constant 9 in 10" in told
    assert "ratio" not in told
    assert "failures" not in told


def test_verdicts_can_be_pickled():
    again = pickle.loads(pickle.dumps(Verdicts(EVERY)))
    assert isinstance(again, Verdicts)
    assert [repr(one) for one in again] == [repr(one) for one in EVERY]


def test_frame_has_a_row_for_each(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=list))
    rows = Verdicts(EVERY).to_frame()
    assert [row["claim"] for row in rows] == ["no-noise", "won", "class-counts", "race"]
    assert all({"theorem", "claim", "outcome", "reason"} < set(row) for row in rows)
    assert (rows[0]["constant_9_in_10"], rows[0]["kept_from"], rows[0]["draws"]) == (1.39, 1e6, 13)


def test_frame_without_pandas_is_one_sentence_with_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    for several in (Verdicts(EVERY), Findings(lemmas=[EVERY[2]])):
        with pytest.raises(ImportError, match=r"^pandas is needed .*theorycheck\[frames\]'$"):
            several.to_frame()


def test_frame_of_pandas_has_the_outcomes():
    pytest.importorskip("pandas")
    frame = Verdicts(EVERY).to_frame()
    assert list(frame["outcome"]) == [one.outcome for one in EVERY]
    assert frame.loc[3, "ratio"] == 1.01


# a whole check


@pytest.fixture
def findings():
    """A claim on two paths, and one of everything else."""
    verdicts = [replace(VERDICT, along="eta", outcome="refuted", reason="it grows"), VERDICT]
    return Findings(
        verdicts=verdicts, boundaries=[EVERY[1]], lemmas=[EVERY[2]], predictions=[EVERY[3]],
        claims=summarize_claims(verdicts),
    )  # fmt: skip


def test_check_is_shown_claim_by_claim(findings):
    assert repr(findings) == "<Findings: 2 refuted, 1 holds, 1 undecided>"
    assert repr(Findings()) == "<Findings: nothing was checked>"
    told = findings._repr_html_()
    assert told.count("<tr>") == 1 + 4
    assert "on 1 of 2 paths; along eta: it grows" in told


def test_frame_of_a_check_has_a_row_a_path(findings, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=list))
    rows = findings.to_frame()
    assert [row["claim"] for row in rows] == ["no-noise", "no-noise", "won", "class-counts", "race"]


def test_python_returns_lists_that_show_themselves():
    found = tc.verify_lemmas(2)
    assert isinstance(found, tc.Verdicts)
    assert found._repr_html_().count("<tr>") == 1 + len(found)
