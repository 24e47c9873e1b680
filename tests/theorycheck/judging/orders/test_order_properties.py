"""What every claim with an order obeys: an oracle of scipy, and symmetries of the excess."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

RATE, TOLERATED, CEILING = 0.005, 0.105, 0.305
LONG = tuple(10.0**k for k in range(2, 11))
RANK = {"consistent": 0, "undecided": 1, "refuted": 2}
# hundredths, so that no slope lies on the allowance or on the ceiling
SLOPES = st.lists(st.integers(-60, 60).map(lambda k: k / 100), min_size=8, max_size=60) | (
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
    .filter(lambda counts: sum(counts) >= 8)
    .map(lambda counts: [-0.3] * counts[0] + [0.2] * counts[1] + [0.5] * counts[2])
)
LAST = st.sampled_from([-2.0, -0.1, 0.1, 2.0])
TABLES = st.integers(8, 14).flatmap(
    lambda draws: arrays(float, (draws, 9), elements=st.floats(-5, 5, width=32))
)
GROWING = st.tuples(TABLES, st.floats(0.0, 1.5)).map(
    lambda pair: 0.2 * pair[0] + pair[1] * np.log(np.array(LONG) / 1e6)
)


def rejects(heads, trials):
    return stats.binomtest(heads, trials, alternative="greater").pvalue <= RATE


def expected(slopes, last, ceiling):
    """The outcome of exact power laws by the table of rules, every test by scipy."""
    slopes, draws = np.array(slopes), len(slopes)
    beyond = int((slopes > TOLERATED).sum())
    if rejects(beyond, draws):
        like_a_logarithm = ceiling > 0 and not rejects(int((slopes > ceiling).sum()), draws)
        return "refuted" if last > 0 and not like_a_logarithm else "undecided"
    if not rejects(draws - beyond, draws):
        return "undecided"
    surely = stats.binomtest(beyond, draws).proportion_ci(0.98, method="exact").low
    return "undecided" if draws >= 44 and surely > 0.1 else "consistent"


@given(SLOPES, LAST, st.sampled_from([0.0, CEILING]))
def test_power_laws_are_judged_by_the_table(judged, powers, slopes, last, ceiling):
    verdict = judged(
        powers(slopes, last=last), tolerated=TOLERATED, tolerated_end=TOLERATED, ceiling=ceiling
    )
    assert verdict.outcome == expected(slopes, last, ceiling)


@given(TABLES | GROWING, st.randoms(use_true_random=False))
def test_order_of_the_draws_does_not_matter(judged, excess, random):
    order = list(range(len(excess)))
    random.shuffle(order)
    one, other = judged(excess), judged(excess[order])
    assert one.outcome == other.outcome
    assert one.constant == other.constant
    assert repr(one.start) == repr(other.start)  # nan is no equal of nan from Python 3.13 on
    assert one.share_within == other.share_within
    assert (one.slope.low, one.slope.high) == pytest.approx((other.slope.low, other.slope.high))


@given(TABLES | GROWING, st.floats(-20, 20))
def test_constant_in_front_changes_no_slope(judged, excess, constant):
    one, other = judged(excess), judged(excess + constant)
    assert other.slope.median == pytest.approx(one.slope.median, abs=1e-9)
    assert other.end_slope.median == pytest.approx(one.end_slope.median, abs=1e-9)
    assert other.constant.median == pytest.approx(one.constant.median * np.exp(constant), rel=1e-6)


@given(SLOPES, LAST, st.floats(-20, 20))
def test_constant_in_front_never_turns_scaling_into_growth(judged, powers, slopes, last, constant):
    allowed = {"tolerated": TOLERATED, "tolerated_end": TOLERATED}
    one, other = (judged(powers(slopes, last=x), **allowed) for x in (last, last + constant))
    assert (one.outcome == "consistent") == (other.outcome == "consistent")


@given(GROWING, st.data())
def test_more_growth_in_every_draw_never_helps_a_refuted_claim(judged, excess, data):
    more = data.draw(arrays(float, len(excess), elements=st.floats(0, 2, width=32)))
    steeper = excess + np.outer(more, np.log(np.array(LONG) / LONG[0]))
    assert RANK[judged(steeper).outcome] >= RANK[judged(excess).outcome]


@given(TABLES, st.floats(-1.5, 1.5))
def test_claim_is_the_more_tolerated_the_larger_its_allowance(judged, excess, slope):
    excess = 0.2 * excess + slope * np.log(np.array(LONG) / 1e6)
    found = [
        RANK[judged(excess, tolerated=allowed, tolerated_end=allowed).outcome]
        for allowed in (0.0, 0.1, 0.4, 1.0)
    ]
    assert found == sorted(found, reverse=True)


@given(TABLES | GROWING)
def test_upper_and_lower_claims_are_judged_alike(judged, excess):
    upper, lower = judged(excess, order="O"), judged(excess, order="Omega")
    assert (upper.outcome, upper.slope) == (lower.outcome, lower.slope)
    assert repr(upper.start) == repr(lower.start)


@given(TABLES | GROWING, st.floats(0.1, 1e3))
def test_unit_of_the_size_changes_nothing(judged, excess, unit):
    one, other = judged(excess), judged(excess, tuple(unit * size for size in LONG))
    assert one.outcome == other.outcome
    assert other.slope.median == pytest.approx(one.slope.median, abs=1e-9)
