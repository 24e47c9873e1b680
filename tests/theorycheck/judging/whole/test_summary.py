"""One claim over its paths and one line a theorem: the worst that counts, and what was moved."""

import math
from dataclasses import replace

import pytest

import bounds
from theorycheck.judging.facts import NOT_TESTED
from theorycheck.judging.family import mild_family
from theorycheck.judging.judge import judge_paths
from theorycheck.judging.table import sort_runs
from theorycheck.judging.verdict import Verdict
from theorycheck.judging.whole import summary as whole
from theorycheck.judging.whole.joint import joint
from theorycheck.judging.whole.summary import (
    ClaimSummary,
    TheoremSummary,
    summarize_claim,
    summarize_claims,
    summarize_theorem,
)

MILD = bounds.THEOREMS["mild-pruning"]


def verdict(outcome, moved=(), fixed=(), claim="c", theorem="t", along="d"):
    return Verdict(
        theorem, claim, "says", "O", "paper", outcome, f"{outcome} it is", along,
        tested=replace(NOT_TESTED, moved=moved, fixed=fixed),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (("consistent", "refuted", "undecided"), "refuted"),
        (("consistent", "undecided"), "undecided"),
        (("holds", "consistent"), "consistent"),
        (("premise not met", "consistent"), "consistent"),
        (("premise not met", "refuted"), "refuted"),
        (("premise not met", "premise not met"), "premise not met"),
        (("holds",), "holds"),
    ],
)
def test_worst_path_that_counts_is_the_verdict(outcomes, expected):
    for order in (outcomes, outcomes[::-1]):
        summary = summarize_claim([verdict(one) for one in order])
        assert summary.outcome == expected
        assert [outcome for _, outcome in summary.paths] == list(order)
        assert order[summary.deciding] == expected


def test_symbols_are_united_over_the_paths_that_count():
    summary = summarize_claim(
        [
            verdict("consistent", ("d",), ("m", "n")),
            verdict("consistent", ("m", "d"), ("n",)),
            verdict("premise not met", ("n",), ("d", "m")),
        ]
    )
    assert (set(summary.moved), summary.fixed) == ({"d", "m"}, ("n",))
    assert summary.deciding == 1  # the path that tests most speaks for those that agree


def test_claims_are_summed_up_in_their_order():
    verdicts = [verdict("consistent", claim=c, theorem=t) for t in "ts" for c in "ba" * 2]
    assert [(one.theorem, one.claim) for one in summarize_claims(verdicts)] == [
        ("t", "b"), ("t", "a"), ("s", "b"), ("s", "a"),
    ]  # fmt: skip


@pytest.fixture
def summary_of(runs_along, power_law, long_path):
    def summarize(slope, *released):
        family = long_path["mild-pruning"]
        runs = runs_along("mild-pruning", "no-noise", power_law(2.0, slope))
        paths = [(replace(family, released=names), runs) for names in released]
        verdicts = [one for here in judge_paths(MILD, paths) for one in here]
        return summarize_theorem(MILD, paths, summarize_claims(verdicts)), paths

    return summarize


def test_theorem_is_as_good_as_its_weakest_claim(summary_of):
    summary, _ = summary_of(0.5, ())
    assert (summary.outcome, summary.weakest) == ("refuted", "no-noise")


def test_theorem_has_the_common_constant_of_the_path_that_keeps_every_premise(summary_of):
    summary, paths = summary_of(-0.1, ("mild-pruning",), ())
    whole = joint(MILD, sort_runs(*paths[1]))
    assert (summary.along, summary.constant, summary.start) == ("d", whole.constant, whole.start)


def test_theorem_without_such_a_path_has_no_constant(summary_of):
    summary, _ = summary_of(-0.1, ("mild-pruning",))
    assert (summary.along, summary.start, summary.probability) == ("", None, "")
    assert math.isnan(summary.constant)


def line(**changed):
    """The line of a theorem of three claims."""
    usual = {"theorem": "t", "title": "T", "outcome": "consistent", "weakest": "a", "along": "d",
             "constant": 2.0, "start": 1e4, "probability": "", "alike": ("a",), "claims": 3,
             "last": 1e6}  # fmt: skip
    return TheoremSummary(**{**usual, **changed}).words


def test_no_claim_is_called_the_weakest_of_those_that_are_alike():
    assert "a is the weakest claim" in line()
    assert "a and b are the weakest claims" in line(alike=("a", "b"))
    assert "each of its 3 claims alike" in line(alike=("a", "b", "c"))


def test_last_size_is_no_start():
    assert "from d = 10000 on" in line()
    assert "at d = 1e+06, the last size" in line(start=1e6)


def test_claim_whose_bound_stays_is_named_in_the_line():
    assert "no path moves the bound of b, so that it is hardly tested" in line(unmoved=("b",))
    assert "hardly" not in line()


@pytest.mark.parametrize(
    ("changed", "unmoved"),
    [
        ({}, True),
        ({"moved": ("d",)}, False),
        ({"fixed": ()}, False),
        ({"order": "exact"}, False),
        ({"outcome": "refuted"}, False),
    ],
)
def test_consistent_with_a_bound_that_stays_is_told_apart(changed, unmoved):
    usual = {"theorem": "t", "claim": "a", "statement": "", "order": "O", "tag": "paper",
             "outcome": "consistent", "reason": "", "paths": (("d", "consistent"),), "moved": (),
             "fixed": ("eta",), "deciding": 0}  # fmt: skip
    assert ClaimSummary(**{**usual, **changed}).unmoved is unmoved


def test_path_on_which_nothing_is_pruned_is_named_where_the_theorem_speaks_of_p():
    dense = mild_family((1000, 10_000), n=30, m=20, p=1.0)
    pruned = mild_family((1000, 10_000), n=30, m=20, p=0.5)
    assert whole._dense(MILD, [dense, pruned, dense]) == ("d", "d")
    without = {"train-loss": MILD.claims["train-loss"]}
    assert whole._dense(replace(MILD, claims=without, conditions={}), [dense]) == ()
    told = line(dense=("d", "n"))
    assert "; along d and n nothing is pruned (p = 1)" in told


def test_networks_of_a_path_are_told_with_what_moves():
    told = whole.networks_of(mild_family((1000, 10_000), n=30, m=20, p=0.5))
    assert told.startswith("along d: d = 1000 to 1e+04, n = 30, m = 20, K = 2, p = 0.5, mu = 1, ")
    assert told.endswith(", eta = 1, q = 3, isotropic noise")
