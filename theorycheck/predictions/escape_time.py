"""`escape-time`: when signal and noise escape, against the predicted T(g) to many digits.

The time at which a coefficient reaches the level g lies between two records of a run, so it is
found by stopping a run there: what is left to the level is added by the known rate, and the run is
stopped anew until so little is left that the rate's own error does not count.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sims import Trajectory, simulate_many
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
from theorycheck.predictions.rivals import Rivals, noise_rivals, signal_rivals
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


Search = Generator[float, tuple[float, Floats], float]


def search(rivals: Rivals, level: float, guess: float) -> Search:
    """Search for the time when the first of some coefficients reaches a level.

    It yields the time of a stop and is sent the time that was stopped at, in steps, and what the
    coefficients have grown to there; it returns the crossing time, inf where the level was not
    found in ``MOST_STOPS`` stops.
    """
    before, after, back = 0.0, math.inf, 0.0
    time = guess
    for _ in range(MOST_STOPS):
        stopped, grown = yield time
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


def crossing_times(
    searches: Sequence[Search],
    stop: Callable[[list[tuple[int, float]]], Iterable[tuple[float, Floats]]],
) -> list[float]:
    """Run searches side by side: all stops that are wanted are made at once."""
    found = [math.inf] * len(searches)
    wanted = [(index, next(one)) for index, one in enumerate(searches)]
    while wanted:
        next_wanted = []
        for (index, _), stopped in zip(wanted, stop(wanted), strict=True):
            try:
                next_wanted.append((index, searches[index].send(stopped)))
            except StopIteration as ended:
                found[index] = ended.value
        wanted = next_wanted
    return found


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


Results = Sequence[Sequence[list[Escape]]]  # by problem, path by path, and seed


@dataclass(frozen=True, eq=False)
class Sought:
    """What may escape in a run, and how its coefficients are read off."""

    rivals: Rivals
    read: Callable[[Trajectory], Floats]


def of_signal(start: Trajectory) -> list[Sought]:
    """Return the signal of every learnable class that has samples."""
    found = []
    for j in np.flatnonzero(start.event.learnable & (start.event.class_counts > 0)).tolist():

        def read(run: Trajectory, j: int = j) -> Floats:
            return run.gamma[-1][j, :, j]

        found.append(Sought(signal_rivals(start.draw, j), read))
    return found


def of_noise(start: Trajectory) -> list[Sought]:
    """Return the noise of all samples, of which the first counts; nothing if none can escape."""

    def read(run: Trajectory) -> Floats:
        return run.zeta[-1][run.labels, :, np.arange(run.problem.n)].ravel()

    return [Sought(noise_rivals(start.draw), read)] if start.event.memorizable.any() else []


def signal_escapes(calls: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, list[Escape]]]:
    """Measure and predict the escape of the winning neuron of every learnable class.

    Told (problem, seed, engine, level, rtol) of several runs; yields their numbers and escapes.
    """
    return _escapes(of_signal, calls)


def noise_escapes(calls: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, list[Escape]]]:
    """Measure and predict the escape of the sample that escapes first, one or none a run.

    Told (problem, seed, engine, level, rtol) of several runs; yields their numbers and escapes.
    """
    return _escapes(of_noise, calls)


def _escapes(
    sought: Callable[[Trajectory], list[Sought]], calls: Sequence[tuple[Any, ...]]
) -> Iterator[tuple[int, list[Escape]]]:
    problems, seeds, engines, levels, rtols = zip(*calls, strict=True)
    starts = simulate_many(problems, seeds, 0.0, max_steps=0.0, engine=engines)
    pairs = [(index, one) for index, start in enumerate(starts) for one in sought(start)]
    predicted = [one.rivals.prediction(levels[index]) for index, one in pairs]

    def stop(wanted: list[tuple[int, float]]) -> Iterator[tuple[float, Floats]]:
        runs = simulate_many(
            [problems[pairs[which][0]] for which, _ in wanted],
            [seeds[pairs[which][0]] for which, _ in wanted],
            0.0,
            max_steps=[time for _, time in wanted],
            engine=[engines[pairs[which][0]] for which, _ in wanted],
            rtol=[rtols[pairs[which][0]] for which, _ in wanted],
        )
        for (which, _), run in zip(wanted, runs, strict=True):
            yield float(run.steps[-1]), pairs[which][1].read(run)

    searches = [
        search(one.rivals, levels[index], flow + lag)
        for (index, one), (flow, lag) in zip(pairs, predicted, strict=True)
    ]
    escapes: list[list[Escape]] = [[] for _ in calls]
    for (index, _), (flow, lag), measured in zip(
        pairs, predicted, crossing_times(searches, stop), strict=True
    ):
        escapes[index].append(Escape(flow, lag, measured))
    yield from enumerate(escapes)


def signal_experiment(
    paths: Sequence[Approach], seeds: Sequence[int], rtol: float = RTOL
) -> Experiment:
    """Return the experiment of `escape-time` for the signal, along falling sigma_0."""
    return approach_experiment(signal_escapes, judge_signal, paths, seeds, GROWN, rtol)


def noise_experiment(
    paths: Sequence[Approach], seeds: Sequence[int], rtol: float = RTOL
) -> Experiment:
    """Return the experiment of `escape-time` for the noise, along growing p d."""
    return approach_experiment(noise_escapes, judge_noise, paths, seeds, GROWN, rtol)


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
