"""The paths on which the exponents of a bound are tested: one parameter at a time, far.

A path that moves one parameter alone leaves the regime of the theorem, which ties sigma_0 to m and
sigma_n to d: it tests the bound as it is written, term by term, and not the theorem. Where each
path starts is chosen so that the leading term of the laws (Theory, section 9) leads on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bounds import Theorem
from bounds.paths import PATHS, Route
from sims import Problem
from theorycheck.judging.family import Family
from theorycheck.judging.paths.premises import regime_left
from theorycheck.judging.table import Point, points_of


@dataclass(frozen=True)
class ExponentPath:
    """One path with the problems on it.

    Attributes
    ----------
    path : bounds.paths.Route
        What moves.
    start : Problem
        The problem at its start.
    epsilon : float
        Training loss to stop at; where the path starts, along epsilon.
    end : float
        The progress at its end: the factor by which the parameter has moved.
    sizes : int
        Number of sizes, spaced evenly in the logarithm and rounded where whole numbers are needed.
    engine : str
        As in :func:`sims.simulate`.
    released : tuple of str
        Ids of the premises that the path leaves.
    at : tuple of float
        Where the sizes lie, as shares of the decades of the path; evenly where left out.
    ties : callable, optional
        What else moves along, as no power does: told the parameters on the path, it returns those
        that it changes.
    seeds_times : int
        How many times as many seeds as elsewhere: a short path needs more, for its slopes scatter.
    """

    path: Route
    start: Problem
    epsilon: float
    end: float
    sizes: int
    engine: str = "gram-law"
    released: tuple[str, ...] = ()
    seeds_times: int = 1
    at: tuple[float, ...] = ()
    ties: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The parameters at the start, epsilon among them."""
        return {**self.start.parameters(), "epsilon": self.epsilon}

    @property
    def family(self) -> Family:
        """The path as a family of problems."""
        even = np.geomspace(1, self.end, self.sizes)
        progress = [self.end**share for share in self.at] or even
        along, down = self.path.along, self.path.direction == "down"
        points = dict.fromkeys(map(self._point, progress))
        problems, epsilons = zip(*points, strict=True)
        return Family(
            along,
            problems[:1] if set(self.path.powers) == {"epsilon"} else problems,
            self.path.tied,
            direction="down" if down else "up",
            released=self.released,
            epsilons=epsilons if len(set(epsilons)) > 1 else (),
        )

    def _point(self, x: float) -> Point:
        """Return the problem at progress x, with whole numbers rounded, and its epsilon."""
        moved = self.path.point(self.values, x)
        moved |= {name: round(moved[name]) for name in ("d", "n", "m", "K")}
        if self.path.along == "K":  # n/K as it is at the start, K being rounded
            moved["n"] = round(moved["K"] * self.start.n / self.start.K)
        if self.ties:
            moved |= self.ties(moved)
        return Problem(**{name: moved[name] for name in moved if name != "epsilon"}), moved[
            "epsilon"
        ]


def _start(snr: float, noise: str, **given: Any) -> Problem:
    """Return a problem with mu = 1 and a signal-to-noise ratio mu / (sigma_n sqrt(d))."""
    filled = {"n": 10, "m": 6, "K": 2, "p": 1.0, "sigma_0": 1e-5, "eta": 0.01, **given}
    return Problem(mu=1.0, sigma_n=1 / (snr * math.sqrt(filled["d"])), noise=noise, **filled)


def _signal(**given: Any) -> Problem:
    # orthogonal: at a fixed d the overlap of noise and signal outgrows claim 4 as sigma_0 falls
    return _start(20.0, "orthogonal", **{"d": 10**6, **given})


def _noise(**given: Any) -> Problem:
    return _start(20.0, "isotropic", **{"d": 10**10, "p": 2e-3, "sigma_0": 1e-4, **given})


def mild_paths() -> list[ExponentPath]:
    """Return the paths for a theorem in whose event every class is learnable."""
    dense = _start(20.0, "isotropic", d=10**6, sigma_0=1e-4)
    many = _start(6.0, "orthogonal", d=500, m=600, sigma_0=1e-2)
    wide = _start(6.0, "orthogonal", d=200, m=10, sigma_0=1e-6)
    few = {"n": 12, "sigma_0": 1e-6}
    return [
        ExponentPath(PATHS["d"], dense, 0.05, 1e8, 9),
        ExponentPath(PATHS["n"], _signal(d=10**4), 1e-6, 32, 7),
        ExponentPath(PATHS["m"], wide, 0.05, 64, 5, seeds_times=2),
        ExponentPath(PATHS["K"], _signal(d=10**4, m=30, **few), 0.01, 6, 6, seeds_times=3),
        ExponentPath(PATHS["p"], many, 1e-6, 30, 5, "flow"),
        ExponentPath(PATHS["mu"], _signal(sigma_0=1e-9, eta=1e-6), 0.05, 100, 7),
        ExponentPath(PATHS["sigma_0"], _signal(sigma_0=1e-3), 0.05, 1e8, 9),
        ExponentPath(PATHS["eta"], _signal(eta=0.1), 0.05, 1e6, 7),
        ExponentPath(PATHS["epsilon"], _signal(n=30, sigma_0=1e-2), 0.01, 1e10, 9),
    ]


def over_paths() -> list[ExponentPath]:
    """Return the paths for a theorem in whose event only noise is left to memorize."""
    wide = {"d": 10**9, "p": 3e-5}
    loud = replace(_noise(sigma_0=1e-2), sigma_n=0.3 / math.sqrt(2e-3 * 1e10))
    return [
        ExponentPath(PATHS["d"], _noise(d=10**6), 0.01, 1e8, 7),
        ExponentPath(PATHS["n"], _noise(d=10**8, p=1e-4, m=100, n=6), 1e-6, 6, 7),
        ExponentPath(PATHS["m"], _noise(**wide, m=10), 0.01, 32, 7),
        ExponentPath(PATHS["K"], _noise(**wide, m=20, n=12), 1e-3, 4, 5),
        ExponentPath(PATHS["p"], _noise(p=1e-2), 0.01, 1e3, 7),
        ExponentPath(PATHS["mu"], _noise(eta=1e-6), 0.01, 100, 5),
        # a small eta would take t* at the last sizes beyond what the flow follows
        ExponentPath(PATHS["sigma_0"], _noise(sigma_0=1e-3, eta=1.0), 0.01, 1e8, 7),
        ExponentPath(PATHS["eta"], _noise(eta=0.1), 0.01, 1e5, 6),
        ExponentPath(PATHS["epsilon"], loud, 0.01, 1e10, 9),
    ]


# By the event of the theorem: what its claims speak of must be there on the paths.
EXPONENT_PATHS: dict[str, Callable[[], list[ExponentPath]]] = {
    "every-draw": mild_paths,
    "learnable": mild_paths,
    "memorizable": over_paths,
    "captured": over_paths,
}


def chosen_paths(theorem: Theorem, along: Sequence[str] = ()) -> list[ExponentPath]:
    """Return the paths for a theorem."""
    paths = EXPONENT_PATHS.get(theorem.inside, mild_paths)()
    known = [one.path.along for one in paths]
    for name in along:
        if name not in known:
            raise ValueError(f"along must be of {', '.join(known)}, got {name!r}")
    return [released(theorem, one) for one in paths if not along or one.path.along in along]


def released(theorem: Theorem, path: ExponentPath) -> ExponentPath:
    """Let a path leave, besides what it names, the constants of the regime that it must."""
    left = regime_left(theorem, path.family, points_of(path.family, path.epsilon))
    return replace(path, released=tuple(dict.fromkeys((*path.released, *left))))
