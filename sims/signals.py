"""Where the signals lie: on one coordinate each, with a sign, or spread over more of them.

The signal of class k is ``mu u_k``, u_k a unit vector (Theory, sections 2, 12 and 13). Where every
signal lies on one coordinate, products with it are read off rather than summed up.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sims.arrays import Floats, Integers
from sims.problem import Problem

SIGNS = 13  # names the random signs of spread signals, the same for every seed


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


def concentrated(problem: Problem) -> bool:
    """Tell whether every signal lies on one coordinate."""
    return problem.support == 1 and problem.directions is None


def axes(problem: Problem) -> Axes:
    """Return where concentrated signals lie: on axes of their own, or opposite on one."""
    if problem.signals == "antipodal":
        return Axes(np.zeros(2, int), np.array([1.0, -1.0]))
    return Axes(np.arange(problem.K), np.ones(problem.K))


def signal_coordinates(problem: Problem) -> int:
    """Return how many coordinates the signals lie on: the first ones."""
    if problem.directions is not None:
        return problem.directions.reach
    return 1 if problem.signals == "antipodal" else problem.K * problem.support


def seen(problem: Problem, start: int, stop: int) -> Seen:
    """Return the concentrated signals on coordinates ``start`` to ``stop``."""
    coordinates, signs = axes(problem)
    here = np.flatnonzero((coordinates >= start) & (coordinates < stop))
    return Seen(here, coordinates[here] - start, signs[here])


def unit_signals(problem: Problem, start: int, stop: int) -> Floats:
    """Return the directions u_k on coordinates ``start`` to ``stop``, up to the signals' last."""
    stop = min(stop, signal_coordinates(problem))
    if problem.directions is not None:
        return problem.directions.vectors[:, start:stop]
    if problem.support > 1:
        return _supported(problem.K, problem.support)[:, start:stop]
    rows = np.zeros((problem.K, max(stop - start, 0)))
    here, places, signs = seen(problem, start, stop)
    rows[here, places] = signs
    return rows


@lru_cache(maxsize=8)
def _supported(K: int, support: int) -> Floats:
    """Return vectors on supports one after the other, with random signs: (K, K support)."""
    signs = np.random.default_rng(SIGNS).integers(2, size=(K, support)) * 2.0 - 1.0
    rows = np.zeros((K, K, support))
    rows[np.arange(K), np.arange(K)] = signs / np.sqrt(support)
    rows.flags.writeable = False
    return rows.reshape(K, K * support)


def signals(problem: Problem) -> Floats:
    """Return the signals ``mu_k`` as rows of a ``(K, d)`` array, unit X."""
    rows = np.zeros((problem.K, problem.d))
    rows[:, : signal_coordinates(problem)] = problem.mu * unit_signals(problem, 0, problem.d)
    return rows


def directions_gram(problem: Problem) -> Floats:
    """Return ``<mu_k, mu_l> / mu^2``, a ``(K, K)`` array: 1, -1 or 0."""
    if not concentrated(problem):
        return np.eye(problem.K)
    coordinates, signs = axes(problem)
    together = coordinates[:, None] == coordinates
    return np.where(together, signs[:, None] * signs, 0.0)


def add_products(products: Floats, rows: Floats, problem: Problem, start: int) -> None:
    """Add to products ``(.., K)`` what a block of rows ``(.., B)`` has of their ``<row, u_k>``."""
    stop = start + rows.shape[-1]
    if concentrated(problem):
        here, places, signs = seen(problem, start, stop)
        products[..., here] = signs * rows[..., places]
    elif start < signal_coordinates(problem):
        unit = unit_signals(problem, start, stop)
        products += rows[..., : unit.shape[1]] @ unit.T


def add_signals(rows: Floats, factors: Floats, problem: Problem, start: int) -> None:
    """Add ``factors (.., K)`` times the directions u_k to a block of rows ``(.., B)``."""
    stop = start + rows.shape[-1]
    if concentrated(problem):
        for signal, place, sign in zip(*seen(problem, start, stop), strict=True):
            rows[..., place] += sign * factors[..., signal]  # two signals may have one place
    elif start < signal_coordinates(problem):
        unit = unit_signals(problem, start, stop)
        rows[..., : unit.shape[1]] += factors @ unit
