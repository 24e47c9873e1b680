"""The unit of an expression under the scale symmetry: a dimension check for every bound.

(mu, sigma_n, sigma_0, eta) -> (c mu, c sigma_n, sigma_0 / c, eta / c^2) changes no coefficient,
loss or time (Theory, section 4.5). With mu and sigma_n in X, sigma_0 in 1/X and eta in 1/X^2,
every bound on those must be unit-free. The check sees wrong powers of these four symbols; d, n, m,
K, p and epsilon have no unit, so it is blind to theirs.
"""

from collections.abc import Sequence
from typing import Any

import sympy

from bounds.symbols import SYMBOLS


class UnitError(ValueError):
    """An expression that mixes units, or puts one into a function or an exponent."""


def unit(expression: sympy.Expr) -> sympy.Expr:
    """Find the unit of an expression as a power of X.

    Parameters
    ----------
    expression : sympy.Expr
        An expression in the symbols of :mod:`bounds.symbols`.

    Returns
    -------
    sympy.Expr
        The exponent of X, 0 for a unit-free expression; it may contain q.

    Raises
    ------
    UnitError
        If the terms of a sum differ in unit, the argument of a function or an exponent has one, or
        a symbol is not in the table.
    """
    expression = sympy.sympify(expression)
    if expression.is_Symbol:
        return _symbol_unit(expression)
    if expression.is_number:
        return sympy.S.Zero
    if expression.is_Mul:
        return sympy.expand(sympy.Add(*(unit(factor) for factor in expression.args)))
    if expression.is_Pow:
        return _power_unit(expression)
    if expression.is_Add or isinstance(expression, sympy.Max | sympy.Min | sympy.Rel):
        return _common_unit(expression.args)
    if isinstance(expression, sympy.Piecewise):
        return _common_unit([branch.expr for branch in expression.args])
    if isinstance(expression, sympy.Sum | sympy.Product | sympy.Integral):
        return _unit_between_ends(expression)
    if isinstance(expression, sympy.Abs):
        return unit(expression.args[0])
    if isinstance(expression, sympy.Function):
        for argument in expression.args:
            _require_unit_free(argument, f"argument of {expression.func.__name__}")
        return sympy.S.Zero
    raise UnitError(f"{expression} must be built of sums, products, powers and functions")


def _symbol_unit(symbol: sympy.Symbol) -> sympy.Expr:
    if symbol.name not in SYMBOLS:
        raise UnitError(f"{symbol} must be one of the symbols {sorted(SYMBOLS)}")
    return sympy.Integer(SYMBOLS[symbol.name].unit)


def _power_unit(power: sympy.Expr) -> sympy.Expr:
    base, exponent = power.as_base_exp()
    _require_unit_free(exponent, f"exponent in {power}")
    return sympy.expand(unit(base) * exponent)


def _unit_between_ends(expression: Any) -> sympy.Expr:
    """Return the unit of a sum, or of an integral over a number; a product's factor has none."""
    numbers = {limits[0]: sympy.pi for limits in expression.limits}
    for _, *ends in expression.limits:
        for end in ends:
            _require_unit_free(end.xreplace(numbers), f"end of {expression}")
    inside = expression.function.xreplace(numbers)
    if isinstance(expression, sympy.Product):
        _require_unit_free(inside, f"factor of {expression}")
    return unit(inside)


def _common_unit(terms: Sequence[sympy.Expr]) -> sympy.Expr:
    first, *others = terms
    expected = unit(first)
    for term in others:
        found = unit(term)
        if not _is_zero(found - expected):
            raise UnitError(
                f"term {term} must have the unit X^({expected}) of {first}, but has X^({found})"
            )
    return expected


def _require_unit_free(expression: sympy.Expr, role: str) -> None:
    found = unit(expression)
    if not _is_zero(found):
        raise UnitError(f"{role} must be unit-free, but {expression} has X^({found})")


def _is_zero(expression: sympy.Expr) -> bool:
    return bool(sympy.simplify(expression) == 0)
