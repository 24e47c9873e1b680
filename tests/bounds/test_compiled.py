"""Whatever sympy can write is evaluated right, or refused in one sentence."""

import math

import pytest
import sympy
from sympy import Function, Integral, Max, Piecewise, Product, Rational, Sum, Symbol, exp, log, oo

import bounds
from bounds.compiled import MOST_TERMS, CannotEvaluate
from bounds.evaluation import NotDefined
from bounds.paths import PATHS, Growth, growth
from bounds.symbols import d, m, n, p

k = Symbol("k", integer=True, positive=True)
j = Symbol("j", integer=True, positive=True)
x = Symbol("x")
GIVEN = {"d": 10**12, "n": 6, "m": 3, "p": 0.5}
BEYOND = 10**6

VALUES = [
    (Sum(1 / k, (k, 1, n)), 2.45),
    (Sum(1 / k, (k, 1, d)), math.log(1e12) + 0.5772156649015329 + 5e-13),
    (Sum(1 / k**2, (k, 1, oo)), math.pi**2 / 6),
    (Sum(1 / (k * j), (k, 1, j), (j, 1, n)), sum(1 / (a * b) for a in range(1, 7)
                                                 for b in range(1, a + 1))),
    (Sum(1 / m, (m, 1, n)), 2.45),  # the index hides the parameter
    (Sum(log(k) / k, (k, 2, n)), sum(math.log(i) / i for i in range(2, 7))),
    (Sum(1 / k, (k, 1, 0)), 0.0),
    (Product(1 + 1 / k, (k, 1, n)), 7.0),
    (Product(1 + 1 / k, (k, 1, d)), 1e12 + 1),
    (Integral(exp(-(x**2)), (x, 0, p)), math.sqrt(math.pi) / 2 * math.erf(0.5)),
    (Integral(x * p, (p, 0, x), (x, 0, n)), 6**4 / 8),
    (Piecewise((n, n > 3), (m, True)), 6.0),
    (Max(n, m), 6.0),
    (sympy.harmonic(n), 2.45),
    (sympy.harmonic(n, 2), 5369 / 3600),
    (sympy.gamma(n), 120.0),
    (sympy.erf(p), math.erf(0.5)),
    (sympy.floor(n / 4), 1.0),
    (sympy.binomial(n, m), 20.0),
    (sympy.totient(n), 2.0),
    (sympy.euler(n), -61.0),  # mpmath's euler is a constant that can be called
    (sympy.zeta(2, n), math.pi**2 / 6 - sum(1 / i**2 for i in range(1, 6))),
    (sympy.Limit(1 / (n + x), x, 0), 1 / 6),
    (sympy.Derivative(x**2, x).subs(x, n), 12.0),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=str)
def test_expression_is_evaluated(expression, expected):
    assert bounds.value(expression, GIVEN) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Sum(1 / k, (k, 1, n)), math.log(2.45)),
        (exp(-Sum(k * d, (k, 1, n))), -21e12),
        (Product(exp(-d / k), (k, 1, n)), -2.45e12),
        (sympy.gamma(d), math.lgamma(1e12)),
        (sympy.erfc(n**4), -(6.0**8) - math.log(6.0**4 * math.sqrt(math.pi))),
    ],
    ids=str,
)
def test_logarithm_survives_where_the_value_does_not(expression, expected):
    assert bounds.log_value(expression, GIVEN) == pytest.approx(expected, rel=1e-6)


def test_closed_form_goes_on_where_terms_end():
    term_by_term = bounds.value(Sum(1 / k, (k, 1, n)), {"n": MOST_TERMS})
    closed = bounds.value(Sum(1 / k, (k, 1, n)), {"n": MOST_TERMS + 1})
    assert closed - term_by_term == pytest.approx(1 / (MOST_TERMS + 1), rel=1e-9)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        (Sum(log(k) / k ** Rational(5, 2), (k, 1, d)), "no closed form of a sum"),
        (Sum(exp(-(k**2)), (k, 1, oo)), "no closed form of a sum"),
        (Sum(log(k), (k, 1, n / 4)), "no closed form of a sum"),
        (Integral(exp(-d * x), (x, 1, 2)), "quadrature gives an integral as"),
        (Function("f")(n), "sympy has no function f"),
        (Function("phi")(n), "sympy has no function phi"),  # mpmath has one, a constant
        (sympy.Order(n), "mpmath has no code for it"),
    ],
    ids=str,
)
def test_expression_that_cannot_be_evaluated_says_so(expression, why):
    for evaluate in (bounds.value, bounds.log_value):
        with pytest.raises(CannotEvaluate, match=f"must be possible to evaluate, .*{why}") as found:
            evaluate(expression, GIVEN)
        assert str(found.value).startswith(str(expression))
        assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    "expression",
    [
        log(m - n),
        sympy.gamma(m - 3),
        sympy.zeta(m - 2),
        Piecewise((n, n > 10)),
        Sum(log(m - n), (k, 1, 2)),
        sympy.erfinv(n),
    ],
    ids=str,
)
def test_expression_without_a_real_value_is_not_defined(expression):
    with pytest.raises(NotDefined, match="must have a real value, but has none at"):
        bounds.value(expression, GIVEN)


def test_index_of_a_sum_is_no_parameter():
    assert bounds.value(Sum(p**k, (k, 1, n)), {"p": 0.5, "n": 2}) == 0.75
    with pytest.raises(ValueError, match=r"^n is missing from the parameters"):
        bounds.value(Sum(p**k, (k, 1, n)), {"p": 0.5, "k": 3})


@pytest.mark.parametrize(
    ("expression", "power", "log_power"),
    [
        (Sum(1 / k, (k, 1, n)), 0, 1.0),
        (Sum(k, (k, 1, n)), 2, 0.0),
        (Product(1 + 1 / k, (k, 1, n)), 1, 0.0),
        (sympy.binomial(n, m), 3, 0.0),
        (sympy.gamma(n + 2) / sympy.gamma(n), 2, 0.0),
        (Max(n, m**2), 1, 0.0),
    ],
    ids=str,
)
def test_growth_far_out_is_that_of_the_expression(expression, power, log_power):
    start = {"n": 6, "m": 3}
    assert growth(expression, PATHS["n"], start) == Growth(power, log_power)


def test_what_cannot_be_evaluated_far_out_has_no_growth():
    assert growth(Sum(log(k) / k, (k, 1, n)), PATHS["n"], {"n": 6}) is None
