"""The figures that a check leaves beside its verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from theorycheck.judging.observation import Observation
from theorycheck.predictions.lemma_check import LemmaCheck
from theorycheck.reporting.figures.style import draw, figure_of
from theorycheck.reporting.figures.trajectory import plot_lemmas, plot_test_loss, trajectory_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_check(
    runs: Mapping[str, Sequence[Observation]],
    grid: Sequence[Observation],
    epsilon: float,
    lemmas: Sequence[LemmaCheck],
    out: Path,
) -> list[Path]:
    """Draw a run of each theorem, the test loss over the grid of p and the lemmas.

    Each is drawn whether or not the others fail.
    """
    figures: dict[str, Callable[[], Figure]] = {
        f"{name}-trajectory": partial(_trajectory, name, found) for name, found in runs.items()
    }
    if grid:
        figures["test-loss"] = lambda: figure_of(plot_test_loss(grid, epsilon))
    if lemmas:
        figures["lemmas"] = lambda: figure_of(plot_lemmas(lemmas))
    return [path for name, make in figures.items() for path in draw(make, out, name)]


def _trajectory(theorem: str, runs: Sequence[Observation]) -> Figure:
    shown = typical_run(runs)
    return trajectory_figure(shown, theorem, shown.epsilon)


def typical_run(runs: Sequence[Observation]) -> Observation:
    """Choose the run to show: in the event where there is one, the largest size, the first seed."""
    return min(runs, key=lambda run: (not run.in_event, -run.problem.d, run.seed))
