"""Test error, or loss, over a plane of any two parameters (Theory, sections 7 and 11)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from bounds.parsing import Formula, parse
from sims import Problem
from sims.arguments import check_count, check_number
from sims.arrays import Floats
from theorycheck.defaults import EPSILON
from theorycheck.predictions.phase_diagram import SNR, P, measure_cells

WHOLE = ("d", "n", "m", "K")
# What each parameter is where it does not move, and over which values it moves unless told.
FIXED: dict[str, float] = {
    "d": 4000, "n": 20, "m": 20, "K": 2, "p": 1.0, "mu": 1.0, "sigma_0": 1e-3, "eta": 0.1,
    "epsilon": EPSILON, "snr": 0.5,
}  # fmt: skip
RANGES: dict[str, tuple[float, ...]] = {
    "d": (250, 500, 1000, 2000, 4000, 8000, 16000),
    "n": (5, 7, 10, 14, 20, 28, 40),
    "m": (3, 5, 8, 12, 20, 30, 50),
    "K": (2, 3, 4, 5, 6, 8),
    "p": P,
    "mu": (0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0),
    "sigma_n": (0.01, 0.014, 0.02, 0.03, 0.05, 0.07, 0.1, 0.14),
    "sigma_0": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1),
    "eta": (0.01, 0.03, 0.1, 0.3, 1.0),
    "epsilon": (1e-4, 1e-3, 1e-2, 0.05, 0.2, 0.5),
    "snr": SNR,
}
MEASURES = ("error", "loss")
SYMBOLS = (*RANGES, "q")  # that an index is made of


@dataclass(frozen=True)
class Plane:
    """A grid of problems over two parameters; validated before any work starts.

    Parameters
    ----------
    x, y : str
        Which parameters move: two of d, n, m, K, p, mu, sigma_n, sigma_0, eta, epsilon and
        snr = mu / (sigma_n sqrt(d)), which sets sigma_n.
    values : mapping of str to sequence of float
        Values by name: several of x and y, kept in rising order, one of any other. What is left
        out has its default. Either snr or sigma_n may be among them.
    seeds : int, default 4
        Runs in a cell, with the seeds 0, 1, .. in each.
    noise : str, default "orthogonal"
        As in :class:`sims.Problem`.
    max_steps : float, optional
        Where a run ends at the latest.
    signals, flip, support, q, pruning
        As in :class:`sims.Problem`.
    measure : {"error", "loss"}, default "error"
        What is measured on fresh data.

    Raises
    ------
    ValueError
        If a parameter is unknown or outside its domain.
    """

    x: str
    y: str
    values: Mapping[str, Sequence[float]] = field(default_factory=dict, hash=False)
    seeds: int = 4
    noise: str = "orthogonal"
    max_steps: float | None = None
    signals: str = "axis"
    flip: float = 0.0
    support: int = 1
    q: float = 3.0
    measure: str = "error"
    pruning: str = "random"

    def __post_init__(self) -> None:
        """Fill in defaults and sort the two axes; refuse what cannot be run."""
        check_count("seeds", self.seeds, 1)
        check_number("max_steps", self.max_steps or 0, 0.0, 1e30)
        if self.measure not in MEASURES:
            raise ValueError(f"measure must be one of {', '.join(MEASURES)}, got {self.measure!r}")
        for name, axis in (("x", self.x), ("y", self.y)):
            if axis not in RANGES:
                raise ValueError(f"{name} must be one of {', '.join(RANGES)}, got {axis!r}")
        if self.x == self.y:
            raise ValueError(f"x and y must be two parameters, got {self.x!r} for both")
        object.__setattr__(self, "values", self._filled())
        for x in self.values[self.x]:
            for y in self.values[self.y]:
                self.cell(x, y)

    def _filled(self) -> dict[str, tuple[float, ...]]:
        given = {name: tuple(values) for name, values in self.values.items()}
        if unknown := [name for name in given if name not in RANGES]:
            raise ValueError(f"values must be of {', '.join(RANGES)}, got {unknown[0]!r}")
        moving = (self.x, self.y)
        if "sigma_n" in (*given, *moving) and "snr" in (*given, *moving):
            raise ValueError("snr must be left out where sigma_n is given, which it sets")
        quiet = "snr" if "sigma_n" in (*given, *moving) else "sigma_n"
        names = [name for name in RANGES if name != quiet]
        return {name: self._checked(name, given, name in moving) for name in names}

    @staticmethod
    def _checked(
        name: str, given: Mapping[str, tuple[float, ...]], moves: bool
    ) -> tuple[float, ...]:
        """Return the values of one parameter: of an axis, rising; of any other, one."""
        if not moves:
            found = given.get(name, (FIXED.get(name, math.nan),))
            if len(found) != 1:
                raise ValueError(f"{name} must be one number unless it is x or y, got {found!r}")
            return found
        found = given.get(name, RANGES[name])
        if len(found) == 0 or len(set(found)) < len(found):
            raise ValueError(f"{name} must be different numbers, at least one, got {found!r}")
        for value in found:
            if not 0 < value < math.inf:
                raise ValueError(f"{name} must be finite numbers greater than 0, got {value!r}")
        return tuple(sorted(found))

    def at(self, x: float, y: float) -> dict[str, float]:
        """Return every parameter at a point, sigma_n and the SNR both among them, and q."""
        values = {name: each[0] for name, each in self.values.items()} | {self.x: x, self.y: y}
        for name in ("snr", "epsilon"):
            if not 0 < values.get(name, 1.0) < math.inf:
                raise ValueError(
                    f"{name} must be a finite number greater than 0, got {values[name]!r}"
                )
        noise = math.sqrt(values["d"]) if values["d"] > 0 else math.nan
        if "snr" in values:
            values["sigma_n"] = values["mu"] / (values["snr"] * noise)
        elif values["sigma_n"] > 0:
            values["snr"] = values["mu"] / (values["sigma_n"] * noise)
        return {**values, "q": self.q}

    def cell(self, x: float, y: float) -> tuple[Problem, float]:
        """Return the problem at a point with the epsilon that its runs stop at."""
        at: dict[str, Any] = self.at(x, y)
        epsilon = float(at.pop("epsilon"))
        at.pop("snr", None)
        at |= {name: _whole(at[name]) for name in WHOLE}
        words = ("noise", "signals", "flip", "support", "pruning")
        return Problem(**at, **{name: getattr(self, name) for name in words}), epsilon

    @property
    def fixed(self) -> dict[str, float]:
        """The parameters that do not move, by name."""
        moving = (self.x, self.y)
        return {name: one[0] for name, one in self.values.items() if name not in moving}


def _whole(value: float) -> float:
    """Return 2000.0 as the integer that it is."""
    return int(value) if math.isfinite(value) and value == int(value) else value


@dataclass(frozen=True)
class PlaneDiagram:
    """What was measured over a plane.

    Attributes
    ----------
    plane : Plane
        What was run.
    measured : (Y, X, seeds) array
        Test error of each run where it ended, or test loss, whatever its status; nan for a run that
        diverged.
    status : (Y, X, seeds) array of str
        How each run ended, as in :class:`sims.Trajectory`.
    fitted_by_signal : (Y, X, seeds) array, optional
        Share of the training samples that each run fits by their signal, nan where it diverged.
    """

    plane: Plane
    measured: Floats
    status: np.ndarray[Any, Any]
    fitted_by_signal: Floats | None = None

    @property
    def x(self) -> Floats:
        """The values along x, rising, ``(X,)``."""
        return np.array(self.plane.values[self.plane.x], float)

    @property
    def y(self) -> Floats:
        """The values along y, rising, ``(Y,)``."""
        return np.array(self.plane.values[self.plane.y], float)

    @property
    def left_out(self) -> int:
        """How many runs have none."""
        return int(np.isnan(self.measured).sum())

    @cached_property
    def mean(self) -> np.ma.MaskedArray[Any, Any]:
        """Mean of each cell, ``(Y, X)``; masked where every run diverged."""
        return np.ma.masked_invalid(self.measured).mean(axis=2)


def map_plane(plane: Plane, *, workers: int = 1, progress: bool = False) -> PlaneDiagram:
    """Measure the test error, or the test loss, over a plane.

    Parameters
    ----------
    plane : Plane
        What to run.
    workers : int, default 1
        Processes, as in :func:`theorycheck.verify`.
    progress : bool, default False
        Show a progress bar on standard error.

    Returns
    -------
    PlaneDiagram
        What was measured.

    Raises
    ------
    ValueError
        If `workers` is below 1.
    """
    rows, columns = plane.values[plane.y], plane.values[plane.x]
    cells = [plane.cell(x, y) for y in rows for x in columns]
    found = measure_cells(cells, plane.seeds, plane.max_steps, workers, progress, plane.measure)
    shape = (len(rows), len(columns), plane.seeds)
    return PlaneDiagram(plane, *(np.reshape(one, shape) for one in found))


def read_index(text: str) -> Formula:
    """Read an index that is drawn where it is 1, of the parameters of a plane, snr and q."""
    try:
        return parse(text, SYMBOLS)
    except ValueError as error:
        raise ValueError(f"boundary: {error}") from error


def index_over(plane: Plane, index: Formula, x: Floats, y: Floats) -> Floats:
    """Return an index over a plane, ``(Y, X)``; nan where it has no real value."""
    return np.array([[index.value(plane.at(one, other)) for one in x] for other in y])
