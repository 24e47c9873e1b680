r"""The largest start of m neurons on a signal of which each keeps a share.

A neuron that keeps a share P of its signal starts at sigma_0 mu sqrt(P) g, g a standard Gaussian,
and its rate is P times that of the whole signal: the one with the largest ``P^(q/2) g^(q-2)``
escapes first, as if it kept all and started at ``[P^(q/(2(q-2))) g]_+``. A signal spread evenly
over s coordinates is kept at a share P = B/s, B binomial; with s = 1 it is kept or not. Source:
derived, Theory, section 13.
"""

import math
from functools import lru_cache
from typing import Any

from bounds.evaluation import parameter

# Beyond this x the Gaussian upper tail is below the smallest float.
LAST_X = 38.6

# Points at which the tail of a start is tabulated, and inverted between them.
POINTS = 20_000


def kept_probability(p: float, support: float) -> float:
    """Return the probability 1 - (1 - p)^s that some of s coordinates is kept."""
    return p if support == 1 else 1.0 if p == 1 else -math.expm1(support * math.log1p(-p))


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


def start_tails(x: Any, p: float, support: int, power: float) -> Any:
    """Return the probabilities that ``P^power g`` is above each x >= 0, P = B/s > 0."""
    import numpy as np
    from scipy.special import ndtr
    from scipy.stats import binom

    x, kept = np.asarray(x, float), np.arange(1, support + 1)
    chance = binom.pmf(kept, support, p)
    kept, chance = kept[chance > 0], chance[chance > 0]
    total = np.zeros(x.shape)
    for share, weight in zip((kept / support).tolist(), chance.tolist(), strict=True):
        total += weight * ndtr(-x / share**power)
    return total


def signal_maximum(m: int, p: float, support: int, q: float) -> float:
    """Evaluate the expected largest effective start on a signal, over sigma_0 mu.

    Parameters
    ----------
    m : int
        Neurons per class.
    p : float
        Probability to keep a weight.
    support : int
        Coordinates that the signal is spread over.
    q : float
        Power of the activation, above 2.

    Returns
    -------
    float
        ``E max_r [P_r^(q/(2(q-2))) g_r]_+``; :func:`bounds.positive_maximum` at s = 1.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, section 13 (derived).
    """
    import numpy as np

    m, support, p, q = _checked(m, support, p, q)
    x, tails = _table(p, support, q)
    return float(np.trapezoid(-np.expm1(m * np.log1p(-tails)), x))


def signal_maxima(ranks: Any, m: int, p: float, support: int, q: float) -> Any:
    """Return quantiles of the largest effective start of m neurons, 0 where none can grow."""
    import numpy as np

    if support == 1:
        return positive_maxima(ranks, m, p)
    m, support, p, q = _checked(m, support, p, q)
    x, tails = _table(p, support, q)
    wanted = -np.expm1(np.log(ranks) / m)
    seen = tails > 0
    found = np.interp(-np.log(wanted), -np.log(tails[seen]), x[seen])
    return np.where(wanted < tails[0], found, 0.0)


def positive_maxima(ranks: Any, m: int, p: float) -> Any:
    """Return quantiles of the positive maximum of m Gaussians, each kept with probability p."""
    import numpy as np
    from scipy.special import ndtri

    tails = -np.expm1(np.log(ranks) / m) / p
    return np.where(tails < 0.5, -ndtri(np.minimum(tails, 0.5)), 0.0)


@lru_cache(maxsize=32)
def _table(p: float, support: int, q: float) -> tuple[Any, Any]:
    """Return points x, dense where small shares start, and the tails there."""
    import numpy as np

    x = LAST_X * np.linspace(0, 1, POINTS) ** 3
    tails = start_tails(x, p, support, q / (2 * (q - 2)))
    tails.flags.writeable = x.flags.writeable = False
    return x, tails


def _checked(m: int, support: int, p: float, q: float) -> tuple[int, int, float, float]:
    if not 2 < q < math.inf:
        raise ValueError(f"q must be a finite number > 2, got {q!r}")
    given = {"m": m, "support": support, "p": p}
    whole, spread, keep = (parameter(given, name) for name in given)
    return int(whole), int(spread), float(keep), float(q)
