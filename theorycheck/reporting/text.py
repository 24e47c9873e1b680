"""Verdicts as lines of text."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bounds import Theorem
from theorycheck.judging.boundaries.verdict import BoundaryVerdict
from theorycheck.judging.facts import PREMISE_STATES, PathPremise
from theorycheck.judging.verdict import Verdict
from theorycheck.judging.whole.summary import ClaimSummary, TheoremSummary
from theorycheck.reporting.document import Findings
from theorycheck.reporting.formulas import claim_formula
from theorycheck.reporting.notation import latex_text
from theorycheck.reporting.statements import NOT_DEFINED, bound_text

HEADINGS = {"lemmas": "Lemma on the path"}


def text_lines(report: Findings) -> Iterator[str]:
    """Yield what a check found: each theorem with its claims, the lemmas, the predictions."""
    stated = {one.id: one for one in report.theorems}
    summaries = {one.theorem: one for one in report.summaries}
    names = dict.fromkeys(one.theorem for one in report.claims)
    for name in sorted(names, key=lambda one: one == "lemmas"):
        yield from theorem_lines(
            stated.get(name),
            summaries.get(name),
            [one for one in report.claims if one.theorem == name],
            [one for one in report.verdicts if one.theorem == name],
        )
    if report.boundaries:
        yield "Boundaries: whether success changes where an index says, and nowhere else"
        for boundary in report.boundaries:
            yield from boundary_lines(boundary)
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
    if report.left_out:
        yield f"left out by --quick: {', '.join(report.left_out)}"
    outcomes = report.outcomes
    counted = ", ".join(
        f"{outcomes.count(outcome)} {outcome}" for outcome in dict.fromkeys(outcomes)
    )
    yield f"{counted}; {_written(report.files)}"


def theorem_lines(
    theorem: Theorem | None,
    summary: TheoremSummary | None,
    claims: Sequence[ClaimSummary],
    verdicts: Sequence[Verdict],
) -> Iterator[str]:
    """Yield the line of a theorem, the premises of its paths, and two lines a claim."""
    if theorem is None:
        yield HEADINGS.get(claims[0].theorem, claims[0].theorem)
    else:
        yield ": ".join(part for part in (theorem.title or theorem.id, theorem.statement) if part)
    if summary is not None:
        yield f"  {summary.words}"
    paths = {one.along: one for one in verdicts}
    for along, one in paths.items():
        where = f"along {along}: " if len(paths) > 1 else ""
        yield from (f"  {where}{line}" for line in premise_lines(one.premises))
    for claim in claims:
        several = [one for one in verdicts if one.claim == claim.claim]
        yield from claim_lines(claim, several[claim.deciding])


def claim_lines(claim: ClaimSummary, verdict: Verdict) -> Iterator[str]:
    """Yield the outcome of a claim and why, and its constant and start on the path that decides."""
    yield f"  {claim.claim:18} {claim.outcome:15} {claim.reason}"
    if verdict.sizes:
        yield f"  {'':18} {'':15} {'; '.join(_facts(claim, verdict))}"


def boundary_lines(verdict: BoundaryVerdict) -> Iterator[str]:
    """Yield the outcome of a boundary and where it lies, and a line for each symbol along it."""
    yield f"  {verdict.boundary:18} {verdict.outcome:15} {verdict.reason}"
    for one in verdict.along:
        yield f"    along {one.symbol:10} {one.outcome:15} {one.reason}"


def _facts(claim: ClaimSummary, verdict: Verdict) -> Iterator[str]:
    """Yield the numbers at the last size, the constant, its start, and what is tested."""
    at = verdict.sizes[-1]
    bound = bound_text(at.bound, at.log_bound if math.isfinite(at.log_bound) else None)
    yield (
        f"at {verdict.along} = {at.size:g}, t* = {_number(at.step)}: measured "
        f"{_number(at.measured)}, {verdict.order} bound {bound}"
    )
    if constant := constant_words(verdict):
        yield f"constant {constant}"
        yield from start_words(verdict)
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
    beyond = ("<" if verdict.lower else ">") if constant.limit in (0, math.inf) else ""
    limit = beyond or f"at {'least' if verdict.lower else 'most'} {_number(constant.limit)}"
    return (
        f"{_number(constant.median)} [{_number(constant.low)}, {_number(constant.high)}] in the "
        f"median, {_number(constant.quantile)} ({limit}) in 9 draws of 10"
    )


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
            f"violated at {start.worst:g} by {_number(start.worst_quantile)} in one draw of ten "
            f"({_number(start.worst_median)} in the median)"
        )


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


def _number(value: float) -> str:
    """Write a number; none where no run has one, or the bound is not defined."""
    return "none" if math.isnan(value) else f"{value:.3g}"


def _ratio(ratio: float) -> str:
    """Write a ratio; one that would round to 1 by its distance from it."""
    off = ratio - 1.0
    return f"1{off:+.1e}" if 0 < abs(off) < 1e-4 else f"{ratio:.4g}"


Results = dict[str, Any]


def _nested(*keys: str | int) -> Callable[[Results], Any]:
    """Return a function that follows keys into a record; None where one leads nowhere."""

    def read(record: Results) -> Any:
        found: Any = record
        for key in keys:
            if isinstance(found, dict):
                found = found.get(key)
            elif isinstance(found, list) and isinstance(key, int) and key < len(found):
                found = found[key]
            else:
                return None
        return found

    return read


COLUMNS: dict[str, Callable[[Results], Any]] = {
    "theorem": _nested("theorem"),
    "claim": _nested("claim"),
    "outcome": _nested("outcome"),
    "tag": _nested("tag"),
    "order": _nested("order"),
    "along": _nested("along"),
    "constant_median": _nested("implied_constant", "median"),
    "constant_quantile_0.9": _nested("implied_constant", "quantile_0.9"),
    "slope": _nested("slope"),
    "slope_low": _nested("slope_interval", 0),
    "slope_high": _nested("slope_interval", 1),
    "tolerated_slope": _nested("tolerated_slope"),
    "share_within": _nested("share_within"),
    "draws": _nested("draws"),
    "holds_from_median": _nested("holds_from", "median"),
    "holds_from_quantile_0.9": _nested("holds_from", "quantile_0.9"),
    "bound": _nested("bound"),
    "exact": _nested("exact"),
    "failures": _nested("failures"),
    "failure_low": _nested("failure_interval", 0),
    "failure_high": _nested("failure_interval", 1),
    "runs": _nested("runs"),
    "total": _nested("total"),
    "reason": _nested("reason"),
}


def verdicts_csv(records: Sequence[Results]) -> str:
    """Return verdicts as CSV with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in records:
        writer.writerow([read(record) for read in COLUMNS.values()])
    return text.getvalue()


def statement_latex(theorem: Theorem, table: dict[str, Any]) -> str:
    r"""Return a table that needs no package."""
    problem = ", ".join(f"{name} = {value}" for name, value in table["parameters"].items())
    rows = [
        rf"{latex_text(row['id'])} & ${claim_formula(theorem.claims[row['id']], 'latex')}$ & "
        rf"{_value(row)} & {latex_text(row['tag'])} \\"
        for row in table["claims"]
    ]
    lines = [
        f"% {theorem.title} at {problem}",
        r"\begin{tabular}{llrl}",
        r"claim & statement & bound & source \\",
        r"\hline",
        *rows,
        r"\end{tabular}",
    ]
    return "\n".join(lines)


def _value(row: dict[str, Any]) -> str:
    """Write the value of a bound, by a power of ten where it is large or small."""
    value, log_value = row["value"], row["log_value"]
    if not row["defined"]:
        return NOT_DEFINED
    if log_value is None:
        return r"$\infty$" if value is None else f"${value:.4g}$"
    exponent = math.floor(log_value / math.log(10))
    if -3 <= exponent < 4:
        return f"${value:.4g}$"
    if abs(exponent) > 300:
        return rf"$\exp({log_value:.4g})$"
    mantissa = math.exp(log_value - exponent * math.log(10))
    return rf"${mantissa:.3f} \times 10^{{{exponent}}}$"
