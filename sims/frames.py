"""A run as tables: for a notebook, as a data frame, as labelled arrays.

pandas and xarray are imported when they are asked for; the extra `frames` brings them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol

import numpy as np

from sims.arrays import Booleans, Floats, Integers
from sims.notebook import table
from sims.problem import Problem


def library(name: str) -> Any:
    """Import a library, or raise an ImportError that says how to install it."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(
            f"{name} is needed for this and is not installed: pip install 'theorycheck[frames]'"
        ) from error


class Run(Protocol):
    """What is told of a run."""

    @property
    def problem(self) -> Problem: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def engine(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102
    @property
    def labels(self) -> Integers: ...  # noqa: D102
    @property
    def signal_neurons(self) -> Booleans: ...  # noqa: D102
    @property
    def steps(self) -> Floats: ...  # noqa: D102
    @property
    def loss(self) -> Floats: ...  # noqa: D102
    @property
    def gradient_norm2(self) -> Floats: ...  # noqa: D102
    @property
    def gamma(self) -> Floats: ...  # noqa: D102
    @property
    def zeta(self) -> Floats: ...  # noqa: D102
    @property
    def omega(self) -> Floats: ...  # noqa: D102


def step_columns(run: Run) -> dict[str, Floats]:
    """Return what has one number at each recorded step, the largest of each coefficient."""
    return {
        "loss": run.loss,
        "gradient_norm2": run.gradient_norm2,
        "max_gamma": run.gamma.max(axis=(1, 2, 3)),
        "max_zeta": run.zeta.max(axis=(1, 2, 3)),
        "max_abs_omega": np.abs(run.omega).max(axis=(1, 2, 3)),
    }


def trajectory_table(run: Run) -> str:
    """Return how a run ended as HTML."""
    last = {name: float(values[-1]) for name, values in step_columns(run).items()}
    rows = {
        "problem": run.problem.letters,
        "seed": run.seed,
        "engine": run.engine,
        "recorded steps": len(run.steps),
        "last step": float(run.steps[-1]),
        **last,
    }
    return table([], list(rows.items()), f"{run.status}: {run.reason}")


def trajectory_frame(run: Run) -> Any:
    """Return a run as a pandas.DataFrame."""
    pandas = library("pandas")
    frame = pandas.DataFrame(step_columns(run), index=pandas.Index(run.steps, name="step"))
    frame.attrs.update(_about(run))
    return frame


def trajectory_dataset(run: Run) -> Any:
    """Return a run as an xarray.Dataset."""
    xarray = library("xarray")
    at_samples = ("step", "class", "neuron", "sample")
    return xarray.Dataset(
        {
            "loss": ("step", run.loss),
            "gradient_norm2": ("step", run.gradient_norm2),
            "gamma": (("step", "class", "neuron", "signal"), run.gamma),
            "zeta": (at_samples, run.zeta),
            "omega": (at_samples, run.omega),
        },
        {
            "step": run.steps,
            "label": ("sample", run.labels),
            "signal_neuron": (("class", "neuron"), run.signal_neurons),
        },
        _about(run),
    )


def _about(run: Run) -> dict[str, Any]:
    """Return what a run is of, as plain values."""
    told = {"seed": run.seed, "engine": run.engine, "status": run.status, "reason": run.reason}
    return {**run.problem.parameters(), **told}
