"""The figure of the three arms: each shown, unreached ones hollow, the theorem's slope beside."""

import matplotlib.colors
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from theorycheck.images.made import made_digits
from theorycheck.images.measure import measure_digits
from theorycheck.images.plan import DigitsPlan
from theorycheck.reporting.figures import style
from theorycheck.reporting.figures.digits import ARM_STYLES, NAMES, digits_figure

COLUMN = 3.15  # inches, 8 cm


@pytest.fixture(scope="module")
def found():
    plan = DigitsPlan(n=20, test=60, hidden=(16,), p=(0.4, 0.1), seeds=2, max_steps=60)
    return measure_digits(made_digits(200), plan)


@pytest.fixture(scope="module")
def figure(found):
    with style.house_style():
        drawn = digits_figure(found, "random")
        FigureCanvasAgg(drawn).draw()
    return drawn


def hollow(ax):
    """Where markers are white, by colour."""
    return [
        (line.get_color(), x)
        for line in ax.lines
        if line.get_markerfacecolor() == "white"
        for x in line.get_xdata()
    ]


def test_the_three_arms_are_always_together(figure):
    upper, middle, _ = figure.axes
    told = [text.get_text() for text in upper.get_legend().get_texts()]
    assert set(NAMES.values()) <= set(told)
    colours = {line.get_color() for line in middle.lines}
    assert {one["color"] for one in ARM_STYLES.values()} <= colours


def test_cells_that_did_not_reach_the_loss_are_hollow(found, figure):
    for ax in figure.axes[:2]:
        unreached = [cell for cell in found.cells() if not cell.reached]
        assert 0 < len(unreached) < len(found.cells())
        shown = hollow(ax)
        assert len(shown) == len(unreached)
        for cell in unreached:
            colour = ARM_STYLES[cell.arm]["color"]
            assert any(c == colour and x == pytest.approx(cell.p, rel=0.03) for c, x in shown)


def test_the_slope_of_the_theorem_stands_beside_the_measured_one(found, figure):
    lower = figure.axes[2]
    measured, theorem = lower.lines[:2]
    x, y = (np.asarray(each, float) for each in theorem.get_data())
    assert np.log(y[1] / y[0]) / np.log(x[1] / x[0]) == pytest.approx(-0.5)
    assert y[0] == measured.get_ydata()[0]
    (slopes,) = found.slopes()
    assert f"{abs(slopes.snr.value):.3f}" in measured.get_label()


def test_it_is_a_column_wide_and_on_white_paper(figure):
    assert figure.get_size_inches()[0] == pytest.approx(COLUMN)
    assert matplotlib.colors.to_hex(figure.get_facecolor()) == "#ffffff"


def test_legends_lie_outside_the_axes(figure):
    for ax in figure.axes:
        legend = ax.get_legend()
        if legend is not None:
            box = legend.get_window_extent().padded(-1)
            assert not any(box.overlaps(each.get_window_extent()) for each in figure.axes)
