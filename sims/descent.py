"""Plain gradient descent: how a run ends, and the engine ``weights``."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple, Protocol

import numpy as np

from sims.arrays import Booleans, Floats
from sims.data import Dataset
from sims.decomposition import Coefficients, add_pulls, pulls, zero_coefficients
from sims.draw import Draw
from sims.gradients import loss_and_slopes
from sims.network import activation_and_slope
from sims.problem import Problem
from sims.trajectory import Recorder

SLAB = 512  # coordinates visited at a time; a constant, so that bits never change
GROUPS = 8  # of slabs, for threads to share
LOOK = 1000  # steps between two looks at whether the target is out of reach
HELD_UP = 1e-3  # relative distance from the lowest loss that unresponsive samples leave possible
LARGEST_LOGIT = 1e100  # a logit beyond this cannot come back; well inside float64


class DescentState(Protocol):
    """A network in training, in whatever representation an engine keeps it."""

    def loss(self) -> float:
        """Return the training loss; infinite where the pre-activations have left all bounds."""

    def step(self) -> bool:
        """Take the step whose loss was asked for last; return False when it changed nothing."""

    def coefficients(self) -> Coefficients:
        """Return the coefficients now."""

    def gradient_norm2(self) -> float:
        """Return the squared norm of the gradient where the loss was asked for last, unit X^2."""

    def loss_floor(self) -> float:
        """Return the loss below which unresponsive samples cannot let the training loss fall."""


@dataclass(frozen=True)
class Ending:
    """How a run ended.

    Attributes
    ----------
    status : str
        One of the statuses of a :class:`sims.Trajectory`.
    reason : str
        One sentence.
    step : float
        The last step.
    loss : float
        The training loss there.
    time_error : float
        Estimated error of the step count.
    """

    status: str
    reason: str
    step: float
    loss: float
    time_error: float = 0.0


def descend(
    state: DescentState,
    recorder: Recorder,
    target_loss: float,
    max_steps: float,
    report: Callable[[float, float], None],
) -> Ending:
    """Take steps of gradient descent until the loss reaches its target or the run ends otherwise.

    The last step is not recorded here but by the caller, who alone knows that it is the last.

    Parameters
    ----------
    state : DescentState
        The network; it is changed in place.
    recorder : Recorder
        Where scheduled steps go.
    target_loss : float
        Stop at the first step whose loss is at most this.
    max_steps : float
        Stop when this step is reached.
    report : callable
        Told step and loss at every step, for progress.

    Returns
    -------
    Ending
        How the run ended.
    """
    step = 0
    while True:
        loss = state.loss()
        report(step, loss)
        if not np.isfinite(loss):
            return Ending("diverged", f"the logits left all bounds at step {step:g}", step, loss)
        moved = recorder.moved(loss)
        if recorder.due(step) or moved:
            recorder.record(step, loss, state.gradient_norm2(), state.coefficients())
        if loss <= target_loss:
            reason = f"the loss reached {target_loss:g} at step {step:.10g}"
            return Ending("reached", reason, step, loss)
        if step >= max_steps:
            reason = f"the loss was still {loss:.4g} after {step:.10g} steps"
            return Ending("max-steps", reason, step, loss)
        if step % LOOK == 0 and held_up(state.loss_floor(), loss, target_loss):
            return Ending("stalled", HELD_UP_REASON.format(loss), step, loss)
        if not state.step():
            reason = f"no weight changes any more after step {step:.10g}"
            return Ending("stalled", reason, step, loss)
        step += 1


HELD_UP_REASON = "samples without a responsive neuron hold the loss at {:.4g}"


def held_up(floor: Floats | float, loss: Floats | float, target_loss: Floats | float) -> Booleans:
    """Tell of each run whether unresponsive samples alone hold the loss above its target.

    A sample to which no neuron of its own class responds has a loss of at least log K and no
    gradient towards its own class; only a chance overlap with other samples could wake it.

    Parameters
    ----------
    floor : float or (R,) array
        Share of such samples times log K.
    loss, target_loss : float or (R,) array
        The training losses and their targets.

    Returns
    -------
    bool array
        True where the loss is as low as such samples let it be, and above the target.
    """
    floor, target_loss = np.asarray(floor), np.asarray(target_loss)
    return (floor > target_loss) & (target_loss > 0) & (loss <= floor * (1 + HELD_UP))


def largest_pre_activation(problem: Problem) -> float:
    """Return the pre-activation at which a logit would reach ``LARGEST_LOGIT``."""
    return float((LARGEST_LOGIT / problem.m) ** (1 / problem.q))


def within_bounds(pre_activations: Floats, problem: Problem) -> bool:
    """Tell whether every pre-activation is a number below the largest that is computed with."""
    return bool(np.max(pre_activations) <= largest_pre_activation(problem))  # False for NaN


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
        to_signals : (K, K m) array
            What it adds on the coordinates of the signals, unit 1/X.
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
        problem, labels = self.draw.problem, self.draw.labels
        slabs = (slab for group in self._groups for slab in group)
        first = [slab.weights for slab in takewhile(lambda one: one.start < problem.K, slabs)]
        self._on_signals = problem.mu * self._by_neuron(np.concatenate(first)[: problem.K])
        self._on_noise = self._by_neuron(self._products)
        for z in (self._on_signals, self._on_noise):
            if not within_bounds(z, problem):
                return np.inf
        signal_response, at_signals = activation_and_slope(self._on_signals, problem.q)
        noise_response, at_noise = activation_and_slope(self._on_noise, problem.q)
        logits = signal_response.sum(axis=1)[:, labels] + noise_response.sum(axis=1)
        loss, self._slopes = loss_and_slopes(logits, labels)
        self._pulls = pulls(self.draw, self._slopes, at_signals, at_noise)
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
        """Return the pulls as the slabs take them, ``(K, K m)`` and ``(n, K m)``."""
        to_signals, to_noise = (self._by_coordinate(pull) for pull in self._pulls)
        return to_signals * self.draw.problem.mu, to_noise

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
        labels, samples = self.draw.labels, np.arange(len(self.draw.labels))
        highest = np.maximum(
            self._on_noise[labels, :, samples], self._on_signals[labels, :, labels]
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
