"""By how much a measurement exceeds its bound, and which runs may be asked."""

import math
from dataclasses import replace

import pytest

import bounds
from sims import Problem
from theorycheck.judging.table import can_judge, log_bound, log_excess

MILD, OVER = bounds.THEOREMS["mild-pruning"].claims, bounds.THEOREMS["over-pruning"].claims
UPPER, LOWER = MILD["no-noise"], MILD["signal-learned"]
PROBLEM = Problem.theorem_regime(2000, 10, 5, 3, 0.4)


def test_upper_bound_is_exceeded_from_above():
    assert log_excess(UPPER, 6.0, math.log(2.0)) == pytest.approx(math.log(3.0))
    assert log_excess(UPPER, 1.0, math.log(2.0)) == pytest.approx(-math.log(2.0))


def test_lower_bound_is_exceeded_from_below():
    assert log_excess(LOWER, 6.0, math.log(2.0)) == pytest.approx(-math.log(3.0))
    assert log_excess(LOWER, 1.0, math.log(2.0)) == pytest.approx(math.log(2.0))


def test_measured_zero_satisfies_an_upper_bound_and_fails_a_lower_one():
    assert log_excess(UPPER, 0.0, -5.0) == -math.inf
    assert log_excess(LOWER, 0.0, -5.0) == math.inf


def test_measurement_that_never_came_fails_an_upper_bound():
    assert log_excess(UPPER, math.inf, 5.0) == math.inf


@pytest.mark.parametrize("claim", [UPPER, LOWER])
def test_zero_against_a_bound_of_zero_is_no_excess(claim):
    assert log_excess(claim, 0.0, -math.inf) == 0.0


def test_bound_has_its_declared_constant():
    doubled = replace(UPPER, constant=2.0)
    by_hand = PROBLEM.sigma_0 * PROBLEM.sigma_n * math.sqrt(PROBLEM.p * PROBLEM.d)
    assert log_bound(UPPER, PROBLEM, 0.05) == pytest.approx(math.log(by_hand))
    assert log_bound(doubled, PROBLEM, 0.05) == pytest.approx(math.log(2 * by_hand))


def test_bound_uses_epsilon():
    claim = MILD["test-loss"]
    assert log_bound(claim, PROBLEM, 0.01) == pytest.approx(math.log(3 * 0.01))


def test_bound_below_the_floats_keeps_its_logarithm():
    # sigma_0^400 is far below the smallest float
    tiny = replace(UPPER, bound=bounds.symbols.sigma_0**400)
    assert log_bound(tiny, PROBLEM, 0.05) == pytest.approx(400 * math.log(PROBLEM.sigma_0))


@pytest.mark.parametrize("claim", [*MILD.values(), *OVER.values()], ids=lambda claim: claim.id)
def test_run_at_t_star_is_judged(claim, made_up_run):
    assert can_judge(
        claim, made_up_run("over-pruning", PROBLEM, measured={claim.id: 1.0}, status="reached")
    )


@pytest.mark.parametrize("claim", [MILD["stopping-time"], MILD["train-loss"]])
def test_run_cut_short_says_nothing_of_t_star(claim, made_up_run):
    measured = {"stopping-time": math.inf, "train-loss": 0.7}
    runs = [
        made_up_run("mild-pruning", PROBLEM, measured=measured, status=status)
        for status in ("stalled", "max-steps")
    ]
    assert [can_judge(claim, one) for one in runs] == [True, False]


@pytest.mark.parametrize("status", ["stalled", "max-steps"])
@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (MILD["signal-learned"], False),
        (MILD["no-noise"], False),
        (MILD["test-loss"], False),
        (OVER["no-signal"], False),
        (OVER["test-loss"], False),
        (OVER["test-loss-exact"], True),
        (OVER["test-error-exact"], True),
    ],
    ids=lambda value: getattr(value, "id", str(value)),
)
def test_run_without_t_star_is_judged_on_few_claims(status, claim, expected, made_up_run):
    assert (
        can_judge(
            claim, made_up_run("over-pruning", PROBLEM, measured={claim.id: 1.0}, status=status)
        )
        is expected
    )


@pytest.mark.parametrize("claim", [MILD["stopping-time"], OVER["test-loss-exact"]])
def test_diverged_run_is_judged_on_no_number(claim, made_up_run):
    assert not can_judge(claim, made_up_run("over-pruning", PROBLEM, status="diverged"))
