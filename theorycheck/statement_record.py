"""What was checked, as plain data: a report needs nothing but ``verdicts.json``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bounds
from bounds import Claim, Condition, Lemma, Source, Theorem
from theorycheck.formulas import claim_formula, condition_formula, lemma_formula
from theorycheck.premises import is_of_regime


def theorem_record(theorem: Theorem) -> dict[str, Any]:
    """Return a theorem with its premises and claims, formulas as MathML."""
    return {
        "id": theorem.id,
        "title": theorem.title,
        "statement": theorem.statement,
        "probability": theorem.probability,
        "event": theorem.event,
        "source": _source_record(theorem.source),
        "premises": [_premise_record(one) for one in theorem.conditions.values()],
        "claims": {one.id: _claim_record(one) for one in theorem.claims.values()},
    }


def lemmas_record() -> dict[str, Any]:
    """Return the lemmas in the form of a theorem without premises."""
    sources: Sequence[Source] = [one.source for one in bounds.LEMMAS.values()]
    return {
        "id": "lemmas",
        "title": "Lemmas",
        "statement": "Each event fails no more often than its bound says.",
        "probability": "",
        "event": "",
        "source": _source_record(sources[0]),
        "premises": [],
        "claims": {one.id: _lemma_record(one) for one in bounds.LEMMAS.values()},
    }


def predictions_record() -> dict[str, Any]:
    """Return what the sharp predictions have in common, in the form of a theorem."""
    source = Source("this project", "derived", "Theory, sections 7 and 8")
    return {
        "id": "predictions",
        "title": "Sharp predictions",
        "statement": "What is measured, divided by what is predicted, is 1 in the limit.",
        "probability": "",
        "event": "",
        "source": _source_record(source),
        "premises": [],
        "claims": {},
    }


def _claim_record(claim: Claim) -> dict[str, Any]:
    return {
        "statement": claim.statement,
        "quantity": claim.quantity,
        "formula": claim_formula(claim, "mathml"),
        "order": claim.order.symbol,
        "hides": claim.order.hides,
        "direction": claim.direction,
        "constant": claim.constant,
        "hidden": dict(claim.hidden),
        "source": _source_record(claim.source),
    }


def _lemma_record(lemma: Lemma) -> dict[str, Any]:
    return {
        "statement": lemma.statement,
        "quantity": lemma.quantity,
        "formula": lemma_formula(lemma, "mathml"),
        "source": _source_record(lemma.source),
    }


def _premise_record(condition: Condition) -> dict[str, Any]:
    return {
        "id": condition.id,
        "statement": condition.statement,
        "formula": condition_formula(condition, "mathml"),
        "own": not is_of_regime(condition),
        "hidden": condition.hidden,
        "constant_name": condition.constant_name,
        "declared": condition.constant,
        "source": _source_record(condition.source),
    }


def _source_record(source: Source) -> dict[str, str]:
    return {
        "citation": source.citation,
        "tag": source.tag,
        "section": source.section,
        "note": source.note,
    }
