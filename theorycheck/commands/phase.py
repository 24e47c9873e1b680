"""The map of phases end to end: run, draw, write."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bounds.parsing import Formula
from theorycheck.files import output_directory, write_whole
from theorycheck.predictions.phase_diagram import PhaseDiagram, PhaseGrid, map_phases
from theorycheck.predictions.plane import RANGES, WHOLE, Plane, PlaneDiagram, map_plane, read_index


def phase_csv(diagram: PhaseDiagram) -> str:
    """Return one line a run, p, SNR, seed and test error; runs that diverged have none."""
    fitted = diagram.fitted_by_signal
    lines = ["p,snr,seed,test_error" + ("" if fitted is None else ",fitted_by_signal")]
    for (row, column, seed), error in np.ndenumerate(diagram.test_error):
        if not math.isnan(error):
            more = "" if fitted is None else f",{fitted[row, column, seed]}"
            lines.append(f"{diagram.p[column]},{diagram.snr[row]},{seed},{error}{more}")
    return "\n".join(lines) + "\n"


def phase_grid(options: Mapping[str, Any]) -> PhaseGrid | Plane:
    """Return what the options of the command ask for: the map over p and SNR, or another plane."""
    x, y = options.get("x", "p"), options.get("y", "snr")
    rest = {name: given for name, given in options.items() if name not in ("x", "y")}
    if (x, y) != ("p", "snr") or OF_A_PLANE & set(rest):
        values = {name: rest.pop(name) for name in RANGES if name in rest}
        return Plane(x, y, values, **rest)
    for name, given in rest.items():
        if isinstance(given, tuple) and name not in ("p", "snr"):
            if len(given) != 1:
                raise ValueError(f"{name} must be one number unless it is x or y, got {given!r}")
            rest[name] = given[0]
    return PhaseGrid(**rest)


def write_phases(
    grid: PhaseGrid | Plane,
    out: Path,
    workers: int,
    progress: bool = False,
    boundary: str | None = None,
    style: str = "house",
) -> list[str]:
    """Measure a grid; write ``phase.csv`` and the figure as PDF, SVG and PNG.

    `boundary` is an index that is drawn where it is 1, `style` the look of the figure.
    """
    index = None if boundary is None else read_index(boundary)
    diagram: PhaseDiagram | PlaneDiagram
    with output_directory(out, f"{NAME}.csv"):
        if isinstance(grid, Plane):
            diagram = map_plane(grid, workers=workers, progress=progress)
            text, lines = plane_csv(diagram), plane_lines(diagram)
        else:
            diagram = map_phases(grid, workers=workers, progress=progress)
            text, lines = phase_csv(diagram), phase_lines(diagram)
        write_whole(out / f"{NAME}.csv", text.encode())
        figures = _draw(diagram, index, out, style)
    written = f"{NAME}.csv, .pdf, .svg and .png" if figures else f"{NAME}.csv"
    return [*lines, f"{written} in {out}"]


def _draw(
    diagram: PhaseDiagram | PlaneDiagram, index: Formula | None, out: Path, style: str
) -> list[Path]:
    from theorycheck.reporting.figures.claim_files import FORMS
    from theorycheck.reporting.figures.plane_map import figure_of_map
    from theorycheck.reporting.figures.style import draw

    return draw(lambda: figure_of_map(diagram, index), out, NAME, style, FORMS)


def plane_csv(diagram: PlaneDiagram) -> str:
    """Return one line a run, x, y, seed, test error or loss; runs that diverged have none."""
    names = (diagram.plane.x, diagram.plane.y)
    # whole numbers as such
    x, y = (
        [int(value) if name in WHOLE else value for value in each.tolist()]
        for name, each in zip(names, (diagram.x, diagram.y), strict=True)
    )
    fitted = diagram.fitted_by_signal
    last = "" if fitted is None else ",fitted_by_signal"
    lines = [f"{names[0]},{names[1]},seed,test_{diagram.plane.measure}{last}"]
    for (row, column, seed), measured in np.ndenumerate(diagram.measured):
        if not math.isnan(measured):
            more = "" if fitted is None else f",{fitted[row, column, seed]}"
            lines.append(f"{x[column]},{y[row]},{seed},{measured}{more}")
    return "\n".join(lines) + "\n"


def plane_lines(diagram: PlaneDiagram) -> list[str]:
    """Return how many runs ended how, and where what is measured is least and most."""
    lines, mean = [_ended(diagram)], diagram.mean
    if mean.count():
        told = []
        for word, place in (("least", mean.argmin()), ("most", mean.argmax())):
            row, column = np.unravel_index(int(place), mean.shape)
            told.append(
                f"{word} {mean[row, column]:.2f} at {diagram.plane.x} = {diagram.x[column]:g}, "
                f"{diagram.plane.y} = {diagram.y[row]:g}"
            )
        lines.append(f"mean test {diagram.plane.measure}: {'; '.join(told)}")
    return lines


SEEN = 0.005  # a gain in test error that two digits show


def phase_lines(diagram: PhaseDiagram) -> list[str]:
    """Return how many runs ended how, and the row of the grid where pruning helps most."""
    lines = [_ended(diagram)]
    mean = diagram.mean.filled(1.0)
    gain = mean[:, -1] - mean.min(axis=1)
    row = int(np.argmax(gain))
    if gain[row] >= SEEN:
        shown = dict.fromkeys((len(diagram.p) - 1, int(np.argmin(mean[row])), 0))
        told = (f"{mean[row, column]:.2f} at p = {diagram.p[column]:g}" for column in shown)
        at = f"SNR {diagram.snr[row]:g}"
        lines.append(f"pruning helps most at {at}: mean test error {', '.join(told)}")
    return lines


def _ended(diagram: PhaseDiagram | PlaneDiagram) -> str:
    ended = Counter(diagram.status.flat)
    counts = ", ".join(f"{count} {status}" for status, count in ended.most_common())
    left_out = f"; {diagram.left_out} left out" if diagram.left_out else ""
    return f"{diagram.status.size} runs: {counts}{left_out}"


NAME = "phase"
# What the map over p and SNR does not have, and another plane does.
OF_A_PLANE = {"mu", "sigma_n", "signals", "flip", "pruning", "q", "measure"}
