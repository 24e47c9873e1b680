"""Left sides and events of theorems on averaged outputs and antipodal signals.

The engine's outputs are sums of neurons. What a theorem on the mean says of a coefficient, it says
of m^(1/q) times the engine's (Theory, section 12).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

import bounds
from sims import Event, Population, Trajectory, coefficient_factor
from sims.arrays import Booleans, Floats


def signal_lead(run: Trajectory) -> Floats:
    """Return ``gamma_{j,r,j} - gamma_{j,r,k}`` at the end, k the other class, ``(2, m)``.

    Both coefficients belong to one coordinate: the theorems know their sum alone.
    """
    own, other = np.arange(2), np.array([1, 0])
    gamma = run.final.gamma
    return gamma[own, :, own] - gamma[own, :, other]


def memorized(run: Trajectory) -> Floats:
    """Return ``zeta_{y_i,r,i}`` at the end for every sample i and neuron r, ``(n, m)``."""
    return run.final.rho[run.labels, :, np.arange(run.problem.n)]


def of_mean(
    coefficient: Callable[[Trajectory], float],
) -> Callable[[Trajectory, Population], float]:
    """Return a coefficient of a run as a theorem on the mean of its neurons sees it."""
    return lambda run, test: coefficient_factor(run.problem) * coefficient(run)


AVERAGED_SIDES: dict[str, Callable[[Trajectory, Population], float]] = {
    "least-gamma-averaged": of_mean(lambda run: float(signal_lead(run).max(axis=1).min())),
    "max-gamma-averaged": of_mean(lambda run: float(np.abs(signal_lead(run)).max())),
    "max-rho-averaged": of_mean(lambda run: float(np.abs(run.final.rho).max())),
    "least-zeta-averaged": of_mean(lambda run: float(memorized(run).max(axis=1).min())),
    "least-gamma-averaged:min": of_mean(lambda run: float(signal_lead(run).min())),
    "max-gamma-averaged:min": of_mean(lambda run: float(np.abs(signal_lead(run)).min())),
    "max-rho-averaged:min": of_mean(lambda run: float(np.abs(run.final.rho).min())),
    "least-zeta-averaged:min": of_mean(lambda run: float(memorized(run).min())),
}


def race_indices(event: Event) -> list[float]:
    """Return the race index of each class by the draw alone: above 1 it learns its signal."""
    draw, problem = event.draw, event.draw.problem
    scale = problem.sigma_n * math.sqrt(problem.d)
    starts = draw.initial_noise[draw.labels, :, np.arange(problem.n)].max(axis=1)
    noise = np.maximum(starts, 0.0) / (problem.sigma_0 * scale)
    signal = np.einsum("jrj->jr", draw.initial_signal).max(axis=1)
    signal = np.maximum(signal, 0.0) / (problem.sigma_0 * problem.mu)
    return [
        bounds.antipodal_race_index(
            problem.mu / scale, float(signal[j]), noise[draw.classes == j].tolist(), problem.q
        )
        for j in range(problem.K)
    ]


def labels_full(event: Event) -> bool:
    """Tell whether every label is there."""
    return bool(_labelled(event).all())


def signal_wins(event: Event) -> bool:
    """Tell whether every class is there and learns its signal by the race of the draw."""
    full = bool((event.class_counts > 0).all())
    return full and event.draw.problem.q > 2 and min(race_indices(event)) > 1


def noise_wins(event: Event) -> bool:
    """Tell whether no class learns its signal by the race, and every sample can be memorized."""
    full = labels_full(event) and bool(event.memorizable.all())
    return full and event.draw.problem.q > 2 and max(race_indices(event)) < 1


def fittable(event: Event) -> bool:
    """Tell whether every label is there and every sample has a neuron that answers its noise."""
    return labels_full(event) and bool(event.memorizable.all())


def _labelled(event: Event) -> Booleans:
    return np.bincount(event.draw.labels, minlength=event.draw.problem.K) > 0


SIBLING_EVENTS: dict[str, Callable[[Event], bool]] = {
    "classes-full": labels_full,
    "fittable": fittable,
    "signal-wins": signal_wins,
    "noise-wins": noise_wins,
}
