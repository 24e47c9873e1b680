"""Bounds that are typed in: arithmetic of numbers, symbols and a few functions, and nothing else.

The text is parsed to a syntax tree, and every node of it must be one of those that are known here.
Nothing is ever run, and values are plain floats, which cannot grow without end.
"""

import ast
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

MOST_SIGNS = 300  # of a bound; no nesting of so few exhausts the stack
KNOWN = "numbers, symbols, + - * / **, log, exp and sqrt"
OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda x, y: x + y,
    ast.Sub: lambda x, y: x - y,
    ast.Mult: lambda x, y: x * y,
    ast.Div: lambda x, y: x / y,
    ast.Pow: math.pow,
}
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "log": math.log,
    "exp": math.exp,
    "sqrt": math.sqrt,
}


@dataclass(frozen=True, eq=False)
class Formula:
    """A bound that was typed in.

    Attributes
    ----------
    text : str
        As it was typed.
    names : tuple of str
        The symbols in it, in alphabetical order.
    body : ast.expr
        Its syntax tree, all of whose nodes are known.
    """

    text: str
    names: tuple[str, ...]
    body: ast.expr

    def value(self, numbers: Mapping[str, float]) -> float:
        """Evaluate it; nan where it has no real value, inf where it is beyond the floats."""
        try:
            return _value(self.body, numbers)
        except OverflowError:
            return math.inf
        except (ValueError, ZeroDivisionError):
            return math.nan


def parse(text: str, symbols: Collection[str]) -> Formula:
    """Read a bound.

    Parameters
    ----------
    text : str
        Made of numbers, symbols, ``+ - * / **``, brackets, ``log``, ``exp`` and ``sqrt``.
    symbols : collection of str
        Which names may stand in it.

    Returns
    -------
    Formula
        The bound.

    Raises
    ------
    ValueError
        If it holds anything else, which is named.
    """
    if len(text) > MOST_SIGNS:
        raise ValueError(f"bound must have at most {MOST_SIGNS} signs, got {len(text)}")
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError(f"bound must be an expression of {KNOWN}, got {text!r}") from None
    names: set[str] = set()
    _check(body, symbols, names)
    return Formula(text.strip(), tuple(sorted(names)), body)


def _check(node: ast.expr, symbols: Collection[str], names: set[str]) -> None:
    """Refuse a node that is not known; note the names."""
    match node:
        case ast.BinOp(left, operation, right) if type(operation) in OPERATIONS:
            _check(left, symbols, names)
            _check(right, symbols, names)
        case ast.UnaryOp(ast.USub() | ast.UAdd(), operand):
            _check(operand, symbols, names)
        case ast.Call(ast.Name(name), [argument], []) if name in FUNCTIONS:
            if isinstance(argument, ast.Starred):
                raise _unknown(argument)
            _check(argument, symbols, names)
        case ast.Name(name) if name in symbols:
            names.add(name)
        case ast.Name(name):
            allowed = ", ".join(sorted(symbols))
            raise ValueError(f"bound must use symbols among {allowed}, got {name!r}")
        case ast.Constant(value) if _is_number(value):
            pass
        case _:
            raise _unknown(node)


def _unknown(node: ast.expr) -> ValueError:
    return ValueError(f"bound must be made of {KNOWN}, got {ast.unparse(node)!r}")


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def _value(node: ast.expr, numbers: Mapping[str, float]) -> float:
    match node:
        case ast.BinOp(left, operation, right):
            return OPERATIONS[type(operation)](_value(left, numbers), _value(right, numbers))
        case ast.UnaryOp(operation, operand):
            sign = -1.0 if isinstance(operation, ast.USub) else 1.0
            return sign * _value(operand, numbers)
        case ast.Call(ast.Name(name), [argument]):
            return FUNCTIONS[name](_value(argument, numbers))
        case ast.Name(name):
            return float(numbers[name])
        case ast.Constant(float() | int() as number):
            return float(number)
    raise TypeError(f"{ast.dump(node)} was not checked")
