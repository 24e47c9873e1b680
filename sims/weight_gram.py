"""Inner products of final weights, drawn from their law: what testing needs beyond training.

Training feels no weights in the dimensions of a pattern that have no noise; ``W~ W~^T`` does, and
only through their Wishart matrix there (Theory, section 5).
"""

from __future__ import annotations

import numpy as np

from sims.arrays import Floats
from sims.gram_law import Columns, columns
from sims.problem import Problem
from sims.streams import stream


def add_weight_gram(weight_gram: Floats, problem: Problem, seed: int, factors: Floats) -> None:
    """Add up ``W~ W~^T`` over all coordinates beyond the signals'.

    Parameters
    ----------
    weight_gram : (K m, K m) array
        Added to in place, unit 1/X^2.
    problem : Problem
        What was drawn.
    seed : int
        With which seed.
    factors : (K m, n) array
        The factor of each noise in the weights of each neuron, unit 1/X^2.
    """
    gaussian = stream(seed, "weights", 1)
    for group in columns(problem, seed):
        sparse = not isinstance(group.kept, np.ndarray)
        here = (_sparse_rows if sparse else _dense_rows)(group, factors[group.neurons])
        if group.beyond.any():
            beyond = (_sparse_beyond if sparse else _dense_beyond)(group, gaussian)
            here += problem.sigma_0**2 * beyond
        weight_gram[np.ix_(group.neurons, group.neurons)] += here


def _dense_rows(group: Columns, factors: Floats) -> Floats:
    """Sum ``W~ W~^T`` over columns that may have noise."""
    rows = factors @ group.noise
    rows *= group.kept
    rows += group.weights
    total: Floats = (rows @ rows.swapaxes(1, 2)).sum(axis=0)
    return total


def _sparse_rows(group: Columns, factors: Floats) -> Floats:
    """Do what :func:`_dense_rows` does, entry by entry."""
    neuron = np.repeat(np.arange(len(factors)), np.diff(group.kept.indptr))
    total = np.zeros((len(factors), len(factors)))
    for weights, noise in zip(group.weights, group.noise, strict=True):
        rows = weights.copy()
        rows.data += np.einsum("ei,ei->e", factors[neuron], noise.T[group.kept.indices])
        total += (rows @ rows.T).toarray()
    return total


def _dense_beyond(group: Columns, gaussian: np.random.Generator) -> Floats:
    """Draw the weights' Wishart matrices in the dimensions without noise, summed over patterns."""
    total = np.zeros((len(group.neurons), len(group.neurons)))
    # Bartlett's column of a neuron comes after those of the neurons before it in its pattern
    freedom = np.maximum(group.beyond - np.cumsum(group.kept, axis=0) + 1, 0) * group.kept
    diagonal = np.sqrt(2 * gaussian.standard_gamma(freedom / 2))
    for a, own in enumerate(diagonal):
        inside = np.flatnonzero(freedom[a])
        column = group.kept[a:, inside]
        column[0] = own[inside]
        column[1:] *= gaussian.standard_normal((len(column) - 1, len(inside)))
        total[a:, a:] += column @ column.T
    return total


def _sparse_beyond(group: Columns, gaussian: np.random.Generator) -> Floats:
    """Draw what :func:`_dense_beyond` draws, entry by entry."""
    kept = group.kept.tocsc()
    pattern = np.repeat(np.arange(kept.shape[1]), np.diff(kept.indptr))
    place = np.arange(kept.nnz) - kept.indptr[pattern]  # of a neuron in its pattern
    total = np.zeros((len(group.neurons), len(group.neurons)))
    for c in range(int(place.max()) + 1):  # column c of Bartlett's factors
        below = (place >= c) & (group.beyond[pattern] > c)
        entries = gaussian.standard_normal(np.count_nonzero(below))
        own = place[below] == c
        freedom = group.beyond[pattern[below][own]] - c
        entries[own] = np.sqrt(2 * gaussian.standard_gamma(freedom / 2))
        column = type(kept)((entries, (kept.indices[below], pattern[below])), kept.shape)
        total += (column @ column.T).toarray()
    return total
