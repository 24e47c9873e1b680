r"""Any dimension: an experiment drawn from the law of its Gram matrices (Theory, section 5).

Training and testing feel the d coordinates only through inner products, and masked inner products
only through sums over coordinates that are kept by the same set of neurons, the same *pattern*.
Inside one pattern the rows that matter (n noises, and the initial weights of the k neurons that
keep it) are i.i.d. Gaussian over its N coordinates, so their Gram matrix is Wishart with N degrees
of freedom. Bartlett's decomposition writes such a matrix as ``L L^T`` with L lower triangular,
chi-distributed on the diagonal and Gaussian below it: n + k columns with the same law of inner
products as all N coordinates. These columns replace the coordinates here, one for one where N is
smaller. Everything else is as if they were coordinates, so no length-d vector is ever drawn.

The K coordinates of the signals are drawn one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sims.arrays import Floats, Integers
from sims.draw import Block, DrawSums, stream
from sims.gram import assemble
from sims.patterns import Level, check_feasible, level_of
from sims.problem import Problem
from sims.system import CoefficientSystem

CHUNK = 4_000_000  # Gaussians drawn at a time


@dataclass(frozen=True, eq=False)
class Columns:
    """B columns that stand for coordinates, each kept by exactly k neurons.

    Attributes
    ----------
    neurons : (B, k) int array
        Which neurons keep each column, counted ``j * m + r``.
    noise : (n, B) array
        Noise patches, unit X.
    weights : (B, k) array
        Initial weights of those neurons, unit 1/X.
    """

    neurons: Integers
    noise: Floats
    weights: Floats


def first_coordinates(problem: Problem, seed: int) -> Block:
    """Draw the K coordinates of the signals one by one.

    Parameters
    ----------
    problem : Problem
        What to draw.
    seed : int
        The seed of the run.

    Returns
    -------
    Block
        Coordinates 0 to K.
    """
    n, m, K = problem.n, problem.m, problem.K
    noise = problem.sigma_n * stream(seed, "noise").standard_normal((n, K))
    if problem.noise == "orthogonal":
        noise[:] = 0.0
    weights = problem.sigma_0 * stream(seed, "weights").standard_normal((K, m, K))
    mask = stream(seed, "masks").random((K, m, K)) < problem.p
    return Block(0, K, noise, weights, mask)


def columns(problem: Problem, seed: int) -> Iterator[Columns]:
    """Draw the columns that stand for all other coordinates.

    Parameters
    ----------
    problem : Problem
        What to draw.
    seed : int
        The seed of the run.

    Yields
    ------
    Columns
        Groups of columns; drawn again, they are the same to the bit.
    """
    from scipy.stats import binom

    counting, gaussian = (stream(seed, name, 0) for name in ("masks", "noise"))
    neurons = problem.K * problem.m
    shares = binom.pmf(np.arange(neurons + 1), neurons, problem.p)
    counts = counting.multinomial(problem.d - problem.K, shares / shares.sum())
    for k in range(1, neurons + 1):
        level = level_of(problem, k, int(counts[k]))
        if level.compressed:
            yield from _compressed_columns(problem, level, counting, gaussian)
        elif level.coordinates:
            yield from _single_columns(problem, level, counting, gaussian)


def _compressed_columns(
    problem: Problem, level: Level, counting: np.random.Generator, gaussian: np.random.Generator
) -> Iterator[Columns]:
    """Enumerate the patterns of a level, and draw a Wishart factor for each."""
    n, k = problem.n, level.k
    rows = n + k
    patterns = np.array(list(combinations(range(problem.K * problem.m), k)))
    counts = counting.multinomial(level.coordinates, np.full(len(patterns), 1 / len(patterns)))
    chunk = max(CHUNK // (rows * rows), 1)
    for start in range(0, len(patterns), chunk):
        here, many = patterns[start : start + chunk], counts[start : start + chunk]
        full = many >= rows
        if full.any():
            factor = _wishart_factors(many[full], rows, gaussian)
            yield _scaled(
                problem,
                np.repeat(here[full], rows, axis=0),
                factor[:, :n].transpose(1, 0, 2).reshape(n, -1),
                factor[:, n:].transpose(0, 2, 1).reshape(-1, k),
            )
        few = np.where(full, 0, many)
        if few.any():
            width = int(few.sum())
            yield _scaled(
                problem,
                np.repeat(here, few, axis=0),
                gaussian.standard_normal((n, width)),
                gaussian.standard_normal((width, k)),
            )


def _wishart_factors(counts: Integers, rows: int, gaussian: np.random.Generator) -> Floats:
    """Draw Bartlett's factors L, ``(len(counts), rows, rows)``, of Wishart(rows, counts)."""
    factors = np.zeros((len(counts), rows, rows))
    below = np.tril_indices(rows, -1)
    factors[:, below[0], below[1]] = gaussian.standard_normal((len(counts), len(below[0])))
    diagonal = np.arange(rows)
    freedom = counts[:, None] - diagonal
    factors[:, diagonal, diagonal] = np.sqrt(gaussian.chisquare(freedom))
    return factors


def _single_columns(
    problem: Problem, level: Level, counting: np.random.Generator, gaussian: np.random.Generator
) -> Iterator[Columns]:
    """Draw the coordinates of a level one by one: few coordinates, or too many patterns."""
    n, k, neurons = problem.n, level.k, problem.K * problem.m
    chunk = max(CHUNK // (n + k), 1)
    for start in range(0, level.coordinates, chunk):
        width = min(chunk, level.coordinates - start)
        yield _scaled(
            problem,
            _random_subsets(neurons, k, width, counting),
            gaussian.standard_normal((n, width)),
            gaussian.standard_normal((width, k)),
        )


def _random_subsets(neurons: int, k: int, width: int, counting: np.random.Generator) -> Integers:
    """Draw ``width`` uniform subsets of k neurons, in rows (Floyd's algorithm)."""
    chosen = np.empty((width, k), int)
    for place, largest in enumerate(range(neurons - k, neurons)):
        candidate = counting.integers(largest + 1, size=width)
        taken = (chosen[:, :place] == candidate[:, None]).any(axis=1)
        chosen[:, place] = np.where(taken, largest, candidate)
    return chosen


def _scaled(problem: Problem, neurons: Integers, noise: Floats, weights: Floats) -> Columns:
    return Columns(neurons, problem.sigma_n * noise, problem.sigma_0 * weights)


def build(problem: Problem, seed: int) -> CoefficientSystem:
    r"""Draw the recursion of a run from the law of its Gram matrices.

    Parameters
    ----------
    problem : Problem
        What to draw; d up to 10^15.
    seed : int
        The seed of the run. The draw has the law of :func:`sims.gram.build`'s, but not its bits.

    Returns
    -------
    CoefficientSystem
        The recursion, the same kind that ``gram`` and ``flow`` run on.

    Raises
    ------
    ValueError
        If the mask patterns are too many (:func:`check_feasible`).
    """
    check_feasible(problem)
    n, K, m = problem.n, problem.K, problem.m
    block = first_coordinates(problem, seed)
    sums = DrawSums(problem, seed)
    sums.add(block)
    overlaps = np.einsum("jrc,ic,lc->jril", block.mask, block.noise, block.noise)
    overlaps = overlaps.reshape(K * m, n, n)
    products = sums.initial_noise.reshape(K * m, n)
    for group in columns(problem, seed):
        for neuron, kept, place in _by_neuron(group):
            noise = group.noise[:, kept]
            overlaps[neuron] += noise @ noise.T
            products[neuron] += noise @ group.weights[kept, place]
    sums.noise_norm2 = np.einsum("aii->ai", overlaps).reshape(K, m, n).copy()
    draw = sums.total()
    rows, partners = np.triu_indices(n)
    return CoefficientSystem(draw, assemble(overlaps[:, rows, partners], draw))


def _by_neuron(group: Columns) -> Iterator[tuple[int, Integers, Integers]]:
    """Yield each neuron with the columns it keeps and its place among the neurons of each."""
    k = group.neurons.shape[1]
    flat = group.neurons.ravel()
    order = np.argsort(flat, kind="stable")
    kept = flat[order]
    starts = np.flatnonzero(np.diff(kept, prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(kept)], strict=True):
        where = order[start:stop]
        yield int(kept[start]), where // k, where % k


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
    from scipy.sparse import csr_array

    for group in columns(problem, seed):
        width, k = group.neurons.shape
        learned = np.einsum("bki,ib->bk", factors[group.neurons], group.noise)
        entries = (group.weights + learned).ravel()
        places = np.arange(0, width * k + 1, k)
        weights = csr_array((entries, group.neurons.ravel(), places), (width, len(factors)))
        weight_gram += (weights.T @ weights).toarray()
