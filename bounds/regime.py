"""The parameter regime of the theorems, with a named constant for each one the paper hides.

Source: Theory, section 6. Where the paper says polylog(d), the implied constant is the power of
log(d).
"""

from typing import Any

import sympy
from sympy import log, sqrt

from bounds.evaluation import value
from bounds.orders import Direction
from bounds.sources import PAPER
from bounds.statements import Condition, Source
from bounds.symbols import K, d, epsilon, eta, m, mu, n, p, q, sigma_0, sigma_n

SOURCE = Source(PAPER, "paper*", "Theory, section 6", "all constants are hidden in the paper")
DOMAIN = Source(PAPER, "paper", "Theory, section 1")

DEFAULT_EPSILON = 0.05


def _hidden(
    id: str, statement: str, expression: sympy.Expr, direction: Direction, constant_name: str
) -> Condition:
    return Condition(id, statement, expression, direction, SOURCE, 1.0, constant_name)


def power_of_log(expression: sympy.Expr) -> sympy.Expr:
    """Return the power of log(d) that an expression is."""
    return log(expression) / log(log(d))


_CONDITIONS = (
    Condition("classes", "K >= 2", K, "lower", DOMAIN, 2),
    Condition("dimension", "d >= K", d / K, "lower", DOMAIN, 1),
    Condition("keep-positive", "p > 0", p, "lower", DOMAIN, 0, strict=True),
    Condition("keep-at-most-one", "p <= 1", p, "upper", DOMAIN, 1),
    Condition("power", "q = 3", q, "both", SOURCE, 3),
    _hidden("few-classes", "K = O(log d)", K / log(d), "upper", "C_K"),
    _hidden("samples", "n = polylog(d)", power_of_log(n), "both", "power_n"),
    _hidden("large-dimension", "d is large enough", d, "lower", "d_min"),
    _hidden("width", "m = Omega(polylog d)", power_of_log(m), "lower", "power_m"),
    _hidden(
        "signal-to-noise",
        "mu = Theta(sigma_n sqrt(d) log d)",
        mu / (sigma_n * sqrt(d) * log(d)),
        "both",
        "C_mu",
    ),
    _hidden(
        "initialization",
        "sigma_0 = Theta(m^-4 n^-1 mu^-1)",
        sigma_0 * m**4 * n * mu,
        "both",
        "C_sigma_0",
    ),
    _hidden(
        "learning-rate-not-small",
        "eta mu^2 >= 1/polylog(d)",
        power_of_log(1 / (eta * mu**2)),
        "upper",
        "power_eta_lower",
    ),
    _hidden(
        "learning-rate-not-large",
        "eta mu^2 = O~(1)",
        power_of_log(eta * mu**2),
        "upper",
        "power_eta_upper",
    ),
    _hidden(
        "target-loss",
        "epsilon >= 1/polylog(d)",
        power_of_log(1 / epsilon),
        "upper",
        "power_epsilon",
    ),
)

REGIME: dict[str, Condition] = {condition.id: condition for condition in _CONDITIONS}

# The premises that ask for some power of log(d) and leave open which: a theorem that takes them as
# they are here declares none.
OPEN_POWERS = tuple(one for one in _CONDITIONS if one.constant_name.startswith("power"))

# The theorem regime: every hidden constant of the regime set to 1.
THEOREM_REGIME: dict[sympy.Symbol, sympy.Expr] = {
    sigma_n: mu / (sqrt(d) * log(d)),
    sigma_0: 1 / (m**4 * n * mu),
    eta: 1 / mu**2,
    q: sympy.Integer(3),
}


def theorem_regime_values(
    d: int, n: int, m: int, K: int, p: float, mu: float = 1.0
) -> dict[str, int | float]:
    """Fill in all parameters of the theorem regime.

    Parameters
    ----------
    d, n, m, K : int
        Dimension, samples, neurons per class, classes.
    p : float
        Probability to keep a weight.
    mu : float
        Signal strength, in the unit X.

    Returns
    -------
    dict
        Values by name for d, n, m, K, p, q, mu, sigma_n, sigma_0, eta and epsilon (0.05). sigma_n
        has the unit X, sigma_0 1/X and eta 1/X^2.

    Raises
    ------
    ValueError
        If an argument is outside its domain, or d = 1, where log(d) = 0.

    Notes
    -----
    Theory, section 6: the theorem regime.
    """
    given: dict[str, Any] = {"d": d, "n": n, "m": m, "K": K, "p": p, "mu": mu}
    if d < 2:
        raise ValueError(f"d must be a whole number >= 2 in the theorem regime, got {d!r}")
    value(sympy.Add(*sympy.symbols("d n m K p mu")), given)
    regime = {symbol.name: value(expr, given) for symbol, expr in THEOREM_REGIME.items()}
    return {**given, **regime, "epsilon": DEFAULT_EPSILON}
