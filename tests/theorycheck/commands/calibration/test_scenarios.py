"""Every rule of the judge has a made-up claim, and it is what its name says."""

import math

import numpy as np
import pytest

from theorycheck.commands.calibration.made_up_claims import make_case
from theorycheck.commands.calibration.scenarios import (
    BARELY,
    between_scenarios,
    beyond_scenarios,
    late_scenarios,
    outlier_scenarios,
    within_scenarios,
)
from theorycheck.judging import slopes

EVERY = [
    *within_scenarios(),
    *beyond_scenarios(),
    *between_scenarios(),
    *late_scenarios(),
    *outlier_scenarios(),
]


def slope_over(stretch, scenario):
    """The exact log-log slope of a trend over some of the sizes."""
    sizes = np.array(scenario.sizes)
    return np.polyfit(np.log(sizes[stretch]), scenario.trend(sizes)[stretch], 1)[0]


def tail_slope(scenario):
    """The exact log-log slope of a trend over the tail."""
    return slope_over(slopes.tail(scenario.sizes), scenario)


def end_slope(scenario):
    return slope_over(slopes.tail_end(scenario.sizes), scenario)


def case_of(scenario):
    return make_case(scenario, np.random.default_rng(0))


def named(name):
    (scenario,) = [one for one in EVERY if one.name == name]
    return scenario


@pytest.mark.parametrize("scenario", within_scenarios(), ids=lambda one: one.name)
def test_claims_within_are_within_the_allowance(scenario):
    assert tail_slope(scenario) <= case_of(scenario).tolerated + 1e-12
    assert scenario.wrong == ("refuted",)


@pytest.mark.parametrize("scenario", beyond_scenarios(), ids=lambda one: one.name)
def test_claims_beyond_are_beyond_the_allowance(scenario):
    assert scenario.wrong == ("consistent",)
    if scenario.centred and not scenario.name.startswith("60 %"):
        assert tail_slope(scenario) > case_of(scenario).tolerated + 0.9 * BARELY


@pytest.mark.parametrize(
    "scenario", [*between_scenarios(), *late_scenarios()], ids=lambda one: one.name
)
def test_claims_between_are_beyond_and_have_a_reason_not_to_be_refuted(scenario):
    case = case_of(scenario)
    assert scenario.wrong == ("refuted", "consistent")
    assert tail_slope(scenario) > case.tolerated
    reasons = (
        tail_slope(scenario) <= case.ceiling + 1e-12,
        scenario.last < 0,
        end_slope(scenario) <= case.tolerated_end + 1e-12,
    )
    assert sum(reasons) == 1


def test_growth_that_is_bounded_grows_to_the_end_and_stays_below_its_constant():
    for name, last in (("to half", 0.5), ("to nine tenths", 0.9)):
        scenario = named(f"bounded growth, {name}")
        assert end_slope(scenario) > case_of(scenario).tolerated_end
        assert math.exp(scenario.last) == pytest.approx(last)
        # what it tends to is its declared constant
        sizes = np.array([*scenario.sizes, 1e30])
        trend = scenario.trend(sizes)
        assert trend[-1] - trend[-2] + scenario.last == pytest.approx(0, abs=0.02)


def test_crossover_grows_before_the_tail_and_not_in_it():
    scenario = named("growth ends before the tail")
    trend = scenario.trend(np.array(scenario.sizes))
    assert np.diff(trend)[:3] == pytest.approx(math.log(10))
    assert np.diff(trend)[3:] == pytest.approx(0)


def test_late_crossover_has_an_end_of_the_tail_of_its_own():
    for scenario in [*late_scenarios(), named("growth ends late, flat then")]:
        assert slopes.tail_end(scenario.sizes).sum() < slopes.tail(scenario.sizes).sum()
        assert tail_slope(scenario) > 4 * case_of(scenario).tolerated


@pytest.mark.parametrize("scenario", outlier_scenarios(), ids=lambda one: one.name)
def test_claims_with_outliers_clearly_fall_and_must_be_consistent(scenario):
    assert tail_slope(scenario) == pytest.approx(-0.5)
    assert scenario.wrong == ("refuted", "undecided")
