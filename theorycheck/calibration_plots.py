"""Figures of the checker itself: how often it errs, and what it can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from theorycheck.plots import CROSS, GAMMA, OMEGA, ZETA, legend_above, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from theorycheck.calibration import Calibration


def plot_calibration(calibration: Calibration, ax: Axes | None = None) -> Axes:
    """Draw how often the checker was wrong about made-up claims, beside the rate it may be.

    Parameters
    ----------
    calibration : Calibration
        The rates.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        The axes: a bar ends at the 95 % limit of a rate; one that was never wrong has no dot.
    """
    ax = new_figure(4.5).subplots() if ax is None else ax
    shown = [*calibration.rates, *calibration.beyond]
    rows = np.arange(len(shown))[::-1]
    left = 1e-4
    styles = {"refuted": GAMMA, "consistent": ZETA, "consistent or refuted": OMEGA}
    for row, one in zip(rows, shown, strict=True):
        colour, dash = styles[one.outcome]["color"], styles[one.outcome]["linestyle"]
        ax.plot([left, one.upper], [row, row], color=colour, linestyle=dash, linewidth=1.0)
        ax.plot(one.upper, row, "|", color=colour, markersize=4)
        if one.wrong:
            ax.plot(one.rate, row, "o", color=colour, markersize=2.5)
    for outcome, style in styles.items():
        ax.plot([], [], **{**style, "marker": "o", "markersize": 2.5, "linewidth": 1.0,
                           "label": outcome})  # fmt: skip
    error = calibration.family_error
    ax.axvline(
        error, color="black", linestyle=":", linewidth=0.9, label=f"allowed: {100 * error:g} %"
    )
    ax.axhline(len(calibration.beyond) - 0.5, color="0.5", linewidth=0.6)
    ax.set_xscale("log")
    ax.set_xlim(left, 1.0)
    ax.set_ylim(-0.7, len(shown) - 0.3)
    ax.set_yticks(rows, [one.scenario for one in shown], fontsize=6.5)
    ax.set_xticks([1e-4, 1e-3, 1e-2, 1e-1, 1], ["0.01", "0.1", "1", "10", "100"])
    ax.minorticks_off()
    ax.set_xlabel("wrong checks, %")
    legend_above(ax, "wrong outcome", side="right")
    return ax


def plot_power(calibration: Calibration, ax: Axes | None = None) -> Axes:
    """Draw how surely a known deviation is refuted, against the length of the tail.

    Parameters
    ----------
    calibration : Calibration
        The powers.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        The axes: a band a deviation, from the fewest seeds to the most.
    """
    ax = new_figure().subplots() if ax is None else ax
    seeds = sorted({one.seeds for one in calibration.powers})
    deviations = sorted({one.deviation for one in calibration.powers})
    for deviation, style in zip(deviations, (CROSS, OMEGA, ZETA, GAMMA), strict=True):
        for count, width in ((seeds[0], 0.7), (seeds[-1], 1.5)):
            cells = [x for x in calibration.powers if (x.deviation, x.seeds) == (deviation, count)]
            ax.plot(
                [x.decades for x in cells], [x.rate for x in cells], "o", markersize=2 * width,
                color=style["color"], linestyle=style["linestyle"], linewidth=width,
                label=f"{deviation:g}" if count == seeds[-1] else None,
            )  # fmt: skip
    ax.set_xscale("log")
    decades = sorted({x.decades for x in calibration.powers})
    ax.set_xticks(decades, [f"{one:g}" for one in decades])
    ax.set_xticks([], minor=True)
    ax.set_ylim(-0.03, 1.03)
    ax.set_xlabel("decades in the tail")
    ax.set_ylabel("share refuted")
    title = f"slope too large by (thin: {seeds[0]} seeds, thick: {seeds[-1]})"
    legend_above(ax, title, columns=4)
    return ax


def calibration_figure(calibration: Calibration) -> Figure:
    """Draw rates and powers of a calibration above each other."""
    figure = new_figure(6.8)
    upper, lower = figure.subfigures(2, 1, squeeze=False, height_ratios=(2, 1)).ravel()
    plot_calibration(calibration, upper.subplots())
    plot_power(calibration, lower.subplots())
    return figure
