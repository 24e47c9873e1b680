"""Quantiles, intervals of shares, and several tests judged together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sims.arrays import Floats

FAMILY_ERROR = 0.01  # rate of any wrong outcome among all claims that are judged together


def holm(p_values: Sequence[float], rate: float = FAMILY_ERROR) -> list[float]:
    """Return the confidence level at which each hypothesis' interval is to be read."""
    count = len(p_values)
    levels = [0.0] * count
    left = count
    for index in sorted(range(count), key=lambda index: p_values[index]):
        levels[index] = 1 - rate / left
        if p_values[index] <= rate / left and left > 1:
            left -= 1
    return levels


def share_interval(successes: int, trials: int, level: float) -> tuple[float, float]:
    """Return the exact (Clopper-Pearson) interval of a share.

    As ``scipy.stats.binomtest`` gives it, without the second that its import takes.
    """
    from scipy.special import betaincinv

    outside, others = (1 - level) / 2, trials - successes
    low = betaincinv(successes, others + 1, outside) if successes else 0.0
    high = betaincinv(successes + 1, others, 1 - outside) if others else 1.0
    return float(low), float(high)


def quantiles(values: Floats, share: float) -> Floats:
    """Return a quantile over the second to last axis, ignoring nan.

    Shapes: values (..., S, N) -> (..., N). Interpolated between neighbours, but never towards an
    infinite one; nan of nothing.
    """
    if values.shape[-2] == 0:
        return np.full(values.shape[:-2] + values.shape[-1:], np.nan)
    ordered = np.sort(values, axis=-2)  # puts nan last
    count = (~np.isnan(values)).sum(axis=-2)

    def value_at(rank: Floats) -> Floats:
        index = np.maximum(rank, 0).astype(int)
        return np.take_along_axis(ordered, index[..., None, :], axis=-2)[..., 0, :]

    position = share * (count - 1)
    below, above = value_at(np.floor(position)), value_at(np.ceil(position))
    finite = np.isfinite(below) & np.isfinite(above)
    gap = np.subtract(above, below, out=np.zeros_like(below), where=finite)
    between = below + (position - np.floor(position)) * gap
    return np.where(finite, between, value_at(np.ceil(share * count) - 1))


def quantile(values: Sequence[float], share: float) -> float:
    """Return :func:`quantiles` of plain numbers."""
    return float(quantiles(np.asarray(values, float).reshape(-1, 1), share)[0])


def exponential(value: float) -> float:
    """Return exp(value), inf where that lies beyond the floats; nan of nan."""
    return math.inf if value >= 709 else math.exp(value)
