"""Claims with an order where runs have no t*, quantities are 0, and bounds 0, infinite or none."""

import math
from dataclasses import replace

import pytest
import sympy

import bounds
from bounds import symbols
from theorycheck.judging.family import mild_family
from theorycheck.judging.judge import judge_claim

MILD = bounds.THEOREMS["mild-pruning"]
UPPER, LOWER, PLAIN = "no-noise", "signal-learned", "test-loss"
TIME = "stopping-time"
SIZES = (1000, 10_000, 100_000, 1_000_000, 10_000_000)
TAIL = SIZES[2:]


@pytest.fixture
def alone(runs_along, long_path):
    """The verdict on one claim on the long path, held against another bound."""

    def judge(claim, constant, bound=None, *, order=None, **options):
        family = long_path["mild-pruning"]
        stated = MILD.claims[claim]
        changed = replace(
            stated,
            bound=stated.bound if bound is None else bound,
            order=stated.order if order is None else order,
        )
        runs = runs_along("mild-pruning", claim, constant, **options)
        (verdict,) = judge_claim(MILD, changed, [(family, runs)])
        return verdict

    return judge


def ending(status, *seeds, sizes=SIZES):
    """End the runs of some draws at some sizes otherwise than at epsilon."""

    def change(problem, seed):
        return {"status": status} if seed in seeds and problem.d in sizes else {}

    return change


# runs that never reached epsilon


@pytest.mark.parametrize("claim", [UPPER, LOWER, PLAIN])
@pytest.mark.parametrize("status", ["stalled", "diverged"])
def test_draw_without_a_t_star_counts_against_a_claim(claim, status, alone):
    good, better = (2.0, 9e9) if claim == LOWER else (0.5, 1e-9)
    lost = range(6)

    def constant(size, seed):
        return better if seed in lost else good  # what a stalled run measured is no evidence

    verdict = alone(claim, constant, change=ending(status, *lost))
    assert (verdict.outcome, verdict.without_step, verdict.draws) == ("undecided", 6, 15)
    assert verdict.slope.draws == 15  # none is dropped
    one = alone(claim, constant, change=ending(status, 0))
    assert (one.outcome, one.without_step) == ("consistent", 1)


def test_diverged_run_without_a_test_loss_is_a_draw_without_a_t_star(alone):
    def constant(size, seed):
        return math.nan if seed == 3 else 0.5

    diverged = alone(PLAIN, constant, change=ending("diverged", 3))
    assert (diverged.outcome, diverged.without_step) == ("consistent", 1)
    reached = alone(PLAIN, constant)
    assert (reached.outcome, "could not be measured" in reached.reason) == ("undecided", True)


def test_most_draws_without_a_t_star_refute_a_claim(alone):
    verdict = alone(UPPER, lambda size, seed: 0.5, change=ending("stalled", *range(15)))
    assert verdict.outcome == "refuted"
    assert verdict.slope.median == math.inf


def test_run_that_stalls_before_the_tail_does_not_matter(alone):
    change = ending("stalled", *range(15), sizes=SIZES[:2])
    verdict = alone(UPPER, lambda size, seed: 0.5, change=change)
    assert (verdict.outcome, verdict.without_step) == ("consistent", 0)


def test_run_that_stalls_counts_against_the_stopping_time(alone):
    def constant(size, seed):
        return math.inf if seed in stalled else 0.5

    for stalled, outcome in ((range(15), "refuted"), (range(6), "undecided"), ([1], "consistent")):
        verdict = alone(TIME, constant, change=ending("stalled", *stalled))
        assert (verdict.outcome, verdict.without_step) == (outcome, len(stalled))


@pytest.mark.parametrize("claim", [TIME, UPPER])
def test_budget_that_ends_runs_decides_nothing(claim, alone):
    def constant(size, seed):
        return math.inf if claim == TIME and seed in cut else 0.5

    for cut, outcome in ((range(15), "undecided"), (range(6), "undecided"), ([1], "consistent")):
        verdict = alone(claim, constant, change=ending("max-steps", *cut))
        assert verdict.outcome == outcome
        assert verdict.slope.draws == 15 - len(cut)


# zeros


def test_zero_everywhere_scales_as_an_upper_bound_claims(alone):
    verdict = alone(UPPER, lambda size, seed: 0.0)
    assert (verdict.outcome, verdict.zeros) == ("consistent", 75)
    assert (verdict.constant.median, verdict.constant.quantile) == (0.0, 0.0)
    assert verdict.start.median == SIZES[0]


def test_zero_in_most_draws_does_not_hide_the_others(alone):
    verdict = alone(UPPER, lambda size, seed: 0.0 if seed < 10 else 1e9 * size)
    assert (verdict.outcome, verdict.zeros) == ("undecided", 50)


def test_zero_in_every_draw_refutes_a_lower_bound(alone):
    verdict = alone(LOWER, lambda size, seed: 0.0)
    assert verdict.outcome == "refuted"
    assert "exactly 0" in verdict.reason
    assert (verdict.constant.median, verdict.constant.quantile) == (0.0, 0.0)
    assert (verdict.start.median, verdict.without_step) == (None, 0)


def test_zero_before_the_tail_does_not_refute_a_lower_bound(alone):
    verdict = alone(LOWER, lambda size, seed: 0.0 if size < TAIL[0] else 2.0)
    assert (verdict.outcome, verdict.start.median) == ("consistent", TAIL[0])


def test_zero_in_some_draws_is_no_more_than_those_draws(alone):
    for zeros, outcome in ((1, "consistent"), (6, "undecided"), (15, "refuted")):
        verdict = alone(LOWER, lambda size, seed, zeros=zeros: 0.0 if seed < zeros else 2.0)
        assert verdict.outcome == outcome


# bounds


@pytest.fixture
def held(made_up_run, long_path):
    """The verdict on one claim by the value that every run has."""

    def judge(claim, value, bound):
        family = long_path["mild-pruning"]
        runs = [
            made_up_run("mild-pruning", problem, seed, {claim: value(seed)})
            for problem in family.problems
            for seed in range(15)
        ]
        changed = replace(MILD.claims[claim], bound=bound)
        (verdict,) = judge_claim(MILD, changed, [(family, runs)])
        return verdict

    return judge


@pytest.mark.parametrize(
    ("claim", "bound", "zeros", "outcome"),
    [
        (UPPER, 0, 15, "consistent"),
        (UPPER, 0, 6, "undecided"),
        (UPPER, 0, 0, "refuted"),
        (LOWER, 0, 15, "consistent"),
        (LOWER, 0, 0, "consistent"),
        (UPPER, sympy.oo, 0, "consistent"),
        (LOWER, sympy.oo, 0, "refuted"),
    ],
)
def test_bound_of_zero_or_infinity_is_met_or_not(claim, bound, zeros, outcome, held):
    verdict = held(claim, lambda seed: 0.0 if seed < zeros else 1.0, sympy.sympify(bound))
    assert verdict.outcome == outcome


def test_size_where_the_bound_is_not_defined_is_left_out(alone):
    # log(log(d / 5000)) is complex at d = 1000, negative at 10^4 and positive from 1e5 on
    bound = sympy.log(sympy.log(symbols.d / 5000))
    verdict = alone(UPPER, lambda size, seed: 1e-9 / size, bound)
    assert verdict.outcome == "consistent"
    assert "left out d = 1000, 10000, where the bound is not defined" in verdict.reason
    assert [math.isnan(size.log_bound) for size in verdict.sizes] == [True, True, *[False] * 3]


def test_bound_that_is_defined_nowhere_is_what_the_reason_says_first(alone):
    verdict = alone(UPPER, lambda size, seed: 1e-9 / size, sympy.log(-symbols.d))
    assert verdict.outcome == "undecided"
    assert verdict.reason.startswith("the bound is not defined at d = 1000, 10000, 100000, ")


def test_tail_stays_where_it_was_when_sizes_are_left_out(alone):
    # not real at d = 1e7 alone: two sizes are left in the tail, and no others take its place
    verdict = alone(UPPER, lambda size, seed: 1e-9, sympy.sqrt(2e6 - symbols.d))
    assert verdict.outcome == "undecided"
    assert "1 more sizes in the tail" in verdict.reason
    assert verdict.tail == TAIL[:2]


def test_bound_that_is_defined_nowhere_is_undecided(alone):
    verdict = alone(UPPER, lambda size, seed: 1.0, sympy.log(1 / symbols.d))
    assert (verdict.outcome, verdict.tail) == ("undecided", ())


def test_bound_that_asks_for_what_problems_lack_is_an_error(alone):
    with pytest.raises(ValueError, match="delta is missing"):
        alone(UPPER, lambda size, seed: 1.0, symbols.delta)


def test_theta_is_judged_by_neither_side_alone(alone):
    verdict = alone(UPPER, lambda size, seed: 0.5, order=bounds.statements.THETA)
    assert verdict.outcome == "undecided"
    assert "Theta makes two claims" in verdict.reason


# what stands beside


def test_omega_drift_stands_beside_no_noise_alone(runs_along, verdict_of):
    theorem = "mild-pruning"
    runs = runs_along(theorem, UPPER, lambda size, seed: 0.5, omega=3.0, predicted_omega=2.0)
    verdict = verdict_of(theorem, UPPER, runs)
    assert verdict.prediction.ratio == 1.5
    bound = MILD.claims[UPPER].evaluate(runs[-1].problem.parameters())
    assert verdict.prediction.implied == pytest.approx(2.0 / bound)
    assert verdict_of(theorem, "no-cross-signal", runs).prediction is None


@pytest.mark.parametrize("predicted", [math.nan, 0.0])
def test_run_without_prediction_has_none_beside_it(predicted, runs_along, verdict_of):
    theorem = "mild-pruning"
    runs = runs_along(theorem, UPPER, lambda size, seed: 0.5, predicted_omega=predicted)
    assert verdict_of(theorem, UPPER, runs).prediction is None


def test_large_epsilon_is_named_where_a_sample_may_be_unlearned(runs_along, verdict_of):
    # log 2 / 30 = 0.023 is below epsilon = 0.05
    claim = ("over-pruning", "noise-memorized")
    verdict = verdict_of(*claim, runs_along(*claim, lambda size, seed: 0.0))
    assert "epsilon = 0.05 exceeds log K / n = 0.023" in verdict.reason


def test_short_path_is_undecided_whatever_it_shows(runs_along, verdict_of):
    family = mild_family(SIZES[:1], n=30, m=20, p=0.5)
    for value in (0.0, 1e9):
        runs = runs_along("mild-pruning", UPPER, lambda d, s, v=value: v, family=family)
        assert verdict_of("mild-pruning", UPPER, runs, family=family).outcome == "undecided"
