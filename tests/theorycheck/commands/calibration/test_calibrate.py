"""The checker measured on made-up claims: the counts are right."""

import json

import numpy as np
import pytest
from scipy import stats

from theorycheck.commands.calibration import calibrate as calibrate_module
from theorycheck.commands.calibration.calibrate import (
    LATE_ERROR,
    ClaimsTogether,
    Power,
    Rate,
    calibrate,
    calibration_lines,
    families,
    power_of,
    write_calibration,
    wrong_rate,
)
from theorycheck.commands.calibration.coverage import LEAST_COVERAGE, Coverage
from theorycheck.commands.calibration.made_up_claims import Scenario
from theorycheck.commands.calibration.scenarios import power_law
from theorycheck.reporting.figures import checker

pytestmark = pytest.mark.slow


def test_wrong_checks_are_counted_not_wrong_claims():
    # all claims are as clear as can be, and the outcome that is called wrong is the right one
    def rate(*claims):
        some = [Scenario("", power_law(slope), (wrong,)) for slope, wrong in claims]
        return wrong_rate(ClaimsTogether("", some), 4, np.random.default_rng(0))

    assert rate(*[(3.0, "refuted")] * 3).wrong == 4
    assert rate((3.0, "consistent"), (-3.0, "consistent")).wrong == 4
    either = rate((3.0, "consistent"), (-3.0, "refuted"))
    assert (either.wrong, either.checks, either.outcome) == (0, 4, "consistent or refuted")


def test_claims_of_one_check_share_the_rate_of_error(monkeypatch):
    seen = []
    monkeypatch.setattr(calibrate_module, "judge_orders", lambda cases: seen.append(cases) or [])
    for family in families():
        with pytest.raises(ValueError, match="zip"):
            wrong_rate(family, 1, np.random.default_rng(0))
        claims = {case.blank.claim for case in seen[-1]}
        assert len(claims) == len(family.scenarios) >= 5


@pytest.mark.parametrize(("wrong", "checks"), [(0, 1000), (7, 1000), (3, 3)])
def test_upper_limit_is_exact(wrong, checks):
    upper = Rate("", "refuted", wrong, checks).upper
    assert wrong == checks or stats.binom.cdf(wrong, checks, upper) == pytest.approx(0.05)


def test_power_grows_with_the_deviation_the_draws_and_the_tail():
    def rates(draws, decades):
        return [one.rate for one in power_of(draws, decades, 40, np.random.default_rng(5))]

    few, many, long = rates(12, 2), rates(48, 2), rates(12, 7)
    assert few == sorted(few)
    assert sum(few) < sum(many)
    assert sum(few) < sum(long)
    assert many[-1] == long[-1] == 1.0


@pytest.mark.parametrize("decades", [1, 7])
def test_tail_has_the_decades_it_says(decades, monkeypatch):
    seen = []

    def judged(cases):
        seen.extend(cases)
        return judge_orders(cases)

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
    # twelve checks at 0.5 %: three wrong ones have probability 3e-5
    assert max(one.wrong for one in small.rates) < 3
    assert {one.allowed for one in small.rates} == {small.family_error, LATE_ERROR}


def test_printed_intervals_hold_the_truth_and_pooled_ones_do_not(small):
    # sixty intervals at 99 %: four that miss have probability 3e-3
    assert max(one.misses for one in small.coverages if one.printed) <= 4
    assert min(one.misses for one in small.coverages if not one.printed) > 0
    assert LEAST_COVERAGE < 0.99


def test_calibration_is_the_same_twice_and_another_with_another_seed():
    first, second, other = (calibrate(2, seed) for seed in (3, 3, 4))
    assert first == second
    assert first.powers != other.powers


def test_every_scenario_and_cell_is_there(small):
    assert [one.scenario for one in small.rates] == [one.name for one in families()]
    assert {one.checks for one in small.rates} == {12}
    cells = {(one.deviation, one.draws, one.decades) for one in small.powers}
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
    rates = [Rate(*(one[x] for x in ("scenario", "outcome", "wrong", "checks", "allowed")))
             for one in content["rates"]]  # fmt: skip
    assert tuple(rates) == small.rates
    powers = [Power(*(one[x] for x in ("deviation", "draws", "decades", "refuted", "checks")))
              for one in content["powers"]]  # fmt: skip
    assert tuple(powers) == small.powers
    covered = [Coverage(*(one[x] for x in ("interval", "case", "misses", "intervals", "printed")))
               for one in content["coverages"]]  # fmt: skip
    assert tuple(covered) == small.coverages
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
    for one in small.rates:
        assert any(one.scenario in line and f"{one.upper:.2%}" in line for line in lines)
    for one in small.coverages:
        counts = f"{one.misses} of {one.intervals}"
        assert any(one.case in line and counts in line for line in lines)
    assert len(lines) == 2 + len(small.rates) + 2 + len(small.coverages) + 2 + 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0, 0), "repetitions must be at least 1, got 0"), ((1, -1), "seed must be at least 0, got")],
)
def test_bad_argument_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        calibrate(*arguments)
