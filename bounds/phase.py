r"""The race between signal and noise, and the keep probability at which it is even.

Source: derived, Theory, section 7, "Growth phase", `phase-boundary`.
"""

import math
from itertools import pairwise

from bounds.evaluation import parameter

# Below this p no boundary is looked for.
SMALLEST_P = 1e-30

# Steps per factor e of p when the boundary is bracketed.
STEPS_PER_E = 2

# Beyond this x the Gaussian upper tail is below the smallest float.
LAST_X = 38.6


def positive_maximum(m: int, p: float) -> float:
    """Evaluate the expected positive maximum of m standard Gaussians, each kept with probability p.

    Parameters
    ----------
    m : int
        Neurons per class.
    p : float
        Probability that a Gaussian is kept.

    Returns
    -------
    float
        M(p), the integral over x > 0 of 1 - (1 - p Q(x))^m, Q the Gaussian upper tail.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, section 7, Growth phase (derived).
    """
    from scipy.integrate import quad

    m, p = int(parameter({"m": m}, "m")), parameter({"p": p}, "p")

    def some_above(x: float) -> float:
        return -math.expm1(m * math.log1p(-p * math.erfc(x / math.sqrt(2)) / 2))

    return float(quad(some_above, 0, LAST_X, epsabs=0, epsrel=1e-10, limit=200)[0])


def race(snr: float, p: float, n: int, m: int, K: int, q: float) -> float:
    """Evaluate the race index: above 1 the signal escapes before a typical sample's noise.

    Parameters
    ----------
    snr : float
        mu / (sigma_n sqrt(d)), unit-free.
    p : float
        Probability to keep a weight.
    n, m, K : int
        Samples, neurons per class, classes.
    q : float
        Power of the activation, at least 2.

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
    return math.exp(_log_race(snr, parameter({"p": p}, "p"), n, m, K, q))


def phase_boundary(snr: float, n: int, m: int, K: int, q: float) -> float | None:
    """Find the largest keep probability at which the signal still wins the race.

    Parameters
    ----------
    snr : float
        mu / (sigma_n sqrt(d)), unit-free.
    n, m, K : int
        Samples, neurons per class, classes.
    q : float
        Power of the activation, at least 2.

    Returns
    -------
    float or None
        1.0 where the signal wins without pruning; otherwise the p < 1 at which the race index is
        1; None where it wins at no p above 1e-30. For q <= 4 the index falls with p, so that the
        signal wins at every p below the boundary; for q > 4 it falls again towards p = 0, and this
        is the upper one of the two boundaries.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, section 7, Growth phase (derived). `learnable` bounds the winning region from below.
    """
    from scipy.optimize import brentq

    _check(snr, n, m, K, q)

    def index(log_p: float) -> float:
        return _log_race(snr, math.exp(log_p), n, m, K, q)

    if index(0.0) >= 0:
        return 1.0
    grid = [-i / STEPS_PER_E for i in range(int(-STEPS_PER_E * math.log(SMALLEST_P)) + 1)]
    for above, below in pairwise(grid):
        if index(below) >= 0:
            return math.exp(brentq(index, below, above, xtol=1e-12))
    return None


def _log_race(snr: float, p: float, n: int, m: int, K: int, q: float) -> float:
    ratio = positive_maximum(m, p) / positive_maximum(m, 1.0)
    return math.log(n / K) + q * math.log(snr / math.sqrt(p)) + (q - 2) * math.log(ratio)


def _check(snr: float, n: int, m: int, K: int, q: float) -> None:
    if not 0 < snr < math.inf:
        raise ValueError(f"snr must be a finite number > 0, got {snr!r}")
    if not 2 <= q < math.inf:
        raise ValueError(f"q must be a finite number >= 2, got {q!r}")
    for name, given in (("n", n), ("m", m), ("K", K)):
        parameter({name: given}, name)
