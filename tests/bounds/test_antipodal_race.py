"""Who wins, by the race index and by the literal flow of products on orthogonal noises."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import bounds

SIGNS = np.array([1.0, -1.0])
SNR = 0.6
SMALL = 1e-5


def flow(start, classes, q, until):
    """Flow of the products of F_j = (1/m) sum_r with mu e_1 and n orthogonal noises of norm 1."""
    m, n = start.shape[1], len(classes)
    y = SIGNS[classes]

    def speed(t, flat):
        z = flat.reshape(2, m, n + 1)
        on_signal, on_noise = np.maximum(z[:, :, :1] * y, 0), np.maximum(z[:, :, 1:], 0)
        F = (on_signal**q + on_noise**q).mean(axis=1)
        pull = y / (1 + np.exp(y * (F[0] - F[1]))) * SIGNS[:, None, None] * q
        to_signal = SNR**2 * (pull * on_signal ** (q - 1)) @ y
        return np.concatenate([to_signal[..., None], pull * on_noise ** (q - 1)], axis=2).ravel()

    run = solve_ivp(speed, (0, until), start.ravel(), "LSODA", rtol=1e-7, atol=1e-5 * SMALL)
    return run.y[:, -1].reshape(start.shape)


@pytest.fixture(scope="module", params=[3.0, 4.0])
def races(request):
    """Index, signal learned, and loss on a fresh sample, of both classes of eight draws."""
    q, n, m, found = request.param, 8, 4, []
    classes = np.arange(n) % 2
    for seed in range(8):
        g = np.random.default_rng(seed).normal(size=(2, m, n + 1))
        g[:, :, 1:] += 0.1 - np.minimum(g[:, :, 1:].max(axis=1, keepdims=True), 0.1)
        start = SMALL * g * np.r_[SNR, np.ones(n)]
        end = flow(start, classes, q, until=200 / (q * (q - 2) * SMALL ** (q - 2)))
        for j, sign in enumerate(SIGNS):
            noises = g[j][:, 1:][:, classes == j].max(axis=0)
            index = bounds.antipodal_race_index(SNR, max(sign * g[j, :, 0]), noises.tolist(), q)
            F = (np.maximum(sign * end[:, :, 0], 0) ** q).mean(axis=1)
            loss = np.logaddexp(0, -sign * (F[0] - F[1]))
            found.append((index, max(sign * end[j, :, 0]) > 0.1, loss))
    return found


def test_the_index_tells_who_learns_its_signal(races):
    decided = [(index > 1, learned) for index, learned, _ in races]
    assert decided == [(learned, learned) for _, learned in decided]
    assert {learned for _, learned in decided} == {False, True}


def test_the_loss_at_the_end_is_that_of_the_classes_that_learned_nothing(races):
    for first, second in zip(races[::2], races[1::2], strict=True):
        expected = bounds.guessed_loss([first[1], second[1]])
        assert (first[2] + second[2]) / 2 == pytest.approx(expected, abs=0.01)


def test_the_loss_is_log_two_times_the_share_of_unlearned_classes():
    found = [bounds.guessed_loss(one) for one in ([True, True], [True, False], [False, False])]
    assert found == [0.0, math.log(2) / 2, math.log(2)]
    with pytest.raises(ValueError, match="learned must say so of 2 classes, got 3"):
        bounds.guessed_loss([True] * 3)


def test_the_index_is_that_of_signals_along_axes_without_pruning():
    given = (0.5, 1.2, [0.7, 1.1, 0.4], 3.5)
    assert bounds.antipodal_race_index(*given) == bounds.race_index(0.5, 1.0, *given[1:])
    assert bounds.antipodal_race_index(0.5, -0.1, [0.7], 3) == 0.0
    assert bounds.antipodal_race_index(0.5, 0.1, [0.7, -0.2], 3) == math.inf
