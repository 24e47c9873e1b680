r"""Loss and gradient of the pruned network, by hand.

Read this file from top to bottom beside Theory, section 3. Every formula stands above the lines
that compute it. The letters are those of the theory: j is a class of neurons, r a neuron in it,
k a signal, i a sample, whose label is y_i and whose signal is that of class c_i: c_i = y_i unless
labels are wrong (Theory, section 12). Arrays over neurons and samples have shape ``(K, m, n)``.
"""

from __future__ import annotations

import numpy as np

from sims.arrays import Booleans, Floats, Integers
from sims.data import Dataset
from sims.network import activation, activation_slope
from sims.problem import Problem
from sims.signals import signals


def pre_activations(
    masked_weights: Floats, data: Dataset, problem: Problem
) -> tuple[Floats, Floats]:
    r"""Compute the products of every neuron with its signal patch and its noise patch.

    Parameters
    ----------
    masked_weights : (K, m, d) array
        ``w~ = w * mask``, unit 1/X.
    data : Dataset
        The training samples.
    problem : Problem
        The parameters.

    Returns
    -------
    on_signal : (K, m, n) array
        ``<w~_{j,r}, mu_{c_i}>``, c_i the class of the signal, no unit.
    on_noise : (K, m, n) array
        ``<w~_{j,r}, xi_i>``, no unit.
    """
    # <w~_{j,r}, mu_{c_i}>
    on_signal = masked_weights @ signals(problem)[data.classes].T
    # <w~_{j,r}, xi_i>
    on_noise = masked_weights @ data.noise.T
    return on_signal, on_noise


def loss_and_slopes(logits: Floats, labels: Integers) -> tuple[float, Floats]:
    r"""Compute the cross-entropy loss and its derivative in the logits.

    Parameters
    ----------
    logits : (K, n) array
        ``F_j(x_i)``, no unit.
    labels : (n,) int array
        Class y_i of each sample.

    Returns
    -------
    loss : float
        ``L_S``, the mean over samples of ``-log softmax(F(x_i))_{y_i}``.
    slopes : (K, n) array
        ``l'_{j,i} = softmax(F(x_i))_j - 1[j = y_i]``.
    """
    samples = np.arange(len(labels))
    # softmax does not change when all logits of a sample move by the same amount
    shifted = logits - logits.max(axis=0)
    exponentials = np.exp(shifted)
    normalizer = exponentials.sum(axis=0)
    # L_S = (1/n) sum_i [ log sum_j exp F_j(x_i) - F_{y_i}(x_i) ]
    loss = (np.log(normalizer) - shifted[labels, samples]).sum() / len(labels)
    # l'_{j,i} = softmax_j for j != y_i; for j = y_i, softmax_j - 1 = -(sum of the others):
    # written as that sum it keeps its digits when softmax_j is close to 1
    slopes = exponentials / normalizer
    slopes[labels, samples] = 0.0
    slopes[labels, samples] = -slopes.sum(axis=0)
    return float(loss), slopes


def loss_and_gradient(
    weights: Floats, mask: Booleans, data: Dataset, problem: Problem
) -> tuple[float, Floats]:
    r"""Compute the training loss and its gradient in the kept weights (Theory, section 3).

    Parameters
    ----------
    weights : (K, m, d) array
        Weights, unit 1/X. Pruned ones may hold anything: they are masked first.
    mask : (K, m, d) bool array
        True where the weight is kept.
    data : Dataset
        The n training samples.
    problem : Problem
        The parameters; q, mu, n and what the signals are enter.

    Returns
    -------
    loss : float
        ``L_S``, the mean over the n samples. No unit.
    gradient : (K, m, d) array
        ``grad_{w~_{j,r}} L_S``, unit X; exactly 0 where the mask is False. At a pre-activation of
        0 the activation's derivative counts as 0, for every q.

    Raises
    ------
    ValueError
        If an array has another shape than the problem says.
    """
    _check_shapes(weights, mask, data, problem)
    n, q = problem.n, problem.q

    # forward: w~ = w * mask
    on_signal, on_noise = pre_activations(weights * mask, data, problem)

    # F_j(x_i) = sum_r [ sigma(<w~_{j,r}, mu_{c_i}>) + sigma(<w~_{j,r}, xi_i>) ]
    logits = (activation(on_signal, q) + activation(on_noise, q)).sum(axis=1)

    # L_S and l'_{j,i}
    loss, slopes = loss_and_slopes(logits, data.labels)

    # backward: how L_S changes with each pre-activation, (1/n) l'_{j,i} sigma'(.)
    to_signal = slopes[:, None, :] * activation_slope(on_signal, q) / n
    to_noise = slopes[:, None, :] * activation_slope(on_noise, q) / n

    # grad_{w~_{j,r}} L_S = sum_i [ to_signal_{j,r,i} mu_{c_i} + to_noise_{j,r,i} xi_i ] * m_{j,r}
    gradient = to_noise @ data.noise
    for i, signal in enumerate(signals(problem)[data.classes]):
        gradient += to_signal[:, :, i, None] * signal
    gradient *= mask
    return loss, gradient


def _check_shapes(weights: Floats, mask: Booleans, data: Dataset, problem: Problem) -> None:
    d, n, m, K = problem.d, problem.n, problem.m, problem.K
    for name, array, shape in (
        ("weights", weights, (K, m, d)),
        ("mask", mask, (K, m, d)),
        ("data.noise", data.noise, (n, d)),
        ("data.labels", data.labels, (n,)),
        ("data.classes", data.classes, (n,)),
    ):
        if array.shape != shape:
            raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
