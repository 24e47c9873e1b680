"""The claim `probability`: failures counted at one size, and their trend by McNemar's test."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import bounds
from theorycheck.judging.judge import judge_paths, judge_theorem
from theorycheck.judging.whole.joint import Joint
from theorycheck.judging.whole.probability import Failures, count_failures

MILD = bounds.THEOREMS["mild-pruning"]
NAMELESS = replace(MILD, id="own")  # of which no threshold is derived
SIZES = (1000, 10_000, 100_000, 1_000_000, 10_000_000)
TAIL = np.array([False, False, True, True, True])
KEPT, FAILED, UNKNOWN = -1.0, 1.0, math.nan
RATE = 0.005


def joint_of(first, last):
    """Draws with these excesses at the ends of the tail; what lies between is absurd."""
    rows = [[math.inf, math.inf, a, math.inf, b] for a, b in zip(first, last, strict=True)]
    return Joint(np.array(SIZES), np.array(rows).reshape(-1, 5))


# counting


def test_failures_are_counted_at_the_ends_of_the_tail():
    first = [KEPT, KEPT, FAILED, FAILED, math.inf, UNKNOWN, KEPT]
    last = [KEPT, FAILED, KEPT, FAILED, math.inf, FAILED, UNKNOWN]
    failures = count_failures(joint_of(first, last), TAIL)
    assert failures == Failures(draws=6, last=4, appear=1, vanish=1)


def test_interval_is_that_of_the_draws_at_the_last_size():
    expected = stats.binomtest(3, 20).proportion_ci(0.99, method="exact")
    assert Failures(20, 3, 0, 0).interval == pytest.approx(tuple(expected))


@given(st.integers(0, 30), st.integers(0, 30))
def test_trend_is_the_exact_test_of_mcnemar(appear, vanish):
    discordant = appear + vanish
    p = stats.binomtest(appear, discordant, alternative="greater").pvalue if discordant else 1.0
    assert Failures(99, 50, appear, vanish).growing == (p <= RATE)


def test_draws_that_fail_at_both_ends_are_no_trend():
    assert not count_failures(joint_of([FAILED] * 40, [FAILED] * 40), TAIL).growing
    assert count_failures(joint_of([KEPT] * 8, [FAILED] * 8), TAIL).growing


# the verdict


@pytest.fixture
def probability_of(made_up_run, long_path):
    """The verdict on the probability where a draw fails at a size or not."""

    def judge(fails, theorem=NAMELESS, family=None, draws=20, times=9, **changes):
        family = family or long_path["mild-pruning"]
        runs = []
        for problem in family.problems:
            at = {**problem.parameters(), "epsilon": 0.05}
            kept = {one.measure: 0.9 * one.evaluate(at) for one in MILD.claims.values()}
            kept["signal-learned"] /= 0.8
            for seed in range(draws):
                noise = kept["no-noise"] * (times if fails(problem.d, seed) else 1)
                measured = {**kept, "no-noise": noise}
                runs.append(made_up_run("mild-pruning", problem, seed, measured, **changes))
        verdict = judge_theorem(theorem, family, runs)[-1]
        assert verdict.claim == "probability"
        return verdict

    return judge


def test_probability_counts_draws_at_the_last_size(probability_of):
    verdict = probability_of(lambda size, seed: seed < 3)
    assert (verdict.outcome, verdict.failures, verdict.draws) == ("consistent", 3, 20)
    expected = stats.binomtest(3, 20).proportion_ci(0.99, method="exact")
    assert verdict.failure_interval == pytest.approx(tuple(expected))


@pytest.mark.parametrize(
    ("appearing", "outcome"), [(7, "consistent"), (8, "undecided"), (20, "undecided")]
)
def test_failures_that_become_more_are_not_consistent(appearing, outcome, probability_of):
    # 2^-8 <= 0.005 < 2^-7; that all miss a declared constant may be what an order hides
    verdict = probability_of(lambda size, seed: size == SIZES[-1] and seed < appearing)
    assert verdict.outcome == outcome


@pytest.mark.parametrize(("appearing", "outcome"), [(8, "undecided"), (20, "refuted")])
def test_only_failures_that_no_constant_would_help_refute(appearing, outcome, probability_of):
    # the limit of 20 of 20 exceeds a half, that of 8 does not
    verdict = probability_of(
        lambda size, seed: size == SIZES[-1] and seed < appearing, times=math.inf
    )
    assert verdict.outcome == outcome


def test_frequent_failures_that_do_not_become_more_refute_no_rate(probability_of):
    assert probability_of(lambda size, seed: True).outcome == "undecided"


def test_failures_that_become_rarer_are_consistent(probability_of):
    assert probability_of(lambda size, seed: size < SIZES[-1]).outcome == "consistent"


@pytest.mark.parametrize("share", [0.1, 1.0])
def test_constant_below_its_threshold_is_a_premise_not_met(share, probability_of, long_path):
    # p m / log d is 0.6 and less here, where 1 - O(1/d) needs -p / log(1 - p/2) = 1.74
    verdict = probability_of(lambda size, seed: seed < 20 * share, MILD)
    assert verdict.outcome == "premise not met"
    last = long_path["mild-pruning"].problems[-1]
    implied = last.p * last.m / math.log(last.d)
    assert implied < -last.p / math.log(1 - last.p / 2)
    assert f"C1 = {implied:.3g} here" in verdict.reason


def test_no_draw_in_the_event_says_nothing_of_the_probability(probability_of):
    verdict = probability_of(lambda size, seed: False, in_event=False)
    assert (verdict.outcome, verdict.draws) == ("premise not met", 0)
    assert MILD.event in verdict.reason


def test_draws_that_were_all_cut_short_say_nothing_of_the_probability(probability_of):
    verdict = probability_of(lambda size, seed: False, status="max-steps")
    assert (verdict.outcome, verdict.draws) == ("undecided", 0)


def test_probability_is_judged_on_the_first_path_that_keeps_every_premise(
    runs_along, power_law, long_path
):
    family = long_path["mild-pruning"]
    released = replace(family, released=("mild-pruning",))
    runs = runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3))
    by_path = judge_paths(MILD, [(released, runs), (family, runs), (family, runs)])
    there = [["probability" in {one.claim for one in here}] for here in by_path]
    assert there == [[False], [True], [False]]
