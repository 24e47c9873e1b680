"""Two lines on each claim, boundary, lemma and prediction: why, and the numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator

from theorycheck.judging.boundaries.verdict import BoundaryVerdict
from theorycheck.judging.boundaries.wording import of_place
from theorycheck.judging.orders.wording import moves
from theorycheck.judging.verdict import Verdict
from theorycheck.judging.whole.summary import ClaimSummary
from theorycheck.predictions.lemma_check import LemmaCheck
from theorycheck.predictions.limit import PredictionVerdict
from theorycheck.reporting.terminal.details import facts, tested_words
from theorycheck.reporting.terminal.layout import Layout, number

ORDER = len("Omega")
NUMBER = len("1.23e-45")
START = len("from d = 1.23e+10")
# What stands between how the constant moves and the rest of a reason.
JOINTS = (": ", " in the median, but ", " over the tail, but ", "; ")


def claim_lines(
    claim: ClaimSummary, verdict: Verdict, longest: int, layout: Layout
) -> Iterator[str]:
    """Yield two lines on a claim from the path that decides, and the rest where it is wanted."""
    reason = short_reason(verdict)
    if len(claim.paths) > 1:
        reason = f"along {verdict.along}: {reason}"
    if claim.unmoved:
        reason = f"its bound stays ({', '.join(claim.fixed)} fixed), so this tests little; {reason}"
    yield layout.columns(claim.claim, claim.outcome, reason, longest)
    yield layout.numbers([*_numbers(claim, verdict)])
    if layout.verbose:
        yield from layout.wrapped("; ".join((claim.reason, *facts(claim, verdict))), "    ")


def short_reason(verdict: Verdict) -> str:
    """Return a reason with no more of how the constant moves than there is room for."""
    how = moves(verdict)
    before, found, after = verdict.reason.partition(how)
    if not found:
        return verdict.reason
    for joint in JOINTS:
        before, after = before.removesuffix(joint), after.removeprefix(joint)
    if verdict.outcome == "refuted":  # there it is the reason
        after = f"{_growth(verdict)} (allowed {verdict.tolerated_slope:+.3f}): {after}"
    return "; ".join(part for part in (before, after) if part)


def _growth(verdict: Verdict) -> str:
    """Say how the constant moves in the median, in short."""
    base = verdict.along if verdict.direction == "up" else f"(1/{verdict.along})"
    return f"moves like {base}^{verdict.slope.median:+.3f}"


def _numbers(claim: ClaimSummary, verdict: Verdict) -> Iterator[str]:
    """Yield what is known at the last size, the most important first."""
    if not verdict.sizes:
        yield _all_claims(verdict)
        return
    at, constant, along = verdict.sizes[-1], verdict.constant, verdict.along
    yield f"measured {number(at.measured):{NUMBER}}"
    order = "bound" if verdict.order == "exact" else verdict.order
    yield f"{order:>{ORDER}} {bound_number(at.log_bound):{NUMBER}}"
    if not math.isnan(constant.median):
        yield f"constant {number(constant.median):{NUMBER}}"
        yield f"9 in 10 draws {number(constant.quantile):{NUMBER}}"
        start = verdict.start.quantile
        kept = "from no size" if start is None else f"from {along} = {start:.3g}"
        yield f"{kept:{START}}"
        if math.isfinite(verdict.slope.median):
            yield _growth(verdict)
    else:
        yield f"at {along} = {at.size:.3g}"
    yield f"t* {number(at.step):{NUMBER}}"
    yield "; ".join(tested_words(claim, verdict))


def _all_claims(verdict: Verdict) -> str:
    """Say in how many draws all claims hold together, where that is what is judged."""
    interval = verdict.failure_interval
    if not verdict.draws or interval is None:
        return "no draw tells"
    kept = verdict.draws - verdict.failures
    return (
        f"all claims hold in {kept} of {verdict.draws} draws, a share of {1 - interval[1]:.2g} to "
        f"{1 - interval[0]:.2g}"
    )


def bound_number(log_bound: float) -> str:
    """Write a bound by its logarithm; a power of ten where it is no float."""
    if abs(log_bound) < 700 or not math.isfinite(log_bound):
        return number(math.exp(log_bound))
    return f"1e{log_bound / math.log(10):+.0f}"


def boundary_lines(verdict: BoundaryVerdict, longest: int, layout: Layout) -> Iterator[str]:
    """Yield two lines on a boundary, and one for each symbol along it where that is wanted."""
    at = verdict.located
    place = of_place(at, verdict.declared)  # told with the numbers
    reason = "; ".join(part for part in verdict.reason.split(f"; {place}") if part)
    yield layout.columns(verdict.boundary, verdict.outcome, reason, longest)
    yield layout.numbers(
        [
            f"lies at {number(at.median):{NUMBER}}",
            f"between {number(at.low)} and {number(at.high)} (99%)",
            f"declared {verdict.declared:.3g}",
            f"8 in 10 draws {number(at.early)} to {number(at.late)}",
        ]
    )
    if layout.verbose:
        yield from layout.wrapped(verdict.reason, "    ")
        for one in verdict.along:
            yield from layout.wrapped(f"along {one.symbol}: {one.outcome}: {one.reason}", "    ")


def lemma_lines(check: LemmaCheck, longest: int, layout: Layout) -> Iterator[str]:
    """Yield two lines on a lemma: how often its event fails."""
    yield layout.columns(check.lemma, check.outcome, check.reason, longest)
    counted = f"{check.failures} of {check.draws}"
    yield layout.numbers(
        [
            f"failed in {counted:10} draws",
            f"bound {number(check.bound):{NUMBER}}",
            f"exact {number(check.exact):{NUMBER}}",
            f"between {number(check.low)} and {number(check.high)} (99%)",
        ]
    )
    if layout.verbose:
        yield from layout.wrapped(f"{check.statement}: {check.reason}", "    ")


def prediction_lines(one: PredictionVerdict, longest: int, layout: Layout) -> Iterator[str]:
    """Yield two lines on a prediction: measured over predicted."""
    yield layout.columns(one.prediction, one.outcome, one.reason, longest)
    yield layout.numbers(
        [
            f"measured/predicted {ratio(one.ratio):{NUMBER}}",
            f"between {ratio(one.low)} and {ratio(one.high)} (99%)",
        ]
    )
    if layout.verbose:
        yield from layout.wrapped(f"{one.statement}: {one.reason}", "    ")


def ratio(value: float) -> str:
    """Write a ratio; one that would round to 1 by its distance from it."""
    if math.isnan(value):
        return "none"
    off = value - 1.0
    return f"1{off:+.1e}" if 0 < abs(off) < 1e-4 else f"{value:.4g}"
