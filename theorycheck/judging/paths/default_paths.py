"""The paths of a check that names none: few, each moving several parameters at once.

One path of a theorem is its regime along d. It hardly tells an exponent from a logarithm, for its
m and n move like one; so the others leave the regime and move parameters by different powers. Not
every exponent shows: on the paths of mild pruning K does not move, and the scatter over draws hides
small powers of m, n and p in `no-cross-signal` and `no-noise`. Sizes lie at the start and in the
tail, for nothing between them is judged. Source: measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from bounds import Theorem, over_pruning_p
from bounds.paths import Route
from bounds.regime import theorem_regime_values
from sims import Problem
from theorycheck.judging.paths.exponent_paths import ExponentPath, released
from theorycheck.judging.paths.sibling_paths import SIBLING_PATHS

Powers = Mapping[str, int | str]  # whole, or a fraction in writing

AT = (0.0, 0.5, 0.75, 1.0)  # shares of the decades: the start and three sizes of the tail


def mild_regime(point: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the theorem regime ties to d: n like log(d) and m like log(d) / 4.

    K, of order log(d) at most, stays: it moves too little to tell anything, and with it the draws
    of all classes change.
    """
    log_d = math.log(point["d"])
    n, m = round(log_d), round(log_d / 4)
    regime = theorem_regime_values(point["d"], n, m, point["K"], point["p"])
    return {name: regime[name] for name in ("n", "m", "sigma_n", "sigma_0")}


def over_regime(point: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the regime ties to d for an over-pruned network.

    Its constants, which the theorem leaves free, make the noise loud and the start large: else so
    few neurons memorize one sample in place of another (Theory, section 11). epsilon falls like a
    power of log(d), so that the second term of T leads in law and bound.
    """
    log_d, d, K = math.log(point["d"]), point["d"], point["K"]
    n, m = round(log_d / 4), round(log_d / 5)
    p = over_pruning_p(d, m, K)
    regime = theorem_regime_values(d, n, m, K, p)
    return {
        "n": n,
        "m": m,
        "p": p,
        "sigma_n": 100 * regime["sigma_n"],
        "sigma_0": 30 * regime["sigma_0"],
        "eta": log_d**-4,
        "epsilon": log_d**-3,
    }


def _several(along: str, words: str, powers: Powers) -> Route:
    """Return a path along one parameter with the powers of all that move with it."""
    return Route(along, {name: Fraction(power) for name, power in powers.items()}, words)


def _start(strength: float, noise: str, **given: Any) -> Problem:
    """Return a problem with mu = 1 and noise of a strength sigma_n sqrt(p d)."""
    filled = {"K": 2, "mu": 1.0, "noise": noise, **given}
    return Problem(sigma_n=strength / math.sqrt(filled["p"] * filled["d"]), **filled)


# What is no size of the network moves far: the allowed slope, a logarithm's, stays as it is.
MILD_POWERS: dict[str, Powers] = {
    "n": {"n": 1, "mu": 8, "sigma_n": 8, "sigma_0": -7, "eta": -17, "epsilon": -8},
    "m": {"m": 1, "d": 12, "sigma_n": "-37/6", "sigma_0": -13, "eta": "-1/2", "epsilon": -4},
    "p": {
        "p": -1,
        "d": "2/3",
        "mu": -8,
        "sigma_n": "-53/6",
        "sigma_0": 9,
        "eta": 16,
        "epsilon": -2,
    },
}
OVER_POWERS: dict[str, Powers] = {
    "mu": {
        "mu": 1,
        "d": 2,
        "p": -1,
        "sigma_n": -1,
        "sigma_0": "-5/6",
        "eta": "-7/6",
        "epsilon": -1,
    },
    "n": {
        "n": 1,
        "K": "1/2",
        "p": "-1/2",
        "sigma_n": "1/3",
        "mu": 3,
        "sigma_0": "-3/2",
        "eta": -4,
    },
    "m": {"m": 1, "p": -1, "sigma_n": "1/2", "mu": 3, "sigma_0": -1, "eta": -4, "epsilon": -3},
}


def _mild() -> list[ExponentPath]:
    in_regime = Problem.theorem_regime(10**4, 9, 2, 2, 1.0)
    n, m, p = (MILD_POWERS[along] for along in "nmp")
    early = {"p": 1.0, "sigma_0": 1e-4, "eta": 0.01}
    late = {"sigma_0": 1e-3, "eta": 0.01}
    loud = _start(0.2, "orthogonal", d=10**12, n=4, m=8, p=1.0, **late)
    far = _start(0.2, "orthogonal", d=10**3, n=6, m=4, **early)
    wide = _start(0.2, "orthogonal", d=60, n=5, m=60, p=1.0, sigma_0=1e-5, eta=0.01)
    return [
        # the theorem itself: tests d and sigma_n. Dense, for then all its networks have one pattern
        # of masks and d may grow far. With n and m all draws change: it takes twice as many of them
        _path(
            _regime("n like log(d), m like log(d)/4"),
            in_regime,
            0.05,
            1e11,
            mild_regime,
            seeds_times=2,
        ),
        # n, and all that is no shape but d: the second term of T leads, which no start scatters,
        # and the masks stay. `no-noise` is loose there, for n SNR^3 grows with n
        _path(_several("n", "d, m, K, p fixed", n), loud, 1e-7, 6),
        # m, with the first term of T: d moves so far that the scatter is nothing beside it
        _path(_several("m", "n, K, p, mu fixed", m), far, 0.1, 9),
        # p, of many neurons: the best of those that see a signal scatters less. d moves a little,
        # for the logarithm that it allows is more than the scatter of `no-cross-signal`, of which
        # two draws in ten go beyond: 20 draws do not tell them from one in two
        _path(_several("p", "n, m, K fixed", p), wide, 1e-9, 8, engine="flow", seeds_times=2),
    ]


def _over() -> list[ExponentPath]:
    in_regime = Problem.theorem_regime(10**7, 4, 3, 2, 0.01)
    mu, n, m = (OVER_POWERS[along] for along in ("mu", "n", "m"))
    one = _start(3.3, "isotropic", d=10**9, n=5, m=6, p=3e-3, sigma_0=0.1, eta=1e-5)
    more = _start(10.0, "isotropic", d=10**12, n=4, m=8, p=3e-4, sigma_0=1e-3, eta=1e-6)
    wide = _start(10.0, "isotropic", d=10**9, n=4, m=4, p=5e-4, sigma_0=1e-2, eta=1e-6)
    tied = "n like log(d)/4, m like log(d)/5, p = 1/(K m log d)"
    own = ("over-pruning",)  # p falls alone: the path tests the power of p in T
    return [
        # the theorem itself, with constants of its own
        _path(_regime(tied), in_regime, 0.01, 1e8, over_regime),
        # all but n, m and K: one shape all along, so that hardly anything scatters
        _path(_several("mu", "n, m, K fixed", mu), one, 1e-8, 631, released=own),
        # n and K
        _path(_several("n", "d, m, epsilon fixed; p like 1/K", n), more, 1e-8, 4),
        # m
        _path(_several("m", "d, n, K fixed; p like 1/m", m), wide, 1e-6, 9),
    ]


def _regime(words: str) -> Route:
    return Route(
        "d", {"d": Fraction(1)}, f"{words}, and sigma_n and sigma_0 as the regime has them"
    )


def _path(
    route: Route,
    start: Problem,
    epsilon: float,
    end: float,
    ties: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None,
    **more: Any,
) -> ExponentPath:
    return ExponentPath(route, start, epsilon, end, len(AT), at=AT, ties=ties, **more)


DEFAULT_PATHS: dict[str, Callable[[], list[ExponentPath]]] = {
    "mild-pruning": _mild,
    "over-pruning": _over,
    **SIBLING_PATHS,
}


def default_paths(theorem: Theorem) -> list[ExponentPath]:
    """Return the paths of a theorem's check, the one in its regime first; none for another's."""
    paths = DEFAULT_PATHS.get(theorem.id, list)()
    return [released(theorem, one) for one in paths]
