"""Plain descent at low SNR: its formulas, and how its constants decide the claim on the error."""

import math

import numpy as np
import pytest

import bounds

THEOREM = bounds.SIBLING_THEOREMS["low-snr-descent"]

GIVEN = {
    "d": 10**4, "n": 20, "m": 5, "K": 2, "p": 1.0, "q": 2, "mu": 0.3, "sigma_n": 0.02,
    "sigma_0": 0.01, "eta": 0.7, "epsilon": 0.04, "flip": 0.1,
}  # fmt: skip


def test_the_bounds_are_the_written_formulas():
    time = 100 * math.log(50) / (0.7 * 4) + 125 * 20 / (0.7 * 0.04 * 4)
    found = {id: one.evaluate(GIVEN) for id, one in THEOREM.claims.items()}
    assert found == pytest.approx({"stopping-time": time, "train-loss": 0.04, "test-error": 0.24})
    orders = {id: (one.order.symbol, one.direction) for id, one in THEOREM.claims.items()}
    assert orders["stopping-time"] == ("O", "upper")
    assert orders["test-error"] == ("exact", "lower")


def test_the_start_is_bounded_on_both_sides():
    implied = {id: one.implied_constant(GIVEN) for id, one in THEOREM.conditions.items()}
    assert implied == pytest.approx(
        {
            "two-classes": 2,
            "unpruned": 1,
            "power": 2,
            "signal-to-noise": 20 * 0.09 / 4,
            "start-not-small": 0.02 * 10 / 20,
            "start-not-large": 0.02,
        }
    )
    directions = {id: one.direction for id, one in THEOREM.conditions.items()}
    assert (directions["start-not-small"], directions["start-not-large"]) == ("lower", "upper")


def error(descend, index, start, seed, n=20, m=10, d=1e10, flip=0.0):
    """Test error of a descent at n SNR^2 = index and sigma_0 = start, on noises of norm 1."""
    rng = np.random.default_rng(seed)
    classes = rng.integers(0, 2, n)
    labels = np.where(rng.random(n) < flip, 1 - classes, classes)
    snr, noises = math.sqrt(index / n), np.hstack([np.zeros((n, 1)), np.eye(n)])
    weights = start * rng.normal(size=(2, m, n + 1))
    run = descend(weights, noises, classes, labels, snr, 0.2 * n * m, 2, 0.05)
    assert run.loss <= 0.05
    # products with a fresh noise: what was memorized of it, and the start outside the span
    fresh = rng.normal(size=(4000, n)) / math.sqrt(d) @ run.weights[:, :, 1:].transpose(0, 2, 1)
    fresh = np.maximum(fresh + start * rng.normal(size=(2, 4000, m)), 0) ** 2
    clean = 0.0
    for sign in (1, -1):
        F = (fresh + np.maximum(sign * snr * run.weights[:, None, :, 0], 0) ** 2).mean(axis=2)
        clean += (sign * (F[0] - F[1]) < 0).mean() / 2
    return flip + (1 - 2 * flip) * clean


@pytest.mark.parametrize(
    ("index", "start", "expected"),
    [
        (0.5, 0.1, "above"),  # inside both limits
        (1.0, 0.1, "below"),  # n SNR^2 = 1 is not small enough
        (0.5, 1e-4, "below"),  # the start is below its limit of 20 d^(-1/4) = 0.06
    ],
)
def test_the_premises_decide_whether_the_error_is_large(descend, index, start, expected):
    least = THEOREM.claims["test-error"].evaluate({})
    mean = np.mean([error(descend, index, start, seed) for seed in range(8)])
    assert mean > least + 0.1 if expected == "above" else mean < least - 0.03
    given = {"n": 20, "d": 10**10, "mu": math.sqrt(index / 20), "sigma_n": 1e-5, "sigma_0": start}
    inside = {
        id: THEOREM.conditions[id].implied_constant(given)
        for id in ("signal-to-noise", "start-not-small")
    }
    kept = inside["signal-to-noise"] <= 0.5 + 1e-9 and inside["start-not-small"] >= 1
    assert kept == (expected == "above")
