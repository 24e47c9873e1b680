"""Families of problems: paths along which one parameter grows and the rest is held or tied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import bounds
from sims import Problem

SIZES = (2000, 20000, 200000)


@dataclass(frozen=True)
class Family:
    """A path of problems.

    Attributes
    ----------
    along : str
        The parameter that grows, a field of :class:`sims.Problem`.
    problems : tuple of Problem
        The path, in the order of that parameter.
    tied : str
        What is held fixed and what moves along, in words.
    """

    along: str
    problems: tuple[Problem, ...]
    tied: str

    def __post_init__(self) -> None:
        """Sort the path; refuse an empty one, a repeated size and an unknown parameter."""
        known = [field.name for field in fields(Problem) if field.name != "noise"]
        if self.along not in known:
            raise ValueError(f"along must be one of {', '.join(known)}, got {self.along!r}")
        if not self.problems:
            raise ValueError("problems must hold at least one Problem, got none")
        sizes = [self.size(problem) for problem in self.problems]
        if len(set(sizes)) < len(sizes):
            raise ValueError(f"every size must be there once, got {self.along} = {sizes}")
        ordered = sorted(self.problems, key=self.size)
        object.__setattr__(self, "problems", tuple(ordered))

    def size(self, problem: Problem) -> float:
        """Return where a problem stands on the path."""
        return float(getattr(problem, self.along))


def mild_family(
    d: Sequence[int] = SIZES,
    *,
    n: int = 30,
    m: int = 20,
    K: int = 2,
    p: float = 0.5,
    **regime: Any,
) -> Family:
    """Return a family of d in the theorem regime at a mild, fixed p (Theory, section 6).

    Parameters
    ----------
    d : sequence of int
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
    problems = tuple(Problem.theorem_regime(size, n, m, K, p, **regime) for size in d)
    return Family("d", problems, "n, m, K, p fixed; sigma_n tied to d by the theorem regime")


def over_family(
    d: Sequence[int] = SIZES, *, n: int = 30, m: int = 20, K: int = 2, **regime: Any
) -> Family:
    """Return a family of d in the theorem regime at p = 1 / (K m log d) (Theory, section 7).

    Parameters
    ----------
    d : sequence of int
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
    dense = [Problem.theorem_regime(size, n, m, K, 1.0, **regime) for size in d]
    problems = tuple(replace(one, p=bounds.over_pruning_p(one.d, m, K)) for one in dense)
    return Family("d", problems, "n, m, K fixed; p = 1/(K m log d), sigma_n tied to d")


BUILT_IN = {"mild-pruning": mild_family, "over-pruning": over_family}
