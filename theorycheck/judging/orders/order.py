"""Judging claims with an order: by sign tests on the slopes of their implied constants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sims.arrays import Booleans, Floats
from theorycheck.judging.facts import NO_CONSTANT, Constant, Start
from theorycheck.judging.orders.allowance import Allowance
from theorycheck.judging.orders.wording import Wording
from theorycheck.judging.slopes import (
    HIGH_QUANTILE,
    LEAST_SIZES,
    LEVEL,
    SHORT_TAIL,
    holds_from,
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
    quantiles,
    share_interval,
    sign_p,
)
from theorycheck.judging.table import Table
from theorycheck.judging.verdict import Verdict

# Of the tests that growth goes on at the end of the tail and has passed the declared constant, both
# of which can only withhold a refutation.
END_ERROR = 0.005
MOST_BEYOND = 0.1  # a claim that holds with high probability may fail in so many draws
DRAWS_FOR_SHARES = 44  # fewer cannot bound the share that is beyond by MOST_BEYOND


@dataclass(frozen=True, eq=False)
class OrderCase:
    """One claim with an order on one path, and all that its verdict rests on.

    Attributes
    ----------
    blank : Verdict
        The summary.
    table : Table
        The draws that count, at the sizes where the bound is defined.
    tolerated, tolerated_end : float
        The slope that the order allows over the tail, and over its end.
    ceiling : float
        The slope of the largest power of a logarithm that is not told apart from a power.
    logarithm : str
        That power of a logarithm in words; empty where the order hides none on this path.
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
    tolerated: float
    tolerated_end: float
    ceiling: float = 0.0
    logarithm: str = ""
    released: str = ""
    constants: str = ""
    time_error: float = 0.0
    remark: str = ""


def case_of(blank: Verdict, table: Table, allowed: Allowance) -> OrderCase:
    """Return a claim on a path with what its order allows there.

    At the sizes where the bound is defined.
    """
    defined = ~np.isnan(table.log_bound)
    late = table.tail & defined
    return OrderCase(
        blank,
        table.only(defined),
        allowed.tolerated(table.progress, late),
        allowed.tolerated(table.progress, table.end & defined),
        allowed.ceiling(table.progress, late),
        allowed.words,
    )


@dataclass(frozen=True)
class Together:
    """How many claims with an order are judged in one check, and on how many paths in all."""

    claims: int
    tests: int


@dataclass(frozen=True, eq=False)
class Trend:
    """The slopes of the draws over the tail and over its end, ``(S,)`` each."""

    slopes: Floats
    end: Floats

    def beyond(self, allowed: float) -> float:
        """Return the p-value of a median slope that is at most the allowed one."""
        return sign_p(int((self.slopes > allowed).sum()), len(self.slopes))

    def below(self, allowed: float) -> float:
        """Return the p-value of a median slope that is at least the allowed one."""
        return sign_p(int((self.slopes < allowed).sum()), len(self.slopes))


def judge_orders(cases: Sequence[OrderCase], together: Together | None = None) -> list[Verdict]:
    """Judge claims with an order together, at one family-wise rate of error.

    Parameters
    ----------
    cases : sequence of OrderCase
        The claims, each on its path.
    together : Together, optional
        What else is judged in the same check; nothing where it is left out.

    Returns
    -------
    list of Verdict
        One for each case.
    """
    claims = {(case.blank.theorem, case.blank.claim) for case in cases}
    whole = together or Together(len(claims), len(cases))
    cases = [replace(case, table=_without_empty_bounds(case.table)) for case in cases]
    trends = [_trend(case.table) for case in cases]
    p_values = [
        trend.beyond(case.tolerated) if _enough(case, whole) else 1.0
        for case, trend in zip(cases, trends, strict=True)
    ]
    outgrow = holm([*p_values, *[1.0] * (whole.tests - len(cases))], ORDER_ERROR)
    return [
        _judge(case, trend, grows, whole)
        for case, trend, grows in zip(cases, trends, outgrow, strict=False)
    ]


def _without_empty_bounds(table: Table) -> Table:
    """Let 0 satisfy a bound of 0, and everything a bound that asks for nothing, by any factor."""
    met = np.isinf(table.log_bound) & (table.excess == 0)
    return replace(table, excess=np.where(met, -np.inf, table.excess))


def _trend(table: Table) -> Trend:
    def slopes(stretch: Booleans) -> Floats:
        return slopes_of_draws(table.progress[stretch], table.excess[:, stretch])

    return Trend(slopes(table.tail), slopes(table.end))


def _enough(case: OrderCase, whole: Together) -> bool:
    draws = len(case.table.excess)
    return case.table.tail.sum() >= LEAST_SIZES and draws >= draws_needed(ORDER_ERROR / whole.tests)


def _judge(case: OrderCase, trend: Trend, outgrows: bool, whole: Together) -> Verdict:
    judged = _with_numbers(case, trend)
    words = Wording(judged, case.released, case.constants, case.time_error)
    outcome, reason = _decide(case, trend, outgrows, whole, words)
    reason = words.with_undefined(reason, int(case.table.tail.sum()) < LEAST_SIZES)
    return replace(judged, outcome=outcome, reason=reason + case.remark)


def _with_numbers(case: OrderCase, trend: Trend) -> Verdict:
    table, draws = case.table, len(case.table.excess)
    enough = table.tail.sum() >= LEAST_SIZES
    slopes = trend.slopes if enough else np.empty(0)
    within = int((slopes <= case.tolerated).sum())
    late = table.measured[:, table.tail]
    return replace(
        case.blank,
        tail=tuple(table.sizes[table.tail].tolist()),
        tolerated_slope=case.tolerated,
        slope=median_slope(slopes),
        end_slope=median_slope(trend.end if enough else np.empty(0)),
        share_within=share_interval(within, len(slopes), 2 * LEVEL - 1)[0] if len(slopes) else 0.0,
        constant=constant_at_end(table.excess, case.blank.lower),
        start=start_of(table.sizes.tolist(), table.excess),
        without_step=int((~np.isfinite(late)).any(axis=1).sum()),
        draws=draws,
        runs=int((~np.isnan(table.excess)).sum()),
    )


def constant_at_end(excess: Floats, lower: bool) -> Constant:
    """Return the implied constant at the last size, as measured / bound."""
    if not excess.size:
        return NO_CONSTANT
    last = excess[~np.isnan(excess[:, -1]), -1].tolist()
    if not last:
        return NO_CONSTANT
    low, high = quantile_limits(last, 0.5, LEVEL)
    _, limit = quantile_limits(last, HIGH_QUANTILE, 2 * LEVEL - 1)
    median, high_quantile = quantile(last, 0.5), quantile(last, HIGH_QUANTILE)
    if lower:
        low, high = -high, -low
        median, high_quantile, limit = -median, -high_quantile, -limit
    return Constant(*(exponential(one) for one in (median, low, high, high_quantile, limit)))


def start_of(sizes: Sequence[float], excess: Floats) -> Start:
    """Return from which size on the declared constant is kept, and the worst before it."""
    medians, highs = quantiles(excess, 0.5), quantiles(excess, HIGH_QUANTILE)
    start = Start(holds_from(sizes, medians), holds_from(sizes, highs))
    known = np.where(np.isnan(highs), -np.inf, highs)
    if not len(sizes) or not known.max() > 0:
        return start
    worst = int(known.argmax())
    factors = exponential(float(medians[worst])), exponential(float(highs[worst]))
    return Start(start.median, start.quantile, sizes[worst], *factors)


Decision = tuple[str, str]


def _decide(
    case: OrderCase, trend: Trend, outgrows: bool, whole: Together, words: Wording
) -> Decision:
    """Decide by the table of docs/verdicts.md."""
    if not _enough(case, whole):
        needed = draws_needed(ORDER_ERROR / whole.tests)
        return "undecided", words.too_little(int(case.table.tail.sum()), LEAST_SIZES, needed)
    if outgrows:
        return _decide_growth(case, trend, whole, words)
    beyond, draws = int((trend.slopes > case.tolerated).sum()), len(trend.slopes)
    if trend.below(case.tolerated) > ORDER_ERROR / whole.claims:
        below = int((trend.slopes < case.tolerated).sum())
        few = beyond <= MOST_BEYOND * draws
        return "undecided", words.cannot_tell(below, beyond, draws, few)
    share = share_interval(beyond, draws, 2 * LEVEL - 1)[0]
    if draws >= DRAWS_FOR_SHARES and share > MOST_BEYOND:
        return "undecided", words.too_many_beyond(beyond, draws, share)
    return "consistent", words.scales()


def _decide_growth(case: OrderCase, trend: Trend, whole: Together, words: Wording) -> Decision:
    """Decide where the implied constant outgrows what the order allows."""
    if case.ceiling > case.tolerated and trend.beyond(case.ceiling) > ORDER_ERROR / whole.tests:
        return "undecided", words.like_a_logarithm(case.logarithm, case.ceiling)
    still = int((trend.end > case.tolerated_end).sum())
    if sign_p(still, len(trend.end)) > END_ERROR:
        return "undecided", words.fades(case.tolerated_end)
    passed = case.table.excess > 0
    if sign_p(int(passed[:, -1].sum()), len(passed)) > END_ERROR:
        last, medians = float(case.table.progress[-1]), quantiles(case.table.excess, 0.5)
        return "undecided", words.grows_within(last, float(medians[-1]), bool((medians > 0).any()))
    seen = case.table.tail.sum() > SHORT_TAIL
    return "refuted", words.outgrows(seen, int((trend.slopes == math.inf).sum()))
