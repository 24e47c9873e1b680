"""What masks that are chosen by score keep: closed forms (derived; Theory, section 14).

Magnitudes are of N(0, sigma_0^2) weights. For SNIP a noise coordinate of a neuron scores
``sigma_0 s |X Y|``, X and Y standard Gaussians, independent up to 1/sqrt(d), and s the spread of
its gradient; ``|X Y|`` has the density (2/pi) K_0. SynFlow is the limit of many rounds and large d.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def magnitude_gain(p: float) -> float:
    r"""Return E[w^2 | kept] / sigma_0^2 where the share p of largest magnitude is kept.

    Parameters
    ----------
    p : float
        Share kept, ``0 < p <= 1``.

    Returns
    -------
    float
        ``1 + 2 t phi(t) / p`` with ``P(|X| > t) = p``: what the variance of a product of start and
        noise gains over a mask by chance of as many weights. No unit.

    Raises
    ------
    ValueError
        If p is outside its domain.

    Notes
    -----
    Theory, section 14 (derived).
    """
    from scipy.special import ndtri

    _check_share(p)
    cut = -float(ndtri(p / 2))
    return 1 + 2 * cut * math.exp(-cut * cut / 2) / (math.sqrt(2 * math.pi) * p)


def product_tail(level: float) -> float:
    """Return ``P(|X Y| > level)`` of two independent standard Gaussians."""
    from scipy.special import iti0k0

    return float(1 - 2 / math.pi * iti0k0(level)[1])


def snip_cut(p: float, spreads: Sequence[float]) -> float:
    r"""Return the score below which SNIP prunes, by the noise coordinates of all neurons.

    Parameters
    ----------
    p : float
        Share kept, ``0 < p < 1``.
    spreads : sequence of float
        ``sigma_0`` times the standard deviation of the gradient at a noise coordinate, one number
        a neuron: ``sigma_0 (sigma_n / n) sqrt(sum_i l'_i^2 sigma'(z_i)^2)``. No unit.

    Returns
    -------
    float
        The level that a share p of all scores exceeds. No unit.

    Raises
    ------
    ValueError
        If p is outside its domain, or no neuron has a spread.

    Notes
    -----
    Theory, section 14 (derived, for d much larger than n and K).
    """
    from scipy.optimize import brentq
    from scipy.special import iti0k0

    _check_share(p)
    sizes = np.asarray(spreads, float)
    sizes = sizes[sizes > 0]
    if not sizes.size:
        raise ValueError(f"spreads must have one above 0, got {spreads!r}")
    wanted = p * len(spreads) / sizes.size

    def excess(level: float) -> float:
        return float(np.mean(1 - 2 / math.pi * iti0k0(level / sizes)[1])) - wanted

    if wanted >= 1:
        return 0.0
    return float(brentq(excess, 0.0, 60 * sizes.max(), xtol=1e-12 * sizes.max()))


def snip_kept_share(cut: float, pull: float, q: float, mu: float, sigma_0: float) -> float:
    r"""Return the chance that SNIP keeps a neuron's coordinate of a signal, axis signals.

    Parameters
    ----------
    cut : float
        The score below which it prunes (:func:`snip_cut`).
    pull : float
        ``|sum_i l'_{j,i}| / n`` over the samples of the signal: at a small start (n_k/n)(1 - 1/K)
        for the own signal of class j = k, and (n_k/n)/K for another.
    q, mu, sigma_0 : float
        As in a problem.

    Returns
    -------
    float
        The coordinate scores ``q pull (mu w)^q`` for w > 0 and 0 below: ``Phi(-w*/sigma_0)``, w*
        where this is the cut. Never above 1/2: what starts negative has no gradient.

    Notes
    -----
    Theory, section 14 (derived, for noise that is zero at the signals).
    """
    from scipy.special import ndtr

    if not pull > 0:
        return 0.0
    return float(ndtr(-((cut / (q * pull)) ** (1 / q)) / (mu * sigma_0)))


def snip_empty_chance(cut: float, spread: float, d: int) -> float:
    r"""Return the chance that SNIP keeps none of a neuron's d noise coordinates.

    Parameters
    ----------
    cut : float
        The score below which it prunes (:func:`snip_cut`).
    spread : float
        That of the neuron, as there.
    d : int
        Dimension of one patch.

    Returns
    -------
    float
        ``P(|X Y| <= cut / spread)^d``.

    Notes
    -----
    Theory, section 14 (derived).
    """
    if spread <= 0:
        return float(cut > 0)
    tail = product_tail(cut / spread)
    return math.exp(d * math.log1p(-tail)) if tail < 1 else 0.0


def synflow_collapse(q: float) -> float:
    r"""Return the share kept below which SynFlow empties whole neurons.

    Parameters
    ----------
    q : float
        Power of the activation, at least 1.

    Returns
    -------
    float
        ``2 Phi(-1/sqrt(q-1))``, 0 at q = 1. In a neuron whose weights above u sigma_0 are left, S
        is ``2 d sigma_0 phi(u)``; the common level fixes ``log u + (q-1) log S``, and a neuron that
        is pruned a little more than the others moves away from them where ``(q-1) u^2 > 1``.

    Raises
    ------
    ValueError
        If q is below 1.

    Notes
    -----
    Theory, section 14 (derived, for d and the number of rounds to infinity).
    """
    from scipy.special import ndtr

    if not q >= 1:
        raise ValueError(f"q must be at least 1, got {q!r}")
    return 0.0 if q == 1 else float(2 * ndtr(-1 / math.sqrt(q - 1)))


def _check_share(p: float) -> None:
    if not 0 < p <= 1:
        raise ValueError(f"p is the share of weights kept and must satisfy 0 < p <= 1, got {p!r}")
