"""The checker measured on made-up claims: the counts are right."""

import json

import numpy as np
import pytest
from scipy import stats

from theorycheck.commands import calibrate as calibrate_module
from theorycheck.commands.calibrate import (
    Power,
    Rate,
    calibrate,
    calibration_lines,
    power_of,
    write_calibration,
    wrong_rate,
)
from theorycheck.commands.made_up_claims import (
    Scenario,
    false_scenarios,
    normal,
    power_law,
    true_scenarios,
)
from theorycheck.reporting.figures import checker

pytestmark = pytest.mark.slow


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

    judge_orders = calibrate_module.judge_orders
    monkeypatch.setattr(calibrate_module, "judge_orders", judged)
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


def test_calibration_is_the_same_twice_and_another_with_another_seed():
    first, second, other = (calibrate(2, seed) for seed in (3, 3, 4))
    assert first == second
    assert first.powers != other.powers


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


def test_figure_that_fails_leaves_the_numbers(small, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(checker, "calibration_figure", lambda _: 1 / 0)
    (file,) = write_calibration(small, tmp_path, "")
    assert list(tmp_path.iterdir()) == [file]
    assert json.loads(file.read_text())["repetitions"] == 12
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("theorycheck: the figure calibration could not be drawn: ZeroDivision")


def test_text_has_a_line_for_every_rate_and_cell(small):
    lines = list(calibration_lines(small))
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
