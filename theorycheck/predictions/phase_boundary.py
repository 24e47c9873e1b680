"""`phase-boundary`: the p at which noise overtakes the signal, against the predicted one.

Beside the prediction, which knows only n, m, K, p and the SNR, three races are run on the draws
themselves, to tell what decides a class: its signal escapes before the first of its samples does,
before the median one, or before the mean of them all. A sample pulls the signal up until it is
memorized, so that the last is what decides where samples do not disturb each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import bounds
from bounds.omega import LEARNED
from sims import Draw, Problem, population, stream_many
from sims.arrays import Floats
from theorycheck.judging.quantities import largest_own_gamma
from theorycheck.predictions.limit import LEAST_SIZES, LEVEL, Experiment, PredictionVerdict, Row
from theorycheck.predictions.rivals import noise_rivals, signal_rivals
from theorycheck.running.tasks import Task, regroup, stack_of

PREDICTION = "phase-boundary"


LOWEST, HIGHEST = 0.6, 1.2


SPREAD = 1.5
STATEMENT = (
    "the p at which the test error crosses half of guessing, over the predicted p: every interval "
    f"within {LOWEST} to {HIGHEST}, and the largest ratio at most {SPREAD} times the smallest"
)


FACTORS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.05, 1.25)
RESAMPLES = 2000
RACES = ("first", "median", "mean")


@dataclass(frozen=True)
class Trial:
    """One run near the boundary.

    Attributes
    ----------
    test_error : float
        Its test error.
    learned : tuple of bool
        For each class, whether some gamma_{j,r,j} is at least 0.05 at the end.
    races : tuple of tuple of bool
        For each class and race, whether the signal wins by the draw.
    """

    test_error: float
    learned: tuple[bool, ...]
    races: tuple[tuple[bool, ...], ...]


def problem_at(snr: float, p: float, *, d: int = 4000, n: int = 20, m: int = 40, K: int = 2,
               sigma_0: float = 1e-4, eta: float = 0.1) -> Problem:  # fmt: skip
    """Return the problem of the measured table of Theory, section 7: orthogonal noise, mu = 1."""
    sigma_n = 1 / (snr * math.sqrt(d))
    return Problem(d, n, m, K, p, 1.0, sigma_n, sigma_0, eta, noise="orthogonal")


def trial(problem: Problem, seed: int, engine: str = "auto") -> Trial:
    """Train and test one network, and run the races on its draw."""
    return next(trials([(problem, seed, engine)]))[1]


def trials(calls: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, Trial]]:
    """Make several calls of :func:`trial`; yield the number and the result of each."""
    problems, seeds, engines = zip(*calls, strict=True)
    for number, run in stream_many(problems, seeds, engine=engines):
        error = population(run, scrambles=8, points=256).test_error
        learned = largest_own_gamma(run) >= LEARNED
        yield number, Trial(error, tuple(learned.tolist()), run_races(run.draw))


def run_races(draw: Draw) -> tuple[tuple[bool, ...], ...]:
    """Tell for each class and race whether the signal escapes first."""
    problem = draw.problem
    by_sample = escape_times(noise_rivals(draw).starts, noise_rivals(draw).rates, problem.q)
    samples = by_sample.reshape(problem.n, problem.m).min(axis=1)
    outcomes = []
    for j in range(problem.K):
        mine, rivals = samples[draw.labels == j], signal_rivals(draw, j)
        if not len(mine):
            outcomes.append((False,) * len(RACES))
            continue
        signal = escape_times(rivals.starts, rivals.rates, problem.q).min()
        rivals_of_signal = (mine.min(), np.median(mine), mine.mean())
        outcomes.append(tuple(bool(signal < time) for time in rivals_of_signal))
    return tuple(outcomes)


def escape_times(starts: Floats, rates: Floats, q: float) -> Floats:
    """Return the escape time of each start, inf where it never moves."""
    times = [
        bounds.escape_time(z, a, q) for z, a in zip(starts.tolist(), rates.tolist(), strict=True)
    ]
    return np.array(times)


def boundary_experiment(
    problems: Sequence[Sequence[Problem]],
    predicted: Sequence[float],
    snrs: Sequence[float],
    seeds: Sequence[int],
    engine: str = "auto",
) -> Experiment:
    """Return the experiment of `phase-boundary`."""
    heaps = [
        [
            Task(trials, (problem, seed, engine), problem.p * problem.d, stack_of(problem, engine))
            for seed in seeds
        ]
        for row in problems
        for problem in row
    ]
    return Experiment(heaps, partial(judge_boundary, problems, predicted, snrs))


def table_experiment(
    snrs: Sequence[float], seeds: Sequence[int], factors: Sequence[float] = FACTORS, **sizes: float
) -> Experiment:
    """Return the experiment at problems of :func:`problem_at`, p around the prediction."""
    problems, predicted = [], []
    for snr in snrs:
        of_table = problem_at(snr, 1.0, **sizes)  # type: ignore[arg-type]
        boundary = bounds.phase_boundary(snr, of_table.n, of_table.m, of_table.K, of_table.q)
        if boundary is None or boundary >= 1:
            raise ValueError(f"snr must have its boundary below p = 1, got {snr!r}")
        ps = sorted({min(1.0, boundary * factor) for factor in factors})
        problems.append([problem_at(snr, p, **sizes) for p in ps])  # type: ignore[arg-type]
        predicted.append(boundary)
    return boundary_experiment(problems, predicted, snrs, seeds)


def judge_boundary(
    problems: Sequence[Sequence[Problem]],
    predicted: Sequence[float],
    snrs: Sequence[float],
    results: Sequence[Sequence[Trial]],
) -> PredictionVerdict:
    """Judge the trials by problem, SNR by SNR, and seed."""
    by_snr = regroup(results, problems)
    rows = [
        boundary_row(snr, [problem.p for problem in across], trials, boundary, across[0].K)
        for across, boundary, snr, trials in zip(problems, predicted, snrs, by_snr, strict=True)
    ]
    outcome, reason = _decide(rows)
    worst = max(rows, key=lambda row: abs(row.ratio - 1))
    return PredictionVerdict(
        PREDICTION, STATEMENT, outcome, reason, "SNR", tuple(rows),
        worst.ratio, worst.low, worst.high,
    )  # fmt: skip


def _decide(rows: Sequence[Row]) -> tuple[str, str]:
    smallest, largest = min(row.ratio for row in rows), max(row.ratio for row in rows)
    spread = largest / smallest if smallest > 0 else math.inf
    inside = [row.low >= LOWEST and row.high <= HIGHEST for row in rows]
    outside = [row.high < LOWEST or row.low > HIGHEST for row in rows]
    if len(rows) < LEAST_SIZES:
        return "undecided", f"fewer than {LEAST_SIZES} values of the SNR"
    if all(outside):
        return "refuted", f"outside {LOWEST} to {HIGHEST} at every SNR"
    if not all(inside):
        row = rows[inside.index(False)]
        where = f"[{row.low:.3g}, {row.high:.3g}] at SNR {row.value:g}"
        return "undecided", f"the interval {where} is not within {LOWEST} to {HIGHEST}"
    if not spread <= SPREAD:
        return "undecided", f"the ratios differ by a factor of {spread:.3g}"
    return "consistent", f"the ratios differ by a factor of {spread:.3g}"


def boundary_row(
    snr: float, ps: Sequence[float], trials: Sequence[Sequence[Trial]], predicted: float, K: int
) -> Row:
    """Reduce the trials at one SNR, by p and seed, to a row."""
    guessing = 1 - 1 / K
    errors = np.array([[one.test_error for one in at_p] for at_p in trials])
    won = np.array([[one.races for one in at_p] for at_p in trials])
    learned = np.array([[one.learned for one in at_p] for at_p in trials])
    found = crossing(ps, errors.mean(axis=1), guessing / 2)
    low, high = crossing_interval(ps, errors, guessing / 2)
    more = []
    for index, race in enumerate(RACES):
        lost = guessing * (1 - won[..., index].mean(axis=(1, 2)))
        agreement = float(np.mean(won[..., index] == learned))
        more.append((f"crossing by the {race} sample", crossing(ps, lost, guessing / 2)))
        more.append((f"classes that the {race} sample decides", agreement))
    more += [("crossing", found), ("predicted", predicted)]
    ratio = found / predicted
    return Row("", snr, ratio, low / predicted, high / predicted, abs(ratio - 1), abs(ratio - 1),
               errors.shape[1], tuple(more))  # fmt: skip


def crossing(ps: Sequence[float], errors: Floats, level: float) -> float:
    """Return the largest p below which the error falls under a level, interpolated in log p.

    inf where the error is below the level at the largest p already, 0 where it is nowhere.
    """
    if errors[-1] < level:
        return math.inf
    for index in reversed(range(len(ps) - 1)):
        low, high = float(errors[index]), float(errors[index + 1])
        if low < level:
            share = (level - low) / (high - low)
            return float(ps[index] * (ps[index + 1] / ps[index]) ** share)
    return 0.0


def crossing_interval(ps: Sequence[float], errors: Floats, level: float) -> tuple[float, float]:
    """Return a bootstrap interval over seeds of a crossing; errors are ``(P, seeds)``."""
    rng = np.random.default_rng(0)
    seeds = errors.shape[1]
    samples = errors[:, rng.integers(seeds, size=(RESAMPLES, seeds))].mean(axis=2)
    crossings = [crossing(ps, samples[:, index], level) for index in range(RESAMPLES)]
    beyond = (1 - LEVEL) / 2
    low, high = np.quantile(crossings, [beyond, 1 - beyond], method="inverted_cdf")
    return float(low), float(high)
