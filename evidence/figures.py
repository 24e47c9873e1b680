"""Figures of the committed evidence: ``python -m evidence.figures``."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from evidence.record import RESULTS
from theorycheck.plots import house_style, new_figure, save

STYLES = (("#0072B2", "o", "-"), ("#D55E00", "s", "--"), ("#009E73", "^", "-."))


def read(name: str) -> dict[str, Any]:
    """Read a committed result."""
    content: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text())
    return content


def draw_claim4() -> None:
    """Draw median and 0.9 quantile of claim `no-noise`'s implied constant against d."""
    cells = read("claim4")["cells"]
    figure = new_figure()
    ax = figure.subplots()
    families = dict.fromkeys((cell["m"], cell["n"], cell["p"]) for cell in cells)
    for (m, n, p), (colour, marker, dash) in zip(families, STYLES, strict=True):
        row = [cell for cell in cells if (cell["m"], cell["n"], cell["p"]) == (m, n, p)]
        d = np.array([cell["d"] for cell in row], float)
        median = np.array([cell["median"] for cell in row])
        low, high = np.array([cell["median interval 99 %"] for cell in row]).T
        ax.errorbar(d, median, (median - low, high - median), color=colour, marker=marker,
                    linestyle=dash, label=f"median, m = {m}, n = {n}, p = {p:g}")  # fmt: skip
        ax.plot(d, [cell["quantile 0.9"] for cell in row], color=colour, marker=marker,
                markerfacecolor="white", linestyle=":", linewidth=0.8)  # fmt: skip
    ax.axhline(1, color="0.5", linewidth=0.8)
    ax.plot([], [], color="0.3", linestyle=":", label="0.9 quantile (open markers)")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel("$d$")
    ax.set_ylabel(r"max $|\omega|\,/\,(\sigma_0\sigma_n\sqrt{pd})$")
    ax.set_title("no-noise: measured over bound, 64 seeds, 99 % intervals", loc="left")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    save(figure, RESULTS, "claim4")


def draw_same_law() -> None:
    """Draw the p-values of the tests that compare the two ways to draw."""
    result = read("same_law")
    figure = new_figure()
    ax = figure.subplots()
    for noise, (colour, marker, _) in zip(("isotropic", "orthogonal"), STYLES, strict=False):
        values = np.sort(list(result[noise]["p-values"].values()))
        ranks = (np.arange(len(values)) + 0.5) / len(values)
        ax.plot(ranks, values, marker, color=colour, label=f"{noise}, {len(values)} tests")
    ax.plot([0, 1], [0, 1], color="0.5", linewidth=0.8, label="uniform, as under one law")
    ax.set_xlabel("rank of the test")
    ax.set_ylabel("p-value")
    ax.set_title("gram-law against gram, 2000 seeds", loc="left")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    save(figure, RESULTS, "same_law")


def draw_population() -> None:
    """Draw how far integral and sampling lie apart, in joint standard errors."""
    key = "networks [d, n, m, K, p, snr, noise, seed], [integral, sampled, distance]"
    networks = read("population")[key]
    figure = new_figure()
    ax = figure.subplots()
    for name, (colour, marker, _) in zip(("loss", "error"), STYLES, strict=False):
        distances = [network[name][2] for network in networks]
        ax.plot(range(1, len(networks) + 1), distances, marker, color=colour, label=f"test {name}")
    ax.axhline(3, color="0.5", linewidth=0.8)
    ax.set_ylim(0, 4)
    ax.set_xlabel("network")
    ax.set_ylabel("distance in standard errors")
    ax.set_title("Gaussian integral against a million fresh samples", loc="left")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    save(figure, RESULTS, "population")


def main() -> None:
    """Draw every figure."""
    with house_style():
        draw_claim4()
        draw_same_law()
        draw_population()


if __name__ == "__main__":
    main()
