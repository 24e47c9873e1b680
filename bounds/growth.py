r"""The growth phase at leading order, with no hidden constant: who escapes, and when.

While all softmax outputs stay near 1/K, a pre-activation obeys z' = a z^(q-1) per step. Everything
here follows from that one equation. Source: derived, Theory, section 7, "Growth phase"; the rate of
omega is from section 8, the race between signal and noise from section 11. Every function raises a
ValueError where an argument is outside its domain.
"""

import math
from collections.abc import Sequence

from sympy import log, sqrt

from bounds.evaluation import value
from bounds.symbols import K, eta, level, m, mu, n, n_j, norm_squared, p, q, rate, support, z0

SIGNAL_RATE = eta * q * mu**2 * n_j / n * (1 - 1 / K)
NOISE_RATE = eta * q * norm_squared / n * (1 - 1 / K)
OMEGA_RATE = eta * q * norm_squared / (n * K)
ESCAPE_TIME = 1 / ((q - 2) * rate * z0 ** (q - 2))
TIME_TO_LEVEL = (z0 ** (2 - q) - level ** (2 - q)) / ((q - 2) * rate)
TIME_TO_LEVEL_SQUARE = log(level / z0) / rate
DESCENT_LAG = (q - 1) / 2 * log(level / z0)
LEARNABLE_PROBABILITY = (1 - ((1 + (1 - p) ** support) / 2) ** m) ** K
# Of the product of a learned masked signal with another signal, both on the same s coordinates.
SIGNAL_TILT = sqrt((1 - p) / (p * support))


def signal_rate(eta: float, q: float, mu: float, n_j: int, n: int, K: int) -> float:
    """Evaluate the rate a = eta q mu^2 (n_j/n)(1 - 1/K) at which a signal grows.

    Told the learning rate (unit 1/X^2), the power of the activation, the signal strength (X), the
    samples of the class and of all, and the classes; a is unit-free, per step, and 0 for a class
    without samples.
    """
    return value(SIGNAL_RATE, {"eta": eta, "q": q, "mu": mu, "n_j": n_j, "n": n, "K": K})


def noise_rate(eta: float, q: float, norm_squared: float, n: int, K: int) -> float:
    """Evaluate the rate b = eta q (1 - 1/K) ||xi~||^2 / n at which a sample's noise is memorized.

    Told as :func:`signal_rate`, with the squared norm of the masked noise (unit X^2).
    """
    return value(NOISE_RATE, {"eta": eta, "q": q, "norm_squared": norm_squared, "n": n, "K": K})


def omega_rate(eta: float, q: float, norm_squared: float, n: int, K: int) -> float:
    """Evaluate the rate beta = eta q ||xi~||^2 / (n K) at which a wrong class forgets a sample.

    Told as :func:`noise_rate`; beta is that of u' = -beta u^(q-1) (Theory, section 8).
    """
    return value(OMEGA_RATE, {"eta": eta, "q": q, "norm_squared": norm_squared, "n": n, "K": K})


def escape_time(z0: float, rate: float, q: float, level: float | None = None) -> float:
    """Evaluate the time at which z' = rate z^(q-1), z(0) = z0, reaches a level or infinity.

    Parameters
    ----------
    z0 : float
        Initial pre-activation, unit-free; one that is not positive never moves.
    rate, q : float
        The rate a or b, per step, and the power of the activation.
    level : float, optional
        Pre-activation to be reached, above `z0`; without it, the time of escape to infinity, which
        is finite only for q > 2.

    Returns
    -------
    float
        Flow time in steps, T or T(g) of Theory; inf where the level is never reached.
    """
    given = {"z0": z0, "rate": rate, "q": q}
    _check_escape(z0, rate, q)
    if level is not None and not level > max(z0, 0.0):
        raise ValueError(f"level must be > z0 = {z0!r} and > 0, got {level!r}")
    if z0 <= 0 or rate == 0:
        return math.inf
    if level is None or level == math.inf:
        return value(ESCAPE_TIME, given) if q > 2 else math.inf
    expression = TIME_TO_LEVEL_SQUARE if q == 2 else TIME_TO_LEVEL
    return value(expression, {**given, "level": level})


def _check_escape(z0: float, rate: float, q: float) -> None:
    if not math.isfinite(z0):
        raise ValueError(f"z0 must be a finite number, got {z0!r}")
    if not 0 <= rate < math.inf:
        raise ValueError(f"rate must be a finite number >= 0, got {rate!r}")
    if not 1 <= q < math.inf:
        raise ValueError(f"q must be a finite number >= 1, got {q!r}")


def descent_lag(z0: float, level: float, q: float) -> float:
    """Evaluate the ((q - 1)/2) log(level/z0) steps that descent takes beyond the flow time.

    Told the initial pre-activation and the level to be reached, both positive and unit-free.
    """
    if not level > z0:
        raise ValueError(f"level must be > z0 = {z0!r}, got {level!r}")
    return value(DESCENT_LAG, {"z0": z0, "level": level, "q": q})


def learnable_probability(m: int, p: float, K: int, support: int = 1) -> float:
    """Evaluate the probability (1 - (1 - p/2)^m)^K that every class can learn its signal.

    In each class, which has samples, one of the m neurons keeps its coordinate and starts positive;
    p is the probability to keep a weight. Exact for orthogonal noise. Where each signal is spread
    over `support` coordinates, 1 - (1 - p)^s takes the place of p.
    """
    return value(LEARNABLE_PROBABILITY, {"m": m, "p": p, "K": K, "support": support})


def signal_tilt(p: float, support: int) -> float:
    """Evaluate what a learned signal leaks to another one under a mask: sqrt((1 - p)/(p s)).

    The typical product of mu u_k with the masked u_j that makes up gamma_{j,r,j} = 1, for two
    orthogonal vectors that both spread evenly over the same s coordinates: the term that the bound
    of `no-cross-signal` needs beside sigma_0 mu. Signals on disjoint supports leak nothing.
    """
    return value(SIGNAL_TILT, {"p": p, "support": support})


def learns_signal(signal_time: float, noise_times: Sequence[float]) -> bool:
    """Decide the race of one class: its signal wins where it escapes before its mean sample.

    Parameters
    ----------
    signal_time : float
        T_signal of the class: the least :func:`escape_time` of its neurons on the signal, in steps.
    noise_times : sequence of float
        T_noise of each sample of the class, the least of its neurons' times; inf for a sample
        without a responsive neuron. A class without samples learns nothing.

    Returns
    -------
    bool
        Whether the mean of `noise_times` is above `signal_time`.

    Notes
    -----
    Theory, section 11 (derived): every memorized sample leaves the signal's pull, so that the
    signal's clock runs at the share of samples that are left.
    """
    for name, times in (("signal_time", [signal_time]), ("noise_times", noise_times)):
        for time in times:
            if not time > 0:
                raise ValueError(f"{name} must be > 0, got {time!r}")
    if not noise_times or signal_time == math.inf:
        return False
    return math.fsum(noise_times) / len(noise_times) > signal_time
