"""Made-up claims scale as they say."""

import math

import numpy as np
import pytest

from theorycheck.commands.calibration import made_up_claims
from theorycheck.commands.calibration.made_up_claims import (
    DRAWS,
    FAR_BEYOND,
    NOISES,
    SIZES,
    Scenario,
    make_case,
    median_slope_of,
    some_grow,
    some_never_stop,
    some_violate,
    two_outliers,
    zeros,
)
from theorycheck.judging import slopes
from theorycheck.judging.orders.allowance import TIE
from theorycheck.judging.slopes import RESOLUTION, slopes_of_draws

FLAT = Scenario("", lambda sizes: 0 * sizes)


def drawn_slopes(scenario, count=20_000, seed=7):
    """The slopes over the tail of many draws of a scenario."""
    many = Scenario(**{**vars(scenario), "draws": count})
    table = make_case(many, np.random.default_rng(seed)).table
    return slopes_of_draws(table.progress[table.tail], table.excess[:, table.tail])


@pytest.mark.parametrize("name", NOISES)
def test_median_slope_over_draws_is_that_of_the_trend(name):
    found = drawn_slopes(Scenario("", lambda sizes: 0.3 * np.log(sizes), noise=NOISES[name]))
    # half of the draws lie below: 20 000 of them tell that to 0.014 at four deviations
    assert np.mean(found < 0.3) == pytest.approx(0.5, abs=0.016)


@pytest.mark.parametrize(("noise", "sign"), [(zeros, -1), (some_never_stop(0.15), 1)])
def test_draws_at_infinity_move_the_median_slope_that_is_taken_off(noise, sign):
    own = median_slope_of(noise, SIZES)
    assert 0.005 < sign * own < 0.05
    again = noise(np.random.default_rng(3), 50_000, np.array(SIZES))
    tail = slopes.tail(SIZES)
    found = slopes_of_draws(np.array(SIZES)[tail], again[:, tail])
    assert np.mean(found < own) == pytest.approx(0.5, abs=0.01)


def test_noise_with_most_slopes_infinite_is_left_as_it_is():
    found = drawn_slopes(Scenario("", FLAT.trend, noise=some_never_stop(0.6)))
    assert np.mean(found == np.inf) == pytest.approx(0.6, abs=0.015)
    assert np.median(found[np.isfinite(found)]) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("share", [0.04, 0.6])
def test_share_of_draws_grows(share):
    scenario = Scenario("", FLAT.trend, noise=some_grow(share, 5.0), centred=False)
    assert np.mean(drawn_slopes(scenario) > 2.5) == pytest.approx(share, abs=0.015)


def test_share_of_draws_violates_at_every_size_alike():
    drawn = some_violate(0.08)(np.random.default_rng(0), 20_000, np.array(SIZES))
    lifted = drawn.mean(axis=1) > math.log(10) / 2
    assert lifted.mean() == pytest.approx(0.08, abs=0.01)
    assert drawn[lifted].mean(axis=0) == pytest.approx(math.log(10), abs=0.05)


def test_two_draws_and_no_more_are_outliers():
    found = drawn_slopes(Scenario("", FLAT.trend, noise=two_outliers(-1e3)), count=50)
    assert (found < -900).sum() == 2
    assert (abs(found) < 1).sum() == 48


def test_one_run_in_ten_is_zero():
    drawn = zeros(np.random.default_rng(1), 10_000, np.array(SIZES))
    assert np.mean(drawn == -np.inf) == pytest.approx(0.1, abs=0.005)
    table = make_case(Scenario("", FLAT.trend, noise=zeros), np.random.default_rng(1)).table
    assert ((table.measured == 0) == (table.excess == -np.inf)).all()


def test_claim_lies_where_it_says_at_the_last_size():
    def silent(rng, draws, sizes):
        return np.zeros((draws, len(sizes)))

    rising = Scenario("", lambda sizes: 0.5 * np.log(sizes), noise=silent, last=-1.0)
    assert make_case(rising, np.random.default_rng(0)).table.excess[:, -1] == pytest.approx(
        np.full(DRAWS, -1.0)
    )
    assert made_up_claims.Scenario("", FLAT.trend).last == FAR_BEYOND


@pytest.mark.parametrize(
    ("power", "tolerated", "ceiling"), [(None, 0.0, 0.0), (0.0, 0.0, 1.0), (2.0, 2.0, 4.0)]
)
def test_order_allows_what_the_judge_says_it_does(power, tolerated, ceiling):
    case = make_case(Scenario("", FLAT.trend, power=power), np.random.default_rng(0))
    tail = np.array(SIZES)[slopes.tail(SIZES)]
    one = np.polyfit(np.log(tail), np.log(np.log(tail)), 1)[0]
    allowed = max(tolerated * one + TIE * (tolerated > 0), RESOLUTION)
    assert case.tolerated == pytest.approx(allowed)
    assert case.ceiling == pytest.approx(ceiling * one, abs=1e-6)


def test_claims_of_one_check_are_told_apart():
    rng = np.random.default_rng(0)
    assert make_case(FLAT, rng, 1).blank.claim != make_case(FLAT, rng, 2).blank.claim
