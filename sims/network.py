"""The pruned two-layer network: activation and forward pass (Theory, section 3).

The loss, the softmax and the gradient are in :mod:`sims.gradients`.
"""

from __future__ import annotations

import numpy as np

from sims.arrays import Booleans, Floats


def activation(z: Floats, q: float) -> Floats:
    """Return ``sigma(z) = max(z, 0)^q``, elementwise; a pre-activation has no unit."""
    return _power(np.maximum(z, 0.0), q)


def activation_slope(z: Floats, q: float) -> Floats:
    """Return ``sigma'(z) = q z^{q-1}`` where z > 0 and 0 elsewhere, elementwise."""
    if q == 1:
        return np.where(z > 0, 1.0, 0.0)  # the power below would give 0**0 = 1 at z <= 0
    slope = _power(np.maximum(z, 0.0), q - 1)
    slope *= q
    return slope


def activation_and_slope(z: Floats, q: float) -> tuple[Floats, Floats]:
    """Return ``sigma(z)`` and ``sigma'(z)`` at the price of one: they share their products."""
    positive = np.maximum(z, 0.0)
    if q == 1:
        return positive, np.where(z > 0, 1.0, 0.0)
    slope = _power(positive, q - 1)
    positive *= slope  # z^{q-1} z
    slope *= q
    return positive, slope


def activation_curvature(z: Floats, q: float) -> Floats:
    """Return ``sigma''(z) = q (q-1) z^{q-2}`` where z > 0 and 0 elsewhere; ``q >= 2``."""
    if q == 2:
        return np.where(z > 0, 2.0, 0.0)
    curvature = _power(np.maximum(z, 0.0), q - 2)
    curvature *= q * (q - 1)
    return curvature


def logits(weights: Floats, mask: Booleans, patches: Floats, q: float) -> Floats:
    r"""Forward pass on the patches as they come, in whatever order.

    ``F_j(x) = sum_r sum_patches sigma(<w~_{j,r}, patch>)`` with ``w~ = w * mask``.

    Parameters
    ----------
    weights : (K, m, d) array
        Weights, unit 1/X.
    mask : (K, m, d) bool array
        True where the weight is kept.
    patches : (n, 2, d) array
        The two patches of each sample, unit X.
    q : float
        Power of the activation.

    Returns
    -------
    (K, n) array
        The logits, no unit.
    """
    n, two, d = patches.shape
    z = (weights * mask) @ patches.reshape(n * two, d).T
    return activation(z, q).reshape(*z.shape[:2], n, two).sum(axis=(1, 3))


def _power(z: Floats, exponent: float) -> Floats:
    """Return ``z**exponent``, as products where the exponent is a small integer."""
    if exponent not in (1, 2, 3, 4):
        return z**exponent
    if exponent == 1:
        return z.copy()
    result = z * z
    for _ in range(int(exponent) - 2):
        result *= z
    return result
