"""Made-up claims are as true or false as they say."""

import math

import numpy as np
import pytest

from theorycheck.commands.made_up_claims import (
    BARELY,
    NOISES,
    SIZES,
    Scenario,
    false_scenarios,
    make_case,
    power_law,
    true_scenarios,
    zeros,
)
from theorycheck.judging import slopes

TAIL = np.array(SIZES)[slopes.tail(SIZES)]


def slope_over(stretch, scenario):
    """The exact log-log slope of a trend over some of the sizes."""
    sizes = np.array(SIZES)
    return np.polyfit(np.log(sizes[stretch]), scenario.trend(sizes)[stretch], 1)[0]


def tail_slope(scenario):
    """The exact log-log slope of a trend over the tail."""
    return slope_over(slopes.tail(SIZES), scenario)


def tolerated(scenario):
    return make_case(scenario, np.random.default_rng(0)).tolerated


@pytest.mark.parametrize("scenario", true_scenarios(), ids=lambda one: one.name)
def test_true_claims_are_true(scenario):
    stretch = slopes.tail_end(SIZES) if "late" in scenario.name else slopes.tail(SIZES)
    assert slope_over(stretch, scenario) <= tolerated(scenario) + 1e-12


@pytest.mark.parametrize("scenario", false_scenarios(), ids=lambda one: one.name)
def test_false_claims_are_false_at_every_stretch_of_the_tail(scenario):
    assert tail_slope(scenario) > tolerated(scenario) + 0.5 * BARELY
    trend = scenario.trend(TAIL)
    assert (np.diff(trend) / np.diff(np.log(TAIL)) > 0.9 * tolerated(scenario)).all()


def test_border_claims_lie_on_the_border():
    by_name = {one.name: one for one in true_scenarios()}
    for name in ("at the tolerated slope", "log^2 of log^2 allowed"):
        assert tail_slope(by_name[name]) == pytest.approx(tolerated(by_name[name]))
    assert tolerated(by_name["log^2 of log^2 allowed"]) > slopes.RESOLUTION


def test_crossover_grows_before_the_tail_and_not_in_it():
    (scenario,) = [one for one in true_scenarios() if one.name == "growth ends before the tail"]
    trend = scenario.trend(np.array(SIZES))
    assert np.diff(trend)[:3] == pytest.approx(math.log(10))
    assert np.diff(trend)[3:] == pytest.approx(0)


def test_late_crossover_outgrows_the_order_over_the_tail_and_not_at_its_end():
    (scenario,) = [one for one in true_scenarios() if "late" in one.name]
    assert tail_slope(scenario) > 10 * tolerated(scenario)
    assert slope_over(slopes.tail_end(SIZES), scenario) == pytest.approx(tolerated(scenario))


@pytest.mark.parametrize("name", NOISES)
def test_noise_has_the_same_mean_at_every_size(name):
    drawn = NOISES[name](np.random.default_rng(0), 100_000, np.array(SIZES))
    drawn = np.where(np.isfinite(drawn), drawn, np.nan)
    # medians where there is no variance; a mean has an error of at most 0.3 * 4 / sqrt(1e5)
    centre = np.nanmedian if "Student" in name else np.nanmean
    assert centre(drawn, axis=0) == pytest.approx(0, abs=0.04)


def test_one_run_in_ten_is_zero():
    drawn = zeros(np.random.default_rng(1), 10_000, np.array(SIZES))
    assert np.mean(drawn == -np.inf) == pytest.approx(0.1, abs=0.005)
    case = make_case(Scenario("", power_law(0.0), zeros), np.random.default_rng(1))
    assert ((case.table.measured == 0) == (case.table.excess == -np.inf)).all()
