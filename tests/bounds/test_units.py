"""Every expression has the unit it should have, and a wrong power of X is noticed."""

import pytest
import sympy
from sympy import Rational, exp, log, sqrt

import bounds
from bounds import growth
from bounds.regime import THEOREM_REGIME
from bounds.symbols import K, d, eta, m, mu, n, p, q, sigma_0, sigma_n

WITH_UNIT = (mu, sigma_n, sigma_0, eta)

GROWTH = {
    name: getattr(growth, name)
    for name in (
        "SIGNAL_RATE",
        "NOISE_RATE",
        "OMEGA_RATE",
        "ESCAPE_TIME",
        "TIME_TO_LEVEL",
        "TIME_TO_LEVEL_SQUARE",
        "DESCENT_LAG",
        "LEARNABLE_PROBABILITY",
    )
}


def expressions():
    """Yield (name, expression, expected unit) for everything that is encoded."""
    for theorem in (*bounds.THEOREMS.values(), *bounds.SIBLING_THEOREMS.values()):
        for claim in theorem.claims.values():
            yield f"{theorem.id}/{claim.id}", claim.bound, 0
        for condition in theorem.conditions.values():
            yield f"{theorem.id}/{condition.id}", condition.expression, 0
    for lemma in bounds.LEMMAS.values():
        ends = {"lower": lemma.lower, "upper": lemma.upper}
        for end, expression in ends.items():
            if expression is not None:
                yield f"{lemma.id}/{end}", expression, lemma.unit if expression != 0 else 0
        if lemma.bound is not None:
            yield f"{lemma.id}/bound", lemma.bound, 0
        yield f"{lemma.id}/events", lemma.events, 0
    for name, expression in GROWTH.items():
        yield f"growth/{name}", expression, 0


ALL = [pytest.param(*found[1:], id=found[0]) for found in expressions()]


@pytest.mark.parametrize(("expression", "expected"), ALL)
def test_every_expression_has_its_unit(expression, expected):
    assert sympy.simplify(bounds.unit(expression) - expected) == 0


def wrong_powers(expression):
    """Yield the expression with one power of one symbol changed in one term, or in all."""
    terms = sympy.Add.make_args(expression)
    for step in (Rational(1, 2), Rational(-1, 2), 1, -1):
        for symbol in WITH_UNIT:
            if not expression.has(symbol):
                continue
            yield expression.xreplace({symbol: symbol ** (1 + step)})
            for i, term in enumerate(terms):
                if term.has(symbol):
                    yield sympy.Add(*terms[:i], term * symbol**step, *terms[i + 1 :])


def is_noticed(expression, expected):
    try:
        return sympy.simplify(bounds.unit(expression) - expected) != 0
    except bounds.UnitError:
        return True


@pytest.mark.parametrize(("expression", "expected"), ALL)
def test_a_wrong_power_of_a_symbol_with_a_unit_is_noticed(expression, expected):
    unnoticed = [wrong for wrong in wrong_powers(expression) if not is_noticed(wrong, expected)]
    assert unnoticed == []


@pytest.mark.parametrize("symbol", [d, n, m, K, p])
def test_a_wrong_power_of_a_unit_free_symbol_cannot_be_noticed(symbol):
    bound = bounds.THEOREMS["mild-pruning"].claims["no-noise"].bound
    assert bounds.unit(bound * symbol) == 0


@pytest.mark.parametrize(("symbol", "expression"), THEOREM_REGIME.items(), ids=str)
def test_the_theorem_regime_gives_each_symbol_its_unit(symbol, expression):
    assert bounds.unit(symbol - expression) == bounds.unit(symbol)


def test_a_symbolic_power_keeps_q():
    assert bounds.unit(sigma_0 ** (2 - q) * mu ** (-q) / eta) == 0
    assert sympy.simplify(bounds.unit(mu**q / sigma_0) - q - 1) == 0


def test_max_min_and_abs_keep_the_unit():
    assert bounds.unit(sympy.Max(mu, sigma_n * sqrt(d))) == 1
    assert bounds.unit(sympy.Min(mu, sigma_n)) == 1
    assert bounds.unit(abs(mu - 2 * sigma_n) ** 2) == 2


def test_sums_and_branches_keep_the_unit():
    k = sympy.Symbol("k")
    assert bounds.unit(sympy.Sum(mu / k, (k, 1, n))) == 1
    assert bounds.unit(sympy.Integral(mu * k, (k, 0, n))) == 1
    assert bounds.unit(sympy.Product(1 + 1 / k, (k, 1, n))) == 0
    assert bounds.unit(sympy.Piecewise((mu, n > 3), (sigma_n, True))) == 1


def test_relations_compare_equal_units():
    assert bounds.unit(mu >= sigma_n) == 1


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (mu + sigma_0, r"term .* must have the unit"),
        (1 + mu, r"must have the unit"),
        (log(mu), r"argument of log must be unit-free, but mu has X\^\(1\)"),
        (exp(-p * sigma_n), r"argument of exp must be unit-free"),
        (sympy.sin(eta), r"argument of sin must be unit-free"),
        (sympy.erfc(sigma_0), r"argument of erfc must be unit-free"),
        (2**sigma_n, r"exponent in 2\*\*sigma_n must be unit-free"),
        (mu**eta, r"exponent in mu\*\*eta must be unit-free"),
        (sympy.Symbol("x"), r"x must be one of the symbols"),
        (sympy.Max(mu, 1), r"must have the unit"),
        (sympy.Sum(mu, (p, 1, sigma_n)), r"end of Sum.* must be unit-free, but sigma_n"),
        (sympy.Product(mu, (p, 1, n)), r"factor of Product.* must be unit-free, but mu"),
        (sympy.Piecewise((mu, n > 3), (1, True)), r"term 1 must have the unit"),
        (sympy.Tuple(mu), r"must be built of"),
    ],
    ids=str,
)
def test_a_mixture_of_units_is_refused(expression, message):
    with pytest.raises(bounds.UnitError, match=message):
        bounds.unit(expression)
