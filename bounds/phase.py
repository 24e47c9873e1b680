r"""The race between signal and noise over all draws, and where it is even.

The index of a typical sample is one formula. The boundary is sharper: it is read off the law of the
critical n SNR^q, that at which the race of one class is even (Theory, section 11), the samples of
the class and the maxima over its neurons drawn at random.

Source: derived, Theory, section 7, "Growth phase", and section 11.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from bounds.evaluation import parameter
from bounds.kept_starts import (
    kept_probability,
    positive_maxima,
    positive_maximum,
    signal_maxima,
    signal_maximum,
)

# Steps per factor e of p when the boundary is bracketed.
STEPS_PER_E = 8

# Classes that the quantiles are read off: the median is within 0.5 % at every m >= 10.
CLASSES = 50_000


def race(snr: float, p: float, n: int, m: int, K: int, q: float, support: int = 1) -> float:
    """Evaluate the typical race index: above 1 the signal escapes before a typical sample's noise.

    Parameters
    ----------
    snr : float
        mu / (sigma_n sqrt(d)), unit-free.
    p : float
        Probability to keep a weight.
    n, m, K : int
        Samples, neurons per class, classes.
    q : float
        Power of the activation, at least 2; above 2 where signals are spread.
    support : int, default 1
        Coordinates of a signal; the largest start is :func:`bounds.signal_maximum` (section 13).

    Returns
    -------
    float
        (n/K) SNR_p^q (M(p)/M(1))^(q-2) with SNR_p = snr / sqrt(p).

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, section 7, Growth phase (derived).
    """
    _check(snr, n, m, K, q)
    return math.exp(_log_race(snr, parameter({"p": p}, "p"), n, m, K, q, support))


def race_index(
    snr: float, p: float, signal_maximum: float, noise_maxima: Sequence[float], q: float
) -> float:
    """Evaluate the race index of one class at leading order: above 1 it learns its signal.

    Parameters
    ----------
    snr : float
        mu / (sigma_n sqrt(d)), unit-free.
    p : float
        Probability to keep a weight.
    signal_maximum : float
        M_s, the largest initial product with the signal over sigma_0 mu; below 0 counts as 0.
    noise_maxima : sequence of float
        M_i of each sample of the class, the largest initial product with its noise over
        sigma_0 sigma_n sqrt(p d); one that is not positive is never memorized.
    q : float
        Power of the activation, above 2.

    Returns
    -------
    float
        SNR_p^q M_s^(q-2) sum_i M_i^(2-q) with SNR_p = snr / sqrt(p); inf where the signal can grow
        and some sample cannot, 0 where the signal cannot or the class has no samples.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, section 11 (derived): :func:`bounds.learns_signal` with equal noise norms.
    """
    _check(snr, 1, 1, 2, q)
    _check_growing(q)
    p = parameter({"p": p}, "p")
    if signal_maximum <= 0 or not noise_maxima:
        return 0.0
    if min(noise_maxima) <= 0:
        return math.inf
    pull = math.fsum(one ** (2 - q) for one in noise_maxima)
    return float((snr / math.sqrt(p)) ** q * signal_maximum ** (q - 2) * pull)


def critical_quantile(
    share: float, p: float, n: int, m: int, K: int, q: float, support: int = 1
) -> float:
    """Evaluate a quantile, over draws, of the n SNR^q from which on a class learns its signal.

    Parameters
    ----------
    share : float
        Which quantile: the share of classes that learn at this n SNR^q, between 0 and 1.
    p : float
        Probability to keep a weight.
    n, m, K : int
        Samples, neurons per class, classes.
    q : float
        Power of the activation, above 2.
    support : int, default 1
        Coordinates that each signal is spread over (Theory, section 13).

    Returns
    -------
    float
        The n SNR^q, SNR = mu / (sigma_n sqrt(d)), at which the race index of a class passes 1; inf
        where fewer than `share` of the classes can learn at all.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, section 11 (derived). The n_k samples of a class are binomial, the maxima those of m
    independent Gaussians, for the signal each kept with probability p. The law is that of 50,000
    classes drawn from one seed, so that the result is a smooth function of p.
    """
    if not 0 < share < 1:
        raise ValueError(f"share must satisfy 0 < share < 1, got {share!r}")
    return float(_critical(p, n, m, K, q, support)[math.ceil(share * CLASSES) - 1])


def learned_share(
    snr: float, p: float, n: int, m: int, K: int, q: float, support: int = 1
) -> float:
    """Evaluate the share of classes, over draws, that learn their signal at an SNR.

    Told as :func:`critical_quantile`, whose inverse this is, with SNR = mu / (sigma_n sqrt(d)).
    """
    _check(snr, n, m, K, q)
    below = _critical(p, n, m, K, q, support).searchsorted(n * snr**q, side="right")
    return float(below) / CLASSES


@lru_cache(maxsize=32)
def _critical(p: float, n: int, m: int, K: int, q: float, support: int = 1) -> Any:
    """Return the critical n SNR^q of the drawn classes, in rising order."""
    import numpy as np

    _check(1.0, n, m, K, q)
    _check_growing(q)
    p = parameter({"p": p}, "p")
    ranks, pulls = _drawn_classes(n, m, K, q)
    signal = signal_maxima(ranks, m, p, support, q)
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.where(signal > 0, signal ** (q - 2) * pulls, 0.0)
        return np.sort(n * p ** (q / 2) / index)


@lru_cache(maxsize=32)
def _drawn_classes(n: int, m: int, K: int, q: float) -> tuple[Any, Any]:
    """Draw classes: the rank of the signal's maximum in its law, and ``sum_i M_i^(2-q)``."""
    import numpy as np

    rng = np.random.default_rng(0)
    samples, ranks = rng.binomial(n, 1 / K, CLASSES), rng.random(CLASSES)
    pulls = np.zeros(CLASSES)
    with np.errstate(divide="ignore"):
        for i in range(int(samples.max())):
            has = np.flatnonzero(samples > i)
            pulls[has] += positive_maxima(rng.random(len(has)), m, 1.0) ** (2 - q)
    return ranks, pulls


def even_snr(
    p: float, n: int, m: int, K: int, q: float, share: float = 0.5, support: int = 1
) -> float:
    """Find the SNR = mu / (sigma_n sqrt(d)) at which a share of the classes learns its signal.

    Told as :func:`critical_quantile`, of which it is the SNR; inf where there is none.
    """
    return float((critical_quantile(share, p, n, m, K, q, support) / n) ** (1 / q))


def phase_boundary(
    snr: float, n: int, m: int, K: int, q: float, share: float = 0.5, support: int = 1
) -> float | None:
    """Find the largest keep probability at which the signal wins the race in a share of draws.

    Parameters
    ----------
    snr : float
        mu / (sigma_n sqrt(d)), unit-free.
    n, m, K : int
        Samples, neurons per class, classes.
    q : float
        Power of the activation, above 2.
    share : float, default 0.5
        The share of classes that learn their signal on the boundary.
    support : int, default 1
        Coordinates that each signal is spread over (Theory, section 13).

    Returns
    -------
    float or None
        1.0 where as many classes learn without pruning; otherwise the largest p < 1 at which
        :func:`even_snr` is `snr`; None where so many learn at no p.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, section 11 (derived). Towards p = 0 no class is learnable any more, so that the region
    in which the signal wins ends there too.
    """
    from scipy.optimize import brentq

    _check(snr, n, m, K, q)

    def excess(log_p: float) -> float:
        return even_snr(math.exp(log_p), n, m, K, q, share, support) / snr - 1

    if excess(0.0) <= 0:
        return 1.0
    # below the last p, fewer than `share` of the classes are learnable
    keeps = 2 * -math.expm1(math.log1p(-share) / m)
    last = math.log(keeps if support == 1 else kept_probability(min(keeps, 1.0), 1 / support))
    steps = max(math.ceil(-last * STEPS_PER_E), 1)
    for above, below in pairwise(last * i / steps for i in range(steps + 1)):
        if excess(below) <= 0:
            return math.exp(brentq(excess, below, above, xtol=1e-12))
    return None


def _check_growing(q: float) -> None:
    if not q > 2:
        raise ValueError(f"q must be > 2, got {q!r}")


def _log_race(snr: float, p: float, n: int, m: int, K: int, q: float, support: int) -> float:
    start = positive_maximum(m, p) if support == 1 else signal_maximum(m, p, support, q)
    ratio = start / positive_maximum(m, 1.0)
    return math.log(n / K) + q * math.log(snr / math.sqrt(p)) + (q - 2) * math.log(ratio)


def _check(snr: float, n: int, m: int, K: int, q: float) -> None:
    if not 0 < snr < math.inf:
        raise ValueError(f"snr must be a finite number > 0, got {snr!r}")
    if not 2 <= q < math.inf:
        raise ValueError(f"q must be a finite number >= 2, got {q!r}")
    for name, given in (("n", n), ("m", m), ("K", K)):
        parameter({name: given}, name)
