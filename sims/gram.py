"""Masked Gram matrices, summed up while the coordinates stream by."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from sims.arrays import Booleans, Floats, Integers
from sims.draw import Bits, Draw, blocks
from sims.draw_sums import DrawSums
from sims.masks import kept_bits
from sims.problem import Problem
from sims.signals import directions_gram
from sims.system import CoefficientSystem

PAIR_TILE = 128  # pairs multiplied at a time: few enough for a cache, and a constant


def build(
    problem: Problem, seed: int, memory: float = 0.0, mask: Bits | None = None
) -> CoefficientSystem:
    r"""Stream over the coordinates once and sum up the masked Gram matrices.

    Parameters
    ----------
    problem : Problem
        What to draw.
    seed : int
        The seed of the run.
    memory : float, default 0
        Megabytes for blocks drawn ahead (:func:`sims.draw.blocks`).
    mask : (K, m, D) uint8 array, optional
        Bits of a mask that was given, or chosen before.

    Returns
    -------
    CoefficientSystem
        The recursion of this draw.
    """
    draw, packed = _draw_and_sum(problem, seed, memory, mask)
    return CoefficientSystem(draw, assemble(packed, draw))


def _draw_and_sum(
    problem: Problem, seed: int, memory: float = 0.0, mask: Bits | None = None
) -> tuple[Draw, Floats]:
    """Return the draw and :func:`assemble`'s inner products: one row where nothing is pruned."""
    n, m, K = problem.n, problem.m, problem.K
    rows = 1 if problem.p == 1 else K * m
    bits = kept_bits(problem, seed, mask)
    sums = DrawSums(problem, seed, bits)
    packed = np.zeros((rows, n * (n + 1) // 2))
    for block in blocks(problem, seed, memory, bits):
        sums.add_products(block)
        _add_pair_products(packed, block.mask.reshape(K * m, -1)[:rows], block.noise)
    norms = packed[:, same_sample_pairs(n)].reshape(-1, 1, n)
    sums.noise_norm2 = np.broadcast_to(norms, (rows, K * m // rows, n)).reshape(K, m, n)
    return sums.total(), packed


def same_sample_pairs(n: int) -> Integers:
    """Return where the pairs (i, i) stand among the n (n + 1) / 2 pairs, row by row."""
    lengths = np.arange(n, 0, -1)
    return np.cumsum(lengths) - lengths


def _add_pair_products(packed: Floats, mask: Booleans, noise: Floats) -> None:
    """Add one block's ``sum_c mask[a, c] noise[i, c] noise[i', c]`` for all neurons and pairs."""
    kept = mask.astype(float)
    n, width = noise.shape
    ends = np.cumsum(np.arange(n, 0, -1))  # the pairs of sample i end here
    room = np.empty((min(max(PAIR_TILE, n), int(ends[-1])), width))
    first, begin = 0, 0
    while first < n:
        last = max(int(np.searchsorted(ends, begin + PAIR_TILE, side="right")) - 1, first)
        products = room[: ends[last] - begin]
        for i in range(first, last + 1):
            stop = ends[i] - begin
            np.multiply(noise[i], noise[i:], out=products[stop - (n - i) : stop])
        packed[:, begin : ends[last]] += kept @ products.T
        first, begin = last + 1, int(ends[last])


def assemble(packed: Floats, draw: Draw) -> Floats:
    """Put signals and noises together into Gram matrices.

    Parameters
    ----------
    packed : (K m, n (n + 1) / 2) array
        Masked inner products of the noises, upper triangle row by row; unit X^2. One row will do
        where all neurons have the same.
    draw : Draw
        Kept shares of the signals, and components of the noises along them.

    Returns
    -------
    (K, m, N, N) array
        ``V diag(m_{j,r}) V^T``; unit X^2.
    """
    K, m, mu = draw.problem.K, draw.problem.m, draw.problem.mu
    N = K + draw.problem.n
    gram = np.zeros((K, m, N, N))
    # signals that are not orthogonal to each other share a coordinate, and what becomes of it
    products = mu * mu * draw.signal_kept[:, :, :, None] * directions_gram(draw.problem)
    # <mu_k * m_{j,r}, xi_i>
    cross = mu * draw.signal_kept[:, :, :, None] * draw.noise_at_signal.T
    if draw.along_signals is not None:  # a mask tilts spread signals: no product of shares will do
        products = mu * mu * draw.along_signals[..., :K]
        cross = mu * draw.along_signals[..., K:]
    gram[:, :, :K, :K] = products
    gram[:, :, :K, K:] = cross
    gram[:, :, K:, :K] = cross.swapaxes(2, 3)
    rows, columns = np.triu_indices(draw.problem.n)
    overlaps = packed if len(packed) == 1 else packed.reshape(K, m, -1)
    gram[:, :, K + rows, K + columns] = overlaps
    gram[:, :, K + columns, K + rows] = overlaps
    return gram


def draw_with_grams(problem: Problem, seed: int, mask: Bits | None = None) -> tuple[Draw, Floats]:
    """Draw a problem without training it.

    Parameters
    ----------
    problem : Problem
        What to draw.
    seed : int
        The seed.
    mask : (K, m, D) uint8 array, optional
        :attr:`Draw.mask` of a draw that is made again.

    Returns
    -------
    draw : Draw
        Where a run of this seed starts.
    overlaps : (K, m, n, n) array
        Masked inner products of the noises ``<xi~_{j,r,i}, xi_{i'}>``, unit X^2.
    """
    with threadpool_limits(1, user_api="blas"):
        system = build(problem, int(seed), mask=mask)
    return system.draw, system.gram[:, :, problem.K :, problem.K :]


def draw_with_overlaps(problem: Problem, seed: int) -> tuple[Draw, Floats]:
    """Draw a problem, and tell how much any two of its noises overlap.

    Parameters
    ----------
    problem : Problem
        What to draw.
    seed : int
        The seed.

    Returns
    -------
    draw : Draw
        Where a run of this seed starts.
    overlaps : (H, n (n - 1) / 2) array
        Masked inner products ``<xi~_{j,r,i}, xi_{i'}>`` of different samples i < i', row by row;
        unit X^2. H = K m neurons, or 1 where nothing is pruned and all have the same.
    """
    with threadpool_limits(1, user_api="blas"):
        draw, packed = _draw_and_sum(problem, int(seed))
    return draw, np.delete(packed, same_sample_pairs(problem.n), axis=1)
