"""Intervals are held against truths that are right, and misses are counted."""

import numpy as np
import pytest
from scipy import stats

from theorycheck.commands.calibration import coverage
from theorycheck.commands.calibration.coverage import (
    CLAIMS,
    EXACT_DRAWS,
    FAILURE_SHARES,
    PRINTED,
    coverage_lines,
    coverages_of,
    failure_coverages,
    known_truths,
)
from theorycheck.commands.calibration.made_up_claims import Scenario, make_case

KNOWN = known_truths()


@pytest.mark.parametrize("known", KNOWN, ids=lambda one: one.case)
def test_truths_are_those_of_very_many_draws(known):
    many = Scenario(**{**vars(known.scenario), "draws": 40_000})
    case = make_case(many, np.random.default_rng(5))
    (verdict,) = coverage.judge_orders([case])
    found = {
        "median slope": verdict.slope.median,
        "median constant": verdict.constant.median,
        "0.9 quantile of the constant": verdict.constant.quantile,
        "share of draws within tau": verdict.share_within + 0.005,  # its lower limit
    }
    for name, truth in known.truths.items():
        assert found[name] == pytest.approx(truth, rel=0.04, abs=0.003)


def test_every_printed_interval_is_covered():
    assert {name for one in KNOWN for name in one.truths} == set(PRINTED)


def test_misses_are_counted_claim_by_claim():
    known = KNOWN[0]
    wrong = coverage.KnownTruth("", known.scenario, dict.fromkeys(PRINTED, 1e9))
    counts = {one.interval: one.misses for one in coverages_of(wrong, 3, np.random.default_rng(0))}
    # 24 draws are too few for a limit of the 0.9 quantile: it is inf, and holds anything
    assert counts == dict.fromkeys(PRINTED, 3 * CLAIMS) | {"0.9 quantile of the constant": 0}


@pytest.mark.parametrize("share", FAILURE_SHARES)
def test_failure_share_misses_as_often_as_the_binomial_law_says(share):
    printed, pooled = failure_coverages(share, 4000, np.random.default_rng(1))
    chance = {1: 0.0, coverage.EXACT_SIZES: 0.0}
    for sizes in chance:
        for failing in range(EXACT_DRAWS + 1):
            test = stats.binomtest(failing * sizes, EXACT_DRAWS * sizes).proportion_ci(0.99)
            if not test.low <= share <= test.high:
                chance[sizes] += stats.binom.pmf(failing, EXACT_DRAWS, share)
    for one, sizes in ((printed, 1), (pooled, coverage.EXACT_SIZES)):
        assert one.intervals == 4000 * CLAIMS
        assert one.misses / one.intervals == pytest.approx(chance[sizes], abs=0.015)
    assert printed.rate >= coverage.LEAST_COVERAGE
    assert pooled.rate < 0.95
    assert (printed.printed, pooled.printed) == (True, False)


def test_text_names_the_interval_that_is_not_printed():
    some = tuple(failure_coverages(0.1, 2, np.random.default_rng(0)))
    lines = list(coverage_lines(some))
    assert len(lines) == 4
    assert [line.endswith("not printed") for line in lines] == [False, False, False, True]
    assert "of 10" in lines[2]
