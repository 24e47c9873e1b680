"""The map of where the network errs, and the boundaries predicted (Theory, sections 7 and 10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bounds.parsing import Formula
from sims.arrays import Floats
from theorycheck.predictions.phase_diagram import PhaseDiagram, PhaseGrid, even_race, learnable_from
from theorycheck.predictions.plane import Plane, index_over
from theorycheck.reporting.figures.style import legend_above, new_figure, printed

if TYPE_CHECKING:
    from matplotlib.axes import Axes


# Dark where the network errs, in grey as in colour; lines are black on white.
ERRORS = "cividis_r"
RACE: dict[str, Any] = {
    "color": "black",
    "linestyle": "-",
    "label": "above: signal wins in half of the draws",
}


BAND: dict[str, Any] = {"color": "black", "linestyle": "-", "linewidth": 0.7}
BAND_LABEL = "thin: in 0.1 and in 0.9 of them"


LEARNABLE: dict[str, Any] = {
    "color": "black",
    "linestyle": "--",
    "label": "right: learnable with probability > 1/2",
}


DENSE: dict[str, Any] = {
    "color": "black",
    "linestyle": ":",
    "label": "below: the dense network fails",
}


PHASE_HEIGHT = 3.8  # inches
# Of a boundary that a user draws: apart from the cells in grey too.
INDEX: dict[str, Any] = {"color": "#b3003c", "linestyle": "dashdot", "linewidth": 1.4}
NOWHERE = " (nowhere here)"
INDEX_POINTS = 120  # along each axis
MOST_TOLD = 44  # signs of it in the legend


def plot_phase(diagram: PhaseDiagram, ax: Axes | None = None, index: Formula | None = None) -> Axes:
    """Draw the mean test error over (p, SNR) with the predicted boundaries, and one of a user's."""
    ax = new_figure(PHASE_HEIGHT).subplots() if ax is None else ax
    guessing = 1 - 1 / diagram.grid.K
    across, up = edges(diagram.p), edges(diagram.snr)
    cells = ax.pcolormesh(across, up, diagram.mean, cmap=ERRORS, vmin=0, vmax=guessing)
    _draw_boundaries(ax, diagram.grid, across[0], up[[0, -1]])
    if index is not None:
        draw_index(ax, plane_of(diagram.grid), index, across, up)
    ax.set(xscale="log", yscale="log", xlim=across[[0, -1]], ylim=up[[0, -1]])
    ax.grid(False)
    plain_ticks(ax)
    ax.set_xlabel("$p$, probability to keep a weight")
    ax.set_ylabel(r"SNR $= \mu\,/\,(\sigma_n\sqrt{d})$")
    legend_above(ax, _settings(diagram), columns=1)
    bar = ax.figure.colorbar(cells, ax=ax, extend="max", location="bottom", aspect=30)
    bar.set_label(f"mean test error (guessing: {guessing:.3g})")
    return ax


def _draw_boundaries(ax: Axes, grid: PhaseGrid, least_p: float, snr: Floats) -> None:
    """Draw the two boundaries, and close the triangle in which only a pruned network succeeds."""
    p = np.geomspace(least_p, 1.0, 100)
    few, race, most = (_drawable(even_race(grid, p, share)) for share in (0.1, 0.5, 0.9))
    learnable = learnable_from(grid)
    left = least_p if learnable is None else learnable
    lines = [(p, race, RACE), (p, few, {**BAND, "label": BAND_LABEL}), (p, most, BAND)]
    lines.append((np.array([left, 1.0]), race[[-1, -1]], DENSE))
    if learnable is not None:
        lines.append((np.full(2, learnable), snr, LEARNABLE))
    for x, y, style in lines:
        ax.plot(x, y, color="white", linewidth=style.get("linewidth", 1.2) + 1.6)
        ax.plot(x, y, **style)


def _drawable(values: Sequence[float]) -> Floats:
    """Return an array with nan, which is not drawn, for what has no place on a logarithmic axis."""
    array = np.array(values)
    return np.where((array > 0) & np.isfinite(array), array, np.nan)


def plane_of(grid: PhaseGrid) -> Plane:
    """Return the plane of which a grid is the map."""
    alone = ("d", "n", "m", "K", "sigma_0", "eta", "epsilon")
    values: dict[str, tuple[float, ...]] = {name: (getattr(grid, name),) for name in alone}
    return Plane("p", "snr", {**values, "p": grid.p, "snr": grid.snr}, grid.seeds, grid.noise)


def draw_index(ax: Axes, plane: Plane, index: Formula, across: Floats, up: Floats) -> None:
    """Draw where an index is 1, within the edges of the cells; say so where it is nowhere 1."""
    x, y = (np.geomspace(each[0], each[-1], INDEX_POINTS) for each in (across, up))
    if plane.x == "p":
        x = x[x <= 1.0]
    if plane.y == "p":
        y = y[y <= 1.0]
    crossed = draw_where_1(ax, x, y, index_over(plane, index, x, y), INDEX)
    told = f"{index.text} = 1" + ("" if crossed else NOWHERE)
    label = told if len(told) <= MOST_TOLD else f"{told[: MOST_TOLD - 2]} .."
    ax.plot([], [], **INDEX, label=label)


def draw_where_1(ax: Axes, x: Floats, y: Floats, values: Floats, style: dict[str, Any]) -> bool:
    """Draw where values over a plane are 1, on a white seam; tell whether they are anywhere."""
    known = values[np.isfinite(values)]
    if not (known.size and known.min() < 1 < known.max()):
        return False
    width = style["linewidth"]
    for wide, color, dash in (
        (width + 1.4, "white", "solid"),
        (width, style["color"], style["linestyle"]),
    ):
        ax.contour(x, y, values, levels=[1.0], colors=color, linewidths=wide, linestyles=dash)
    return True


def edges(centres: Floats) -> Floats:
    """Return the edges of cells on a logarithmic scale, half way between their centres."""
    logs = np.log(centres)
    steps = np.diff(logs) if len(logs) > 1 else np.array([0.4])
    first, last = logs[0] - steps[0] / 2, logs[-1] + steps[-1] / 2
    return np.exp(np.concatenate([[first], logs[:-1] + np.diff(logs) / 2, [last]]))


def plain_ticks(ax: Axes) -> None:
    """Label 1, 2 and 5 of every decade with plain numbers."""
    from matplotlib.ticker import LogLocator, NullFormatter

    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())


def _settings(diagram: PhaseDiagram) -> str:
    one = diagram.grid.problem(1.0, 1.0)
    left_out = f"\n{diagram.left_out} runs diverged, left out" if diagram.left_out else ""
    sizes = f"d = {printed(one.d)}, n = {one.n}, m = {one.m}, K = {one.K}"
    seeds = f"{diagram.grid.seeds} seed{'' if diagram.grid.seeds == 1 else 's'}"
    return f"{sizes}, {seeds}{left_out}"
