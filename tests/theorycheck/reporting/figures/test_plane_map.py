"""The map of a plane shows its cells and, where an index is 1, a line."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from theorycheck.predictions.phase_diagram import PhaseDiagram, PhaseGrid
from theorycheck.predictions.plane import Plane, PlaneDiagram, read_index
from theorycheck.reporting.figures.phase_map import plot_phase
from theorycheck.reporting.figures.plane_map import NAMES, plot_plane
from theorycheck.reporting.figures.style import house_style


@pytest.fixture(autouse=True)
def style():
    with house_style():
        yield


def diagram(x="n", y="snr", **values):
    plane = Plane(x, y, values, seeds=2)
    shape = (len(plane.values[y]), len(plane.values[x]), 2)
    return PlaneDiagram(
        plane, np.linspace(0, 0.5, np.prod(shape)).reshape(shape), np.full(shape, "")
    )


def contours(ax):
    """The ends of every line that is drawn where an index is 1."""
    return [
        path.vertices
        for one in ax.collections
        if hasattr(one, "levels")
        for path in one.get_paths()
        if len(path.vertices)
    ]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_line_lies_where_the_index_is_1():
    ax = plot_plane(diagram(), index=read_index("n*snr**q/1.8"))
    lines = contours(ax)
    assert lines
    for line in lines:
        n, snr = line.T
        assert n * snr**3 == pytest.approx(np.full(len(n), 1.8), rel=0.02)
    assert legend(ax) == ["n*snr**q/1.8 = 1"]


def test_index_that_is_nowhere_1_is_told():
    ax = plot_plane(diagram(), index=read_index("n*1e9"))
    assert not contours(ax)
    assert legend(ax) == ["n*1e9 = 1 (nowhere here)"]


def test_map_of_phases_takes_an_index_beside_its_own_boundaries():
    grid = PhaseGrid(p=(0.2, 1.0), snr=(0.2, 1.0), seeds=1)
    phases = PhaseDiagram(grid, np.full((2, 2, 1), 0.2), np.full((2, 2, 1), "reached"))
    ax = plot_phase(phases, index=read_index("n*snr**q/(1.8*p**(q/2))"))
    p, snr = np.concatenate(contours(ax)).T
    assert p.max() <= 1
    assert 20 * snr**3 / p**1.5 == pytest.approx(np.full(len(p), 1.8), rel=0.02)
    assert len(legend(ax)) == len(legend(plot_phase(phases))) + 1


@pytest.mark.parametrize("name", list(NAMES))
def test_every_parameter_has_its_label(name):
    other = "n" if name != "n" else "m"
    ax = plot_plane(diagram(name, other))
    FigureCanvasAgg(ax.figure).draw()
    assert ax.get_xlabel() == NAMES[name][0]
    assert ax.get_ylabel() == NAMES[other][0]
    assert ("seed" in ax.get_title(loc="left")) is True
    assert NAMES[name][1] not in ax.get_title(loc="left").split(" = ")
