"""Both sides of Cao et al. against their formulas written out in plain floats."""

import math

import pytest

import bounds

BENIGN = bounds.SIBLING_THEOREMS["benign-overfitting"]
HARMFUL = bounds.SIBLING_THEOREMS["harmful-overfitting"]

GIVEN = {
    "d": 2500, "n": 7, "m": 5, "K": 2, "p": 1.0, "q": 4, "mu": 1.5, "sigma_n": 0.02,
    "sigma_0": 0.003, "eta": 0.7, "epsilon": 0.04,
}  # fmt: skip
S = 0.02 * 50.0  # sigma_n sqrt(d)

EXPECTED = {
    (BENIGN.id, "stopping-time"): 5 * 0.003**-2 * 1.5**-4 / 0.7 + 125 / 1.5**2 / 0.7 / 0.04,
    (BENIGN.id, "train-loss"): 0.04,
    (BENIGN.id, "signal-learned"): 1.0,
    (BENIGN.id, "no-noise"): 0.003 * S,
    (BENIGN.id, "test-loss"): 0.24 + math.exp(-49),
    (HARMFUL.id, "stopping-time"): 35 * 0.003**-2 * S**-4 / 0.7 + 125 * 7 / S**2 / 0.7 / 0.04,
    (HARMFUL.id, "train-loss"): 0.04,
    (HARMFUL.id, "noise-memorized"): 1.0,
    (HARMFUL.id, "no-signal"): 0.003 * 1.5,
    (HARMFUL.id, "test-loss"): 0.1,
}
ORDERS = {
    "stopping-time": ("O~", "upper"),
    "train-loss": ("exact", "upper"),
    "signal-learned": ("Omega", "lower"),
    "noise-memorized": ("Omega", "lower"),
    "no-noise": ("O~", "upper"),
    "no-signal": ("O~", "upper"),
}


@pytest.mark.parametrize("id", EXPECTED, ids="/".join)
def test_a_bound_is_the_written_formula(id):
    claim = bounds.SIBLING_THEOREMS[id[0]].claims[id[1]]
    assert claim.evaluate(GIVEN) == pytest.approx(EXPECTED[id], rel=1e-13, abs=0)


def test_the_claims_come_in_the_order_of_the_theorem():
    assert [(BENIGN.id, one) for one in BENIGN.claims] == list(EXPECTED)[:5]
    assert [(HARMFUL.id, one) for one in HARMFUL.claims] == list(EXPECTED)[5:]


@pytest.mark.parametrize("theorem", [BENIGN, HARMFUL], ids=lambda one: one.id)
def test_a_claim_has_the_written_order(theorem):
    for id, claim in theorem.claims.items():
        if id != "test-loss":
            assert (claim.order.symbol, claim.order.direction) == ORDERS[id]
    direction = "upper" if theorem is BENIGN else "lower"
    assert theorem.claims["test-loss"].order.direction == direction


IMPLIED = {
    "two-classes": 2,
    "unpruned": 1,
    "power": 4,
    "samples": math.log(7) / math.log(math.log(2500)),
    "width": math.log(5) / math.log(math.log(2500)),
    "dimension": 2500 / (5**2 * 7**4),
    "learning-rate": 0.7 * 1.5**2,
    "start-not-small": 0.003 / (7 / 50 / 1.5),
    "start-not-large": 0.003 / (5**-1 / 7 / 1.5),
    "signal-to-noise": 7 * (1.5 / S) ** 4,
}


@pytest.mark.parametrize("id", IMPLIED)
def test_a_premise_has_the_written_implied_constant(id):
    assert list(BENIGN.conditions) == list(IMPLIED) == list(HARMFUL.conditions)
    assert BENIGN.conditions[id].implied_constant(GIVEN) == pytest.approx(IMPLIED[id], rel=1e-12)
    harmful = HARMFUL.conditions[id].implied_constant(GIVEN)
    other = 1 / IMPLIED[id] if id == "signal-to-noise" else IMPLIED[id]
    assert harmful == pytest.approx(other, rel=1e-12)


@pytest.mark.parametrize(
    ("q", "power_m", "power_n"), [(2.5, 8, 6), (3, 4, 4), (4, 2, 4), (6, 2, 4)]
)
def test_the_least_dimension_takes_the_larger_of_two_powers(q, power_m, power_n):
    implied = BENIGN.conditions["dimension"].implied_constant({**GIVEN, "q": q})
    assert implied == pytest.approx(2500 / (5.0**power_m * 7.0**power_n), rel=1e-12)


def test_strong_noise_bounds_start_and_rate_instead_of_the_signal():
    loud = {**GIVEN, "sigma_n": 0.1}  # norm 5
    implied = {id: one.implied_constant(loud) for id, one in BENIGN.conditions.items()}
    assert implied["learning-rate"] == pytest.approx(0.7 * 25)
    assert implied["start-not-small"] == pytest.approx(0.003 * 5 * 50 / 7)
    assert implied["start-not-large"] == pytest.approx(0.003 * 5 * 5 * 7)


def test_the_window_for_the_start_is_open_where_the_dimension_is_large_enough():
    at_least = {**GIVEN, "q": 3, "d": 5**4 * 7**4}
    ends = [
        BENIGN.conditions[id].implied_constant(at_least)
        for id in ("start-not-small", "start-not-large")
    ]
    assert ends[0] == pytest.approx(ends[1])  # least and largest start meet at C_d = 1


@pytest.mark.parametrize("theorem", bounds.SIBLING_THEOREMS.values(), ids=lambda one: one.id)
def test_everything_recalled_says_so(theorem):
    sources = [theorem.source, *(one.source for one in theorem.claims.values())]
    sources += [one.source for one in theorem.conditions.values()]
    assert {one.tag for one in sources} == {"recalled*"}
    assert len({one.citation for one in sources}) == 1
    assert {"signals": "antipodal", "noise": "orthogonal"}.items() <= theorem.model.items()


@pytest.mark.parametrize("c", [0.01, 7.0])
@pytest.mark.parametrize("theorem", [BENIGN, HARMFUL], ids=lambda one: one.id)
def test_nothing_sees_the_choice_of_unit(theorem, c):
    scale = {"mu": c, "sigma_n": c, "sigma_0": 1 / c, "eta": c**-2}
    scaled = {**GIVEN, **{name: GIVEN[name] * factor for name, factor in scale.items()}}
    for claim in theorem.claims.values():
        assert claim.evaluate(scaled) == pytest.approx(claim.evaluate(GIVEN), rel=1e-12, abs=0)
    for one in theorem.conditions.values():
        assert one.implied_constant(scaled) == pytest.approx(one.implied_constant(GIVEN), rel=1e-9)
