"""The figures that a check leaves beside its verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from theorycheck.judging.observation import Observation
from theorycheck.predictions.lemma_check import LemmaCheck
from theorycheck.reporting.figures.style import Each, draw, figure_of
from theorycheck.reporting.figures.trajectory import (
    lemmas_figure,
    plot_test_loss,
    trajectory_figure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_check(
    runs: Mapping[str, Sequence[Observation]],
    grid: Sequence[Observation],
    epsilon: float,
    lemmas: Sequence[LemmaCheck],
    out: Path,
    each: Each = map,
) -> list[Path]:
    """Draw a run of each theorem, the test loss over the grid of p and the lemmas.

    Each is drawn whether or not the others fail; `each` may be the map of an executor.
    """
    figures: dict[str, Callable[[], Figure]] = {
        f"{name}-trajectory": partial(_trajectory, name, typical_run(found))
        for name, found in runs.items()
    }
    if grid:
        figures["test-loss"] = partial(_test_loss, grid, epsilon)
    if lemmas:
        figures["lemmas"] = partial(lemmas_figure, lemmas)
    written = each(partial(_draw, out), figures.items())
    return [path for paths in written for path in paths]


def _draw(out: Path, figure: tuple[str, Callable[[], Figure]]) -> list[Path]:
    name, make = figure
    return draw(make, out, name)


def _trajectory(theorem: str, shown: Observation) -> Figure:
    return trajectory_figure(shown, theorem, shown.epsilon)


def _test_loss(grid: Sequence[Observation], epsilon: float) -> Figure:
    return figure_of(plot_test_loss(grid, epsilon))


def typical_run(runs: Sequence[Observation]) -> Observation:
    """Choose the run to show: in the event where there is one, the largest size, the first seed."""
    return min(runs, key=lambda run: (not run.in_event, -run.problem.d, run.seed))
