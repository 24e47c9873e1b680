"""What makes a premise fail, which runs count, and how exact claims are judged."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

import bounds
from sims import Problem
from theorycheck.family import Family
from theorycheck.judge import failing_premises, judge_path_lemma, judge_theorem
from theorycheck.results import as_json, verdict_record, without_gaps
from theorycheck.verdict import OUTCOMES

EPSILON = 0.05
MILD, OVER = bounds.THEOREMS["mild-pruning"], bounds.THEOREMS["over-pruning"]
THEOREMS = [MILD, OVER]
BOTH = pytest.mark.parametrize("theorem", THEOREMS, ids=lambda theorem: theorem.id)


@pytest.fixture
def exact_runs(made_up_run, long_path):
    """Four runs at each size of the over-pruned path in which every exact claim is true."""

    def make(wrong=(), **changes):
        """`wrong` holds (size index, seed, changed numbers, changed fields)."""
        runs = {
            (problem.d, seed): made_up_run("over-pruning", problem, seed, TRUE, **changes)
            for problem in long_path["over-pruning"].problems
            for seed in range(4)
        }
        for index, seed, numbers, fields in wrong:
            problem = long_path["over-pruning"].problems[index]
            measured = {**TRUE, **numbers}
            changed = {**changes, **fields}
            runs[problem.d, seed] = made_up_run("over-pruning", problem, seed, measured, **changed)
        return list(runs.values())

    return make


LOG_2 = math.log(2)
TRUE = {"no-signal": 0.0, "test-loss-exact": 0.8, "test-error-exact": 0.5, "train-loss": EPSILON}


# premises


@BOTH
def test_theorem_regime_keeps_every_yes_or_no_premise(theorem, long_path):
    assert failing_premises(theorem, long_path[theorem.id].problems, EPSILON) == []


@BOTH
def test_other_power_fails_the_premise_of_every_claim(theorem, runs_along, power_law, long_path):
    family = long_path[theorem.id]
    family = replace(family, problems=tuple(replace(one, q=2.5) for one in family.problems))
    runs = runs_along(theorem.id, "stopping-time", power_law(1e6, 0.5), family=family)
    verdicts = judge_theorem(theorem, family, runs, EPSILON)
    assert {one.outcome for one in verdicts} == {"premise not met"}
    assert all("q = 3" in one.reason for one in verdicts)


def test_one_problem_outside_a_premise_is_enough(long_path):
    problems = list(long_path["mild-pruning"].problems)
    problems[-1] = replace(problems[-1], q=2.0)
    (reason,) = failing_premises(MILD, problems, EPSILON)
    assert reason == "the premise q = 3 fails"


def test_hidden_constant_is_no_yes_or_no_premise(long_path):
    problems = [replace(one, p=1e-3) for one in long_path["mild-pruning"].problems]
    condition = MILD.conditions["mild-pruning"]
    assert condition.implied_constant(problems[0].parameters()) < condition.constant
    assert failing_premises(MILD, problems, EPSILON) == []


@BOTH
def test_no_run_in_the_event_is_a_premise_not_met(theorem, runs_along, power_law, long_path):
    runs = runs_along(theorem.id, "stopping-time", power_law(1e6, 0.5), in_event=False)
    verdicts = judge_theorem(theorem, long_path[theorem.id], runs, EPSILON)
    assert {one.outcome for one in verdicts} == {"premise not met"}
    assert all(theorem.event in one.reason for one in verdicts)
    assert {(one.runs, one.total) for one in verdicts} == {(0, 20)}


# the event


def test_runs_outside_the_event_do_not_count(runs_along, power_law, judge_claim):
    good = runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3))
    bad = runs_along("mild-pruning", "no-noise", power_law(1e9, 2), seeds=(7, 8), in_event=False)
    with_bad = judge_claim("mild-pruning", "no-noise", [*bad, *good])
    without = judge_claim("mild-pruning", "no-noise", good)
    assert with_bad.outcome == without.outcome == "consistent"
    assert (with_bad.slope, with_bad.implied_constant) == (without.slope, without.implied_constant)
    assert (with_bad.runs, with_bad.total) == (20, 28)


def test_exact_claim_is_not_held_against_runs_outside_the_event(exact_runs, judge_claim):
    wrong = (1, 0, {"test-loss-exact": 0.1}, {"in_event": False})
    verdict = judge_claim("over-pruning", "test-loss-exact", exact_runs([wrong]))
    assert (verdict.outcome, verdict.runs, verdict.total) == ("holds", 15, 16)


def test_order_of_the_runs_does_not_matter(runs_along, power_law, judge_claim):
    runs = runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3, 0.5))
    shuffled = [runs[index] for index in np.random.default_rng(0).permutation(len(runs))]
    one, other = (judge_claim("mild-pruning", "no-noise", some) for some in (runs, shuffled))
    assert (one.outcome, one.reason, one.sizes) == (other.outcome, other.reason, other.sizes)
    assert one.slope_interval == pytest.approx(other.slope_interval, rel=1e-9)


# size by size


def test_sizes_are_summed_up_by_median_and_quantile(runs_along, power_law, judge_claim, long_path):
    constant = power_law(0.5, -0.3, 0.4)
    runs = runs_along("mild-pruning", "no-noise", constant)
    verdict = judge_claim("mild-pruning", "no-noise", runs)
    for summary, problem in zip(verdict.sizes, long_path["mild-pruning"].problems, strict=True):
        values = [constant(problem.d, seed) for seed in range(5)]
        bound = MILD.claims["no-noise"].evaluate(problem.parameters())
        assert summary.bound == pytest.approx(bound)
        assert summary.implied == pytest.approx(np.median(values))
        assert summary.implied_high == pytest.approx(math.exp(np.quantile(np.log(values), 0.9)))
        assert summary.measured == pytest.approx(np.median(values) * bound)
        assert (summary.in_event, summary.runs) == (5, 5)


def test_quantile_of_a_lower_bound_is_on_its_bad_side(runs_along, power_law, judge_claim):
    constant = power_law(5.0, 0.2, 0.4)
    verdict = judge_claim(
        "mild-pruning", "signal-learned", runs_along("mild-pruning", "signal-learned", constant)
    )
    largest = verdict.sizes[-1]
    values = [constant(largest.size, seed) for seed in range(5)]
    assert largest.implied_high == pytest.approx(math.exp(np.quantile(np.log(values), 0.1)))
    assert largest.implied_high < largest.implied


# exact claims


@pytest.mark.parametrize(
    "claim", ["train-loss", "no-signal", "test-loss-exact", "test-error-exact"]
)
def test_exact_claim_true_in_every_run_holds(claim, exact_runs, judge_claim):
    verdict = judge_claim("over-pruning", claim, exact_runs())
    assert (verdict.outcome, verdict.runs, verdict.total) == ("holds", 16, 16)
    assert verdict.reason == "true in all 16 runs"


def test_derived_claim_false_in_one_run_is_refuted(exact_runs, judge_claim):
    wrong = (2, 3, {"test-loss-exact": 0.6}, {})
    verdict = judge_claim("over-pruning", "test-loss-exact", exact_runs([wrong]))
    assert verdict.outcome == "refuted"
    assert "false in 1 of 16 runs, first at d = 100000, seed 3" in verdict.reason


def test_claim_of_the_paper_false_in_some_runs_is_undecided(exact_runs, judge_claim):
    wrong = [(0, 1, {"no-signal": 0.2}, {}), (2, 3, {"no-signal": 0.1}, {})]
    verdict = judge_claim("over-pruning", "no-signal", exact_runs(wrong))
    assert verdict.outcome == "undecided"
    assert "false in 2 of 16 runs, first at d = 1000, seed 1" in verdict.reason


def test_equality_fails_on_either_side(exact_runs, judge_claim):
    # a made-up equality, so that a value below it exists
    claim = replace(OVER.claims["no-signal"], bound=bounds.symbols.K)
    stated = replace(OVER, claims={**OVER.claims, "no-signal": claim})
    for value, outcome in ((2.0, "holds"), (1.9, "undecided"), (2.1, "undecided")):
        runs = [replace(r, measured={**r.measured, "no-signal": value}) for r in exact_runs()]
        assert judge_claim("over-pruning", "no-signal", runs, stated=stated).outcome == outcome


@pytest.mark.parametrize("status", ["stalled", "max-steps", "diverged"])
def test_run_without_t_star_fails_the_training_loss(status, exact_runs, judge_claim):
    wrong = (1, 2, {"stopping-time": math.inf}, {"status": status})
    verdict = judge_claim("over-pruning", "train-loss", exact_runs([wrong]))
    assert verdict.outcome == "undecided"
    assert "false in 1 of 16 runs" in verdict.reason


@pytest.mark.parametrize(("below", "outcome"), [(0.9, "holds"), (1.1, "refuted")])
def test_exact_claim_is_not_lost_to_numerical_error(below, outcome, exact_runs, judge_claim):
    slack = {"test-loss-exact": 1e-3}
    wrong = (0, 0, {"test-loss-exact": LOG_2 - below * 1e-3}, {})
    runs = exact_runs([wrong], numerical_error=slack)
    assert judge_claim("over-pruning", "test-loss-exact", runs).outcome == outcome


def test_run_without_t_star_is_still_held_to_derived_claims(exact_runs, judge_claim):
    wrong = (0, 0, {"test-loss-exact": 0.1}, {"status": "stalled"})
    assert judge_claim("over-pruning", "test-loss-exact", exact_runs([wrong])).outcome == "refuted"


def test_exact_claim_counts_only_runs_that_could_be_judged(exact_runs, judge_claim):
    wrong = (0, 0, {"no-signal": 0.5}, {"status": "stalled"})
    verdict = judge_claim("over-pruning", "no-signal", exact_runs([wrong]))
    assert (verdict.outcome, verdict.runs, verdict.total) == ("holds", 15, 16)
    assert "15" in verdict.reason


@pytest.mark.parametrize(
    ("claim", "status"), [("no-signal", "stalled"), ("test-loss-exact", "diverged")]
)
def test_exact_claim_that_no_run_could_test_does_not_hold(claim, status, exact_runs, judge_claim):
    verdict = judge_claim("over-pruning", claim, exact_runs(status=status))
    assert verdict.outcome == "undecided"


# what never happens


@pytest.mark.parametrize(
    ("theorem", "claim"),
    [
        ("mild-pruning", "no-noise"),
        ("mild-pruning", "signal-learned"),
        ("over-pruning", "no-signal"),
        ("over-pruning", "test-loss-exact"),
    ],
)
@pytest.mark.parametrize("share", [1, 2], ids=["every run", "every second run"])
def test_nan_never_supports_an_outcome(theorem, claim, share, long_path, made_up_run, judge_claim):
    true = 0.0 if claim == "no-signal" else 0.9
    runs = [
        made_up_run(theorem, problem, seed, {claim: math.nan if seed % share == 0 else true})
        for problem in long_path[theorem].problems
        for seed in range(6)
    ]
    assert judge_claim(theorem, claim, runs).outcome == "undecided"


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
    for verdict in judge_theorem(theorem, family, runs, EPSILON):
        assert verdict.outcome in OUTCOMES
        assert verdict.reason
        assert "nan" not in verdict.reason
        record = without_gaps(verdict_record(verdict, family, runs, EPSILON))
        json.loads(as_json(record), parse_constant=pytest.fail)


@pytest.mark.parametrize(
    ("count", "seeds", "outcome"), [(4, 5, "consistent"), (1, 5, "undecided"), (4, 2, "undecided")]
)
def test_path_lemma_is_judged_like_an_order(count, seeds, outcome, long_path, made_up_run):
    family = long_path["mild-pruning"]
    family = replace(family, problems=family.problems[:count])
    runs = [
        made_up_run("mild-pruning", one, seed, {"gradient-norm": 0.3}, in_event=seed % 2 == 0)
        for one in family.problems
        for seed in range(seeds)
    ]
    verdict = judge_path_lemma(family, runs, EPSILON)
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
        for seed in range(4)
    ]
    assert judge_path_lemma(family, runs, EPSILON).outcome == "refuted"


def test_verdicts_come_in_the_order_of_the_theorem(runs_along, power_law, long_path):
    runs = runs_along("mild-pruning", "no-noise", power_law(0.5, 0))
    verdicts = judge_theorem(MILD, long_path["mild-pruning"], runs, EPSILON)
    assert [one.claim for one in verdicts] == list(MILD.claims)
    assert {one.theorem for one in verdicts} == {"mild-pruning"}


def test_interval_is_joint_over_the_order_claims(runs_along, power_law, long_path, judge_claim):
    from scipy.stats import sem, t

    constant = power_law(0.5, -0.3, 0.3)
    runs = runs_along("mild-pruning", "no-noise", constant)
    slope = judge_claim("mild-pruning", "no-noise", runs).slope
    sizes = [problem.d for problem in long_path["mild-pruning"].problems]
    each = [
        np.polyfit(np.log(sizes), [math.log(constant(d, seed)) for d in sizes], 1)[0]
        for seed in range(5)
    ]
    # five claims with an order share one per cent
    expected = t.interval(1 - 0.01 / 5, 4, np.mean(each), sem(each))
    assert (slope.low, slope.high) == pytest.approx(expected, rel=1e-6)


def test_family_of_another_parameter_is_judged_along_it(made_up_run, judge_claim):
    problems = tuple(Problem.theorem_regime(100_000, n, 20, 2, 0.5) for n in (10, 20, 40))
    family = Family("n", problems, "all but n fixed")
    runs = [
        made_up_run("mild-pruning", one, seed, {"signal-learned": 1.0})
        for one in problems
        for seed in range(3)
    ]
    verdict = judge_claim("mild-pruning", "signal-learned", runs, family=family)
    assert verdict.outcome == "consistent"
    assert verdict.along == "n"
    assert verdict.holds_from == 10
