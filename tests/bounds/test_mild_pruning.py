"""The mild pruning theorem against its formulas written out in plain floats."""

import math

import pytest

import bounds

THEOREM = bounds.THEOREMS["mild-pruning"]

GIVEN = {
    "d": 900,
    "n": 7,
    "m": 5,
    "K": 3,
    "p": 0.36,
    "q": 4,
    "mu": 1.5,
    "sigma_n": 0.02,
    "sigma_0": 0.003,
    "eta": 0.7,
    "epsilon": 0.04,
    "noise": "isotropic",
}

EXPECTED = {
    "stopping-time": 3 / 0.7 * 0.003**-2 * 1.5**-4 + 9 * 625 / 1.5**2 / 0.7 / 0.04,
    "train-loss": 0.04,
    "signal-learned": 5**-0.25,
    "no-cross-signal": 0.0045,
    "no-noise": 0.003 * 0.02 * 18,
    "test-loss": 0.12 + math.exp(-49 / 0.36),
}

ORDERS = {
    "stopping-time": ("O~", "upper"),
    "train-loss": ("exact", "upper"),
    "signal-learned": ("Omega", "lower"),
    "no-cross-signal": ("O~", "upper"),
    "no-noise": ("O~", "upper"),
    "test-loss": ("O", "upper"),
}


@pytest.mark.parametrize("id", EXPECTED)
def test_a_bound_is_the_written_formula(id):
    assert THEOREM.claims[id].evaluate(GIVEN) == pytest.approx(EXPECTED[id], rel=1e-13, abs=0)
    found = THEOREM.claims[id].evaluate(GIVEN, log=True)
    assert found == pytest.approx(math.log(EXPECTED[id]), rel=1e-13, abs=0)


@pytest.mark.parametrize("id", ORDERS)
def test_a_claim_has_the_written_order(id):
    order = THEOREM.claims[id].order
    assert (order.symbol, order.direction) == ORDERS[id]


def test_the_claims_come_in_the_order_of_the_theorem():
    assert list(THEOREM.claims) == list(EXPECTED)


def test_only_claims_three_and_four_are_known_from_the_paper_itself():
    tags = {id: claim.source.tag for id, claim in THEOREM.claims.items()}
    assert {id for id, tag in tags.items() if tag == "paper"} == {"no-cross-signal", "no-noise"}
    assert set(tags.values()) == {"paper", "paper*"}


@pytest.mark.parametrize("c", [0.01, 7.0])
@pytest.mark.parametrize("id", EXPECTED)
def test_a_bound_does_not_see_the_choice_of_unit(id, c):
    scale = {"mu": c, "sigma_n": c, "sigma_0": 1 / c, "eta": c**-2}
    scaled = {**GIVEN, **{name: GIVEN[name] * factor for name, factor in scale.items()}}
    claim = THEOREM.claims[id]
    assert claim.evaluate(scaled) == pytest.approx(claim.evaluate(GIVEN), rel=1e-12, abs=0)


def test_the_test_loss_bound_falls_as_p_falls():
    claim = THEOREM.claims["test-loss"]
    values = [claim.evaluate({**GIVEN, "n": 1, "p": p}) for p in (1.0, 0.5, 0.25, 0.1)]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1]


def test_the_exponential_part_keeps_its_logarithm_at_a_thousand_samples():
    claim = THEOREM.claims["test-loss"]
    tiny = {**GIVEN, "n": 1000, "p": 0.5, "C": 1e-320, "epsilon": 1e-320}
    assert claim.evaluate(tiny) == 0.0
    assert claim.evaluate(tiny, log=True) == pytest.approx(math.log(1e-320) * 2 + math.log(3))


def test_with_constant_one_the_premise_would_fail_for_six_neurons_beyond_403():
    premise = THEOREM.conditions["mild-pruning"]
    implied = [premise.implied_constant({"p": 1, "m": 6, "d": d}) for d in (403, 404)]
    assert implied[0] > 1 > implied[1]


def test_the_hidden_constants_are_declared():
    assert THEOREM.constants["C1"] == 0.1
    assert THEOREM.constants["C"] == 1.0
    assert THEOREM.conditions["mild-pruning"].hidden
    assert set(THEOREM.conditions) == {*bounds.REGIME, "mild-pruning"}
