"""What a threshold is, and how it is derived: the constant with which a failure falls as asked.

The failure at leading order is set equal to the rate, the size eliminated for its implied constant,
and the equation solved for that. Source: derived, Theory, section 10.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Eq, Symbol, expand_log, limit, log, oo, solve

from bounds.evaluation import value
from bounds.events import DERIVED
from bounds.sources import Source
from bounds.symbols import d

RATES = {log(d): "1/d", log(log(d)): "1/log(d)"}
_scale = Symbol("scale", positive=True)


@dataclass(frozen=True)
class Threshold:
    """The least implied constant with which a failure falls at the rate asked for.

    Parameters
    ----------
    id : str
        The premise or lemma whose hidden constant it is.
    constant_name, statement : str
        Name of the constant, and what it is needed for in plain text.
    implied : sympy.Expr
        The implied constant at given parameters.
    expression : sympy.Expr
        What it must at least be where the number of events in the union is held fixed.
    growing : sympy.Expr
        What it must at least be where that number grows with d.
    count : sympy.Expr
        The number of events in the union.
    rate : str
        How the failure must fall: "1/d" or "1/log(d)".
    source : Source
        Where it comes from.
    """

    id: str
    constant_name: str
    statement: str
    implied: sympy.Expr
    expression: sympy.Expr
    growing: sympy.Expr
    count: sympy.Expr
    rate: str
    source: Source = DERIVED

    def implied_constant(self, parameters: Mapping[str, Any]) -> float:
        """Evaluate the constant that the parameters imply."""
        return value(self.implied, parameters)

    def value(self, parameters: Mapping[str, Any], moving: Collection[str] = ()) -> float:
        """Evaluate what the constant must at least be.

        Parameters
        ----------
        parameters : mapping
            Values by name (Theory, section 1).
        moving : collection of str
            Names of the parameters that move with d. A fixed number of events is a factor that
            O(1/d) hides; one that grows asks for more.

        Returns
        -------
        float
            Unit-free.

        Raises
        ------
        ValueError
            If a parameter is missing or outside its domain.
        """
        grows = any(symbol.name in moving for symbol in self.count.free_symbols)
        return value(self.growing if grows else self.expression, parameters)


def decay(failure: sympy.Expr, path: Mapping[sympy.Symbol, sympy.Expr], scale: Any) -> sympy.Expr:
    """Return the limit of log(failure) / scale along a path: with scale log(d) the power of d."""
    along = expand_log(log(failure.subs(path)), force=True) / scale
    return limit(expand_log(along, force=True).subs(d, _d_at(scale)), _scale, oo)


def _d_at(scale: sympy.Expr) -> sympy.Expr:
    """Return d as a function of its logarithm, or of the logarithm of that."""
    return sympy.exp(_scale) if scale == log(d) else sympy.exp(sympy.exp(_scale))


def derive(
    id: str,
    constant_name: str,
    statement: str,
    implied: sympy.Expr,
    size: sympy.Symbol,
    count: sympy.Expr,
    one: sympy.Expr,
    scale: sympy.Expr,
) -> Threshold:
    """Solve count * one = exp(-scale) for the implied constant, `size` eliminated for it."""
    constant, free = (sympy.Dummy(name, positive=True) for name in ("constant", "size"))
    (at_constant,) = solve(Eq(implied.subs(size, free), constant), free)
    log_failure = expand_log(log((count * one).subs(size, at_constant)), force=True)
    (least,) = solve(Eq(log_failure.subs(scale, _scale), -_scale), constant)
    growing = expand_log(least, force=True)
    expression = limit(growing, _scale, oo)
    growing = growing.subs(_scale, scale)
    return Threshold(
        id, constant_name, statement, implied, expression, growing, count, RATES[scale]
    )
