"""Figures of the committed evidence: ``python -m evidence.figures``."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import bounds
from bounds.relu_error import ACTIVE_SHARE
from evidence.record import RESULTS
from theorycheck.predictions.limit import from_record
from theorycheck.reporting.figures import sharp
from theorycheck.reporting.figures.checker import plot_mutants
from theorycheck.reporting.figures.digits import ARM_STYLES, NAMES
from theorycheck.reporting.figures.phase_map import ERRORS, PHASE_HEIGHT, edges, plain_ticks
from theorycheck.reporting.figures.style import (
    figure_of,
    house_style,
    label_sparsely,
    legend_above,
    new_figure,
    save,
)

STYLES = (("#0072B2", "o", "-"), ("#D55E00", "s", "--"), ("#009E73", "^", "-."))


def read(name: str) -> dict[str, Any]:
    """Read a committed result."""
    content: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text())
    return content


def draw_claim4() -> None:
    """Draw median and 0.9 quantile of claim `no-noise`'s implied constant against d."""
    cells = read("claim4")["cells"]
    figure = new_figure(3.2)
    ax = figure.subplots()
    families = dict.fromkeys((cell["m"], cell["n"], cell["p"]) for cell in cells)
    for (m, n, p), (colour, marker, dash) in zip(families, STYLES, strict=True):
        row = [cell for cell in cells if (cell["m"], cell["n"], cell["p"]) == (m, n, p)]
        d = np.array([cell["d"] for cell in row], float)
        median = np.array([cell["median"] for cell in row])
        low, high = np.array([cell["median interval 99 %"] for cell in row]).T
        ax.errorbar(d, median, (median - low, high - median), color=colour, marker=marker,
                    linestyle=dash, label=f"m = {m}, n = {n}, p = {p:g}")  # fmt: skip
        ax.plot(d, [cell["quantile 0.9"] for cell in row], color=colour, marker=marker,
                markerfacecolor="white", linestyle=":", linewidth=0.8)  # fmt: skip
    ax.axhline(1, color="0.5", linewidth=0.8)
    ax.plot([], [], color="0.3", marker="o", markerfacecolor="white", linestyle=":",
            linewidth=0.8, label="0.9 quantile")  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    label_sparsely(ax)
    ax.set_xlabel("$d$")
    ax.set_ylabel(r"max $|\omega|\,/\,(\sigma_0\sigma_n\sqrt{pd})$")
    title = "no-noise: measured over bound, 64 seeds,\nmedian with 99 % interval, 0.9 quantile"
    legend_above(ax, title, side="right")
    save(figure, RESULTS, "claim4")


def draw_starts() -> None:
    """Draw from where claim `no-noise` was seen to hold, beside where the omega drift puts it."""
    cells = read("starts")["cells"]
    figure = new_figure(2.8)
    ax = figure.subplots()
    rows = np.arange(len(cells))[::-1]
    for row, cell in zip(rows, cells, strict=True):
        reached = [cell["holds_from"], cell["holds_from 0.9 quantile"]]
        ax.plot(reached, [row, row], color="black", marker="|",
                label="to the 0.9 quantile" if row == 0 else None)  # fmt: skip
    measured = [cell["holds_from"] for cell in cells]
    predicted = [cell["predicted"] for cell in cells]
    ax.plot(measured, rows, color="#0072B2", marker="o", linestyle="", label="measured (median)")
    ax.plot(predicted, rows, color="#D55E00", marker="D", markerfacecolor="none", linestyle="",
            label="omega-drift, same draws")  # fmt: skip
    names = [
        f"{cell['m']}, {cell['n']}, {cell['p']:g}, {cell['K']}"
        + (" orth." if cell["noise"] == "orthogonal" else "")
        for cell in cells
    ]
    ax.set_yticks(rows, names)
    ax.set_ylabel("m, n, p, K")
    ax.set_xscale("log")
    label_sparsely(ax)
    ax.set_xlabel("no-noise holds from $d$")
    legend_above(ax, side="right")
    save(figure, RESULTS, "starts")


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
    legend_above(ax, "gram-law against gram, 2000 seeds", columns=1)
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
    legend_above(ax, "Gaussian integral against a million fresh samples")
    save(figure, RESULTS, "population")


def draw_distances() -> None:
    """Draw how escape times and the omega drift tend to what is predicted."""
    verdicts = [*read("escape_time")["verdicts"], *read("omega_drift")["verdicts"]]
    for content in verdicts:
        verdict = from_record(content)
        ax = sharp.plot_distance(verdict)
        save(figure_of(ax), RESULTS, verdict.prediction.replace("-", "_"))


def draw_learnability() -> None:
    """Draw observed over predicted frequencies, and what isotropic noise adds by d."""
    result = read("learnability")
    verdict = from_record(result["verdicts"][0])
    figure = new_figure(4.8)
    upper, lower = figure.subplots(2, 1)
    sharp.plot_ratios(verdict, upper)
    cells = result["isotropic"]
    for noise, style in zip(("orthogonal", "isotropic"), sharp.STYLES, strict=False):
        lower.semilogx([one["d"] for one in cells], [one[noise] for one in cells], **style,
                       label=noise)  # fmt: skip
    lower.axhline(result["predicted"], color="0.5", linewidth=0.8, label="predicted")
    lower.set_xlabel("$d$")
    lower.set_ylabel("all classes learned")
    legend_above(lower)
    save(figure, RESULTS, "learnability")


def draw_phase_boundary() -> None:
    """Draw measured over predicted SNR of the boundary, setting by setting."""
    verdicts = [from_record(one) for one in read("phase_boundary")["verdicts"]]
    rows = [row for verdict in verdicts for row in verdict.rows][::-1]
    figure = new_figure(3.6)
    ax = figure.subplots()
    ratio = np.array([row.ratio for row in rows])
    reach = np.array([[row.ratio - row.low, row.high - row.ratio] for row in rows]).T
    ax.errorbar(ratio, range(len(rows)), xerr=reach, linestyle="", capsize=2, **sharp.STYLES[0],
                label="99 % interval")  # fmt: skip
    ax.axvline(1, color="0.5", linewidth=0.8)
    names = [row.setting.split(", ", 1)[1].removeprefix("d = 1e+14, ") for row in rows]
    ax.set_yticks(range(len(rows)), [name.replace(" = ", "=") for name in names])
    ax.set_xlabel("measured / predicted")
    legend_above(ax, "SNR at which half of the classes learn", columns=1, side="right")
    save(figure, RESULTS, "phase_boundary")


def draw_noise_exponent() -> None:
    """Draw the noise term against 1/p for both noise laws."""
    result = read("noise_exponent")
    series = {}
    for cell in (result["orthogonal"], *result["isotropic"]):
        points = cell["points 1/p, log P, own tau, log P at own tau, gamma"]
        label = f"{cell['noise']}, d = {cell['d']:.0e}".replace("e+0", "e").replace("e+", "e")
        columns = list(zip(*points, strict=True))
        series[label] = (columns[0], columns[1])
    ax = sharp.plot_noise_exponent(series)
    title = r"noise term P(max $|\langle w,\xi\rangle| > \tau$), one $\tau$ for all"
    legend_above(ax, title, side="right")
    save(figure_of(ax), RESULTS, "noise_exponent")


def draw_thresholds() -> None:
    """Draw how the mild event's exact failure falls along m = C1 log d, unpruned, against 1/d."""
    lines = read("thresholds")["p = 1, K = 2, m = C1 log d, by C1: log10 d, log10 failure"]
    figure = new_figure()
    ax = figure.subplots()
    for (c1, line), style in zip(lines.items(), (*STYLES, ("#CC79A7", "D", ":")), strict=True):
        colour, marker, dash = style
        d, failure = 10.0 ** np.array(line).T
        ax.loglog(d, failure, color=colour, marker=marker, markersize=3, linestyle=dash,
                  label=f"C1 = {c1}")  # fmt: skip
    ends = np.array([1e3, 1e15])
    ax.loglog(ends, 2 / ends, color="0.5", linewidth=0.8, label="2/d")
    label_sparsely(ax)
    ax.set_xlabel("$d$")
    ax.set_ylabel("P(not in the event)")
    legend_above(ax, "mild pruning, p = 1, K = 2, m = C1 log d")
    save(figure, RESULTS, "thresholds")


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
    names = {"overfitting-threshold": r"$n\,\mathrm{SNR}^3$",
             "relu-overfitting-threshold": r"ReLU: $n\mu^4/(\sigma_n^4 d)$"}  # fmt: skip
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


def draw_mutants() -> None:
    """Draw what became of the mutants of both theorems."""
    for name in bounds.THEOREMS:
        ax = plot_mutants(read(f"falsified-{name}"))
        save(figure_of(ax), RESULTS, f"falsified-{name}")


def main() -> None:
    """Draw every figure whose results are there, and name the others."""
    with house_style():
        for draw in (
            draw_claim4,
            draw_starts,
            draw_same_law,
            draw_population,
            draw_distances,
            draw_learnability,
            draw_phase_boundary,
            draw_noise_exponent,
            draw_thresholds,
            draw_relu_curve,
            draw_boundaries,
            draw_relu_map,
            draw_digits,
            draw_mutants,
        ):
            try:
                draw()
            except FileNotFoundError as error:
                print(f"not drawn: {error.filename} is missing")


if __name__ == "__main__":
    main()
