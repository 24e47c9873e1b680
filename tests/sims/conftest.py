"""What several tests of `sims` share: small problems, and draws made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sims import Dataset, Draw, Problem, draw_dataset, draw_network
from sims.weights import WeightDescent

SMALL = Problem(
    d=40, n=5, m=3, K=2, p=0.6, mu=1.3, sigma_n=0.3, sigma_0=0.4, eta=0.1, q=3.0
)  # products of order 1 with signals and with noise


def _small_problem(**changes):
    return replace(SMALL, **changes)


def _draw_by_hand(problem, data, weights, mask, seed=0):
    """Theory, sections 3 and 4, in plain loops over neurons."""
    K, m, n = problem.K, problem.m, problem.n
    initial_signal, initial_noise = np.zeros((K, m, K)), np.zeros((K, m, n))
    noise_norm2 = np.zeros((K, m, n))
    for j in range(K):
        for r in range(m):
            masked = weights[j, r] * mask[j, r]
            for k in range(K):
                initial_signal[j, r, k] = problem.mu * masked[k]
            for i in range(n):
                initial_noise[j, r, i] = np.sum(masked * data.noise[i])
                noise_norm2[j, r, i] = np.sum((data.noise[i] * mask[j, r]) ** 2)
    return Draw(
        problem,
        seed,
        data.labels,
        mask[:, :, :K],
        data.noise[:, :K],
        initial_signal,
        initial_noise,
        noise_norm2,
    )


def _start_by_hand(problem, data, weights, mask):
    draw = _draw_by_hand(problem, data, weights, mask)
    return WeightDescent(draw, data, weights.copy(), mask)


def _start_weights(problem, seed):
    return _start_by_hand(problem, draw_dataset(problem, seed), *draw_network(problem, seed))


def _dataset(labels, noise, signal_first=None):
    labels = np.array(labels)
    first = np.ones(len(labels), bool) if signal_first is None else np.array(signal_first)
    return Dataset(labels, np.array(noise, float), first)


@pytest.fixture(scope="session")
def small_problem():
    """A problem of order 1 in everything, with the given parameters changed."""
    return _small_problem


@pytest.fixture(scope="session")
def draw_by_hand():
    """A `Draw` computed by loops from given data, weights and mask."""
    return _draw_by_hand


@pytest.fixture(scope="session")
def start_by_hand():
    """A `WeightDescent` on given data, weights and mask; none of them is changed."""
    return _start_by_hand


@pytest.fixture(scope="session")
def start_weights():
    """A `WeightDescent` on what a seed draws."""
    return _start_weights


@pytest.fixture(scope="session")
def dataset():
    """A `Dataset` from lists."""
    return _dataset
