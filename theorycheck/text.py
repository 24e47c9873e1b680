"""Verdicts as lines of text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from theorycheck.run_plan import Report
from theorycheck.statement_table import bound_text
from theorycheck.verdict import PREMISE_STATES, PathPremise, Verdict

HEADINGS = {"lemmas": "Lemma on the path"}


def text_lines(report: Report) -> Iterator[str]:
    """Yield one line a claim: measured, bound, implied constant, outcome, reason."""
    several = len({verdict.along for verdict in report.verdicts}) > 1
    headings = {one.id: f"{one.title}: {one.statement}" for one in report.theorems} | HEADINGS
    last = along = ""
    for verdict in sorted(report.verdicts, key=lambda one: one.theorem == "lemmas"):
        if verdict.theorem != last:
            last, along = verdict.theorem, ""
            yield headings.get(last, last)
        if verdict.along != along:
            along = verdict.along
            if several:
                yield f" along {along}"
            yield from premise_lines(verdict.premises)
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
    yield f"{counted}; {_written(report.files)}"


def _written(files: Sequence[Path]) -> str:
    """Say what was written and where."""
    kinds = {"index.html": ".html", "figures": ".svg", "verdicts.json": ".json"}
    endings = {path.suffix for path in files}
    *others, last = [name for name, ending in kinds.items() if ending in endings]
    return f"{', '.join(others)}{' and ' if others else ''}{last} in {files[0].parent}"


def premise_lines(premises: Sequence[PathPremise]) -> Iterator[str]:
    """Yield one line for the premises of each state: their relations and implied constants."""
    for state in PREMISE_STATES:
        told = [_premise(one) for one in premises if one.state == state]
        if told:
            yield f"  premises {state}: {'; '.join(told)}"


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
