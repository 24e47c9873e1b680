r"""Long times: gradient descent followed by leaping along a gradient flow (Theory, section 5).

One step of descent adds ``f(c)`` to the coefficients. While a step changes the pre-activations by
a tiny relative amount, the steps lie on the solution of

    dc/dt = f(c) - (1/2) (df/dc) f(c),        t counted in steps,

up to second order in eta: the second term is the flow of the modified loss
``L + (eta/4) ||grad L||^2`` (backward error analysis). An adaptive integrator follows it over any
number of steps (:mod:`sims.integrator`). Where a single step is no longer small the engine hands
over to exact descent, and takes over again when it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sims.arrays import Floats
from sims.descent import HELD_UP_REASON, Ending, descend, held_up, largest_pre_activation
from sims.gram import GramDescent
from sims.integrator import Integrator
from sims.recorder import Recorder
from sims.system import CoefficientSystem

LARGEST_STEP_RATIO = 0.1  # beyond it the expansion in the step size means nothing
NEGLIGIBLE_GROWTH = 1e-2  # a coefficient that grows less than this over all time so far is at rest
SPEED_ERROR = 1.5  # times the squared ratio: next term of the expansion, for f growing like z^2
CLOCK_PRECISION = 4 * np.finfo(float).eps
NEGLIGIBLE_RATIO = 1e-4  # of rtol: below it the next step of the flow does without the correction
QUIET = 0.3  # leaping starts when the step ratio is this far below what is allowed
MOST_INTEGRATOR_STEPS = 50_000  # per leap; ordinary runs take a few hundred to a few thousand
EXACT_STRETCH = 20  # exact steps between two looks at whether the flow may take over


@dataclass(frozen=True)
class FlowSettings:
    """How the flow is integrated.

    Attributes
    ----------
    rtol : float, default 1e-5
        Relative error of the step counts that is allowed to the leaping.
    correction : bool, default True
        Follow the modified loss (error of second order in eta); without, the plain one (first).
    hand_over : bool, default True
        Leave the flow for exact descent where one step is not small.
    """

    rtol: float = 1e-5
    correction: bool = True
    hand_over: bool = True


class Flow:
    """The flow of one system, with its own measure of how far it is from descent.

    Parameters
    ----------
    system : CoefficientSystem
        The recursion that the flow follows; its q is at least 2.
    settings : FlowSettings
        How to integrate.
    """

    def __init__(self, system: CoefficientSystem, settings: FlowSettings) -> None:
        self.system, self.settings = system, settings
        # what a coefficient must reach to matter: it moves its pre-activation by its own size
        norm2 = system.norm2
        size = np.divide(np.abs(system.initial), norm2, out=np.zeros_like(norm2), where=norm2 > 0)
        typical = np.sqrt(np.mean(size * size, axis=2, keepdims=True))
        self.scale = np.maximum(size, 1e-3 * typical) + np.finfo(float).tiny
        self.correction_matters = True
        self._largest = largest_pre_activation(system.draw.problem)

    def pre_activations(self, c: Floats) -> Floats:
        """Return z at c, kept from overflow: an integrator's trial step may land anywhere."""
        z = self.system.pre_activations(c)
        return np.minimum(z, self._largest, out=z)

    def loss_and_velocity(self, c: Floats) -> tuple[float, Floats, Floats]:
        """Return loss, velocity dc/dt, and its second-order part (0 without the correction)."""
        z = self.pre_activations(c)
        if not self.settings.correction:
            loss, f = self.system.loss_and_update(z)
            return loss, f, np.zeros_like(f)
        loss, f, along = self.system.loss_update_and_curvature(z)
        half = 0.5 * along
        return loss, f - half, half

    def velocity(self, flat: Floats) -> Floats:
        """Return dc/dt, without the correction where that was found negligible; both flat."""
        c = flat.reshape(self.scale.shape)
        if self.correction_matters:
            return self.loss_and_velocity(c)[1].ravel()
        return self.system.loss_and_update(self.pre_activations(c))[1].ravel()

    def spectral_radius(self, flat: Floats) -> float:
        """Return the spectral radius of the flow's Jacobian."""
        c = flat.reshape(self.scale.shape)
        return self.system.spectral_radius(self.pre_activations(c))

    def loss_and_gradient_norm2(self, c: Floats) -> tuple[float, float]:
        """Return the loss and the squared norm of its gradient."""
        loss, f = self.system.loss_and_update(self.pre_activations(c))
        return loss, self.system.step_norm2(f) / self.system.draw.problem.eta**2

    def loss_and_step_ratios(self, c: Floats, time: float) -> tuple[float, float, float]:
        r"""Return the loss and the largest ``|(1/2) (df/dc) f| / |f|``, of movers and of all.

        This ratio is how much one step changes the next; its square is the relative error of the
        flow's speed. A coefficient that has hardly grown over all time so far is no mover.
        """
        loss, velocity, half = self.loss_and_velocity(c)
        f = velocity + half
        ratios = np.divide(np.abs(half), np.abs(f), out=np.zeros_like(f), where=f != 0)
        moving = np.abs(f) * max(time, 1.0) > NEGLIGIBLE_GROWTH * (self.scale + np.abs(c))
        return loss, float(np.max(ratios, where=moving, initial=0.0)), float(np.max(ratios))

    def loss_floor(self, c: Floats) -> float:
        """Return the loss below which unresponsive samples cannot let the training loss fall."""
        return self.system.loss_floor(self.pre_activations(c))

    def allowed_ratio(self, time: float) -> float:
        """Return the step ratio up to which leaping keeps the error of the time below rtol.

        A ratio rho costs ``rho^2`` of a step per step. On the way to an escape rho grows by rho^2
        per step, so what is lost until then adds up to about rho steps: ``rho <= rtol * time``.
        """
        rtol = self.settings.rtol
        return max(np.sqrt(rtol) / 3, min(LARGEST_STEP_RATIO, rtol * time))

    def solver(self, c: Floats, longest: float) -> Integrator:
        """Start the integrator at coefficients c; its clock starts at 0 and ends at longest.

        Counting from 0 keeps the clock's digits for the short steps of an escape at a late time.
        """
        self.correction_matters = True
        rtol, scale = self.settings.rtol, self.scale.ravel()
        return Integrator(self.velocity, self.spectral_radius, c.ravel(), longest, rtol, scale)


def follow(
    state: GramDescent,
    recorder: Recorder,
    target_loss: float,
    max_steps: float,
    settings: FlowSettings,
    report: Callable[[float, float], None],
) -> Ending:
    """Train by leaping along the flow where a step is small, and by exact steps where it is not.

    As in :func:`sims.descent.descend`, the last step is left to the caller to record.

    Parameters
    ----------
    state : GramDescent
        The network in coefficient space; it is changed in place.
    recorder : Recorder
        Where scheduled steps go.
    target_loss : float
        Stop where the loss crosses this; on a leap the crossing is interpolated, not rounded.
    max_steps : float
        Stop at this time.
    settings : FlowSettings
        The error control.
    report : callable
        Told time and loss, for progress.

    Returns
    -------
    Ending
        How the run ended, with the estimated error of its time.
    """
    flow = Flow(state.system, settings)
    time, error = 0.0, 0.0
    while True:
        # a first step tells what leaping cannot: that nothing moves, or all is over at once
        stretch = EXACT_STRETCH if time > 0 else 1
        ending = descend(state, recorder, target_loss, max_steps, report, time, stretch)
        if ending.status != "paused":
            return replace(ending, time_error=error)
        ending = _leap(flow, state, ending, recorder, target_loss, max_steps, report)
        time, error = ending.step, error + ending.time_error
        if ending.status != "paused":
            return replace(ending, time_error=error)


def _leap(
    flow: Flow,
    state: GramDescent,
    before: Ending,
    recorder: Recorder,
    target_loss: float,
    max_steps: float,
    report: Callable[[float, float], None],
) -> Ending:
    """Follow the flow until the target, the last step, or a place where a step is not small."""
    settings, start = flow.settings, before.step
    _, ratio, _ = flow.loss_and_step_ratios(state.c, start)
    if settings.hand_over and ratio > QUIET * flow.allowed_ratio(start):
        return before
    solver, error, ending = flow.solver(state.c, max_steps - start), 0.0, before
    for _ in range(MOST_INTEGRATOR_STEPS):
        solver.step()
        if solver.status == "failed":  # its steps got shorter than its clock can tell apart
            return replace(ending, time_error=error)
        state.c, time = solver.y.reshape(state.c.shape), start + solver.t
        loss, ratio, of_all = flow.loss_and_step_ratios(state.c, time)
        flow.correction_matters = of_all > NEGLIGIBLE_RATIO * settings.rtol
        error += SPEED_ERROR * ratio * ratio * solver.step_size
        report(time, loss)
        if loss <= target_loss:
            return _arrive(flow, state, solver, start, target_loss, recorder, error)
        _record_leap(flow, solver, start, solver.t, recorder)
        if recorder.moved(loss):
            _record(flow, state.c, time, recorder)
        ending = Ending("paused", "", time, loss, error)
        if held_up(flow.loss_floor(state.c), loss, target_loss):
            return replace(ending, status="stalled", reason=HELD_UP_REASON.format(loss))
        if solver.status == "finished":
            reason = f"the loss was still {loss:.4g} after {time:.10g} steps"
            return replace(ending, status="max-steps", reason=reason)
        if settings.hand_over and ratio > flow.allowed_ratio(time):
            return ending
    reason = f"the flow was still at loss {loss:.4g} after {MOST_INTEGRATOR_STEPS} integrator steps"
    return replace(ending, status="max-steps", reason=reason)


def _arrive(
    flow: Flow,
    state: GramDescent,
    solver: Integrator,
    start: float,
    target_loss: float,
    recorder: Recorder,
    error: float,
) -> Ending:
    """End at the crossing of the target in the integrator's last step."""
    clock = _crossing(flow, solver, target_loss)
    state.c = solver.dense_output()(clock).reshape(state.c.shape)
    _record_leap(flow, solver, start, clock, recorder)
    loss, time = flow.loss_and_velocity(state.c)[0], start + clock
    reason = f"the loss reached {target_loss:g} at step {time:.10g}"
    return Ending("reached", reason, time, loss, error)


def _crossing(flow: Flow, solver: Integrator, target_loss: float) -> float:
    """Return the integrator's clock just after the loss crosses its target in its last step."""
    from scipy.optimize import brentq

    path = solver.dense_output()
    shape = flow.system.initial.shape

    def excess(clock: float) -> float:
        return flow.loss_and_velocity(path(clock).reshape(shape))[0] - target_loss

    if excess(solver.t_old) <= 0:  # interpolation and step may disagree in the last digit
        return float(solver.t_old)
    if excess(solver.t) > 0:
        return float(solver.t)
    precision = 1e-12 * (solver.t - solver.t_old)
    clock = float(brentq(excess, solver.t_old, solver.t, xtol=precision, rtol=CLOCK_PRECISION))
    beyond = 2 * (precision + CLOCK_PRECISION * clock)
    return clock if excess(clock) <= 0 else min(clock + beyond, float(solver.t))


def _record_leap(
    flow: Flow, solver: Integrator, start: float, clock: float, recorder: Recorder
) -> None:
    """Record the scheduled times of the integrator's last step, up to a clock."""
    times = recorder.due(start + clock)
    if not times:
        return
    path = solver.dense_output()
    for time in times:
        _record(flow, path(time - start).reshape(flow.system.initial.shape), time, recorder)


def _record(flow: Flow, c: Floats, time: float, recorder: Recorder) -> None:
    loss, norm2 = flow.loss_and_gradient_norm2(c)
    recorder.record(time, loss, norm2, flow.system.coefficients(c))
