"""Which neurons keep a coordinate: the patterns of the masks, and how many there are of each.

A pattern is the set of k of the K m neurons, k >= 1, that keep a coordinate. Patterns of equal k
are equally likely, so the numbers of coordinates of all patterns are drawn level by level.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations, islice
from typing import Any

import numpy as np

from sims.arrays import Floats, Integers
from sims.problem import Problem
from sims.signals import signal_coordinates

LARGEST_WORK = 4e9  # Gaussians drawn, at most; about a minute
LARGEST_DIMENSION = 10**15
MOST_SIGNALS = 2**14  # coordinates of signals, drawn one by one
MOST_KEPT = 2**14  # patterns of one problem that are kept for the next one
SPARSE = 16  # sparse matrices pay where less than one neuron in so many keeps a coordinate


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
    def enumerated(self) -> bool:
        """Whether all patterns are gone through, rather than each coordinate draws its own."""
        return self.patterns <= self.coordinates

    def sparse(self, neurons: int) -> bool:
        """Whether few of all neurons keep each."""
        return SPARSE * self.k <= neurons


@dataclass(frozen=True, eq=False)
class Members:
    """B patterns side by side, over the neurons that occur in them.

    Attributes
    ----------
    neurons : (H,) int array
        The neurons that occur, counted ``j * m + r``, rising.
    kept : (H, B) array
        1 where a neuron is in a pattern, 0 elsewhere; a ``csr_array`` where few are.
    """

    neurons: Integers
    kept: Any


@lru_cache(maxsize=1024)
def level_shares(neurons: int, p: float) -> Floats:
    """Return the probabilities that 0, 1, .., K m neurons keep a coordinate."""
    from scipy.stats import binom

    shares: Floats = binom.pmf(np.arange(neurons + 1), neurons, p)
    shares.flags.writeable = False
    return shares


def expected_levels(problem: Problem) -> list[Level]:
    """Return what to expect at every number k of keeping neurons, k >= 1."""
    shares = level_shares(problem.K * problem.m, problem.p)
    expected = np.ceil(shares * (problem.d - signal_coordinates(problem)) - 1e-9)
    return _levels(problem, expected.astype(int))


def draw_levels(problem: Problem, counting: np.random.Generator) -> list[Level]:
    """Draw how many coordinates each number k of neurons keeps, k >= 1."""
    shares = level_shares(problem.K * problem.m, problem.p)
    others = problem.d - signal_coordinates(problem)
    return _levels(problem, counting.multinomial(others, shares / shares.sum()))


def _levels(problem: Problem, coordinates: Integers) -> list[Level]:
    neurons, found = problem.K * problem.m, []
    for k, count in enumerate(coordinates.tolist()):
        if k > 0 and count > 0:
            patterns = math.comb(neurons, k)
            found.append(Level(k, count, patterns, min(count, patterns * (problem.n + k))))
    return found


def check_feasible(problem: Problem) -> None:
    """Raise a ValueError where more than ``LARGEST_WORK`` Gaussians would have to be drawn."""
    if problem.directions is not None or signal_coordinates(problem) > MOST_SIGNALS:
        raise ValueError(
            f"engine 'gram-law' draws the coordinates of the signals one by one, K support <= "
            f"{MOST_SIGNALS} of them and none of given directions, got {problem.support!r} a "
            f"signal and directions {problem.directions!r}"
        )
    if problem.d > LARGEST_DIMENSION:
        raise ValueError(f"d must be at most 10^15 for engine 'gram-law', got {problem.d!r}")
    if problem.pruning != "random" and problem.p < 1:
        raise ValueError(
            f"pruning must be 'random' for the law of the Gram matrices, got {problem.pruning!r}"
        )
    found = expected_levels(problem)
    work = sum(level.columns * (problem.n + level.k) for level in found)
    if work > LARGEST_WORK:
        patterns = sum(level.patterns for level in found)
        raise ValueError(
            f"engine 'gram-law' meets about {patterns:.1e} mask patterns at K m = "
            f"{problem.K * problem.m}, p = {problem.p:g}, d = {problem.d:.0e} and would draw "
            f"{work:.1e} numbers of at most {LARGEST_WORK:.0e}; at moderate n, K m <= 14 fits "
            "at any p, p = 1 at any K m, and K m p <= 1/2 up to d = 10^9"
        )


def enumerate_members(
    neurons: int, sizes: Sequence[int], width: int, sparse: bool
) -> Iterator[Members]:
    """Yield all patterns of the given numbers of neurons, ``width`` at a time."""
    if sum(math.comb(neurons, k) for k in sizes) <= MOST_KEPT:
        yield from _few_members(neurons, tuple(sizes), width, sparse)
    else:
        yield from _members_of_all(neurons, sizes, width, sparse)


@lru_cache(maxsize=16)
def _few_members(neurons: int, sizes: tuple[int, ...], width: int, sparse: bool) -> list[Members]:
    return list(_members_of_all(neurons, sizes, width, sparse))


def _members_of_all(
    neurons: int, sizes: Sequence[int], width: int, sparse: bool
) -> Iterator[Members]:
    patterns = chain.from_iterable(combinations(range(neurons), k) for k in sizes)
    while some := list(islice(patterns, width)):
        lengths = [len(pattern) for pattern in some]
        flat = np.fromiter(chain.from_iterable(some), int, sum(lengths))
        yield members_of(flat, np.repeat(np.arange(len(some)), lengths), len(some), sparse)


def draw_members(
    neurons: int, level: Level, width: int, counting: np.random.Generator
) -> Iterator[Members]:
    """Draw the pattern of every coordinate of a level, ``width`` at a time."""
    k, sparse = level.k, level.sparse(neurons)
    for start in range(0, level.coordinates, width):
        here = min(width, level.coordinates - start)
        chosen = _random_subsets(neurons, k, here, counting)
        yield members_of(chosen.ravel(), np.repeat(np.arange(here), k), here, sparse)


def _random_subsets(neurons: int, k: int, width: int, counting: np.random.Generator) -> Integers:
    """Draw ``width`` uniform subsets of k neurons, in rows (Floyd's algorithm)."""
    chosen = np.empty((width, k), int)
    for place, largest in enumerate(range(neurons - k, neurons)):
        candidate = counting.integers(largest + 1, size=width)
        taken = (chosen[:, :place] == candidate[:, None]).any(axis=1)
        chosen[:, place] = np.where(taken, largest, candidate)
    return chosen


def repeat(members: Members, times: Integers) -> Members:
    """Return each pattern so many times, side by side."""
    chosen = np.repeat(np.arange(len(times)), times)
    return Members(members.neurons, members.kept[:, chosen])


def members_of(neurons: Integers, patterns: Integers, width: int, sparse: bool) -> Members:
    """Turn pairs of a neuron and one of ``width`` patterns that has it into :class:`Members`."""
    occurs = np.bincount(neurons) > 0
    row = np.cumsum(occurs) - 1
    shape = (int(row[-1]) + 1, width)
    if sparse:
        from scipy.sparse import csr_array

        kept = csr_array((np.ones(len(neurons)), (row[neurons], patterns)), shape)
    else:
        kept = np.zeros(shape)
        kept[row[neurons], patterns] = 1.0
    return Members(np.flatnonzero(occurs), kept)
