"""Runs over a grid of p as plain data, thinned to what a page can show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import bounds
from theorycheck.judging.observation import Observation

if TYPE_CHECKING:
    pass


POINTS = 60
DIGITS = 4  # more than a picture can show
LEVELS = ("stopping-time", "train-loss", "signal-learned", "no-cross-signal", "no-noise")


def grid_record(runs: Sequence[Observation]) -> dict[str, Any] | None:
    """Return runs of mild pruning over a grid of p as plain data.

    The problem, the course of the first seed's run at each p with the theorem's bounds, and the
    test loss and error of every run; None where there are no runs.
    """
    if not runs:
        return None
    first = min(run.seed for run in runs)
    problem = runs[0].problem.parameters()
    del problem["p"]
    shown = sorted((run for run in runs if run.seed == first), key=lambda run: -run.problem.p)
    return {
        "problem": problem,
        "epsilon": runs[0].epsilon,
        "seed": first,
        "courses": [_course(run) for run in shown],
        "tests": [
            {
                "p": run.problem.p,
                "seed": run.seed,
                "in_event": run.in_event,
                "test_loss": run.test.test_loss,
                "test_error": run.test.test_error,
            }
            for run in runs
        ],
    }


def _course(run: Observation) -> dict[str, Any]:
    parameters = {**run.problem.parameters(), "epsilon": run.epsilon}
    theorem = bounds.THEOREMS["mild-pruning"]
    premise = theorem.conditions[theorem.id]
    seen = vars(run.series)
    kept = thin(len(run.series.steps))
    return {
        "p": run.problem.p,
        "premise_kept": premise.implied_constant(parameters) >= premise.constant,
        "in_event": run.in_event,
        "status": run.status,
        "test_loss": run.test.test_loss,
        "test_error": run.test.test_error,
        "levels": {name: theorem.claims[name].evaluate(parameters) for name in LEVELS},
        **{name: [_rounded(value) for value in seen[name][kept].tolist()] for name in seen},
    }


def thin(recorded: int) -> list[int]:
    """Choose at most ``POINTS`` recorded steps, the first and the last among them.

    They are recorded where there is something to see, so their numbers are spaced evenly.
    """
    return sorted({round(place) for place in np.linspace(0, recorded - 1, POINTS)})


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else value
