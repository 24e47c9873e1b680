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

from sims.arrays import Floats
from sims.decomposition import Coefficients
from sims.draw import Draw
from sims.gradients import loss_and_slopes
from sims.network import activation_and_slope, activation_curvature

MOST_POWER_ITERATIONS = 50  # from 3 to 10 are usual: few modes are fast, and far apart
POWER_TOLERANCE = 1e-2  # the power iteration ends where the radius changes less than that


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
