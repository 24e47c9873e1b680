"""What is summed up size by size, which runs count, and what a verdict can be written as."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

import bounds
from sims import Problem
from theorycheck.files import as_json, without_gaps
from theorycheck.judging.family import Family
from theorycheck.judging.judge import judge_path_lemma, judge_theorem
from theorycheck.judging.verdict import OUTCOMES
from theorycheck.reporting.document import verdict_record

MILD, OVER = bounds.THEOREMS["mild-pruning"], bounds.THEOREMS["over-pruning"]
THEOREMS = [MILD, OVER]
BOTH = pytest.mark.parametrize("theorem", THEOREMS, ids=lambda theorem: theorem.id)


# the event


def test_runs_outside_the_event_do_not_count(runs_along, power_law, verdict_of):
    good = runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3))
    bad = runs_along("mild-pruning", "no-noise", power_law(1e9, 2), seeds=(27, 28), in_event=False)
    with_bad = verdict_of("mild-pruning", "no-noise", [*bad, *good])
    without = verdict_of("mild-pruning", "no-noise", good)
    assert with_bad.outcome == without.outcome == "consistent"
    assert (with_bad.slope, with_bad.constant) == (without.slope, without.constant)
    assert (with_bad.runs, with_bad.total) == (75, 85)


def test_order_of_the_runs_does_not_matter(runs_along, power_law, verdict_of):
    runs = runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3, 0.5))
    shuffled = [runs[index] for index in np.random.default_rng(0).permutation(len(runs))]
    one, other = (verdict_of("mild-pruning", "no-noise", some) for some in (runs, shuffled))
    assert (one.outcome, one.reason, one.sizes) == (other.outcome, other.reason, other.sizes)
    assert (one.slope, one.constant) == (other.slope, other.constant)
    assert repr(one.start) == repr(other.start)  # nan is no equal of nan from Python 3.13 on


# size by size


def test_sizes_are_summed_up_by_median_and_quantile(runs_along, power_law, verdict_of, long_path):
    constant = power_law(0.5, -0.3, 0.4)
    runs = runs_along("mild-pruning", "no-noise", constant)
    verdict = verdict_of("mild-pruning", "no-noise", runs)
    for summary, problem in zip(verdict.sizes, long_path["mild-pruning"].problems, strict=True):
        values = [constant(problem.d, seed) for seed in range(15)]
        bound = MILD.claims["no-noise"].evaluate(problem.parameters())
        assert summary.bound == pytest.approx(bound)
        assert summary.implied == pytest.approx(np.median(values))
        assert summary.implied_high == pytest.approx(math.exp(np.quantile(np.log(values), 0.9)))
        assert summary.measured == pytest.approx(np.median(values) * bound)
        assert (summary.in_event, summary.runs) == (15, 15)


def test_quantile_of_a_lower_bound_is_on_its_bad_side(runs_along, power_law, verdict_of):
    constant = power_law(5.0, 0.2, 0.4)
    verdict = verdict_of(
        "mild-pruning", "signal-learned", runs_along("mild-pruning", "signal-learned", constant)
    )
    largest = verdict.sizes[-1]
    values = [constant(largest.size, seed) for seed in range(15)]
    assert largest.implied_high == pytest.approx(math.exp(np.quantile(np.log(values), 0.1)))
    assert largest.implied_high < largest.implied


# what never happens


@pytest.mark.parametrize(
    ("theorem", "claim"),
    [
        ("mild-pruning", "no-noise"),
        ("mild-pruning", "signal-learned"),
        ("over-pruning", "no-signal"),
        ("over-pruning", "test-loss"),
    ],
)
@pytest.mark.parametrize("share", [1, 2], ids=["every run", "every second run"])
def test_nan_never_supports_an_outcome(theorem, claim, share, long_path, made_up_run, verdict_of):
    true = 0.0 if claim == "no-signal" else 0.9
    runs = [
        made_up_run(theorem, problem, seed, {claim: math.nan if seed % share == 0 else true})
        for problem in long_path[theorem].problems
        for seed in range(14)
    ]
    assert verdict_of(theorem, claim, runs).outcome == "undecided"


@BOTH
@pytest.mark.parametrize("status", ["reached", "stalled", "diverged"])
@pytest.mark.parametrize("in_event", [True, False])
def test_every_verdict_can_be_written_down(theorem, status, in_event, made_up_run, long_path):
    family = long_path[theorem.id]
    runs = [
        made_up_run(
            theorem.id,
            problem,
            seed,
            {"stopping-time": math.inf, "no-noise": 0.0, "noise-memorized": 0.0},
            status=status,
            in_event=in_event,
            predicted_omega=math.nan,
        )
        for problem in family.problems
        for seed in range(3)
    ]
    for verdict in judge_theorem(theorem, family, runs):
        assert verdict.outcome in OUTCOMES
        assert verdict.reason
        assert "nan" not in verdict.reason
        record = without_gaps(verdict_record(verdict, family, runs))
        json.loads(as_json(record), parse_constant=pytest.fail)


@pytest.mark.parametrize(
    ("count", "seeds", "outcome"),
    [(5, 8, "consistent"), (1, 8, "undecided"), (5, 7, "undecided")],
)
def test_path_lemma_is_judged_like_an_order(count, seeds, outcome, long_path, made_up_run):
    family = long_path["mild-pruning"]
    family = replace(family, problems=family.problems[:count])
    runs = [
        made_up_run("mild-pruning", one, seed, {"gradient-norm": 0.3}, in_event=seed % 2 == 0)
        for one in family.problems
        for seed in range(seeds)
    ]
    verdict = judge_path_lemma(family, runs)
    assert (verdict.theorem, verdict.claim, verdict.outcome) == (
        "lemmas",
        "gradient-norm",
        outcome,
    )
    # the lemma speaks of every path, in the event of the theorem or not
    assert verdict.runs == verdict.total == count * seeds


def test_path_lemma_with_a_growing_constant_is_refuted(long_path, made_up_run, power_law):
    family, constant = long_path["mild-pruning"], power_law(2.0, 0.4)
    runs = [
        made_up_run("mild-pruning", one, seed, {"gradient-norm": constant(one.d, seed)})
        for one in family.problems
        for seed in range(12)
    ]
    assert judge_path_lemma(family, runs).outcome == "refuted"


def test_verdicts_come_in_the_order_of_the_theorem(runs_along, power_law, long_path):
    runs = runs_along("mild-pruning", "no-noise", power_law(0.5, 0))
    verdicts = judge_theorem(MILD, long_path["mild-pruning"], runs)
    assert [one.claim for one in verdicts] == [*MILD.claims, "probability"]
    assert {one.theorem for one in verdicts} == {"mild-pruning"}


def test_family_of_another_parameter_is_judged_along_it(made_up_run, verdict_of):
    problems = tuple(Problem.theorem_regime(100_000, n, 20, 2, 0.5) for n in (10, 20, 40, 80, 160))
    family = Family("n", problems, "all but n fixed")
    runs = [
        made_up_run("mild-pruning", one, seed, {"signal-learned": 1.0})
        for one in problems
        for seed in range(12)
    ]
    verdict = verdict_of("mild-pruning", "signal-learned", runs, family=family)
    assert verdict.outcome == "consistent"
    assert verdict.along == "n"
    assert verdict.start.median == 10
