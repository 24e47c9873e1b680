"""What became of the mutants of a theorem, drawn from the document of a falsification alone."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from theorycheck.plots import legend_above, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
    """Draw the share of mutants with each outcome: of the false ones, by change, and of true ones.

    Parameters
    ----------
    document : dict
        The content of ``falsify.json``.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        The axes: a bar a row, with the number refuted of all at its right. Undetermined mutants
        count as false. The bar of all false ones bears the exact 95 % interval of the share
        refuted, as if they were independent draws.
    """
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
    refuted, all_false = document["false_refuted"]
    if all_false:
        low, high = share_interval(refuted, all_false)
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


def share_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the exact (Clopper-Pearson) interval of a share."""
    from scipy.stats import binomtest

    found = binomtest(successes, trials).proportion_ci(CONFIDENCE)
    return float(found.low), float(found.high)


def change_of(words: str) -> str:
    """Return which kind of change a mutant makes, told the words for it."""
    return next(name for pattern, name in CHANGES if re.fullmatch(pattern, words))


def _rows(mutants: list[dict[str, Any]]) -> tuple[dict[str, Counts], dict[str, Counts]]:
    """Count outcomes row by row: false mutants, all and by change, and true ones by kind."""
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
