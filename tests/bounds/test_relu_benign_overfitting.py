"""Both sides of Kou et al. against their formulas, and their constants against the sharp curve."""

import math

import pytest

import bounds

BENIGN = bounds.SIBLING_THEOREMS["relu-benign-overfitting"]
HARMFUL = bounds.SIBLING_THEOREMS["relu-harmful-overfitting"]

GIVEN = {
    "d": 4000, "n": 20, "m": 10, "K": 2, "p": 1.0, "q": 1, "mu": 3.0, "sigma_n": 0.5,
    "sigma_0": 1e-4, "eta": 0.02, "epsilon": 0.05, "flip": 0.1,
}  # fmt: skip
X = 20 * 81 / (0.0625 * 4000)
TIME = 20 * 10 / (0.02 * 0.05 * 0.25 * 4000)


def test_the_bounds_are_the_written_formulas():
    benign = {id: one.evaluate(GIVEN) for id, one in BENIGN.claims.items()}
    assert benign == pytest.approx(
        {"stopping-time": TIME, "train-loss": 0.05, "test-error": 0.1 + math.exp(-X / 6)}
    )
    harmful = {id: one.evaluate(GIVEN) for id, one in HARMFUL.claims.items()}
    assert harmful == pytest.approx({"stopping-time": TIME, "train-loss": 0.05, "test-error": 0.2})
    assert BENIGN.claims["test-error"].direction == "upper"
    assert HARMFUL.claims["test-error"].direction == "lower"


def test_the_constant_in_the_exponent_can_be_given():
    claim = BENIGN.claims["test-error"]
    assert claim.evaluate({**GIVEN, "C2": 8.0}) == pytest.approx(0.1 + math.exp(-X / 8))
    assert BENIGN.constants["C2"] == 6.0


def test_the_premises_imply_the_written_constants():
    log_T = math.log(TIME)
    expected = {
        "two-classes": 2,
        "unpruned": 1,
        "power": 1,
        "dimension": 4000 / max(20 * 36 * log_T, 400 * math.log(20_000) * log_T**2),
        "width": 10 / math.log(2000),
        "samples": 20 / math.log(1000),
        "signal": 36 / math.log(2000),
        "few-flips": 0.1,
        "start": 1e-4 * max(0.5 * 4000 / math.sqrt(20), 3 * math.sqrt(math.log(1000))),
        "learning-rate": 0.02 * 0.25 * 4000 / 200,
        "signal-to-noise": X,
    }
    for theorem in (BENIGN, HARMFUL):
        implied = {id: one.implied_constant(GIVEN) for id, one in theorem.conditions.items()}
        assert implied == pytest.approx(expected)
    assert BENIGN.conditions["signal-to-noise"].direction == "lower"
    assert HARMFUL.conditions["signal-to-noise"].direction == "upper"


def test_labels_that_are_right_need_not_be_named():
    right = {name: one for name, one in GIVEN.items() if name != "flip"}
    assert HARMFUL.claims["test-error"].evaluate(right) == pytest.approx(0.1)
    assert HARMFUL.conditions["few-flips"].implied_constant(right) == 0.0


@pytest.mark.parametrize("flip", [0.0, 0.05, 0.1])
def test_the_declared_constants_agree_with_the_curve(flip):
    for x in (0.01, 0.1, 1.0, 3.0, 10.0, 40.0):
        bound = BENIGN.claims["test-error"].bound
        given = {"n": 1, "d": 1, "mu": x**0.25, "sigma_n": 1.0, "flip": flip, "C2": 6.0}
        assert bounds.relu_error(x, flip) <= bounds.value(bound, given)
    assert bounds.relu_error(1.0, flip) >= flip + 0.1  # C3 = 1
    assert bounds.relu_error(1.5, flip) < flip + 0.1


def test_with_a_constant_of_one_in_the_exponent_the_curve_is_above_the_bound():
    x = 16.0
    assert bounds.relu_error(x, 0.1) > 0.1 + math.exp(-x)


def test_what_is_not_recalled_of_the_learning_rate_is_said():
    assert "how small is ours" in BENIGN.conditions["learning-rate"].source.note


def test_the_event_is_that_both_labels_are_there():
    found = bounds.event_failure(BENIGN, GIVEN)
    assert found.exact
    assert found.probability == pytest.approx(2 * 0.5**20)
