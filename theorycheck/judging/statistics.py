"""Sign tests, order statistics, intervals of shares, and several tests judged together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from sims.arrays import Floats

# Rates of any wrong outcome in one check: one for the claims with an order, one for everything else
# together (claims that hide nothing, sharp predictions, lemmas, probability).
ORDER_ERROR = 0.005
OTHER_ERROR = 0.005


def holm(p_values: Sequence[float], rate: float) -> list[bool]:
    """Tell which hypotheses Holm's procedure rejects at a family-wise rate."""
    rejected = [False] * len(p_values)
    ascending = sorted(range(len(p_values)), key=lambda index: p_values[index])
    for rank, index in enumerate(ascending):
        if p_values[index] > rate / (len(p_values) - rank):
            break
        rejected[index] = True
    return rejected


def sign_p(heads: int, trials: int) -> float:
    """Return the chance that so many or more of some fair coins show heads."""
    from scipy.special import bdtrc

    return float(bdtrc(heads - 1, trials, 0.5)) if heads > 0 else 1.0


def draws_needed(rate: float) -> int:
    """Return the fewest draws with which a sign test can reject at a rate."""
    return math.ceil(-math.log2(rate) - 1e-9)


def quantile_limits(values: Sequence[float], share: float, level: float) -> tuple[float, float]:
    """Return the exact interval of a quantile, whose ends are values; infinite of too few.

    Of order statistics, at a two-sided level; values may be infinite but not nan.
    """
    low, high = _limiting_ranks(len(values), share, level)
    ordered = [-math.inf, *sorted(values), math.inf]
    return float(ordered[low]), float(ordered[high])


@cache
def _limiting_ranks(count: int, share: float, level: float) -> tuple[int, int]:
    """Return which of the ordered values, counted from 1, end the interval of a quantile."""
    from scipy.special import bdtr

    outside = (1 - level) / 2
    at_most = bdtr(np.arange(count + 1), count, share)  # P(so many values or fewer lie below it)
    low = int(np.searchsorted(at_most, outside, side="right"))
    return low, int(np.searchsorted(at_most, 1 - outside)) + 1


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
    # one column a quantile; nan is sorted last
    ordered = np.sort(np.moveaxis(values, -2, 0).reshape(values.shape[-2], -1), axis=0)
    count = (~np.isnan(ordered)).sum(axis=0)
    columns = np.arange(ordered.shape[1])
    position = share * (count - 1)
    rank = np.floor(position)
    below = ordered[np.maximum(rank, 0).astype(int), columns]
    above = ordered[np.maximum(np.ceil(position), 0).astype(int), columns]
    finite = np.isfinite(below) & np.isfinite(above)
    gap = np.subtract(above, below, out=np.zeros_like(below), where=finite)
    between = below + (position - rank) * gap
    if not finite.all():
        nearest = np.maximum(np.ceil(share * count) - 1, 0).astype(int)
        between = np.where(finite, between, ordered[nearest, columns])
    return between.reshape(values.shape[:-2] + values.shape[-1:])


def quantile(values: Sequence[float], share: float) -> float:
    """Return :func:`quantiles` of plain numbers, sooner."""
    ordered = sorted(value for value in values if not math.isnan(value))
    if not ordered:
        return math.nan
    position = share * (len(ordered) - 1)
    below, above = ordered[math.floor(position)], ordered[math.ceil(position)]
    if math.isfinite(below) and math.isfinite(above):
        return float(below + (position - math.floor(position)) * (above - below))
    return float(ordered[max(math.ceil(share * len(ordered)) - 1, 0)])


def exponential(value: float) -> float:
    """Return exp(value), inf where that lies beyond the floats; nan of nan."""
    return math.inf if value >= 709 else math.exp(value)
