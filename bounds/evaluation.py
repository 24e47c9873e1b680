"""Numbers out of expressions, without underflow or overflow on the way.

Everything is computed by mpmath, whose exponents are unbounded, and becomes a float only at the
end: the logarithm of exp(-n^2 / p) is right where the value itself is far below the smallest
float.
"""

import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import mpmath
import sympy

from bounds.compiled import DIGITS, evaluate
from bounds.symbols import SYMBOLS


class NotDefined(ValueError):
    """An expression without a real value at the parameters, or without a logarithm."""


def number(parameters: Mapping[str, Any], name: str) -> int | float:
    """Read one parameter and check that it is a finite number.

    Parameters
    ----------
    parameters : mapping
        Values by name, with the keys of Theory, section 1.
    name : str
        The parameter to read.

    Returns
    -------
    int or float
        Whole numbers stay exact whatever their size; the default of a symbol that has one.

    Raises
    ------
    ValueError
        If the parameter is missing, no number, or not finite.
    """
    default = SYMBOLS[name].default if name in SYMBOLS else None
    if name not in parameters and default is not None:
        return default
    if name not in parameters:
        raise ValueError(f"{name} is missing from the parameters, which have {sorted(parameters)}")
    found = parameters[name]
    if isinstance(found, bool) or not isinstance(found, Real):
        raise ValueError(f"{name} must be a number, got {found!r}")
    if isinstance(found, Integral):
        return int(found)
    if not math.isfinite(found):
        raise ValueError(f"{name} must be a finite number, got {found!r}")
    return float(found)


def parameter(parameters: Mapping[str, Any], name: str) -> int | float:
    """Read one parameter and check it against its domain.

    Parameters
    ----------
    parameters : mapping
        Values by name, with the keys of Theory, section 1.
    name : str
        The parameter to read.

    Returns
    -------
    int or float
        An int for the parameters that are whole numbers, also when given as 2000.0.

    Raises
    ------
    ValueError
        If the parameter is missing, not a finite number, or outside its domain.
    """
    found = number(parameters, name)
    quantity = SYMBOLS.get(name)
    if quantity is None:
        return found
    if not quantity.allows(found):
        raise ValueError(f"{name} must be {quantity.allowed}, got {found!r}")
    return int(found) if quantity.integer else found


def _exact_value(expression: sympy.Expr, parameters: Mapping[str, Any]) -> Any:
    expression = sympy.sympify(expression)
    names = sorted(symbol.name for symbol in expression.free_symbols)
    given = {name: parameter(parameters, name) for name in names}
    found = evaluate(expression, {name: mpmath.mpf(one) for name, one in given.items()})
    if isinstance(found, mpmath.mpc) or mpmath.isnan(found):
        raise NotDefined(f"{expression} must have a real value, but has none at {given}")
    return found


def value(expression: sympy.Expr, parameters: Mapping[str, Any]) -> float:
    """Evaluate an expression at given parameters.

    Parameters
    ----------
    expression : sympy.Expr
        Any expression in the symbols of :mod:`bounds.symbols`.
    parameters : mapping
        Values by name; further keys are ignored.

    Returns
    -------
    float
        0.0 or inf where the value lies beyond the floats; use :func:`log_value` there.

    Raises
    ------
    ValueError
        If a symbol has no value or one outside its domain, or the result is not real.
    """
    with mpmath.workdps(DIGITS):
        return float(_exact_value(expression, parameters))


def log_value(expression: sympy.Expr, parameters: Mapping[str, Any]) -> float:
    """Evaluate the natural logarithm of an expression at given parameters.

    Parameters
    ----------
    expression : sympy.Expr
        An expression whose value is not negative.
    parameters : mapping
        Values by name; further keys are ignored.

    Returns
    -------
    float
        The logarithm, taken before rounding to a float; -inf for a value that is exactly 0.

    Raises
    ------
    ValueError
        If a symbol has no value or one outside its domain, or the value is negative or not real.
    """
    with mpmath.workdps(DIGITS):
        found = _exact_value(expression, parameters)
        if found < 0:
            raise NotDefined(f"{expression} must be >= 0 to have a logarithm, got {float(found)!r}")
        return float(mpmath.log(found))


def decide(relation: Any, parameters: Mapping[str, Any]) -> bool | None:
    """Decide a relation such as K >= 2 at given parameters.

    Parameters
    ----------
    relation : sympy relation
        An equation or inequality in the symbols of :mod:`bounds.symbols`.
    parameters : mapping
        Values by name; they need not lie in their domains, which the relation may be about.

    Returns
    -------
    bool or None
        None where sympy cannot decide, which is not the same as False.

    Raises
    ------
    ValueError
        If a symbol has no value, or one that is not a finite number.
    """
    relation = sympy.sympify(relation)
    exact = {s: sympy.Rational(number(parameters, s.name)) for s in relation.free_symbols}
    try:
        decided = relation.subs(exact)
    except TypeError:  # sympy refuses to order complex numbers and nan
        return None
    if decided in (sympy.true, sympy.false):
        return bool(decided)
    return None
