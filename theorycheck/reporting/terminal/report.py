"""A check as lines: the lemmas, each theorem with its claims, the predictions, the sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bounds import Theorem
from theorycheck.judging.verdict import Verdict
from theorycheck.judging.whole.summary import ClaimSummary, TheoremSummary
from theorycheck.notebook import counted
from theorycheck.reporting.findings import Findings
from theorycheck.reporting.terminal.details import premise_lines
from theorycheck.reporting.terminal.layout import BOLD, Layout
from theorycheck.reporting.terminal.two_lines import (
    boundary_lines,
    claim_lines,
    lemma_lines,
    prediction_lines,
)

LEMMAS = "lemmas"
OPEN = ("refuted", "undecided", "premise not met")  # outcomes whose claims a first look names
SAID = {
    "holds": "holds",
    "consistent": "is consistent with the runs",
    "refuted": "is refuted",
    "undecided": "is undecided",
    "premise not met": "says nothing about these runs, for a premise is not met",
}


def text_lines(report: Findings, layout: Layout) -> Iterator[str]:
    """Yield what a check found: each part of it, and the sums."""
    for part in parts_of(report):
        yield from part_lines(part, layout)
    yield from closing_lines(report, layout)


def parts_of(report: Findings) -> Iterator[Findings]:
    """Yield what a check found part by part: lemmas, each theorem, path lemma, predictions."""
    yield Findings(lemmas=report.lemmas)
    for theorem in report.theorems:
        claims = [one for one in report.claims if one.theorem == theorem.id]
        yield Findings(
            verdicts=[one for one in report.verdicts if one.theorem == theorem.id],
            theorems=[theorem],
            claims=claims,
            summaries=[one for one in report.summaries if one.theorem == theorem.id],
            boundaries=[one for one in report.boundaries if one.theorem == theorem.id],
        )
    yield Findings(
        verdicts=[one for one in report.verdicts if one.theorem == LEMMAS],
        claims=[one for one in report.claims if one.theorem == LEMMAS],
    )
    yield Findings(predictions=report.predictions)


def part_lines(part: Findings, layout: Layout) -> Iterator[str]:
    """Yield the lines of one part, and an empty one to part it from the next; none of nothing."""
    told = [
        line
        for lines in ((_first_look_lines,) if part.first_look else PARTS)
        for line in lines(part, layout)
    ]
    yield from (*told, *([""] if told else []))


def _first_look_lines(part: Findings, layout: Layout) -> Iterator[str]:
    """Yield what few draws say of a theorem, which is not yet its verdict."""
    (theorem,) = part.theorems
    first = part.verdicts[0]
    claims = {one: [each.claim for each in part.claims if each.outcome == one] for one in SAID}
    told = [
        f"{len(names)} {outcome}" + (f" ({', '.join(names)})" if outcome in OPEN else "")
        for outcome, names in claims.items()
        if names
    ]
    yield from layout.wrapped(
        f"First look at {(theorem.title or theorem.id).lower()}, {first.draws} draws on one path "
        f"along {first.along}: {', '.join(told)}; its verdict, by more of both, comes below."
    )


def _theorem_lines(part: Findings, layout: Layout) -> Iterator[str]:
    """Yield the sentence on a theorem and two lines a claim."""
    if not (part.theorems and part.claims):
        return
    (theorem,) = part.theorems
    for summary in part.summaries:
        yield from layout.wrapped(answer(theorem, summary), style=BOLD)
        if len(summary.paths) == 1 or layout.verbose:
            for one in summary.paths:
                yield from layout.wrapped(one, "  ")
    if layout.verbose:
        yield from _more(theorem, part, layout)
    yield from _claims_lines(part.claims, part.verdicts, layout)


def answer(theorem: Theorem, summary: TheoremSummary) -> str:
    """Say in one sentence whether a theorem holds."""
    return f"{theorem.title or theorem.id} {SAID[summary.outcome]}: {summary.grounds}."


def _more(theorem: Theorem, part: Findings, layout: Layout) -> Iterator[str]:
    """Yield what a theorem says, its probability, and the premises of its paths."""
    for summary in part.summaries:
        for text in (
            theorem.statement,
            summary.probability and f"probability: {summary.probability}",
        ):
            yield from layout.wrapped(text, "  ")
    paths = {one.along: one for one in part.verdicts}
    for along, one in paths.items():
        where = f"along {along}: " if len(paths) > 1 else ""
        for line in premise_lines(one.premises):
            yield from layout.wrapped(where + line, "  ")


def _claims_lines(
    claims: Sequence[ClaimSummary], verdicts: Sequence[Verdict], layout: Layout
) -> Iterator[str]:
    longest = max((len(one.claim) for one in claims), default=0)
    for claim in claims:
        several = [one for one in verdicts if one.claim == claim.claim]
        yield from claim_lines(claim, several[claim.deciding], longest, layout)


def _boundaries_lines(part: Findings, layout: Layout) -> Iterator[str]:
    head = "Boundaries, whether success changes where an index says, and nowhere else"
    names = [one.boundary for one in part.boundaries]
    yield from _block(head, part.boundaries, names, boundary_lines, layout)


def _lemmas_lines(part: Findings, layout: Layout) -> Iterator[str]:
    """Yield the lemmas about a draw, and the one that speaks of the path."""
    if part.theorems:
        return
    if part.claims:
        outcomes = [one.outcome for one in part.claims]
        head = f"Lemma on the path: {counted(outcomes)}."
        yield from layout.wrapped(head, style=BOLD)
        yield from _claims_lines(part.claims, part.verdicts, layout)
    names = [one.lemma for one in part.lemmas]
    yield from _block("Lemmas, how often each event fails", part.lemmas, names, lemma_lines, layout)


def _predictions_lines(part: Findings, layout: Layout) -> Iterator[str]:
    head = "Sharp predictions, measured over predicted"
    names = [one.prediction for one in part.predictions]
    yield from _block(head, part.predictions, names, prediction_lines, layout)


def _block(
    head: str,
    several: Sequence[Any],
    names: Sequence[str],
    lines: Callable[[Any, int, Layout], Iterator[str]],
    layout: Layout,
) -> Iterator[str]:
    """Yield a heading with what came out, and two lines for each."""
    if not several:
        return
    outcomes = [one.outcome for one in several]
    yield from layout.wrapped(f"{head}: {counted(outcomes)}.", style=BOLD)
    for one in several:
        yield from lines(one, max(map(len, names)), layout)


PARTS = (_theorem_lines, _boundaries_lines, _lemmas_lines, _predictions_lines)


def closing_lines(report: Findings, layout: Layout) -> Iterator[str]:
    """Yield what was left out, the sums, and what was written."""
    if report.left_out:
        yield from layout.wrapped(f"left out by --quick: {', '.join(report.left_out)}")
    more = "" if layout.verbose else " (-v says more)"
    yield from layout.wrapped(f"{counted(report.outcomes)}{more}; {_written(report.files)}")


def _written(files: Sequence[Path]) -> str:
    """Say what was written and where."""
    kinds = {"index.html": ".html", "figures": ".svg", "verdicts.json": ".json"}
    endings = {path.suffix for path in files}
    *others, last = [name for name, ending in kinds.items() if ending in endings]
    return f"{', '.join(others)}{' and ' if others else ''}{last} in {files[0].parent}"
