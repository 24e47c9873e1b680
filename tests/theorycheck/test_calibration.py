"""The checker measured on made-up claims: the claims are what they say, the counts are right."""

import json
import math

import numpy as np
import pytest
from scipy import stats

from theorycheck import calibration, scaling
from theorycheck.calibration import (
    NOISES,
    SIZES,
    Power,
    Rate,
    Scenario,
    calibrate,
    false_scenarios,
    make_case,
    normal,
    power_law,
    power_of,
    text_lines,
    true_scenarios,
    write_calibration,
    wrong_rate,
)

TAIL = np.array(SIZES)[scaling.tail(SIZES)]


def slope_over(stretch, scenario):
    """The exact log-log slope of a trend over some of the sizes."""
    sizes = np.array(SIZES)
    return np.polyfit(np.log(sizes[stretch]), scenario.trend(sizes)[stretch], 1)[0]


def tail_slope(scenario):
    """The exact log-log slope of a trend over the tail."""
    return slope_over(scaling.tail(SIZES), scenario)


def tolerated(scenario):
    return make_case(scenario, np.random.default_rng(0)).tolerated


@pytest.mark.parametrize("scenario", true_scenarios(), ids=lambda one: one.name)
def test_true_claims_are_true(scenario):
    stretch = scaling.tail_end(SIZES) if "late" in scenario.name else scaling.tail(SIZES)
    assert slope_over(stretch, scenario) <= tolerated(scenario) + 1e-12


@pytest.mark.parametrize("scenario", false_scenarios(), ids=lambda one: one.name)
def test_false_claims_are_false_at_every_stretch_of_the_tail(scenario):
    assert tail_slope(scenario) > tolerated(scenario) + 0.5 * calibration.BARELY
    trend = scenario.trend(TAIL)
    assert (np.diff(trend) / np.diff(np.log(TAIL)) > 0.9 * tolerated(scenario)).all()


def test_border_claims_lie_on_the_border():
    by_name = {one.name: one for one in true_scenarios()}
    for name in ("at the tolerated slope", "log^2 of log^2 allowed"):
        assert tail_slope(by_name[name]) == pytest.approx(tolerated(by_name[name]))
    assert tolerated(by_name["log^2 of log^2 allowed"]) > scaling.RESOLUTION


def test_crossover_grows_before_the_tail_and_not_in_it():
    (scenario,) = [one for one in true_scenarios() if one.name == "growth ends before the tail"]
    trend = scenario.trend(np.array(SIZES))
    assert np.diff(trend)[:3] == pytest.approx(math.log(10))
    assert np.diff(trend)[3:] == pytest.approx(0)


def test_late_crossover_outgrows_the_order_over_the_tail_and_not_at_its_end():
    (scenario,) = [one for one in true_scenarios() if "late" in one.name]
    assert tail_slope(scenario) > 10 * tolerated(scenario)
    assert slope_over(scaling.tail_end(SIZES), scenario) == pytest.approx(tolerated(scenario))


@pytest.mark.parametrize("name", NOISES)
def test_noise_has_the_same_mean_at_every_size(name):
    drawn = NOISES[name](np.random.default_rng(0), 100_000, np.array(SIZES))
    drawn = np.where(np.isfinite(drawn), drawn, np.nan)
    # medians where there is no variance; a mean has an error of at most 0.3 * 4 / sqrt(1e5)
    centre = np.nanmedian if "Student" in name else np.nanmean
    assert centre(drawn, axis=0) == pytest.approx(0, abs=0.04)


def test_one_run_in_ten_is_zero():
    drawn = calibration.zeros(np.random.default_rng(1), 10_000, np.array(SIZES))
    assert np.mean(drawn == -np.inf) == pytest.approx(0.1, abs=0.005)
    case = make_case(Scenario("", power_law(0.0), calibration.zeros), np.random.default_rng(1))
    assert ((case.table.measured == 0) == (case.table.excess == -np.inf)).all()


def test_wrong_checks_are_counted_not_wrong_claims():
    # both claims are as false as can be, and the outcome that is called wrong is the right one
    steep = Scenario("steep", power_law(3.0), normal)
    flat = Scenario("flat", power_law(-3.0), normal)
    rng = np.random.default_rng(0)
    assert wrong_rate("", [(steep, "refuted")] * 3, 4, rng).wrong == 4
    assert wrong_rate("", [(steep, "consistent"), (flat, "consistent")], 4, rng).wrong == 4
    either = wrong_rate("", [(steep, "consistent"), (flat, "refuted")], 4, rng)
    assert (either.wrong, either.checks, either.outcome) == (0, 4, "consistent or refuted")


@pytest.mark.parametrize(("wrong", "checks"), [(0, 1000), (7, 1000), (3, 3)])
def test_upper_limit_is_exact(wrong, checks):
    upper = Rate("", "refuted", wrong, checks).upper
    assert wrong == checks or stats.binom.cdf(wrong, checks, upper) == pytest.approx(0.05)


def test_power_grows_with_the_deviation_the_seeds_and_the_tail():
    def rates(seeds, decades):
        return [one.rate for one in power_of(seeds, decades, 40, np.random.default_rng(5))]

    few, many, long = rates(12, 2), rates(48, 2), rates(12, 7)
    assert few == sorted(few)
    assert sum(few) < sum(many)
    assert sum(few) < sum(long)
    assert many[-1] == long[-1] == 1.0


@pytest.mark.parametrize("decades", [1, 7])
def test_tail_has_the_decades_it_says(decades, monkeypatch):
    seen = []

    def judged(cases, intervals):
        seen.extend(cases)
        return judge_orders(cases, intervals)

    judge_orders = calibration.judge_orders
    monkeypatch.setattr(calibration, "judge_orders", judged)
    power_of(12, decades, 1, np.random.default_rng(0))
    for case in seen:
        tail = case.table.progress[case.table.tail]
        assert tail[-1] / tail[0] == pytest.approx(10**decades)
        assert len(tail) == 4


@pytest.fixture(scope="module")
def small():
    return calibrate(12, 3)


def test_no_rate_exceeds_what_is_allowed(small):
    # twelve checks at 1 %: three wrong ones have probability 2e-4
    assert max(one.wrong for one in small.rates) < 3
    assert [one.outcome for one in small.beyond] == ["consistent"]


def test_calibration_is_the_same_twice_and_another_with_another_seed(small):
    assert calibrate(12, 3) == small
    assert calibrate(12, 4).powers != small.powers


def test_every_scenario_and_cell_is_there(small):
    assert len(small.rates) == len(true_scenarios()) + len(false_scenarios()) + 3
    assert {one.checks for one in small.rates} == {12}
    cells = {(one.deviation, one.seeds, one.decades) for one in small.powers}
    assert len(cells) == len(small.powers) == 4 * 4 * 4


def test_every_number_is_written_down(small, tmp_path):
    files = write_calibration(small, tmp_path, "the command")
    assert sorted(path.name for path in files) == [
        "calibration.json",
        "calibration.png",
        "calibration.svg",
    ]
    content = json.loads(files[0].read_text(), parse_constant=pytest.fail)
    assert content["command"] == "the command"
    assert (content["repetitions"], content["seed"]) == (12, 3)
    rates = [Rate(*(one[x] for x in ("scenario", "outcome", "wrong", "checks")))
             for one in content["rates"]]  # fmt: skip
    assert tuple(rates) == small.rates
    powers = [Power(*(one[x] for x in ("deviation", "seeds", "decades", "refuted", "checks")))
              for one in content["powers"]]  # fmt: skip
    assert tuple(powers) == small.powers
    assert content["rates"][0]["upper"] == small.rates[0].upper


def test_text_has_a_line_for_every_rate_and_cell(small):
    lines = list(text_lines(small))
    for one in (*small.rates, *small.beyond):
        assert any(one.scenario in line and f"{one.upper:.2%}" in line for line in lines)
    assert len(lines) == 2 + len(small.rates) + 1 + len(small.beyond) + 2 + 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0, 0), "repetitions must be at least 1, got 0"), ((1, -1), "seed must be at least 0, got")],
)
def test_bad_argument_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        calibrate(*arguments)
