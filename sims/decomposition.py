r"""The signal-noise decomposition of the weights, by its recursion (Theory, section 4).

    w~_{j,r}^{(t)} = w~_{j,r}^{(0)} + sum_k gamma_{j,r,k} ||mu~_{j,r,k}||^-2 mu~_{j,r,k}
                   + sum_i (zeta_{j,r,i} + omega_{j,r,i}) ||xi~_{j,r,i}||^-2 xi~_{j,r,i}

mu~_{j,r,k} is the masked signal: mu_k or 0 where it lies on one coordinate, of squared norm mu^2 P
where a share P of it is kept. zeta lives where j = y_i and omega where j != y_i, so one array
``rho`` of shape (K, m, n) holds both; :func:`split` tells them apart. y_i is the label that
training sees; the samples that move gamma_{j,r,k} are those whose signal is that of class k,
whatever their labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sims.arrays import Booleans, Floats, Integers
from sims.draw import Draw
from sims.network import activation, activation_slope
from sims.signals import add_signals


@dataclass(frozen=True, eq=False)
class Coefficients:
    """The coefficients at one step.

    Attributes
    ----------
    gamma : (K, m, K) array
        Signal coefficients gamma_{j,r,k}, no unit.
    rho : (K, m, n) array
        Noise coefficients zeta_{j,r,i} + omega_{j,r,i}, no unit.
    """

    gamma: Floats
    rho: Floats


def zero_coefficients(draw: Draw) -> Coefficients:
    """Return the coefficients at t = 0."""
    return Coefficients(np.zeros(draw.initial_signal.shape), np.zeros(draw.initial_noise.shape))


def advance(
    before: Coefficients, draw: Draw, slopes: Floats, on_signals: Floats, on_noise: Floats
) -> Coefficients:
    r"""Take one step of the recursion.

    Parameters
    ----------
    before : Coefficients
        The coefficients before the step.
    draw : Draw
        Classes, masks at the signals and masked noise norms.
    slopes : (K, n) array
        ``l'_{j,i}`` before the step.
    on_signals : (K, m, K) array
        ``<w~_{j,r}, mu_k>`` before the step.
    on_noise : (K, m, n) array
        ``<w~_{j,r}, xi_i>`` before the step.

    Returns
    -------
    Coefficients
        The coefficients after the step.
    """
    q = draw.problem.q
    at_signals = activation_slope(on_signals, q)
    at_noise = activation_slope(on_noise, q)
    return add_pulls(before, draw, *pulls(draw, slopes, at_signals, at_noise))


def pulls(
    draw: Draw, slopes: Floats, at_signals: Floats, at_noise: Floats
) -> tuple[Floats, Floats]:
    r"""Compute how strongly one step pulls each neuron towards each signal and each noise.

    Parameters
    ----------
    draw : Draw
        Classes and masks at the signals.
    slopes : (K, n) array
        ``l'_{j,i}``.
    at_signals, at_noise : (K, m, K) and (K, m, n) arrays
        The activation's derivative, ``sigma'(<w~_{j,r}, mu_k>)`` and ``sigma'(<w~_{j,r}, xi_i>)``.

    Returns
    -------
    (K, m, K) and (K, m, n) arrays
        The factors of mu_k and xi_i in what the step adds to a neuron, unit 1/X^2.
    """
    problem = draw.problem
    # -(eta/n) l'_{j,i}, and its sum over the samples with each signal
    per_sample = (-problem.eta / problem.n) * slopes
    per_class = per_sample @ np.eye(problem.K)[draw.classes]
    # -(eta/n) sum_{i: c_i = k} l'_{j,i} sigma'(<w~_{j,r}, mu_k>), where the mask keeps k
    to_signals = per_class[:, None, :] * at_signals * draw.signal_mask
    # -(eta/n) l'_{j,i} sigma'(<w~_{j,r}, xi_i>)
    to_noise = per_sample[:, None, :] * at_noise
    return to_signals, to_noise


def add_pulls(
    before: Coefficients, draw: Draw, to_signals: Floats, to_noise: Floats
) -> Coefficients:
    """Add a step's pulls, each times the squared norm of its vector, to the coefficients."""
    mu = draw.problem.mu
    gamma = before.gamma + to_signals * (mu * mu * draw.signal_kept)
    return Coefficients(gamma, before.rho + to_noise * draw.noise_norm2)


def split(rho: Floats, labels: Integers) -> tuple[Floats, Floats]:
    """Split ``rho``, shape (..., K, m, n), into zeta (j = y_i) and omega (j != y_i)."""
    own = np.arange(rho.shape[-3])[:, None, None] == labels
    return np.where(own, rho, 0.0), np.where(own, 0.0, rho)


def noise_factors(rho: Floats, noise_norm2: Floats) -> Floats:
    """Return ``rho / ||xi~||^2``, the factor of each masked noise; 0 where that noise is 0."""
    return np.divide(rho, noise_norm2, out=np.zeros_like(rho), where=noise_norm2 > 0)


def signal_factors(gamma: Floats, draw: Draw) -> Floats:
    """Return ``gamma mu / ||mu~||^2``, the factor of each masked u_k; 0 where all is pruned."""
    kept = draw.signal_kept
    scaled = gamma / draw.problem.mu
    return np.divide(scaled, kept, out=np.zeros_like(scaled), where=kept > 0)


def fitted_by_signal(coefficients: Coefficients, draw: Draw) -> Booleans:
    r"""Tell which training samples are fitted by their signal rather than by their own noise.

    Sample i, of class c and label y, is fitted by its signal where the neurons of its label answer
    more to what they start with and learned of the signal than to what they start with and
    memorized of the sample:

        sum_r sigma(<w~(0)_{y,r}, mu_c> + gamma_{y,r,c})
            > sum_r sigma(<w~(0)_{y,r}, xi_i> + zeta_{y,r,i})

    What other samples and signals add to these products through overlaps is left out.

    Parameters
    ----------
    coefficients : Coefficients
        The coefficients at the wanted step.
    draw : Draw
        Where the run started.

    Returns
    -------
    (n,) bool array
        True where the signal answers for more than half.
    """
    labels, classes, samples = draw.labels, draw.classes, np.arange(draw.problem.n)
    q = draw.problem.q
    on_signals = activation(draw.initial_signal + coefficients.gamma, q).sum(axis=1)
    on_noise = activation(draw.initial_noise + coefficients.rho, q).sum(axis=1)
    return np.asarray(on_signals[labels, classes] > on_noise[labels, samples])


def rebuild_weights(
    coefficients: Coefficients, draw: Draw, weights: Floats, mask: Booleans, noise: Floats
) -> Floats:
    """Rebuild the masked weights from the coefficients, on all coordinates or a block from 0 on.

    Parameters
    ----------
    coefficients : Coefficients
        The coefficients at the wanted step.
    draw : Draw
        Where the run started.
    weights, mask : (K, m, B) arrays
        Initial weights (unit 1/X) and mask on the first B coordinates, which hold the signals.
    noise : (n, B) array
        Noise patches on those coordinates, unit X.

    Returns
    -------
    (K, m, B) array
        ``w~_{j,r}`` on those coordinates, unit 1/X.
    """
    rebuilt = weights + noise_factors(coefficients.rho, draw.noise_norm2) @ noise
    add_signals(rebuilt, signal_factors(coefficients.gamma, draw), draw.problem, 0)
    rebuilt *= mask
    return rebuilt
