"""The map of where the network errs over any two parameters, and the boundaries known for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bounds.parsing import Formula
from sims.arrays import Floats
from theorycheck.predictions.phase_diagram import PhaseDiagram
from theorycheck.predictions.plane import Plane, PlaneDiagram
from theorycheck.predictions.plane_boundaries import (
    boundary_points,
    has_sharp_boundary,
    sharp_values,
    theorem_index,
    theorem_values,
)
from theorycheck.reporting.figures.phase_map import (
    ERRORS,
    NOWHERE,
    PHASE_HEIGHT,
    draw_index,
    draw_where_1,
    edges,
    plain_ticks,
    plot_phase,
)
from theorycheck.reporting.figures.style import (
    figure_of,
    label_sparsely,
    legend_above,
    new_figure,
    printed,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Each parameter as it is called on an axis, and its letter.
NAMES: dict[str, tuple[str, str]] = {
    "d": ("$d$, dimension of a patch", "$d$"),
    "n": ("$n$, training samples", "$n$"),
    "m": ("$m$, neurons per class", "$m$"),
    "K": ("$K$, classes", "$K$"),
    "p": ("$p$, probability to keep a weight", "$p$"),
    "mu": (r"$\mu$, signal strength", r"$\mu$"),
    "sigma_n": (r"$\sigma_n$, noise", r"$\sigma_n$"),
    "sigma_0": (r"$\sigma_0$, initial weights", r"$\sigma_0$"),
    "eta": (r"$\eta$, learning rate", r"$\eta$"),
    "epsilon": (r"$\epsilon$, target loss", r"$\epsilon$"),
    "snr": (r"SNR $= \mu\,/\,(\sigma_n\sqrt{d})$", "SNR"),
}
ON_A_LINE = 4  # settings
THEOREM: dict[str, Any] = {"color": "black", "linestyle": "dashed", "linewidth": 1.4}
SHARP: dict[str, Any] = {"color": "black", "linestyle": "solid", "linewidth": 1.4}
BAND: dict[str, Any] = {**SHARP, "linewidth": 0.7}
WIDE = 50.0  # a factor from which on an axis has powers of ten


def figure_of_map(diagram: PhaseDiagram | PlaneDiagram, index: Formula | None = None) -> Figure:
    """Draw the map over p and SNR, or that over another plane."""
    if isinstance(diagram, PlaneDiagram):
        return figure_of(plot_plane(diagram, index=index))
    return figure_of(plot_phase(diagram, index=index))


def plot_plane(diagram: PlaneDiagram, ax: Axes | None = None, index: Formula | None = None) -> Axes:
    """Draw what was measured over a plane, the boundaries known for it, and where an index is 1."""
    ax = new_figure(PHASE_HEIGHT).subplots() if ax is None else ax
    plane = diagram.plane
    across, up = edges(diagram.x), edges(diagram.y)
    classes = max(plane.values["K"])
    guessing = math.log(classes) if plane.measure == "loss" else 1 - 1 / classes
    least = plane.flip if plane.measure == "error" else 0.0  # wrong labels are always there
    cells = ax.pcolormesh(across, up, diagram.mean, cmap=ERRORS, vmin=least, vmax=guessing)
    ax.set(xscale="log", yscale="log", xlim=across[[0, -1]], ylim=up[[0, -1]])
    ax.grid(False)
    plain_ticks(ax)
    if max(each[-1] / each[0] for each in (across, up)) > WIDE:
        label_sparsely(ax)
    ax.set_xlabel(NAMES[plane.x][0])
    ax.set_ylabel(NAMES[plane.y][0])
    draw_boundaries(ax, plane, across, up)
    if index is not None:
        draw_index(ax, plane, index, across, up)
    if ax.get_legend_handles_labels()[1]:
        legend_above(ax, _settings(diagram), columns=1)
    else:
        ax.set_title(_settings(diagram), loc="left")
    bar = ax.figure.colorbar(cells, ax=ax, extend="max", location="bottom", aspect=30)
    most = ", most classes" if "K" in (plane.x, plane.y) else ""
    bar.set_label(f"mean test {plane.measure} (guessing{most}: {guessing:.3g})")
    return ax


def draw_boundaries(ax: Axes, plane: Plane, across: Floats, up: Floats) -> None:
    """Draw where the theorem on the model of a plane has its boundary, and the sharp one."""
    if theorem_index(plane) is None:
        return
    x, y = (
        boundary_points(name, float(ends[0]), float(ends[-1]))
        for name, ends in ((plane.x, across), (plane.y, up))
    )
    index = r"$n\mu^4/(\sigma_n^4 d) = 1$" if plane.q == 1 else rf"$n\,$SNR$^{{{plane.q:g}}} = 1$"
    lines = [(f"theorem: {index}", ", constant unknown", THEOREM, theorem_values(plane, x, y))]
    if has_sharp_boundary(plane):
        law = "ReLU curve" if plane.q == 1 else "race"
        thin, most = "thin: a tenth", " and nine tenths of the way"
        lines += [
            (f"{law}: error half-way", " to guessing", SHARP, sharp_values(plane, x, y)),
            (thin, most, BAND, sharp_values(plane, x, y, 0.1)),
            ("", "", BAND, sharp_values(plane, x, y, 0.9)),
        ]
    for label, more, style, values in lines:
        crossed = draw_where_1(ax, x, y, values, style)
        if label:
            ax.plot([], [], **style, label=label + (more if crossed else NOWHERE))


def _settings(diagram: PlaneDiagram) -> str:
    """Write what does not move, four to a line."""
    plane: Plane = diagram.plane
    told = [f"{NAMES[name][1]} = {printed(value)}" for name, value in plane.fixed.items()]
    if plane.signals != "axis" or plane.q != 3:
        told.append(f"$q$ = {plane.q:g}")
    if plane.flip:
        told.append(f"flips {plane.flip:g}")
    if plane.support > 1:
        told.append(f"signals on {plane.support} coordinates")
    if plane.pruning != "random":
        told.append(f"mask by {plane.pruning}")
    told.append(f"{plane.seeds} seed{'' if plane.seeds == 1 else 's'}")
    if diagram.left_out:
        told.append(f"{diagram.left_out} runs diverged, left out")
    lines = [told[start : start + ON_A_LINE] for start in range(0, len(told), ON_A_LINE)]
    return "\n".join(", ".join(line) for line in lines)
