"""Why a boundary came out as it did, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from theorycheck.judging.boundaries.survey import APART
from theorycheck.judging.boundaries.verdict import AlongBoundary, BoundaryVerdict, Located


def uncrossed(verdict: BoundaryVerdict) -> str:
    """Say that the path across does not cross the boundary, and which way it would."""
    ends = "fail" if verdict.located.median == math.inf else "succeed"
    if math.isnan(verdict.located.median):
        return "no draw in the event tells on which side of the boundary it lies"
    return (
        f"not crossed on this path: most of {verdict.located.draws} draws {ends} at every index "
        f"within a factor 90 of the declared constant {verdict.declared:g}, as {verdict.across} "
        "moves; another constant would lead to it"
    )


def too_few(draws: int, needed: int) -> str:
    """Say how many draws are missing."""
    return f"a sign test takes {needed} draws that cross at every size, here are {draws}"


def of_along(one: AlongBoundary, outcome: str, by_slope: bool, progress: Sequence[float]) -> str:
    """Say what the boundary does as one symbol moves, and why that decides."""
    told = f"{moves(one)}; {of_sides(one)}"
    if outcome == "refuted":
        why = (
            "a power, which no constant and no logarithm makes up for"
            if by_slope
            else "success changes sides along a boundary that should stay"
        )
        return f"{told}: {why}"
    if outcome == "undecided":
        return f"{told}; the draws are divided: more of them or a longer path would decide"
    factor = progress[-1] ** one.explained
    return f"{told}; a drift by a factor {factor:.2g} over this path is not told from a logarithm"


def moves(one: AlongBoundary) -> str:
    """Say how the critical index moves along a symbol."""
    first, last = one.places[0], one.places[-1]
    base = one.symbol if last.size > first.size else f"(1/{one.symbol})"
    slope = one.slope
    return (
        f"critical index {number(first.median)} at {one.symbol} = {first.size:g}, "
        f"{number(last.median)} at {last.size:g}, moves like {base}^{_power(slope.median)} "
        f"[{_power(slope.low)}, {_power(slope.high)}], explained up to {_power(one.explained)} "
        "either way"
    )


def of_sides(one: AlongBoundary) -> str:
    """Say how many draws lie on their side well beyond and well before the boundary."""
    beyond = min(one.sides, key=lambda side: side.beyond / max(side.beyond_draws, 1))
    before = min(one.sides, key=lambda side: side.before / max(side.before_draws, 1))
    return (
        f"at {APART:g} times it at least {beyond.beyond} of {beyond.beyond_draws} draws succeed at "
        f"every size, at a quarter {before.before} of {before.before_draws} fail"
    )


def of_place(one: Located, declared: float) -> str:
    """Say where the boundary lies at the start."""
    lost = f", {one.uncrossed} of them nowhere" if one.uncrossed else ""
    return (
        f"lies at {number(one.median)} [{number(one.low)}, {number(one.high)}] in the median of "
        f"{one.draws} draws{lost}, {number(one.early)} to {number(one.late)} in 8 of 10; declared "
        f"{declared:g}"
    )


def of_boundary(verdict: BoundaryVerdict) -> str:
    """Sum up a boundary: what decides, and along what it was followed."""
    deciding = next(one for one in verdict.along if one.outcome == verdict.outcome)
    same = [one.symbol for one in verdict.along if one.outcome == verdict.outcome]
    words = {
        "consistent": "stays at its index along",
        "refuted": "leaves its index along",
        "undecided": "not decided along",
        "premise not met": "a premise is not kept along",
    }
    told = f"{words[verdict.outcome]} {', '.join(same)}"
    if verdict.outcome == "consistent":
        return f"{told}; {of_place(verdict.located, verdict.declared)}"
    where = of_place(verdict.located, verdict.declared)
    return f"{told}; along {deciding.symbol}: {deciding.reason}; {where}"


def number(value: float) -> str:
    """Write an index; what lies beyond the path by the side it lies on."""
    if not math.isfinite(value):
        return "beyond the path" if value > 0 else "none"
    return f"{value:.3g}" if value > 0 else "before the path"


def _power(value: float) -> str:
    """Write a power with its sign; what rounds to 0 as +0.000."""
    return f"{round(value, 3) + 0.0:+.3f}" if math.isfinite(value) else f"{value:+}"
