"""The map of where the network errs over any two parameters, with a boundary of a user's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bounds.parsing import Formula
from theorycheck.predictions.plane import Plane, PlaneDiagram
from theorycheck.reporting.figures.phase_map import (
    ERRORS,
    PHASE_HEIGHT,
    draw_index,
    edges,
    plain_ticks,
)
from theorycheck.reporting.figures.style import label_sparsely, legend_above, new_figure, printed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
WIDE = 50.0  # a factor from which on an axis has powers of ten


def plot_plane(diagram: PlaneDiagram, ax: Axes | None = None, index: Formula | None = None) -> Axes:
    """Draw the mean test error over a plane, and where an index is 1."""
    ax = new_figure(PHASE_HEIGHT).subplots() if ax is None else ax
    plane = diagram.plane
    across, up = edges(diagram.x), edges(diagram.y)
    guessing = 1 - 1 / max(plane.values["K"])
    cells = ax.pcolormesh(across, up, diagram.mean, cmap=ERRORS, vmin=0, vmax=guessing)
    ax.set(xscale="log", yscale="log", xlim=across[[0, -1]], ylim=up[[0, -1]])
    ax.grid(False)
    plain_ticks(ax)
    if max(each[-1] / each[0] for each in (across, up)) > WIDE:
        label_sparsely(ax)
    ax.set_xlabel(NAMES[plane.x][0])
    ax.set_ylabel(NAMES[plane.y][0])
    if index is not None:
        draw_index(ax, plane, index, across, up)
        legend_above(ax, _settings(diagram), columns=1)
    else:
        ax.set_title(_settings(diagram), loc="left")
    bar = ax.figure.colorbar(cells, ax=ax, extend="max", location="bottom", aspect=30)
    most = ", most classes" if "K" in (plane.x, plane.y) else ""
    bar.set_label(f"mean test error (guessing{most}: {guessing:.3g})")
    return ax


def _settings(diagram: PlaneDiagram) -> str:
    """Write what does not move, four to a line."""
    plane: Plane = diagram.plane
    told = [f"{NAMES[name][1]} = {printed(value)}" for name, value in plane.fixed.items()]
    told.append(f"{plane.seeds} seed{'' if plane.seeds == 1 else 's'}")
    if diagram.left_out:
        told.append(f"{diagram.left_out} runs diverged, left out")
    lines = [told[start : start + ON_A_LINE] for start in range(0, len(told), ON_A_LINE)]
    return "\n".join(", ".join(line) for line in lines)
