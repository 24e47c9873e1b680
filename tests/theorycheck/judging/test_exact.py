"""Claims that hide nothing: by draws that contradict them, at one size, and who allows any."""

import math
from dataclasses import replace

import pytest
import sympy
from scipy import stats

import bounds

EPSILON = 0.05
OVER = bounds.THEOREMS["over-pruning"]
SUSPECTS = ["premise violated", "asymptotics", "hidden constant", "numerical error", "wrong stat"]


@pytest.fixture
def exact_runs(made_up_run, long_path):
    """Draws at each of five over-pruned sizes in which every exact claim is true."""

    def make(wrong=(), draws=4, **changes):
        """`wrong` holds (size index, seed, changed numbers, changed fields)."""
        runs = {
            (problem.d, seed): made_up_run("over-pruning", problem, seed, TRUE, **changes)
            for problem in long_path["over-pruning"].problems
            for seed in range(draws)
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


PAPER, DERIVED = ["train-loss", "no-signal"], ["test-loss-exact", "test-error-exact"]


def failing(name, value, *places):
    """Runs in which a quantity has another value."""
    return [(index, seed, {name: value}, {}) for index, seed in places]


def interval_of(failures, draws):
    return tuple(stats.binomtest(failures, draws).proportion_ci(0.99, method="exact"))


# never false


@pytest.mark.parametrize("claim", DERIVED)
def test_derived_claim_that_is_never_false_holds(claim, exact_runs, verdict_of):
    verdict = verdict_of("over-pruning", claim, exact_runs())
    assert verdict.outcome == "holds"
    assert (verdict.draws, verdict.runs, verdict.total, verdict.failures) == (4, 20, 20, 0)


@pytest.mark.parametrize("claim", PAPER)
@pytest.mark.parametrize("draws", [4, 15])
def test_claim_with_high_probability_that_is_never_false_is_consistent(
    claim, draws, exact_runs, verdict_of
):
    verdict = verdict_of("over-pruning", claim, exact_runs(draws=draws))
    assert verdict.outcome == "consistent"
    # the draws at ONE size exclude a share, not the runs at all five
    assert verdict.failure_interval == pytest.approx((0.0, 1 - 0.005 ** (1 / draws)))
    assert f"above {verdict.failure_interval[1]:.2g} is excluded" in verdict.reason
    assert (verdict.draws, verdict.runs) == (draws, 5 * draws)


# false


@pytest.mark.parametrize("index", range(5))
def test_derived_claim_false_in_one_run_is_refuted(index, exact_runs, verdict_of):
    runs = exact_runs(failing("test-loss", 0.6, (index, 3)))
    verdict = verdict_of("over-pruning", "test-loss-exact", runs)
    assert (verdict.outcome, verdict.failures) == ("refuted", 1)
    assert f"first at d = {10 ** (3 + index):g}, seed 3" in verdict.reason
    places = [verdict.reason.find(name) for name in SUSPECTS]
    assert -1 not in places
    assert places == sorted(places)


def test_claim_of_the_paper_false_in_some_draws_is_undecided(exact_runs, verdict_of):
    runs = exact_runs(failing("no-signal", 0.2, (0, 1), (2, 1), (4, 1), (4, 3)))
    verdict = verdict_of("over-pruning", "no-signal", runs)
    assert verdict.outcome == "undecided"
    assert verdict.failures == 2  # seed 1 at three sizes is one draw
    assert verdict.failure_interval == pytest.approx(interval_of(2, 4))


def test_failure_before_the_last_size_is_no_share_there(exact_runs, verdict_of):
    runs = exact_runs(failing("no-signal", 0.2, *[(0, seed) for seed in range(15)]), draws=15)
    verdict = verdict_of("over-pruning", "no-signal", runs)
    assert (verdict.outcome, verdict.failures) == ("undecided", 15)
    assert verdict.failure_interval == pytest.approx(interval_of(0, 15))


@pytest.mark.parametrize("draws", [7, 15, 24])
def test_claim_of_the_paper_is_refuted_once_most_draws_surely_fail(draws, exact_runs, verdict_of):
    mostly = next((k for k in range(draws + 1) if interval_of(k, draws)[0] > 0.5), None)
    assert (mostly is None) == (draws == 7)  # seven draws cannot show it
    for failures in range(max(1, (mostly or draws) - 1), draws + 1):
        wrong = failing("no-signal", 0.2, *[(4, seed) for seed in range(failures)])
        verdict = verdict_of("over-pruning", "no-signal", exact_runs(wrong, draws=draws))
        refuted = mostly is not None and failures >= mostly
        assert verdict.outcome == ("refuted" if refuted else "undecided")


def test_runs_of_one_draw_at_several_sizes_are_not_pooled(exact_runs, verdict_of):
    # four draws fail at five sizes: 20 of 20 runs, and 4 draws that exclude no share of a half
    everywhere = [(index, seed) for index in range(5) for seed in range(4)]
    runs = exact_runs(failing("no-signal", 0.2, *everywhere))
    verdict = verdict_of("over-pruning", "no-signal", runs)
    assert (verdict.outcome, verdict.failures) == ("undecided", 4)
    assert verdict.failure_interval == pytest.approx(interval_of(4, 4))


def test_equality_fails_on_either_side(exact_runs, verdict_of):
    # a made-up equality, so that a value below it exists
    claim = replace(OVER.claims["no-signal"], bound=bounds.symbols.K)
    stated = replace(OVER, claims={**OVER.claims, "no-signal": claim})
    for value, outcome in ((2.0, "consistent"), (1.9, "refuted"), (2.1, "refuted")):
        runs = [
            replace(one, measured={**one.measured, "no-signal": value})
            for one in exact_runs(draws=8)
        ]
        assert verdict_of("over-pruning", "no-signal", runs, stated=stated).outcome == outcome


# runs without a t*, and runs outside the event


@pytest.mark.parametrize("status", ["stalled", "diverged"])
def test_run_without_t_star_fails_the_training_loss(status, exact_runs, verdict_of):
    wrong = (4, 2, {"stopping-time": math.inf}, {"status": status})
    verdict = verdict_of("over-pruning", "train-loss", exact_runs([wrong]))
    assert (verdict.outcome, verdict.failures) == ("undecided", 1)


def test_run_cut_short_is_no_failure(exact_runs, verdict_of):
    cut = [
        (4, seed, {"stopping-time": math.inf, "train-loss": 0.6}, {"status": "max-steps"})
        for seed in range(3)
    ]
    verdict = verdict_of("over-pruning", "train-loss", exact_runs(cut))
    assert (verdict.outcome, verdict.failures, verdict.runs) == ("consistent", 0, 17)
    # one draw is left at the last size, and it excludes little
    assert verdict.failure_interval == pytest.approx(interval_of(0, 1))


def test_budget_that_ends_every_run_tests_nothing(exact_runs, verdict_of):
    verdict = verdict_of("over-pruning", "train-loss", exact_runs(status="max-steps"))
    assert (verdict.outcome, verdict.runs) == ("undecided", 0)


@pytest.mark.parametrize("status", ["stalled", "max-steps"])
def test_run_without_t_star_is_still_held_to_derived_claims(status, exact_runs, verdict_of):
    wrong = (0, 0, {"test-loss": 0.1}, {"status": status})
    assert verdict_of("over-pruning", "test-loss-exact", exact_runs([wrong])).outcome == "refuted"


def test_diverged_run_is_not_held_to_derived_claims(exact_runs, verdict_of):
    lost = (0, 0, {"test-loss": math.nan}, {"status": "diverged"})
    verdict = verdict_of("over-pruning", "test-loss-exact", exact_runs([lost]))
    assert (verdict.outcome, verdict.runs) == ("holds", 19)


def test_exact_claim_counts_only_runs_that_could_be_judged(exact_runs, verdict_of):
    wrong = (0, 0, {"no-signal": 0.5}, {"status": "stalled"})
    verdict = verdict_of("over-pruning", "no-signal", exact_runs([wrong]))
    assert (verdict.outcome, verdict.runs, verdict.total) == ("consistent", 19, 20)


@pytest.mark.parametrize(
    ("claim", "status"), [("no-signal", "stalled"), ("test-loss-exact", "diverged")]
)
def test_exact_claim_that_no_run_could_test_does_not_hold(claim, status, exact_runs, verdict_of):
    assert verdict_of("over-pruning", claim, exact_runs(status=status)).outcome == "undecided"


@pytest.mark.parametrize(("index", "draws", "runs"), [(1, 4, 19), (4, 3, 15)])
def test_exact_claim_is_not_held_against_draws_that_do_not_count(
    index, draws, runs, exact_runs, verdict_of
):
    # outside the event before the tail a draw loses one run, in the tail all five
    wrong = (index, 0, {"test-loss": 0.1}, {"in_event": False})
    verdict = verdict_of("over-pruning", "test-loss-exact", exact_runs([wrong]))
    assert (verdict.outcome, verdict.draws, verdict.runs) == ("holds", draws, runs)


# numbers


@pytest.mark.parametrize(("below", "outcome"), [(0.9, "holds"), (1.1, "refuted")])
def test_exact_claim_is_not_lost_to_numerical_error(below, outcome, exact_runs, verdict_of):
    wrong = (0, 0, {"test-loss": LOG_2 - below * 1e-3}, {})
    runs = exact_runs([wrong], numerical_error={"test-loss": 1e-3})
    assert verdict_of("over-pruning", "test-loss-exact", runs).outcome == outcome


@pytest.mark.parametrize(("above", "outcome"), [(0.9, "consistent"), (1.1, "undecided")])
def test_equality_is_not_lost_to_numerical_error(above, outcome, exact_runs, verdict_of):
    wrong = (0, 0, {"no-signal": above * 1e-3}, {})
    runs = exact_runs([wrong], numerical_error={"no-signal": 1e-3})
    assert verdict_of("over-pruning", "no-signal", runs).outcome == outcome


def held_to(bound, exact_runs, verdict_of):
    claim = replace(OVER.claims["test-loss-exact"], bound=bound)
    stated = replace(OVER, claims={**OVER.claims, claim.id: claim})
    return verdict_of("over-pruning", claim.id, exact_runs(), stated=stated)


def test_bound_that_is_not_defined_tests_nothing(exact_runs, verdict_of):
    verdict = held_to(sympy.log(1 - bounds.symbols.K), exact_runs, verdict_of)
    assert (verdict.outcome, verdict.runs) == ("undecided", 0)
    assert verdict.reason == "the bound is defined nowhere"


def test_size_where_the_bound_is_not_defined_is_not_tested(exact_runs, verdict_of):
    # real at d = 1000 alone, where it is log 2
    bound = sympy.log(2) + sympy.sqrt(2000 - bounds.symbols.d) * sympy.Float(1e-30)
    verdict = held_to(bound, exact_runs, verdict_of)
    assert (verdict.outcome, verdict.runs) == ("holds", 4)
