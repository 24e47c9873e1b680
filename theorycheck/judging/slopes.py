"""How an implied constant moves along a path: slopes over seeds, and where a claim starts to hold.

Everything here is numbers. ``excess`` is the logarithm of measured / bound on the unfavourable
side, ``(S, N)``: one row a seed, one column a size, nan where there is no run. ``progress`` grows
along the path.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sims.arrays import Booleans, Floats
from theorycheck.judging.statistics import quantiles

HIGH_QUANTILE = 0.9
DELTA = 0.01  # failure probability inside the logarithm that O~ allows
# Powers closer than this are not told apart: where the order allows no growth at all, a ratio that
# is exactly constant could otherwise never be seen to stay below the allowance.
RESOLUTION = 0.05
LEAST_SEEDS = 12
LEAST_SIZES = 3  # in the tail
END_LEVEL = 0.995  # of the interval at the end of the tail, whatever else is judged
LEAST_SEEDS_HIGH = 20  # fewer seeds hardly ever reach beyond their 0.9 quantile
RESAMPLES = 1000
BOOTSTRAP_LEVEL = 0.99
BOOTSTRAP_SEED = 20230100335
ROUNDING = 1e-12  # of a slope: no interval is narrower


@dataclass(frozen=True)
class Slope:
    """A log-log slope over seeds.

    Attributes
    ----------
    mean : float
        The slope; nan where it cannot be told.
    low, high : float
        Its interval.
    seeds : int
        Number of seeds in it.
    level : float
        Confidence level of the two-sided interval.
    """

    mean: float
    low: float
    high: float
    seeds: int
    level: float = math.nan


NO_SLOPE = Slope(math.nan, math.nan, math.nan, 0)


def tail(progress: Sequence[float]) -> Booleans:
    """Tell which sizes lie in the tail: the upper half of the decades of a path.

    Shapes: (N,). True where log progress lies in the upper half of its range, the middle included.
    """
    return _beyond(progress, 1 / 2)


def tail_end(progress: Sequence[float]) -> Booleans:
    """Tell which sizes lie in the last half of the tail; at least the last two of a path."""
    return _beyond(progress, 3 / 4) | (np.arange(len(progress)) >= len(progress) - 2)


def _beyond(progress: Sequence[float], share: float) -> Booleans:
    logs = np.log(np.asarray(progress, float))
    span = logs[-1] - logs[0]
    rounding = 1e-9 * span
    return np.asarray(logs >= logs[0] + share * span - rounding)


def least_squares_slope(log_progress: Floats, values: Floats) -> Floats:
    """Return the least-squares slope of the last axis of values against log progress."""
    x = log_progress - log_progress.mean()
    return values @ (x / (x @ x))


def slope_of_each_seed(progress: Floats, excess: Floats) -> Floats:
    """Return the slope of every seed that has a finite value at every size.

    The slopes of different stretches are different quantities, so no seed counts in part.
    """
    whole = excess[np.isfinite(excess).all(axis=1)]
    if len(progress) < 2:
        return np.empty(0)
    return least_squares_slope(np.log(progress), whole)


def t_interval(slopes: Floats, level: float) -> Slope:
    """Return the mean of the slopes of seeds with its one-sample t-interval.

    Shapes: slopes (S,).
    """
    if len(slopes) < LEAST_SEEDS:
        return NO_SLOPE
    from scipy.special import stdtrit

    mean = float(slopes.mean())
    reach = float(stdtrit(len(slopes) - 1, (1 + level) / 2)) * _standard_error(slopes)
    return Slope(mean, mean - reach, mean + reach, len(slopes), level)


def p_value(slopes: Floats, tolerated: float) -> float:
    """Return the two-sided p-value of a tolerated slope; 1 for fewer than ``LEAST_SEEDS`` seeds."""
    if len(slopes) < LEAST_SEEDS:
        return 1.0
    from scipy.special import stdtr

    distance = abs(float(slopes.mean()) - tolerated) / _standard_error(slopes)
    return 2 * float(stdtr(len(slopes) - 1, -distance))


def _standard_error(slopes: Floats) -> float:
    return max(float(slopes.std(ddof=1)) / math.sqrt(len(slopes)), ROUNDING)


def tolerated_slope(log_power: float, progress: Floats, arguments: Floats) -> float:
    """Return the slope that an order allows on a stretch.

    Shapes: progress (N,), arguments (N,). The least-squares slope of ``log(argument)**log_power``
    in logarithms, or the resolution where that is less.
    """
    if len(progress) < 2:
        return RESOLUTION
    allowance = log_power * np.log(np.log(arguments))
    return max(float(least_squares_slope(np.log(progress), allowance)), RESOLUTION)


def logarithm_slope(progress: Floats, sizes: Floats) -> float:
    """Return the slope on a stretch of ``log(1 + size)``, the logarithm of what grows along it.

    Shapes: progress, sizes (N,).
    """
    if len(progress) < 2:
        return 0.0
    return float(least_squares_slope(np.log(progress), np.log(np.log1p(sizes))))


def quantile_slope(progress: Floats, excess: Floats) -> Slope:
    """Return the slope of the unfavourable quantile over seeds, with a bootstrap interval.

    Shapes: progress (N,), excess (S, N). ``NO_SLOPE`` for fewer than ``LEAST_SEEDS_HIGH`` seeds,
    or where the quantile is infinite.
    """
    whole = excess[~np.isnan(excess).any(axis=1)]
    if len(whole) < LEAST_SEEDS_HIGH or len(progress) < 2:
        return NO_SLOPE
    logs = np.log(progress)
    highs = quantiles(np.concatenate([whole[None], resample(whole)]), HIGH_QUANTILE)
    if not np.isfinite(highs).all():
        return NO_SLOPE
    slopes = least_squares_slope(logs, highs)
    low, high = np.quantile(slopes[1:], _ends(BOOTSTRAP_LEVEL))
    return Slope(float(slopes[0]), float(low), float(high), len(whole), BOOTSTRAP_LEVEL)


def resample(excess: Floats) -> Floats:
    """Return ``RESAMPLES`` samples of seeds with replacement, ``(RESAMPLES, S, N)``."""
    rng = np.random.default_rng(np.random.SeedSequence(BOOTSTRAP_SEED))
    return excess[rng.integers(len(excess), size=(RESAMPLES, len(excess)))]


def _ends(level: float) -> tuple[float, float]:
    return (1 - level) / 2, (1 + level) / 2


def holds_from(sizes: Sequence[float], excess: Floats) -> float | None:
    """Return the first size from which the excess is at most 0 at every further one.

    Shapes: excess (N,). None where the last size still exceeds.
    """
    return _last(sizes, _sizes_within(excess))


def _sizes_within(excess: Floats) -> Any:
    """Count the last sizes, on the last axis, that are within the bound without a gap."""
    return np.logical_and.accumulate(excess[..., ::-1] <= 0, axis=-1).sum(axis=-1)


def _last(sizes: Sequence[float], count: int) -> float | None:
    return sizes[-count] if count else None


def holds_from_interval(
    sizes: Sequence[float], excess: Floats, share: float
) -> tuple[float | None, float | None]:
    """Return the interval that the seeds give to where a quantile starts to hold.

    Shapes: excess (S, N). The earliest and the latest size of the bootstrap interval over seeds;
    None where the resampled seeds do not get there on this path.
    """
    within = _sizes_within(quantiles(resample(excess), share))
    fewest, most = np.quantile(within, _ends(BOOTSTRAP_LEVEL), method="inverted_cdf")
    return _last(sizes, int(most)), _last(sizes, int(fewest))


def extrapolated_size(
    progress: Sequence[float] | Floats, excess: Sequence[float] | Floats, slope: float
) -> float:
    """Return the progress at which the excess of the last size would be used up at a slope.

    inf where the slope does not lead down.
    """
    if not slope < 0 or not math.isfinite(excess[-1]):
        return math.inf
    return math.exp(min(math.log(progress[-1]) - excess[-1] / slope, 700.0))
