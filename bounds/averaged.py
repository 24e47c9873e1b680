r"""The output scale: a paper's F_j = (1/m) sum_r is the engine's F_j = sum_r in other letters.

The activation is homogeneous, sigma(a z) = a^q sigma(z), so that with a = m^(-1/q) descent on the
weights w of the mean is descent on a w of the sum: the same logits, losses, errors and steps, with

    sigma_0 of the sum = m^(-1/q) sigma_0 of the mean,     eta of the sum = m^(-2/q) eta of the mean

and coefficients m^(-1/q) as large. A problem of the engine carries the letters of the sum, a
theorem on a mean (its `output`) those of the mean. The translation is one substitution, made here
for numbers and for whole theorems. Source: derived, Theory, section 12, "Output scale".
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy

from bounds.evaluation import parameter, value
from bounds.statements import Theorem
from bounds.symbols import eta, m, q, sigma_0

# What the engine's letters, and its coefficients, are multiplied by.
COEFFICIENT_FACTOR = m ** (1 / q)
FACTORS = {sigma_0: COEFFICIENT_FACTOR, eta: COEFFICIENT_FACTOR**2}

TO_MEAN = {symbol: factor * symbol for symbol, factor in FACTORS.items()}
TO_SUM = {symbol: symbol / factor for symbol, factor in FACTORS.items()}


def averaged(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Translate the parameters of a problem of the engine into the letters of an averaged output.

    Parameters
    ----------
    parameters : mapping
        Values by name (Theory, section 1), of F_j = sum_r, as ``Problem.parameters()`` gives them.

    Returns
    -------
    dict
        The same with sigma_0 (unit 1/X) times m^(1/q) and eta (1/X^2) times m^(2/q), the letters of
        a theorem on F_j = (1/m) sum_r.

    Raises
    ------
    ValueError
        If m, q, sigma_0 or eta is missing or outside its domain.

    Notes
    -----
    Theory, section 12, Output scale (derived).
    """
    return {**parameters, **_at(TO_MEAN, parameters)}


def summed(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Translate the letters of an averaged output into those of a problem of the engine.

    Told as :func:`averaged`, whose inverse this is.
    """
    return {**parameters, **_at(TO_SUM, parameters)}


def coefficient_factor(parameters: Mapping[str, Any]) -> float:
    """Evaluate the m^(1/q) by which a theorem on a mean sees the engine's coefficients enlarged."""
    return value(COEFFICIENT_FACTOR, parameters)


def _at(letters: Mapping[Any, Any], parameters: Mapping[str, Any]) -> dict[str, float]:
    for symbol in letters:
        parameter(parameters, symbol.name)
    return {symbol.name: value(expression, parameters) for symbol, expression in letters.items()}


def in_engine_letters(theorem: Theorem) -> Theorem:
    """Rewrite a theorem so that it is evaluated at the parameters of a problem of the engine.

    Parameters
    ----------
    theorem : Theorem
        Of either output.

    Returns
    -------
    Theorem
        Its bounds, laws, premises and boundaries with m^(1/q) sigma_0 for sigma_0 and m^(2/q) eta
        for eta where its output is a mean; itself where it is a sum.

    Notes
    -----
    Theory, section 12, Output scale (derived). Coefficients are not rescaled: the measured left
    sides named "..-averaged" carry the factor.
    """
    if theorem.output == "sum":
        return theorem
    conditions = {
        id: replace(one, expression=_rewritten(one.expression))
        for id, one in theorem.conditions.items()
    }
    claims = {
        id: replace(
            one,
            bound=_rewritten(one.bound),
            law=None if one.law is None else _rewritten(one.law),
            smallest=None if one.smallest is None else _rewritten(one.smallest),
        )
        for id, one in theorem.claims.items()
    }
    boundaries = {
        id: replace(one, index=_rewritten(one.index)) for id, one in theorem.boundaries.items()
    }
    return replace(
        theorem, conditions=conditions, claims=claims, boundaries=boundaries, output="sum"
    )


def _rewritten(expression: sympy.Expr) -> sympy.Expr:
    return expression.xreplace(TO_MEAN)
