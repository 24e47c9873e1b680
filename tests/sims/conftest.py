"""What several tests of `sims` share: small problems, and draws made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sims import Coefficients, Dataset, Draw, Problem, draw_dataset, draw_network, exact
from sims.flow import FlowSettings
from sims.rows import Rows, Start
from sims.weights import WeightDescent

SMALL = Problem(
    d=40, n=5, m=3, K=2, p=0.6, mu=1.3, sigma_n=0.3, sigma_0=0.4, eta=0.1, q=3.0
)  # products of order 1 with signals and with noise


def _small_problem(**changes):
    return replace(SMALL, **changes)


def _signals_by_hand(problem):
    """Theory, sections 2 and 12: the signals as rows, (K, d)."""
    if problem.signals == "antipodal":
        first = np.append(problem.mu, np.zeros(problem.d - 1))
        return np.array([first, -first])
    return problem.mu * np.eye(problem.K, problem.d)


def _literal_descent(problem, data, weights, mask, steps, share=1.0):
    """Theory, sections 3 and 4, on all coordinates, with outputs ``share * sum_r``.

    Returns losses and, by their recursion, gamma, zeta and omega at every step, and the weights.
    """
    q, samples = problem.q, np.arange(len(data.labels))
    shown, own = _signals_by_hand(problem)[data.classes], np.eye(problem.K)[data.labels].T
    w, losses, along = weights * mask, [], []
    gamma = np.zeros((problem.K, problem.m, problem.K))
    rho = np.zeros((problem.K, problem.m, len(samples)))
    norms = mask @ (data.noise**2).T
    for step in range(steps + 1):
        z_signal, z_noise = w @ shown.T, w @ data.noise.T
        F = share * sum(np.where(z > 0, z, 0.0).__pow__(q).sum(axis=1) for z in (z_signal, z_noise))
        softmax = np.exp(F) / np.exp(F).sum(axis=0)
        losses.append(-np.log(softmax[data.labels, samples]).mean())
        along.append((gamma.copy(), *(rho * part[:, None] for part in (own, 1 - own)), w.copy()))
        if step == steps:
            return np.array(losses), along
        pull = -(problem.eta / problem.n) * share * (softmax - own)[:, None]
        to_signal, to_noise = (
            pull * np.where(z > 0, q * np.where(z > 0, z, 1.0) ** (q - 1), 0.0)
            for z in (z_signal, z_noise)
        )
        for i, k in enumerate(data.classes):
            kept = mask[:, :, 0 if problem.signals == "antipodal" else k]
            gamma[:, :, k] += to_signal[:, :, i] * problem.mu**2 * kept
        rho += to_noise * norms
        w = w + (to_signal @ shown + to_noise @ data.noise) * mask
    raise AssertionError("never here")


def _draw_by_hand(problem, data, weights, mask, seed=0):
    """Theory, sections 3 and 4, in plain loops over neurons."""
    mus = _signals_by_hand(problem)
    K, m, n = problem.K, problem.m, problem.n
    initial_signal, initial_noise = np.zeros((K, m, K)), np.zeros((K, m, n))
    noise_norm2 = np.zeros((K, m, n))
    for j in range(K):
        for r in range(m):
            masked = weights[j, r] * mask[j, r]
            for k in range(K):
                initial_signal[j, r, k] = np.sum(masked * mus[k])
            for i in range(n):
                initial_noise[j, r, i] = np.sum(masked * data.noise[i])
                noise_norm2[j, r, i] = np.sum((data.noise[i] * mask[j, r]) ** 2)
    return Draw(
        problem,
        seed,
        data.labels,
        np.stack([np.any(mask & (mu != 0), axis=2) for mu in mus], axis=2),
        data.noise @ mus.T / problem.mu,
        initial_signal,
        initial_noise,
        noise_norm2,
        data.classes,
    )


class OneRow:
    """A stack of one run in exact descent, stepped like the engine ``weights``."""

    def __init__(self, system):
        start = Start(0, system, False, 0.0, np.inf)
        self.draw, self.rows = system.draw, Rows([start], FlowSettings())

    def loss(self):
        losses, _, self.update = exact.evaluate(self.rows.systems, self.rows.c)
        return float(losses[0])

    def step(self):
        before = self.rows.c.copy()
        self.rows.c += self.update
        return bool(np.any(before != self.rows.c))

    def coefficients(self):
        scaled = self.rows.c[0] * self.rows.systems.norm2[0]
        K = self.draw.problem.K
        return Coefficients(scaled[:, :, :K], scaled[:, :, K:])

    def gradient_norm2(self):
        return float(self.rows.systems.gradient_norm2(self.update)[0])


def _start_by_hand(problem, data, weights, mask):
    draw = _draw_by_hand(problem, data, weights, mask)
    return WeightDescent(draw, data, weights.copy(), mask)


def _start_weights(problem, seed):
    return _start_by_hand(problem, draw_dataset(problem, seed), *draw_network(problem, seed))


def _dataset(labels, noise, signal_first=None, classes=None):
    labels = np.array(labels)
    first = np.ones(len(labels), bool) if signal_first is None else np.array(signal_first)
    shown = None if classes is None else np.array(classes)
    return Dataset(labels, np.array(noise, float), first, shown)


@pytest.fixture(scope="session")
def small_problem():
    """A problem of order 1 in everything, with the given parameters changed."""
    return _small_problem


@pytest.fixture(scope="session")
def literal_descent():
    """Plain descent on all coordinates, formula by formula, with outputs summed or averaged."""
    return _literal_descent


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


@pytest.fixture(scope="session")
def one_row():
    """A stack of one run, made of its `CoefficientSystem` and stepped like a `WeightDescent`."""
    return OneRow
