"""The left side of each claim and the event of each theorem, read off a run."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from traceback import extract_tb
from typing import Any

import numpy as np

import bounds
from bounds.mutants import SMALLEST
from bounds.omega import LEARNED
from sims import Draw, Event, Population, Trajectory
from sims.arrays import Floats
from theorycheck.judging.siblings.quantities import AVERAGED_SIDES, SIBLING_EVENTS, memorized


def largest_own_gamma(run: Trajectory) -> Floats:
    """Return ``max_r gamma_{j,r,j}`` at the end for every class j, ``(K,)``."""
    return np.einsum("jrj->jr", run.final.gamma).max(axis=1)


def largest_cross_gamma(run: Trajectory) -> float:
    """Return ``max |gamma_{j,r,k}|`` over j != k and r at the end."""
    K = run.problem.K
    own = np.eye(K, dtype=bool)[:, None, :]
    return float(np.where(own, 0.0, np.abs(run.final.gamma)).max())


def largest_noise(run: Trajectory) -> float:
    """Return the larger of ``max zeta`` and ``max |omega|`` at the end."""
    return float(np.abs(run.final.rho).max())


def least_memorized(run: Trajectory) -> float:
    """Return ``min_i max_r zeta_{y_i,r,i}`` at the end."""
    return float(memorized(run).max(axis=1).min())


def smallest_own_gamma(run: Trajectory) -> float:
    """Return ``min gamma_{j,r,j}`` over j and r at the end."""
    return float(np.einsum("jrj->jr", run.final.gamma).min())


def smallest_cross_gamma(run: Trajectory) -> float:
    """Return ``min |gamma_{j,r,k}|`` over j != k and r at the end."""
    other = ~np.eye(run.problem.K, dtype=bool)
    return float(np.abs(run.final.gamma).transpose(0, 2, 1)[other].min())


def learned_classes(run: Trajectory) -> float:
    """Return the share of classes that have a neuron with gamma_{j,r,j} >= 0.05 at the end."""
    return float((largest_own_gamma(run) >= LEARNED).mean())


def stopping_time(run: Trajectory) -> float:
    """Return t*, the first recorded step with L_S <= epsilon; inf where there is none."""
    return float(run.steps[-1]) if run.status == "reached" else math.inf


LeftSide = Callable[[Trajectory, Population], float]
InEvent = Callable[[Event], bool]
# The left side of each claim, by its name; those that end in ":min" have minima over neurons and
# samples for maxima, and are there for the claims that are changed to be false.
LEFT_SIDES: dict[str, LeftSide] = {
    "stopping-time": lambda run, test: stopping_time(run),
    "train-loss": lambda run, test: float(run.loss[-1]),
    "signal-learned": lambda run, test: float(largest_own_gamma(run).min()),
    "no-cross-signal": lambda run, test: largest_cross_gamma(run),
    "no-noise": lambda run, test: largest_noise(run),
    "test-loss": lambda run, test: test.test_loss,
    "no-signal": lambda run, test: float(largest_own_gamma(run).max()),
    "noise-memorized": lambda run, test: least_memorized(run),
    "test-error": lambda run, test: test.test_error,
    "fitted-by-signal": lambda run, test: run.fitted_by_signal,
    "learned-classes": lambda run, test: learned_classes(run),
    "signal-learned:min": lambda run, test: smallest_own_gamma(run),
    "no-cross-signal:min": lambda run, test: smallest_cross_gamma(run),
    "no-noise:min": lambda run, test: float(np.abs(run.final.rho).min()),
    "noise-memorized:min": lambda run, test: float(memorized(run).min()),
    **AVERAGED_SIDES,
}


# What the numbers themselves may be off by, so that an exact claim is not lost to rounding.
NUMERICAL_ERROR: dict[str, LeftSide] = {
    "train-loss": lambda run, test: 1e-4 * float(run.loss[-1]),
    "test-loss": lambda run, test: 4 * test.test_loss_se + 1e-12,
    "test-error": lambda run, test: 4 * test.test_error_se + 1e-12,
}


def in_every_event(event: Event) -> bool:
    """Tell that a theorem without a condition on the draw speaks of it."""
    return True


def in_mild_event(event: Event) -> bool:
    """Tell whether every class has samples and is learnable."""
    return bool((event.class_counts > 0).all() and event.learnable.all())


def in_over_event(event: Event) -> bool:
    """Tell whether no own signal is left, no class is empty and every sample can be memorized."""
    return bool(event.no_own_signal and (event.class_counts > 0).all() and event.memorizable.all())


def in_captured_event(event: Event) -> bool:
    """Tell whether no own signal is left, no class is empty and every sample gets memorized."""
    return bool(event.no_own_signal and (event.class_counts > 0).all() and event.captured.all())


# The event of a theorem that one run can be held to: a function of the draw, never of a run.
EVENTS: dict[str, InEvent] = {
    "every-draw": in_every_event,
    "learnable": in_mild_event,
    "memorizable": in_over_event,
    "captured": in_captured_event,
    **SIBLING_EVENTS,
}


def measured_names(theorem: bounds.Theorem) -> list[str]:
    """Return the names of what the claims, their mutants and the boundaries speak of."""
    stated: list[bounds.Claim | bounds.Boundary] = [*theorem.claims.values()]
    stated += theorem.boundaries.values()
    return list(dict.fromkeys(name for one in stated for name in names_in(one)))


def names_in(stated: bounds.Claim | bounds.Boundary) -> list[str]:
    """Return the names of what a claim and its mutants, or a boundary, speak of."""
    smallest = isinstance(stated, bounds.Claim) and stated.smallest is not None
    return [stated.measure] + [stated.measure + SMALLEST] * smallest


def escape_times(run: Trajectory) -> list[float]:
    """Return the predicted escape time of each class; the end of training where it cannot learn."""
    problem, event = run.problem, run.event
    # at the start a wrong label pulls back, 1/(K - 1) times as strongly as a right one pulls
    counts = event.class_counts - event.flipped_counts * problem.K / (problem.K - 1)
    kept = np.einsum("jrj->jr", run.draw.signal_kept)
    own = np.where(kept > 0, np.einsum("jrj->jr", run.draw.initial_signal), 0.0)
    # a neuron that keeps a share of its signal grows at that share of the rate
    speeds = np.where(own > 0, kept * np.maximum(own, 0.0) ** (problem.q - 2), 0.0)
    first = np.arange(problem.K), np.argmax(speeds, axis=1)
    times = []
    for n_j, z0, share in zip(
        counts.tolist(), own[first].tolist(), kept[first].tolist(), strict=True
    ):
        if n_j <= 0 or z0 <= 0:
            times.append(float(run.steps[-1]))
            continue
        rate = bounds.signal_rate(problem.eta, problem.q, problem.mu, n_j, problem.n, problem.K)
        times.append(bounds.escape_time(z0, share * rate, problem.q))
    return times


def signal_component(draw: Draw, j: int, r: int, i: int) -> float:
    """Return the component of sample i's noise along the own masked signal of a neuron, unit X.

    Over the share that the neuron keeps: what gamma / mu of it multiplies.
    """
    if draw.along_signals is None:
        return float(draw.noise_at_signal[i, j])
    share = float(draw.signal_kept[j, r, j])
    return float(draw.along_signals[j, r, j, draw.problem.K + i]) / share if share > 0 else 0.0


def predict_omega(run: Trajectory) -> float:
    """Predict ``max |omega|`` from draw and final gamma (semi-empirical; Theory, section 8)."""
    problem, draw, labels = run.problem, run.draw, run.labels
    times = escape_times(run)
    gamma = np.einsum("jrj->jr", run.final.gamma)
    # the rate is linear in the squared norm of the masked noise
    rate = bounds.omega_rate(problem.eta, problem.q, 1.0, problem.n, problem.K)
    largest = 0.0
    for j, r, i in np.ndindex(draw.initial_noise.shape):
        if j == labels[i]:
            continue
        overlap = bounds.signal_overlap(
            float(gamma[j, r]),
            signal_component(draw, j, r, i),
            problem.mu,
            bool(draw.signal_neurons[j, r]),
            problem.noise,
        )
        lost = bounds.omega_drift(
            float(draw.initial_noise[j, r, i]),
            rate * float(draw.noise_norm2[j, r, i]),
            problem.q,
            times[j],
            times[labels[i]],
            overlap,
        )
        largest = max(largest, lost)
    return largest


def checked_quantity(name: str, quantity: Callable[..., Any]) -> LeftSide:
    """Hold a user's quantity to what verdicts can use: a number of at least 0, or nan."""

    def measured(run: Trajectory, test: Population) -> float:
        where = f"quantity {name!r} at seed {run.seed} of {run.problem} must return a number"
        try:
            value = quantity(run, test)
        except Exception as error:
            raise ValueError(f"{where}, and {_raised(error, quantity)}") from error
        if not isinstance(value, Real) or float(value) < 0:
            raise ValueError(f"{where} of at least 0, or nan, got {value!r}")
        return float(value)

    return measured


def checked_event(name: str, in_event: Callable[..., Any]) -> InEvent:
    """Hold a user's event to a yes or no."""

    def decided(event: Event) -> bool:
        where = f"event {name!r} must return True or False"
        try:
            return bool(in_event(event))
        except Exception as error:
            raise ValueError(f"{where}, and {_raised(error, in_event)}") from error

    return decided


def _raised(error: Exception, function: Callable[..., Any]) -> str:
    """Say what a user's function raised, and in which line of its module."""
    path = getattr(getattr(function, "__code__", None), "co_filename", "")
    return f"raised {type(error).__name__}{line_in(error, path)}: {error}"


def line_in(error: BaseException, path: str) -> str:
    """Say in which line of a file an error was raised last; empty where in none."""
    lines = [one.lineno for one in extract_tb(error.__traceback__) if one.filename == path]
    return f" in line {lines[-1]}" if lines else ""
