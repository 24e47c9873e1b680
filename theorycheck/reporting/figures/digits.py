"""The three arms on images: accuracy, what each gains on the dense network, and SNR_p."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from theorycheck.images.measure import DigitsFindings
from theorycheck.images.summary import SNR_SLOPE, Cell
from theorycheck.reporting.figures.style import legend_above, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 6.4  # inches, of three panels
# Colour, marker and dash together, so that arms stay apart in grey too.
ARM_STYLES: dict[str, dict[str, Any]] = {
    "pruned": {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    "shrunk": {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    "rescaled": {"color": "#009E73", "marker": "^", "linestyle": "-."},
}
NAMES = {
    "pruned": "pruned",
    "shrunk": r"not pruned, start $\times\sqrt{p}$",
    "rescaled": r"pruned, kept weights$\,/\sqrt{p}$",
}


def digits_figure(found: DigitsFindings, pruning: str) -> Figure:
    """Draw the three arms under one mask: accuracy, paired gains, SNR_p, against p."""
    figure = new_figure(HEIGHT)
    upper, middle, lower = figure.subplots(3, 1, sharex=True, height_ratios=(1, 1, 0.8))
    measured = found.cells()
    for place, arm in enumerate(ARM_STYLES):
        row = [
            cell
            for cell in measured
            if cell.arm in ("dense", arm) and cell.pruning in ("", pruning)
        ]
        aside = 1.02 ** (place - 1)  # bars of the arms would cover each other
        _draw_arm(upper, row, arm, "accuracy", aside)
        _draw_arm(middle, row[1:], arm, "gain", aside)
    middle.axhline(0, color="0.5", linewidth=0.8)
    _draw_snr(lower, found, pruning)
    p = found.plan.p
    lower.set(xscale="log", xlim=(1.15, min(p) / 1.15))  # pruning more to the right
    lower.set_xticks(p, [f"{one:g}" for one in p], minor=False)
    lower.minorticks_off()
    lower.set_xlabel("$p$, share of weights kept")
    upper.set_ylabel("test accuracy, %")
    middle.set_ylabel("minus dense, points")
    lower.set_ylabel(r"SNR$_p$")
    if any(not cell.reached for cell in measured):
        upper.plot([], [], "o", color="0.3", markerfacecolor="white",
                   label="hollow: training loss not reached")  # fmt: skip
    legend_above(upper, _title(found, pruning), columns=1)
    return figure


def _draw_arm(ax: Axes, row: list[Cell], arm: str, what: str, aside: float) -> None:
    style = ARM_STYLES[arm]
    p = np.array([cell.p for cell in row]) * aside
    value = np.array([100 * getattr(cell, what).value for cell in row])
    error = np.array([100 * getattr(cell, what).error for cell in row])
    ax.errorbar(p, value, np.nan_to_num(error), capsize=1.5, markersize=3.5, **style,
                label=NAMES[arm])  # fmt: skip
    hollow = np.array([not cell.reached for cell in row], bool)
    ax.plot(p[hollow], value[hollow], style["marker"], color=style["color"], markersize=3.5,
            markerfacecolor="white", zorder=3)  # fmt: skip


def _draw_snr(ax: Axes, found: DigitsFindings, pruning: str) -> None:
    """Draw SNR_p beside the power of p that a signal on one pixel would give it."""
    row = [cell for cell in found.cells()
           if cell.arm == "dense" or (cell.arm, cell.pruning) == ("pruned", pruning)]  # fmt: skip
    p, snr = np.array([(cell.p, cell.typical["snr"]) for cell in row]).T
    (slope,) = [each.snr for each in found.slopes() if each.pruning == pruning]
    told = f"{slope.value:+.3f}".replace("-", "\N{MINUS SIGN}")
    if not math.isnan(slope.error):
        told += rf" $\pm$ {slope.error:.3f}"
    ax.plot(p, snr, **ARM_STYLES["pruned"], markersize=3.5, label=f"measured, slope {told}")
    ends = np.array([max(p), min(p)])
    ax.plot(ends, snr[0] * ends**SNR_SLOPE, color="0.3", linewidth=0.9, linestyle=":",
            label=r"signal on one pixel: slope $-$0.5")  # fmt: skip
    ax.set_ylim(bottom=0)
    legend_above(ax, columns=1)


def _title(found: DigitsFindings, pruning: str) -> str:
    plan = found.plan
    where = "first layer" if plan.layers == "first" else "all layers"
    seeds = f"{plan.seeds} seed{'' if plan.seeds == 1 else 's'}"
    return (
        f"{found.data}, {pruning} masks, {where}\n"
        f"n = {plan.n}, noise {plan.noise:g}, $\\eta$ = {plan.eta:g}, {seeds}"
    )
