"""`escape-time`: when signal and noise escape, against the predicted T(g) to many digits.

The time at which a coefficient reaches the level g lies between two records of a run, so it is
found by stopping a run there: what is left to the level is added by the known rate, and the run is
stopped anew until so little is left that the rate's own error does not count.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

import bounds
from sims import Draw, Problem, Trajectory, simulate
from sims.arrays import Floats
from theorycheck.predictions.limit import (
    Approach,
    Experiment,
    PredictionVerdict,
    Row,
    approach_experiment,
    judge_limit,
    ratio_row,
)
from theorycheck.running.tasks import regroup

GROWN = 0.1  # the level g of gamma or zeta
CLOSE = 0.25  # a coefficient is at the level when it is this close to it, relatively
MOST_STOPS = 60
RTOL = 1e-7
SIGNAL = "escape-time"
NOISE = "escape-time-noise"
SIGNAL_STATEMENT = (
    "max_r gamma_{j,r,j} of every learnable class reaches 0.1 at T(g), the descent lag added: in "
    "every run within 0.1 sqrt(sigma_0 mu), 1e-3 at 1e-4 and 1e-5 at 1e-8"
)


NOISE_STATEMENT = (
    "max zeta reaches 0.1 at the T(g) of the sample that escapes first, the descent lag added: the "
    "interval of the median within 1e-3"
)


NOISE_TOLERANCE = 1e-3


@dataclass(frozen=True, eq=False)
class Rivals:
    """R coefficients that grow, the first of which to reach a level is waited for.

    Attributes
    ----------
    starts : (R,) array
        Initial pre-activations, no unit.
    rates : (R,) array
        The rate a or b of each, per step.
    q : float
        Power of the activation.
    """

    starts: Floats
    rates: Floats
    q: float

    def prediction(self, level: float) -> tuple[float, float]:
        """Return the predicted flow time to a level, and the lag of descent behind it."""
        times = [
            bounds.escape_time(z, a, self.q, max(z, 0.0) + level)
            for z, a in zip(self.starts.tolist(), self.rates.tolist(), strict=True)
        ]
        first = int(np.argmin(times))
        z = float(self.starts[first])
        lag = bounds.descent_lag(z, z + level, self.q) if z > 0 else math.inf
        return times[first], lag

    def left(self, grown: Floats, level: float) -> float:
        """Return the steps left until the first reaches the level, by the rates; negative beyond.

        Shapes: grown (R,).
        """
        times = []
        for start, a, c in zip(
            self.starts.tolist(), self.rates.tolist(), grown.tolist(), strict=True
        ):
            now, end = start + c, start + level
            if now <= 0 or end <= 0 or now == end:
                times.append(0.0 if now == end else math.inf)
                continue
            low, high = min(now, end), max(now, end)
            between = bounds.escape_time(low, a, self.q, high)
            between += bounds.descent_lag(low, high, self.q)
            times.append(between if now < end else -between)
        return min(times)


def signal_rivals(draw: Draw, j: int) -> Rivals:
    """Return what may learn the signal of class j: its neurons; a pruned one starts at 0."""
    problem = draw.problem
    count = int(np.sum(draw.labels == j))
    rate = bounds.signal_rate(problem.eta, problem.q, problem.mu, count, problem.n, problem.K)
    return Rivals(draw.initial_signal[j, :, j], np.full(problem.m, rate), problem.q)


def noise_rivals(draw: Draw) -> Rivals:
    """Return what may be memorized: every sample by every neuron of its class."""
    problem, samples = draw.problem, np.arange(draw.problem.n)
    # the rate is linear in the squared norm of the masked noise
    rate = bounds.noise_rate(problem.eta, problem.q, 1.0, problem.n, problem.K)
    starts = draw.initial_noise[draw.labels, :, samples]
    norms = draw.noise_norm2[draw.labels, :, samples]
    return Rivals(starts.ravel(), rate * norms.ravel(), problem.q)


def crossing_time(
    stop: Callable[[float], tuple[float, Floats]], rivals: Rivals, level: float, guess: float
) -> float:
    """Find when the first of some coefficients reaches a level.

    The time, in steps; inf where the level was not found in ``MOST_STOPS`` runs.
    """
    before, after, back = 0.0, math.inf, 0.0
    time = guess
    for _ in range(MOST_STOPS):
        stopped, grown = stop(time)
        left, largest = rivals.left(grown, level), float(grown.max())
        if abs(largest / level - 1) <= CLOSE:
            return stopped + left
        if largest < level:
            before = max(before, stopped)
        else:
            # what has escaped no longer tells when: go back, faster every time
            after, back = min(after, stopped), max(8 * back, 2 * abs(left))
            left -= back
        time = stopped + left
        if not before < time < after:
            time = (before + after) / 2 if math.isfinite(after) else 2 * max(before, guess)
    return math.inf


@dataclass(frozen=True)
class Escape:
    """One escape: the predicted flow time and lag, and the time that was measured, in steps."""

    flow: float
    lag: float
    measured: float

    @property
    def ratio(self) -> float:
        """Measured over predicted time of descent."""
        return self.measured / (self.flow + self.lag)

    @property
    def ratio_to_flow(self) -> float:
        """Measured over predicted flow time, which leaves the lag in."""
        return self.measured / self.flow


Read = Callable[[Trajectory], Floats]
Results = Sequence[Sequence[list[Escape]]]  # by problem, path by path, and seed


def measure_escape(
    problem: Problem, seed: int, engine: str, rivals: Rivals, read: Read, level: float, rtol: float
) -> Escape:
    """Measure one escape and predict it."""

    def stop(time: float) -> tuple[float, Floats]:
        run = simulate(problem, seed, engine, 0.0, max_steps=time, rtol=rtol)
        return float(run.steps[-1]), read(run)

    flow, lag = rivals.prediction(level)
    return Escape(flow, lag, crossing_time(stop, rivals, level, flow + lag))


def signal_escapes(
    problem: Problem, seed: int, engine: str = "auto", level: float = GROWN, rtol: float = RTOL
) -> list[Escape]:
    """Measure and predict the escape of the winning neuron of every learnable class."""
    start = simulate(problem, seed, engine, 0.0, max_steps=0.0)
    escapes = []
    for j in np.flatnonzero(start.event.learnable & (start.event.class_counts > 0)).tolist():
        rivals = signal_rivals(start.draw, j)

        def read(run: Trajectory, j: int = j) -> Floats:
            return run.gamma[-1][j, :, j]

        escapes.append(measure_escape(problem, seed, engine, rivals, read, level, rtol))
    return escapes


def noise_escape(
    problem: Problem, seed: int, engine: str = "auto", level: float = GROWN, rtol: float = RTOL
) -> list[Escape]:
    """Measure and predict the escape of the sample that escapes first.

    One, or none where no sample can be memorized.
    """
    start = simulate(problem, seed, engine, 0.0, max_steps=0.0)
    if not start.event.memorizable.any():
        return []

    def read(run: Trajectory) -> Floats:
        return run.zeta[-1][run.labels, :, np.arange(run.problem.n)].ravel()

    rivals = noise_rivals(start.draw)
    return [measure_escape(problem, seed, engine, rivals, read, level, rtol)]


def signal_experiment(
    paths: Sequence[Approach], seeds: Sequence[int], rtol: float = RTOL
) -> Experiment:
    """Return the experiment of `escape-time` for the signal, along falling sigma_0."""
    return approach_experiment(signal_escapes, judge_signal, paths, seeds, GROWN, rtol)


def noise_experiment(
    paths: Sequence[Approach], seeds: Sequence[int], rtol: float = RTOL
) -> Experiment:
    """Return the experiment of `escape-time` for the noise, along growing p d."""
    return approach_experiment(noise_escape, judge_noise, paths, seeds, GROWN, rtol)


def judge_signal(paths: Sequence[Approach], results: Results) -> PredictionVerdict:
    """Judge the escapes of the signal."""

    def tolerance(sigma_0: float) -> float:
        return 0.1 * math.sqrt(sigma_0)

    def supports(row: Row) -> bool:
        return row.worst <= tolerance(row.value)

    series = _series(paths, results)
    return judge_limit(SIGNAL, SIGNAL_STATEMENT, "sigma_0", series, tolerance, supports)


def judge_noise(paths: Sequence[Approach], results: Results) -> PredictionVerdict:
    """Judge the escapes of the noise."""

    def supports(row: Row) -> bool:
        return max(abs(row.low - 1), abs(row.high - 1)) <= NOISE_TOLERANCE

    series = _series(paths, results)
    return judge_limit(NOISE, NOISE_STATEMENT, "p d", series, lambda _: NOISE_TOLERANCE, supports)


def _series(paths: Sequence[Approach], results: Results) -> list[list[Row]]:
    """Reduce the escapes of each problem to a row."""
    series = []
    by_path = regroup(results, [path.values for path in paths])
    for path, by_problem in zip(paths, by_path, strict=True):
        steps = []
        for value, runs in zip(path.values, by_problem, strict=True):
            escapes = [one for run in runs for one in run]
            if escapes:
                to_flow = float(np.median([abs(one.ratio_to_flow - 1) for one in escapes]))
                ratios = [one.ratio for one in escapes]
                steps.append(ratio_row(path.setting, value, ratios, typical_without_lag=to_flow))
        series.append(steps)
    return series
