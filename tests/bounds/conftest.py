"""A literal descent of the averaged, antipodal model: the reference of the sibling theorems."""

from dataclasses import dataclass

import numpy as np
import pytest

SIGNS = np.array([1.0, -1.0])  # of the signals of class 0 and class 1


@dataclass(frozen=True)
class Descended:
    """Where a descent stopped: weights ``(2, m, D)``, their start, steps and training loss."""

    weights: np.ndarray
    start: np.ndarray
    steps: int
    loss: float


def _descend(start, noises, classes, labels, mu, eta, q, epsilon, most=200_000, scale=None):
    """Take F_j = (1/m) sum_r sigma(<w, +-mu e_1>) + sigma(<w, xi>) down the logistic loss.

    `scale` stands in the place of 1/m where it is given.
    """
    (_, m, size), n = start.shape, len(noises)
    scale = 1 / m if scale is None else scale
    W = start.reshape(2 * m, size).copy()
    own, signal, y = np.repeat(SIGNS, m), mu * SIGNS[classes], SIGNS[labels]
    for step in range(most + 1):
        products = np.outer(W[:, 0], signal), W @ noises.T
        F = sum(np.maximum(one, 0) ** q for one in products).reshape(2, m, n).sum(axis=1) * scale
        margin = y * (F[0] - F[1])
        loss = float(np.logaddexp(0, -margin).mean())
        if loss <= epsilon or step == most:
            return Descended(W.reshape(2, m, size), start, step, loss)
        pull = (
            eta * scale / n * np.outer(own, y / (1 + np.exp(margin)))
        )  # by which a patch is added
        on_signal, on_noise = (
            pull * np.where(one > 0, q * np.abs(one) ** (q - 1), 0.0) for one in products
        )
        W[:, 0] += on_signal @ signal
        W += on_noise @ noises
    raise AssertionError("a descent has a last step")


@pytest.fixture(scope="session")
def descend():
    """Return the descent, as a function."""
    return _descend
