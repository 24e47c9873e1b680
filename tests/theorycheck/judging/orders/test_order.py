"""Claims of the theorems on paths of problems: which way they are held, and what is allowed."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import bounds
from bounds import symbols
from sims import Problem
from theorycheck.judging.family import Family, mild_family
from theorycheck.judging.judge import judge_claim
from theorycheck.judging.orders.allowance import TIE
from theorycheck.judging.slopes import RESOLUTION
from theorycheck.judging.verdict import suspects

MILD = bounds.THEOREMS["mild-pruning"]
UPPER = ("mild-pruning", "no-noise")  # O~
LOWER = ("mild-pruning", "signal-learned")  # Omega
PLAIN = ("mild-pruning", "test-loss")  # O: no logarithm allowed
SIZES = (1000, 10_000, 100_000, 1_000_000, 10_000_000)
TAIL = SIZES[2:]
SUSPECTS = ["premise violated", "asymptotics", "hidden constant", "numerical error", "wrong stat"]


@pytest.fixture
def alone(runs_along, long_path):
    """The verdict on one claim on one path, held against another bound."""

    def judge(claim, ratio, bound=None, *, family=None, options=(), **changes):
        family = long_path["mild-pruning"] if family is None else family
        stated = MILD.claims[claim[1]]
        changed = replace(stated, bound=stated.bound if bound is None else bound, **changes)
        runs = runs_along(*claim, ratio, family=family, **dict(options))
        (verdict,) = judge_claim(MILD, changed, [(family, runs)])
        return verdict

    return judge


# which way


@pytest.mark.parametrize(("claim", "sign"), [(UPPER, 1), (LOWER, -1), (PLAIN, 1)])
@pytest.mark.parametrize(("slope", "outcome"), [(-0.3, "consistent"), (0.5, "refuted")])
def test_slope_is_that_of_the_unfavourable_ratio(claim, sign, slope, outcome, alone, power_law):
    verdict = alone(claim, power_law(1e4 if sign > 0 else 1e-4, sign * slope))
    assert verdict.outcome == outcome
    assert verdict.slope.median == pytest.approx(slope, abs=0.02)
    assert verdict.tail == TAIL


def test_constant_that_a_claim_declares_decides_whether_growth_is_within_it(alone, power_law):
    def outcome(constant):
        return alone(UPPER, power_law(1.0, 0.5), constant=constant).outcome

    assert [outcome(1.0), outcome(95.0), outcome(105.0)] == ["refuted", "refuted", "undecided"]


def wider_family(count=6):
    """The path along m of the theorem regime, where sigma_0 falls like m^-4."""
    problems = tuple(Problem.theorem_regime(100_000, 30, 5 * 2**k, 2, 0.5) for k in range(count))
    return Family("m", problems, "sigma_0 = 1/(m^4 n mu)")


def test_deliberately_wrong_bound_is_refuted(alone):
    wrong = MILD.claims["no-cross-signal"].bound.subs(symbols.sigma_0, symbols.sigma_0**2)
    assert wrong == symbols.sigma_0**2 * symbols.mu

    def constant(size, seed):
        return 1.5 + 0.01 * seed

    claim = ("mild-pruning", "no-cross-signal")
    with_wrong = alone(claim, constant, wrong, family=wider_family())
    assert alone(claim, constant, family=wider_family()).outcome == "consistent"
    assert with_wrong.outcome == "refuted"
    assert with_wrong.slope.median == pytest.approx(4, abs=1e-6)  # the missing sigma_0 ~ m^-4


# logarithms


def log_d(power):
    return lambda size, seed: 3.0 * math.log(size) ** power * (1 + 1e-3 * seed)


@pytest.mark.parametrize(
    ("claim", "power", "outcome"),
    [
        (UPPER, 1.9, "consistent"),
        (UPPER, 2.1, "undecided"),
        (UPPER, 3.9, "undecided"),
        (UPPER, 4.2, "refuted"),
        (PLAIN, 0.6, "consistent"),  # below the resolution
        (PLAIN, 0.95, "undecided"),
        (PLAIN, 1.1, "refuted"),
        (LOWER, -0.95, "undecided"),
        (LOWER, -1.1, "refuted"),
    ],
)
def test_orders_hide_logarithms_and_do_not_tell_further_ones(claim, power, outcome, alone):
    constant = log_d(power)
    small = 1e-4 if claim == LOWER else 1.0
    verdict = alone(claim, lambda size, seed: small * constant(size, seed))
    assert verdict.outcome == outcome
    assert ("like a logarithm" in verdict.reason) == (outcome == "undecided")


def test_bound_that_is_short_of_exactly_log_squared_is_kept(alone):
    # like 1 / norm(xi)^2 against mu^-2 in the regime
    verdict = alone(UPPER, lambda size, seed: math.log(size) ** 2 * (1 + 1e-3 * seed))
    assert verdict.slope.median + TIE == pytest.approx(verdict.tolerated_slope)
    assert verdict.outcome == "consistent"


def test_power_that_a_claim_declares_is_allowed(alone):
    assert alone(UPPER, log_d(3.5), log_power=3.6).outcome == "consistent"
    assert alone(UPPER, log_d(0.9), log_power=0.0).outcome == "undecided"


def log_squared_slope(sizes):
    return stats.linregress(np.log(sizes), 2 * np.log(np.log(sizes))).slope


def test_tolerated_slope_is_that_of_log_d_squared_along_the_tail(alone, power_law):
    assert alone(UPPER, power_law(0.5, -0.3)).tolerated_slope == pytest.approx(
        log_squared_slope(TAIL) + TIE
    )
    assert alone(LOWER, power_law(2.0, 0.3)).tolerated_slope == RESOLUTION


@pytest.mark.parametrize(
    ("power", "outcome"), [(0.9, "undecided"), (2.5, "refuted")], ids=["log", "more"]
)
def test_growth_like_the_logarithm_of_a_small_size_is_no_power(power, outcome, alone):
    # log(1 + m) moves like m^0.3 from 20 to 160: more than log(d n m K / delta)^2 allows
    def constant(size, seed):
        return 2.0 * math.log1p(size) ** power * (1 + 1e-3 * seed)

    verdict = alone(UPPER, constant, family=wider_family())
    assert verdict.slope.low > verdict.tolerated_slope
    assert verdict.outcome == outcome


@pytest.mark.parametrize("claim", [UPPER, PLAIN])
def test_no_logarithm_excuses_growth_along_a_parameter_that_none_names(claim, alone, long_path):
    base = long_path["mild-pruning"].problems[2]
    problems = tuple(replace(base, eta=base.eta / 3.0**k) for k in range(6))
    family = Family("eta", problems, "all but eta fixed", "down")
    verdict = alone(claim, lambda size, seed: 2.0 * size**-0.06 * (1 + 1e-4 * seed), family=family)
    assert (verdict.outcome, verdict.tolerated_slope) == ("refuted", RESOLUTION)


# paths that go down


def falling_family(direction):
    base = Problem.theorem_regime(100_000, 30, 20, 2, 1.0)
    problems = tuple(replace(base, p=0.9 * 3.0**-k) for k in range(6))
    return Family("p", problems, "all but p fixed", direction, ("mild-pruning",))


def test_path_downwards_is_judged_by_where_it_leads(alone):
    # (1/p)^-0.3: falls towards small p, and passes 1 on the way
    def constant(size, seed):
        return 1.5 * size**0.3 * (1 + 1e-4 * seed)

    down = alone(UPPER, constant, family=falling_family("down"))
    up = alone(UPPER, constant, family=falling_family("up"))
    assert down.slope.median == pytest.approx(-0.3, abs=1e-3)
    assert up.slope.median == pytest.approx(0.3, abs=1e-3)
    assert [one.size for one in down.sizes] == pytest.approx([0.9 * 3.0**-k for k in range(6)])
    assert down.tail == pytest.approx([0.9 * 3.0**-k for k in (3, 4, 5)])
    assert up.tail == pytest.approx([0.9 * 3.0**-k for k in (2, 1, 0)])
    assert (down.outcome, up.outcome) == ("consistent", "refuted")
    # 1.5 (0.9 / 3^k)^0.3 <= 1 from k = 2 on
    assert down.start.median == pytest.approx(0.1)


# premises


def test_path_that_leaves_the_hidden_constant_meets_no_premise(alone, power_law):
    # p m / log d falls from 0.145 to 0.062, where C1 = 0.1 is declared
    family = mild_family(SIZES, n=30, m=20, p=0.05)
    assert alone(UPPER, power_law(1.0, 0.5), family=family).outcome == "premise not met"
    released = alone(UPPER, power_law(1.0, 0.5), family=replace(family, released=("mild-pruning",)))
    assert released.outcome == "refuted"
    assert "speaks of the bound, not of the theorem (released: mild-pruning)" in released.reason


@pytest.mark.parametrize("power", [-0.3, 0.3])
def test_over_pruned_path_that_leaves_its_order_meets_no_premise(
    power, runs_along, verdict_of, power_law, long_path
):
    # p = Theta(1 / (K m log d)) is left by a growing factor in either direction
    family = long_path["over-pruning"]
    problems = tuple(replace(one, p=one.p * (one.d / 1e3) ** power) for one in family.problems)
    away, claim = replace(family, problems=problems), ("over-pruning", "test-loss")
    runs = runs_along(*claim, power_law(1.0, -0.5), family=away)
    assert verdict_of(*claim, runs, family=away).outcome == "premise not met"


def test_zero_refutes_nothing_where_a_premise_is_not_kept(alone):
    family = mild_family(SIZES, n=30, m=20, p=0.05)
    assert alone(LOWER, lambda size, seed: 0.0, family=family).outcome == "premise not met"


# suspects


def in_order(reason):
    """Tell whether a reason names all suspects in their order."""
    places = [reason.find(name, reason.find("suspects")) for name in SUSPECTS]
    return -1 not in places and places == sorted(places)


def test_refuted_claim_names_its_suspects_in_order(alone, power_law):
    def change(problem, seed):
        return {"step": 1e6, "time_error": 30.0 if seed == 3 else 1.0}

    verdict = alone(PLAIN, power_law(1.0, 0.5), options={"change": change})
    assert verdict.outcome == "refuted"
    assert in_order(verdict.reason)
    assert "3e-05 of it" in verdict.reason  # the largest that the engines report
    assert "hidden constant (C inside the bound)" in verdict.reason


def test_suspects_carry_what_speaks_for_and_against_them():
    said = suspects("p is off", "growth fades", "C", 1e-3)
    assert in_order(said)
    for finding in ("p is off", "growth fades", "C inside", "0.001"):
        assert finding in said
    assert "none seen" in suspects("", "", "", 0.0)
