"""Figures of the evidence on other models than the paper's, for :mod:`evidence.figures`."""

from __future__ import annotations

import numpy as np

import bounds
from bounds.relu_error import ACTIVE_SHARE
from evidence.record import RESULTS, STYLES, read
from theorycheck.reporting.figures.digits import ARM_STYLES, NAMES
from theorycheck.reporting.figures.phase_map import ERRORS, PHASE_HEIGHT, edges, plain_ticks
from theorycheck.reporting.figures.style import legend_above, new_figure, save


def draw_relu_curve() -> None:
    """Draw errors of ReLU descent in both limits of small starts, and what the curves leave."""
    result = read("relu_curve")
    curves = {"kicked": result["share derived for kicked"], "flow": ACTIVE_SHARE}
    figure = new_figure(4.8)
    upper, lower = figure.subplots(2, 1, sharex=True)
    x = np.geomspace(0.2, 20, 60)
    for (name, share), (colour, marker, dash) in zip(curves.items(), STYLES, strict=False):
        curve = [bounds.relu_error(one, result["flip"], share) for one in x]
        upper.semilogx(x, curve, color=colour, linestyle=dash, label=f"a = {share:.2f}")
        for n, face in ((40, "white"), (80, colour)):
            cells = [cell for cell in result[name] if (cell["n"], cell["d"]) == (n, 40 * n * n)]
            at = [cell["x"] for cell in cells]
            look = {"color": colour, "marker": marker, "markerfacecolor": face, "linestyle": ""}
            upper.plot(at, [cell["error"] for cell in cells], **look, label=f"{name}, n = {n}")
            left = [
                cell["error"] - bounds.relu_error(cell["x"], result["flip"], share)
                for cell in cells
            ]
            reach = [2 * cell["standard error"] for cell in cells]
            lower.errorbar(at, left, reach, **look, capsize=2)
    lower.axhline(0, color="0.5", linewidth=0.8)
    lower.set_xlabel(r"$x = n\mu^4/(\sigma_n^4 d)$")
    upper.set_ylabel("test error")
    lower.set_ylabel("measured $-$ curve,\n2 standard errors")
    legend_above(upper, "ReLU, flip 0.1, no fitted constant", columns=2)
    save(figure, RESULTS, "relu_curve")


def draw_boundaries() -> None:
    """Draw where two boundaries lie along each symbol: median, its interval, and 8 of 10 draws."""
    result = read("boundaries")
    names = {"threshold-benign": r"$n\,\mathrm{SNR}^3$",
             "threshold-relu-benign": r"ReLU: $n\mu^4/(\sigma_n^4 d)$"}  # fmt: skip
    figure = new_figure(4.8)
    panels = figure.subplots(2, 1, sharey=True)
    for ax, (theorem, index) in zip(panels, names.items(), strict=True):
        for (symbol, found), (colour, marker, dash) in zip(
            result[theorem]["along"].items(), STYLES, strict=False
        ):
            sizes = found["at each size"]
            first = sizes[0]["size"]
            x = np.array([max(at["size"] / first, first / at["size"]) for at in sizes])
            told = {name: np.array([at[name] for at in sizes]) for name in sizes[0]}
            ax.fill_between(x, told["early"], told["late"], color=colour, alpha=0.12, linewidth=0)
            reach = [told["median"] - told["low"], told["high"] - told["median"]]
            span = f"{symbol} from {first:g} to {sizes[-1]['size']:g}"
            ax.errorbar(x, told["median"], reach, color=colour, marker=marker, linestyle=dash,
                        markersize=4, capsize=2, label=span)  # fmt: skip
        ax.set(xscale="log", yscale="log", ylabel=f"critical {index}")
        plain_ticks(ax)
        legend_above(ax, columns=2)
    panels[1].set_xlabel("how far along each symbol, from 1")
    save(figure, RESULTS, "boundaries")


def draw_relu_map() -> None:
    """Draw the map of the public experiment in the engine's model, half-way in all three."""
    result = read("relu_map")
    d, mu = np.array(result["d"], float), np.array(result["mu"][1:])
    figure = new_figure(PHASE_HEIGHT)
    ax = figure.subplots()
    errors = np.array(result["isotropic"]["error by d and mu"])[:, 1:].T
    across, up = edges(d), edges(mu)
    cells = ax.pcolormesh(across, up, errors, cmap=ERRORS, vmin=result["flip"], vmax=0.5, zorder=1)
    for name, (_, marker, dash) in zip(("script", "isotropic", "orthogonal"), STYLES, strict=True):
        half_way = result[name]["mu half-way"]
        ax.plot(d, half_way, color="white", linewidth=2.6, zorder=1.9)
        ax.plot(d, half_way, color="black", marker=marker, markersize=5, markerfacecolor="none",
                linestyle=dash, linewidth=1, label=name)  # fmt: skip
    ax.set(xscale="log", yscale="log", xlim=across[[0, -1]], ylim=up[[0, -1]])
    ax.grid(False)
    plain_ticks(ax)
    ax.set_xlabel("$d$, dimension of a patch")
    ax.set_ylabel(r"$\mu$, signal strength")
    legend_above(ax, "error half-way to guessing, in three models", columns=3)
    bar = figure.colorbar(cells, ax=ax, location="bottom", aspect=30)
    bar.set_label("mean test error, isotropic (guessing: 0.5)")
    save(figure, RESULTS, "relu_map")


def draw_digits() -> None:
    """Draw what the three arms gain on MNIST at two learning rates, under two masks."""
    results = {one["plan"]["eta"]: one for one in (read("digits-mnist"), read("digits-mnist_slow"))}
    figure = new_figure(5.4)
    panels = figure.subplots(2, 1, sharex=True, sharey=True)
    for ax, pruning in zip(panels, ("random", "snip"), strict=True):
        for place, (arm, style) in enumerate(ARM_STYLES.items()):
            for eta, result in results.items():
                row = [cell for cell in result["cells"]
                       if cell["arm"] == arm and cell["pruning"] in ("", pruning)]  # fmt: skip
                gain, error = np.array([cell["minus dense, points"] for cell in row]).T
                p = np.array([cell["p"] for cell in row]) * 1.02 ** (place - 1)
                if eta == 0.5:
                    ax.errorbar(
                        p, gain, error, **style, markersize=3.5, capsize=1, label=NAMES[arm]
                    )
                else:
                    ax.plot(1.05 * p, gain, "x", color=style["color"], markersize=3.5)
        ax.axhline(0, color="0.5", linewidth=0.8)
        ax.set_ylabel(f"{pruning} masks:\nminus dense, points")
    panels[0].plot([], [], "x", color="0.3", label=r"the same at $\eta$ = 0.1, not 0.5")
    shares = [1, 0.5, 0.3, 0.2, 0.1, 0.05]
    panels[1].set(xscale="log", xlim=(1.15, 0.043), xlabel="$p$, share of weights kept")
    panels[1].set_xticks(shares, [f"{one:g}" for one in shares])
    panels[1].minorticks_off()
    legend_above(panels[0], "MNIST, n = 100, noise 0.25, 20 seeds, first layer", columns=1)
    save(figure, RESULTS, "digits")


def draw_masks() -> None:
    """Draw which mask keeps the signal: test error, and the share of own signals kept."""
    rows = read("masks")["[mean, standard error] by share and mask"]
    styles = (("0.3", "D", ":"), *STYLES, ("#CC79A7", "v", "-"))
    figure = new_figure(4.8)
    upper, lower = figure.subplots(2, 1, sharex=True)
    names = dict.fromkeys(row["pruning"] for row in rows)
    for place, (name, (colour, marker, dash)) in enumerate(zip(names, styles, strict=True)):
        mine = [row for row in rows if row["pruning"] == name]
        p = np.array([row["p"] for row in mine])
        look = {"color": colour, "marker": marker, "linestyle": dash, "markersize": 3.5}
        aside = p * 1.02 ** (place - 2)  # bars would cover each other
        for ax, what in ((upper, "test error"), (lower, "own signals kept")):
            mean, error = np.array([row[what] for row in mine]).T
            ax.errorbar(aside, mean, 2 * error, **look, capsize=1.5, label=name)
        if name == "snip":
            told = [row["own signals kept, predicted"] for row in mine]
            line = lower.plot(p, told, color="black", linewidth=0.8, label="snip, predicted")
    lower.set_xscale("log")
    lower.set_xticks(p, [f"{one:g}" for one in p])
    lower.minorticks_off()
    lower.set_xlabel("$p$, share of weights kept")
    upper.set_ylabel("test error,\n2 standard errors")
    lower.set_ylabel("own signals kept")
    legend_above(upper, "which mask keeps the signal", columns=3)
    lower.legend(handles=line, loc="upper left")
    save(figure, RESULTS, "masks")


def draw_paper_experiment() -> None:
    """Draw losses and largest coefficients against p, the median of the seeds and their range."""
    cells = read("paper_experiment")["cells"]
    p = [cell["p"] for cell in cells]
    figure = new_figure(4.8)
    axes = figure.subplots(2, 1, sharex=True)
    panels = (
        {"loss": "training loss", "test_loss": "test loss", "test_error": "test error"},
        {"max_gamma": r"max $\gamma$", "max_zeta": r"max $\zeta$", "max_omega": r"max $|\omega|$"},
    )
    for ax, panel in zip(axes, panels, strict=True):
        for (name, label), (colour, marker, dash) in zip(panel.items(), STYLES, strict=True):
            low, middle, high = ([cell[name][word] for cell in cells]
                                 for word in ("low", "median", "high"))  # fmt: skip
            ax.plot(p, middle, color=colour, marker=marker, linestyle=dash, label=label)
            ax.fill_between(p, low, high, color=colour, alpha=0.15, linewidth=0)
        ax.set_xscale("log")
        ax.set_yscale("symlog", linthresh=1e-3)
        ax.set_ylim(bottom=0)
        legend_above(ax, columns=3)
    axes[0].invert_xaxis()
    axes[1].set_xlabel("$p$, the probability to keep a weight")
    axes[0].set_ylabel("median of 8 seeds, range")
    save(figure, RESULTS, "paper_experiment")
