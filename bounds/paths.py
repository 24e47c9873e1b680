"""Paths through the parameters, one at a time, and how an expression grows along them.

A path moves one parameter and holds the rest, apart from what must move with it for the others to
keep their meaning: sigma_n falls as d grows, so that the signal-to-noise ratio stays, and n grows
with K, so that the samples of a class stay. Source: derived, Theory, section 9.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import mpmath
import sympy

from bounds.compiled import DIGITS, CannotEvaluate, evaluate
from bounds.evaluation import number

# The logarithm of a size at which only the leading power and logarithm are left. Not larger: a term
# such as exp(-n^2 / p) must stay below every power of what moves while n is held.
LARGE = 300.0
GRID = 24  # powers are multiples of 1/24: exponents are quarters and thirds, and halves of them


@dataclass(frozen=True)
class Route:
    """One parameter on its way, and what moves with it.

    Parameters
    ----------
    along : str
        Name of the parameter.
    powers : mapping of str to Fraction
        The power of the path's progress x >= 1 by which each parameter that moves is multiplied;
        -1 for one that falls.
    tied : str
        What moves along, in words.
    """

    along: str
    powers: Mapping[str, Fraction] = field(hash=False)
    tied: str = "everything else held fixed"

    @property
    def direction(self) -> str:
        """Whether the parameter goes "up" or "down"."""
        return "up" if self.powers[self.along] > 0 else "down"

    def point(self, start: Mapping[str, Any], x: float) -> dict[str, Any]:
        """Return the parameters at progress x from a start."""
        moved = {name: start[name] * x ** float(power) for name, power in self.powers.items()}
        return {**start, **moved}


def _alone(name: str, power: int = 1) -> Route:
    return Route(name, {name: Fraction(power)})


PATHS: dict[str, Route] = {
    path.along: path
    for path in (
        Route("d", {"d": Fraction(1), "sigma_n": Fraction(-1, 2)}, "sigma_n sqrt(d) held fixed"),
        _alone("n"),
        _alone("m"),
        Route("K", {"K": Fraction(1), "n": Fraction(1)}, "n/K held fixed"),
        _alone("p", -1),
        _alone("mu"),
        _alone("sigma_0", -1),
        _alone("eta", -1),
        _alone("epsilon", -1),
    )
}


@dataclass(frozen=True, order=True)
class Growth:
    """Growth like x^power log(x)^log_power; compared by power first.

    Parameters
    ----------
    power : Fraction
        The power of x.
    log_power : float
        The power of log(x), to within 0.05.
    """

    power: Fraction
    log_power: float = 0.0


CONSTANT = Growth(Fraction(0))


def growth(expression: sympy.Expr, path: Route, start: Mapping[str, Any]) -> Growth | None:
    """Find how an expression grows along a path, far out.

    None where the expression is not positive and finite far out, or falls or grows faster than any
    power.
    """
    near, far = (log_along(expression, path, start, times * LARGE) for times in (1.0, 2.0))
    if not (mpmath.isfinite(near) and mpmath.isfinite(far)):
        return None
    change = far - near
    power = Fraction(round(float(change) / LARGE * GRID), GRID)
    rest = float(change) - float(power) * LARGE
    if abs(float(change)) > 1e3 * LARGE or abs(rest) > LARGE / (4 * GRID):
        return None
    return Growth(power, round(rest / float(mpmath.log(2)), 1) + 0.0)


def log_along(
    expression: sympy.Expr, path: Route, start: Mapping[str, Any], log_x: float
) -> mpmath.mpf:
    """Evaluate the logarithm of an expression at progress exp(log_x), whatever its size.

    -inf for a value of 0, inf for an infinite one, nan where there is no value above 0, or none
    that can be computed so far out.
    """
    expression = sympy.sympify(expression)
    with mpmath.workdps(DIGITS):
        values = {}
        for name in sorted(symbol.name for symbol in expression.free_symbols):
            power = path.powers.get(name, Fraction(0))
            times = mpmath.exp(log_x * mpmath.mpf(power.numerator) / power.denominator)
            values[name] = number(start, name) * times
        try:
            found = evaluate(expression, values)
        except CannotEvaluate:
            return mpmath.nan
        if isinstance(found, mpmath.mpc) or not found >= 0:
            return mpmath.nan
        return mpmath.log(found) if found > 0 else -mpmath.inf
