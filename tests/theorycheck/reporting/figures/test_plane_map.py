"""The map of a plane shows its cells and, where an index is 1, a line."""

import warnings

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import bounds
from theorycheck.predictions.phase_diagram import PhaseDiagram, PhaseGrid
from theorycheck.predictions.plane import Plane, PlaneDiagram, map_plane, read_index
from theorycheck.reporting.figures.phase_map import plot_phase
from theorycheck.reporting.figures.plane_map import NAMES, plot_plane
from theorycheck.reporting.figures.style import house_style


@pytest.fixture(autouse=True)
def style():
    with house_style():
        yield


def diagram(x="n", y="snr", words=None, **values):
    plane = Plane(x, y, values, seeds=2, **(words or {}))
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


def test_map_of_antipodal_signals_has_the_theorem_and_the_race():
    ax = plot_plane(diagram(words={"signals": "antipodal"}))
    theorem, half, *band = contours(ax)[::2]  # each on its white seam
    n, snr = theorem.T
    assert n * snr**3 == pytest.approx(np.ones(len(n)), rel=0.02)
    for n, snr in half[::20]:
        learned = bounds.learned_share(snr, 1.0, round(n), 20, 2, 3.0)
        assert learned == pytest.approx(0.5, abs=0.06)
    assert len(band) == 2
    assert legend(ax) == [
        r"theorem: $n\,$SNR$^{3} = 1$, constant unknown",
        "race: error half-way to guessing",
        "thin: a tenth and nine tenths of the way",
    ]


def test_map_of_relu_has_the_theorem_and_the_curve():
    words = {"signals": "antipodal", "q": 1.0, "flip": 0.1}
    ax = plot_plane(diagram("d", "mu", words, sigma_n=(1.0,), d=(400, 1600), mu=(0.5, 10)))
    theorem, half, *band = contours(ax)[::2]
    for line, index in ((theorem, 1.0), (half, bounds.relu_even_index(0.5, 0.1))):
        d, mu = line.T
        assert 20 * mu**4 / d == pytest.approx(np.full(len(d), index), rel=0.02)
    assert len(band) == 2
    assert "ReLU curve: error half-way to guessing" in legend(ax)
    assert ax.collections[0].get_clim() == (0.1, 0.5)  # from the wrong labels to guessing
    assert "$q$ = 1, flips 0.1" in ax.get_legend().get_title().get_text()


def test_boundary_outside_the_map_is_told():
    words = {"signals": "antipodal", "flip": 0.1}
    ax = plot_plane(diagram(words=words, snr=(2.0, 3.0)))
    assert not contours(ax)
    assert legend(ax) == [r"theorem: $n\,$SNR$^{3} = 1$ (nowhere here)"]


def test_map_that_no_boundary_crosses_is_drawn_all_the_same():
    words = {"signals": "antipodal", "q": 1.0, "flip": 0.1, "measure": "loss"}
    ax = plot_plane(diagram(words=words, snr=(0.5,), n=(4, 6)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a legend that leaves the axes no room
        FigureCanvasAgg(ax.figure).draw()
    assert sum(text.endswith("(nowhere here)") for text in legend(ax)) == 3


def test_loss_has_its_own_scale():
    ax = plot_plane(diagram(words={"measure": "loss", "flip": 0.1}))
    assert ax.collections[0].get_clim() == (0.0, pytest.approx(np.log(2)))
    assert ax.figure.axes[-1].get_xlabel() == "mean test loss (guessing: 0.693)"


@pytest.mark.parametrize("name", list(NAMES))
def test_every_parameter_has_its_label(name):
    other = "n" if name != "n" else "m"
    ax = plot_plane(diagram(name, other))
    FigureCanvasAgg(ax.figure).draw()
    assert ax.get_xlabel() == NAMES[name][0]
    assert ax.get_ylabel() == NAMES[other][0]
    assert ("seed" in ax.get_title(loc="left")) is True
    assert NAMES[name][1] not in ax.get_title(loc="left").split(" = ")


@pytest.mark.parametrize(
    ("model", "words"),
    [({"support": 4}, "signals on 4 coordinates"), ({"pruning": "snip"}, "mask by snip")],
)
def test_title_says_which_model_is_mapped(model, words):
    sizes = {"d": [60], "n": [6], "m": [4], "p": [0.5, 1.0], "snr": [0.5, 2.0]}
    diagram = map_plane(Plane("p", "snr", sizes, seeds=1, max_steps=5, **model))
    told = plot_plane(diagram).findobj(lambda one: hasattr(one, "get_text"))
    assert any(words in one.get_text() for one in told)
