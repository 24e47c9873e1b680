"""The map of phases end to end: run, draw, write."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np

from theorycheck.files import output_directory, write_whole
from theorycheck.predictions.phase_diagram import PhaseDiagram, PhaseGrid, map_phases


def phase_csv(diagram: PhaseDiagram) -> str:
    """Return one line a run, p, SNR, seed and test error; runs that diverged have none."""
    lines = ["p,snr,seed,test_error"]
    for (row, column, seed), error in np.ndenumerate(diagram.test_error):
        if not math.isnan(error):
            lines.append(f"{diagram.p[column]},{diagram.snr[row]},{seed},{error}")
    return "\n".join(lines) + "\n"


def write_phases(grid: PhaseGrid, out: Path, workers: int, progress: bool = False) -> list[str]:
    """Measure a grid; write ``phase.csv`` and the figure as ``phase.svg`` and ``phase.png``."""
    with output_directory(out, f"{NAME}.csv"):
        diagram = map_phases(grid, workers=workers, progress=progress)
        write_whole(out / f"{NAME}.csv", phase_csv(diagram).encode())
        figures = _draw(diagram, out)
    written = f"{NAME}.csv, {NAME}.svg and {NAME}.png" if figures else f"{NAME}.csv"
    return [*phase_lines(diagram), f"{written} in {out}"]


def _draw(diagram: PhaseDiagram, out: Path) -> list[Path]:
    from theorycheck.reporting.figures.phase_map import plot_phase
    from theorycheck.reporting.figures.style import draw, figure_of

    return draw(lambda: figure_of(plot_phase(diagram)), out, NAME)


def phase_lines(diagram: PhaseDiagram) -> list[str]:
    """Return how many runs ended how, and the row of the grid where pruning helps most."""
    ended = Counter(diagram.status.flat)
    counts = ", ".join(f"{count} {status}" for status, count in ended.most_common())
    left_out = f"; {diagram.left_out} left out" if diagram.left_out else ""
    lines = [f"{diagram.test_error.size} runs: {counts}{left_out}"]
    mean = diagram.mean.filled(1.0)
    gain = mean[:, -1] - mean.min(axis=1)
    row = int(np.argmax(gain))
    if gain[row] > 0:
        shown = dict.fromkeys((len(diagram.p) - 1, int(np.argmin(mean[row])), 0))
        told = (f"{mean[row, column]:.2f} at p = {diagram.p[column]:g}" for column in shown)
        at = f"SNR {diagram.snr[row]:g}"
        lines.append(f"pruning helps most at {at}: mean test error {', '.join(told)}")
    return lines


NAME = "phase"
