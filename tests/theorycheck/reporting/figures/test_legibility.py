"""Every figure can be read in a column of 8 cm: no text small, clipped or covered, none by colour.

Each public plot function is drawn on results of real runs, and what is shown is measured.
"""

import json
import math
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

import bounds
from sims import Problem
from theorycheck.commands.calibration.calibrate import calibrate
from theorycheck.images.made import made_digits
from theorycheck.images.measure import measure_digits
from theorycheck.images.plan import DigitsPlan
from theorycheck.judging.observation import observe
from theorycheck.predictions import limit
from theorycheck.predictions.phase_diagram import PhaseDiagram, PhaseGrid, map_phases
from theorycheck.predictions.plane import Plane, PlaneDiagram, read_index
from theorycheck.reporting import document
from theorycheck.reporting.figures import (
    checker,
    digits,
    phase_map,
    plane_map,
    scaling,
    sharp,
    style,
    trajectory,
)

pytestmark = pytest.mark.slow

WIDTH = 8 / 2.54  # inches of a column
SMALLEST = 6.0  # points
EVIDENCE = Path(__file__).parents[4] / "evidence" / "results"
PUBLIC = [
    (module, name)
    for module in (trajectory, scaling, sharp, phase_map, plane_map, checker)
    for name in vars(module)
    if name.startswith("plot_") and getattr(module, name).__module__ == module.__name__
]


@pytest.fixture(scope="module")
def huge():
    """One run of each theorem at d = 10^12, whose numbers are long."""
    return {
        theorem: observe(theorem, Problem.theorem_regime(10**12, 10, 6, 2, p), 0, 0.05, "gram-law")
        for theorem, p in (
            ("mild-pruning", 0.7),
            ("over-pruning", bounds.over_pruning_p(10**12, 6, 2)),
        )
    }


@pytest.fixture(scope="module")
def calibration():
    return calibrate(2, 0)


@pytest.fixture(scope="module")
def diagrams():
    grid = PhaseGrid(p=(0.3, 1.0), snr=(0.3, 1.0), seeds=1)
    diagram = map_phases(grid)
    gaps = diagram.test_error.copy()
    gaps[0, 0] = math.nan
    return diagram, PhaseDiagram(grid, gaps, diagram.status)


@pytest.fixture(scope="module")
def learned():
    """Made digits whose runs come down to the training loss in some cells only."""
    plan = DigitsPlan(n=20, test=60, hidden=(16,), seeds=2, max_steps=60, pruning=("grasp",))
    return measure_digits(made_digits(200), plan)


def planes(x, y):
    plane = Plane(x, y)
    shape = (len(plane.values[y]), len(plane.values[x]), 4)
    return PlaneDiagram(plane, np.full(shape, 0.2), np.full(shape, "reached"))


def scaling_records(made_up_results):
    stated = {one["id"]: one["claims"] for one in made_up_results["theorems"]}
    for record in made_up_results["verdicts"]:
        if record.get("sizes"):
            claim = stated.get(record["theorem"], {}).get(record["claim"], {})
            yield record, claim.get("direction") == "lower"


def evidence(name):
    return json.loads((EVIDENCE / f"{name}.json").read_text())


def verdicts(name):
    return [limit.from_record(one) for one in evidence(name)["verdicts"]]


@pytest.fixture(scope="module")
def figures(huge, made_up_results, calibration, diagrams, learned):
    """Each figure once, by the function that draws it, laid out as it is saved."""
    mild, over = huge.values()
    checks = [document.lemma_check(v) for v in made_up_results["verdicts"] if "exact" in v]
    grid = [
        replace(mild, problem=replace(mild.problem, p=p), test=replace(mild.test, test_loss=loss))
        for p, loss in ((1.0, 0.01), (0.3, 0.04), (0.1, 0.6), (0.03, 0.8))
    ]
    settings = {f"isotropic, d = 1e{power}": ([1.0, 2.0], [-5.0, -6.0]) for power in (4, 5, 6, 9)}
    with style.house_style():
        drawn = {
            "plot_loss": [trajectory.plot_loss(mild, "mild-pruning", 0.05)],
            "plot_coefficients": [
                trajectory.plot_coefficients(mild, "mild-pruning", 0.05),
                trajectory.plot_coefficients(over, "over-pruning", 0.05),
            ],
            "trajectory_figure": [
                trajectory.trajectory_figure(mild, "mild-pruning", 0.05),
                trajectory.trajectory_figure(over, "over-pruning", 0.05),
            ],
            "plot_test_loss": [trajectory.plot_test_loss(grid, 0.05)],
            "plot_lemmas": [trajectory.plot_lemmas(checks)],
            "plot_calibration": [checker.plot_calibration(calibration.as_dict())],
            "plot_coverages": [checker.plot_coverages(calibration.as_dict())],
            "plot_power": [checker.plot_power(calibration.as_dict())],
            "calibration_figure": [checker.calibration_figure(calibration.as_dict())],
            "plot_scaling": [
                scaling.plot_scaling(*one) for one in scaling_records(made_up_results)
            ],
            "plot_distance": [
                sharp.plot_distance(verdict)
                for name in ("escape_time", "omega_drift")
                for verdict in verdicts(name)
            ],
            "plot_ratios": [sharp.plot_ratios(verdicts("escape_time")[0])],
            "plot_noise_exponent": [sharp.plot_noise_exponent(settings)],
            "plot_phase": [phase_map.plot_phase(one) for one in diagrams],
            "plot_plane": [
                plane_map.plot_plane(planes(x, y), index=read_index("n*snr**q/p**(q/2)/1.8"))
                for x, y in (("n", "snr"), ("sigma_0", "epsilon"), ("d", "eta"))
            ],
            "digits_figure": [digits.digits_figure(learned, "grasp")],
            "plot_mutants": [checker.plot_mutants(evidence("falsified-mild-pruning"))],
        }
        found = {name: [getattr(one, "figure", one) for one in drawn[name]] for name in drawn}
        for figure in (one for several in found.values() for one in several):
            FigureCanvasAgg(figure).draw()
    return found


DRAWN = [name for _, name in PUBLIC] + ["trajectory_figure", "calibration_figure", "digits_figure"]


def axes_of(figure):
    return [ax for ax in figure.findobj(lambda one: hasattr(one, "get_xticks")) if ax.axison]


def texts_of(figure):
    """Every text that is shown, with its box in pixels."""
    hidden = {
        tick.label1
        for ax in axes_of(figure)
        for axis in (ax.xaxis, ax.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }
    return [
        (text, text.get_window_extent())
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    ]


def legends_of(figure):
    return [ax.get_legend() for ax in axes_of(figure) if ax.get_legend()]


def test_every_public_figure_is_measured(figures):
    assert set(figures) == set(DRAWN)


@pytest.mark.parametrize("name", DRAWN)
def test_figure_is_a_column_wide(figures, name):
    for figure in figures[name]:
        assert figure.get_figwidth() == pytest.approx(WIDTH, abs=0.01)


@pytest.mark.parametrize("name", DRAWN)
def test_no_text_is_small(figures, name):
    for figure in figures[name]:
        assert min(text.get_fontsize() for text, _ in texts_of(figure)) >= SMALLEST


@pytest.mark.parametrize("name", DRAWN)
def test_no_text_is_clipped(figures, name):
    for figure in figures[name]:
        inside = figure.get_window_extent()
        for text, box in texts_of(figure):
            assert inside.x0 <= box.x0, text
            assert box.x1 <= inside.x1, text
            assert inside.y0 <= box.y0, text
            assert box.y1 <= inside.y1, text


@pytest.mark.parametrize("name", DRAWN)
def test_no_two_texts_overlap(figures, name):
    for figure in figures[name]:
        for (text, box), (other, another) in combinations(texts_of(figure), 2):
            assert not box.padded(-1).overlaps(another.padded(-1)), (text, other)


@pytest.mark.parametrize("name", DRAWN)
def test_legend_covers_neither_data_nor_labels(figures, name):
    for figure in figures[name]:
        for legend in legends_of(figure):
            box = legend.get_window_extent().padded(-1)
            own = set(legend.findobj(Text))
            for text, other in texts_of(figure):
                assert text in own or not box.overlaps(other), text
            for ax in axes_of(figure):
                assert not box.overlaps(ax.get_window_extent())


@pytest.mark.parametrize("name", DRAWN)
def test_every_scale_is_read_off_two_numbers_at_least(figures, name):
    for figure in figures[name]:
        shown = {text for text, _ in texts_of(figure)}
        for ax in axes_of(figure):
            for axis in (ax.xaxis, ax.yaxis):
                assert len(shown & set(axis.get_ticklabels())) != 1, axis


@pytest.mark.parametrize("name", DRAWN)
def test_series_differ_without_their_colours(figures, name):
    for figure in figures[name]:
        for legend in legends_of(figure):
            looks = [look(line) for line in legend.get_lines()]
            assert len(set(looks)) == len(looks), looks


def look(line):
    """What is left of a line when its colour is taken away: dash, width and marker."""
    drawn = line.get_linestyle() != "None"
    dash = str(line._unscaled_dash_pattern) if drawn else ""
    width = line.get_linewidth() if drawn else 0
    open_marker = line.get_markerfacecolor() in ("none", "white")
    return dash, width, line.get_marker(), open_marker
