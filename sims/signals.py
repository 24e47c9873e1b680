"""Where the signals lie: each on one coordinate, with a sign (Theory, sections 2 and 12)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sims.arrays import Floats, Integers
from sims.problem import Problem


class Axes(NamedTuple):
    """The directions of the signals, ``mu_k = mu s_k e_{c_k}``.

    Attributes
    ----------
    coordinates : (K,) int array
        c_k, the coordinate of each signal.
    signs : (K,) array
        s_k, 1 or -1.
    """

    coordinates: Integers
    signs: Floats


class Seen(NamedTuple):
    """The signals whose coordinates lie in a block, S of them: numbers, places in it, and signs."""

    signals: Integers
    places: Integers
    signs: Floats


def axes(problem: Problem) -> Axes:
    """Return where the signals lie: on axes of their own, or opposite to each other on one."""
    if problem.signals == "antipodal":
        return Axes(np.zeros(2, int), np.array([1.0, -1.0]))
    return Axes(np.arange(problem.K), np.ones(problem.K))


def signal_coordinates(problem: Problem) -> int:
    """Return how many coordinates the signals lie on: the first ones."""
    return 1 if problem.signals == "antipodal" else problem.K


def seen(problem: Problem, start: int, stop: int) -> Seen:
    """Return the signals on coordinates ``start`` to ``stop``."""
    coordinates, signs = axes(problem)
    here = np.flatnonzero((coordinates >= start) & (coordinates < stop))
    return Seen(here, coordinates[here] - start, signs[here])


def signals(problem: Problem) -> Floats:
    """Return the signals ``mu_k`` as rows of a ``(K, d)`` array, unit X."""
    rows = np.zeros((problem.K, problem.d))
    coordinates, signs = axes(problem)
    rows[np.arange(problem.K), coordinates] = problem.mu * signs
    return rows


def directions_gram(problem: Problem) -> Floats:
    """Return ``<mu_k, mu_l> / mu^2``, a ``(K, K)`` array: 1, -1 or 0."""
    coordinates, signs = axes(problem)
    together = coordinates[:, None] == coordinates
    return np.where(together, signs[:, None] * signs, 0.0)


def add_signals(weights: Floats, factors: Floats, where: Seen) -> None:
    """Add ``factors (K, m, K)`` times the unit vectors of signals to weights ``(K, m, B)``."""
    for signal, place, sign in zip(*where, strict=True):  # two may have one place
        weights[:, :, place] += sign * factors[:, :, signal]
