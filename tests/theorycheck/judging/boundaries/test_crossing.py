"""Where a draw crosses is found by few runs, to within half a rung."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theorycheck.judging.boundaries.crossing import RATIO, RUNGS, START_RUNGS, Ladder, untried


def bisect(ladder, critical):
    bracket, runs = untried(ladder), 0
    while (rung := bracket.rung) is not None:
        bracket, runs = bracket.after(ladder.index(rung) >= critical), runs + 1
    return bracket, runs


@given(middle=st.floats(0.1, 10), off=st.floats(-2.0, 2.0))
def test_critical_index_is_found_to_within_half_a_rung(middle, off):
    ladder = Ladder(middle, RUNGS)
    bracket, runs = bisect(ladder, middle * math.exp(off))
    found = bracket.log_index(ladder)
    assert abs(found - math.log(middle) - off) <= math.log(RATIO) / 2 + 1e-9
    assert runs == 4


@pytest.mark.parametrize(("critical", "expected"), [(1e-9, -math.inf), (1e9, math.inf)])
def test_draw_that_does_not_cross_lies_beyond_the_ladder(critical, expected):
    ladder = Ladder(1.0, START_RUNGS)
    bracket, runs = bisect(ladder, critical)
    assert bracket.log_index(ladder) == expected
    assert runs <= 5


def test_run_that_cannot_tell_ends_the_search():
    bracket = untried(Ladder(1.0, RUNGS)).after(None)
    assert bracket.rung is None
    assert math.isnan(bracket.log_index(Ladder(1.0, RUNGS)))
