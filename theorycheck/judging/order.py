"""Judging claims with an order: by the slopes of their implied constants and where they hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sims.arrays import Booleans, Floats
from theorycheck.judging.slopes import (
    END_LEVEL,
    HIGH_QUANTILE,
    LEAST_SEEDS,
    LEAST_SEEDS_HIGH,
    LEAST_SIZES,
    NO_SLOPE,
    Slope,
    extrapolated_size,
    holds_from,
    holds_from_interval,
    p_value,
    quantile_slope,
    slope_of_each_seed,
    t_interval,
)
from theorycheck.judging.statistics import holm, quantiles
from theorycheck.judging.table import Table
from theorycheck.judging.verdict import Verdict, suspects


@dataclass(frozen=True, eq=False)
class OrderCase:
    """One claim with an order on one path, and all that its verdict rests on.

    Attributes
    ----------
    blank : Verdict
        The summary.
    table : Table
        The runs, at the sizes where the bound is defined.
    lower : bool
        Whether the bound is a lower one.
    tolerated : float
        The slope that the order allows over the tail.
    hidden_slope : float
        A slope that the order hides without allowing it: that of the logarithm of what grows along
        the path, which a short path cannot tell from a power. 0 for other orders than O~.
    released : str
        Which premises the path may leave; empty for none. It keeps all others.
    constants : str
        The hidden constants inside the bound; empty for none.
    time_error : float
        Largest relative error of a last step by the engine's own estimate.
    remark : str
        What else a reader of the reason should know.
    """

    blank: Verdict
    table: Table
    lower: bool
    tolerated: float
    hidden_slope: float = 0.0
    released: str = ""
    constants: str = ""
    time_error: float = 0.0
    remark: str = ""


def judge_orders(cases: Sequence[OrderCase], intervals: bool = True) -> list[Verdict]:
    """Judge claims with an order together, at one family-wise rate of error."""
    cases = [replace(case, table=_without_empty_bounds(case.table)) for case in cases]
    slopes = [_slopes(case.table, case.table.tail) for case in cases]
    p_values = [
        p_value(slope, case.tolerated) if _sizes_in_tail(case) >= LEAST_SIZES else 1.0
        for case, slope in zip(cases, slopes, strict=True)
    ]
    return [
        _judge(case, slope, level, intervals)
        for case, slope, level in zip(cases, slopes, holm(p_values), strict=True)
    ]


def _without_empty_bounds(table: Table) -> Table:
    """Let 0 satisfy a bound of 0, and everything a bound that asks for nothing, by any factor."""
    met = np.isinf(table.log_bound) & (table.excess == 0)
    return replace(table, excess=np.where(met, -np.inf, table.excess))


def _slopes(table: Table, stretch: Booleans) -> Floats:
    """Return the slope over a stretch of every seed that counts: finite at every tail size."""
    whole = np.isfinite(table.excess[:, table.tail]).all(axis=1)
    return slope_of_each_seed(table.progress[stretch], table.excess[whole][:, stretch])


def _sizes_in_tail(case: OrderCase) -> int:
    return int(case.table.tail.sum())


def _judge(case: OrderCase, slopes: Floats, level: float, intervals: bool) -> Verdict:
    table = case.table
    judged = _with_numbers(case, slopes, level)
    outcome, reason = decide(case, judged)
    if intervals or outcome == "consistent":
        tail = table.progress[table.tail], table.excess[:, table.tail]
        judged = replace(judged, slope_high=quantile_slope(*tail))
    if intervals:
        judged = _with_intervals(judged, table)
    if outcome == "consistent" and judged.slope_high.low > case.tolerated:
        high = f"the 0.9 quantile moves like {_power(judged, judged.slope_high)}"
        outcome, reason = "undecided", f"the spread over seeds grows: {high}; {reason}"
    if outcome == "consistent":
        judged = replace(judged, slack=case.tolerated - judged.slope.high)
    return replace(judged, outcome=outcome, reason=reason + case.remark)


def _with_numbers(case: OrderCase, slopes: Floats, level: float) -> Verdict:
    table, enough = case.table, _sizes_in_tail(case) >= LEAST_SIZES
    end_slopes = _slopes(table, table.end)
    medians = quantiles(table.excess, 0.5)
    highs = quantiles(table.excess, HIGH_QUANTILE)
    return replace(
        case.blank,
        tail=tuple(table.sizes[table.tail].tolist()),
        tolerated_slope=case.tolerated,
        slope=t_interval(slopes, level) if enough else NO_SLOPE,
        end_slope=t_interval(end_slopes, END_LEVEL) if enough else NO_SLOPE,
        holds_from=holds_from(table.sizes.tolist(), medians),
        holds_from_high=holds_from(table.sizes.tolist(), highs),
        runs=int((~np.isnan(table.excess)).sum()),
    )


def _with_intervals(judged: Verdict, table: Table) -> Verdict:
    """Add the intervals of ``holds_from``, each where the seeds are enough to bracket it."""
    seeds, sizes = len(table.excess), table.sizes.tolist()
    if not sizes or seeds < LEAST_SEEDS:
        return judged
    median = holds_from_interval(sizes, table.excess, 0.5)
    judged = replace(judged, holds_from_interval=median)
    if seeds < LEAST_SEEDS_HIGH:
        return judged
    high = holds_from_interval(sizes, table.excess, HIGH_QUANTILE)
    return replace(judged, holds_from_high_interval=high)


def decide(case: OrderCase, verdict: Verdict) -> tuple[str, str]:
    """Decide a claim with an order, all but the slope of its 0.9 quantile."""
    left_out = _left_out(case)
    decided = _without_a_slope(case, verdict) or _by_the_slope(case, verdict)
    return decided[0], decided[1] + left_out


def _left_out(case: OrderCase) -> str:
    """Name the sizes at which the bound is not defined."""
    undefined = [size.size for size in case.blank.sizes if math.isnan(size.log_bound)]
    if not undefined:
        return ""
    named = ", ".join(f"{size:g}" for size in undefined)
    return f"; left out {case.blank.along} = {named}, where the bound is not defined"


def _without_a_slope(case: OrderCase, verdict: Verdict) -> tuple[str, str] | None:
    """Decide what takes no slope: too little to judge, or an excess that no constant changes."""
    table, sizes = case.table, _sizes_in_tail(case)
    excess = table.excess[:, table.tail]
    judged = ~np.isnan(excess)
    seeds = int(judged.all(axis=1).sum())
    if sizes < LEAST_SIZES or seeds < LEAST_SEEDS:
        needed = f"{LEAST_SIZES} sizes in the tail and {LEAST_SEEDS} seeds in the event at each"
        return "undecided", f"a slope takes {needed}, here are {sizes} and {seeds}{_where(verdict)}"
    if not np.any(table.excess > -np.inf):
        zero = np.all(table.measured[~np.isnan(table.excess)] == 0)
        return "holds", f"{'exactly 0' if zero else 'a bound that asks for nothing'} in every run"
    causes = _suspects(case, "no constant helps at any size of the tail")
    never = np.isinf(table.log_bound[table.tail]) & (~judged | (excess == np.inf)).all(axis=0)
    if never.any():
        at = f"{verdict.along} = {table.sizes[table.tail][never][0]:g}"
        bound, quantity = ("infinite", "finite") if case.lower else ("0", "not 0")
        reason = f"no constant helps: at {at} the bound is {bound} and the quantity {quantity}"
        return "refuted", f"{reason} in every run{causes}"
    if case.lower and np.all(table.measured[:, table.tail][judged] == 0):
        return "refuted", f"exactly 0 in every run of the tail: fails for every constant{causes}"
    return None


def _by_the_slope(case: OrderCase, verdict: Verdict) -> tuple[str, str]:
    """Decide by the slope over the tail, and by where the claim holds."""
    slope, end, tolerated = verdict.slope, verdict.end_slope, case.tolerated
    beyond = _beyond_every_constant(case)
    if slope is NO_SLOPE:
        return "undecided", f"fewer than {LEAST_SEEDS} seeds have a slope{beyond}{_where(verdict)}"
    ratio = "bound/measured" if case.lower else "measured/bound"
    moves = f"{ratio} moves like {_power(verdict, slope)}, allowed up to {tolerated:+.2f}"
    if slope.low > tolerated:
        if slope.low <= case.hidden_slope:
            logarithm = f"the logarithm of {verdict.along} moves like {case.hidden_slope:+.2f} here"
            causes = _suspects(case, f"{logarithm}, and O~ hides it")
            return "undecided", f"{moves}: no power that so short a path could tell{causes}"
        if end.low > tolerated:
            causes = _suspects(case, "growth is still there at the end of the tail")
            return "refuted", f"{moves}: it grows to the end of the tail{causes}"
        causes = _suspects(case, f"growth fades: at the end of the tail {_power(verdict, end)}")
        return "undecided", f"{moves}: asymptotics not begun: growth fades{causes}"
    if beyond:
        return "undecided", f"{moves} in {slope.seeds} seeds{beyond}"
    if slope.high > tolerated:
        return "undecided", f"{moves}: the interval holds both answers{_where(verdict)}"
    if verdict.holds_from is None or verdict.holds_from_high is None:
        stands = _where(verdict) + _ahead(case, verdict)
        return "undecided", f"{moves}, but does not hold with constant 1 yet{stands}"
    holds = f"holds with constant 1 from {verdict.along} = {verdict.holds_from:g} on in the median"
    if verdict.holds_from_high != verdict.holds_from:
        holds += f", from {verdict.holds_from_high:g} on in the 0.9 quantile"
    return "consistent", f"{holds}; {moves}"


def _beyond_every_constant(case: OrderCase) -> str:
    """Count the runs of the tail that no constant brings within the bound."""
    excess = case.table.excess[:, case.table.tail]
    beyond, judged = int((excess == np.inf).sum()), int((~np.isnan(excess)).sum())
    if not beyond:
        return ""
    zeros = int((case.table.measured[:, case.table.tail] == 0).sum())
    what = f"exactly 0 in {zeros}" if case.lower and zeros == beyond else f"infinite in {beyond}"
    return f"; {what} of {judged} runs of the tail, whose trend no slope tells"


def _where(verdict: Verdict) -> str:
    """Say where the implied constant stands at the last size."""
    median, high = verdict.implied_constant
    if math.isnan(median):
        return ""
    return (
        f"; at the last size {median:.3g} times the bound in the median, {high:.3g} in the "
        "unfavourable 0.9 quantile"
    )


def _power(verdict: Verdict, slope: Slope) -> str:
    base = verdict.along if verdict.direction == "up" else f"(1/{verdict.along})"
    return f"{base}^{slope.mean:+.2f} [{slope.low:+.2f}, {slope.high:+.2f}]"


def _ahead(case: OrderCase, verdict: Verdict) -> str:
    """Say where the median would reach constant 1 if it went on as it does."""
    medians = quantiles(case.table.excess, 0.5)
    further = extrapolated_size(case.table.progress, medians, verdict.slope.mean)
    if not case.table.progress[-1] < further < math.inf:
        return ""
    size = further if verdict.direction == "up" else 1 / further
    return f"; asymptotics not begun: at this slope near {verdict.along} = {size:.0e}"


def _suspects(case: OrderCase, asymptotics: str) -> str:
    return suspects(case.released, asymptotics, case.constants, case.time_error)
