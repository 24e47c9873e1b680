"""Numbers come out right where floats would underflow, and bad input is refused by name."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from sympy import exp, log, sqrt

import bounds
from bounds.evaluation import parameter
from bounds.symbols import K, d, delta, epsilon, flip, m, n, p, q, sigma_n


def test_the_logarithm_survives_where_the_value_underflows():
    given = {"n": 1000, "p": 0.5}
    assert bounds.value(exp(-(n**2) / p), given) == 0.0
    assert bounds.log_value(exp(-(n**2) / p), given) == -2e6


def test_the_logarithm_survives_where_the_value_overflows():
    assert bounds.value(exp(n), {"n": 10**6}) == math.inf
    assert bounds.log_value(exp(n), {"n": 10**6}) == 1e6


def test_a_tiny_term_next_to_a_large_one_keeps_the_large_one():
    found = bounds.log_value(epsilon + exp(-(n**2) / p), {"epsilon": 0.05, "n": 1000, "p": 0.5})
    assert found == math.log(0.05)


def test_the_logarithm_of_an_exact_zero_is_minus_infinity():
    assert bounds.log_value(sympy.S.Zero, {}) == -math.inf


def test_whole_numbers_stay_exact_beyond_the_floats():
    assert bounds.value(d - 10**20, {"d": 10**20 + 1}) == 1.0


def test_cancellation_keeps_the_digits_of_a_float():
    assert bounds.value(1 - exp(-p), {"p": 1e-20}) == pytest.approx(1e-20, rel=1e-15, abs=0)


def test_numpy_numbers_and_fractions_are_numbers():
    given = {"d": np.int64(100), "p": np.float32(0.5), "sigma_n": Fraction(1, 4)}
    assert bounds.value(sqrt(d) * p * sigma_n, given) == 1.25


def test_a_whole_number_may_be_written_as_a_float():
    found = parameter({"d": 2000.0}, "d")
    assert found == 2000
    assert isinstance(found, int)


def test_keys_that_do_not_occur_are_ignored():
    given = {"p": 0.5, "noise": "isotropic", "d": -3, "n": math.nan}
    assert bounds.value(p, given) == 0.5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, r"^p is missing from the parameters"),
        ({"p": math.nan}, r"^p must be a finite number, got nan"),
        ({"p": math.inf}, r"^p must be a finite number, got inf"),
        ({"p": "half"}, r"^p must be a number, got 'half'"),
        ({"p": True}, r"^p must be a number, got True"),
        ({"p": 0.0}, r"^p must be a finite number > 0 and <= 1, got 0.0"),
        ({"p": 1.5}, r"^p must be a finite number > 0 and <= 1, got 1.5"),
    ],
    ids=str,
)
def test_a_bad_value_is_refused_by_name(given, message):
    with pytest.raises(ValueError, match=message):
        bounds.value(1 / p, given)


@pytest.mark.parametrize(
    ("symbol", "number", "message"),
    [
        (d, 2.5, r"^d must be a whole number >= 1, got 2.5"),
        (K, 1, r"^K must be a whole number >= 2, got 1"),
        (m, 0, r"^m must be a whole number >= 1, got 0"),
        (q, 0.5, r"^q must be a finite number >= 1, got 0.5"),
        (delta, 1, r"^delta must be a finite number > 0 and < 1, got 1"),
        (sigma_n, -1, r"^sigma_n must be a finite number > 0, got -1"),
    ],
    ids=str,
)
def test_every_symbol_has_its_domain(symbol, number, message):
    with pytest.raises(ValueError, match=message):
        bounds.value(symbol, {symbol.name: number})


def test_a_value_that_is_not_real_is_refused():
    with pytest.raises(ValueError, match="must have a real value"):
        bounds.value(sqrt(log(p)), {"p": 0.5})
    with pytest.raises(ValueError, match="must have a real value"):
        bounds.value(1 / log(d), {"d": 1})


def test_a_negative_value_has_no_logarithm():
    with pytest.raises(ValueError, match="must be >= 0 to have a logarithm"):
        bounds.log_value(log(p), {"p": 0.5})


def test_relations_are_decided_exactly():
    assert bounds.decide(sympy.Le(p, 1), {"p": 1.0}) is True
    assert bounds.decide(sympy.Le(p, 1), {"p": math.nextafter(1, 2)}) is False
    assert bounds.decide(sympy.Eq(q, 3), {"q": 3}) is True
    assert bounds.decide(sympy.Ge(d, 10**20 + 1), {"d": 10**20}) is False


def test_an_undecidable_relation_is_unknown_and_not_false():
    free = sympy.Function("f")(n)
    assert bounds.decide(sympy.Ge(free, 0), {"n": 3}) is None
    assert bounds.decide(sympy.Ge(log(d - 2), 0), {"d": 1}) is None


def test_a_relation_with_a_missing_symbol_is_refused():
    with pytest.raises(ValueError, match=r"^K is missing"):
        bounds.decide(sympy.Ge(K, 2), {"d": 3})


def test_labels_are_right_where_nobody_says_otherwise():
    assert bounds.value(1 - 2 * flip, {}) == 1.0
    assert bounds.value(1 - 2 * flip, {"flip": 0.25}) == 0.5
    with pytest.raises(ValueError, match=r"flip must be a finite number >= 0 and < 0.5, got 0.5"):
        bounds.value(1 - 2 * flip, {"flip": 0.5})
