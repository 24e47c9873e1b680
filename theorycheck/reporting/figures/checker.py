"""Figures of the checker itself: how often it errs, and what it can see."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from theorycheck.judging.statistics import share_interval
from theorycheck.reporting.figures.style import CROSS, GAMMA, OMEGA, ZETA, legend_above, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


RATE_STYLES = {
    "refuted": GAMMA,
    "consistent": ZETA,
    "consistent or refuted": OMEGA,
    "refuted or undecided": CROSS,
}


def plot_calibration(calibration: dict[str, Any], ax: Axes | None = None) -> Axes:
    """Draw how often the checker was wrong about made-up claims, beside the rate it may be."""
    ax = new_figure(6.5).subplots() if ax is None else ax
    shown = calibration["rates"]
    rows = np.arange(len(shown))[::-1]
    left = 1e-4
    error = calibration["family_error"]
    for row, one in zip(rows, shown, strict=True):
        style = RATE_STYLES[one["outcome"]]
        colour, dash = style["color"], style["linestyle"]
        ax.plot([left, one["upper"]], [row, row], color=colour, linestyle=dash, linewidth=1.0)
        ax.plot(one["upper"], row, "|", color=colour, markersize=4)
        if one["wrong"]:
            ax.plot(one["rate"], row, "o", color=colour, markersize=2.5)
        if one["allowed"] != error:
            ax.plot(one["allowed"], row, "k:", marker="d", markersize=2.5)
    for outcome, style in RATE_STYLES.items():
        ax.plot([], [], **{**style, "marker": "o", "markersize": 2.5, "linewidth": 1.0,
                           "label": outcome})  # fmt: skip
    ax.axvline(
        error, color="black", linestyle=":", linewidth=0.9, label=f"allowed: {100 * error:g} %"
    )
    ax.set_xscale("log")
    ax.set_xlim(left, 1.0)
    ax.set_ylim(-0.7, len(shown) - 0.3)
    ax.set_yticks(rows, [one["scenario"] for one in shown], fontsize=6.5)
    ax.set_xticks([1e-4, 1e-3, 1e-2, 1e-1, 1], ["0.01", "0.1", "1", "10", "100"])
    ax.minorticks_off()
    ax.set_xlabel("wrong checks, %")
    legend_above(ax, "wrong outcome", side="right")
    return ax


def plot_coverages(calibration: dict[str, Any], ax: Axes | None = None) -> Axes:
    """Draw how often each interval missed the truth, a mark a case, beside the rate it may."""
    ax = new_figure().subplots() if ax is None else ax
    shown = calibration["coverages"]
    names = list(dict.fromkeys(one["interval"] for one in shown))
    for printed, marker, label in ((True, "o", "as printed"), (False, "x", "pooled instead")):
        some = [one for one in shown if one["printed"] == printed]
        ax.plot(
            [100 * one["misses"] / one["intervals"] for one in some],
            [-names.index(one["interval"]) for one in some],
            marker, markersize=3, color=(ZETA if printed else GAMMA)["color"],
            markerfacecolor="none", linestyle="none", label=label,
        )  # fmt: skip
    most = 100 * (1 - calibration["least_coverage"])
    ax.axvline(most, color="black", linestyle=":", linewidth=0.9, label=f"at most: {most:.2g} %")
    ax.set_xscale("symlog", linthresh=0.1)
    ax.set_xlim(-0.02, 100)
    ax.set_xticks([0, 0.1, 1, 10, 100], ["0", "0.1", "1", "10", "100"])
    ax.minorticks_off()
    ax.set_ylim(-len(names) + 0.4, 0.6)
    ax.set_yticks([-row for row in range(len(names))], names, fontsize=6.5)
    ax.set_xlabel("intervals without the truth, %")
    legend_above(ax, side="right")
    return ax


def plot_power(calibration: dict[str, Any], ax: Axes | None = None) -> Axes:
    """Draw how surely a known deviation is refuted, against the length of the tail."""
    ax = new_figure().subplots() if ax is None else ax
    draws = sorted({one["draws"] for one in calibration["powers"]})
    deviations = sorted({one["deviation"] for one in calibration["powers"]})
    for deviation, style in zip(deviations, (CROSS, OMEGA, ZETA, GAMMA), strict=True):
        for count, width in ((draws[0], 0.7), (draws[-1], 1.5)):
            cells = [
                x
                for x in calibration["powers"]
                if (x["deviation"], x["draws"]) == (deviation, count)
            ]
            ax.plot(
                [x["decades"] for x in cells], [x["rate"] for x in cells],
                "o", markersize=2 * width,
                color=style["color"], linestyle=style["linestyle"], linewidth=width,
                label=f"{deviation:g}" if count == draws[-1] else None,
            )  # fmt: skip
    ax.set_xscale("log")
    decades = sorted({x["decades"] for x in calibration["powers"]})
    ax.set_xticks(decades, [f"{one:g}" for one in decades])
    ax.set_xticks([], minor=True)
    ax.set_ylim(-0.03, 1.03)
    ax.set_xlabel("decades in the tail")
    ax.set_ylabel("share refuted")
    title = f"slope beyond tau by (thin: {draws[0]} draws, thick: {draws[-1]})"
    legend_above(ax, title, columns=4)
    return ax


def calibration_figure(calibration: dict[str, Any]) -> Figure:
    """Draw rates, coverages and powers of a calibration above each other."""
    figure = new_figure(11.0)
    panels = figure.subfigures(3, 1, squeeze=False, height_ratios=(6.2, 2.2, 2.6)).ravel()
    plot_calibration(calibration, panels[0].subplots())
    plot_coverages(calibration, panels[1].subplots())
    plot_power(calibration, panels[2].subplots())
    return figure


HEIGHT = 3.6  # inches
CONFIDENCE = 0.95
# Dark, light, hatched: apart in grey too.
OUTCOMES: dict[str, dict[str, Any]] = {
    "refuted": {"color": "#0072B2"},
    "undecided": {"color": "0.85"},
    "consistent": {
        "facecolor": "#F5C185",
        "edgecolor": "#A04600",
        "hatch": "/////",
        "linewidth": 0,
    },
}


FALSE = ("false", "undetermined")
SHOWN_AS = {"holds": "consistent", "premise not met": "undecided"}
# What is changed in a claim, by how its mutant is named, in the order of the rows.
CHANGES = (
    (r"times .*\(-?1/4\)", "exponent by 1/4"),
    (r"times .*\(-?1/2\)", "exponent by 1/2"),
    (r"times .*\(-?1\)", "exponent by 1"),
    (r".* dropped", "symbol dropped"),
    (r"p -> 1 - p", "p to 1 − p"),
    (r"max -> min", "max to min"),
    (r".* -> .*", "O to Ω or back"),
    (r".*", "another change"),
)


Counts = Counter[str]


def plot_mutants(document: dict[str, Any], ax: Axes | None = None) -> Axes:
    """Draw the share of mutants with each outcome: false ones by change, and true ones."""
    ax = new_figure(HEIGHT).subplots() if ax is None else ax
    false, true = _rows(document["mutants"])
    rows = {**false, **true}
    gap = 0.5 if false and true else 0.0
    places = -np.arange(len(rows)) - gap * (np.arange(len(rows)) >= len(false))
    left = np.zeros(len(rows))
    for outcome, style in OUTCOMES.items():
        shares = np.array([counts[outcome] / counts.total() for counts in rows.values()])
        ax.barh(places, shares, left=left, height=0.7, label=outcome, **style)
        left += shares
    for place, counts in zip(places, rows.values(), strict=True):
        ax.annotate(f"{counts['refuted']} of {counts.total()}", (1, place), (3, 0),
                    textcoords="offset points", va="center", fontsize=7)  # fmt: skip
    wrong = false.get("all false", Counter())
    refuted, all_false = wrong["refuted"], wrong.total()
    if all_false:
        low, high = share_interval(refuted, all_false, CONFIDENCE)
        share = refuted / all_false
        ax.errorbar(share, 0, xerr=[[share - low], [high - share]], color="black", capsize=2,
                    linewidth=1.0, label=f"{100 * CONFIDENCE:g} % interval")  # fmt: skip
    if gap:
        ax.axhline(0.25 - len(false), color="0.5", linewidth=0.6)
    ax.set_yticks(places, list(rows))
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["0", "50", "100"])
    ax.grid(False)
    ax.set_xlabel("% of mutants, and how many are refuted")
    legend_above(ax, f"{document['theorem']}: {refuted} of {all_false} false mutants refuted",
                 side="right")  # fmt: skip
    return ax


def change_of(words: str) -> str:
    """Return which kind of change a mutant makes, told the words for it."""
    return next(name for pattern, name in CHANGES if re.fullmatch(pattern, words))


def _rows(mutants: list[dict[str, Any]]) -> tuple[dict[str, Counts], dict[str, Counts]]:
    """Count outcomes row by row: false mutants, all and by change, and true ones by kind."""
    mutants = [{**one, "outcome": SHOWN_AS.get(one["outcome"], one["outcome"])} for one in mutants]
    wrong = [one for one in mutants if one["kind"] in FALSE]
    right = [one for one in mutants if one["kind"] not in FALSE]
    false = {"all false": Counter(one["outcome"] for one in wrong)}
    for _, change in CHANGES:
        false[change] = Counter(
            one["outcome"] for one in wrong if change_of(one["change"]) == change
        )
    true = {
        kind.replace("stronger-but-true", "stronger but true"): Counter(
            one["outcome"] for one in right if one["kind"] == kind
        )
        for kind in ("equivalent", "weaker", "stronger-but-true")
    }
    filled = [{name: counts for name, counts in rows.items() if counts} for rows in (false, true)]
    return filled[0], filled[1]
