"""The course of one run as a figure for a paper, with the numbers behind it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import bounds
from sims import Problem, Trajectory
from theorycheck.files import write_whole
from theorycheck.judging.observation import Series, series
from theorycheck.reporting.figures.claim_files import FORMS, checked_style
from theorycheck.reporting.figures.style import house_style, save
from theorycheck.reporting.figures.trajectory import trajectory_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = ("step", "loss", "gamma", "cross_gamma", "zeta", "omega")


@dataclass(frozen=True, eq=False)
class Course:
    """A run as a figure shows it."""

    problem: Problem
    seed: int
    series: Series


def figure_of_run(run: Trajectory, theorem: str = "mild-pruning") -> Figure:
    """Draw loss and largest coefficients of a run, with the bounds of a theorem on them."""
    if theorem not in bounds.THEOREMS:
        raise ValueError(f"theorem must be one of {', '.join(bounds.THEOREMS)}, got {theorem!r}")
    course = Course(run.problem, run.seed, series(run))
    return trajectory_figure(course, theorem, run.target_loss)


def write_run(run: Trajectory, out: Path, name: str, style: str = "house") -> list[Path]:
    """Write the figure of a run as PDF, SVG and PNG, and its numbers as CSV."""
    checked_style(style)
    out.mkdir(parents=True, exist_ok=True)
    with house_style(style):
        written = save(figure_of_run(run), out, name, FORMS)
    write_whole(out / f"{name}.csv", run_numbers(run).encode())
    return [*written, out / f"{name}.csv"]


def run_numbers(run: Trajectory) -> str:
    """Return a line for each recorded step, with the largest coefficients, as CSV."""
    seen = series(run)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    shown = (seen.steps, seen.loss, seen.gamma, seen.cross, seen.zeta, seen.omega)
    rows.writerows(zip(*(one.tolist() for one in shown), strict=True))
    return text.getvalue()
