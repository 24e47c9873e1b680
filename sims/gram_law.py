r"""Any dimension: an experiment drawn from the law of its Gram matrices (Theory, section 5).

Training and testing feel the d coordinates only through inner products, and masked inner products
only through sums over coordinates that are kept by the same set of neurons, the same *pattern*.
Inside one pattern the rows that matter (n noises, and the initial weights of the k neurons that
keep it) are i.i.d. Gaussian over its N coordinates, so their Gram matrix is Wishart with N degrees
of freedom. Bartlett's decomposition writes such a matrix as ``L L^T`` with L lower triangular,
chi-distributed on the diagonal and Gaussian below it: n + k columns with the same law of inner
products as all N coordinates. These columns replace the coordinates here. Everything else is as
if they were coordinates, so no length-d vector is ever drawn.

The noises are the first n rows, so only the first n columns have noise: training feels no others.
The coordinates of the signals are drawn one by one, and so are those of patterns with N <= n.

One seed at two dimensions should differ as little as two dimensions can: what is compared along d
is compared in pairs. So the patterns come in a fixed order, each takes its Gaussians from the
stream in one piece, and what is drawn in numbers that depend on d has streams of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from sims.arrays import Floats, Integers
from sims.draw import Block, Draw
from sims.draw_sums import DrawSums
from sims.gram import assemble, same_sample_pairs
from sims.patterns import (
    Members,
    check_feasible,
    draw_levels,
    draw_members,
    enumerate_members,
    repeat,
)
from sims.problem import Problem
from sims.signals import signal_coordinates
from sims.streams import stream
from sims.system import CoefficientSystem

CHUNK = 2**17  # entries of noise and weights drawn at a time, about; part of what a seed means


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns that stand for the coordinates of B patterns, C for each.

    Attributes
    ----------
    neurons : (H,) int array
        The neurons that keep any of them, counted ``j * m + r``.
    kept : (H, B) array
        1 where a neuron keeps the columns of a pattern, 0 elsewhere; a ``csr_array`` where few do.
    noise : (C, n, B) array
        Noise patches, unit X. Column c of each pattern is zero in the first c of them.
    weights : (C, H, B) array, or C csr_arrays
        Initial weights, 0 where they are not kept; unit 1/X.
    beyond : (B,) int array
        In how many further dimensions each pattern has weights but no noise.
    """

    neurons: Integers
    kept: Any
    noise: Floats
    weights: Any
    beyond: Integers


class Streams(NamedTuple):
    """The random streams of the columns.

    Attributes
    ----------
    noise, weights : Generator
        Of Bartlett's factors below the diagonal, and of the weights in their columns.
    lengths : Generator
        Of the diagonal, which rejects what it draws now and then.
    single_noise, single_weights : Generator
        Of coordinates drawn one by one.
    """

    noise: np.random.Generator
    weights: np.random.Generator
    lengths: np.random.Generator
    single_noise: np.random.Generator
    single_weights: np.random.Generator

    @classmethod
    def of(cls, seed: int) -> Streams:
        """Open the streams of a seed."""
        names = (("noise", 0), ("weights", 0), ("noise", 1), ("noise", 2), ("weights", 2))
        return cls(*(stream(seed, *name) for name in names))


def first_coordinates(problem: Problem, seed: int) -> Block:
    """Draw the coordinates of the signals, the first ones, one by one."""
    K, count = problem.K, signal_coordinates(problem)
    noise = problem.sigma_n * stream(seed, "noise").standard_normal((problem.n, count))
    if problem.noise == "orthogonal":
        noise[:] = 0.0
    size = (K, problem.m, count)
    weights = problem.sigma_0 * stream(seed, "weights").standard_normal(size)
    mask = stream(seed, "masks").random(size) < problem.p
    return Block(0, count, noise, weights, mask)


def columns(problem: Problem, seed: int) -> Iterator[Columns]:
    """Draw the columns that stand for all other coordinates; drawn again, they are the same."""
    n, neurons = problem.n, problem.K * problem.m
    counting, draw = stream(seed, "masks", 0), Streams.of(seed)
    levels = draw_levels(problem, counting)
    for sparse in (True, False):
        # sparse members take no room worth counting
        rows = n if sparse else n + neurons
        here = [level for level in levels if level.sparse(neurons) == sparse]
        listed = [level for level in here if level.enumerated]
        counts = [_split(level.coordinates, level.patterns, counting) for level in listed]
        waiting = np.concatenate([*counts, np.zeros(0, int)])
        sizes, width = [level.k for level in listed], max(CHUNK // (n * rows), 1)
        for members in enumerate_members(neurons, sizes, width, sparse):
            some, waiting = np.split(waiting, [members.kept.shape[1]])
            yield from _pattern_columns(problem, members, some, draw)
        for level in here:
            if not level.enumerated:
                for members in draw_members(neurons, level, max(CHUNK // rows, 1), counting):
                    yield _single_columns(problem, members, draw)


def _pattern_columns(
    problem: Problem, members: Members, counts: Integers, draw: Streams
) -> Iterator[Columns]:
    """Draw columns for patterns of ``counts`` coordinates: factors, or the coordinates if few."""
    many = counts > problem.n
    if many.any():
        noise = _noise_factors(counts[many], problem.n, draw)
        chosen = members if many.all() else repeat(members, many.astype(int))
        yield _with_weights(problem, chosen, noise, counts[many], draw.weights)
    few = np.where(many, 0, counts)
    if few.any():
        yield _single_columns(problem, repeat(members, few), draw)


def _split(coordinates: int, patterns: int, counting: np.random.Generator) -> Integers:
    """Draw how many coordinates each of equally likely patterns has."""
    return counting.multinomial(coordinates, np.full(patterns, 1 / patterns))


def _noise_factors(counts: Integers, n: int, draw: Streams) -> Floats:
    """Draw Bartlett's factors of Wishart(n, count >= n) matrices: column, row, which; (n, n, B)."""
    factors = np.zeros((n, n, len(counts)))
    freedom = counts - np.arange(n)[:, None]
    diagonal = np.sqrt(2 * draw.lengths.standard_gamma(freedom / 2))
    below = draw.noise.standard_normal((len(counts), n * (n - 1) // 2)).T
    end = 0
    for c, column in enumerate(factors):
        column[c] = diagonal[c]
        column[c + 1 :] = below[end : end + n - 1 - c]
        end += n - 1 - c
    return factors


def _single_columns(problem: Problem, members: Members, draw: Streams) -> Columns:
    """Draw coordinates one by one: one column for each."""
    width = members.kept.shape[1]
    noise = draw.single_noise.standard_normal((width, problem.n)).T[None].copy()
    return _with_weights(problem, members, noise, np.ones(width, int), draw.single_weights)


def _with_weights(
    problem: Problem, members: Members, noise: Floats, counts: Integers,
    gaussian: np.random.Generator,
) -> Columns:  # fmt: skip
    """Draw the initial weights in the columns of patterns; scale them, and the unit noise."""
    kept: Any = members.kept
    weights: Any
    if isinstance(kept, np.ndarray):
        place = np.cumsum(kept.T).astype(int).reshape(kept.T.shape).T - 1  # pattern by pattern
        drawn = gaussian.standard_normal((int(place[-1, -1]) + 1, len(noise)))
        weights = np.take(np.ascontiguousarray(drawn.T), place, axis=1, mode="clip")
        weights *= problem.sigma_0 * kept
    else:
        weights = [problem.sigma_0 * kept for _ in noise]
        drawn = gaussian.standard_normal((kept.nnz, len(noise)))
        by_pattern = np.argsort(kept.indices, kind="stable")
        for c, column in enumerate(weights):
            column.data[by_pattern] *= drawn[:, c]
    noise *= problem.sigma_n
    return Columns(members.neurons, members.kept, noise, weights, counts - len(noise))


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
        If the mask patterns are too many (:func:`sims.patterns.check_feasible`).
    """
    check_feasible(problem)
    n, K, m = problem.n, problem.K, problem.m
    block = first_coordinates(problem, seed)
    sums = DrawSums(problem, seed)
    sums.add_products(block)
    kept = block.mask.reshape(K * m, -1).astype(float)
    packed = kept @ pair_products(block.noise[None]).T
    products = sums.initial_noise.reshape(K * m, n)
    for group in columns(problem, seed):
        packed[group.neurons] += group.kept @ pair_products(group.noise).T
        for weights, noise in zip(group.weights, group.noise, strict=True):
            products[group.neurons] += weights @ noise.T
    sums.noise_norm2 = packed[:, same_sample_pairs(n)].reshape(K, m, n)
    draw = sums.total()
    return CoefficientSystem(draw, assemble(packed, draw))


def grams_from_law(problem: Problem, seed: int) -> tuple[Draw, Floats]:
    """Draw a problem from the law of its Gram matrices; as :func:`sims.gram.draw_with_grams`."""
    with threadpool_limits(1, user_api="blas"):
        system = build(problem, int(seed))
    return system.draw, system.gram[:, :, problem.K :, problem.K :]


def pair_products(noise: Floats) -> Floats:
    """Sum ``noise[c, i] noise[c, i']`` over columns c, for all pairs i <= i' row by row.

    ``noise`` is a (C, n, B) array, whose column c is zero in its first c rows; the result is a
    (n (n + 1) / 2, B) array.
    """
    _, n, width = noise.shape
    total, end = np.empty((n * (n + 1) // 2, width)), 0
    for i in range(n):
        here = noise[: i + 1]  # further columns are zero in row i
        np.einsum("cb,clb->lb", here[:, i], here[:, i:], out=total[end : end + n - i])
        end += n - i
    return total
