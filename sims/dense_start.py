"""The dense start of a run: what a mask may look at, with exact gradients (Theory, section 14).

Everything is V^T times arrays of the engine in coefficient space, V the rows of signals and noises:
one step of descent would add ``f V`` to the weights, f the update, so the gradient is ``-f V/eta``;
and moving the weights along ``c V`` moves f by what the recursion says of its own change, so the
Hessian times ``c V`` is ``-df V/eta``. No d x d array is ever made.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from threadpoolctl import threadpool_limits

from sims.arrays import Floats, Integers
from sims.draw import blocks, unpruned
from sims.draw_sums import DrawSums
from sims.problem import Problem
from sims.signals import signals
from sims.system import CoefficientSystem, Systems, stack


@dataclass(frozen=True, eq=False)
class DenseStart:
    """Where a run would start if nothing were pruned.

    Attributes
    ----------
    problem : Problem
        The parameters, as they were asked for.
    seed : int
        The seed everything was drawn from.
    labels, classes : (n,) int arrays
        What training sees of each sample, and the class of its signal.
    signals : (K, d) array
        The signals mu_k, unit X.
    noise : (n, d) array
        Noise patches, unit X.
    weights : (K, m, d) array
        Initial weights, unit 1/X.
    system : Systems
        The recursion of descent from here, a stack of one.
    """

    problem: Problem
    seed: int
    labels: Integers
    classes: Integers
    signals: Floats
    noise: Floats
    weights: Floats
    system: Systems

    @cached_property
    def gradient(self) -> Floats:
        """``grad L_S`` in the weights, ``(K, m, d)``, unit X."""
        return self._along(self._slope)

    @cached_property
    def hessian_gradient(self) -> Floats:
        """The Hessian of L_S times its gradient, ``(K, m, d)``, unit X^3; q >= 2."""
        _, _, change = self.system.linearized(self.system.initial)
        return self._along(change(self.system.products(self._slope)) / -self.problem.eta)

    @property
    def _slope(self) -> Floats:
        """The gradient in terms of signals and noises, ``(1, K, m, N)``."""
        return self.system.update(self.system.initial) / -self.problem.eta

    def _along(self, c: Floats) -> Floats:
        """Return ``c V``."""
        with threadpool_limits(1, user_api="blas"):
            along: Floats = c[0] @ np.concatenate([self.signals, self.noise])
        return along


def dense_start(problem: Problem, seed: int) -> DenseStart:
    """Draw the dense start of a seed: that of :func:`sims.simulate` before any weight is pruned.

    Parameters
    ----------
    problem : Problem
        The parameters; p and ``pruning`` change nothing.
    seed : int
        The seed of the run.

    Returns
    -------
    DenseStart
        Data, weights and gradients.
    """
    dense = unpruned(problem)
    sums, drawn = DrawSums(dense, seed), list(blocks(dense, seed))
    with threadpool_limits(1, user_api="blas"):
        for block in drawn:
            sums.add_products(block)
        noise = np.concatenate([block.noise for block in drawn], axis=1)
        weights = np.concatenate([block.weights for block in drawn], axis=2)
        rows = np.concatenate([signals(dense), noise])
        gram = rows @ rows.T
    draw = sums.total()
    shape = (dense.K, dense.m, *gram.shape)
    system = stack([CoefficientSystem(draw, np.broadcast_to(gram, shape))])
    return DenseStart(
        problem, seed, draw.labels, draw.classes, rows[: dense.K], noise, weights, system
    )
