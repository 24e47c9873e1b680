"""Each cell of the table by which a claim with an order is decided, and the reason it names."""

import math

import numpy as np
import pytest
from scipy import stats

from theorycheck.judging.slopes import RESOLUTION

LONG = tuple(10.0**k for k in range(2, 11))  # five sizes in the tail, the last three its end
SHORT = tuple(10.0**k for k in range(3, 8))  # three sizes in the tail, which are its end
RATE = 0.005
ORDERS = pytest.mark.parametrize("order", ["O", "O~", "Omega"])


def least_heads(trials, rate=RATE):
    """The fewest heads with which scipy's sign test rejects."""
    return next(
        heads
        for heads in range(trials + 1)
        if stats.binomtest(heads, trials, alternative="greater").pvalue <= rate
    )


def divided(first, count, other, rest):
    return [first] * count + [other] * rest


# too little


@pytest.mark.parametrize("slope", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize(("draws", "missing"), [(1, 7), (7, 1)])
def test_too_few_draws_decide_nothing(slope, draws, missing, judged, powers):
    verdict = judged(powers([slope] * draws))
    assert verdict.outcome == "undecided"
    assert f"{missing} more draws" in verdict.reason
    assert "more sizes" not in verdict.reason


@pytest.mark.parametrize("slope", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize(("count", "missing"), [(1, 2), (2, 2), (4, 1)])
def test_too_few_sizes_decide_nothing(slope, count, missing, judged, powers):
    sizes = LONG[:count]
    verdict = judged(powers([slope] * 30, sizes), sizes)
    assert verdict.outcome == "undecided"
    assert f"{missing} more sizes in the tail" in verdict.reason
    assert "more draws" not in verdict.reason
    assert math.isnan(verdict.slope.median)


@pytest.mark.parametrize(("claims", "paths"), [(1, 1), (5, 1), (5, 4)])
def test_draws_that_are_enough_grow_with_the_number_of_tests(claims, paths, judged, powers):
    tests = claims * paths
    needed = math.ceil(math.log2(tests / RATE))
    for slope, outcome in ((-1.0, "consistent"), (1.0, "refuted")):
        found = [
            judged(powers([slope] * draws), claims=claims, tests=tests).outcome
            for draws in (needed - 1, needed)
        ]
        assert found == ["undecided", outcome]


# scales as claimed


@ORDERS
@pytest.mark.parametrize("draws", [8, 15, 24, 43])
def test_claim_scales_once_the_sign_test_rejects_a_larger_median(draws, order, judged, powers):
    heads = least_heads(draws)
    found = [
        judged(powers(divided(-0.3, below, 0.3, draws - below)), order=order)
        for below in (heads, heads - 1)
    ]
    assert [one.outcome for one in found] == ["consistent", "undecided"]
    assert "scales as claimed for the median" in found[0].reason
    assert "chance alone could" in found[1].reason


def test_allowance_itself_is_neither_below_nor_beyond(judged, powers):
    for tolerated in (0.0, 0.1):
        verdict = judged(powers([tolerated] * 30), tolerated=tolerated + 1e-9)
        assert verdict.outcome == "consistent"
        verdict = judged(powers([tolerated] * 30), tolerated=tolerated - 1e-9)
        assert verdict.outcome != "consistent"
    flat = judged(np.zeros((30, 9)), tolerated=0.0)  # every slope is exactly the allowed one
    assert (flat.outcome, flat.share_within > 0.8) == ("undecided", True)


@pytest.mark.parametrize("last", [-50.0, 0.0, 50.0])
def test_declared_constant_does_not_matter_to_scaling(last, judged, powers):
    assert judged(powers([-0.1] * 20, last=last)).outcome == "consistent"


def test_each_claim_is_consistent_at_its_part_of_the_rate(judged, powers):
    draws = 24
    for claims in (1, 5):
        heads = least_heads(draws, RATE / claims)
        outcomes = [
            judged(powers(divided(-1, below, 1, draws - below)), claims=claims, tests=9).outcome
            for below in (heads, heads - 1)
        ]
        assert outcomes == ["consistent", "undecided"]


@pytest.mark.parametrize("draws", [40, 43, 44, 100])
def test_claim_that_scales_in_too_few_draws_is_undecided_from_44_on(draws, judged, powers):
    def low(beyond):
        return stats.binomtest(beyond, draws).proportion_ci(0.98, method="exact").low

    surely = next(beyond for beyond in range(draws) if low(beyond) > 0.1)
    found = [judged(powers(divided(1, k, -1, draws - k))) for k in (surely, surely - 1)]
    expected = "undecided" if draws >= 44 else "consistent"
    assert [one.outcome for one in found] == [expected, "consistent"]
    assert ("more than one in ten" in found[0].reason) == (draws >= 44)


@pytest.mark.parametrize("slope", [-0.001, 0.03])
def test_growth_within_the_resolution_is_named(slope, judged, powers):
    verdict = judged(powers([slope] * 20))
    assert verdict.outcome == "consistent"
    assert ("is not excluded" in verdict.reason) == (slope > 0)
    if slope > 0:  # 0.05 powers of the four decades of the tail
        assert f"a factor {1e4**RESOLUTION:.2g} over this tail" in verdict.reason


# outgrows


@ORDERS
@pytest.mark.parametrize("draws", [8, 15, 24, 60])
def test_claim_is_refuted_once_the_sign_test_rejects_a_smaller_median(draws, order, judged, powers):
    heads = least_heads(draws)
    outcomes = [
        judged(powers(divided(0.3, above, -0.3, draws - above)), order=order).outcome
        for above in (heads, heads - 1)
    ]
    assert outcomes == ["refuted", "undecided"]


def test_favourable_outliers_do_not_save_a_claim(judged, powers):
    assert judged(powers([0.3] * 18 + [-90.0, -70.0])).outcome == "refuted"


def test_unfavourable_outliers_do_not_refute_a_claim(judged, powers):
    assert judged(powers([-0.01] * 18 + [90.0, 70.0])).outcome == "consistent"


def test_refutation_says_whether_the_end_of_the_tail_was_seen(judged, powers):
    assert "to the end of the tail" in judged(powers([0.3] * 20)).reason
    short = judged(powers([0.3] * 20, SHORT), SHORT)
    assert short.outcome == "refuted"
    assert "no end of the growth is seen" in short.reason


# grows within its constant


@pytest.mark.parametrize(("last", "outcome"), [(1e-6, "refuted"), (-1e-6, "undecided")])
def test_growth_refutes_only_past_the_declared_constant(last, outcome, judged, powers):
    verdict = judged(powers([0.3] * 20, last=last))
    assert verdict.outcome == outcome
    assert ("grows within its constant" in verdict.reason) == (outcome == "undecided")


def test_growth_within_its_constant_says_where_it_would_pass_it(judged, powers):
    # at 1e10 the excess is -3 log(10) / 10, which three more decades... of slope 0.3 make up: 1e11
    verdict = judged(powers([0.3] * 20, last=-0.3 * math.log(10)))
    assert "the declared constant is never exceeded" in verdict.reason
    assert "near d = 1e+11" in verdict.reason


def test_constant_that_was_passed_before_and_is_kept_at_the_end_refutes_nothing(judged, powers):
    excess = powers([0.3] * 20, last=-1.0)
    excess[:, 0] = 50.0
    verdict = judged(excess)
    assert verdict.outcome == "undecided"
    assert "at the last size the declared constant is kept" in verdict.reason


@pytest.mark.parametrize("draws", [15, 24])
def test_declared_constant_is_passed_by_a_sign_test_outside_holm(draws, judged, powers):
    heads = least_heads(draws)
    for passing, outcome in ((heads, "refuted"), (heads - 1, "undecided")):
        low, high = (powers([0.3] * k, last=x) for k, x in ((draws - passing, -1), (passing, 1)))
        verdict = judged(np.vstack([low, high]), claims=5, tests=20)
        assert verdict.outcome == outcome


# like a logarithm


@pytest.mark.parametrize(("slope", "outcome"), [(0.1, "consistent"), (0.6, "refuted")])
def test_growth_outside_the_two_logarithms_is_decided(slope, outcome, judged, powers):
    verdict = judged(powers([slope] * 20), tolerated=0.2, ceiling=0.4, logarithm="log(d)^4")
    assert verdict.outcome == outcome


@pytest.mark.parametrize("last", [-9.0, 9.0])
def test_growth_between_the_two_logarithms_is_like_one(last, judged, powers):
    verdict = judged(
        powers([0.3] * 20, last=last), tolerated=0.2, ceiling=0.4, logarithm="log(d)^4"
    )
    assert verdict.outcome == "undecided"
    assert "like a logarithm, no faster than log(d)^4" in verdict.reason


def test_ceiling_is_left_by_a_sign_test_too(judged, powers):
    draws, heads = 24, least_heads(24)
    outcomes = [
        judged(powers(divided(0.9, above, 0.3, draws - above)), tolerated=0.2, ceiling=0.4).outcome
        for above in (heads, heads - 1)
    ]
    assert outcomes == ["refuted", "undecided"]


def test_ceiling_below_the_allowance_changes_nothing(judged, powers):
    assert judged(powers([0.1] * 20), tolerated=0.05, ceiling=0.05).outcome == "refuted"


# fades


def bent(slopes, end_slopes, last=1.0):
    """Draws with one slope up to 1e8 and another from there on."""
    logs = np.log(np.array(LONG) / 1e8)
    shape = np.where(logs < 0, np.outer(slopes, logs), np.outer(end_slopes, logs))
    return shape - shape[:, -1:] + last


def test_growth_that_is_gone_at_the_end_has_not_begun_its_asymptotics(judged):
    verdict = judged(bent([2.0] * 20, [0.0] * 20))
    assert verdict.slope.median > RESOLUTION > verdict.end_slope.median
    assert verdict.outcome == "undecided"
    assert "asymptotics not begun" in verdict.reason


def test_end_has_an_allowance_of_its_own(judged, powers):
    for tolerated_end, outcome in ((0.2, "refuted"), (0.4, "undecided")):
        verdict = judged(powers([0.3] * 20), tolerated_end=tolerated_end)
        assert verdict.outcome == outcome


@pytest.mark.parametrize("draws", [15, 24])
def test_end_is_a_sign_test_outside_holm(draws, judged):
    heads = least_heads(draws)  # at the rate of one test, however many there are
    for still, outcome in ((heads, "refuted"), (heads - 1, "undecided")):
        ends = divided(0.5, still, -0.5, draws - still)
        verdict = judged(bent([5.0] * draws, ends), claims=5, tests=20)
        assert verdict.outcome == outcome


def test_growth_at_the_end_alone_refutes_nothing(judged):
    # least squares over the tail weigh -1 before and +0.2 after as a fall
    verdict = judged(bent([-2.0] * 20, [0.2] * 20))
    assert verdict.end_slope.median > RESOLUTION > verdict.slope.median
    assert verdict.outcome == "consistent"


def test_what_lies_before_the_tail_does_not_matter(judged, powers):
    excess = powers([-0.1] * 20)
    wild = excess.copy()
    wild[:, :4] += np.random.default_rng(0).normal(0, 99, (20, 4))
    before, after = judged(excess), judged(wild)
    assert (after.outcome, after.slope, after.reason) == (
        before.outcome, before.slope, before.reason,
    )  # fmt: skip
