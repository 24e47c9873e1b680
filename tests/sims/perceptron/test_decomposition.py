"""Gamma, zeta and SNR_p against the weights they stand for, and their slopes in p."""

import numpy as np
import pytest

from sims.perceptron import coefficients, draw_masks, signal_to_noise, spread, train

GRID = np.array([1.0, 0.6, 0.35, 0.2, 0.1, 0.05])


def test_gamma_and_zeta_rebuild_the_first_layer(small):
    weights, images, labels = small((30, 12, 4), n=9)
    masks = draw_masks("random", 0.4, weights, images, labels, np.random.default_rng(3))
    run = train(weights, masks, images, labels, eta=0.1)
    signals = np.random.default_rng(8).standard_normal((4, 30))
    residuals = images - signals[labels]
    found = coefficients(run.updates, masks[0], signals, residuals, labels)
    rebuilt = []
    for r, mask in enumerate(masks[0]):
        mu, xi = signals * mask, residuals * mask
        learned = (found.gamma[r] / (mu**2).sum(axis=1)) @ mu
        learned += (found.zeta[r] / (xi**2).sum(axis=1)) @ xi
        rebuilt.append(weights[0][r] * mask + learned)
    np.testing.assert_allclose(rebuilt, run.weights[0], rtol=0, atol=1e-12)


def slope_of_snr(signals, d, seeds=6, m=100):
    """The slope of log SNR_p in log p under random masks, noise of 100 samples."""
    logs = np.zeros(len(GRID))
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        residuals = rng.standard_normal((100, d))
        weights = (np.zeros((m, d)), np.zeros((10, m)))
        nothing = np.zeros((1, d)), np.zeros(1, int)
        for place, p in enumerate(GRID):
            masks = draw_masks("random", p, weights, *nothing, np.random.default_rng(seed), (0,))
            logs[place] += np.log(signal_to_noise(masks[0], signals, residuals)) / seeds
    return np.polyfit(np.log(GRID), logs, 1)[0]


def test_snr_of_flat_signals_does_not_depend_on_p():
    signs = np.random.default_rng(1).choice([-1.0, 1.0], (10, 784))
    assert slope_of_snr(signs, 784) == pytest.approx(0, abs=0.01)


def test_snr_of_single_pixels_grows_by_the_root_of_p():
    assert slope_of_snr(30 * np.eye(10, 784), 784) == pytest.approx(-0.5, abs=0.02)


def test_snr_of_a_mask_that_sees_no_signal_is_no_number():
    mask = np.ones((3, 5), bool)
    mask[:, 0] = False
    assert np.isnan(signal_to_noise(mask, np.eye(1, 5), np.ones((2, 5))))


def test_spread_counts_the_coordinates():
    signals = np.zeros((3, 8))
    signals[0, 2], signals[1, :4], signals[2] = 3.0, -2.0, 0.1
    np.testing.assert_allclose(spread(signals), [1, 4, 8])
