"""Expressions as functions of mpmath's numbers: one compiler for every evaluation.

Sums and products are taken term by term where the terms are few, and by the closed form that sympy
finds where they are many; integrals by quadrature that keeps its error down; a function that mpmath
knows by another name, or not at all, is left to sympy.
"""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import mpmath
import sympy
from sympy.printing.pycode import MpmathPrinter

# Twice the digits of a float, so that a difference such as z0^(2-q) - level^(2-q) keeps its own.
DIGITS = 40
AGREEMENT = 1e-17  # relative, of two precisions: less than a float can tell
INTEGRAL_ERROR = 1e-18  # relative, by the quadrature's own estimate
LARGEST_ERFC = 1e100  # beyond, it is 0 or 2
MOST_TERMS = 2_000  # beyond, a sum takes its closed form
SERIES = (sympy.hyper, sympy.meijerg, sympy.lerchphi)  # closed forms in name only
ARITHMETIC = (
    *(sympy.Symbol, sympy.Number, sympy.NumberSymbol, sympy.Add, sympy.Mul, sympy.Pow),
    *(sympy.exp, sympy.log, sympy.erfc, sympy.Max, sympy.Min),
)

# What printing and calling raise where there is no code for something.
UNABLE = (NotImplementedError, TypeError, NameError, KeyError, mpmath.mp.NoConvergence)


class CannotEvaluate(ValueError):
    """An expression that may have a value, but none that can be computed here."""


def evaluate(expression: sympy.Expr, numbers: Mapping[str, Any]) -> Any:
    """Return an expression's value at numbers by name: mpf or mpc, nan where it has none.

    Where it is more than arithmetic, digits may cancel unseen, as in gamma(n + 1) / gamma(n): it is
    taken again with digits that tell n^2 + 1 from n^2.
    """
    if _is_arithmetic(expression):
        return _with_digits(DIGITS, expression, numbers)
    largest = max((abs(number) for number in numbers.values()), default=1)
    more = 2 * DIGITS + 2 * max(0, math.ceil(mpmath.log10(largest + 1)))
    found = [_with_digits(digits, expression, numbers) for digits in (DIGITS, more)]
    if _agree(*found):
        return found[0]
    if _agree(found[1], _with_digits(2 * more, expression, numbers)):
        return found[1]
    raise _unable(expression, f"{more} digits cancel in it")


@lru_cache(maxsize=4096)
def _is_arithmetic(expression: sympy.Expr) -> bool:
    return all(isinstance(part, ARITHMETIC) for part in sympy.preorder_traversal(expression))


def _with_digits(digits: int, expression: sympy.Expr, numbers: Mapping[str, Any]) -> Any:
    try:
        with mpmath.workdps(digits):
            names, function = _compiled(expression)
            return mpmath.mpmathify(function(*(numbers[name] for name in names)))
    except UNABLE as error:
        why = str(error) if type(error) is NotImplementedError else "mpmath has no code for it"
        raise _unable(expression, why) from error
    except (ZeroDivisionError, ValueError):  # a pole
        return mpmath.nan


def _unable(expression: sympy.Expr, why: str) -> CannotEvaluate:
    return CannotEvaluate(f"{expression} must be possible to evaluate, and is not: {why}")


def _agree(one: Any, other: Any) -> bool:
    if mpmath.isfinite(one) and mpmath.isfinite(other):
        return bool(abs(one - other) <= AGREEMENT * abs(other))
    return bool(one == other or (mpmath.isnan(one) and mpmath.isnan(other)))


@lru_cache(maxsize=4096)
def _compiled(
    expression: sympy.Expr, is_closed_form: bool = False
) -> tuple[tuple[str, ...], Callable[..., Any]]:
    """Return the names of an expression's free symbols, and its value as a function of them."""
    symbols = _free(expression)
    printer = _Printer({"fully_qualified_modules": False, "inline": True})
    closed_form = _no_closed_form if is_closed_form else partial(_by_closed_form, printer.sums)
    calls = {**CALLS, "_by_closed_form": closed_form}
    function = sympy.lambdify(symbols, expression, modules=[calls, "mpmath"], printer=printer)
    return tuple(symbol.name for symbol in symbols), function


def _free(expression: sympy.Expr) -> list[sympy.Symbol]:
    return sorted(expression.free_symbols, key=lambda symbol: symbol.name)


class _Printer(MpmathPrinter):
    """Write mpmath's code, and calls of the functions below where it has none."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self.sums: list[sympy.Expr] = []

    def _print_Sum(self, expression: sympy.Sum) -> str:
        return self._term_by_term("fsum", expression)

    def _print_Product(self, expression: sympy.Product) -> str:
        return self._term_by_term("fprod", expression)

    def _term_by_term(self, total: str, expression: Any) -> str:
        """Write the sum over the last index; its terms are the sums over the others."""
        *inner, (index, low, high) = expression.limits
        term = expression.func(expression.function, *inner) if inner else expression.function
        place = str(len(self.sums))
        self.sums.append(expression)
        closed = ", ".join([place, *map(self._print, _free(expression))])
        index, term, low, high = map(self._print, (index, term, low, high))
        terms = f"lambda {index}: {term}, {low}, {high}"
        return f"_term_by_term({total}, {terms}, lambda: _by_closed_form({closed}))"

    def _print_Integral(self, expression: sympy.Integral) -> str:
        """Write the innermost integral first; the outermost sees the errors of the others."""
        code, outermost = self._print(expression.function), expression.limits[-1]
        for limits in expression.limits:
            index, low, high = map(self._print, limits)
            call = "_integral" if limits is outermost else "quad"
            code = f"{call}(lambda {index}: {code}, [{low}, {high}])"
        return code

    def _print_Limit(self, expression: Any) -> str:
        done = expression.doit(integrals=False, sums=False)
        if done.has(sympy.Limit, sympy.Derivative, sympy.Subs):
            raise NotImplementedError(f"sympy leaves {done}")
        return self._print(done)

    _print_Derivative = _print_Subs = _print_Limit

    def _print_Piecewise(self, expression: sympy.Piecewise) -> str:
        nowhere_else = sympy.Piecewise(*expression.args, (sympy.nan, True))
        return str(super()._print_Piecewise(nowhere_else))

    def _print_Function(self, expression: sympy.Function) -> str:
        name = expression.func.__name__
        if name in self.known_functions:
            return str(super()._print_Function(expression))
        if getattr(sympy, name, None) is not expression.func:
            raise NotImplementedError(f"sympy has no function {name}")
        # mpmath may call something else by the same name: its euler(6) is a constant
        arguments = ", ".join(map(self._print, expression.args))
        return f"_by_sympy({name!r}, {arguments})"


def _term_by_term(
    total: Callable[..., Any],
    term: Callable[[Any], Any],
    low: Any,
    high: Any,
    closed_form: Callable[[], Any],
) -> Any:
    """Return a sum or product; of too many terms, or between ends that are not whole, closed."""
    if mpmath.isint(low) and mpmath.isint(high) and -1 <= high - low < MOST_TERMS:
        return total(term(mpmath.mpf(k)) for k in range(int(low), int(high) + 1))
    return closed_form()


def _by_closed_form(sums: list[sympy.Expr], place: int, *values: Any) -> Any:
    """Return the value of a sum, at the values of its free symbols, by its closed form."""
    expression = sums[place]
    names, function = _compiled(_closed_form(expression), is_closed_form=True)
    numbers = dict(zip((symbol.name for symbol in _free(expression)), values, strict=True))
    return function(*(numbers[name] for name in names))


@lru_cache(maxsize=256)
def _closed_form(expression: sympy.Expr) -> sympy.Expr:
    found = expression.doit(integrals=False)
    return expression if found.has(*SERIES) else found


def _no_closed_form(*_: Any) -> Any:
    raise NotImplementedError(
        f"sympy finds no closed form of a sum or product of more than {MOST_TERMS} terms"
    )


def _integral(integrand: Callable[[Any], Any], ends: list[Any]) -> Any:
    found, error = mpmath.quad(integrand, ends, error=True)
    if not error <= INTEGRAL_ERROR * abs(found):
        raise NotImplementedError(
            f"quadrature gives an integral as {mpmath.nstr(found, 4)}, to {mpmath.nstr(error, 2)}"
        )
    return found


def erfc(z: Any) -> Any:
    """Return mpmath's erfc, which overflows where the argument is large and the value is not."""
    return mpmath.erfc(z) if abs(z) < LARGEST_ERFC else mpmath.mpf(0 if z > 0 else 2)


def _by_sympy(name: str, *arguments: Any) -> Any:
    """Return the value of one of sympy's functions, at whole numbers if it takes no others."""
    function, digits = getattr(sympy, name), mpmath.mp.dps
    # exact where whole and few: sympy would add up harmonic(10**12) as a fraction
    found = function(
        *(
            int(one) if mpmath.isint(one) and abs(one) <= MOST_TERMS else sympy.Float(one, digits)
            for one in arguments
        )
    ).evalf(digits)
    if found.has(sympy.Function) and all(map(mpmath.isint, arguments)):
        found = function(*map(int, arguments)).evalf(digits)
    if found.has(sympy.Function):
        raise NotImplementedError(f"sympy finds no value of {found}")
    return mpmath.mpmathify(found) if found.is_Number else mpmath.nan


CALLS = {call.__name__: call for call in (_term_by_term, _integral, _by_sympy, erfc)}
