"""Test error over the (p, SNR) plane, and the two boundaries that are predicted for it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

import bounds
from sims import Problem, population, stream_many
from sims.arguments import check_count, check_number
from sims.arrays import Floats
from theorycheck.defaults import EPSILON
from theorycheck.running.tasks import Task, open_pool, run_tasks, stack_of

# Round values, about evenly spaced on a logarithmic scale.
P = (1.0, 0.7, 0.5, 0.35, 0.25, 0.18, 0.12, 0.09, 0.06, 0.04, 0.03, 0.02)
SNR = (1.0, 0.7, 0.5, 0.42, 0.35, 0.3, 0.25, 0.21, 0.18, 0.15, 0.12, 0.1)


@dataclass(frozen=True)
class PhaseGrid:
    """A grid of problems over (p, SNR), with mu = 1; validated before any work starts.

    Parameters
    ----------
    p : sequence of float
        Probabilities to keep a weight; kept in rising order.
    snr : sequence of float
        SNR = mu / (sigma_n sqrt(d)), which sets sigma_n; kept in rising order. No unit.
    seeds : int, default 4
        Runs in a cell, with the seeds 0, 1, .. in each: cells are paired, and along p masks are
        nested.
    d, n, m, K, sigma_0, eta, noise, support
        As in :class:`sims.Problem`. The predictions at leading order hold for orthogonal noise.
    epsilon : float, default 0.05
        Training loss at which a run ends, > 0.
    max_steps : float, optional
        Where a run ends at the latest, as in :func:`sims.simulate`.

    Raises
    ------
    ValueError
        If a parameter is outside its domain.
    """

    p: tuple[float, ...] = P
    snr: tuple[float, ...] = SNR
    seeds: int = 4
    d: int = 4000
    n: int = 20
    m: int = 20
    K: int = 2
    sigma_0: float = 1e-3
    eta: float = 0.1
    noise: str = "orthogonal"
    epsilon: float = EPSILON
    max_steps: float | None = None
    support: int = 1

    def __post_init__(self) -> None:
        """Sort the two axes; refuse what cannot be run."""
        check_count("seeds", self.seeds, 1)
        if not (math.isfinite(self.epsilon) and self.epsilon > 0):
            raise ValueError(
                f"epsilon must be a finite number greater than 0, got {self.epsilon!r}"
            )
        check_number("max_steps", self.max_steps or 0, 0.0, 1e30)
        for name in ("p", "snr"):
            values = getattr(self, name)
            if len(values) == 0 or len(set(values)) < len(values):
                raise ValueError(f"{name} must be different numbers, at least one, got {values!r}")
        for p in self.p:
            self._problem(p, 1.0)
        for snr in self.snr:
            if not 0 < snr < math.inf:
                raise ValueError(f"snr must be a finite number greater than 0, got {snr!r}")
            self.problem(self.p[0], snr)
        for name in ("p", "snr"):
            object.__setattr__(self, name, tuple(sorted(map(float, getattr(self, name)))))

    def problem(self, p: float, snr: float) -> Problem:
        """Return the problem at a point of the plane."""
        return self._problem(p, 1 / (snr * math.sqrt(self.d)))

    def _problem(self, p: float, sigma_n: float) -> Problem:
        return Problem(
            self.d, self.n, self.m, self.K, p, 1.0, sigma_n, self.sigma_0, self.eta,
            noise=self.noise, support=self.support,
        )  # fmt: skip


@dataclass(frozen=True)
class PhaseDiagram:
    """What was measured on a grid.

    Attributes
    ----------
    grid : PhaseGrid
        What was run.
    test_error : (S, P, seeds) array
        Test error of each run where it ended, whatever its status; nan for a run that diverged,
        which has none.
    status : (S, P, seeds) array of str
        How each run ended, as in :class:`sims.Trajectory`.
    fitted_by_signal : (S, P, seeds) array, optional
        Share of the training samples that each run fits by their signal
        (:attr:`sims.Trajectory.fitted_by_signal`); nan for a run that diverged.
    """

    grid: PhaseGrid
    test_error: Floats
    status: np.ndarray[Any, Any]
    fitted_by_signal: Floats | None = None

    @property
    def p(self) -> Floats:
        """Probabilities to keep a weight, rising, ``(P,)``."""
        return np.array(self.grid.p)

    @property
    def snr(self) -> Floats:
        """SNR, rising, ``(S,)``."""
        return np.array(self.grid.snr)

    @property
    def left_out(self) -> int:
        """How many runs have no test error."""
        return int(np.isnan(self.test_error).sum())

    @cached_property
    def mean(self) -> np.ma.MaskedArray[Any, Any]:
        """Mean test error of each cell, ``(S, P)``; masked where every run diverged."""
        return np.ma.masked_invalid(self.test_error).mean(axis=2)


def map_phases(
    grid: PhaseGrid | None = None, *, workers: int = 1, progress: bool = False
) -> PhaseDiagram:
    """Measure the test error over a grid of p and SNR.

    Parameters
    ----------
    grid : PhaseGrid, optional
        What to run; by default 12 x 12 cells of 4 seeds.
    workers : int, default 1
        Processes, as in :func:`theorycheck.verify`.
    progress : bool, default False
        Show a progress bar on standard error.

    Returns
    -------
    PhaseDiagram
        The test errors.

    Raises
    ------
    ValueError
        If `workers` is below 1.
    """
    grid = PhaseGrid() if grid is None else grid
    cells = [(grid.problem(p, snr), grid.epsilon) for snr in grid.snr for p in grid.p]
    measured = measure_cells(cells, grid.seeds, grid.max_steps, workers, progress)
    shape = (len(grid.snr), len(grid.p), grid.seeds)
    return PhaseDiagram(grid, *(np.reshape(one, shape) for one in measured))


def measure_cells(
    cells: Sequence[tuple[Problem, float]],
    seeds: int,
    max_steps: float | None,
    workers: int,
    progress: bool,
    measure: str = "error",
) -> tuple[tuple[float, ...], tuple[str, ...], tuple[float, ...]]:
    """Return test error (or loss), status and share fitted by signal of every run, in order."""
    tasks = [
        # the less is kept, the longer training takes
        Task(
            tested_runs,
            (problem, seed, epsilon, max_steps, measure),
            1 / problem.p,
            stack_of(problem),
        )
        for problem, epsilon in cells
        for seed in range(seeds)
    ]
    with open_pool(workers) as pool:
        runs = run_tasks(tasks, pool, progress)
    errors, statuses, fitted = zip(*runs, strict=True)
    return errors, statuses, fitted


def tested_runs(calls: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, tuple[float, str, float]]]:
    """Train and test some runs: number, test error (or loss), status and share fitted by signal.

    A run that stalls or runs out of steps is tested as it stands: what it has not learned it
    guesses.
    """
    problems, seeds, epsilons, ends, measures = zip(*calls, strict=True)
    for number, run in stream_many(problems, seeds, epsilons, max_steps=ends):
        if run.status == "diverged":
            yield number, (math.nan, run.status, math.nan)
        else:
            measured = getattr(population(run), f"test_{measures[number]}")
            yield number, (measured, run.status, run.fitted_by_signal)


def even_race(grid: PhaseGrid, p: Iterable[float], share: float = 0.5) -> list[float]:
    """Return the SNR from which on a share of the classes wins the race; inf where there is none.

    By :func:`bounds.even_snr` (Theory, section 11), for samples that do not disturb each other.
    """
    q = grid.problem(grid.p[0], 1.0).q
    sizes = grid.n, grid.m, grid.K, q, share, grid.support
    return [bounds.even_snr(float(one), *sizes) for one in p]


def learnable_from(grid: PhaseGrid) -> float | None:
    """Return the p at which all classes are learnable with probability 1/2.

    Where :func:`bounds.learnable_probability` passes 1/2 (Theory, section 7); None where even the
    dense network stays below.
    """
    from scipy.optimize import brentq

    def excess(p: float) -> float:
        return bounds.learnable_probability(grid.m, p, grid.K, grid.support) - 0.5

    return float(brentq(excess, 1e-12, 1.0)) if excess(1.0) > 0 else None
