"""What was checked, as plain data: a report needs nothing but ``verdicts.json``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sympy

import bounds
from bounds import Boundary, Claim, Condition, Lemma, Source, Theorem
from bounds.evaluation import NotDefined
from sims import Problem
from theorycheck.files import without_gaps
from theorycheck.judging.paths.premises import OPEN_POWERS, is_of_regime
from theorycheck.judging.theorems import BUILT_IN_THEOREMS, find
from theorycheck.reporting.formulas import (
    boundary_formula,
    claim_formula,
    condition_formula,
    lemma_formula,
)


def theorem_record(theorem: Theorem) -> dict[str, Any]:
    """Return a theorem with its premises and claims, formulas as MathML."""
    return {
        "id": theorem.id,
        "title": theorem.title or theorem.id,
        "statement": theorem.statement,
        "probability": theorem.probability,
        "event": theorem.event,
        "source": _source_record(theorem.source),
        "premises": [_premise_record(one) for one in theorem.conditions.values()],
        "claims": {one.id: _claim_record(one) for one in theorem.claims.values()}
        | {one.id: _boundary_record(one) for one in theorem.boundaries.values()},
    }


def _boundary_record(boundary: Boundary) -> dict[str, Any]:
    return {
        "statement": boundary.statement,
        "quantity": boundary.quantity,
        "formula": boundary_formula(boundary, "mathml"),
        "order": "iff",
        "hides": f"a constant C, declared as {boundary.constant:g}",
        "constant": boundary.constant,
        "source": _source_record(boundary.source),
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
    source = Source("this project", "derived", "Theory, sections 7, 8 and 10")
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


NOT_DEFINED = "not defined"


def statement_table(theorem: str, problem: Problem, epsilon: float) -> dict[str, Any]:
    """Evaluate a theorem at one problem."""
    stated = find(theorem).theorem
    parameters = {**problem.parameters(), "epsilon": epsilon}
    boundaries = [_boundary_row(one, parameters) for one in stated.boundaries.values()]
    table: dict[str, Any] = {
        "theorem": stated.id,
        "statement": stated.statement,
        "probability": stated.probability,
        "event": stated.event,
        "parameters": parameters,
        **_of_mean(stated.id, parameters),
        "premises": [_premise_row(one, parameters) for one in stated.conditions.values()],
        "claims": [_claim_row(one, parameters) for one in stated.claims.values()],
        **({"boundaries": boundaries} if boundaries else {}),
    }
    return {name: without_gaps(value) for name, value in table.items()}


def _premise_row(condition: Condition, parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": condition.id,
        "statement": condition.statement,
        **_value(condition.implied_constant, parameters),
        "holds": condition.holds(parameters),
        "hidden_constant": condition.constant_name or None,
        "declared": condition.constant,
        "open": condition in OPEN_POWERS,
        "tag": condition.source.tag,
    }


def _claim_row(claim: Claim, parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": claim.id,
        "statement": claim.statement,
        **_value(claim.evaluate, parameters),
        "log_value": _or_nan(claim.evaluate, parameters, log=True),
        "terms": _terms(claim, parameters),
        "order": claim.order.symbol,
        "hides": claim.order.hides,
        "constant": claim.constant,
        "tag": claim.source.tag,
        "source": f"{claim.source.citation}; {claim.source.section}",
    }


def _boundary_row(boundary: Boundary, parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": boundary.id,
        "statement": boundary.statement,
        **_value(boundary.evaluate, parameters),
        "declared": boundary.constant,
        "tag": boundary.source.tag,
    }


def _of_mean(theorem: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return sigma_0 and eta in the letters of a built-in theorem whose output is a mean."""
    if theorem not in BUILT_IN_THEOREMS or BUILT_IN_THEOREMS[theorem].output == "sum":
        return {}
    of_mean = bounds.averaged(parameters)
    return {"of_mean": {name: of_mean[name] for name in ("sigma_0", "eta")}}


def _value(evaluate: Callable[[Mapping[str, Any]], float], at: Mapping[str, Any]) -> dict[str, Any]:
    value = _or_nan(evaluate, at)
    return {"value": value, "defined": not math.isnan(value)}


def _or_nan(evaluate: Callable[..., float], *arguments: Any, **options: Any) -> float:
    """Return what a function evaluates to; nan where it has no real value."""
    try:
        return evaluate(*arguments, **options)
    except NotDefined:
        return math.nan


def _terms(claim: bounds.Claim, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Evaluate the terms of a sum one by one: a tiny one would vanish beside the others."""
    given = {**claim.hidden, **parameters}
    terms = sympy.Add.make_args(claim.bound)
    if not all(term.is_positive for term in terms):
        return []
    values = [_or_nan(bounds.log_value, term, given) for term in terms]
    if not all(map(math.isfinite, values)):
        return []
    return [
        {"term": str(term), "log_value": value} for term, value in zip(terms, values, strict=True)
    ]


def _hidden(premise: Mapping[str, Any]) -> str:
    """Say what is asked of a hidden constant: nothing of a power that the theorem leaves open."""
    if premise["open"]:
        return "any will do"
    return f"hidden constant, declared {_short(premise['declared'])}"


def as_text(table: dict[str, Any]) -> str:
    """Return the table as lines of text."""
    parameters = ", ".join(f"{name} = {_short(value)}" for name, value in _given(table))
    lines = [f"{table['theorem']}: {table['statement']}", f"at {parameters}"]
    if of_mean := table.get("of_mean"):
        told = " and ".join(f"{name} = {_short(value)}" for name, value in of_mean.items())
        lines.append(f"in the letters of F = (1/m) sum, which the statements use: {told}")
    lines += ["", "premises"]
    for premise in table["premises"]:
        if premise["hidden_constant"]:
            value = _short(premise["value"]) if premise["defined"] else NOT_DEFINED
            state = f"{premise['hidden_constant']} = {value} ({_hidden(premise)})"
        else:
            state = {True: "holds", False: "FAILS", None: "unknown"}[premise["holds"]]
        lines.append(f"  {premise['statement']:40} {state}  [{premise['tag']}]")
    lines += ["", "claims"]
    for claim in table["claims"]:
        value = NOT_DEFINED
        if claim["defined"]:
            value = bound_text(_or_inf(claim["value"]), claim["log_value"])
        if len(claim["terms"]) > 1:
            value += " = " + " + ".join(_term_text(one["log_value"]) for one in claim["terms"])
        lines.append(f"  {claim['id']:18} {claim['statement']}")
        lines.append(
            f"  {'':18} bound {value}, order {claim['order']} (hides {claim['hides']})  "
            f"[{claim['tag']}] {claim['source']}"
        )
    lines += _boundary_lines(table.get("boundaries", []))
    lines += ["", f"a run is held to these claims when {table['event']}"]
    return "\n".join(lines)


def _boundary_lines(boundaries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if boundaries:
        yield from ("", "boundaries")
    for one in boundaries:
        value = _short(one["value"]) if one["defined"] else NOT_DEFINED
        yield f"  {one['id']:18} {one['statement']}"
        yield (
            f"  {'':18} index {value}, constant C hidden, declared {_short(one['declared'])}  "
            f"[{one['tag']}]"
        )


def _or_inf(value: float | None) -> float:
    return math.inf if value is None else value


def _term_text(log_value: float) -> str:
    return bound_text(math.exp(min(log_value, 700)), log_value)


def _given(table: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(table["parameters"].items())


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def bound_text(value: float | None, log_value: float | None) -> str:
    """Write a bound, by its exponent where it lies beyond the floats."""
    if log_value is not None and not -700 < log_value < 700:
        return f"exp({log_value:.4g})"
    return NOT_DEFINED if value is None or math.isnan(value) else f"{value:.4g}"
