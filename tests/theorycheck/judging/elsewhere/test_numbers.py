"""Numbers of any origin: the verdict that our own runs would get, and every refusal."""

import doctest
import math
import sys
from dataclasses import fields, replace

import numpy as np
import pytest

import bounds
import theorycheck as tc
from bounds.statements import BIG_O, EXACT_LOWER, EXACT_UPPER, OMEGA, SOFT_O
from theorycheck.judging.elsewhere.numbers import ORDERS
from theorycheck.judging.family import mild_family
from theorycheck.judging.judge import judge_claim
from theorycheck.judging.observation import observe_many
from theorycheck.judging.orders.allowance import TIE

MILD = bounds.THEOREMS["mild-pruning"]
FAMILY = mild_family((10**4, 10**5, 10**6, 10**7, 10**8), n=4, m=3, p=0.8)
EPSILON = 0.05
AMONG = sum(one.order.symbol != "exact" for one in MILD.claims.values())
SIZES = np.array([1e2, 1e3, 1e4, 1e5, 1e6])
# What only a run has, or a theorem.
NOT_GIVEN = {"theorem", "claim", "statement", "tag", "premises", "prediction", "reason", "tested"}
MEDIANS = ("measured", "log_bound", "implied", "implied_high")


@pytest.fixture(scope="module")
def own_runs():
    """Runs of a small mild family: 12 draws that are in the event and come to t* everywhere."""
    calls = [
        ("mild-pruning", one, seed, EPSILON, "gram-law")
        for one in FAMILY.problems
        for seed in range(20)
    ]
    runs = [one for _, one in sorted(observe_many(calls), key=lambda pair: pair[0])]
    lost = {one.seed for one in runs if one.status != "reached" or not one.in_event}
    kept = sorted(set(range(20)) - lost)[:12]
    assert len(kept) == 12
    return [one for one in runs if one.seed in kept]


def as_numbers(runs, claim):
    """The runs as arrays: measured (S, N), and the bound (N,)."""
    by_place = {(one.seed, one.problem.d): one for one in runs}
    seeds = sorted({one.seed for one in runs})
    measured = [
        [
            one.measured[claim.measure] if one.status == "reached" else math.inf
            for one in (by_place[seed, problem.d] for problem in FAMILY.problems)
        ]
        for seed in seeds
    ]
    at = [{**problem.parameters(), "epsilon": EPSILON} for problem in FAMILY.problems]
    return measured, [claim.evaluate(one) for one in at]


def known(verdict):
    """The fields that numbers alone have, in a form that compares rounded numbers."""
    plain = {one.name: getattr(verdict, one.name) for one in fields(verdict)}
    plain["sizes"] = [
        [one.size, one.in_event, one.runs, one.seeds]
        + [rounded(value) for value in one.each]
        + [rounded(getattr(one, name)) for name in MEDIANS]
        for one in verdict.sizes
    ]
    for name in ("slope", "end_slope", "constant", "start"):
        plain[name] = [rounded(getattr(plain[name], one.name)) for one in fields(plain[name])]
    for name in ("tolerated_slope", "share_within"):
        plain[name] = rounded(plain[name])
    return {name: value for name, value in plain.items() if name not in NOT_GIVEN}


def rounded(value):
    return value if value is None else f"{value + 0.0:.9g}" if abs(value) > 1e-12 else "0"


@pytest.mark.parametrize("order", [BIG_O, SOFT_O, OMEGA], ids=lambda one: one.symbol)
@pytest.mark.parametrize("claim", ["stopping-time", "no-noise", "test-loss", "no-cross-signal"])
@pytest.mark.parametrize("stalls", [0, 1, 9])
def test_verdict_is_the_one_that_our_own_runs_get(claim, order, stalls, own_runs):
    if stalls and claim == "stopping-time" and order == OMEGA:
        pytest.skip("a t* that never comes is late enough, but inf is no number")
    stated = replace(MILD.claims[claim], order=order, log_power=None, constant=3.0)
    lost = (FAMILY.problems[-1].d,)
    seeds = sorted({one.seed for one in own_runs})
    runs = [
        replace(one, status="stalled", measured={**one.measured, "stopping-time": math.inf})
        if one.problem.d in lost and one.seed in seeds[:stalls]
        else one
        for one in own_runs
    ]
    (own,) = judge_claim(replace(MILD, conditions={}), stated, [(FAMILY, runs)])
    measured, bound = as_numbers(runs, stated)
    sizes = [one.d for one in FAMILY.problems]
    given = tc.judge(sizes, measured, bound, order.symbol, constant=3.0, among=AMONG, seeds=seeds)
    ours, theirs = known(own), known(given)
    if stalls and claim != "stopping-time":  # a run without t* has no number: there it is inf
        for one in (ours, theirs):
            del one["sizes"], one["runs"]
    else:
        del ours["runs"], theirs["runs"]
    del ours["total"], theirs["total"]
    assert theirs == ours
    words = own.reason.split(";")[0]
    assert given.reason.split(";")[0] == words


@pytest.mark.parametrize("sign", ["<=", ">="])
@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_claim_that_hides_nothing_is_judged_as_our_own_is(sign, factor, own_runs):
    order = {"<=": EXACT_UPPER, ">=": EXACT_LOWER}[sign]
    median = np.median([one.measured["no-noise"] for one in own_runs])
    stated = replace(MILD.claims["no-noise"], order=order, bound=factor * float(median))
    (own,) = judge_claim(replace(MILD, conditions={}), stated, [(FAMILY, own_runs)])
    measured, bound = as_numbers(own_runs, stated)
    seeds = sorted({one.seed for one in own_runs})
    given = tc.judge([one.d for one in FAMILY.problems], measured, bound, sign, seeds=seeds)
    ours, theirs = known(own), known(given)
    assert theirs == ours
    assert given.outcome in ("consistent", "undecided", "refuted")


def drawn(slope, factor=1.0, seeds=16, sizes=SIZES, scatter=0.1):
    """Numbers that move like a power of the size."""
    noise = np.random.default_rng(5).normal(0, scatter, (seeds, len(sizes)))
    return factor * sizes**slope * np.exp(noise)


@pytest.mark.parametrize("order", list(ORDERS))
def test_order_of_the_draws_changes_nothing(everything, order):
    measured = drawn(0.1)
    measured[3, 1], measured[5, 4] = math.nan, math.inf
    rows = np.random.default_rng(0).permutation(len(measured))
    one = tc.judge(SIZES, measured, SIZES**0.1, order)
    other = tc.judge(SIZES, measured[rows], SIZES**0.1, order, seeds=rows.tolist())
    assert everything(other) == everything(one)


def test_numbers_never_hold():
    verdict = tc.judge(SIZES, drawn(0.0), np.full(5, 1e3), "<=")
    assert (verdict.outcome, verdict.tag, verdict.theorem) == ("consistent", "measured", "numbers")
    assert "with which probability it is claimed is not told" in verdict.reason


@pytest.mark.parametrize(
    ("slope", "order", "outcome"),
    [
        (0.5, "O", "refuted"),
        (0.0, "O", "consistent"),
        (-0.5, "O", "consistent"),
        (-0.5, "Omega", "refuted"),
        (0.5, "Omega", "consistent"),
        (2.0, "O~", "refuted"),
        (0.1, "O~", "consistent"),
    ],
)
def test_power_decides(slope, order, outcome):
    factor = 10.0 if slope > 0 else 0.1
    verdict = tc.judge(SIZES, drawn(slope, factor), np.ones(5), order)
    assert verdict.outcome == outcome
    # least squares over three sizes of a scatter of 0.1
    assert verdict.slope.median == pytest.approx(-slope if verdict.lower else slope, abs=0.03)


def test_falling_sizes_are_a_path_downwards():
    falling = SIZES[::-1]
    measured = 20 * falling**-0.5 * np.ones((12, 1))
    verdict = tc.judge(falling, measured, np.ones(5), along="sigma_0")
    assert (verdict.direction, verdict.outcome) == ("down", "refuted")
    assert "(1/sigma_0)^+0.500" in verdict.reason


def test_what_soft_o_hides_depends_on_what_moves():
    measured = 10 * np.log(SIZES) ** 2 * np.ones((12, 1))
    log_slope = np.polyfit(np.log(SIZES[2:]), 2 * np.log(np.log(SIZES[2:])), 1)[0]
    along_d = tc.judge(SIZES, measured, np.ones(5), "O~")
    assert along_d.tolerated_slope == pytest.approx(log_slope + TIE)
    elsewhere = tc.judge(SIZES, measured, np.ones(5), "O~", along="sigma_0")
    assert (elsewhere.tolerated_slope, elsewhere.outcome) == (0.05, "refuted")
    inside = tc.judge(SIZES, measured, np.ones(5), "O~", along="n", argument=1e9 * SIZES)
    expected = np.polyfit(np.log(SIZES[2:]), 2 * np.log(np.log(1e9 * SIZES[2:])), 1)[0]
    assert inside.tolerated_slope == pytest.approx(expected + TIE)
    fixed = {"d": np.full(5, 1e4), "m": np.full(5, 5.0), "K": np.full(5, 2.0)}
    by_symbols = tc.judge(SIZES, measured, np.ones(5), "O~", along="n", symbols=fixed)
    same = tc.judge(SIZES, measured, np.ones(5), "O~", along="n", argument=1e7 * SIZES)
    assert by_symbols.tolerated_slope == pytest.approx(same.tolerated_slope)
    beside = tc.judge(
        SIZES[::-1], measured, np.ones(5), "O~", along="sigma_0", symbols={"d": SIZES}
    )
    assert beside.tolerated_slope == pytest.approx(log_slope + TIE)


def test_number_that_does_not_exist_speaks_against_either_order():
    measured = drawn(0.0)
    measured[:, -1] = math.inf
    for order in ("O", "Omega"):
        verdict = tc.judge(SIZES, measured, np.ones(5), order)
        assert (verdict.outcome, verdict.without_step) == ("refuted", 16)
    for order in ("<=", ">="):
        verdict = tc.judge(SIZES, measured, np.full(5, 1e3 if order == "<=" else 1e-3), order)
        assert (verdict.outcome, verdict.failures) == ("refuted", 16)


def test_number_that_was_not_measured_speaks_for_nothing():
    measured = drawn(0.0)
    measured[:9, -1] = math.nan
    verdict = tc.judge(SIZES, measured, np.full(5, 3.0))
    assert verdict.outcome == "undecided"
    assert "9 of 80 numbers were not measured" in verdict.reason
    nothing = tc.judge(SIZES, np.full((3, 5), math.nan), np.ones(5), "<=")
    assert (nothing.outcome, nothing.reason) == ("undecided", "no number was measured")


def test_verdict_tells_what_the_path_moves():
    ones = np.ones(5)
    symbols = {"d": SIZES, "p": 0.5 * ones}
    tested = tc.judge(SIZES, drawn(0.0), SIZES, symbols=symbols).tested
    assert (tested.moved, tested.fixed, tested.beside) == (("d",), ("p",), ())
    assert tc.judge(SIZES, drawn(0.0), SIZES).tested.moved == ("d",)
    assert tc.judge(SIZES, drawn(0.0), ones).tested.beside == ("d",)


def test_claims_of_one_study_share_one_rate_of_error():
    # 10 draws decide one claim (8 are needed) and not one of ten (11)
    alone, among = (
        tc.judge(SIZES, drawn(0.0, 0.1, 10, scatter=0.01), np.ones(5), among=k) for k in (1, 10)
    )
    assert (alone.outcome, among.outcome) == ("consistent", "undecided")
    assert "1 more draws" in among.reason


GOOD = {"sizes": SIZES, "measured": drawn(0.0), "bound": np.ones(5)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sizes": [2, 3, 3, 4, 5]}, r"sizes must rise or fall at every step, got \[2.0, 3.0"),
        ({"sizes": [2, 4, 3, 5, 6]}, "sizes must rise or fall"),
        ({"sizes": [0, 1, 2, 3, 4], "along": "x"}, "sizes must hold .* greater than 0, got 0"),
        ({"sizes": [1, 2, 3, 4, 5]}, "sizes must hold finite numbers greater than 1, got 1"),
        ({"sizes": [2, 3, 4, 5, math.inf]}, "sizes must hold finite numbers .* got inf"),
        ({"sizes": []}, r"sizes must have shape \(N,\), not empty, got \(0,\)"),
        ({"sizes": "many"}, "sizes must have shape|sizes must be numbers"),
        ({"measured": np.ones(5)}, r"measured must have shape \(seeds, N\), not empty, got \(5,\)"),
        ({"measured": np.ones((3, 4))}, r"measured must have shape \(seeds, 5\), .* got \(3, 4\)"),
        ({"measured": -np.ones((3, 5))}, "measured must hold numbers of at least 0, .* got -1"),
        ({"measured": [["a"] * 5]}, "measured must be numbers of shape"),
        ({"bound": np.ones(4)}, "bound must have a number for each of the 5 sizes, got 4"),
        ({"bound": [1, 1, 0, 1, 1]}, "bound must hold finite numbers greater than 0, got 0"),
        ({"bound": [1, 1, math.nan, 1, 1]}, "bound must hold finite numbers .* got nan"),
        ({"order": "Theta"}, "order must be one of O, Omega, O~, <=, >=, got 'Theta'"),
        ({"along": ""}, "along must be the name of what the sizes are, got ''"),
        ({"constant": 0}, "constant must be a finite number greater than 0, got 0"),
        ({"constant": "2"}, "constant must be a finite number greater than 0, got '2'"),
        ({"log_power": -1}, "log_power must be a finite number of at least 0, got -1"),
        ({"argument": np.full(5, 9.0)}, "argument must be left out where d moves"),
        ({"along": "n"}, "d, m and K must be told too where n moves, as symbols or columns"),
        ({"along": "n", "argument": np.ones(5)}, "argument must hold .* greater than 1, got 1"),
        ({"symbols": {"d": np.ones(5)}}, "symbol d must be equal to the sizes along d"),
        ({"symbols": {"p": np.ones(4)}}, "symbol p must have a number for each of the 5 sizes"),
        ({"seeds": [0, 1]}, "seeds must name each of the 16 draws"),
        ({"seeds": [0] * 16}, "seeds must name each of the 16 draws"),
        ({"seeds": [*range(15), 0.5]}, "seeds must be an integer of at least 0, got 0.5"),
        ({"among": 0}, "among must be an integer of at least 1, got 0"),
        ({"order": "<=", "constant": 2.0}, "constant must be left out where order is <="),
        ({"order": ">=", "log_power": 1.0}, "log_power must be left out where order is >="),
        ({"order": "<=", "argument": SIZES}, "argument must be left out where order is <="),
    ],
    ids=str,
)
def test_bad_argument_is_one_sentence(changes, message):
    with pytest.raises(ValueError, match=message):
        tc.judge(**{**GOOD, **changes})


def test_example_runs_as_it_stands():
    found = doctest.testmod(sys.modules["theorycheck.judging.elsewhere.numbers"])
    assert found.attempted > 0
    assert found.failed == 0
