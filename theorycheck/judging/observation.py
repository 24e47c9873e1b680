"""One run, reduced to the numbers that verdicts and figures need."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import bounds
from sims import Population, Problem, Trajectory, population, stream_many
from sims.arrays import Floats
from theorycheck.judging.quantities import NUMERICAL_ERROR, measured_names, predict_omega

# Weights that left all bounds have no test loss.
NO_POPULATION = Population(math.nan, math.nan, math.nan, math.nan)
# The lemma that speaks of the path: its C is measured along every run.
GRADIENT_NORM = "gradient-norm"


@dataclass(frozen=True, eq=False)
class Series:
    """What a figure of one run shows: loss and the largest coefficients at each recorded step."""

    steps: Floats
    loss: Floats
    gamma: Floats
    cross: Floats
    zeta: Floats
    omega: Floats


@dataclass(frozen=True, eq=False)
class Observation:
    """One run, reduced to the numbers that verdicts and figures need.

    Attributes
    ----------
    problem : Problem
        What was run.
    seed : int
        With which seed.
    epsilon : float
        The training loss to stop at.
    engine, status, reason : str
        As in :class:`sims.Trajectory`.
    step, time_error : float
        The last step, t* where the status is "reached", and the engine's own estimate of its error.
    in_event : bool
        Whether the draw lies in the theorem's event.
    test : Population
        Test loss and test error.
    measured : dict of str to float
        The left side of each claim by its name; for the lemma `gradient-norm` its C.
    numerical_error : dict of str to float
        What an exact claim's left side may be off by.
    omega, predicted_omega : float
        ``max |omega|`` and what the omega drift predicts for it; nan for ``q < 2``.
    series : Series
        The course of the run.
    """

    problem: Problem
    seed: int
    epsilon: float
    engine: str
    status: str
    reason: str
    step: float
    time_error: float
    in_event: bool
    test: Population
    measured: dict[str, float]
    numerical_error: dict[str, float]
    omega: float
    predicted_omega: float
    series: Series


def observe(
    theorem: str, problem: Problem, seed: int, epsilon: float, engine: str = "auto"
) -> Observation:
    """Run a problem once and measure everything a theorem claims about it."""
    return next(observe_many([(theorem, problem, seed, epsilon, engine)]))[1]


def observe_many(calls: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, Observation]]:
    """Make several calls of :func:`observe` in stacks; yield the number and the result of each."""
    theorems, problems, seeds, epsilons, engines = zip(*calls, strict=True)
    for number, run in stream_many(problems, seeds, epsilons, engine=engines):
        test = population(run) if run.status != "diverged" else NO_POPULATION
        yield number, observation(theorems[number], run, test)


def observation(theorem: str, run: Trajectory, test: Population) -> Observation:
    """Measure everything a theorem claims about a run that was made."""
    from theorycheck.judging.theorems import find

    subject = find(theorem)
    names = measured_names(subject.theorem)
    return Observation(
        run.problem,
        run.seed,
        run.target_loss,
        run.engine,
        run.status,
        run.reason,
        float(run.steps[-1]),
        run.time_error,
        bool(subject.in_event(run.event)),
        test,
        {name: float(subject.quantities[name](run, test)) for name in names}
        | {GRADIENT_NORM: gradient_constant(run)},
        {name: error(run, test) for name, error in NUMERICAL_ERROR.items() if name in names},
        float(np.abs(run.omega[-1]).max()),
        predict_omega(run) if run.problem.q >= 2 else math.nan,
        series(run),
    )


def series(run: Trajectory) -> Series:
    """Reduce a run to its largest coefficients at each step."""
    axes = (1, 2, 3)
    own = np.eye(run.problem.K, dtype=bool)[:, None, :]
    return Series(
        run.steps,
        run.loss,
        np.einsum("tjrj->tjr", run.gamma).max(axis=(1, 2)),
        np.where(own, 0.0, np.abs(run.gamma)).max(axis=axes),
        run.zeta.max(axis=axes),
        np.abs(run.omega).max(axis=axes),
    )


def gradient_constant(run: Trajectory) -> float:
    """Return the largest C of the lemma `gradient-norm` along the path of a run."""
    lemma = bounds.LEMMAS[GRADIENT_NORM]
    parameters = run.problem.parameters()
    # the bound is linear in the loss, so one evaluation serves the whole path
    per_loss = bounds.value(lemma.upper, {**parameters, "loss": 1.0})
    learning = run.loss > 0  # a loss that rounds to 0 has a gradient that does, and any C
    ratios = run.gradient_norm2[learning] / (per_loss * run.loss[learning])
    return float(ratios.max(initial=0.0))
