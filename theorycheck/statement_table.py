"""Every premise and claim of a theorem with its value at one problem."""

from __future__ import annotations

import math
from typing import Any

import sympy

import bounds
from sims import Problem
from theorycheck.results import without_gaps


def statement_table(theorem: str, problem: Problem, epsilon: float) -> dict[str, Any]:
    """Evaluate a theorem at one problem.

    Parameters
    ----------
    theorem : str
        Id of the theorem.
    problem : Problem
        Where.
    epsilon : float
        Target training loss.

    Returns
    -------
    dict
        Plain data: the premises with their implied constants and whether they hold, the claims
        with bound, logarithm of the bound, order and source.

    Raises
    ------
    ValueError
        If the theorem is unknown or a value outside its domain.
    """
    if theorem not in bounds.THEOREMS:
        known = ", ".join(bounds.THEOREMS)
        raise ValueError(f"theorem must be one of {known}, got {theorem!r}")
    stated = bounds.THEOREMS[theorem]
    parameters = {**problem.parameters(), "epsilon": epsilon}
    premises = [
        {
            "id": condition.id,
            "statement": condition.statement,
            "value": condition.implied_constant(parameters),
            "holds": condition.holds(parameters),
            "hidden_constant": condition.constant_name or None,
            "declared": condition.constant,
            "tag": condition.source.tag,
        }
        for condition in stated.conditions.values()
    ]
    claims = [
        {
            "id": claim.id,
            "statement": claim.statement,
            "value": claim.evaluate(parameters),
            "log_value": claim.evaluate(parameters, log=True),
            "terms": _terms(claim, parameters),
            "order": claim.order.symbol,
            "hides": claim.order.hides,
            "constant": claim.constant,
            "tag": claim.source.tag,
            "source": f"{claim.source.citation}; {claim.source.section}",
        }
        for claim in stated.claims.values()
    ]
    table = {
        "theorem": theorem,
        "statement": stated.statement,
        "probability": stated.probability,
        "event": stated.event,
        "parameters": parameters,
        "premises": premises,
        "claims": claims,
    }
    cleaned: dict[str, Any] = without_gaps(table)
    return cleaned


def _terms(claim: bounds.Claim, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """Evaluate the terms of a sum one by one: a tiny one would vanish beside the others."""
    given = {**claim.hidden, **parameters}
    terms = sympy.Add.make_args(claim.bound)
    if not all(term.is_positive for term in terms):
        return []
    return [{"term": str(term), "log_value": bounds.log_value(term, given)} for term in terms]


def as_text(table: dict[str, Any]) -> str:
    """Return the table as lines of text."""
    parameters = ", ".join(f"{name} = {_short(value)}" for name, value in _given(table))
    lines = [f"{table['theorem']}: {table['statement']}", f"at {parameters}", "", "premises"]
    for premise in table["premises"]:
        if premise["hidden_constant"]:
            state = (
                f"{premise['hidden_constant']} = {_short(premise['value'])} "
                f"(hidden constant, declared {_short(premise['declared'])})"
            )
        else:
            state = {True: "holds", False: "FAILS", None: "unknown"}[premise["holds"]]
        lines.append(f"  {premise['statement']:40} {state}  [{premise['tag']}]")
    lines += ["", "claims"]
    for claim in table["claims"]:
        value = bound_text(claim["value"], claim["log_value"])
        if len(claim["terms"]) > 1:
            value += " = " + " + ".join(_term_text(one["log_value"]) for one in claim["terms"])
        lines.append(f"  {claim['id']:18} {claim['statement']}")
        lines.append(
            f"  {'':18} bound {value}, order {claim['order']} (hides {claim['hides']})  "
            f"[{claim['tag']}] {claim['source']}"
        )
    lines += ["", f"a run is held to these claims when {table['event']}"]
    return "\n".join(lines)


def _term_text(log_value: float) -> str:
    return bound_text(math.exp(log_value) if log_value < 700 else None, log_value)


def _given(table: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(table["parameters"].items())


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def bound_text(value: float | None, log_value: float | None) -> str:
    """Write a positive number, by its exponent where it lies beyond the floats."""
    if log_value is not None and not -700 < log_value < 700:
        return f"exp({log_value:.4g})"
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "none"
    return f"{value:.4g}"
