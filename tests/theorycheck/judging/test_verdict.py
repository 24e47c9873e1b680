"""What a verdict says of itself, and what its path tests."""

import math
from dataclasses import replace

import pytest

import bounds
from bounds import symbols
from sims import Problem
from theorycheck.judging.blank import what_is_tested
from theorycheck.judging.facts import NO_START, NOT_TESTED, SizeSummary
from theorycheck.judging.verdict import OUTCOMES, Verdict

NOISE = bounds.THEOREMS["mild-pruning"].claims["no-noise"]  # sigma_0 sigma_n sqrt(p d)
BASE = Problem.theorem_regime(10_000, 30, 20, 2, 0.5)


def summary(**changes):
    values = {
        "size": 1000.0,
        "in_event": 3,
        "runs": 4,
        "step": 10.0,
        "measured": 2.0,
        "log_bound": 0.0,
        "implied": 2.0,
        "implied_high": 3.0,
    }
    return SizeSummary(**{**values, **changes})


def verdict(*highs, order="O"):
    sizes = tuple(summary(size=10.0**k, implied_high=high) for k, high in enumerate(highs))
    return Verdict("t", "c", "s", order, "paper", "undecided", "", "d", sizes)


def test_outcomes_are_the_five():
    assert set(OUTCOMES) == {"holds", "consistent", "refuted", "premise not met", "undecided"}


def test_verdict_knows_nothing_before_it_is_judged():
    blank = verdict()
    assert (blank.start, blank.tested, blank.failure_interval) == (NO_START, NOT_TESTED, None)
    numbers = (blank.slope.median, blank.constant.median, blank.tolerated_slope)
    assert all(math.isnan(one) for one in numbers)


def test_bound_beyond_the_floats_is_zero_or_infinite():
    bounds_at = [summary(log_bound=log).bound for log in (-math.inf, -2000.0, 0.0, 2000.0)]
    assert bounds_at == [0.0, 0.0, 1.0, math.inf]


@pytest.mark.parametrize(
    ("order", "highs", "expected"),
    [
        ("O", (9.0, 2.0, 3.0, 1.0), (9.0, 3.0, 3.0, 1.0)),
        ("O~", (1.0, 2.0, math.inf), (math.inf,) * 3),
        ("Omega", (9.0, 2.0, 3.0, 4.0), (2.0, 2.0, 3.0, 4.0)),
        ("Omega", (1.0, 0.0), (0.0, 0.0)),
        ("O", (), ()),
    ],
)
def test_constant_from_each_size_is_the_hardest_from_there_on(order, highs, expected):
    assert verdict(*highs, order=order).constant_from_each == expected


def test_only_omega_asks_for_at_least():
    assert [verdict(order=order).lower for order in ("O", "O~", "Omega")] == [False, False, True]


# what a path tests


def path(*changes, epsilons=(0.05, 0.05)):
    return [(replace(BASE, **one), e) for one, e in zip(changes, epsilons, strict=True)]


@pytest.mark.parametrize(
    ("changes", "moved", "fixed", "beside"),
    [
        (({}, {"sigma_0": 1e-9}), ("sigma_0",), ("d", "p", "sigma_n"), ()),
        (({}, {"sigma_n": 9.0, "p": 0.1}), ("p", "sigma_n"), ("d", "sigma_0"), ()),
        (({}, {"eta": 1e-3, "mu": 7.0}), (), ("d", "p", "sigma_0", "sigma_n"), {"eta", "mu"}),
        (({}, {"d": 20_000, "n": 31}), ("d",), ("p", "sigma_0", "sigma_n"), {"n"}),
        (({}, {}), (), ("d", "p", "sigma_0", "sigma_n"), ()),
    ],
)
def test_path_tests_the_symbols_of_the_bound_that_it_moves(changes, moved, fixed, beside):
    tested = what_is_tested(NOISE, path(*changes))
    assert (tested.moved, tested.fixed, set(tested.beside)) == (moved, fixed, set(beside))


def test_epsilon_is_a_symbol_like_the_others():
    points = path({}, {}, epsilons=(0.05, 0.01))
    loss = bounds.THEOREMS["mild-pruning"].claims["test-loss"]
    assert what_is_tested(loss, points).moved == ("epsilon",)
    assert what_is_tested(NOISE, points).beside == ("epsilon",)


def test_hidden_constant_of_a_bound_is_no_symbol_of_a_path():
    claim = bounds.THEOREMS["mild-pruning"].claims["test-loss"]  # C K epsilon + exp(-n^2 / p)
    assert symbols.K in claim.bound.free_symbols
    assert what_is_tested(claim, path({}, {"p": 0.1})).fixed == ("K", "epsilon", "n")
