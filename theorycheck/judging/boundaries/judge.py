"""From the survey of a boundary to a verdict: exact sign tests over draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bounds import Theorem
from sims.arrays import Floats
from theorycheck.judging.boundaries.crossing import RATIO, RUNGS
from theorycheck.judging.boundaries.survey import APART, Survey, median_index
from theorycheck.judging.boundaries.verdict import AlongBoundary, BoundaryVerdict, Located, Sides
from theorycheck.judging.boundaries.wording import (
    of_along,
    of_boundary,
    too_few,
    uncrossed,
)
from theorycheck.judging.boundary_paths import (
    START,
    Place,
    problem_at,
    progress_along,
)
from theorycheck.judging.family import Family
from theorycheck.judging.orders.allowance import BEYOND
from theorycheck.judging.paths.premises import path_premises, unmet
from theorycheck.judging.slopes import (
    DELTA,
    LEVEL,
    RESOLUTION,
    logarithm_slope,
    median_slope,
    slopes_of_draws,
)
from theorycheck.judging.statistics import (
    ORDER_ERROR,
    draws_needed,
    exponential,
    holm,
    quantile,
    quantile_limits,
    sign_p,
)
from theorycheck.judging.table import points_of
from theorycheck.judging.whole.summary import WORST_FIRST


@dataclass(frozen=True, eq=False)
class Trend:
    """The slopes of draws along one symbol with their numbers, before anything is decided."""

    found: AlongBoundary
    progress: tuple[float, ...]
    slopes: Floats
    lost: tuple[float, ...]  # p-values of most draws being on the wrong side
    kept: float  # the largest p-value of half of them or fewer being on the right one

    @property
    def beyond(self) -> tuple[float, float]:
        """The p-values of a median slope that a logarithm explains, up and down."""
        explained, draws = self.found.explained, len(self.slopes)
        above, below = (self.slopes > explained).sum(), (self.slopes < -explained).sum()
        return sign_p(int(above), draws), sign_p(int(below), draws)

    @property
    def within(self) -> float:
        """The p-value of a median slope that no logarithm explains, the larger of both sides."""
        explained, draws = self.found.explained, len(self.slopes)
        below, above = (self.slopes < explained).sum(), (self.slopes > -explained).sum()
        return max(sign_p(int(below), draws), sign_p(int(above), draws))


def judge_boundary(theorem: Theorem, found: Survey, together: int = 1) -> BoundaryVerdict:
    """Judge a boundary by its survey; `together` is the number of boundaries in the check."""
    boundary, paths = found.boundary, found.paths
    start = _located(math.nan, found.critical[START])
    blank = BoundaryVerdict(
        theorem.id, boundary.id, boundary.statement, boundary.source.tag, "undecided", "",
        str(boundary.index), paths.across, boundary.constant, start, (), found.runs,
    )  # fmt: skip
    if not 0 < start.median < math.inf:
        return replace(blank, reason=uncrossed(blank))
    trends = [_trend(theorem, found, symbol) for symbol in paths.along]
    along = _decide(trends, ORDER_ERROR / together)
    counted = [one for one in along if one.outcome != "premise not met"]
    outcome = "premise not met"
    if counted:
        outcome = min((one.outcome for one in counted), key=WORST_FIRST.index)
    judged = replace(blank, outcome=outcome, along=along)
    return replace(judged, reason=of_boundary(judged))


def _located(size: float, log_index: Floats) -> Located:
    """Sum up the critical indices of draws at one place."""
    known = log_index[~np.isnan(log_index)].tolist()
    low, high = quantile_limits(known, 0.5, LEVEL)
    half = math.log(RATIO) / 2  # a draw is only known to flip between two rungs
    return Located(
        size,
        median_index(log_index) if known else math.nan,
        exponential(low - half),
        exponential(high + half),
        exponential(quantile(known, 0.1)),
        exponential(quantile(known, 0.9)),
        len(known),
        sum(map(math.isinf, known)),
    )


def _trend(theorem: Theorem, found: Survey, symbol: str) -> Trend:
    paths, sizes = found.paths, found.paths.along[symbol]
    places, progress = paths.along_places(symbol), tuple(progress_along(sizes))
    across = np.stack([found.critical[place] for place in places], axis=1)
    across = across[~np.isnan(across).any(axis=1)]
    explained = explained_slope(found, symbol)
    slopes = slopes_of_draws(np.array(progress), across)
    if math.log(RATIO) * (RUNGS // 2) < explained * math.log(progress[-1]):
        slopes = slopes[np.isfinite(slopes)]  # a logarithm could lead beyond the ladder
    sides = [_sides(found, place, size) for place, size in zip(places, sizes, strict=True)]
    told = AlongBoundary(
        symbol,
        "undecided",
        "",
        tuple(_located(s, found.critical[place]) for s, place in zip(sizes, places, strict=True)),
        tuple(sides),
        median_slope(slopes),
        explained,
        path_premises(theorem, family := _family(found, symbol), points_of(family, paths.epsilon)),
    )
    lost = [
        sign_p(draws - right, draws)
        for one, far in zip(sides, progress, strict=True)
        if math.log(APART) > explained * math.log(far)
        for right, draws in _counts(one)
    ]
    kept = max(sign_p(right, draws) for one in sides for right, draws in _counts(one))
    return Trend(told, progress, slopes, tuple(lost), kept)


def explained_slope(found: Survey, symbol: str) -> float:
    """Return the slope along a boundary that a logarithm explains; at least the resolution.

    One logarithm of what moves, or that power of log(d n m K / delta), of log(d) along d, which
    an O~ with the boundary's own power is not told apart from.
    """
    paths = found.paths
    problems = [paths.at(place) for place in paths.along_places(symbol)]
    progress = np.array(progress_along(paths.along[symbol]))
    if symbol not in ("d", "n", "m", "K"):
        return RESOLUTION
    values = np.array([getattr(one, symbol) for one in problems], float)
    product = [float(one.d) * one.n * one.m * one.K / DELTA for one in problems]
    hidden = np.log(values if symbol == "d" else np.array(product))
    power = found.boundary.log_power
    slopes = (
        logarithm_slope(power + BEYOND if power else 0.0, progress, hidden),
        logarithm_slope(1.0, progress, np.log1p(values)),
        RESOLUTION,
    )
    return max(map(abs, slopes))


def _family(found: Survey, symbol: str) -> Family:
    """Return the problems where success changes as a path, which the premises are held to."""
    paths = found.paths
    problems = []
    for place in paths.along_places(symbol):
        index = median_index(found.critical[place])
        crossed = 0 < index < math.inf
        problems.append(
            problem_at(found.boundary, paths, place, index if crossed else found.located)
        )
    up = paths.along[symbol][-1] > paths.along[symbol][0]
    tied = f"{paths.across} moves so that the index stays"
    return Family(symbol, tuple(problems), tied, "up" if up else "down")


def _sides(found: Survey, place: Place, size: float) -> Sides:
    counts = []
    for factor in (APART, 1 / APART):
        told = [one for one in found.sides[place, factor] if one is not None]
        counts += [sum(told), len(told)]
    return Sides(size, *counts)


def _counts(sides: Sides) -> tuple[tuple[int, int], tuple[int, int]]:
    return (sides.beyond, sides.beyond_draws), (sides.before, sides.before_draws)


def _decide(trends: Sequence[Trend], rate: float) -> tuple[AlongBoundary, ...]:
    """Decide symbol by symbol, refutations together by Holm's procedure."""
    left = [unmet(one.found.premises) for one in trends]
    p_values = [
        [*one.beyond, *one.lost] if not here else [] for one, here in zip(trends, left, strict=True)
    ]
    flat = [p for here in p_values for p in here]
    rejected = iter(holm(flat, rate))
    decided = []
    for trend, here, tests in zip(trends, left, p_values, strict=True):
        beyond = [next(rejected) for _ in tests]
        if here:
            outcome, reason = "premise not met", "; ".join(here)
        elif len(trend.slopes) < (needed := draws_needed(rate / len(flat))):
            outcome, reason = "undecided", too_few(len(trend.slopes), needed)
        else:
            outcome = "undecided"
            if any(beyond):
                outcome = "refuted"
            elif max(trend.within, trend.kept) <= rate:
                outcome = "consistent"
            reason = of_along(trend.found, outcome, any(beyond[:2]), trend.progress)
        decided.append(replace(trend.found, outcome=outcome, reason=reason))
    return tuple(decided)
