"""Figures of the sharp predictions: how ratios tend to 1, and the exponent of the noise term.

Every plot_* function takes results and optionally the axes to draw on, and returns the axes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from theorycheck.predictions.limit import PredictionVerdict, Row
from theorycheck.reporting.figures.style import label_sparsely, legend_above, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes


HEIGHT = 3.4  # inches, with room for a legend above
# Colour and marker together, so that series stay apart in grey too.
STYLES: tuple[dict[str, Any], ...] = (
    {"color": "#0072B2", "marker": "o"},
    {"color": "#D55E00", "marker": "s"},
    {"color": "#009E73", "marker": "^"},
    {"color": "#CC79A7", "marker": "D"},
    {"color": "#E69F00", "marker": "v"},
    {"color": "#56B4E9", "marker": "P"},
    {"color": "#000000", "marker": "X"},
)


DASHES = ("-", "--", "-.", ":", (0, (6, 1)))
ALONG = {"sigma_0": r"$\sigma_0$", "p d": r"$p\,d$", "SNR": r"$\mu/(\sigma_n\sqrt{d})$"}


def by_setting(verdict: PredictionVerdict) -> dict[str, list[Row]]:
    """Return the rows of each setting, in order."""
    series: dict[str, list[Row]] = {}
    for row in verdict.rows:
        series.setdefault(row.setting, []).append(row)
    return series


def plot_distance(verdict: PredictionVerdict, ax: Axes | None = None) -> Axes:
    """Draw how far measured / predicted is from 1 against the parameter that moves."""
    ax = new_figure(HEIGHT).subplots() if ax is None else ax
    series = zip(by_setting(verdict).items(), cycle(STYLES), cycle(DASHES), strict=False)
    for (setting, rows), style, dash in series:
        values = [row.value for row in rows]
        ax.loglog(values, [row.typical for row in rows], **style, linestyle=dash, label=setting)
        ax.loglog(values, [row.worst for row in rows], **style, linestyle="",
                  markerfacecolor="white", markersize=3)  # fmt: skip
    ax.plot([], [], "o", color="0.3", markerfacecolor="white", markersize=3, label="worst run")
    label_sparsely(ax)
    ax.set_xlabel(ALONG.get(verdict.along, verdict.along))
    ax.set_ylabel("|measured / predicted $-$ 1|")
    legend_above(ax, _title(verdict), columns=1, side="right")
    return ax


def plot_ratios(verdict: PredictionVerdict, ax: Axes | None = None) -> Axes:
    """Draw measured / predicted with its interval against the parameter that moves."""
    ax = new_figure(HEIGHT).subplots() if ax is None else ax
    rows = verdict.rows
    ratio = np.array([row.ratio for row in rows])
    reach = np.array([[row.ratio - row.low, row.high - row.ratio] for row in rows]).T
    ax.errorbar([row.value for row in rows], ratio, reach, linestyle="", capsize=2, **STYLES[0],
                label="measured / predicted, 99 %")  # fmt: skip
    ax.axhline(1, color="0.5", linewidth=0.8)
    ax.set_xlabel(ALONG.get(verdict.along, verdict.along))
    ax.set_ylabel("measured / predicted")
    legend_above(ax, _title(verdict), columns=1, side="right")
    return ax


def plot_noise_exponent(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]], ax: Axes | None = None
) -> Axes:
    """Draw the logarithm of the noise term against 1/p, relative to what it is at p = 1."""
    ax = new_figure(HEIGHT).subplots() if ax is None else ax
    largest = 1.0
    for (label, (inverse_p, logs)), style in zip(series.items(), cycle(STYLES), strict=False):
        x, y = np.asarray(inverse_p), np.asarray(logs)
        ax.plot(x, y / np.median(y[x == 1]), linestyle="", **style, markerfacecolor="none",
                label=label)  # fmt: skip
        largest = max(largest, float(x.max()))
    ax.plot([1, largest], [1, largest], color="0.3", linewidth=0.9, zorder=1,
            label=r"derived: $-\tau^2/(2\sigma_n^2\sigma_0^2 d)\cdot 1/p$")  # fmt: skip
    ax.set_xlabel("$1/p$")
    ax.set_ylabel("log P / log P at $p = 1$")
    legend_above(ax, side="right")
    return ax


def _title(verdict: PredictionVerdict) -> str:
    return f"{verdict.prediction}: {verdict.outcome}"
