"""The figures of the sharp predictions show every row and name every axis."""

import numpy as np
import pytest

from theorycheck.predictions.limit import PredictionVerdict, Row
from theorycheck.reporting.figures import sharp, style

ROWS = tuple(
    Row(setting, value, 1 + value, 1.0, 1 + 3 * value, value, 2 * value, 12)
    for setting in ("one", "another")
    for value in (1e-2, 1e-3, 1e-4)
)
VERDICT = PredictionVerdict("x", "x", "consistent", "", "sigma_0", ROWS)


@pytest.fixture
def ax():
    with style.house_style():
        yield style.new_figure().subplots()


def shown(ax, label):
    (line,) = [one for one in ax.get_lines() if one.get_label() == label]
    return line


def test_distances_are_drawn_by_setting(ax):
    assert sharp.plot_distance(VERDICT, ax) is ax
    for setting in ("one", "another"):
        assert shown(ax, setting).get_ydata() == pytest.approx([1e-2, 1e-3, 1e-4])
    worst = [one.get_ydata() for one in ax.get_lines() if one.get_linestyle() == "None"]
    assert any(np.array_equal(line, [2e-2, 2e-3, 2e-4]) for line in worst)
    assert ax.get_legend().get_title().get_text() == "x: consistent"
    assert (ax.get_xlabel(), ax.get_xscale(), ax.get_yscale()) == (r"$\sigma_0$", "log", "log")


def test_ratios_are_drawn_with_their_interval(ax):
    sharp.plot_ratios(VERDICT, ax)
    (bars,) = ax.containers
    (segments,) = bars.lines[2]
    for row, ends in zip(ROWS, segments.get_segments(), strict=True):
        assert ends[:, 1] == pytest.approx([row.low, row.high])


def test_exponent_is_drawn_relative_to_p_1(ax):
    series = {"a": ([1.0, 2.0], [-5.0, -10.0]), "b": ([2.0, 1.0], [-1.0, -1.0])}
    sharp.plot_noise_exponent(series, ax)
    assert shown(ax, "a").get_ydata() == pytest.approx([1, 2])
    assert shown(ax, "b").get_ydata() == pytest.approx([1, 1])
    (derived,) = [one for one in ax.get_lines() if one.get_label().startswith("derived")]
    assert derived.get_xydata() == pytest.approx(np.array([[1, 1], [2, 2]]))
