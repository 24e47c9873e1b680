"""`race`: which classes learn their signal, class by class, decided by the draw alone.

A sample pulls its class's signal up until it is memorized. So the signal's clock runs at the share
of samples that are left, and the signal wins where it would escape before the mean of its samples
(Theory, section 11). Beside that, three races that a reader may think of first: against the first
sample to escape, the median one and the last.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import numpy as np

import bounds
from sims import Draw, Problem, stream_many
from theorycheck.judging.quantities import largest_own_gamma
from theorycheck.predictions.learnability import target_loss
from theorycheck.predictions.limit import LEAST_SIZES, LEVEL, Experiment, PredictionVerdict, Row
from theorycheck.predictions.rivals import first_escapes, noise_rivals, signal_rivals
from theorycheck.running.tasks import Task, regroup, stack_of

PREDICTION = "race"


LEAST_SHARE = 0.95


ORDER_1 = 0.5  # gamma of a class that has learned: far above its start, below where it ends
DECIDED = 0.1  # the rarer outcome must be in so large a share of the classes
STATEMENT = (
    f"a class ends training with a gamma_{{j,r,j}} >= {ORDER_1:g} exactly where its T_signal is "
    "below the mean T_noise of its samples, epsilon <= log(K)/(2 n): right in a share of the "
    f"classes whose exact binomial interval lies above {LEAST_SHARE:g}"
)


RULES: dict[str, Callable[[float, list[float]], bool]] = {
    "mean": bounds.learns_signal,
    "first": lambda signal, noise: signal < min(noise, default=0.0),
    "median": lambda signal, noise: signal < (median(noise) if noise else 0.0),
    "last": lambda signal, noise: signal < max(noise, default=0.0),
}


@dataclass(frozen=True)
class Raced:
    """The races of one run.

    Attributes
    ----------
    learned : tuple of bool
        For each class, whether some gamma_{j,r,j} is at least 0.5 at the end.
    races : tuple of tuple of bool
        For each class, whether the signal wins by the draw, by each of ``RULES``.
    """

    learned: tuple[bool, ...]
    races: tuple[tuple[bool, ...], ...]


def problem_at(
    snr: float, p: float, *, d: int = 10**14, n: int = 20, m: int = 40, K: int = 2,
    sigma_0: float = 1e-5, eta: float = 0.1, noise: str = "orthogonal",
    support: int = 1,
) -> Problem:  # fmt: skip
    """Return a problem with mu = 1; by default so wide that samples do not disturb each other."""
    return Problem(d, n, m, K, p, 1.0, 1 / (snr * math.sqrt(d)), sigma_0, eta, noise=noise,
                   support=support)  # fmt: skip


def run_races(draw: Draw) -> tuple[tuple[bool, ...], ...]:
    """Tell for each class and rule whether the signal escapes first."""
    samples = np.array(first_escapes(noise_rivals(draw), draw.problem.n))
    outcomes = []
    for j in range(draw.problem.K):
        (signal,) = first_escapes(signal_rivals(draw, j), 1)
        noise = samples[draw.labels == j].tolist()
        outcomes.append(tuple(rule(signal, noise) for rule in RULES.values()))
    return tuple(outcomes)


def raced(calls: Sequence[tuple[Problem, int, str]]) -> Iterator[tuple[int, Raced]]:
    """Train networks until every sample is fitted, or cannot be; yield number and races of each."""
    problems, seeds, engines = zip(*calls, strict=True)
    targets = [target_loss(problem) for problem in problems]
    for number, run in stream_many(problems, seeds, targets, engine=engines):
        learned = largest_own_gamma(run) >= ORDER_1
        yield number, Raced(tuple(learned.tolist()), run_races(run.draw))


def race_heaps(
    problems: Sequence[Sequence[Problem]], seeds: Sequence[int], engine: str
) -> list[list[Task]]:
    """Return a heap of tasks for each problem of each row."""
    return [
        [
            Task(raced, (problem, seed, engine), float(problem.n * problem.m),
                 stack_of(problem, engine))
            for seed in seeds
        ]
        for row in problems
        for problem in row
    ]  # fmt: skip


def race_experiment(
    problems: Sequence[Sequence[Problem]], seeds: Sequence[int], engine: str = "gram-law"
) -> Experiment:
    """Return the experiment of `race`; the problems of a row differ in their SNR alone."""
    return Experiment(race_heaps(problems, seeds, engine), partial(judge_race, problems))


def judge_race(
    problems: Sequence[Sequence[Problem]], results: Sequence[Sequence[Raced]]
) -> PredictionVerdict:
    """Judge the races by row of problems, SNR and seed."""
    rows = [
        race_row(across[0], [one for runs in by_snr for one in runs])
        for across, by_snr in zip(problems, regroup(results, problems), strict=True)
    ]
    every = [one for runs in results for one in runs]
    right, learned = count_right(every), sum(sum(one.learned) for one in every)
    classes = sum(len(one.learned) for one in every)
    low, high = exact_interval(right, classes)
    reason = f"right in {right} of {classes} classes, [{low:.3f}, {high:.3f}]; {learned} learned"
    if high < LEAST_SHARE:
        outcome = "refuted"
    elif len(rows) < LEAST_SIZES:
        outcome, reason = "undecided", f"fewer than {LEAST_SIZES} settings; {reason}"
    elif min(learned, classes - learned) < DECIDED * classes:
        outcome, reason = "undecided", f"the classes hardly differ in what they learn; {reason}"
    else:
        outcome = "consistent" if low > LEAST_SHARE else "undecided"
    worst = min(rows, key=lambda row: row.ratio)
    return PredictionVerdict(
        PREDICTION, STATEMENT, outcome, reason, "p", tuple(rows), worst.ratio, worst.low, worst.high
    )


def race_row(problem: Problem, found: Sequence[Raced]) -> Row:
    """Reduce the runs of one setting to a row, whose ratio is the share predicted right."""
    learned = np.array([one.learned for one in found])
    races = np.array([one.races for one in found])
    shares = (races == learned[..., None]).mean(axis=(0, 1)).tolist()
    more = [("classes", float(learned.size)), ("learned", float(learned.mean()))]
    more += [
        (f"right by the {name} sample", share) for name, share in zip(RULES, shares, strict=True)
    ]
    low, high = exact_interval(count_right(found), learned.size)
    return Row(
        setting_of(problem), problem.p, shares[0], low, high, 1 - shares[0], 1 - shares[0],
        len(found), tuple(more),
    )  # fmt: skip


def setting_of(problem: Problem) -> str:
    """Return the sizes of a problem in words."""
    sizes = f"p = {problem.p:g}, m = {problem.m}, n = {problem.n}, K = {problem.K}"
    return f"{problem.noise}, d = {problem.d:g}, {sizes}"


def count_right(found: Sequence[Raced]) -> int:
    """Count the classes that the race against the mean sample decides right."""
    return sum(
        said[0] == learned
        for one in found
        for said, learned in zip(one.races, one.learned, strict=True)
    )


def exact_interval(right: int, classes: int) -> tuple[float, float]:
    """Return the exact binomial interval of a share at ``LEVEL``."""
    from scipy.stats import binomtest

    interval: Any = binomtest(right, classes).proportion_ci(LEVEL, method="exact")
    return float(interval.low), float(interval.high)
