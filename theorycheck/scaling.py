"""How an implied constant moves along a family: its slope, and where a claim starts to hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

HIGH_QUANTILE = 0.9
DELTA = 0.01  # failure probability inside the logarithm that O~ allows
RESOLUTION = 0.05  # powers closer to 0 than this are not told apart from it
LEAST_SEEDS = 3
LEAST_SIZES = 3


@dataclass(frozen=True)
class Slope:
    """A log-log slope over seeds.

    Attributes
    ----------
    mean : float
        Mean over seeds of each seed's least-squares slope; nan where it cannot be told.
    low, high : float
        A t-interval for it.
    seeds : int
        Number of seeds in it.
    """

    mean: float
    low: float
    high: float
    seeds: int


NO_SLOPE = Slope(math.nan, math.nan, math.nan, 0)


def least_squares_slope(log_sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return the least-squares slope of values against log sizes."""
    x = np.asarray(log_sizes) - np.mean(log_sizes)
    return float(x @ np.asarray(values) / (x @ x))


def slope_over_seeds(
    excess: Mapping[int, Mapping[float, float]], sizes: Sequence[float], level: float
) -> Slope:
    """Estimate the log-log slope of an implied constant, seed by seed.

    Parameters
    ----------
    excess : mapping
        ``excess[seed][size]``, the logarithm of measured / bound; values that are not finite are
        left out of the slope.
    sizes : sequence of float
        The sizes of the family; only seeds with a value at every one count, because the slopes of
        different stretches are different quantities.
    level : float
        Confidence level of the two-sided interval.

    Returns
    -------
    Slope
        With nan where fewer than ``LEAST_SEEDS`` seeds or ``LEAST_SIZES`` sizes are there.
    """
    if len(sizes) < LEAST_SIZES:
        return NO_SLOPE
    log_sizes = [math.log(size) for size in sizes]
    slopes = []
    for by_size in excess.values():
        values = [by_size.get(size, math.nan) for size in sizes]
        if all(math.isfinite(value) for value in values):
            slopes.append(least_squares_slope(log_sizes, values))
    if len(slopes) < LEAST_SEEDS:
        return NO_SLOPE
    from scipy.stats import t

    mean = float(np.mean(slopes))
    error = float(np.std(slopes, ddof=1)) / math.sqrt(len(slopes))
    reach = float(t.ppf((1 + level) / 2, len(slopes) - 1)) * error
    return Slope(mean, mean - reach, mean + reach, len(slopes))


def tolerated_slope(log_power: float, sizes: Sequence[float], arguments: Sequence[float]) -> float:
    """Return the slope that an order allows along a family.

    Parameters
    ----------
    log_power : float
        The power of the logarithm that O~ hides; 0 for the other orders.
    sizes : sequence of float
        The sizes.
    arguments : sequence of float
        d n m K / delta at each size.

    Returns
    -------
    float
        The slope of ``log(argument)**log_power``, or the resolution where that is less.
    """
    if len(sizes) < 2:
        return RESOLUTION
    allowance = [log_power * math.log(math.log(argument)) for argument in arguments]
    return max(least_squares_slope([math.log(size) for size in sizes], allowance), RESOLUTION)


def holds_from(sizes: Sequence[float], excess: Sequence[float]) -> float | None:
    """Return the smallest size from which the excess is at most 0 at every larger one.

    Parameters
    ----------
    sizes : sequence of float
        The sizes, ascending.
    excess : sequence of float
        A quantile of log(measured / bound) at each.

    Returns
    -------
    float or None
        None where the largest size still exceeds.
    """
    first = None
    for size, value in zip(reversed(sizes), reversed(excess), strict=True):
        if not value <= 0:
            break
        first = size
    return first


def extrapolated_size(sizes: Sequence[float], excess: Sequence[float], slope: float) -> float:
    """Return the size at which the excess of the largest size would be used up at a slope.

    Parameters
    ----------
    sizes, excess : sequences of float
        As in :func:`holds_from`.
    slope : float
        The slope to go on with.

    Returns
    -------
    float
        inf where the slope does not lead down.
    """
    if not slope < 0 or not math.isfinite(excess[-1]):
        return math.inf
    return math.exp(min(math.log(sizes[-1]) - excess[-1] / slope, 700.0))


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile that never interpolates towards an infinite value; nan of nothing."""
    if not values:
        return math.nan
    if all(math.isfinite(value) for value in values):
        return float(np.quantile(values, share))
    return float(np.quantile(values, share, method="inverted_cdf"))


def exponential(value: float) -> float:
    """Return exp(value), inf where that lies beyond the floats."""
    return math.exp(value) if value < 709 else math.inf
