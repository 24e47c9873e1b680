"""Bounds that are typed in: what they may be made of, and what they are worth."""

import contextlib
import math

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from bounds import SYMBOLS
from bounds.parsing import MOST_SIGNS, parse

NUMBERS = {"d": 7.0, "n": 3.0, "sigma_0": 0.25, "size": 5.0}


@pytest.mark.parametrize(
    "text",
    [
        "d",
        "2.5e-1*d**-0.5",
        "sqrt(d)/n - 1 + +n",
        "-(d - n)**2",
        "2**3**2 / (d*n)",
        "exp(-d)*log(d)**2/sigma_0",
        " size*(n+1) ",
        "exp(log(sqrt(d)))",
    ],
)
def test_value_is_that_of_the_same_expression_in_sympy(text):
    formula = parse(text, NUMBERS)
    plain = {name: sympy.Symbol(name) for name in NUMBERS}
    expected = sympy.sympify(text, locals=plain).subs({plain[k]: v for k, v in NUMBERS.items()})
    assert formula.value(NUMBERS) == pytest.approx(float(expected), rel=1e-14)
    assert set(formula.names) == {k for k in NUMBERS if k in text}


def test_value_outside_the_reals_is_nan_and_beyond_the_floats_inf():
    for text in ("log(0 - d)", "sqrt(-d)", "1/(d - d)", "(-2)**0.5", "log(0)"):
        assert math.isnan(parse(text, ["d"]).value(NUMBERS))
    for text in ("9**9**9**9", "exp(exp(d))", "1e300*1e300"):
        assert parse(text, ["d"]).value(NUMBERS) == math.inf


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("__import__('os')", "__import__"),
        ("d.real", "d.real"),
        ("(lambda: 1)()", "lambda"),
        ("d[0]", "d[0]"),
        ("[d]", "[d]"),
        ("d if n else 1", "d if n else 1"),
        ("d // 2", "d // 2"),
        ("d ^ 2", "d ^ 2"),
        ("d % 2", "d % 2"),
        ("d < 2", "d < 2"),
        ("d and n", "d and n"),
        ("not d", "not d"),
        ("~d", "~d"),
        ("True*d", "True"),
        ("'2'*d", "'2'"),
        ("2j*d", "2j"),
        ("1e999*d", "1e309"),
        ("sin(d)", "sin(d)"),
        ("log(d, 2)", "log(d, 2)"),
        ("log(*d)", "*d"),
        ("log(x=d)", "log(x=d)"),
        ("log", "'log'"),
        ("e*d", "'e'"),
        ("eval(d)", "eval(d)"),
        ("(d := 2)", "d := 2"),
        ("f'{d}'", "f'{d}'"),
    ],
)
def test_anything_else_is_refused_by_name(text, named):
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        parse(text, ["d", "n"])
    sentence = str(refused.value)
    assert sentence.startswith("bound must ")
    assert named in sentence.partition(", got ")[2]
    assert "\n" not in sentence


@pytest.mark.parametrize("text", ["", "  ", "2d", "d +", "(d", "d; n", "import os", "d = 2", "\0"])
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(ValueError, match="bound must be an expression of"):
        parse(text, ["d", "n"])


def test_too_long_a_bound_is_refused_and_the_deepest_one_is_evaluated():
    with pytest.raises(ValueError, match=f"at most {MOST_SIGNS} signs, got {MOST_SIGNS + 1}"):
        parse("1" * (MOST_SIGNS + 1), [])
    assert parse("-" * (MOST_SIGNS - 1) + "d", ["d"]).value({"d": 2.0}) == -2.0


@given(st.text(alphabet="dn0129.e+-*/() logexpsqrt_^,'[]", max_size=40))
def test_any_text_is_a_number_or_refused(text):
    formula = None
    with contextlib.suppress(ValueError):
        formula = parse(text, SYMBOLS)
    if formula is not None:
        assert isinstance(formula.value(dict.fromkeys(SYMBOLS, 2.0)), float)
