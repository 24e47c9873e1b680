"""`phase-boundary`: the SNR from which on half of the classes learn, against the predicted one.

The prediction knows only n, m, K, p and q: the median, over draws, of the SNR at which the race of
one class is even (Theory, section 11). At SNRs near it the share of classes that learn is measured;
the factor by which all predicted SNRs must be multiplied to give as many is what is judged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

import bounds
from sims import Problem
from sims.arrays import Floats
from theorycheck.predictions.limit import LEAST_SIZES, LEVEL, Experiment, PredictionVerdict, Row
from theorycheck.predictions.race import RULES, Raced, problem_at, race_heaps, setting_of
from theorycheck.running.tasks import regroup

PREDICTION = "phase-boundary"


TOLERANCE = 1.3  # a factor of the SNR, for every interval


STATEMENT = (
    "the SNR from which on half of the classes learn their signal, over the predicted median: "
    f"every interval within a factor of {TOLERANCE:g} from 1"
)


BAND = (0.1, 0.9)  # shares of the classes between which the boundary is blurred
FACTORS = np.geomspace(0.2, 5.0, 801)  # that are tried; beyond the ends there is no interval
RESAMPLES = 2000


def around_boundary(
    p: float, factors: Sequence[float] = (1.0,), **sizes: Any
) -> tuple[Problem, ...]:
    """Return problems of :func:`problem_at` at one p, their SNRs around the predicted one."""
    snr = predicted_snr(problem_at(1.0, p, **sizes))
    if not 0 < snr < math.inf:
        raise ValueError(f"p must be large enough for half of the classes to learn, got {p!r}")
    return tuple(problem_at(snr * factor, p, **sizes) for factor in sorted(factors))


def predicted_snr(problem: Problem, share: float = 0.5) -> float:
    """Return the SNR from which on a share of the classes is to learn, by the sizes alone."""
    sizes = problem.p, problem.n, problem.m, problem.K, problem.q
    return bounds.even_snr(*sizes, share, problem.support)


def boundary_experiment(
    problems: Sequence[Sequence[Problem]], seeds: Sequence[int], engine: str = "gram-law"
) -> Experiment:
    """Return the experiment of `phase-boundary`; a row's problems differ in their SNR alone."""
    return Experiment(race_heaps(problems, seeds, engine), partial(judge_boundary, problems))


def judge_boundary(
    problems: Sequence[Sequence[Problem]], results: Sequence[Sequence[Raced]]
) -> PredictionVerdict:
    """Judge the races by row of problems, SNR and seed."""
    by_row = regroup(results, problems)
    rows = [boundary_row(*one) for one in zip(problems, by_row, strict=True)]
    outcome, reason = _decide(rows)
    worst = max(rows, key=lambda row: abs(row.ratio - 1))
    return PredictionVerdict(
        PREDICTION, STATEMENT, outcome, reason, "p", tuple(rows), worst.ratio, worst.low, worst.high
    )


def _decide(rows: Sequence[Row]) -> tuple[str, str]:
    lowest, highest = 1 / TOLERANCE, TOLERANCE
    outside = [row for row in rows if row.high < lowest or row.low > highest]
    if outside:
        return "refuted", f"more than a factor of {TOLERANCE:g} off at {outside[0].setting}"
    if len(rows) < LEAST_SIZES:
        return "undecided", f"fewer than {LEAST_SIZES} settings"
    for row in rows:
        if not (row.low >= lowest and row.high <= highest):
            interval = f"[{row.low:.3g}, {row.high:.3g}]"
            return "undecided", f"the interval {interval} is too wide at {row.setting}"
    far = max(abs(row.ratio - 1) for row in rows)
    return "consistent", f"at most {far:.1%} off in {len(rows)} settings"


def boundary_row(across: Sequence[Problem], trials: Sequence[Sequence[Raced]]) -> Row:
    """Reduce the runs at one p, by SNR and seed, to a row."""
    problem, snrs = across[0], [snr_of(one) for one in across]
    learned = np.array([[one.learned for one in at_snr] for at_snr in trials], float).mean(axis=2)
    won = np.array([[one.races for one in at_snr] for at_snr in trials], float).mean(axis=(0, 1, 2))
    expected = expected_shares(problem, snrs)
    ratio = float(moved(learned.mean(), expected.mean(axis=0)))
    low, high = moved_interval(learned.mean(axis=0), expected.mean(axis=0))
    at = predicted_snr(problem)
    more = [
        ("predicted SNR", at),
        ("measured SNR", ratio * at),
        ("classes", learned.size * problem.K),
    ]
    more += [
        (f"predicted SNR, {share:g} of the classes", predicted_snr(problem, share))
        for share in BAND
    ]
    unmoved = int(np.argmin(np.abs(FACTORS - 1)))
    for index, snr in enumerate(snrs):
        more.append((f"learned at {snr / at:.3g} of it", float(learned[index].mean())))
        more.append((f"predicted at {snr / at:.3g} of it", float(expected[index, unmoved])))
    more += [
        (f"won against the {rule} sample", share)
        for rule, share in zip(RULES, won.tolist(), strict=True)
    ]
    return Row(setting_of(problem), problem.p, ratio, low, high,
               abs(ratio - 1), abs(ratio - 1), learned.size, tuple(more))  # fmt: skip


def expected_shares(problem: Problem, snrs: Sequence[float]) -> Floats:
    """Return which share of the classes learns at each SNR where the law is moved, ``(S, F)``."""
    sizes = problem.p, problem.n, problem.m, problem.K, problem.q, problem.support
    shares = [[bounds.learned_share(snr / by, *sizes) for by in FACTORS.tolist()] for snr in snrs]
    return np.array(shares)


def moved(learned: Any, expected: Floats) -> Any:
    """Return the factor of FACTORS that lets as many learn; 0 or inf where none does."""
    # the larger the factor, the fewer learn
    return np.interp(learned, expected[::-1], FACTORS[::-1], left=math.inf, right=0.0)


def moved_interval(learned: Floats, expected: Floats) -> tuple[float, float]:
    """Return a bootstrap interval of :func:`moved` over seeds, from the share of each, (seeds,)."""
    rng = np.random.default_rng(0)
    seeds = len(learned)
    samples = learned[rng.integers(seeds, size=(RESAMPLES, seeds))].mean(axis=1)
    beyond = (1 - LEVEL) / 2
    low, high = np.quantile(moved(samples, expected), [beyond, 1 - beyond], method="inverted_cdf")
    return float(low), float(high)


def snr_of(problem: Problem) -> float:
    """Return mu / (sigma_n sqrt(d))."""
    return problem.mu / (problem.sigma_n * math.sqrt(problem.d))
