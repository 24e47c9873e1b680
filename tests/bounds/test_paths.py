"""Growth along a path, against sympy's limits and against sums and products made to order."""

import math
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import exp, log, sqrt

from bounds import THEOREMS
from bounds.paths import CONSTANT, GRID, PATHS, Growth, Route, growth, log_along
from bounds.symbols import C, K, d, epsilon, eta, m, mu, n, p, q, sigma_0, sigma_n

pytestmark = pytest.mark.slow

START = {
    "d": 7, "n": 6, "m": 5, "K": 3, "p": 0.5, "q": 3, "mu": 1.5,
    "sigma_n": 0.25, "sigma_0": 0.125, "eta": 0.1, "epsilon": 0.05,
}  # fmt: skip
CLAIMS = [
    pytest.param(claim, id=f"{theorem.id} {claim.id}")
    for theorem in THEOREMS.values()
    for claim in theorem.claims.values()
    if claim.bound != 0
]


def in_progress(expression, path):
    """An expression as a function of the progress x along a path."""
    x = sympy.Symbol("x", positive=True)
    values = {
        symbol: sympy.nsimplify(START[symbol.name], rational=True)
        * x ** sympy.Rational(path.powers.get(symbol.name, 0))
        for symbol in expression.free_symbols
    }
    return x, expression.subs(values, simultaneous=True)


# what the paths are


def test_every_parameter_has_its_path():
    assert list(PATHS) == ["d", "n", "m", "K", "p", "mu", "sigma_0", "eta", "epsilon"]
    assert all(path.along == name for name, path in PATHS.items())


def test_paths_go_where_the_theorems_look():
    down = {name for name, path in PATHS.items() if path.direction == "down"}
    assert down == {"p", "sigma_0", "eta", "epsilon"}


@pytest.mark.parametrize("name", list(PATHS))
def test_point_moves_what_the_path_moves_and_nothing_else(name):
    path = PATHS[name]
    assert path.point(START, 1.0) == START
    moved = {key for key, value in path.point(START, 4.0).items() if value != START[key]}
    tied = {"d": {"d", "sigma_n"}, "K": {"K", "n"}}
    assert moved == tied.get(name, {name})
    factor = path.point(START, 4.0)[name] / START[name]
    assert factor == pytest.approx(4.0 if path.direction == "up" else 0.25)


def test_tied_parameters_keep_what_they_are_tied_for():
    along_d, along_K = PATHS["d"].point(START, 9.0), PATHS["K"].point(START, 9.0)
    assert along_d["sigma_n"] * math.sqrt(along_d["d"]) == pytest.approx(0.25 * math.sqrt(7))
    assert along_K["n"] / along_K["K"] == pytest.approx(2)


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("name", ["d", "n", "m", "mu", "sigma_0", "eta", "epsilon", "p"])
def test_logarithm_along_a_path_is_that_of_the_bound_at_its_point(claim, name):
    path, x = PATHS[name], 64.0
    bound = claim.bound.subs(C, 1)
    found = log_along(bound, path, START, math.log(x))
    assert float(found) == pytest.approx(claim.evaluate(path.point(START, x), log=True), rel=1e-12)


# how expressions grow

EXPRESSIONS = [
    (d**2 * sigma_n, "d"),
    (d * sigma_n**2, "d"),
    (sqrt(p * d) * sigma_n * sigma_0, "d"),
    (sqrt(p * d) * sigma_n * sigma_0, "sigma_0"),
    (1 / (eta * sigma_0) + 1 / (eta * epsilon), "sigma_0"),
    (1 / (eta * sigma_0) + 1 / (eta * epsilon), "epsilon"),
    (K**2 * m**4 / (n + K), "K"),
    (K**2 * m**4 / (n + K), "m"),
    (m ** (-1 / q) + m ** sympy.Rational(-1, 4), "m"),
    (log(K) ** 2 * n / K, "K"),
    (epsilon + exp(-(n**2) / p), "epsilon"),
    (epsilon + exp(-(n**2) / p), "n"),
    (1 - 1 / K, "K"),
    (p / (1 + p), "p"),
    (mu**-3 + mu**-2, "mu"),
    (log(1 / epsilon) ** 2 * (1 + epsilon), "epsilon"),
]


@pytest.mark.parametrize(("expression", "name"), EXPRESSIONS, ids=str)
def test_growth_is_the_limit_of_the_exponents(expression, name):
    x, along = in_progress(expression, PATHS[name])
    power = sympy.limit(log(along) / log(x), x, sympy.oo)
    rest = along / x**power
    log_power = sympy.limit(log(rest) / log(log(x)), x, sympy.oo)
    found = growth(expression, PATHS[name], START)
    assert sympy.Rational(found.power) == power
    assert found.log_power == pytest.approx(float(log_power), abs=0.05)


powers = st.integers(-72, 72).map(lambda k: Fraction(k, GRID))
logs = st.integers(-3, 3)
quarters = st.integers(-12, 12).map(lambda k: Fraction(k, 4))  # nearer ones are there at any size


@given(terms=st.lists(st.tuples(quarters, logs, st.floats(0.01, 100)), min_size=1, max_size=4))
def test_sum_grows_like_its_largest_term(terms):
    expression = sum(c * m ** sympy.Rational(a) * log(m) ** b for a, b, c in terms)
    largest = max((a, b) for a, b, _ in terms)
    found = growth(expression, PATHS["m"], START)
    assert found.power == largest[0]
    rivals = [one for one in terms if one[0] == largest[0]]
    if len(rivals) == 1:  # of two that differ by a logarithm the smaller is never quite gone
        assert found.log_power == pytest.approx(largest[1], abs=0.05)


@given(a=powers, b=powers, up=st.sampled_from(sorted(PATHS)))
def test_product_grows_like_its_factors(a, b, up):
    path = PATHS[up]
    symbol = {"d": d, "n": n, "m": m, "K": K, "p": p, "mu": mu, "sigma_0": sigma_0,
              "eta": eta, "epsilon": epsilon}[up]  # fmt: skip
    first = symbol ** sympy.Rational(a) * (1 + 1 / n)
    second = 3 * symbol ** sympy.Rational(b)
    expected = (a + b) * path.powers[up]
    assert growth(first * second, path, START).power == expected
    assert growth(first / second, path, START).power == (a - b) * path.powers[up]


@given(a=st.integers(-36, 36).map(lambda k: Fraction(k, 12)))
def test_what_is_tied_moves_too(a):
    along_d = growth(sigma_n ** sympy.Rational(a), PATHS["d"], START)
    along_K = growth(n ** sympy.Rational(a), PATHS["K"], START)
    assert (along_d.power, along_K.power) == (-a / 2, a)


@pytest.mark.parametrize("expression", [sympy.Integer(3), sigma_0 * mu, exp(-n), 2 + 1 / m])
def test_what_does_not_move_is_constant(expression):
    assert growth(expression, PATHS["m"], START) == CONSTANT


def test_smaller_powers_lose_to_larger_ones_and_logarithms_to_any_power():
    order = [(Fraction(-1), 5.0), (Fraction(0), -1.0), (Fraction(0), 0.0), (Fraction(1, 24), -3.0)]
    ascending = [Growth(*one) for one in order]
    assert sorted(ascending[::-1]) == ascending


NONE = [
    (exp(m), "m", "faster than any power"),
    (exp(-m), "m", "slower than any power"),
    (exp(-(n**2) / p), "p", "slower than any power"),
    (1 - m, "m", "negative"),
    (log(epsilon), "epsilon", "negative"),
    (m - m, "m", "zero"),
    (log(p), "m", "negative and held"),
    (m ** sympy.Rational(1, 7), "m", "no multiple of 1/24"),
    (sqrt(1 - m), "m", "not real"),
]


@pytest.mark.parametrize(("expression", "name", "why"), NONE, ids=[one[2] for one in NONE])
def test_what_has_no_power_has_no_growth(expression, name, why):
    assert growth(expression, PATHS[name], START) is None


def test_logarithm_of_nothing_is_minus_infinity_and_of_less_is_none():
    path = Route("m", {"m": Fraction(1)})
    assert log_along(sympy.S.Zero, path, START, 1.0) == -sympy.oo
    assert math.isnan(log_along(-m, path, START, 1.0))
    assert math.isnan(log_along(1 / (1 - p), PATHS["m"], {**START, "p": 1}, 1.0))
