"""Plain gradient descent: how a run ends, and the engine ``weights``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sims.arrays import Booleans, Floats
from sims.decomposition import Coefficients
from sims.problem import Problem
from sims.recorder import Recorder

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


HELD_UP_REASON = (
    "samples for which their class has no neuron left (pruned, or captured by others) "
    "hold the loss at {:.4g}"
)


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
