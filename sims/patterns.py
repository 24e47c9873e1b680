"""How many patterns of masks there are, and whether they can be drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sims.problem import Problem

LARGEST_WORK = 4e9  # Gaussians drawn, at most; about a minute
LARGEST_DIMENSION = 10**15


@dataclass(frozen=True)
class Level:
    """All coordinates beyond the signals' that exactly k neurons keep.

    Attributes
    ----------
    k : int
        How many neurons keep each.
    coordinates : int
        How many coordinates there are.
    patterns : int
        Number of sets of k neurons.
    columns : int
        At most so many columns stand for them.
    """

    k: int
    coordinates: int
    patterns: int
    columns: int

    @property
    def compressed(self) -> bool:
        """Whether patterns are enumerated, rather than coordinates drawn one by one."""
        return self.columns < self.coordinates


def levels(problem: Problem) -> list[Level]:
    """Return what to expect at every number k of keeping neurons, k >= 1.

    Parameters
    ----------
    problem : Problem
        What is to be drawn.

    Returns
    -------
    list of Level
        Expected numbers of coordinates, and of the columns that will stand for them.
    """
    from scipy.stats import binom

    neurons = problem.K * problem.m
    shares = binom.pmf(np.arange(neurons + 1), neurons, problem.p)
    expected = np.ceil(shares * (problem.d - problem.K) - 1e-9)
    return [
        level_of(problem, k, int(expected[k])) for k in range(1, neurons + 1) if expected[k] > 0
    ]


def level_of(problem: Problem, k: int, coordinates: int) -> Level:
    """Return the level of k neurons with so many coordinates."""
    patterns = math.comb(problem.K * problem.m, k)
    return Level(k, coordinates, patterns, min(coordinates, patterns * (problem.n + k)))


def check_feasible(problem: Problem) -> None:
    """Raise a ValueError where the patterns of the masks are too many to draw.

    Parameters
    ----------
    problem : Problem
        What is to be drawn.

    Raises
    ------
    ValueError
        If more than ``LARGEST_WORK`` Gaussians would have to be drawn.
    """
    if problem.d > LARGEST_DIMENSION:
        raise ValueError(f"d must be at most 10^15 for engine 'gram-law', got {problem.d!r}")
    found = levels(problem)
    work = sum(level.columns * (problem.n + level.k) for level in found)
    if work > LARGEST_WORK:
        patterns = sum(level.patterns for level in found)
        raise ValueError(
            f"engine 'gram-law' meets about {patterns:.1e} mask patterns at K m = "
            f"{problem.K * problem.m}, p = {problem.p:g}, d = {problem.d:.0e} and would draw "
            f"{work:.1e} numbers of at most {LARGEST_WORK:.0e}; at moderate n, K m <= 14 fits "
            "at any p, p = 1 at any K m, and K m p <= 1/2 up to d = 10^9"
        )
