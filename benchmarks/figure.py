"""The results as one figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

COLOURS = {
    "gram": "#0072b2",
    "weights": "#56b4e9",
    "pytorch": "#d55e00",
    "jax": "#e69f00",
    "flow": "#009e73",
    "gram-law": "#000000",
}
MARKERS = {"gram": "o", "weights": "s", "pytorch": "^", "jax": "v", "flow": "D", "gram-law": "*"}


def draw(results: dict[str, Any], folder: Path) -> None:
    """Write ``results.svg`` and ``results.png``.

    Parameters
    ----------
    results : dict
        What ``python -m benchmarks`` wrote to ``results.json``.
    folder : Path
        Where to write.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
    _steps(left, results)
    _dimensions(right, results)
    # no date inside, so that the same results give the same file
    figure.savefig(folder / "results.svg", metadata={"Date": None})
    figure.savefig(folder / "results.png", dpi=150)
    plt.close(figure)


def _steps(ax: Axes, results: dict[str, Any]) -> None:
    """Draw the time of a step: a group of points per size, filled at the most threads."""
    rows = results["per_step"]
    sizes = list(dict.fromkeys(tuple(row["size"]) for row in rows))
    engines = list(dict.fromkeys(row["engine"] for row in rows))
    most = max(row["threads"] for row in rows)
    for row in rows:
        engine = row["engine"]
        shift = 0.16 * (engines.index(engine) - (len(engines) - 1) / 2)
        threads = row["threads"]
        ax.errorbar(
            sizes.index(tuple(row["size"])) + shift + (0.03 if threads == most else -0.03),
            row["seconds"],
            yerr=[[row["seconds"] - row["low"]], [row["high"] - row["seconds"]]],
            color=COLOURS[engine],
            marker=MARKERS[engine],
            markerfacecolor=COLOURS[engine] if threads == most else "white",
            linestyle="none",
            capsize=2,
            label=f"{engine}, {threads} thread{'s' if threads > 1 else ''}",
        )
    handles, labels = ax.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))  # one entry for all sizes
    names = sorted(unique)
    ax.legend([unique[name] for name in names], names, fontsize=8, ncols=2)
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high * 20)  # room for the legend
    labels = [f"K={K}, m={m}\nd={d}\nn={n}" for K, m, d, n in sizes]
    ax.set_xticks(range(len(sizes)), labels)
    ax.set_ylabel("time per step of descent, s")
    ax.set_title("One step, the same to 10 digits in all")
    ax.grid(axis="y", alpha=0.3)


def _dimensions(ax: Axes, results: dict[str, Any]) -> None:
    """Draw cost against dimension: a line per engine and p."""
    rows = results["against_d"]
    for engine, p in dict.fromkeys((row["engine"], row["p"]) for row in rows):
        points = [row for row in rows if (row["engine"], row["p"]) == (engine, p)]
        ax.plot(
            [row["d"] for row in points],
            [row["seconds"] for row in points],
            color=COLOURS[engine],
            marker=MARKERS[engine],
            markersize=5,
            linestyle="-" if p == 1 else "--",
            label=f"{engine}, p = {p:g}: {points[0]['what']}",
        )
    ax.set_xscale("log")
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high * 30)
    ax.legend(fontsize=8, loc="upper right")
    ax.set_xlabel("d")
    ax.set_ylabel("time, s")
    ax.set_title("Cost against the dimension (K = 2, m = 6, n = 10)")
    ax.grid(alpha=0.3)
