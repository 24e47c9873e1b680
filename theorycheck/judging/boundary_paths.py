"""The paths on which a boundary is judged: across it, and along it one other symbol at a time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bounds import Boundary
from bounds.compiled import CannotEvaluate
from bounds.evaluation import NotDefined
from sims import Problem
from sims.engines import ENGINES

ACROSS = ("sigma_n", "mu", "p", "sigma_0", "eta")  # real numbers, the likeliest to cross by first
WHOLE = ("d", "n", "m", "K")
LEAST_SIZES = 3
STEPS = 60  # of the search for an index; a power law takes two
CLOSE = 1e-9  # in the logarithm of the index
# By which factors the default path moves each symbol: decades where a run costs no more for it.
FACTORS: dict[str, tuple[float, ...]] = {
    "d": (1, 1e2, 1e4),
    "n": (1, 2.8, 8),
    "m": (1, 2.8, 8),
    "K": (1, 1.5, 2),
    "p": (1, 0.5, 0.25),
    "sigma_0": (1, 1e-1, 1e-2),
    "eta": (1, 1e-1, 1e-2),
}
ALWAYS = ("d", "n", "m")  # moved along a boundary whose index does not name them, too


@dataclass(frozen=True)
class BoundaryPaths:
    """Where a boundary is looked for.

    Attributes
    ----------
    start : Problem
        The problem that all paths start from.
    across : str
        The symbol by which the boundary is crossed, one of sigma_n, mu, p, sigma_0 and eta.
    along : mapping of str to tuple of float
        For each other symbol that moves along the boundary its sizes, three or more, from that of
        the start on. The symbol of `across` moves with it, so that the index stays.
    epsilon : float
        Training loss at which a run ends.
    engine : str
        As in :func:`sims.simulate`.
    """

    start: Problem
    across: str
    along: Mapping[str, tuple[float, ...]] = field(hash=False)
    epsilon: float
    engine: str = "gram-law"

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if self.across not in ACROSS:
            raise ValueError(f"across must be one of {', '.join(ACROSS)}, got {self.across!r}")
        if not (math.isfinite(self.epsilon) and self.epsilon > 0):
            raise ValueError(f"epsilon must be a finite number > 0, got {self.epsilon!r}")
        if self.engine not in ENGINES:
            raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {self.engine!r}")
        if not self.along:
            raise ValueError("along must name at least one symbol, got none")
        for name, sizes in self.along.items():
            self._check(name, tuple(sizes))

    def _check(self, name: str, sizes: tuple[float, ...]) -> None:
        if name == self.across or name not in (*WHOLE, *ACROSS):
            allowed = ", ".join(one for one in (*WHOLE, *ACROSS) if one != self.across)
            raise ValueError(f"along must name symbols among {allowed}, got {name!r}")
        first = getattr(self.start, name)
        if len(sizes) < LEAST_SIZES or sizes[0] != first or _progress(sizes) is None:
            raise ValueError(
                f"along must hold {LEAST_SIZES} sizes of {name} or more, from {first:g} of the "
                f"start steadily up or down, got {sizes!r}"
            )

    @property
    def places(self) -> tuple[Place, ...]:
        """The start, and every further size along every symbol."""
        further = (Place(name, size) for name, sizes in self.along.items() for size in sizes[1:])
        return (START, *further)

    def along_places(self, name: str) -> tuple[Place, ...]:
        """Return the places along one symbol, the start first."""
        return (START, *(Place(name, size) for size in self.along[name][1:]))

    def at(self, place: Place) -> Problem:
        """Return the problem at a place, the symbol that crosses as it is at the start."""
        if place == START:
            return self.start
        size = round(place.size) if place.symbol in WHOLE else place.size
        moved: dict[str, Any] = {place.symbol: size}
        return replace(self.start, **moved)


@dataclass(frozen=True)
class Place:
    """A point along a boundary: which symbol has moved from the start, and to which size."""

    symbol: str
    size: float


START = Place("", 0.0)  # which moves nothing


def progress_along(sizes: tuple[float, ...]) -> list[float]:
    """Return how far along a path its sizes lie, rising from 1."""
    found = _progress(sizes)
    assert found is not None  # paths are checked when they are made
    return found


def _progress(sizes: tuple[float, ...]) -> list[float] | None:
    """Return the progress of sizes that rise or fall steadily; None of others."""
    if not all(math.isfinite(size) and size > 0 for size in sizes):
        return None
    up = [size / sizes[0] for size in sizes]
    for progress in (up, [1 / one for one in up]):
        if all(before < after for before, after in itertools.pairwise(progress)):
            return progress
    return None


def paths_of(boundaries: Mapping[str, Boundary], given: Any, path: str) -> dict[str, BoundaryPaths]:
    """Return the paths of every boundary: the module's, or those that its index asks for."""
    named = isinstance(given, Mapping) and all(
        isinstance(one, BoundaryPaths) and key in boundaries for key, one in given.items()
    )
    if not named:
        raise ValueError(
            f"BOUNDARY_PATHS in {path} must map ids of boundaries to theorycheck.BoundaryPaths, "
            f"got {given!r}"
        )
    return {
        id: given[id] if id in given else default_paths(boundary)
        for id, boundary in boundaries.items()
    }


def default_paths(boundary: Boundary) -> BoundaryPaths:
    """Return the paths of a boundary whose module brings none, by the symbols of its index.

    In the regime where the race between signal and noise is decided by the draw: dense networks,
    orthogonal noise and small starts, epsilon below log(K) / (2 n) at every n.
    """
    named = {symbol.name for symbol in boundary.index.free_symbols}
    start = Problem(d=10**10, n=10, m=10, K=2, p=1.0, mu=1.0, sigma_n=5e-6, sigma_0=1e-4,
                    eta=0.1, noise="orthogonal")  # fmt: skip
    across = next((name for name in ACROSS if name in named), None)
    if across is None:
        raise ValueError(
            f"the index of boundary {boundary.id!r} must hold one of {', '.join(ACROSS)} to be "
            f"crossed by, got {boundary.index}"
        )
    moved = [name for name in FACTORS if name in (named | set(ALWAYS)) - {across}]
    along = {name: tuple(_sizes(getattr(start, name), name)) for name in moved}
    most = max(along.get("n", (start.n,)))
    dense = "p" not in (*moved, across)
    return BoundaryPaths(
        start if dense else replace(start, d=4000, sigma_n=1 / math.sqrt(4000)),
        across,
        along if dense else {name: sizes for name, sizes in along.items() if name != "d"},
        math.log(start.K) / (2 * most),
        "gram-law" if dense else "auto",
    )


def _sizes(first: float, name: str) -> Iterator[float]:
    for factor in FACTORS[name]:
        yield round(first * factor) if name in WHOLE else first * factor


def problem_at(boundary: Boundary, paths: BoundaryPaths, place: Place, index: float) -> Problem:
    """Return the problem at a place whose index is a given one, by the symbol that crosses.

    Raises
    ------
    ValueError
        If the index does not depend on that symbol there, or the problem leaves its domain.
    """
    base = paths.at(place)
    values = {**base.parameters(), "epsilon": paths.epsilon}
    moved: dict[str, Any] = {paths.across: _solve(boundary, values, paths.across, index)}
    try:
        return replace(base, **moved)
    except ValueError as error:
        raise ValueError(
            f"boundary {boundary.id!r} cannot be crossed at index {index:.3g} by {paths.across}: "
            f"{error}"
        ) from error


def _solve(boundary: Boundary, values: Mapping[str, Any], name: str, index: float) -> float:
    """Return the value of a symbol at which the index is a given one, by secants in logarithms."""
    where = f"the index of boundary {boundary.id!r}"
    target = math.log(index)

    def excess(log_value: float) -> float:
        try:
            at = {**values, name: math.exp(log_value)}
            return boundary.evaluate(at, log=True) - target
        except (NotDefined, CannotEvaluate, OverflowError) as error:
            raise ValueError(f"{where} must have a value above 0 on its paths: {error}") from error

    before = math.log(values[name])
    x, f_before = before - 1e-3, excess(before)
    for _ in range(STEPS):
        here = excess(x)
        if abs(here) <= CLOSE:
            return math.exp(x)
        if here == f_before:
            raise ValueError(f"{where} must depend on {name}, by which it is crossed")
        before, x, f_before = x, x - here * (x - before) / (here - f_before), here
    raise ValueError(f"{where} must reach {index:.3g} as {name} moves, and does not")
