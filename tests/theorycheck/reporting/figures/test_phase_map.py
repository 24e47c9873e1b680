"""Figures of the predictions show what they are given, all of it legible."""

import math

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg

from theorycheck.predictions.phase_diagram import PhaseDiagram, PhaseGrid, even_race, learnable_from
from theorycheck.reporting.figures import style as style_module
from theorycheck.reporting.figures.phase_map import plot_escape_times, plot_noise_term, plot_phase


@pytest.fixture(autouse=True)
def style():
    with style_module.house_style():
        yield


@pytest.fixture(scope="module")
def diagram():
    """The default grid with a test error that is another one in each cell."""
    grid = PhaseGrid()
    error = np.linspace(0, 0.5, 12 * 12 * 4).reshape(12, 12, 4)
    return PhaseDiagram(grid, error, np.full(error.shape, "reached"))


@pytest.fixture(scope="module")
def with_gaps(diagram):
    """The same with a run left out of one cell, and every run of another."""
    error = diagram.test_error.copy()
    error[0, 0, 0] = math.nan
    error[3, 5] = math.nan
    return PhaseDiagram(diagram.grid, error, diagram.status)


@pytest.fixture(scope="module")
def figures(diagram, with_gaps):
    """Every figure once, by name, laid out as it is saved."""
    times = np.geomspace(1e3, 1e9, 6)
    inverse_p = np.array([1.0, 2.0, 3.0])
    predicted = -9e9 * inverse_p
    with style_module.house_style():
        both = plot_noise_term(inverse_p, predicted, predicted, "orthogonal")
        plot_noise_term(inverse_p, [-3e5] * 3, label="isotropic", ax=both)
        drawn = {
            "phase": plot_phase(diagram),
            "gaps": plot_phase(with_gaps),
            "escape": plot_escape_times(times * (1 + 1 / times), times),
            "groups": plot_escape_times([*times[:5], math.inf], times, ["K = 2", "K = 3"] * 3),
            "noise": plot_noise_term(inverse_p, predicted, predicted),
            "both": both,
        }
        for ax in drawn.values():
            FigureCanvasAgg(ax.figure).draw()
    return drawn


def line(ax, label):
    """The one line whose label begins so."""
    (found,) = [one for one in ax.get_lines() if str(one.get_label()).startswith(label)]
    return found


# every figure


def test_every_axis_has_a_label_and_every_figure_a_legend(figures):
    for name, ax in figures.items():
        assert ax.get_xlabel(), name
        assert ax.get_ylabel(), name
        entries = [text.get_text() for text in ax.get_legend().get_texts()]
        assert entries, name
        assert all(entries), name
        assert len(set(entries)) == len(entries), name


def test_axes_that_are_given_are_drawn_on(diagram):
    ax = style_module.new_figure().subplots()
    assert plot_phase(diagram, ax) is ax
    for draw in (plot_escape_times, plot_noise_term):
        ax = style_module.new_figure().subplots()
        assert draw([2.0], [1.0], ax=ax) is ax


def test_nothing_global_is_touched(figures):
    assert pyplot.get_fignums() == []


# the phase diagram


def test_each_cell_has_its_mean_test_error_around_its_point(diagram):
    ax = plot_phase(diagram)
    (cells,) = ax.collections
    np.testing.assert_allclose(
        cells.get_array().reshape(12, 12), diagram.test_error.mean(axis=2), rtol=1e-12
    )
    corners = cells.get_coordinates()
    for edges, centres in ((corners[0, :, 0], diagram.p), (corners[:, 0, 1], diagram.snr)):
        assert (edges[:-1] < centres).all()
        assert (centres < edges[1:]).all()
    assert cells.get_clim() == (0, 0.5)
    assert cells.colorbar.extend == "max"  # a network can do worse than guessing


def test_boundaries_are_drawn_where_they_are_predicted(diagram):
    ax = plot_phase(diagram)
    race = line(ax, "above: signal escapes before noise")
    np.testing.assert_allclose(race.get_ydata(), even_race(diagram.grid, race.get_xdata()))
    assert race.get_xdata()[[0, -1]] == pytest.approx([ax.get_xlim()[0], 1])
    learnable = learnable_from(diagram.grid)
    assert set(line(ax, "right: learnable").get_xdata()) == {learnable}
    dense = line(ax, "below: the dense network fails")
    assert dense.get_ydata() == pytest.approx([(2 / 20) ** (1 / 3)] * 2)  # (n/K) SNR^3 = 1
    assert dense.get_xdata().tolist() == [learnable, 1]


def test_learnable_boundary_that_is_nowhere_is_not_drawn(diagram):
    grid = PhaseGrid(m=1)
    ax = plot_phase(PhaseDiagram(grid, diagram.test_error, diagram.status))
    assert not [one for one in ax.get_lines() if str(one.get_label()).startswith("right")]


def test_axes_are_logarithmic_with_the_letters_of_the_theory(diagram):
    ax = plot_phase(diagram)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert ax.get_xlabel().startswith("$p$")
    assert r"\mu" in ax.get_ylabel()
    assert r"\sigma_n\sqrt{d}" in ax.get_ylabel()


def test_runs_that_are_left_out_are_counted_and_white(diagram, with_gaps):
    ax = plot_phase(with_gaps)
    assert ax.get_legend().get_title().get_text().endswith("5 runs diverged, left out")
    (cells,) = ax.collections
    mask = np.ma.getmaskarray(cells.get_array()).reshape(12, 12)
    assert np.argwhere(mask).tolist() == [[3, 5]]
    title = plot_phase(diagram).get_legend().get_title().get_text()
    assert title == "d = 4,000, n = 20, m = 20, K = 2, 4 seeds"


def test_one_cell_is_a_diagram_too():
    grid = PhaseGrid(p=(0.5,), snr=(0.3,), seeds=1, d=4e3)
    ax = plot_phase(PhaseDiagram(grid, np.array([[[0.2]]]), np.array([[["reached"]]])))
    low, high = ax.get_xlim()
    assert low < 0.5 < high
    FigureCanvasAgg(ax.figure).draw()


def test_colours_tell_errors_apart_in_grey(diagram):
    (cells,) = plot_phase(diagram).collections
    red, green, blue, _ = cells.cmap(np.linspace(0, 1, 20)).T
    grey = 0.299 * red + 0.587 * green + 0.114 * blue
    assert (np.diff(grey) < 0).all()


# escape times and the noise term


def test_distance_of_escape_times_is_drawn_against_the_predicted_ones():
    ax = plot_escape_times([101.0, 990.0], [100.0, 1000.0])
    points = line(ax, "measured")
    assert points.get_xdata().tolist() == [100, 1000]
    assert points.get_ydata() == pytest.approx([0.01, 0.01])
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_escape_time_that_is_met_exactly_is_drawn_at_the_rounding():
    assert line(plot_escape_times([7.0], [7.0]), "measured").get_ydata() == [2.0**-52]


def test_level_that_was_never_reached_is_counted():
    ax = plot_escape_times([1.1, math.inf, math.nan, 4.1], [1, 2, 3, 4], ["a", "a", "b", "b"])
    assert line(ax, "a").get_label() == "a, 1 never reached"
    assert line(ax, "b").get_label() == "b, 1 never reached"
    assert [one.get_xdata().tolist() for one in ax.get_lines()] == [[1], [4]]


def test_groups_differ_in_marker_and_colour():
    first, second = plot_escape_times([2, 2], [1, 1], ["a", "b"]).get_lines()
    assert first.get_marker() != second.get_marker()
    assert first.get_color() != second.get_color()


def test_noise_term_is_drawn_with_its_line_in_order():
    ax = plot_noise_term([3.0, 1.0, 2.0], [-30.0, -11.0, -20.0], [-31.0, -12.0, -21.0])
    points, predicted = ax.get_lines()
    assert (points.get_label(), predicted.get_label()) == ("measured", "measured: predicted")
    assert points.get_xdata().tolist() == [3, 1, 2]
    assert points.get_ydata().tolist() == [-30, -11, -20]
    assert predicted.get_xdata().tolist() == [1, 2, 3]
    assert predicted.get_ydata().tolist() == [-12, -21, -31]


def test_second_series_differs_in_marker_and_colour():
    ax = plot_noise_term([1.0], [-1.0], [-1.0], "first")
    plot_noise_term([1.0], [-2.0], None, "second", ax)
    first, second = (one for one in ax.get_lines() if one.get_label() in ("first", "second"))
    assert first.get_marker() != second.get_marker()
    assert first.get_color() != second.get_color()


def test_noise_term_that_is_nothing_is_counted():
    ax = plot_noise_term([1.0, 2.0], [-math.inf, -2.0])
    assert line(ax, "measured").get_label() == "measured, 1 left out"
    assert line(ax, "measured").get_xdata().tolist() == [2]
