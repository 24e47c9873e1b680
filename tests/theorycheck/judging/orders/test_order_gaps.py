"""Draws without a t*, cut short, or exactly 0: what they say for a claim and against it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theorycheck.judging.verdict import OUTCOMES

LAST, EARLIER = -1, -2  # sizes of the tail
INF, NAN = math.inf, math.nan
FOUND = st.lists(st.sampled_from([-0.4, 0.0, 0.04, 0.06, 0.4]), min_size=8, max_size=40)


def with_gaps(excess, draws, value, sizes=LAST):
    excess = excess.copy()
    excess[:draws, sizes] = value
    return excess


# inf: no t*, or nothing suffices


@pytest.mark.parametrize("slope", [-0.3, 0.0])
@pytest.mark.parametrize(("lost", "outcome"), [(20, "refuted"), (10, "undecided")])
def test_draws_without_a_t_star_at_the_last_size_grow_without_bound(
    slope, lost, outcome, judged, powers
):
    verdict = judged(with_gaps(powers([slope] * 20, last=-9.0), lost, INF))
    assert verdict.outcome == outcome
    assert verdict.without_step == lost
    if outcome == "refuted":
        assert verdict.slope.median == verdict.end_slope.median == INF
        assert "there is no t*" in verdict.reason


def test_no_draw_without_a_t_star_is_dropped(judged, powers):
    # 14 of 20 scale; of 14 alone each would
    excess = powers([-0.3] * 20, last=-9.0)
    assert judged(with_gaps(excess, 6, INF)).outcome == "undecided"
    assert judged(excess[6:]).outcome == "consistent"


def test_few_draws_without_a_t_star_are_named_in_what_scales(judged, powers):
    verdict = judged(with_gaps(powers([-0.3] * 20), 2, INF))
    assert (verdict.outcome, verdict.without_step) == ("consistent", 2)
    assert "2 of 20 draws have no t*" in verdict.reason


def test_draw_without_a_t_star_in_the_middle_keeps_its_line(judged, powers):
    verdict = judged(with_gaps(powers([-0.3] * 20), 20, INF, EARLIER))
    assert (verdict.outcome, verdict.without_step) == ("consistent", 20)
    assert verdict.slope.median == pytest.approx(-0.3)


def test_half_of_the_tail_without_a_t_star_is_as_bad_as_the_last(judged, powers):
    excess = powers([-0.3] * 20, last=1.0)
    assert judged(with_gaps(excess, 20, INF, slice(4, 6))).outcome == "consistent"
    lost = judged(with_gaps(excess, 20, INF, slice(4, 7)))
    assert lost.slope.median == INF
    assert lost.outcome == "undecided"  # its end has a t* and falls
    assert "asymptotics not begun" in lost.reason


def test_zero_that_fails_a_lower_bound_is_no_lost_t_star(judged, powers):
    excess = with_gaps(powers([-0.3] * 20), 3, INF, EARLIER)
    measured = np.where(excess == INF, 0.0, np.exp(-np.clip(excess, -9, 9)))
    verdict = judged(excess, order="Omega", measured=measured)
    assert (verdict.outcome, verdict.without_step) == ("consistent", 0)
    assert "no t*" not in verdict.reason


# nan: nothing is known


@pytest.mark.parametrize("slope", [-1.0, 1.0])
def test_draws_that_were_cut_short_decide_nothing(slope, judged, powers):
    excess = powers([slope] * 20)
    decided = judged(excess).outcome
    for cut, outcome in ((3, decided), (8, "undecided"), (20, "undecided")):
        verdict = judged(with_gaps(excess, cut, NAN))
        assert verdict.outcome == outcome
        assert verdict.slope.draws == 20 - cut
        assert verdict.draws == 20


@pytest.mark.parametrize("slope", [-1.0, 1.0])
@pytest.mark.parametrize("cut", [12, 20])
def test_draws_cut_short_early_in_the_tail_are_coins_that_show_no_side(slope, cut, judged, powers):
    # three of five sizes of the tail are not known; at its end, two of three are
    verdict = judged(with_gaps(powers([slope] * 20, last=50.0), cut, NAN, slice(4, 7)))
    assert verdict.outcome == "undecided"
    assert (verdict.slope.draws, verdict.end_slope.draws) == (20 - cut, 20)


def test_draw_that_was_cut_short_is_not_within(judged, powers):
    whole = judged(powers([-1.0] * 20)).share_within
    cut = judged(with_gaps(powers([-1.0] * 20), 3, NAN)).share_within
    left_out = judged(powers([-1.0] * 17)).share_within
    assert cut < left_out < whole


@given(FOUND, st.data())
def test_draw_that_was_cut_short_takes_a_decision_and_makes_none(judged, powers, slopes, data):
    excess = powers(slopes, last=50.0)  # past the constant at every size
    cut = data.draw(st.integers(0, len(slopes)))
    before, after = judged(excess), judged(with_gaps(excess, cut, NAN))
    assert after.outcome in {before.outcome, "undecided"}


# -inf: exactly 0


def test_draws_that_are_exactly_0_scale_as_claimed(judged):
    verdict = judged(np.full((20, 9), -INF))
    assert verdict.outcome == "consistent"
    assert verdict.slope.median == -INF
    assert (verdict.constant.median, verdict.constant.quantile) == (0.0, 0.0)
    assert verdict.start.median == verdict.start.quantile == 100.0


def test_draws_that_end_at_0_scale_and_others_may_not(judged, powers):
    excess = powers([1.0] * 20)
    for zeros, outcome in ((20, "consistent"), (10, "undecided"), (0, "refuted")):
        assert judged(with_gaps(excess, zeros, -INF)).outcome == outcome


def test_zero_against_a_bound_of_zero_is_met_by_any_factor(judged):
    verdict = judged(np.zeros((20, 9)), log_bound=np.full(9, -INF))
    assert verdict.outcome == "consistent"
    assert verdict.constant.quantile == 0.0


# whatever the gaps


@given(
    st.lists(
        st.lists(st.sampled_from([-INF, -1.0, 0.0, 2.0, INF, NAN]), min_size=5, max_size=5),
        min_size=8,
        max_size=16,
    ),
    st.sampled_from(["O", "Omega"]),
)
def test_any_pattern_of_gaps_has_a_verdict_with_a_reason(judged, excess, order):
    sizes = (1.0, 100.0, 1000.0, 1e4, 1e5)
    verdict = judged(excess, sizes, order=order)
    assert verdict.outcome in OUTCOMES
    assert verdict.reason
    assert 0 <= verdict.share_within <= 1
    assert not any(math.isnan(x) for x in (verdict.slope.low, verdict.slope.high)) or (
        verdict.slope.draws == 0
    )
