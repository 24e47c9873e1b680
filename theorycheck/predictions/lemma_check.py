"""The concentration lemmas held against draws: how often each event fails, exactly and in fact."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import bounds
from sims import Draw, Problem, draw_signal_mask, draw_with_overlaps
from sims.arrays import Floats
from theorycheck.judging.statistics import share_interval
from theorycheck.notebook import Judgement

LEVEL = 0.99  # joint over the lemmas that are checked together
SIZE = 800  # d of the draws
DELTA = 0.05  # failure probability in the lemmas that are stated with one


@dataclass(frozen=True, repr=False)
class LemmaCheck(Judgement):
    """One lemma against its bound, its exact probability and the draws.

    Attributes
    ----------
    lemma, statement : str
        Id, and the event in plain text.
    problem : Problem
        What was drawn.
    bound : float
        Upper bound on the probability that the event fails.
    exact : float
        Exact probability: joint, or the union over one event's exact probability.
    exact_kind : str
        "joint" or "union".
    failures, draws : int
        In how many draws the joint event failed, of how many.
    low, high : float
        Clopper-Pearson interval of the failure probability, joint over all lemmas checked.
    outcome, reason : str
        As in a verdict.
    """

    lemma: str
    statement: str
    problem: Problem
    bound: float
    exact: float
    exact_kind: str
    failures: int
    draws: int
    low: float
    high: float
    outcome: str
    reason: str

    def row(self) -> dict[str, Any]:
        """Return what there is to tell by name."""
        return {
            "theorem": "lemmas",
            "claim": self.lemma,
            "outcome": self.outcome,
            "bound": self.bound,
            "exact": self.exact,
            "failures": self.failures,
            "draws": self.draws,
            "reason": self.reason,
        }


def mild_problem(noise: str = "isotropic") -> Problem:
    """Return the problem on which the lemmas of mild pruning say something: bounds below 1."""
    return Problem.theorem_regime(SIZE, 48, 48, 2, 0.5, noise=noise)


def over_problem(noise: str = "isotropic") -> Problem:
    """Return the same at the keep probability of over-pruning."""
    p = bounds.over_pruning_p(SIZE, 48, 2)
    return Problem.theorem_regime(SIZE, 48, 48, 2, p, noise=noise)


# The lemma gradient-norm speaks of the path, not of the draw: it is judged as an order claim.
AT_OVER_PRUNING = ("no-signal-left",)
OF_THE_PATH = ("gradient-norm",)
ABOUT_DRAWS = tuple(name for name in bounds.LEMMAS if name not in OF_THE_PATH)


def event_limits(problem: Problem) -> dict[str, tuple[float, float]]:
    """Return between which two numbers each lemma's event keeps what it speaks of.

    Lower and upper end by lemma id; infinite where there is none.
    """
    parameters = {**problem.parameters(), "delta": DELTA}
    if problem.noise == "orthogonal":
        parameters["d"] = problem.d - problem.K
    return {name: _interval(name, parameters) for name in bounds.LEMMAS}


def failing_lemmas(
    draw: Draw, overlaps: Floats, within: dict[str, tuple[float, float]]
) -> dict[str, bool]:
    """Tell for each lemma whether its joint event fails in a draw.

    True where the event fails.
    """
    counts = np.bincount(draw.labels, minlength=draw.problem.K)
    neurons = draw.signal_neurons.sum(axis=1)
    own = np.where(draw.signal_neurons, np.einsum("jrj->jr", draw.initial_signal), -np.inf)
    norms_fail = _outside(draw.noise_norm2, *within["masked-noise-norm"])
    return {
        "class-counts": _outside(counts, *within["class-counts"]),
        "signal-neurons": _outside(neurons, *within["signal-neurons"]),
        "no-signal-left": bool(neurons.any()),
        "masked-noise-norm": norms_fail,
        "masked-noise-overlap": _outside(np.abs(overlaps), *within["masked-noise-overlap"]),
        "init-noise": not norms_fail
        and _outside(np.abs(draw.initial_noise), *within["init-noise"]),
        "init-signal": _outside(own.max(axis=1), *within["init-signal"]),
    }


def _interval(name: str, parameters: dict[str, Any]) -> tuple[float, float]:
    lemma = bounds.LEMMAS[name]
    if name in OF_THE_PATH:
        return -math.inf, math.inf
    low = -math.inf if lemma.lower is None else bounds.value(lemma.lower, parameters)
    high = math.inf if lemma.upper is None else bounds.value(lemma.upper, parameters)
    return low, high


def _outside(values: Any, low: float, high: float) -> bool:
    return bool(np.any(values < low) or np.any(values > high))


def count_failures(
    problem: Problem, seeds: Sequence[int], lemmas: Sequence[str] = ABOUT_DRAWS
) -> dict[str, int]:
    """Draw a problem with every seed and count how often each lemma's event fails."""
    totals = dict.fromkeys(lemmas, 0)
    masks_alone = set(lemmas) <= set(AT_OVER_PRUNING)
    within = {} if masks_alone else event_limits(problem)
    for seed in seeds:
        if masks_alone:
            kept = np.einsum("jrj->jr", draw_signal_mask(problem, seed))
            failing = dict.fromkeys(AT_OVER_PRUNING, bool(kept.any()))
        else:
            failing = failing_lemmas(*draw_with_overlaps(problem, seed), within)
        for name in lemmas:
            totals[name] += failing[name]
    return totals


def check_lemmas(
    run: Callable[[Problem, Sequence[int], Sequence[str]], dict[str, int]],
    draws: int,
    noise: str = "isotropic",
) -> list[LemmaCheck]:
    """Check every lemma about a draw."""
    mild, over = mild_problem(noise), over_problem(noise)
    at_mild = [name for name in ABOUT_DRAWS if name not in AT_OVER_PRUNING]
    failures = run(mild, range(draws), at_mild) | run(over, range(draws), AT_OVER_PRUNING)
    return [
        judge_lemma(
            name,
            over if name in AT_OVER_PRUNING else mild,
            failures[name],
            draws,
            len(ABOUT_DRAWS),
        )
        for name in ABOUT_DRAWS
    ]


def judge_lemma(
    name: str, problem: Problem, failures: int, draws: int, together: int
) -> LemmaCheck:
    """Set observed failures beside bound and exact probability."""
    lemma = bounds.LEMMAS[name]
    parameters = {**problem.parameters(), "delta": DELTA}
    bound = lemma.failure_bound(parameters)
    exact = lemma.failure_exact(parameters, union=True)
    kind = "joint" if lemma.exact_kind == "joint" else "union"
    level = 1 - (1 - LEVEL) / together
    low, high = share_interval(failures, draws, level)
    outcome, reason = _decide(bound, exact, kind, low, high)
    reason += f"; failed in {failures} of {draws} draws"
    return LemmaCheck(
        name,
        lemma.statement,
        problem,
        bound,
        exact,
        kind,
        failures,
        draws,
        low,
        high,
        outcome,
        reason,
    )


def _decide(bound: float, exact: float, kind: str, low: float, high: float) -> tuple[str, str]:
    if bound >= 1:
        return "undecided", "the bound is 1 or more here and says nothing"
    if low > bound:
        return "refuted", f"fails more often than the bound {bound:.3g} allows"
    if kind == "joint" and not low <= exact <= high:
        return "undecided", f"the draws disagree with the exact probability {exact:.3g}"
    if exact > bound:
        if kind == "joint":
            return "refuted", f"the exact probability {exact:.3g} exceeds the bound {bound:.3g}"
        return "undecided", f"the union of exact probabilities {exact:.3g} exceeds {bound:.3g}"
    return "holds", f"{kind} exact probability {exact:.3g} <= bound {bound:.3g}"
