"""Figures of the sharp predictions (Theory, section 7): measured beside predicted.

Every plot_* function takes results and optionally the axes to draw on, and returns the axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from sims.arrays import Floats
from theorycheck.predictions.phase_diagram import PhaseDiagram, PhaseGrid, even_race, learnable_from
from theorycheck.reporting.figures.style import label_sparsely, legend_above, new_figure, printed

if TYPE_CHECKING:
    from matplotlib.axes import Axes


# Dark where the network errs, in grey as in colour; lines are black on white.
ERRORS = "cividis_r"
RACE: dict[str, Any] = {
    "color": "black",
    "linestyle": "-",
    "label": "above: signal escapes before noise",
}


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
# Colour and marker, so that groups stay apart in grey too.
MARKERS: tuple[dict[str, Any], ...] = (
    {"color": "#0072B2", "marker": "o", "markersize": 3},
    {"color": "#D55E00", "marker": "^", "markersize": 3},
    {"color": "#009E73", "marker": "x", "markersize": 4},
    {"color": "#CC79A7", "marker": "s", "markersize": 3},
)


DASHES = ("-", "--", "-.", ":")


def plot_phase(diagram: PhaseDiagram, ax: Axes | None = None) -> Axes:
    """Draw the mean test error over (p, SNR) with the two predicted boundaries."""
    ax = new_figure(PHASE_HEIGHT).subplots() if ax is None else ax
    guessing = 1 - 1 / diagram.grid.K
    across, up = _edges(diagram.p), _edges(diagram.snr)
    cells = ax.pcolormesh(across, up, diagram.mean, cmap=ERRORS, vmin=0, vmax=guessing)
    _draw_boundaries(ax, diagram.grid, across[0], up[[0, -1]])
    ax.set(xscale="log", yscale="log", xlim=across[[0, -1]], ylim=up[[0, -1]])
    ax.grid(False)
    _plain_ticks(ax)
    ax.set_xlabel("$p$, probability to keep a weight")
    ax.set_ylabel(r"SNR $= \mu\,/\,(\sigma_n\sqrt{d})$")
    legend_above(ax, _settings(diagram), columns=1)
    bar = ax.figure.colorbar(cells, ax=ax, extend="max", location="bottom", aspect=30)
    bar.set_label(f"mean test error (guessing: {guessing:.3g})")
    return ax


def _draw_boundaries(ax: Axes, grid: PhaseGrid, least_p: float, snr: Floats) -> None:
    """Draw the two boundaries, and close the triangle in which only a pruned network succeeds."""
    p = np.geomspace(least_p, 1.0, 200)
    race, learnable = np.array(even_race(grid, p)), learnable_from(grid)
    left = least_p if learnable is None else learnable
    lines = [(p, race, RACE), (np.array([left, 1.0]), race[[-1, -1]], DENSE)]
    if learnable is not None:
        lines.append((np.full(2, learnable), snr, LEARNABLE))
    for x, y, style in lines:
        ax.plot(x, y, color="white", linewidth=2.8)
        ax.plot(x, y, **style)


def _edges(centres: Floats) -> Floats:
    """Return the edges of cells on a logarithmic scale, half way between their centres."""
    logs = np.log(centres)
    steps = np.diff(logs) if len(logs) > 1 else np.array([0.4])
    first, last = logs[0] - steps[0] / 2, logs[-1] + steps[-1] / 2
    return np.exp(np.concatenate([[first], logs[:-1] + np.diff(logs) / 2, [last]]))


def _plain_ticks(ax: Axes) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())


def _settings(diagram: PhaseDiagram) -> str:
    one = diagram.grid.problem(1.0, 1.0)
    left_out = f"\n{diagram.left_out} runs diverged, left out" if diagram.left_out else ""
    sizes = f"d = {printed(one.d)}, n = {one.n}, m = {one.m}, K = {one.K}"
    return f"{sizes}, {diagram.grid.seeds} seeds{left_out}"


def plot_escape_times(
    measured: ArrayLike,
    predicted: ArrayLike,
    group: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how far measured escape times lie from the predicted ones, against the latter.

    Shapes: measured, predicted (N,).
    """
    ax = new_figure().subplots() if ax is None else ax
    measured, predicted = np.asarray(measured, float), np.asarray(predicted, float)
    groups = np.array(["measured"] * len(predicted) if group is None else group)
    reached = np.isfinite(measured)
    rounding = np.finfo(float).eps
    for name, style in zip(dict.fromkeys(groups), cycle(MARKERS)):
        here = reached & (groups == name)
        never = np.count_nonzero(~reached & (groups == name))
        distance = np.maximum(np.abs(measured[here] / predicted[here] - 1), rounding)
        label = f"{name}, {never} never reached" if never else name
        ax.plot(predicted[here], distance, linestyle="none", label=label, **style)
    ax.set(xscale="log", yscale="log")
    label_sparsely(ax)
    ax.set_xlabel("predicted escape time, steps")
    ax.set_ylabel(r"$|$measured / predicted $-\,1|$")
    legend_above(ax, side="right")
    return ax


def plot_noise_term(
    inverse_p: ArrayLike,
    log_probability: ArrayLike,
    predicted: ArrayLike | None = None,
    label: str = "measured",
    ax: Axes | None = None,
) -> Axes:
    """Draw the logarithm of the noise term against 1/p, with the line that is predicted for it.

    Shapes: inverse_p (N,), log_probability (N,), predicted (N,). The axes; runs whose probability
    rounds to 0 (-inf) are counted in the legend.
    """
    ax = new_figure().subplots() if ax is None else ax
    inverse_p, log_probability = np.asarray(inverse_p, float), np.asarray(log_probability, float)
    drawn = np.isfinite(log_probability)
    left_out = np.count_nonzero(~drawn)
    earlier = sum(line.get_linestyle() == "None" for line in ax.get_lines())
    style = MARKERS[earlier % len(MARKERS)]
    ax.plot(inverse_p[drawn], log_probability[drawn], linestyle="none",
            label=f"{label}, {left_out} left out" if left_out else label, **style)  # fmt: skip
    if predicted is not None:
        order = np.argsort(inverse_p)
        ax.plot(inverse_p[order], np.asarray(predicted, float)[order], color=style["color"],
                linestyle=DASHES[earlier % len(DASHES)], linewidth=0.9,
                label=f"{label}: predicted")  # fmt: skip
    ax.set_xlabel("$1/p$")
    ax.set_ylabel("log of the noise term")
    # an exponent above the axis would meet the legend
    ax.yaxis.set_major_formatter(lambda value, _: printed(value))
    legend_above(ax, side="right")
    return ax
