"""Text that fits: no line is wider than it may be, and nothing is cut where it need not be."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theorycheck.reporting.terminal.layout import COLOURS, Layout, fitted, number

WORDS = st.text(st.sampled_from("ab ,;:()[] 1.\n"), max_size=120)


@given(WORDS, st.integers(-3, 130))
def test_fitted_text_has_room(text, room):
    assert len(fitted(text, room)) <= max(room, 0)


def test_whole_clauses_stay_where_they_fill_the_room():
    reason = "12 of 13 draws stay below and 1 are beyond, which chance could do; more would decide"
    assert fitted(reason, 100) == reason
    assert fitted(reason, 70) == "12 of 13 draws stay below and 1 are beyond, which chance could do"
    assert fitted(reason, 44) == "12 of 13 draws stay below and 1 are beyond"
    assert fitted(reason, 30) == "12 of 13 draws stay below ..."


def test_no_bracket_is_cut_open():
    assert fitted("right in 168 of 168 classes, [0.969, 1.000]; 87 learned", 38) == (
        "right in 168 of 168 classes"
    )


@given(WORDS, WORDS, st.integers(1, 200), st.integers(0, 60))
def test_first_lines_are_one_line_of_the_width(name, reason, width, longest):
    line = Layout(width).columns(name, "premise not met", reason, longest)
    assert len(line) <= width
    assert "\n" not in line


@given(st.lists(WORDS.map(lambda text: text.replace("\n", "")), min_size=1), st.integers(1, 200))
def test_second_lines_are_no_wider(parts, width):
    assert len(Layout(width).numbers(parts)) <= width


def test_second_lines_drop_the_last_parts_first():
    parts = [f"{letter} 1234567" for letter in "abc"]
    assert Layout(80).numbers(parts) == "    a 1234567  b 1234567  c 1234567"
    assert Layout(35).numbers(parts) == "    a 1234567  b 1234567  c 1234567"
    assert Layout(34).numbers(parts) == "    a 1234567  b 1234567"


@given(WORDS, st.integers(1, 120), st.sampled_from(["", "  ", "    "]))
def test_wrapped_text_loses_no_word(text, width, indent):
    lines = Layout(width).wrapped(text, indent)
    assert all(len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize("outcome", list(COLOURS))
def test_colours_change_nothing_but_the_colour(outcome):
    plain, coloured = (
        Layout(60, colour).columns("claim", outcome, "because", 8) for colour in (False, True)
    )
    assert "\033" not in plain
    assert f"m{outcome}\033[0m" in coloured
    assert re.sub(r"\033\[\d*m", "", coloured) == plain


def test_number_that_is_not_there_is_none():
    assert number(math.nan) == "none"
    assert number(math.inf) == "inf"
    assert number(2.87e5) == "2.87e+05"
