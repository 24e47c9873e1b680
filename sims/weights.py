"""The engine weights: plain gradient descent on the masked weights, slab by slab."""

from __future__ import annotations

from concurrent.futures import Executor
from itertools import takewhile
from typing import NamedTuple

import numpy as np

from sims.arrays import Booleans, Floats
from sims.data import Dataset
from sims.decomposition import Coefficients, add_pulls, pulls, zero_coefficients
from sims.descent import within_bounds
from sims.draw import Draw
from sims.gradients import loss_and_slopes
from sims.network import activation_and_slope
from sims.signals import add_products, add_signals, signal_coordinates

SLAB = 512  # coordinates visited at a time; a constant, so that bits never change
GROUPS = 8  # of slabs, for threads to share


class Slab(NamedTuple):
    """B coordinates from ``start`` on, neurons last: few enough numbers to stay in a cache.

    Attributes
    ----------
    start : int
        The first coordinate.
    weights : (B, K m) array
        Masked weights, unit 1/X; changed in place.
    mask : (B, K m) bool array
        True where the weight is kept.
    noise : (B, n) array
        Noise patches, unit X.
    """

    start: int
    weights: Floats
    mask: Booleans
    noise: Floats

    def change(self, to_signals: Floats, to_noise: Floats) -> Floats:
        """Return what a step adds to these weights.

        Parameters
        ----------
        to_signals : (C, K m) array
            What it adds on the C coordinates of the signals, unit 1/X.
        to_noise : (n, K m) array
            The factor of each noise, unit 1/X^2.
        """
        change = self.noise @ to_noise
        signals = to_signals[self.start : self.start + SLAB]
        change[: len(signals)] += signals
        change *= self.mask
        return change


class WeightDescent:
    """Plain gradient descent on the masked weights, with the recursion of the coefficients.

    The same gradient as :func:`sims.gradients.loss_and_gradient`. The weights lie in slabs of
    coordinates, so that one visit of a step does all that needs them: it adds the change, and sums
    up the products with the noises that the next step asks for.

    Parameters
    ----------
    draw : Draw
        Where the run starts.
    data : Dataset
        The training samples.
    weights : (K, m, d) array
        Initial weights; they are masked and copied.
    mask : (K, m, d) bool array
        True where the weight is kept.
    workers : Executor, optional
        Threads that share the slabs. They change no bit: sums are taken in one order.
    """

    def __init__(
        self,
        draw: Draw,
        data: Dataset,
        weights: Floats,
        mask: Booleans,
        workers: Executor | None = None,
    ) -> None:
        self.draw = draw
        slabs = [
            _slab(weights, mask, data.noise, start) for start in range(0, weights.shape[2], SLAB)
        ]
        size = -(-len(slabs) // GROUPS)
        self._groups = [slabs[first : first + size] for first in range(0, len(slabs), size)]
        self._map = workers.map if workers and len(self._groups) > 1 else map
        self._products = np.sum([slab.noise.T @ slab.weights for slab in slabs], axis=0)
        self._coefficients = zero_coefficients(draw)

    @property
    def weights(self) -> Floats:
        """The masked weights now, a new ``(K, m, d)`` array, unit 1/X."""
        rows = [slab.weights for group in self._groups for slab in group]
        return self._by_neuron(np.concatenate(rows))

    def loss(self) -> float:
        """Return the training loss, and keep what the step needs."""
        problem, draw = self.draw.problem, self.draw
        slabs, count = (
            (slab for group in self._groups for slab in group),
            signal_coordinates(problem),
        )
        first = [slab.weights for slab in takewhile(lambda one: one.start < count, slabs)]
        rows = self._by_neuron(np.concatenate(first)[:count])
        products = np.zeros(draw.initial_signal.shape)
        add_products(products, rows, problem, 0)
        self._on_signals = problem.mu * products
        self._on_noise = self._by_neuron(self._products)
        for z in (self._on_signals, self._on_noise):
            if not within_bounds(z, problem):
                return np.inf
        signal_response, at_signals = activation_and_slope(self._on_signals, problem.q)
        noise_response, at_noise = activation_and_slope(self._on_noise, problem.q)
        logits = signal_response.sum(axis=1)[:, draw.classes] + noise_response.sum(axis=1)
        loss, self._slopes = loss_and_slopes(logits, draw.labels)
        self._pulls = pulls(draw, self._slopes, at_signals, at_noise)
        return loss

    def step(self) -> bool:
        """Take one step on weights and coefficients."""
        to_signals, to_noise = self._to_weights()

        def visit(group: list[Slab]) -> Floats:
            products = np.zeros_like(self._products)
            for slab in group:
                weights = slab.weights
                weights += slab.change(to_signals, to_noise)
                products += slab.noise.T @ weights
            return products

        self._products = np.sum(list(self._map(visit, self._groups)), axis=0)
        before = self._coefficients
        self._coefficients = add_pulls(before, self.draw, *self._pulls)
        return changed(before, self._coefficients)

    def _to_weights(self) -> tuple[Floats, Floats]:
        """Return the pulls as the slabs take them, ``(C, K m)`` and ``(n, K m)``."""
        problem = self.draw.problem
        to_signals, to_noise = self._pulls
        to_coordinates = np.zeros((*to_signals.shape[:2], signal_coordinates(problem)))
        add_signals(to_coordinates, problem.mu * to_signals, problem, 0)
        return self._by_coordinate(to_coordinates), self._by_coordinate(to_noise)

    def _by_neuron(self, rows: Floats) -> Floats:
        """Turn ``(N, K m)`` into ``(K, m, N)``."""
        return np.ascontiguousarray(rows.T).reshape(self.draw.problem.K, -1, len(rows))

    def _by_coordinate(self, array: Floats) -> Floats:
        """Turn ``(K, m, N)`` into ``(N, K m)``."""
        return np.ascontiguousarray(array.reshape(-1, array.shape[2]).T)

    def gradient_norm2(self) -> float:
        """Return the squared norm of the gradient where the loss was asked for last."""
        step = self._to_weights()
        changes = (slab.change(*step) for group in self._groups for slab in group)
        return sum(float(np.vdot(change, change)) for change in changes) / (
            self.draw.problem.eta**2
        )

    def coefficients(self) -> Coefficients:
        """Return the coefficients now."""
        return self._coefficients

    def loss_floor(self) -> float:
        """Return the loss below which unresponsive samples cannot let the training loss fall."""
        labels, classes = self.draw.labels, self.draw.classes
        highest = np.maximum(
            self._on_noise[labels, :, np.arange(len(labels))], self._on_signals[labels, :, classes]
        )
        return float(np.mean(highest.max(axis=1) <= 0) * np.log(self.draw.problem.K))


def _slab(weights: Floats, mask: Booleans, noise: Floats, start: int) -> Slab:
    here = slice(start, start + SLAB)
    neurons = weights.shape[0] * weights.shape[1]
    kept = np.ascontiguousarray(mask[:, :, here].reshape(neurons, -1).T)
    masked = weights[:, :, here].reshape(neurons, -1).T * kept
    return Slab(start, np.ascontiguousarray(masked), kept, np.ascontiguousarray(noise[:, here].T))


def changed(before: Coefficients, after: Coefficients) -> bool:
    """Tell whether any coefficient differs."""
    return not (np.array_equal(before.gamma, after.gamma) and np.array_equal(before.rho, after.rho))
