"""Implied constants against size, drawn from the records of ``verdicts.json`` alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from theorycheck.reporting.figures.style import figure_of, label_sparsely, legend_above, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


HEIGHT = 2.8  # inches
FURTHEST = 460.0  # logarithm of what an axis can show, with room around it
LEAST_FACTOR = 2.5  # that an axis shows on either side of constant 1
LETTERS = {
    "mu": r"$\mu$",
    "sigma_0": r"$\sigma_0$",
    "sigma_n": r"$\sigma_n$",
    "eta": r"$\eta$",
    "epsilon": r"$\epsilon$",
}


INK, ACCENT, WARM, QUIET = "#000000", "#0072b2", "#d55e00", "#7f7f7f"


def scaling_figure(record: dict[str, Any], lower: bool) -> Figure | None:
    """Draw one verdict's implied constants.

    None where no run has an implied constant above 0 to draw.
    """
    if not any(len(ratios) for _, ratios in _ratios(record)):
        return None
    return figure_of(plot_scaling(record, lower))


def plot_scaling(record: dict[str, Any], lower: bool, ax: Axes | None = None) -> Axes:
    """Draw measured / bound of every run against size, with the slope over the tail."""
    ax = new_figure(HEIGHT).subplots() if ax is None else ax
    ax.set_xscale("log")
    ax.set_yscale("log")
    for size, ratios in _ratios(record):
        ax.plot([size] * len(ratios), ratios, "o", color=ACCENT, markersize=2.6, alpha=0.35,
                markeredgewidth=0)  # fmt: skip
    ax.plot([], [], "o", color=ACCENT, markersize=2.6, alpha=0.5, label="one run")
    for key, style in (("median", "-"), ("quantile_0.9", ":")):
        sizes, values = _quantile_line(record, key)
        ax.plot(sizes, values, style, color=ACCENT, linewidth=1.2, label=_named(key))
    ax.axhline(1.0, color=INK, linewidth=0.8, label="constant 1")
    _plot_slope(record, lower, ax)
    start = (record.get("holds_from") or {}).get("median")
    if start:
        ax.axvline(start, color=QUIET, linewidth=0.9, linestyle="--", label="median kept from")
    if record.get("direction") == "down":
        ax.invert_xaxis()
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, 1 / LEAST_FACTOR), max(high, LEAST_FACTOR))
    label_sparsely(ax)
    ax.set_xlabel(LETTERS.get(record["along"], f"${record['along']}$"))
    ax.set_ylabel("measured / bound")
    legend_above(ax, columns=3, side="right")
    return ax


def _named(key: str) -> str:
    return key.replace("quantile_0.9", "9 draws in 10")


def _ratios(record: dict[str, Any]) -> list[tuple[float, list[float]]]:
    """Return measured / bound of every run that has one above 0, size by size."""
    found = []
    for size in record.get("sizes", []):
        log_bound = size.get("log_bound")
        each = [one for one in size.get("each", []) if one is not None and one > 0]
        if log_bound is None:
            each = []
        found.append((size["size"], [exp(math.log(one) - (log_bound or 0.0)) for one in each]))
    return found


def exp(value: float) -> float:
    """Return the exponential of what an axis can show."""
    return math.exp(min(max(value, -FURTHEST), FURTHEST))


def _quantile_line(record: dict[str, Any], key: str) -> tuple[list[float], list[float]]:
    values = [(one["size"], one["implied_constant"][key]) for one in record["sizes"]]
    return [size for size, _ in values], [value or math.nan for _, value in values]


def _slope(record: dict[str, Any]) -> tuple[float, float, float] | None:
    """Return the slope over the tail and its interval; None where there is none."""
    low, high = record.get("slope_interval") or (None, None)
    mean = record.get("slope")
    return None if mean is None or low is None or high is None else (mean, low, high)


def _plot_slope(record: dict[str, Any], lower: bool, ax: Axes) -> None:
    """Draw the slope over the tail through its middle, with its interval, and what is allowed."""
    slopes = _slope(record)
    sizes, medians = _quantile_line(record, "median")
    in_tail = np.isin(sizes, record.get("tail", []))
    x, y = np.log(np.array(sizes)[in_tail]), np.log(np.array(medians)[in_tail])
    if slopes is None or not np.isfinite(y).all() or len(x) < 2:
        return
    # the slope is that of the excess on the unfavourable side, along the path
    turn = -1.0 if lower else 1.0
    turn *= -1.0 if record.get("direction") == "down" else 1.0

    def line(slope: float) -> Any:
        return np.exp(y.mean() + turn * slope * (x - x.mean()))

    mean, low, high = slopes
    ax.fill_between(np.exp(x), line(low), line(high), color=WARM, alpha=0.25, linewidth=0)
    ax.plot(np.exp(x), line(mean), color=WARM, linewidth=1.4, linestyle=(0, (6, 1)),
            label="slope, interval")  # fmt: skip
    allowed = record.get("tolerated_slope")
    if allowed is not None:
        ax.plot(np.exp(x), line(allowed), color=QUIET, linewidth=0.9, linestyle="-.",
                label="allowed slope")  # fmt: skip


def describe(record: dict[str, Any]) -> str:
    """Say in words what the figure of a verdict shows."""
    sizes = record["sizes"]
    first, last = sizes[0]["size"], sizes[-1]["size"]
    words = f"Measured over bound of every run against {record['along']}, {first:g} to {last:g}."
    medians = [(one["size"], one["implied_constant"]["median"]) for one in sizes]
    told = [f"{value:.3g} at {size:g}" for size, value in medians if value is not None]
    if told:
        words += f" Median: {', '.join(told)}."
    if slopes := _slope(record):
        words += " Slope over the tail {:+.3g}, between {:+.3g} and {:+.3g}.".format(*slopes)
    start = (record.get("holds_from") or {}).get("median")
    return words + (f" Holds with constant 1 from {start:g} on." if start else "")
