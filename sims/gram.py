"""Gradient descent in coefficient space: exact, at a cost per step free of d.

Descent never leaves the span of the initial weights and the masked signals and noises,

    w~_{j,r} = w~_{j,r}^{(0)} + sum_v c_{j,r,v} v * m_{j,r},     v = mu_1, .., mu_K, xi_1, .., xi_n

so the pre-activations of a neuron are ``z = z^{(0)} + A c`` with A its masked Gram matrix, and a
step of descent changes c alone (Theory, section 5). Everywhere below N = K + n counts the signals
first and the noises after them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from threadpoolctl import threadpool_limits

from sims.arrays import Booleans, Floats, Integers
from sims.decomposition import Coefficients
from sims.descent import within_bounds
from sims.draw import Draw, DrawSums, blocks
from sims.gradients import loss_and_slopes
from sims.network import activation_and_slope, activation_curvature
from sims.problem import Problem

PAIR_TILE = 128  # pairs multiplied at a time: few enough for a cache, and a constant
MOST_POWER_ITERATIONS = 50  # from 3 to 10 are usual: few modes are fast, and far apart
POWER_TOLERANCE = 1e-2  # the power iteration ends where the radius changes less than that


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
    draw, packed = _draw_and_sum(problem, seed, memory)
    return CoefficientSystem(draw, assemble(packed, draw))


def _draw_and_sum(problem: Problem, seed: int, memory: float = 0.0) -> tuple[Draw, Floats]:
    """Return the draw and :func:`assemble`'s inner products: one row where nothing is pruned."""
    n, m, K = problem.n, problem.m, problem.K
    rows = 1 if problem.p == 1 else K * m
    sums = DrawSums(problem, seed)
    packed = np.zeros((rows, n * (n + 1) // 2))
    for block in blocks(problem, seed, memory):
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
    overlaps = packed if len(packed) == 1 else packed.reshape(K, m, -1)
    gram[:, :, K + rows, K + columns] = overlaps
    gram[:, :, K + columns, K + rows] = overlaps
    return gram


@dataclass(frozen=True, eq=False)
class CoefficientSystem:
    """Gradient descent as a recursion in the coefficients c, an array of shape ``(K, m, N)``.

    Attributes
    ----------
    draw : Draw
        Where the run starts.
    gram : (K, m, N, N) array
        Masked Gram matrices ``V diag(m_{j,r}) V^T``, V the signals and noises; unit X^2.
    """

    draw: Draw
    gram: Floats

    @cached_property
    def initial(self) -> Floats:
        """Initial pre-activations on signals and noises, ``(K, m, N)``, no unit."""
        return np.concatenate([self.draw.initial_signal, self.draw.initial_noise], axis=2)

    @cached_property
    def norm2(self) -> Floats:
        """Squared masked norms of signals and noises, ``(K, m, N)``, unit X^2."""
        return np.einsum("jrvv->jrv", self.gram).copy()

    @cached_property
    def one_hot(self) -> Floats:
        """``one_hot[i, k] = 1[y_i = k]``, an ``(n, K)`` array."""
        return np.eye(self.draw.problem.K)[self.draw.labels]

    @cached_property
    def patches(self) -> Floats:
        """``patches[v, i] = 1`` where vector v is a patch of sample i, ``(N, n)``."""
        return np.concatenate([self.one_hot.T, np.eye(self.draw.problem.n)])

    def pre_activations(self, c: Floats) -> Floats:
        """Return ``z = z^{(0)} + A c``, ``(K, m, N)``."""
        z: Floats = self.products(c)
        z += self.initial
        return z

    def products(self, c: Floats) -> Floats:
        """Return ``A c``, what coefficients c add to the pre-activations, ``(K, m, N)``."""
        if self.draw.problem.p == 1.0:  # nothing is pruned: all neurons have the same matrix
            return c @ self.gram[0, 0]
        return np.matmul(self.gram, c[..., None])[..., 0]

    def logits(self, responses: Floats) -> Floats:
        """Sum responses ``(K, m, N)`` over neurons and patches into ``F_j(x_i)``, ``(K, n)``."""
        return responses.sum(axis=1) @ self.patches

    def pull(self, slopes: Floats) -> Floats:
        """Spread ``-(eta/n) l'``, ``(K, n)``, to signals and noises: ``(K, 1, N)``, unit 1/X^2."""
        per_sample = (-self.draw.problem.eta / self.draw.problem.n) * slopes
        return (per_sample @ self.patches.T)[:, None, :]

    def loss_and_update(self, z: Floats) -> tuple[float, Floats]:
        """Return the loss at pre-activations z and the update f that one step adds to c."""
        response, slope = activation_and_slope(z, self.draw.problem.q)
        loss, slopes = loss_and_slopes(self.logits(response), self.draw.labels)
        slope *= self.pull(slopes)
        return loss, slope

    def linearized(self, z: Floats) -> tuple[float, Floats, Callable[[Floats], Floats]]:
        r"""Return loss, update f, and how f changes when the pre-activations change by dz.

        ``d sigma' = sigma''(z) dz``, ``dF = sum sigma'(z) dz`` and
        ``dl'_j = s_j (dF_j - sum_k s_k dF_k)``, s the softmax.

        Parameters
        ----------
        z : (K, m, N) array
            Pre-activations.

        Returns
        -------
        loss : float
            Training loss.
        f : (K, m, N) array
            The update of c by one step, unit 1/X^2.
        change : callable
            Told dz, returns ``(df/dz) dz``; both ``(K, m, N)`` arrays.
        """
        q = self.draw.problem.q
        response, slope = activation_and_slope(z, q)
        loss, slopes = loss_and_slopes(self.logits(response), self.draw.labels)
        pull = self.pull(slopes)
        softmax = slopes + self.one_hot.T
        pull_times_curvature = pull * activation_curvature(z, q)

        def change(dz: Floats) -> Floats:
            dF = self.logits(slope * dz)
            dslopes = softmax * (dF - (softmax * dF).sum(axis=0))
            result: Floats = self.pull(dslopes) * slope
            result += pull_times_curvature * dz
            return result

        return loss, pull * slope, change

    def loss_update_and_curvature(self, z: Floats) -> tuple[float, Floats, Floats]:
        """Return loss, update f and ``(df/dc) f``, the change of f along itself.

        Parameters
        ----------
        z : (K, m, N) array
            Pre-activations.

        Returns
        -------
        loss : float
            Training loss.
        f, curvature : (K, m, N) arrays
            The update of c by one step and its derivative along itself, unit 1/X^2.
        """
        loss, f, change = self.linearized(z)
        return loss, f, change(self.products(f))

    def spectral_radius(self, z: Floats) -> float:
        """Return the spectral radius of df/dc, by power iteration from f.

        ``df/dc = (df/dz) A`` is symmetric in the metric of the Gram matrices A, because f descends
        a loss in that metric: the iterates' sizes rise to the radius, and a few are enough.
        """
        _, image, change = self.linearized(z)
        size = 0.0
        for iteration in range(MOST_POWER_ITERATIONS):
            dz = self.products(image)
            before, size = size, float(np.sqrt(np.vdot(image, dz)))
            if size == 0 or (iteration > 3 and size - before < POWER_TOLERANCE * size):
                return size
            image = change(dz / size)
        return size

    def loss_floor(self, z: Floats) -> float:
        """Return the loss below which samples that are unresponsive at z cannot let it fall."""
        labels, samples = self.draw.labels, np.arange(len(self.draw.labels))
        own = self.logits(np.maximum(z, 0.0))[labels, samples]
        return float(np.mean(own == 0) * np.log(self.draw.problem.K))

    def step_norm2(self, f: Floats) -> float:
        """Return the squared norm ``f^T A f`` of what coefficients f add to the weights."""
        return float(np.sum(f * self.products(f)))

    def coefficients(self, c: Floats) -> Coefficients:
        """Turn c into gamma and rho: each times the squared norm of its vector."""
        scaled = c * self.norm2
        K = self.draw.problem.K
        return Coefficients(scaled[:, :, :K], scaled[:, :, K:])


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
