"""Figures: what was measured beside what was claimed.

Every plot_* function takes results and optionally the axes to draw on, and returns the axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

import bounds
from sims import LearningCurve, Problem
from sims.arrays import Floats
from theorycheck.judging.observation import Observation, Series
from theorycheck.predictions.lemma_check import LemmaCheck
from theorycheck.reporting.figures.style import (
    CROSS,
    GAMMA,
    LOSS,
    OMEGA,
    ZETA,
    figure_of,
    label_sparsely,
    legend_above,
    new_figure,
    printed,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Shown(Protocol):
    """What is drawn of a run: an Observation has it, and whatever else has a course."""

    @property
    def problem(self) -> Problem:
        """What was run."""

    @property
    def seed(self) -> int:
        """With which seed."""

    @property
    def series(self) -> Series:
        """Its course."""


# Claims whose bound is a level of a coefficient: drawn thin, in its colour and dash.
LEVELS: dict[str, tuple[dict[str, Any], str]] = {
    "signal-learned": (GAMMA, r"signal-learned: $\Omega(m^{-1/q})$"),
    "no-noise": (ZETA, r"no-noise: $\tilde O(\sigma_0\sigma_n\sqrt{pd})$"),
    "no-cross-signal": (CROSS, r"no-cross-signal: $\tilde O(\sigma_0\mu)$"),
    "noise-memorized": (ZETA, r"noise-memorized: $\Omega(m^{-1/q})$"),
}


def _draw_positive(ax: Axes, steps: Floats, values: Floats, style: dict[str, Any]) -> None:
    """Draw what is positive on logarithmic axes; name in the legend what is 0 throughout."""
    ax.set(xscale="log", yscale="log")
    if np.any(values > 0):
        ax.plot(steps, np.where(values > 0, values, np.nan), **style)
    else:
        ax.plot([], [], **{**style, "label": style["label"] + " = 0"})


def plot_loss(run: Shown, theorem: str, epsilon: float, ax: Axes | None = None) -> Axes:
    """Draw the training loss of a run against steps, with the target and the time bound T."""
    ax = new_figure().subplots() if ax is None else ax
    steps = np.maximum(run.series.steps, 0.5)
    _draw_positive(ax, steps, run.series.loss, LOSS)
    ax.axhline(epsilon, color="0.4", linewidth=0.8, linestyle="--",
               label=rf"train-loss: $\epsilon = {epsilon:g}$")  # fmt: skip
    parameters = {**run.problem.parameters(), "epsilon": epsilon}
    latest = bounds.THEOREMS[theorem].claims["stopping-time"].evaluate(parameters)
    ax.axvline(latest, color="0.4", linewidth=0.8, linestyle=":", label="stopping-time: $T$")
    label_sparsely(ax)
    ax.set_xlabel("steps of gradient descent")
    ax.set_ylabel(r"$L_S$")
    legend_above(ax, side="right")
    return ax


def plot_coefficients(run: Shown, theorem: str, epsilon: float, ax: Axes | None = None) -> Axes:
    """Draw max gamma, max zeta and ``max |omega|`` of a run, with each claim's bound on them."""
    ax = new_figure().subplots() if ax is None else ax
    steps = np.maximum(run.series.steps, 0.5)
    seen = run.series
    drawn = ((seen.gamma, GAMMA), (seen.cross, CROSS), (seen.zeta, ZETA), (seen.omega, OMEGA))
    for values, style in drawn:
        _draw_positive(ax, steps, values, style)
    parameters = {**run.problem.parameters(), "epsilon": epsilon}
    for name, claim in bounds.THEOREMS[theorem].claims.items():
        if name in LEVELS:
            style, label = LEVELS[name]
            level = claim.evaluate(parameters)
            ax.axhline(level, **{**style, "linewidth": 0.7, "label": label})
    ax.set_yscale("log")
    label_sparsely(ax)
    ax.set_xlabel("steps of gradient descent")
    ax.set_ylabel("largest coefficient")
    legend_above(ax, side="right")
    return ax


def trajectory_figure(run: Shown, theorem: str, epsilon: float) -> Figure:
    """Draw loss and coefficients of one run above each other."""
    figure = new_figure(4.4)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2, 3))
    plot_loss(run, theorem, epsilon, upper)
    plot_coefficients(run, theorem, epsilon, lower)
    upper.set_xlabel("")
    legend_above(upper, f"{theorem}, {_run_words(run.problem, run.seed)}", side="right")
    return figure


def _run_words(problem: Problem, seed: int) -> str:
    return (
        f"seed {seed}\nd = {printed(problem.d)}, n = {problem.n}, m = {problem.m}, "
        f"K = {problem.K}, p = {problem.p:.3g}"
    )


def learning_figure(curve: LearningCurve) -> Figure:
    """Draw training and test loss of a run, and its test error below, against steps."""
    figure = new_figure(3.9)
    upper, lower = figure.subplots(2, 1, sharex=True)
    problem, steps = curve.run.problem, np.maximum(curve.steps, 0.5)
    upper.plot(steps, curve.loss, **LOSS)
    upper.plot(steps, curve.test_loss, **{**ZETA, "label": "test loss $L_D$"})
    upper.set_ylabel("loss")
    low, high = (curve.test_error + sign * curve.test_error_se for sign in (-1, 1))
    lower.fill_between(steps, low, high, color=GAMMA["color"], alpha=0.3, linewidth=0)
    lower.plot(steps, curve.test_error, color=GAMMA["color"], label="test error")
    guess = 1 - 1 / problem.K
    lower.axhline(guess, color="0.4", linestyle=":", label=rf"guessing: {guess:.3g}")
    lower.set(xscale="log", xlabel="steps of gradient descent", ylabel="test error")
    lower.set_ylim(-0.03, max(guess, high.max()) + 0.05)
    legend_above(upper, _run_words(problem, curve.run.seed), side="right")
    legend_above(lower, side="right")
    return figure


def plot_test_loss(runs: Sequence[Observation], epsilon: float, ax: Axes | None = None) -> Axes:
    """Draw the test loss against p with the bound of mild pruning and the guesser's log K."""
    ax = new_figure().subplots() if ax is None else ax
    problem = runs[0].problem
    grid = sorted({run.problem.p for run in runs})
    ax.loglog(
        [run.problem.p for run in runs], [run.test.test_loss for run in runs], "o",
        color=GAMMA["color"], markersize=3, alpha=0.6, label="test loss of one seed",
    )  # fmt: skip
    medians = [
        float(np.median([run.test.test_loss for run in runs if run.problem.p == p])) for p in grid
    ]
    ax.plot(grid, medians, color=GAMMA["color"], linewidth=1.0, label="median")
    claim = bounds.THEOREMS["mild-pruning"].claims["test-loss"]
    bound = [claim.evaluate({**problem.parameters(), "p": p, "epsilon": epsilon}) for p in grid]
    ax.plot(grid, bound, color="0.4", linestyle=":", label=r"mild: $C K\epsilon + e^{-n^2/p}$")
    ax.axhline(math.log(problem.K), color=ZETA["color"], linestyle="--", linewidth=0.9,
               label=r"guessing: $\log K$")  # fmt: skip
    premise = bounds.THEOREMS["mild-pruning"].conditions["mild-pruning"]
    edge = premise.constant * math.log(problem.d) / problem.m
    ax.axvline(edge, color="0.4", linestyle="-.", linewidth=0.8,
               label=r"premise: $p = C_1\log(d)/m$")  # fmt: skip
    label_sparsely(ax)
    ax.set_xlabel("$p$, probability to keep a weight")
    ax.set_ylabel(r"test loss $L_D$")
    title = f"d = {printed(problem.d)}, n = {problem.n}, m = {problem.m}, K = {problem.K}"
    legend_above(ax, title, side="right")
    return ax


def lemmas_figure(checks: Sequence[LemmaCheck]) -> Figure:
    """Draw the lemmas by themselves."""
    return figure_of(plot_lemmas(checks))


def plot_lemmas(checks: Sequence[LemmaCheck], ax: Axes | None = None) -> Axes:
    """Draw each lemma's failure probability: bound, exact, and empirical with its interval.

    The axes; where no draw failed, the bar runs from the left edge to the upper limit.
    """
    ax = new_figure().subplots() if ax is None else ax
    rows = np.arange(len(checks))[::-1]
    smallest = min([check.exact for check in checks if check.exact > 0], default=1e-6) / 10
    for row, check in zip(rows, checks, strict=True):
        ax.plot([max(check.low, smallest), check.high], [row, row], color="black", linewidth=1.0,
                label="empirical, joint interval" if row == rows[0] else None)  # fmt: skip
        if check.failures:
            ax.plot(check.failures / check.draws, row, "|", color="black", markersize=7)
    ax.plot([check.exact for check in checks], rows, "o", color=GAMMA["color"],
            label="exact (marginal ones: union)")  # fmt: skip
    ax.plot([check.bound for check in checks], rows, "D", color=ZETA["color"],
            markerfacecolor="none", label="bound")  # fmt: skip
    ax.set_xscale("log")
    ax.set_xlim(smallest, 3.0)
    label_sparsely(ax, most=5)
    ax.set_yticks(rows, [check.lemma for check in checks])
    ax.set_xlabel("probability that the event fails")
    legend_above(ax, side="right")
    return ax
