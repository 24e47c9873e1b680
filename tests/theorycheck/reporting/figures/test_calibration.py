"""Figures of the checker itself show every rate and every power."""

import pytest

from theorycheck.commands.calibrate import Calibration, Power, Rate
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
        Rate(f"claim {wrong}", outcome, wrong, 1000)
        for wrong in (0, 5)
        for outcome in ("refuted", "consistent", "consistent or refuted")
    )
    powers = tuple(
        Power(deviation, seeds, decades, 10 * decades * seeds, 10_000)
        for seeds in (12, 14, 16)
        for decades in (1, 7)
        for deviation in (0.05, 0.1, 0.25, 0.5)
    )
    return Calibration(1000, 0, 0.01, rates, (Rate("skewed", "consistent", 80, 1000),), powers)


def test_every_rate_has_a_row_and_those_above_0_a_dot(measured, ax):
    assert checker.plot_calibration(measured.as_dict(), ax) is ax
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        one.scenario for one in (*measured.rates, *measured.beyond)
    ]
    dots = [one for one in ax.get_lines() if one.get_marker() == "o" and len(one.get_xdata()) == 1]
    assert sorted(float(one.get_xdata()[0]) for one in dots) == [0.005] * 3 + [0.08]
    ends = [one for one in ax.get_lines() if one.get_marker() == "|"]
    upper = [one.upper for one in (*measured.rates, *measured.beyond)]
    assert [float(one.get_xdata()[0]) for one in ends] == pytest.approx(upper)
    assert list(line(ax, "allowed").get_xdata()) == [0.01, 0.01]


def test_power_is_drawn_for_every_deviation_at_fewest_and_most_seeds(measured, ax):
    assert checker.plot_power(measured.as_dict(), ax) is ax
    assert len(ax.get_lines()) == 8
    thick = line(ax, "0.25")
    assert list(thick.get_xdata()) == [1, 7]
    assert list(thick.get_ydata()) == pytest.approx([0.016, 0.112])
