"""The default paths of theorems on antipodal signals and averaged outputs.

As for the paper's own two (:mod:`theorycheck.judging.paths.default_paths`): few, each moving
several parameters by different powers. Powers are those of the engine's letters, for outputs that
are sums; starts are given in the letters of the mean. Every path keeps its theorem's premises: d is
far above (m n)^4, and sigma_0 lies between its two limits. Source: measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from bounds.paths import Route
from sims import Problem
from theorycheck.judging.paths.exponent_paths import ExponentPath
from theorycheck.judging.siblings.problems import start

Powers = Mapping[str, int | str]

AT = (0.0, 0.5, 0.75, 1.0)  # shares of the decades: the start and three sizes of the tail


def path(
    along: str, words: str, powers: Powers, begin: Problem, epsilon: float, end: float, **more: Any
) -> ExponentPath:
    """Return a path along one parameter with the powers of all that move with it."""
    moved = {name: Fraction(power) for name, power in powers.items()}
    route = Route(along, moved, words)
    return ExponentPath(route, begin, epsilon, end, len(AT), at=AT, **more)


def cao_regime(snr_power: int) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return what Cao et al.'s regime ties to d, with n SNR^q at a fixed distance from 1.

    n is like log(d) / 2 and m like log(d) / 4; sigma_0 stays just below its upper limit.
    """

    def tied(point: Mapping[str, Any]) -> dict[str, Any]:
        log_d, q = math.log(point["d"]), point["q"]
        n, m = round(log_d / 2), round(log_d / 4)
        snr = (30.0**snr_power / n) ** (1 / q)
        mu, norm = point["mu"], point["mu"] / snr
        limit = m ** (-2 / (q - 2)) * n ** -max(1 / (q - 2), 1) * min(1 / norm, 1 / mu)
        return {
            "n": n,
            "m": m,
            "sigma_n": norm / math.sqrt(point["d"]),
            "sigma_0": 0.9 * limit * m ** (-1 / q),
            "eta": 0.1 * m ** (-2 / q) * min(mu**-2, norm**-2),
        }

    return tied


def benign() -> list[ExponentPath]:
    """Return the paths on which every class learns its signal."""
    begin = {"sigma_0": 1e-4, "eta": 0.01}
    regime = start(3.0, 5.0, d=10**6, n=7, m=3, **begin)
    loud = start(3.0, 5.0, d=10**14, n=4, m=8, **begin)
    far = start(3.0, 5.0, d=10**5, n=6, m=4, **begin)
    n: Powers = {"n": 1, "mu": 8, "sigma_n": 8, "sigma_0": -7, "eta": -17, "epsilon": -8}
    m: Powers = {"m": 1, "d": 10, "sigma_n": "-31/6", "sigma_0": -13, "eta": -1, "epsilon": -4}
    return [
        _regime(regime, 1, 0.05),
        path("n", "d, m fixed", n, loud, 1e-7, 6),
        path("m", "n, mu fixed", m, far, 0.1, 9, released=("start-not-small",)),
    ]


def harmful() -> list[ExponentPath]:
    """Return the paths on which every class is memorized."""
    begin = {"sigma_0": 1e-4, "eta": 0.01, "mu": 0.05}
    regime = start(3.0, 0.1, d=10**6, n=7, m=3, **begin)
    loud = start(3.0, 0.05, d=10**14, n=4, m=8, **begin)
    far = start(3.0, 0.05, d=10**5, n=4, m=6, **begin)
    n: Powers = {"n": 1, "mu": 7, "sigma_n": 8, "sigma_0": -8, "eta": -17, "epsilon": -4}
    m: Powers = {"m": 1, "d": 10, "mu": -1, "sigma_n": -5, "sigma_0": -12, "epsilon": -4}
    return [
        _regime(regime, -1, 0.005),  # below log(2)/(2 n): every sample has to be memorized
        path("n", "d, m fixed", n, loud, 1e-7, 4),
        path("m", "n fixed", m, far, 0.05, 6, released=("start-not-small",)),
    ]


def _regime(begin: Problem, snr_power: int, epsilon: float) -> ExponentPath:
    words = "n like log(d)/2, m like log(d)/4, n SNR^q fixed, sigma_0 at its limit"
    route = Route("d", {"d": Fraction(1)}, words)
    tied = cao_regime(snr_power)
    return ExponentPath(route, begin, epsilon, 1e9, len(AT), at=AT, ties=tied, seeds_times=2)


def relu(index: float) -> list[ExponentPath]:
    """Return the paths of ReLU networks at a fixed index n mu^4 / (sigma_n^4 d).

    Every step is exact at q = 1, so that h = eta sigma_n^2 d / (n m), which sets the number of
    steps, moves little.
    """

    def begin(n: int, m: int, d: int) -> Problem:
        strength = (index * d / n) ** 0.25  # mu / sigma_n
        shape = {"d": d, "n": n, "m": m, "flip": 0.1, "sigma_0": 1e-6}
        eta = 0.1 * n * m * strength**2 / d
        return start(1.0, strength / math.sqrt(d), eta=eta, **shape)

    n: Powers = {"n": 1, "mu": 1, "sigma_n": "5/4", "sigma_0": -2, "eta": "-5/4", "epsilon": "-1/2"}
    d: Powers = {"d": 1, "mu": 2, "sigma_n": "7/4", "sigma_0": -3, "eta": "-9/2", "epsilon": "-1/8"}
    return [
        path("n", "d, m fixed", n, begin(20, 10, 10**6), 0.1, 4),
        path("d", "n, m fixed", d, begin(40, 10, 10**5), 0.1, 1e3),
    ]


def low_snr() -> list[ExponentPath]:
    """Return the paths of plain descent at q = 2, inside the two limits of sigma_0."""

    def begin(n: int, m: int, d: int, product: float) -> Problem:
        snr = math.sqrt(0.4 / n)
        shape = {"d": d, "n": n, "m": m, "eta": 0.01}
        return start(2.0, snr, sigma_0=product * snr, **shape)  # mu = 1 and s = 1 / snr

    n: Powers = {"n": 1, "mu": "5/2", "sigma_n": 3, "sigma_0": -3, "eta": -6, "epsilon": -2}
    d: Powers = {"d": 1, "mu": 1, "sigma_n": "1/2", "sigma_0": "-9/8", "eta": -2, "epsilon": "-1/4"}
    m: Powers = {"m": 1, "mu": 1, "sigma_n": 1, "sigma_0": -1, "eta": -3, "epsilon": -1}
    return [
        path("n", "d, m fixed, n SNR^2 too", n, begin(6, 12, 10**12, 0.2), 1e-4, 4),
        path("d", "n, m, SNR fixed", d, begin(12, 12, 10**8, 0.5), 1e-3, 1e6),
        path("m", "d, n, SNR fixed", m, begin(8, 8, 10**12, 0.2), 1e-3, 8),
    ]


SIBLING_PATHS: dict[str, Callable[[], list[ExponentPath]]] = {
    "benign-overfitting": benign,
    "harmful-overfitting": harmful,
    "relu-benign-overfitting": lambda: relu(16.0),
    "relu-harmful-overfitting": lambda: relu(0.25),
    "low-snr-descent": low_snr,
}
