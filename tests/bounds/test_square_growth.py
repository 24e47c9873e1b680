"""Growth per step at q = 2 against literal descents, and the time it takes against integration."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

import bounds

N, M, MU, ETA, STEPS = 10, 5, 0.7, 2.0, 40
CLASSES = np.arange(N) % 2
LABELS = CLASSES.copy()
LABELS[[0, 3]] = 1 - LABELS[[0, 3]]  # one wrong label in each class


@pytest.fixture(scope="module")
def small(descend):
    """Products before and after 40 steps from a small start, on noises of norms 0.5 to 1.4."""
    norms = 0.5 + 0.1 * np.arange(N)
    noises = np.hstack([np.zeros((N, 1)), np.diag(norms)])
    start = 1e-4 * np.random.default_rng(0).normal(size=(2, M, N + 1))
    run = descend(start, noises, CLASSES, LABELS, MU, ETA, 2, 0.0, most=STEPS)
    return start, run.weights, norms


@pytest.mark.parametrize("j", [0, 1])
def test_a_signal_grows_by_the_lead_of_right_labels(small, j):
    start, end, _ = small
    own = start[j, :, 0] * (1, -1)[j] > 0
    factor = bounds.square_signal_growth(ETA, MU, clean=4, flipped=1, n=N, m=M)
    measured = (end[j, :, 0] / start[j, :, 0])[own]
    assert factor**STEPS > 1.5
    np.testing.assert_allclose(measured ** (1 / STEPS) - 1, factor - 1, rtol=1e-3)
    shrinking = bounds.square_signal_growth(ETA, MU, clean=1, flipped=4, n=N, m=M)
    other = (end[j, :, 0] / start[j, :, 0])[~own]  # they see the signals of the other class
    np.testing.assert_allclose(other ** (1 / STEPS) - 1, shrinking - 1, rtol=1e-3)


def test_a_noise_grows_in_its_labels_neurons(small):
    start, end, norms = small
    for i, j in enumerate(LABELS):
        positive = start[j, :, 1 + i] > 0
        factor = bounds.square_noise_growth(ETA, norms[i] ** 2, N, M)
        measured = (end[j, :, 1 + i] / start[j, :, 1 + i])[positive]
        np.testing.assert_allclose(measured ** (1 / STEPS) - 1, factor - 1, rtol=1e-3)


@pytest.mark.parametrize("epsilon", [0.5, 0.05, 1e-4])
def test_the_time_is_that_of_one_margin(epsilon):
    n, m, d, eta, sigma_n, sigma_0 = 20, 10, 4000, 0.01, 0.1, 1e-6
    h = eta * sigma_n**2 * d / (n * m)
    first, last = sigma_0**2 * sigma_n**2 * d / 2, -math.log(math.expm1(epsilon))
    # in the logarithm of F, which is where the time goes
    expected = quad(
        lambda u: (1 + math.exp(math.exp(u))) / (4 * h), math.log(first), math.log(last), limit=400
    )[0]
    found = bounds.square_stopping_time(epsilon, eta, sigma_n, sigma_0, d, n, m)
    assert found == pytest.approx(expected, rel=1e-8)


def test_literal_descents_take_about_that_time(descend):
    n, m, sigma_0, ratios = 8, 200, 1e-3, []
    noises = np.hstack([np.zeros((n, 1)), np.eye(n)])
    eta, classes = 0.05 * n * m, np.arange(n) % 2
    for seed in range(3):
        start = sigma_0 * np.random.default_rng(seed).normal(size=(2, m, n + 1))
        run = descend(start, noises, classes, classes, 0.05, eta, 2, 0.05)
        ratios.append(run.steps / bounds.square_stopping_time(0.05, eta, 0.1, sigma_0, 100, n, m))
    assert np.mean(ratios) == pytest.approx(1, abs=0.05)


def test_bad_counts_are_refused():
    with pytest.raises(ValueError, match="flipped must be a whole number from 0 to n = 10, got 11"):
        bounds.square_signal_growth(1.0, 1.0, 5, 11, 10, 5)
    with pytest.raises(ValueError, match="norm_squared must be a finite number >= 0, got -1"):
        bounds.square_noise_growth(1.0, -1.0, 10, 5)
    with pytest.raises(ValueError, match="epsilon must be < log 2"):
        bounds.square_stopping_time(0.7, 1.0, 1.0, 0.1, 10, 10, 5)
