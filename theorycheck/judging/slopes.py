"""How an implied constant moves along a path, draw by draw, and where a claim starts to hold.

Everything here is numbers. ``excess`` is the logarithm of measured / bound on the unfavourable
side, ``(S, N)``: one row a draw, one column a size; inf where no constant suffices, -inf where any
does, nan where nothing is known. ``progress`` grows along the path.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sims.arrays import Booleans, Floats
from theorycheck.judging.statistics import quantile, quantile_limits

HIGH_QUANTILE = 0.9
DELTA = 0.01  # failure probability inside the logarithm that O~ hides
# Powers closer than this are not told apart: where an order allows no growth at all, a ratio that
# is exactly constant could otherwise never be seen to stay below the allowance.
RESOLUTION = 0.05
LEAST_SIZES = 3  # in the tail
SHORT_TAIL = 4  # sizes; a tail of no more has no end of its own
LEVEL = 0.99  # of the intervals that are printed


@dataclass(frozen=True)
class Slope:
    """A log-log slope over draws.

    Attributes
    ----------
    median : float
        The median over draws; nan where there are none, inf where most have no step t*.
    low, high : float
        Its order-statistic interval, infinite where the draws are too few for one.
    draws : int
        Number of draws in it.
    level : float
        Confidence level of the two-sided interval.
    """

    median: float
    low: float
    high: float
    draws: int
    level: float = LEVEL


NO_SLOPE = Slope(math.nan, math.nan, math.nan, 0, math.nan)


def tail(progress: Sequence[float]) -> Booleans:
    """Tell which sizes lie in the tail: the upper half of the decades of a path.

    Shapes: (N,). True where log progress lies in the upper half of its range, the middle included.
    """
    return _beyond(progress, 1 / 2)


def tail_end(progress: Sequence[float]) -> Booleans:
    """Tell which sizes lie in the last half of the tail, at least three; all of a short tail."""
    in_tail = tail(progress)
    if in_tail.sum() <= SHORT_TAIL:
        return in_tail
    last_three = np.arange(len(progress)) >= len(progress) - LEAST_SIZES
    return _beyond(progress, 3 / 4) | last_three


def _beyond(progress: Sequence[float], share: float) -> Booleans:
    logs = np.log(np.asarray(progress, float))
    span = logs[-1] - logs[0]
    rounding = 1e-9 * span
    return np.asarray(logs >= logs[0] + share * span - rounding)


def least_squares_slope(log_progress: Floats, values: Floats) -> Floats:
    """Return the least-squares slope of the last axis of values against log progress."""
    x = log_progress - log_progress.mean()
    return values @ (x / (x @ x))


def slopes_of_draws(progress: Floats, excess: Floats) -> Floats:
    """Return the slope of every draw over a stretch, ``(S,)``.

    Over the sizes where the excess is finite; inf for a draw that no constant suffices at the last
    size or at half of the sizes, nan for one that is unknown and -inf for one that any constant
    suffices there.
    """
    if len(progress) < 2 or not len(excess):
        return np.full(len(excess), np.nan)
    logs = np.log(progress)
    slopes = least_squares_slope(logs, np.where(np.isfinite(excess), excess, 0.0))
    gaps = ~np.isfinite(excess).all(axis=1)
    if gaps.any():
        slopes[gaps] = _slopes_with_gaps(logs, excess[gaps])
    return slopes


def _slopes_with_gaps(logs: Floats, excess: Floats) -> Floats:
    def rules(here: Booleans) -> Booleans:
        return np.asarray(here[:, -1] | (2 * here.sum(axis=1) >= len(logs)))

    there = np.isfinite(excess)
    count = there.sum(axis=1)
    x = np.where(there, logs - (there @ logs / np.maximum(count, 1))[:, None], 0.0)
    spread = (x * x).sum(axis=1)
    product = (x * np.where(there, excess, 0.0)).sum(axis=1)
    return np.select(
        [rules(excess == np.inf), rules(np.isnan(excess)), rules(excess == -np.inf), count > 1],
        [np.inf, np.nan, -np.inf, np.divide(product, spread, where=count > 1, out=product)],
        np.nan,
    )


def median_slope(slopes: Floats) -> Slope:
    """Return the median of the slopes of draws with its interval."""
    known = slopes[~np.isnan(slopes)].tolist()
    if not known:
        return NO_SLOPE
    low, high = quantile_limits(known, 0.5, LEVEL)
    return Slope(quantile(known, 0.5), low, high, len(known))


def logarithm_slope(power: float, progress: Floats, logarithms: Floats) -> float:
    """Return the slope over a stretch of a power of a logarithm, 0 where that does not move.

    Shapes: progress, logarithms (N,).
    """
    if len(progress) < 2:
        return 0.0
    return float(least_squares_slope(np.log(progress), power * np.log(logarithms)))


def holds_from(sizes: Sequence[float], excess: Floats) -> float | None:
    """Return the first size from which the excess is at most 0 at every further one.

    Shapes: excess (N,). None where the last size still exceeds.
    """
    within = int(_sizes_within(excess))
    return sizes[-within] if within else None


def _sizes_within(excess: Floats) -> Any:
    """Count the last sizes, on the last axis, that are within the bound without a gap."""
    return np.logical_and.accumulate(excess[..., ::-1] <= 0, axis=-1).sum(axis=-1)


def extrapolated_size(progress: float, excess: float, slope: float) -> float:
    """Return the progress at which an excess is 0 if it goes on from here at a slope.

    inf where the slope does not lead there.
    """
    if not math.isfinite(excess) or not math.isfinite(slope) or slope * excess >= 0:
        return math.inf
    return math.exp(min(math.log(progress) - excess / slope, 700.0))
