r"""What the first layer learned, in signals and residuals of images.

W_1 hears the training images only through A X: it is exactly ``mask * (W_1(0) + A X)``, A the
accumulated updates. With any signals mu_k and residuals xi_i = x_i - mu_{y_i} that is

    w_r = mask_r * [ w_r(0) + sum_k (sum_{i: y_i = k} A_{r,i}) mu_k + sum_i A_{r,i} xi_i ]

the decomposition of Theory, section 4, with (tilde for masked)

    gamma_{r,k} = (sum_{i: y_i = k} A_{r,i}) ||mu~_{r,k}||^2,   zeta_{r,i} = A_{r,i} ||xi~_{r,i}||^2

r is a unit of the first layer; it has no class of its own, so that what theory calls omega is in
zeta.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sims.arrays import Booleans, Floats, Integers


@dataclass(frozen=True, eq=False)
class Coefficients:
    """What each unit of the first layer learned of every signal and residual.

    Attributes
    ----------
    gamma : (m, K) array
        Of the signals, no unit.
    zeta : (m, n) array
        Of the residuals, no unit.
    """

    gamma: Floats
    zeta: Floats


def first_layer(start: Floats, mask: Booleans, updates: Floats, images: Floats) -> Floats:
    """Rebuild the first layer from its updates.

    Parameters
    ----------
    start : (m, d) array
        W_1(0), masked or not.
    mask : (m, d) bool array
        True where the weight is kept.
    updates : (m, n) array
        A, as :func:`sims.perceptron.train` returns it.
    images : (n, d) array
        Training images.

    Returns
    -------
    (m, d) array
        ``mask * (W_1(0) + A X)``.
    """
    return mask * (start + updates @ images)


def coefficients(
    updates: Floats, mask: Booleans, signals: Floats, residuals: Floats, labels: Integers
) -> Coefficients:
    """Compute gamma and zeta from the updates of a descent.

    Parameters
    ----------
    updates : (m, n) array
        A, as :func:`sims.perceptron.train` returns it.
    mask : (m, d) bool array
        True where the weight of the first layer is kept.
    signals : (K, d) array
        mu_k.
    residuals : (n, d) array
        ``xi_i = x_i - mu_{y_i}``.
    labels : (n,) int array
        y_i.

    Returns
    -------
    Coefficients
        Gamma ``(m, K)`` and zeta ``(m, n)``.
    """
    of_class = labels[:, None] == np.arange(len(signals))
    return Coefficients(
        (updates @ of_class) * _norms2(mask, signals), updates * _norms2(mask, residuals)
    )


def signal_to_noise(mask: Booleans, signals: Floats, residuals: Floats) -> float:
    """Compute SNR_p, how large the signal is beside the residuals for a unit that still sees it.

    Parameters
    ----------
    mask : (m, d) bool array
        True where the weight of the first layer is kept.
    signals : (K, d) array
        mu_k.
    residuals : (n, d) array
        xi_i.

    Returns
    -------
    float
        Root of the mean of ``||mu~_{r,k}||^2`` over that of ``||xi~_{r,i}||^2``, over the pairs of
        a unit and a signal it keeps a part of; nan where there is none.
    """
    on_signals = _norms2(mask, signals)
    on_residuals = _norms2(mask, residuals).mean(axis=1, keepdims=True)
    sees = on_signals > 0
    noise = float(np.broadcast_to(on_residuals, sees.shape)[sees].sum())
    return float(np.sqrt(on_signals.sum() / noise)) if noise > 0 else float("nan")


def spread(signals: Floats) -> Floats:
    """Return s_eff of each signal, how many coordinates it is spread over.

    Parameters
    ----------
    signals : (K, d) array
        mu_k.

    Returns
    -------
    (K,) array
        The participation ratio ``(sum_c mu_{k,c}^2)^2 / sum_c mu_{k,c}^4``: 1 for a single
        coordinate, s for s equal ones; nan for a signal that is 0.
    """
    squares = signals * signals
    with np.errstate(invalid="ignore"):
        return np.square(squares.sum(axis=1)) / np.square(squares).sum(axis=1)


def _norms2(mask: Booleans, vectors: Floats) -> Floats:
    """Return ``||v~_{r,i}||^2`` of every vector under the mask of every unit, ``(m, N)``."""
    return mask.astype(float) @ np.square(vectors).T
