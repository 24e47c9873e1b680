"""The over-pruning theorem against its formulas written out in plain floats."""

import math

import numpy as np
import pytest

import bounds

THEOREM = bounds.THEOREMS["over-pruning"]

GIVEN = {
    "d": 900,
    "n": 7,
    "m": 5,
    "K": 3,
    "p": 0.01,
    "q": 4,
    "mu": 1.5,
    "sigma_n": 0.02,
    "sigma_0": 0.003,
    "eta": 0.7,
    "epsilon": 0.04,
}

EXPECTED = {
    "stopping-time": 7 / 0.7 * 0.003**-2 * 0.02**-4 * 9**-2 + 625 * 7 / 0.02**2 / 9 / 0.7 / 0.04,
    "train-loss": 0.04,
    "no-signal": 0.0,
    "noise-memorized": 5**-0.25,
    "test-loss": math.log(3),
    "test-loss-exact": math.log(3),
    "test-error-exact": 2 / 3,
}

ORDERS = {
    "stopping-time": ("O~", "upper", "paper*"),
    "train-loss": ("exact", "upper", "paper*"),
    "no-signal": ("exact", "both", "paper*"),
    "noise-memorized": ("Omega", "lower", "paper*"),
    "test-loss": ("Omega", "lower", "paper*"),
    "test-loss-exact": ("exact", "lower", "derived"),
    "test-error-exact": ("exact", "lower", "derived"),
}


@pytest.mark.parametrize("id", EXPECTED)
def test_a_bound_is_the_written_formula(id):
    assert THEOREM.claims[id].evaluate(GIVEN) == pytest.approx(EXPECTED[id], rel=1e-13, abs=0)


@pytest.mark.parametrize("id", ORDERS)
def test_a_claim_has_the_written_order_and_tag(id):
    claim = THEOREM.claims[id]
    assert (claim.order.symbol, claim.direction, claim.source.tag) == ORDERS[id]


def test_the_claims_come_in_the_order_of_the_theorem():
    assert list(THEOREM.claims) == list(EXPECTED)


@pytest.mark.parametrize("c", [0.01, 7.0])
@pytest.mark.parametrize("id", EXPECTED)
def test_a_bound_does_not_see_the_choice_of_unit(id, c):
    scale = {"mu": c, "sigma_n": c, "sigma_0": 1 / c, "eta": c**-2}
    scaled = {**GIVEN, **{name: GIVEN[name] * factor for name, factor in scale.items()}}
    claim = THEOREM.claims[id]
    assert claim.evaluate(scaled) == pytest.approx(claim.evaluate(GIVEN), rel=1e-12, abs=0)


def test_no_signal_is_a_zero_whose_logarithm_is_minus_infinity():
    assert THEOREM.claims["no-signal"].evaluate({}, log=True) == -math.inf


def test_the_keep_probability_meets_the_premise_with_constant_one():
    p = bounds.over_pruning_p(d=10**8, m=20, K=2)
    assert p == pytest.approx(1 / (40 * math.log(10**8)))
    premise = THEOREM.conditions["over-pruning"]
    given = {"d": 10**8, "m": 20, "K": 2, "p": p}
    assert premise.implied_constant(given) == pytest.approx(1)
    assert premise.holds(given) is None
    assert (premise.direction, premise.constant_name) == ("both", "C_p")


@pytest.mark.parametrize(
    ("d", "m", "message"),
    [(1, 2, "must have a real value"), (10, 0, "m must be a whole number >= 1, got 0")],
)
def test_a_keep_probability_without_a_meaning_is_refused(d, m, message):
    with pytest.raises(ValueError, match=message):
        bounds.over_pruning_p(d=d, m=m, K=2)


@pytest.mark.parametrize("seed", range(5))
def test_logits_without_own_signal_never_beat_a_guess(seed):
    """F_j = G_j(xi) + B_{y,j}, B >= 0, B_{y,y} = 0: loss and error over labels, at each xi."""
    rng = np.random.default_rng(seed)
    K = int(rng.integers(2, 7))
    other = rng.exponential(rng.choice([0.1, 1, 10]), (K, K)) * (rng.random((K, K)) < 0.7)
    np.fill_diagonal(other, 0)
    for noise_part in rng.exponential(rng.choice([0.1, 1, 10]), (50, K)):
        logits = noise_part + other
        own = np.diag(logits)
        loss = np.mean(np.log(np.exp(logits - own[:, None]).sum(axis=1)))
        top = logits == logits.max(axis=1, keepdims=True)
        error = np.mean(1 - np.diag(top) / top.sum(axis=1))
        given = {"K": K}
        rounding = 1e-12
        assert loss >= THEOREM.claims["test-loss-exact"].evaluate(given) - rounding
        assert error >= THEOREM.claims["test-error-exact"].evaluate(given) - rounding
