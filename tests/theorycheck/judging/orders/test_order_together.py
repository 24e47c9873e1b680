"""Several claims on several paths in one check: Holm for refuting, a part of the rate for the rest.

The rate is 0.5 % for all claims with an order of one check.
"""

import numpy as np
import pytest
from scipy import stats

from theorycheck.judging.orders.order import Together, judge_orders

RATE = 0.005
DRAWS = 24


def p_of(heads, draws=DRAWS):
    return stats.binomtest(heads, draws, alternative="greater").pvalue


def growing_in(heads, powers, draws=DRAWS):
    """Draws of which so many grow and the rest fall, past the constant at every size."""
    return powers([0.3] * heads + [-0.3] * (draws - heads), last=50.0)


def outcomes(cases, together=None):
    return [verdict.outcome for verdict in judge_orders(cases, together)]


def test_several_refutations_are_those_of_holm(case_of, powers):
    heads = [24, 22, 21, 20, 20, 12, 3]
    cases = [case_of(growing_in(k, powers), claim=f"c{k}") for k in heads]
    ascending = sorted(p_of(k) for k in heads)
    limits = [RATE / (len(heads) - rank) for rank in range(len(heads))]
    passed = [p <= limit for p, limit in zip(ascending, limits, strict=True)]
    refuted = passed.index(False)
    assert 0 < refuted < len(heads)
    found = judge_orders(cases, Together(len(heads), len(heads)))
    assert [one.outcome == "refuted" for one in found] == [i < refuted for i in range(len(heads))]


def test_holm_lets_a_sure_refutation_make_room_for_the_next(case_of, powers):
    # alone with one test that says nothing, 19 of 24 are too few for two tests; beside a sure one
    # they have the whole rate
    assert RATE / 2 < p_of(19) < RATE
    nineteen, sure, nothing = (
        case_of(growing_in(k, powers), claim=str(k)) for k in (19, DRAWS, 12)
    )
    together = Together(2, 2)
    assert outcomes([nineteen, nothing], together)[0] == "undecided"
    assert outcomes([nineteen, sure], together) == ["refuted", "refuted"]


def test_tests_that_are_made_elsewhere_count(case_of, powers):
    case = case_of(growing_in(19, powers))
    assert outcomes([case]) == outcomes([case], Together(1, 1)) == ["refuted"]
    assert outcomes([case], Together(1, 2)) == ["undecided"]


def test_refuting_asks_for_all_tests_and_consistent_for_the_claims(case_of, powers):
    below = case_of(-growing_in(19, powers))
    assert outcomes([below], Together(1, 20)) == ["consistent"]
    assert outcomes([below], Together(2, 2)) == ["undecided"]


def test_claims_are_counted_once_however_many_paths_they_have(case_of, powers):
    # two paths of one claim: consistent takes the whole rate, refuting half of it
    down, up = case_of(-growing_in(19, powers)), case_of(growing_in(19, powers))
    assert outcomes([down, down]) == ["consistent", "consistent"]
    assert outcomes([up, case_of(growing_in(12, powers))]) == ["undecided", "undecided"]
    other = case_of(-growing_in(19, powers), claim="other")
    assert outcomes([down, other]) == ["undecided", "undecided"]


def test_claim_that_lacks_draws_still_counts_and_rejects_nothing(case_of, powers):
    few = case_of(powers([1.0] * 7), claim="few")
    assert outcomes([few, case_of(growing_in(19, powers))]) == ["undecided", "undecided"]


def test_order_of_the_cases_does_not_matter(case_of, powers):
    cases = [case_of(growing_in(k, powers), claim=f"c{k}") for k in (24, 22, 21, 20, 19, 12, 3)]
    shuffled = np.random.default_rng(1).permutation(len(cases))
    assert outcomes([cases[i] for i in shuffled]) == [outcomes(cases)[i] for i in shuffled]


def test_nothing_is_judged_to_nothing():
    assert judge_orders([]) == []


@pytest.mark.parametrize("claims", [1, 5])
def test_true_claims_at_the_border_are_rarely_refuted_and_rarely_called_consistent(
    claims, case_of, powers
):
    # the median slope is exactly the allowed one: whatever is decided is half a mistake
    rng, checks = np.random.default_rng(4), 150
    refuted = consistent = 0
    for _ in range(checks):
        slopes = 0.05 + rng.normal(0, 0.1, (claims, DRAWS))
        cases = [case_of(powers(one, last=50.0), claim=str(k)) for k, one in enumerate(slopes)]
        found = outcomes(cases)
        refuted += "refuted" in found
        consistent += "consistent" in found
    limit = stats.binom.ppf(0.9999, checks, RATE)
    assert refuted <= limit
    assert consistent <= limit
