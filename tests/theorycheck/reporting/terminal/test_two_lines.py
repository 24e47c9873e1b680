"""Two lines on everything that is judged, whatever its numbers are and however wide a line is."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theorycheck.judging.boundaries.verdict import BoundaryVerdict, Located
from theorycheck.judging.facts import Constant, SizeSummary, Start
from theorycheck.judging.facts import Tested as What
from theorycheck.judging.orders.wording import Wording
from theorycheck.judging.slopes import Slope
from theorycheck.judging.verdict import OUTCOMES, Verdict
from theorycheck.judging.whole.summary import summarize_claims
from theorycheck.predictions.lemma_check import judge_lemma, mild_problem
from theorycheck.predictions.limit import PredictionVerdict
from theorycheck.reporting.terminal.layout import Layout
from theorycheck.reporting.terminal.two_lines import (
    bound_number,
    boundary_lines,
    claim_lines,
    lemma_lines,
    prediction_lines,
    ratio,
    short_reason,
)

WIDTHS = (20, 40, 79, 80, 100, 160)
NUMBERS = st.floats(0) | st.just(math.inf) | st.just(math.nan)
ANY = st.floats(allow_infinity=True, allow_nan=True)
SIZES = st.builds(
    SizeSummary, st.floats(1e-300, 1e300), st.just(3), st.just(3), NUMBERS, NUMBERS, ANY, NUMBERS,
    NUMBERS,
)  # fmt: skip
PLACES = st.none() | st.floats(1e-300, 1e300)
REASONS = st.sampled_from(
    [
        "",
        "a reason\nof two lines",
        "premise of no claim " * 20,
        "none of 20 draws lies in the event at every size of the tail: the event",
    ]
)
VERDICTS = st.builds(
    Verdict,
    st.just("own"),
    st.text(st.characters(codec="ascii"), min_size=1, max_size=70),
    st.just("a statement"),
    st.sampled_from(["O", "Omega", "O~", "exact"]),
    st.just("derived"),
    st.sampled_from(OUTCOMES),
    REASONS,
    st.sampled_from(["d", "sigma_0", "epsilon"]),
    st.lists(SIZES, max_size=2).map(tuple),
    st.sampled_from(["up", "down"]),
    slope=st.builds(Slope, ANY, ANY, ANY, st.just(3)),
    tolerated_slope=ANY,
    constant=st.builds(Constant, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    start=st.builds(Start, PLACES, PLACES, PLACES, NUMBERS, NUMBERS),
    tested=st.just(What(("sigma_0", "mu"), ("eta",))),
    draws=st.integers(0, 3),
    failure_interval=st.none() | st.just((0.1, 0.5)),
)


@given(VERDICTS, st.sampled_from(WIDTHS))
def test_made_up_claim_has_two_lines_of_the_width(verdict, width):
    (claim,) = summarize_claims([verdict])
    lines = list(claim_lines(claim, verdict, 70, Layout(width)))
    assert len(lines) == 2
    more = list(claim_lines(claim, verdict, 70, Layout(width, verbose=True)))
    assert more[:2] == lines
    assert all(len(line) <= width for line in more)
    assert "\n" not in "".join(more)


@pytest.fixture
def verdict():
    last = SizeSummary(1e12, 3, 3, 2.87e5, 3.9e-6, math.log(4.35e-6), 0.895, 1.39)
    return Verdict(
        "own", "claim", "t* = O~(1)", "O~", "derived", "undecided", "", "d", (last,),
        slope=Slope(-0.018, -0.092, 0.037, 13), tolerated_slope=0.077,
        constant=Constant(0.895, 0.401, 1.43, 1.39, math.inf),
        start=Start(1e4, 1e6), tested=What(("sigma_0",), ("mu",)),
    )  # fmt: skip


def second(verdict, width):
    (claim,) = summarize_claims([verdict])
    return list(claim_lines(claim, verdict, 5, Layout(width)))[1]


def test_second_line_has_the_numbers_in_words(verdict):
    told = "    measured 3.9e-06      O~ 4.35e-06  constant 0.895     9 in 10 draws 1.39"
    assert second(verdict, 80) == told
    assert second(verdict, 100) == f"{told}      from d = 1e+06"
    whole = second(verdict, 200)
    assert whole.startswith(told)
    assert whole.endswith("moves like d^-0.018  t* 2.87e+05  tests sigma_0, mu held fixed")
    assert "[" not in whole


def test_numbers_stand_below_each_other(verdict):
    other = replace(verdict, order="Omega", constant=Constant(12345.0, 1.0, 2.0, 1e-300, 0.0))
    lines = [second(one, 80) for one in (verdict, other)]
    for word in ("constant", "9 in 10 draws"):
        assert len({line.index(word) for line in lines}) == 1


def test_widest_numbers_of_a_claim_fill_80_letters(verdict):
    huge = replace(
        verdict, order="Omega", constant=Constant(1.23e-45, 0, 1, 1.23e-45, 0),
        sizes=(replace(verdict.sizes[0], measured=1.23e-45, log_bound=math.log(1.23e-45)),),
    )  # fmt: skip
    assert len(second(huge, 80)) == 80
    assert second(huge, 80).endswith("9 in 10 draws 1.23e-45")


def test_claim_that_nine_draws_in_ten_keep_nowhere_says_so(verdict):
    assert second(replace(verdict, start=Start(1e4, None)), 100).endswith("from no size")


def test_all_claims_together_are_counted(verdict):
    changes = {"sizes": (), "draws": 13, "failures": 4, "failure_interval": (0.06, 0.69)}
    line = second(replace(verdict, **changes), 80)
    assert line == "    all claims hold in 9 of 13 draws, a share of 0.31 to 0.94"
    assert second(replace(verdict, sizes=()), 80) == "    no draw tells"


def test_refuted_claim_says_how_it_grows(verdict):
    reason = Wording(replace(verdict, tail=(1e10, 1e12))).outgrows(True, 3)
    refuted = replace(verdict, outcome="refuted", reason=reason)
    told = "moves like d^-0.018 (allowed +0.077): it grows to the end of the tail; suspects"
    assert short_reason(refuted).startswith(told)


def test_reason_does_without_what_the_numbers_say(verdict):
    wording = Wording(replace(verdict, share_within=0.7, tail=(1e10, 1e12), draws=13))
    told = {
        wording.scales(): "scales as claimed for the median, in at least 70% of draws",
        wording.cannot_tell(12, 1, 13, True): "12 of 13 draws below, 1 beyond; more draws would",
        wording.cannot_tell(21, 7, 28, False): "21 of 28 draws below, 7 beyond; a longer path",
        wording.cannot_tell(14, 0, 25, True): "14 of 25 draws below, 0 beyond, 11 not known at",
        wording.too_many_beyond(9, 44, 0.11): "9 of 44 draws outgrow the bound, at least 11%",
        wording.grows_within(1e6, -1.0, False): "it grows within its constant",
        wording.outgrows(True, 3): "it grows to the end of the tail; suspects in order",
    }
    for reason, short in told.items():
        assert short_reason(replace(verdict, reason=reason)).startswith(short)
        assert "moves like" not in short_reason(replace(verdict, reason=reason))
    assert short_reason(replace(verdict, reason="none: why")) == "none: why"


@pytest.mark.parametrize(
    ("log_bound", "told"),
    [
        (math.log(0.1), "0.1"),
        (-math.inf, "0"),
        (math.inf, "inf"),
        (math.nan, "none"),
        (-1.111e6, "1e-482501"),
        (900.0, "1e+391"),
    ],
)
def test_bound_is_short_however_small(log_bound, told):
    assert bound_number(log_bound) == told


LOCATED = Located(math.nan, 1.8, 1.7, 1.9, 1.2, 2.5, 20, 0)
BOUNDARY = BoundaryVerdict(
    "own", "won", "learned iff", "derived", "consistent", "stays at its index along n, d: " * 9,
    "n", "sigma_n", 1.0, LOCATED, (), 100,
)  # fmt: skip
PREDICTION = PredictionVerdict(
    "escape-time", "tends to 1", "consistent", "at every d within the tolerance " * 5, "d", (),
    1 + 3e-9, 1 - 2e-9, 1 + 8e-9,
)  # fmt: skip


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("lines", "one"),
    [
        (boundary_lines, BOUNDARY),
        (lemma_lines, judge_lemma("class-counts", mild_problem(), 2, 200, 7)),
        (prediction_lines, PREDICTION),
    ],
    ids=["boundary", "lemma", "prediction"],
)
def test_the_others_have_two_lines_of_the_width_too(lines, one, width):
    told = list(lines(one, 20, Layout(width)))
    assert len(told) == 2
    more = list(lines(one, 20, Layout(width, verbose=True)))
    assert more[:2] == told
    assert len(more) > 2
    assert max(map(len, more)) <= width


def test_the_others_have_their_numbers():
    assert list(boundary_lines(BOUNDARY, 3, Layout(80)))[1] == (
        "    lies at 1.8       between 1.7 and 1.9 (99%)  declared 1"
    )
    check = judge_lemma("class-counts", mild_problem(), 2, 200, 7)
    assert "failed in 2 of 200" in list(lemma_lines(check, 12, Layout(80)))[1]
    assert list(prediction_lines(PREDICTION, 12, Layout(80)))[1] == (
        "    measured/predicted 1+3.0e-09  between 1-2.0e-09 and 1+8.0e-09 (99%)"
    )


def test_ratio_near_1_is_told_by_its_distance():
    assert [ratio(one) for one in (1.0, 1.5, 1 + 1e-9, np.nan)] == ["1", "1.5", "1+1.0e-09", "none"]
