"""Which changed claims can be told from the logarithms that their orders hide, by the laws."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bounds import Claim
from bounds.evaluation import NotDefined, log_value
from theorycheck.judging.family import Family
from theorycheck.judging.orders.allowance import Allowance
from theorycheck.judging.slopes import least_squares_slope, tail
from theorycheck.judging.table import Point, defined_log_bound, parameters_at


def separable(claim: Claim, family: Family, points: Sequence[Point]) -> bool:
    """Tell whether the law of a quantity outgrows a bound along a path by more than is hidden."""
    if claim.order.symbol == "exact" or claim.law is None:
        return True
    sign = -1.0 if claim.direction == "lower" else 1.0
    progress = np.array([family.progress(*point) for point in points])
    excess = np.array(
        [sign * (_log_law(claim, at) - defined_log_bound(claim, *at)) for at in points]
    )
    late, allowed = tail(progress.tolist()), Allowance.along(claim, points)
    if not np.isfinite(excess[late]).all():
        return bool((excess[late] == np.inf).all())
    slope = least_squares_slope(np.log(progress[late]), excess[late])
    return bool(slope > max(allowed.tolerated(progress, late), allowed.ceiling(progress, late)))


def _log_law(claim: Claim, point: Point) -> float:
    try:
        return log_value(claim.law, parameters_at(point))
    except NotDefined:
        return -math.inf
