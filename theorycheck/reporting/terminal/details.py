"""What two lines have no room for: premises, intervals, starts, and what is tested."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from theorycheck.judging.facts import PREMISE_STATES, PathPremise
from theorycheck.judging.verdict import Verdict
from theorycheck.judging.whole.summary import ClaimSummary
from theorycheck.reporting.statements import bound_text
from theorycheck.reporting.terminal.layout import number


def facts(claim: ClaimSummary, verdict: Verdict) -> Iterator[str]:
    """Yield the numbers at the last size, the constant, its start, and what is tested."""
    if not verdict.sizes:
        return
    at = verdict.sizes[-1]
    bound = bound_text(at.bound, at.log_bound if math.isfinite(at.log_bound) else None)
    yield (
        f"at {verdict.along} = {at.size:g}, t* = {number(at.step)}: measured "
        f"{number(at.measured)}, {verdict.order} bound {bound}"
    )
    if constant := constant_words(verdict):
        yield f"constant {constant}"
        yield from start_words(verdict)
    yield from tested_words(claim, verdict)


def tested_words(claim: ClaimSummary, verdict: Verdict) -> Iterator[str]:
    """Yield which symbols the paths of a claim move."""
    if claim.moved:
        held = f", {', '.join(claim.fixed)} held fixed" if claim.fixed else ""
        yield f"tests {', '.join(claim.moved)}{held}"
    elif verdict.tested.beside or verdict.tested.fixed:
        yield verdict.tested.words


def constant_words(verdict: Verdict) -> str:
    """Write the implied constant at the last size; empty where there is none."""
    constant = verdict.constant
    if math.isnan(constant.median):
        return ""
    return (
        f"{number(constant.median)} in the median ({_between(constant.low, constant.high)}), "
        f"{number(constant.quantile)} in 9 draws of 10 ({_limit(verdict)})"
    )


def _between(low: float, high: float) -> str:
    """Write an interval in words; there is none where the draws are too few."""
    if not math.isfinite(high) and low in (0, -math.inf):
        return "too few draws for an interval"
    return f"{number(low)} to {number(high)}, 99%"


def _limit(verdict: Verdict) -> str:
    """Write the limit of the quantile on its unfavourable side."""
    if verdict.constant.limit in (0, math.inf):
        return f"or {'less' if verdict.lower else 'more'}: too few draws for a limit"
    return f"surely at {'least' if verdict.lower else 'most'} {number(verdict.constant.limit)}"


def start_words(verdict: Verdict) -> Iterator[str]:
    """Yield from where on the declared constant is kept, and the worst violation before."""
    start = verdict.start
    if start.median is None:
        yield "the declared constant is not kept at the last size"
    else:
        high = "never" if start.quantile is None else f"from {start.quantile:g} on"
        alike = start.quantile == start.median
        yield f"kept from {verdict.along} = {start.median:g} on" + (
            "" if alike else f" in the median, {high} in 9 draws of 10"
        )
    if start.worst is not None:
        yield (
            f"violated at {start.worst:g} by {number(start.worst_quantile)} in one draw of ten "
            f"({number(start.worst_median)} in the median)"
        )


def premise_lines(premises: Sequence[PathPremise]) -> Iterator[str]:
    """Yield one line for the premises of each state: their relations and implied constants."""
    for state in PREMISE_STATES:
        told = [_premise(one) for one in premises if one.state == state]
        if told:
            yield f"premises {state}: {'; '.join(told)}"


def _premise(premise: PathPremise) -> str:
    """Write a premise with its constant from the first size to the last."""
    first, last = (f"{one:.3g}" for one in (premise.implied[0], premise.implied[-1]))
    constant = first if first == last else f"{first} to {last}"
    if premise.constant_name:
        constant = f"{premise.constant_name} = {constant}"
        if premise.state != "reported" and premise.relation != "Theta":
            constant += f", declared {premise.relation} {premise.declared:g}"
    if premise.state == "not kept":
        constant += f", left at {', '.join(f'{size:g}' for size in premise.left_at)}"
    return f"{premise.statement} ({constant})"
