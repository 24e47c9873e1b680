"""How fast tails fall: the exponents that Chernoff's bound gives, which are those of the tails.

By Cramer's theorem the exponent of P(a sum passes a level) is the minimum over t > 0 of the
logarithm of E exp(t (X - level)); here s, a function of t that rises with it, takes its place, so
that the minimum is found by algebra. Source: derived, Theory, section 10.
"""

from functools import cache

import sympy
from sympy import Min, Piecewise, Rational, erfc, exp, limit, log, oo, sqrt

from bounds.symbols import K, p

_s = sympy.Symbol("s", positive=True)
_x = sympy.Symbol("x", positive=True)
_keep = sympy.Symbol("keep", positive=True)
LOW, HIGH = Rational(1, 2), Rational(3, 2)  # of the mean: the ends of the lemmas' intervals
UPPER_HALF = erfc(1 / (2 * sqrt(2))) / 2  # Q(1/2), a start above sigma_0 mu / 2


def tail_exponent(log_moment: sympy.Expr) -> sympy.Expr:
    """Return minus the least value of log E exp(t (X - level)), written in s."""
    (best,) = sympy.solve(sympy.diff(log_moment, _s), _s)
    return -log_moment.subs(_s, best)


def binomial_exponent(chance: sympy.Expr, share: sympy.Expr) -> sympy.Expr:
    """Return -log P(a binomial of that chance reaches that share of its trials), per trial."""
    # s = e^t
    return tail_exponent(log(1 - chance + chance * _s) - share * log(_s))


def sparse_norm_exponent(share: sympy.Expr) -> sympy.Expr:
    """Return -log P(norm^2 of masked noise reaches that share of its mean) over p d, as p -> 0.

    log(1 + x) <= x makes it, for every p, a lower limit of the exponent.
    """
    # s = (1 - 2t)^(-1/2), the moment of the square of a standard Gaussian
    moment = limit(log(1 - _keep + _keep * _s) / _keep, _keep, 0)
    return tail_exponent(moment - share * (1 - _s**-2) / 2)


def dense_norm_exponent(share: sympy.Expr) -> sympy.Expr:
    """Return the same at p = 1, where nothing is masked."""
    return tail_exponent(log(_s) - share * (1 - _s**-2) / 2)


def gaussian_tail(x_squared: sympy.Expr) -> sympy.Expr:
    """Return what P(abs(Z) > x) falls like, without the factor of order 1/x in front."""
    # By the rule of l'Hospital the slopes of log P and of x^2 have the limit that these have.
    slope = limit(sympy.diff(log(erfc(_x / sqrt(2))), _x) / (2 * _x), _x, oo)
    return exp(slope * x_squared)


@cache
def class_exponent() -> sympy.Expr:
    """Return the exponent of n_k outside [n/(2K), 3n/(2K)], per sample."""
    return Min(binomial_exponent(1 / K, LOW / K), binomial_exponent(1 / K, HIGH / K))


@cache
def kept_exponent() -> sympy.Expr:
    """Return the exponent of the neurons that keep a coordinate outside [m p/2, 3 m p/2], per one.

    An upper end of m or more, which no count passes, has no tail; without pruning no lower end has.
    """
    low, high = LOW * p, HIGH * p
    return Min(
        Piecewise((binomial_exponent(p, low), p < 1), (oo, True)),
        Piecewise((binomial_exponent(p, high), high < 1), (oo, True)),
    )


@cache
def norm_exponent(dense: bool = False) -> sympy.Expr:
    """Return the exponent of norm(xi~)^2 outside sigma_n^2 p d [1/2, 3/2], over p d."""
    one = dense_norm_exponent if dense else sparse_norm_exponent
    return Min(one(LOW), one(HIGH))
