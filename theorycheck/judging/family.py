"""Families of problems: paths along which one parameter moves and the rest is held or tied."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import bounds
from sims import Problem
from theorycheck.defaults import DEFAULTS, SIZES

MOST_STREAMED = 10**7  # beyond this d coordinates are not drawn one by one


@dataclass(frozen=True)
class Family:
    """A path of problems.

    Attributes
    ----------
    along : str
        The parameter that moves: a field of :class:`sims.Problem`, or "epsilon".
    problems : tuple of Problem
        The path, in its own direction; along epsilon alone the one problem that is run.
    tied : str
        What is held fixed and what moves along, in words.
    direction : {"up", "down"}
        Whether the parameter grows or falls along the path.
    released : tuple of str
        Ids of premises that the path may leave: one that moves a single parameter tests the
        exponents of the bounds, not the theorem.
    epsilons : tuple of float
        The training losses to stop at, one for each problem, where they move along; along epsilon
        alone those of the one problem. Empty where all runs stop at one.
    """

    along: str
    problems: tuple[Problem, ...]
    tied: str
    direction: Literal["up", "down"] = "up"
    released: tuple[str, ...] = ()
    epsilons: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Sort the path; refuse an empty one, a repeated size and an unknown parameter."""
        known = [field.name for field in fields(Problem) if field.name != "noise"]
        if self.along not in (*known, "epsilon"):
            allowed = ", ".join((*known, "epsilon"))
            raise ValueError(f"along must be one of {allowed}, got {self.along!r}")
        if self.direction not in ("up", "down"):
            raise ValueError(f"direction must be up or down, got {self.direction!r}")
        if not self.problems:
            raise ValueError("problems must hold at least one Problem, got none")
        self._check_epsilons()
        if len(set(self.sizes)) < len(self.sizes):
            raise ValueError(
                f"every size must be there once, got {self.along} = {list(self.sizes)}"
            )
        down = self.direction == "down"
        if self._has_one_problem:
            object.__setattr__(self, "epsilons", tuple(sorted(self.epsilons, reverse=down)))
            return
        # a stable sort by the size alone: what moves along goes with it
        order = sorted(range(len(self.problems)), key=self.sizes.__getitem__, reverse=down)
        problems = tuple(self.problems[place] for place in order)
        object.__setattr__(
            self, "epsilons", tuple(self.epsilons[i] for i in order if self.epsilons)
        )
        object.__setattr__(self, "problems", problems)

    @property
    def _has_one_problem(self) -> bool:
        return self.along == "epsilon" and len(self.problems) == 1

    def _check_epsilons(self) -> None:
        given = f"got epsilons = {self.epsilons!r} along {self.along}"
        if self.along == "epsilon" and not self.epsilons:
            raise ValueError(f"epsilons must be given along epsilon, {given}")
        count = len(self.problems)
        if self.epsilons and not self._has_one_problem and len(self.epsilons) != count:
            raise ValueError(
                f"epsilons must hold one number for each of {count} problems, or none, {given}"
            )
        if not all(math.isfinite(epsilon) and epsilon > 0 for epsilon in self.epsilons):
            raise ValueError(f"epsilons must be finite numbers greater than 0, {given}")

    @property
    def points(self) -> tuple[tuple[Problem, float | None], ...]:
        """The problems of the path with the epsilon that each is run to; None where it stays."""
        if not self.epsilons:
            return tuple((problem, None) for problem in self.problems)
        problems = self.problems * len(self.epsilons) if self._has_one_problem else self.problems
        return tuple(zip(problems, self.epsilons, strict=True))

    @property
    def sizes(self) -> tuple[float, ...]:
        """The values of the parameter, in the order of the path."""
        if self.along == "epsilon":
            return self.epsilons
        return tuple(self.size(problem) for problem in self.problems)

    def size(self, problem: Problem, epsilon: float = math.nan) -> float:
        """Return the value of the parameter that moves."""
        return float(epsilon if self.along == "epsilon" else getattr(problem, self.along))

    def progress(self, problem: Problem, epsilon: float = math.nan) -> float:
        """Return how far along the path a problem stands: the size, or 1 / size going down."""
        size = self.size(problem, epsilon)
        return size if self.direction == "up" else 1 / size


def mild_family(
    d: int | Sequence[int] = SIZES,
    *,
    n: int = DEFAULTS["n"],
    m: int = DEFAULTS["m"],
    K: int = DEFAULTS["K"],
    p: float = DEFAULTS["p"],
    **regime: Any,
) -> Family:
    """Return a family of d in the theorem regime at a mild, fixed p (Theory, section 6).

    Parameters
    ----------
    d : int or sequence of int
        The sizes.
    n, m, K, p
        Held fixed, as in :class:`sims.Problem`.
    **regime
        Passed on to :meth:`sims.Problem.theorem_regime`: mu, eta, q, noise.

    Returns
    -------
    Family
        The path along d.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.
    """
    problems = tuple(Problem.theorem_regime(size, n, m, K, p, **regime) for size in _sizes(d))
    return Family("d", problems, "n, m, K, p fixed; sigma_n tied to d by the theorem regime")


def over_family(
    d: int | Sequence[int] = SIZES,
    *,
    n: int = DEFAULTS["n"],
    m: int = DEFAULTS["m"],
    K: int = DEFAULTS["K"],
    **regime: Any,
) -> Family:
    """Return a family of d in the theorem regime at p = 1 / (K m log d) (Theory, section 7).

    Parameters
    ----------
    d : int or sequence of int
        The sizes.
    n, m, K
        Held fixed, as in :class:`sims.Problem`.
    **regime
        Passed on to :meth:`sims.Problem.theorem_regime`: mu, eta, q, noise.

    Returns
    -------
    Family
        The path along d.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.
    """
    dense = [Problem.theorem_regime(size, n, m, K, 1.0, **regime) for size in _sizes(d)]
    problems = tuple(replace(one, p=bounds.over_pruning_p(one.d, m, K)) for one in dense)
    return Family("d", problems, "n, m, K fixed; p = 1/(K m log d), sigma_n tied to d")


def _sizes(d: int | Sequence[int]) -> Sequence[int]:
    """Return the sizes that are meant; one number is a path of one size."""
    return d if isinstance(d, Iterable) else [d]


def engine_for(family: Family, engine: str = "auto") -> str:
    """Return the engine that every run of a family uses.

    "gram-law" instead of "auto" where some d is too large to be streamed: it draws networks of its
    own, so that one family never mixes it with the others.
    """
    if engine == "auto" and max(problem.d for problem in family.problems) > MOST_STREAMED:
        return "gram-law"
    return engine


BUILT_IN = {"mild-pruning": mild_family, "over-pruning": over_family}
