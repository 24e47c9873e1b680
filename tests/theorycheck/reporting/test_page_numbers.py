"""Numbers on a page: three digits, powers of ten, a dash for what is none."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Undefined

from theorycheck.reporting.page_parts import number


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (0.0, "0"),
        (1, "1"),
        (7, "7"),
        (9999.0, "9999"),
        (999.9, "10<sup>3</sup>"),
        (0.25, "0.25"),
        (1234.5, "1.23 × 10<sup>3</sup>"),
        (-0.152, "−0.152"),
        (0.001, "0.001"),
        (1e4, "10<sup>4</sup>"),
        (1e12, "10<sup>12</sup>"),
        (-1e-7, "−10<sup>−7</sup>"),
        (21700.0, "2.17 × 10<sup>4</sup>"),
        (-3.8e-5, "−3.8 × 10<sup>−5</sup>"),
        (9.999e-4, "10<sup>−3</sup>"),
        (None, "–"),
        ("x", "–"),
        (Undefined(), "–"),
    ],
)
def test_number_is_written(value, expected):
    assert str(number(value)) == expected


@given(st.floats(-1e300, 1e300))
def test_number_reads_back_to_three_digits(value):
    text = str(number(value)).replace("−", "-").replace("</sup>", "").replace(" × 10<sup>", "e")
    text = text.replace("10<sup>", "1e")
    assert math.isclose(float(text), value, rel_tol=5.001e-3, abs_tol=1e-323)
