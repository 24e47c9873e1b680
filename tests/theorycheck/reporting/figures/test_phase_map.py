"""Figures of the predictions show what they are given, all of it legible."""

import math

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

import theorycheck as tc
from theorycheck.predictions.phase_diagram import PhaseDiagram, PhaseGrid, even_race, learnable_from
from theorycheck.reporting.figures import style as style_module
from theorycheck.reporting.figures.phase_map import plot_phase
from theorycheck.reporting.figures.plane_map import figure_of_map


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
    with style_module.house_style():
        drawn = {
            "phase": plot_phase(diagram),
            "gaps": plot_phase(with_gaps),
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
    race = line(ax, "above: signal wins in half of the draws")
    expected = np.array(even_race(diagram.grid, race.get_xdata()))
    expected[np.isinf(expected)] = np.nan  # where fewer than half of the classes can learn
    np.testing.assert_allclose(race.get_ydata(), expected)
    few = line(ax, "thin: in 0.1 and in 0.9 of them")
    np.testing.assert_allclose(few.get_ydata()[-1], even_race(diagram.grid, [1.0], 0.1))
    assert race.get_xdata()[[0, -1]] == pytest.approx([ax.get_xlim()[0], 1])
    learnable = learnable_from(diagram.grid)
    assert set(line(ax, "right: learnable").get_xdata()) == {learnable}
    dense = line(ax, "below: the dense network fails")
    assert dense.get_ydata() == pytest.approx(even_race(diagram.grid, [1.0, 1.0]))
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


def test_paper_style_spells_what_its_font_lacks(diagram, tmp_path):
    with style_module.house_style("paper"):
        saved = figure_of_map(diagram)
        style_module.save(saved, tmp_path, "phase", ("svg",))
    for figure in (saved, tc.plot(diagram, style="paper")):
        told = [text.get_text() for text in figure.findobj(Text)]
        assert "right: learnable with probability $>$ 1/2" in told
