"""A sharp prediction is consistent, refuted or undecided by the criterion that was stated first."""

import json
import math

import numpy as np
import pytest
from scipy.stats import binom

from theorycheck.predictions import limit
from theorycheck.predictions.limit import LEVEL, judge_limit, median_interval, ratio_row

SIZES = (1e-2, 1e-3, 1e-4, 1e-5)
TOLERANCE = 0.01
RUNS = 12


def series(distance, sizes=SIZES, setting="a", runs=RUNS, sign=1.0):
    """Ratios 1 + distance(size), each run a little off."""
    spread = np.linspace(0.9, 1.1, runs)
    return [ratio_row(setting, size, 1 + sign * distance(size) * spread) for size in sizes]


def judge(*given):
    return judge_limit(
        "x", "x", "s", given, lambda _: TOLERANCE, lambda row: row.worst <= TOLERANCE
    )


def test_falling_distance_within_tolerance_is_consistent():
    verdict = judge(series(lambda size: size / 2))
    assert verdict.outcome == "consistent"
    assert verdict.trend == pytest.approx(1.0)
    assert verdict.ratio == pytest.approx(1 + SIZES[-1] / 2)


def test_distance_that_does_not_fall_is_not_consistent():
    assert judge(series(lambda size: 0.005)).outcome == "undecided"


@pytest.mark.parametrize("sign", [1.0, -1.0], ids=["above", "below"])
def test_distance_beyond_the_tolerance_that_does_not_fall_is_refuted(sign):
    verdict = judge(series(lambda size: 0.05, sign=sign))
    assert verdict.outcome == "refuted"
    assert f"at a, s = {SIZES[-1]:g} " in verdict.reason


def test_distance_beyond_the_tolerance_that_falls_is_undecided():
    assert judge(series(lambda size: 0.05 * size**0.1)).outcome == "undecided"


def test_settled_distance_need_not_fall():
    assert judge(series(lambda size: 1e-6)).outcome == "consistent"


def test_distance_that_need_not_fall_may_stay():
    def stays(distance):
        return judge_limit(
            "x", "x", "s", [series(lambda size: distance)], lambda _: TOLERANCE,
            lambda row: row.worst <= TOLERANCE, must_fall=False,
        )  # fmt: skip

    assert stays(0.005).outcome == "consistent"
    assert "not everywhere closer" in stays(0.005).reason
    assert stays(0.05).outcome == "refuted"


def test_two_sizes_decide_nothing():
    for distance in (lambda size: size / 2, lambda size: 0.05):
        assert judge(series(distance, SIZES[:2])).outcome == "undecided"


def test_few_runs_never_refute():
    assert judge(series(lambda size: 0.05, runs=7)).outcome == "undecided"


def test_one_bad_setting_decides():
    good, bad = series(lambda size: size / 2), series(lambda size: 0.05, setting="b")
    assert judge(good, bad).outcome == "refuted"
    assert judge(good, bad).ratio == pytest.approx(1.05)
    assert "at b, s" in judge(good, bad).reason


def test_no_run_is_a_premise_that_is_not_met():
    assert judge([], []).outcome == "premise not met"


@pytest.mark.parametrize("runs", [8, 12, 25, 100])
def test_median_interval_covers_the_median_as_often_as_it_says(runs):
    low, high = median_interval(range(1, runs + 1))
    # it misses when the true median has fewer than `low` values, or fewer than that above it
    missed = 2 * binom.cdf(low - 1, runs, 0.5)
    wider = 2 * binom.cdf(low, runs, 0.5)
    assert missed <= 1 - LEVEL < wider
    assert high == runs + 1 - low


def test_too_few_values_have_no_median_interval():
    assert median_interval([1.0] * 7) == (0.0, math.inf)


def test_record_survives_json():
    verdict = judge([ratio_row("a", 1.0, [1.1, 1.2], one_more=2.0)])
    text = json.dumps(limit.record(verdict), allow_nan=False)
    back = limit.from_record(json.loads(text))
    assert (back.outcome, back.rows[0].ratio) == (verdict.outcome, verdict.rows[0].ratio)
    assert back.rows[0].more == (("one more", 2.0),)
    assert math.isnan(back.trend)
