"""`omega-drift`: the largest abs(omega) of a run against what its own draw and gamma predict.

The prediction is semi-empirical and takes the final gamma, which overshoots: where the overlap of
isotropic noise with the signal decides, the ratio stays a few percent below 1 whatever sigma_0 is.
So it is held to a fixed tolerance, and its distance from 1 need not fall.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from sims import Problem, Trajectory, stream_many
from theorycheck.judging.quantities import in_mild_event, predict_omega
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

PREDICTION = "omega-drift"
STATEMENT = (
    "max |omega| over what the omega drift predicts from the draw and the final gamma: the "
    "interval of the median within 10 %, and 90 % of the runs within 30 %"
)


TOLERANCE = 0.1
WIDE = 0.3
SHARE = 0.9


def measure_drift(problem: Problem, seed: int, engine: str = "auto") -> float | None:
    """Return measured over predicted max abs(omega) of a run.

    None where the draw is outside the event of mild pruning, the loss does not reach its target,
    or nothing is predicted to drift.
    """
    return next(measure_drifts([(problem, seed, engine)]))[1]


def measure_drifts(calls: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, float | None]]:
    """Make several calls of :func:`measure_drift`; yield the number and the result of each."""
    problems, seeds, engines = zip(*calls, strict=True)
    for number, run in stream_many(problems, seeds, engine=engines):
        yield number, drift_of(run)


def drift_of(run: Trajectory) -> float | None:
    """Return measured over predicted max abs(omega), or None where there is no ratio."""
    if not in_mild_event(run.event) or run.status != "reached":
        return None
    predicted = predict_omega(run)
    return float(np.abs(run.omega[-1]).max()) / predicted if predicted > 0 else None


def drift_experiment(paths: Sequence[Approach], seeds: Sequence[int]) -> Experiment:
    """Return the experiment of `omega-drift`, along falling sigma_0."""
    return approach_experiment(measure_drifts, judge_drift, paths, seeds)


def judge_drift(
    paths: Sequence[Approach], results: Sequence[Sequence[float | None]]
) -> PredictionVerdict:
    """Judge the ratios by problem, path by path, and seed; None is no ratio."""
    series = []
    by_path = regroup(results, [path.values for path in paths])
    for path, by_problem in zip(paths, by_path, strict=True):
        found = [[one for one in runs if one is not None] for runs in by_problem]
        series.append(
            [
                drift_row(path.setting, value, ratios)
                for value, ratios in zip(path.values, found, strict=True)
                if ratios
            ]
        )
    return judge_limit(
        PREDICTION,
        STATEMENT,
        "sigma_0",
        series,
        lambda _: TOLERANCE,
        _supports,
        must_fall=False,
    )


def drift_row(setting: str, value: float, ratios: Sequence[float]) -> Row:
    """Reduce the ratios at one size to a row that also knows the share within 30 %."""
    share = float(np.mean(np.abs(np.asarray(ratios) - 1) <= WIDE))
    return ratio_row(setting, value, ratios, within_30_percent=share)


def _supports(row: Row) -> bool:
    far = max(abs(row.low - 1), abs(row.high - 1))
    return math.isfinite(far) and far <= TOLERANCE and dict(row.more)["within 30 percent"] >= SHARE
