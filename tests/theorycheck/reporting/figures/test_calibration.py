"""Figures of the checker itself show every rate and every power."""

import pytest

from theorycheck.commands.calibration.calibrate import Calibration, Power, Rate
from theorycheck.commands.calibration.coverage import Coverage
from theorycheck.reporting.figures import checker, style


@pytest.fixture
def ax():
    return style.new_figure().subplots()


def line(ax, label):
    """The one line whose label begins so."""
    (found,) = [one for one in ax.get_lines() if str(one.get_label()).startswith(label)]
    return found


@pytest.fixture(scope="module")
def measured():
    rates = tuple(
        Rate(f"claim {wrong}", outcome, wrong, 1000, 0.025 if wrong > 5 else 0.005)
        for wrong in (0, 4, 8)
        for outcome in ("refuted", "consistent", "consistent or refuted", "refuted or undecided")
    )
    powers = tuple(
        Power(deviation, draws, decades, 10 * decades * draws, 10_000)
        for draws in (12, 14, 16)
        for decades in (1, 7)
        for deviation in (0.05, 0.1, 0.25, 0.5)
    )
    coverages = (
        Coverage("median slope", "normal", 5, 1000),
        Coverage("failure share", "0.1", 0, 1000),
        Coverage("failure share", "0.1, pooled", 300, 1000, False),
    )
    return Calibration(1000, 0, 0.005, rates, coverages, powers)


def test_every_rate_has_a_row_and_those_above_0_a_dot(measured, ax):
    assert checker.plot_calibration(measured.as_dict(), ax) is ax
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == [one.scenario for one in measured.rates]
    dots = [one for one in ax.get_lines() if one.get_marker() == "o" and len(one.get_xdata()) == 1]
    assert sorted(float(one.get_xdata()[0]) for one in dots) == [0.004] * 4 + [0.008] * 4
    ends = [one for one in ax.get_lines() if one.get_marker() == "|"]
    upper = [one.upper for one in measured.rates]
    assert [float(one.get_xdata()[0]) for one in ends] == pytest.approx(upper)
    assert list(line(ax, "allowed").get_xdata()) == [0.005, 0.005]
    others = [one for one in ax.get_lines() if one.get_marker() == "d"]
    assert [float(one.get_xdata()[0]) for one in others] == [0.025] * 4


def test_every_coverage_has_a_mark_in_the_row_of_its_interval(measured, ax):
    assert checker.plot_coverages(measured.as_dict(), ax) is ax
    assert [label.get_text() for label in ax.get_yticklabels()] == ["median slope", "failure share"]
    printed, pooled = line(ax, "as printed"), line(ax, "pooled")
    assert list(printed.get_xdata()) == pytest.approx([0.5, 0.0])
    assert list(printed.get_ydata()) == [0, -1]
    assert list(pooled.get_xdata()) == pytest.approx([30.0])
    assert list(pooled.get_ydata()) == [-1]
    assert list(line(ax, "at most").get_xdata()) == pytest.approx([1.5, 1.5])


def test_power_is_drawn_for_every_deviation_at_fewest_and_most_draws(measured, ax):
    assert checker.plot_power(measured.as_dict(), ax) is ax
    assert len(ax.get_lines()) == 8
    thick = line(ax, "0.25")
    assert list(thick.get_xdata()) == [1, 7]
    assert list(thick.get_ydata()) == pytest.approx([0.016, 0.112])
