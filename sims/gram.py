"""The engine ``gram``: masked Gram matrices summed up in one pass over the coordinates.

What runs on them, exact steps in coefficient space, is :mod:`sims.system`. N = K + n counts the
signals first and the noises after them.
"""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from sims.arrays import Booleans, Floats
from sims.decomposition import Coefficients
from sims.descent import within_bounds
from sims.draw import Draw, DrawSums, blocks
from sims.problem import Problem
from sims.system import CoefficientSystem

PAIR_TILE = 256  # pairs multiplied at a time, about: few enough for a cache, and a constant


def build(problem: Problem, seed: int, memory: float = 0.0) -> CoefficientSystem:
    r"""Stream over the coordinates once and sum up the masked Gram matrices.

    Parameters
    ----------
    problem : Problem
        What to draw.
    seed : int
        The seed of the run.
    memory : float, default 0
        Megabytes for blocks drawn ahead (:func:`sims.draw.blocks`).

    Returns
    -------
    CoefficientSystem
        The recursion of this draw.
    """
    n, m, K = problem.n, problem.m, problem.K
    sums = DrawSums(problem, seed)
    packed = np.zeros((K * m, n * (n + 1) // 2))
    for block in blocks(problem, seed, memory):
        sums.add(block)
        _add_pair_products(packed, block.mask.reshape(K * m, -1), block.noise)
    draw = sums.total()
    return CoefficientSystem(draw, assemble(packed, draw))


def _add_pair_products(packed: Floats, mask: Booleans, noise: Floats) -> None:
    """Add one block's ``sum_c mask[a, c] noise[i, c] noise[i', c]`` for all neurons and pairs."""
    kept = mask.astype(float)
    n, width = noise.shape
    ends = np.cumsum(np.arange(n, 0, -1))  # the pairs of sample i end here
    first, begin = 0, 0
    while first < n:
        last = min(int(np.searchsorted(ends, begin + PAIR_TILE)), n - 1)
        products = np.empty((ends[last] - begin, width))
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
        Masked inner products of the noises, upper triangle row by row; unit X^2.
    draw : Draw
        Masks and noises at the signals.

    Returns
    -------
    (K, m, N, N) array
        ``V diag(m_{j,r}) V^T``; unit X^2.
    """
    K, m, mu = draw.problem.K, draw.problem.m, draw.problem.mu
    N = K + draw.problem.n
    gram = np.zeros((K, m, N, N))
    signals = np.arange(K)
    gram[:, :, signals, signals] = mu * mu * draw.signal_mask
    # <mu_k * m_{j,r}, xi_i> = mu (m_{j,r})_k (xi_i)_k
    cross = mu * draw.signal_mask[:, :, :, None] * draw.noise_at_signal.T
    gram[:, :, :K, K:] = cross
    gram[:, :, K:, :K] = cross.swapaxes(2, 3)
    rows, columns = np.triu_indices(draw.problem.n)
    gram[:, :, K + rows, K + columns] = packed.reshape(K, m, -1)
    gram[:, :, K + columns, K + rows] = packed.reshape(K, m, -1)
    return gram


class GramDescent:
    """The engine ``gram``: one exact step of descent at a time, in coefficient space.

    Parameters
    ----------
    system : CoefficientSystem
        The recursion.
    """

    def __init__(self, system: CoefficientSystem) -> None:
        self.system, self.draw = system, system.draw
        self.c = np.zeros(system.initial.shape)

    def loss(self) -> float:
        """Return the training loss, and keep the update that the step will take."""
        problem = self.system.draw.problem
        z = self.system.pre_activations(self.c)
        if not within_bounds(z, problem):
            return np.inf
        loss, self._update = self.system.loss_and_update(z)
        self._z = z
        return loss

    def loss_floor(self) -> float:
        """Return the loss below which unresponsive samples cannot let the training loss fall."""
        return self.system.loss_floor(self._z)

    def step(self) -> bool:
        """Take one step."""
        before, self.c = self.c, self.c + self._update
        return bool((before != self.c).any())

    def coefficients(self) -> Coefficients:
        """Return the coefficients now."""
        return self.system.coefficients(self.c)

    def gradient_norm2(self) -> float:
        """Return the squared norm of the gradient where the loss was asked for last.

        A step moves the weights by ``-eta grad``, whose squared norm is ``f^T A f``.
        """
        return self.system.step_norm2(self._update) / self.draw.problem.eta**2


def draw_with_grams(problem: Problem, seed: int) -> tuple[Draw, Floats]:
    """Draw a problem without training it.

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
    overlaps : (K, m, n, n) array
        Masked inner products of the noises ``<xi~_{j,r,i}, xi_{i'}>``, unit X^2.
    """
    with threadpool_limits(1, user_api="blas"):
        system = build(problem, int(seed))
    return system.draw, system.gram[:, :, problem.K :, problem.K :]
