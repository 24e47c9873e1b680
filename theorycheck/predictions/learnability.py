"""`learnability`: how often every class learns its signal, against (1 - (1 - p/2)^m)^K."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice

import numpy as np

import bounds
from bounds.omega import LEARNED
from sims import Problem, Trajectory, simulate_many
from sims.draw import draw_labels
from theorycheck.judging.quantities import largest_own_gamma
from theorycheck.judging.statistics import holm
from theorycheck.predictions.limit import LEAST_SIZES, LEVEL, Experiment, PredictionVerdict, Row
from theorycheck.running.tasks import Task

PREDICTION = "learnability"
STATEMENT = (
    "given that every class has samples, all classes end training with a gamma_{j,r,j} >= 0.05 as "
    "often as (1 - (1 - p/2)^m)^K says, orthogonal noise, high SNR: exact binomial tests, jointly "
    "at 99 % by Holm's rule"
)


TOLERANCE = 0.1  # relative; only a frequency farther away may refute
RUNS_PER_TASK = 100  # a stack's places


@dataclass(frozen=True)
class Learned:
    """What the classes of one run can learn by its draw, and what they did learn.

    Attributes
    ----------
    learnable : tuple of bool
        For each class, from the draw.
    learned : tuple of bool
        For each class, whether some gamma_{j,r,j} is at least 0.05 at the end of training.
    status : str
        How the run ended.
    """

    learnable: tuple[bool, ...]
    learned: tuple[bool, ...]
    status: str


def target_loss(problem: Problem) -> float:
    """Return a loss at which no sample can still be guessed: half of what one such would leave."""
    return math.log(problem.K) / (2 * problem.n)


def seeds_with_samples(problem: Problem, runs: int) -> list[int]:
    """Return the first seeds under which every class has samples."""
    found = (seed for seed in count() if len(np.unique(draw_labels(problem, seed))) == problem.K)
    return list(islice(found, runs))


def train(problem: Problem, seeds: Sequence[int]) -> list[Learned]:
    """Train until every sample is fitted, or cannot be, and tell which classes learned.

    A class whose samples were memorized through their noise has not learned.
    """
    runs = simulate_many([problem] * len(seeds), seeds, target_loss(problem))
    return [what_learned(run) for run in runs]


def what_learned(run: Trajectory) -> Learned:
    """Compare what a run's classes can learn with what they did."""
    learned = largest_own_gamma(run) >= LEARNED
    return Learned(tuple(run.event.learnable.tolist()), tuple(learned.tolist()), run.status)


def learnability_experiment(problems: Sequence[Problem], runs: int) -> Experiment:
    """Return the experiment of `learnability`."""
    heaps = []
    for problem in problems:
        seeds = seeds_with_samples(problem, runs)
        pieces = [tuple(seeds[i : i + RUNS_PER_TASK]) for i in range(0, runs, RUNS_PER_TASK)]
        heaps.append([Task(train, (problem, one), float(problem.K * problem.m)) for one in pieces])
    return Experiment(heaps, partial(judge_learnability, problems))


def judge_learnability(
    problems: Sequence[Problem], results: Sequence[Sequence[list[Learned]]]
) -> PredictionVerdict:
    """Judge what was learned, by problem and piece of its seeds."""
    rows = [
        learnability_row(problem, [one for piece in pieces for one in piece], len(problems))
        for problem, pieces in zip(problems, results, strict=True)
    ]
    rejected = holm([dict(row.more)["p-value"] for row in rows], 1 - LEVEL)
    far = [row for row in rows if row.low > 1 + TOLERANCE or row.high < 1 - TOLERANCE]
    if far:
        outcome, reason = "refuted", f"beyond {TOLERANCE:.0%} at {far[0].setting}"
    elif len(rows) < LEAST_SIZES:
        outcome, reason = "undecided", f"fewer than {LEAST_SIZES} settings"
    elif any(rejected):
        outcome, reason = "undecided", f"rejected at {rows[rejected.index(True)].setting}"
    else:
        outcome, reason = "consistent", f"no rejection in {len(rows)} settings"
    runs = sum(row.runs for row in rows)
    same = sum(dict(row.more)["same as the draw says"] for row in rows)
    reason += f"; learned what the draw says, class by class, in {same:.0f} of {runs} runs"
    worst = max(rows, key=lambda row: abs(row.ratio - 1))
    return PredictionVerdict(
        PREDICTION, STATEMENT, outcome, reason, "predicted probability", tuple(rows),
        worst.ratio, worst.low, worst.high,
    )  # fmt: skip


def learnable_probability(problem: Problem) -> float:
    """Return how often every class is learnable, by the sizes alone."""
    return bounds.learnable_probability(problem.m, problem.p, problem.K, problem.support)


def learnability_row(problem: Problem, found: Sequence[Learned], together: int) -> Row:
    """Reduce the runs of one problem to a row; intervals are joint over so many rows."""
    from scipy.stats import binomtest

    runs, predicted = len(found), learnable_probability(problem)
    successes = sum(all(one.learned) for one in found)
    test = binomtest(successes, runs, predicted)
    interval = test.proportion_ci(1 - (1 - LEVEL) / together, method="exact")
    ratio = successes / runs / predicted
    return Row(
        f"p = {problem.p:g}, m = {problem.m}, K = {problem.K}",
        predicted,
        ratio,
        float(interval.low) / predicted,
        float(interval.high) / predicted,
        abs(ratio - 1),
        abs(ratio - 1),
        runs,
        (
            ("p-value", float(test.pvalue)),
            ("frequency", successes / runs),
            ("frequency by the draw", sum(all(one.learnable) for one in found) / runs),
            ("same as the draw says", float(sum(one.learned == one.learnable for one in found))),
        ),
    )
