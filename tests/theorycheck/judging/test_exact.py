"""Claims that hide nothing: by failures, their exact interval, and who allows any."""

import math
from dataclasses import replace

import pytest

import bounds

EPSILON = 0.05
OVER = bounds.THEOREMS["over-pruning"]
SUSPECTS = ["premise violated", "asymptotics", "hidden constant", "numerical error", "wrong stat"]


@pytest.fixture
def exact_runs(made_up_run, long_path):
    """Four runs at each of five over-pruned sizes in which every exact claim is true."""

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
TRUE = {"no-signal": 0.0, "test-loss": 0.8, "test-error": 0.5, "train-loss": EPSILON}


def test_exact_claim_is_not_held_against_runs_outside_the_event(exact_runs, verdict_of):
    wrong = (1, 0, {"test-loss": 0.1}, {"in_event": False})
    verdict = verdict_of("over-pruning", "test-loss-exact", exact_runs([wrong]))
    assert (verdict.outcome, verdict.runs, verdict.total) == ("holds", 19, 20)


@pytest.mark.parametrize(
    "claim", ["train-loss", "no-signal", "test-loss-exact", "test-error-exact"]
)
def test_exact_claim_true_in_every_run_holds(claim, exact_runs, verdict_of):
    verdict = verdict_of("over-pruning", claim, exact_runs())
    assert (verdict.outcome, verdict.runs, verdict.total) == ("holds", 20, 20)
    assert verdict.reason.startswith("true in all 20 runs: at most 0.23 of runs fail (99%)")
    assert ("probability at least 1 - 1/polylog(d)" in verdict.reason) == (
        OVER.claims[claim].source.tag != "derived"
    )
    assert (verdict.failures, verdict.failure_interval[0]) == (0, 0.0)
    # 0 of 20: the upper limit is 1 - 0.005^(1/20)
    assert verdict.failure_interval[1] == pytest.approx(1 - 0.005 ** (1 / 20))


def test_derived_claim_false_in_one_run_is_refuted(exact_runs, verdict_of):
    wrong = (2, 3, {"test-loss": 0.6}, {})
    verdict = verdict_of("over-pruning", "test-loss-exact", exact_runs([wrong]))
    assert verdict.outcome == "refuted"
    assert "false in 1 of 20 runs, first at d = 100000, seed 3" in verdict.reason
    assert "the derivation allows none" in verdict.reason
    places = [verdict.reason.find(name) for name in SUSPECTS]
    assert -1 not in places
    assert places == sorted(places)


def test_claim_of_the_paper_false_in_some_runs_is_undecided(exact_runs, verdict_of):
    wrong = [(0, 1, {"no-signal": 0.2}, {}), (2, 3, {"no-signal": 0.1}, {})]
    verdict = verdict_of("over-pruning", "no-signal", exact_runs(wrong))
    assert verdict.outcome == "undecided"
    assert "false in 2 of 20 runs, first at d = 1000, seed 1" in verdict.reason
    assert "whose constant is not known: only the observed failures are judged" in verdict.reason
    assert verdict.failures == 2
    low, high = verdict.failure_interval
    assert low < 0.1 < high
    assert f"{low:.2g} to {high:.2g} of runs" in verdict.reason


def test_equality_fails_on_either_side(exact_runs, verdict_of):
    # a made-up equality, so that a value below it exists
    claim = replace(OVER.claims["no-signal"], bound=bounds.symbols.K)
    stated = replace(OVER, claims={**OVER.claims, "no-signal": claim})
    for value, outcome in ((2.0, "holds"), (1.9, "refuted"), (2.1, "refuted")):
        runs = [replace(r, measured={**r.measured, "no-signal": value}) for r in exact_runs()]
        assert verdict_of("over-pruning", "no-signal", runs, stated=stated).outcome == outcome


def test_claim_of_the_paper_false_in_most_runs_is_refuted(exact_runs, verdict_of):
    wrong = [(size, seed, {"no-signal": 0.2}, {}) for size in range(5) for seed in range(4)]
    for count, outcome in ((20, "refuted"), (11, "undecided")):
        runs = exact_runs(wrong[:count])
        assert verdict_of("over-pruning", "no-signal", runs).outcome == outcome


@pytest.mark.parametrize("status", ["stalled", "max-steps", "diverged"])
def test_run_without_t_star_fails_the_training_loss(status, exact_runs, verdict_of):
    wrong = (1, 2, {"stopping-time": math.inf}, {"status": status})
    verdict = verdict_of("over-pruning", "train-loss", exact_runs([wrong]))
    assert verdict.outcome == "undecided"
    assert "false in 1 of 20 runs" in verdict.reason


@pytest.mark.parametrize(("below", "outcome"), [(0.9, "holds"), (1.1, "refuted")])
def test_exact_claim_is_not_lost_to_numerical_error(below, outcome, exact_runs, verdict_of):
    slack = {"test-loss": 1e-3}
    wrong = (0, 0, {"test-loss": LOG_2 - below * 1e-3}, {})
    runs = exact_runs([wrong], numerical_error=slack)
    assert verdict_of("over-pruning", "test-loss-exact", runs).outcome == outcome


@pytest.mark.parametrize(("above", "outcome"), [(0.9, "holds"), (1.1, "undecided")])
def test_equality_is_not_lost_to_numerical_error(above, outcome, exact_runs, verdict_of):
    wrong = (0, 0, {"no-signal": above * 1e-3}, {})
    runs = exact_runs([wrong], numerical_error={"no-signal": 1e-3})
    assert verdict_of("over-pruning", "no-signal", runs).outcome == outcome


def test_run_without_t_star_is_still_held_to_derived_claims(exact_runs, verdict_of):
    wrong = (0, 0, {"test-loss": 0.1}, {"status": "stalled"})
    assert verdict_of("over-pruning", "test-loss-exact", exact_runs([wrong])).outcome == "refuted"


def test_exact_claim_counts_only_runs_that_could_be_judged(exact_runs, verdict_of):
    wrong = (0, 0, {"no-signal": 0.5}, {"status": "stalled"})
    verdict = verdict_of("over-pruning", "no-signal", exact_runs([wrong]))
    assert (verdict.outcome, verdict.runs, verdict.total) == ("holds", 19, 20)
    assert "19" in verdict.reason


@pytest.mark.parametrize(
    ("claim", "status"), [("no-signal", "stalled"), ("test-loss-exact", "diverged")]
)
def test_exact_claim_that_no_run_could_test_does_not_hold(claim, status, exact_runs, verdict_of):
    verdict = verdict_of("over-pruning", claim, exact_runs(status=status))
    assert verdict.outcome == "undecided"


def test_bound_that_is_not_defined_tests_nothing(exact_runs, verdict_of):
    import sympy

    claim = replace(OVER.claims["test-loss-exact"], bound=sympy.log(1 - bounds.symbols.K))
    stated = replace(OVER, claims={**OVER.claims, claim.id: claim})
    verdict = verdict_of("over-pruning", claim.id, exact_runs(), stated=stated)
    assert (verdict.outcome, verdict.runs) == ("undecided", 0)
    assert verdict.reason == "the bound is defined at no size"


def test_size_where_the_bound_is_not_defined_is_not_tested(exact_runs, verdict_of):
    import sympy

    # real at d = 1000 alone, where it is log 2
    bound = sympy.log(2) + 0 * sympy.log(2) * bounds.symbols.d
    bound += sympy.sqrt(2000 - bounds.symbols.d) * sympy.Float(1e-30)
    claim = replace(OVER.claims["test-loss-exact"], bound=bound)
    stated = replace(OVER, claims={**OVER.claims, claim.id: claim})
    verdict = verdict_of("over-pruning", claim.id, exact_runs(), stated=stated)
    assert (verdict.outcome, verdict.runs) == ("holds", 4)
