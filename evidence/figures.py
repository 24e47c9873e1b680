"""Figures of the committed evidence: ``python -m evidence.figures``."""

from __future__ import annotations

import numpy as np

import bounds
from evidence.other_models import (
    draw_boundaries,
    draw_digits,
    draw_masks,
    draw_paper_experiment,
    draw_relu_curve,
    draw_relu_map,
)
from evidence.record import RESULTS, STYLES, read
from theorycheck.predictions.limit import from_record
from theorycheck.reporting.figures import sharp
from theorycheck.reporting.figures.checker import plot_mutants
from theorycheck.reporting.figures.style import (
    figure_of,
    house_style,
    label_sparsely,
    legend_above,
    new_figure,
    save,
)


def draw_headline() -> None:
    """Draw test error and largest coefficients against p: pruning helps, and stops helping."""
    result = read("headline")
    cells = result["cells"]
    p, measured = ([cell[name] for cell in cells] for name in ("p", "test error"))
    (colour, marker, _), (other, square, dash), _ = STYLES
    figure = new_figure(4.6)
    upper, lower = figure.subplots(2, 1, sharex=True)
    upper.errorbar(p, measured, [cell["99 % of its mean"] for cell in cells], color=colour,
                   marker=marker, linestyle="",
                   label=f"measured: mean of {result['seeds']} draws, 99 %")  # fmt: skip
    upper.plot(p, [cell["predicted"] for cell in cells], color="black", linestyle=dash,
               linewidth=1, label="predicted by the race, nothing fitted")  # fmt: skip
    lower.plot(p, [cell["largest gamma"] for cell in cells], color=colour, marker=marker,
               label=r"signal, max $\gamma$")  # fmt: skip
    lower.plot(p, [cell["largest zeta"] for cell in cells], color=other, marker=square,
               linestyle=dash, label=r"noise, max $\zeta$")  # fmt: skip
    words = {0.03: "memorizes", 0.36: "learns", 0.97: "guesses"}
    for (place, said), side in zip(words.items(), ("left", "center", "right"), strict=True):
        upper.text(place, 0.92, said, transform=upper.transAxes, ha=side)
    upper.set_ylim(0, 0.62)
    upper.set_xscale("log")
    upper.invert_xaxis()
    lower.set_xlabel("$p$, the probability to keep a weight")
    upper.set_ylabel("test error")
    lower.set_ylabel("median over draws")
    legend_above(upper, columns=1)
    legend_above(lower)
    save(figure, RESULTS, "headline")


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


def draw_spread_signals() -> None:
    """Draw the share of samples fitted by their signal against p, by spread and dimension."""
    result = read("spread_signals")
    figure = new_figure(3.0 * len(result["shares"]))
    styles = (*STYLES, ("#CC79A7", "D", "-"), ("#CC79A7", "D", ":"))
    panels = figure.subplots(len(result["shares"]), 1, squeeze=False)[:, 0]
    for ax, found in zip(panels, result["shares"], strict=True):
        rows = [(row, cells) for row, cells in found["rows"].items() if "shrunk" not in row]
        for (row, cells), (colour, marker, dash) in zip(rows, styles, strict=True):
            share, error, p = (
                [c[name] for c in cells] for name in ("share", "standard error", "p")
            )
            ax.errorbar(p, share, error, color=colour, marker=marker, linestyle=dash, label=row)
        ax.set_xscale("log")
        ax.set_ylim(0, 1)
        label_sparsely(ax)
        ax.set_xlabel("$p$, the probability to keep a weight")
        ax.set_ylabel("fitted by signal")
        legend_above(ax, f"training samples fitted by their signal, d = {found['d']}")
    save(figure, RESULTS, "spread_signals")


def draw_mutants() -> None:
    """Draw what became of the mutants of both theorems."""
    for name in bounds.THEOREMS:
        ax = plot_mutants(read(f"falsified-{name}"))
        save(figure_of(ax), RESULTS, f"falsified-{name}")


def main() -> None:
    """Draw every figure whose results are there, and name the others."""
    with house_style():
        for draw in (
            draw_headline,
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
            draw_spread_signals,
            draw_masks,
            draw_paper_experiment,
            draw_mutants,
        ):
            try:
                draw()
            except FileNotFoundError as error:
                print(f"not drawn: {error.filename} is missing")


if __name__ == "__main__":
    main()
