"""Verdicts as lines of text."""

from __future__ import annotations

import math
from collections.abc import Iterator

import bounds
from theorycheck.run_plan import Report
from theorycheck.statement_table import bound_text
from theorycheck.verdict import Verdict

HEADINGS = {"lemmas": "Lemma on the path"}


def text_lines(report: Report) -> Iterator[str]:
    """Yield one line a claim: measured, bound, implied constant, outcome, reason."""
    several = len({verdict.along for verdict in report.verdicts}) > 1
    last = along = ""
    for verdict in sorted(report.verdicts, key=lambda one: one.theorem == "lemmas"):
        if verdict.theorem != last:
            last, along = verdict.theorem, ""
            theorem = bounds.THEOREMS.get(last)
            yield f"{theorem.title}: {theorem.statement}" if theorem else HEADINGS.get(last, last)
        if several and verdict.along != along:
            along = verdict.along
            yield f" along {along}"
        yield "  " + verdict_line(verdict)
    if report.lemmas:
        yield "Lemmas: how often each event fails"
        for check in report.lemmas:
            yield (
                f"  {check.lemma:20} {check.outcome:15} empirical {check.failures}/{check.draws}"
                f"  {check.exact_kind} exact {check.exact:.3g}  bound {check.bound:.3g}"
                f"  | {check.reason}"
            )
    if report.predictions:
        yield "Sharp predictions: measured over predicted, where it should be nearest to 1"
        for one in report.predictions:
            yield (
                f"  {one.prediction:20} {one.outcome:15} ratio {_ratio(one.ratio)} "
                f"[{_ratio(one.low)}, {_ratio(one.high)}]  | {one.reason}"
            )
    outcomes = report.outcomes
    counted = ", ".join(
        f"{outcomes.count(outcome)} {outcome}" for outcome in dict.fromkeys(outcomes)
    )
    yield f"{counted}; index.html, figures and verdicts.json in {report.files[-1].parent}"


def verdict_line(verdict: Verdict) -> str:
    """Write a verdict on one line; the numbers are those at the largest size."""
    at = verdict.sizes[-1]
    bound = bound_text(at.bound, at.log_bound if math.isfinite(at.log_bound) else None)
    median, high = map(_number, verdict.implied_constant)
    return (
        f"{verdict.claim:18} {verdict.outcome:15} measured {_number(at.measured)}  "
        f"{verdict.order} bound {bound}  implied constant {median} ({high})  "
        f"at {verdict.along} = {at.size:g}, t* = {_number(at.step)}  "
        f"runs {verdict.runs} of {verdict.total}  | {verdict.reason}"
    )


def _number(value: float) -> str:
    """Write a number; none where no run has one, or the bound is not defined."""
    return "none" if math.isnan(value) else f"{value:.3g}"


def _ratio(ratio: float) -> str:
    """Write a ratio; one that would round to 1 by its distance from it."""
    off = ratio - 1.0
    return f"1{off:+.1e}" if 0 < abs(off) < 1e-4 else f"{ratio:.4g}"
