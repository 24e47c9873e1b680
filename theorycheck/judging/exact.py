"""Judging claims that hide nothing: by the runs that contradict them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bounds import Claim
from theorycheck.judging.observation import Observation
from theorycheck.judging.statistics import share_interval
from theorycheck.judging.table import (
    Point,
    can_judge,
    defined_log_bound,
    largest_time_error,
    parameters_at,
)
from theorycheck.judging.verdict import Verdict, suspects

LEVEL = 0.99  # of the interval of the failure share
MOSTLY = 0.5  # a share beyond this is no O(1/d) and no 1/polylog(d), whatever the constant


@dataclass(frozen=True)
class Trials:
    """The draws that a claim was held against, size by size, and those that contradict it.

    Attributes
    ----------
    tested, failing : tuple of tuple of int
        Their seeds at each size of the path.
    first : str
        What contradicts the claim first, at which size and in which draw; empty where nothing does.
    derived : bool
        Whether the claim is derived for every draw.
    probability : str
        With which probability it is claimed; empty where that is not told.
    released : str
        Premises that the path may leave; empty for none.
    time_error : float
        Largest relative error of a last step by the engine's own estimate; nan without one.
    """

    tested: tuple[tuple[int, ...], ...]
    failing: tuple[tuple[int, ...], ...]
    first: str
    derived: bool = False
    probability: str = ""
    released: str = ""
    time_error: float = math.nan


def judge_exact(
    blank: Verdict,
    claim: Claim,
    sizes: Sequence[Sequence[Observation]],
    probability: str,
    released: str = "",
) -> Verdict:
    """Judge a claim that hides nothing by the runs of the draws that count, size by size."""
    inside = [one for here in sizes for one in here]
    bounds = bounds_at(claim, inside)
    known = [[one for one in here if (one.problem, one.epsilon) in bounds] for here in sizes]
    tested = [[one for one in here if _can_test(claim, one)] for here in known]
    if not any(tested):
        why = f"none of {sum(map(len, known))} runs reached the target loss"
        return replace(blank, runs=0, reason=why if any(known) else "the bound is defined nowhere")
    failing = [
        [one for one in here if violates(claim, one, bounds[one.problem, one.epsilon])]
        for here in tested
    ]
    trials = Trials(
        _seeds(tested),
        _seeds(failing),
        next((_first(one, blank.along) for here in failing for one in here), ""),
        claim.source.tag == "derived",
        probability,
        released,
        largest_time_error(inside),
    )
    return judge_trials(blank, trials)


def _seeds(sizes: Sequence[Sequence[Observation]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(one.seed for one in here) for here in sizes)


def _first(first: Observation, along: str) -> str:
    size = first.epsilon if along == "epsilon" else getattr(first.problem, along)
    return f"{along} = {size:g}, seed {first.seed}: {first.reason}"


def judge_trials(blank: Verdict, trials: Trials) -> Verdict:
    """Judge a claim that hides nothing by the draws that contradict it; some must be tested.

    One draw has the same labels and signal masks at every size, so runs are never pooled over
    sizes: draws are counted.
    """
    last = max(number for number, here in enumerate(trials.tested) if here)
    failing, draws = len(trials.failing[last]), len(trials.tested[last])
    interval = share_interval(failing, draws, LEVEL)
    judged = replace(
        blank,
        runs=sum(map(len, trials.tested)),
        draws=len({seed for here in trials.tested for seed in here}),
        failures=len({seed for here in trials.failing for seed in here}),
        failure_interval=interval,
    )
    if not trials.first:
        return _never_false(judged, trials.derived, draws, trials.probability)
    reason = (
        f"false in {judged.failures} of {judged.draws} draws, first at {trials.first}; at the last "
        f"size in {failing} of {draws}, a share of {interval[0]:.2g} to {interval[1]:.2g} "
        f"({LEVEL:.0%})"
    )
    if not trials.derived and interval[0] <= MOSTLY:
        would = "; that would decide, more draws only narrow the share"
        known = _unknown(trials.probability)
        return replace(judged, outcome="undecided", reason=reason + known + would)
    causes = suspects(trials.released, "an exact statement has none", "", trials.time_error)
    why = "the derivation allows none" if trials.derived else "no small probability allows so many"
    return replace(judged, outcome="refuted", reason=f"{reason}; {why}{causes}")


def _can_test(claim: Claim, run: Observation) -> bool:
    """Tell whether a run can contradict a claim; one cut short may still have a t*."""
    if claim.measure == "train-loss":
        return run.status != "max-steps"
    return can_judge(claim, run)


def _never_false(judged: Verdict, derived: bool, draws: int, probability: str) -> Verdict:
    _, high = judged.failure_interval or (0.0, 1.0)
    told = f"true in all {judged.draws} draws, {judged.runs} runs"
    if derived:
        return replace(judged, outcome="holds", reason=f"{told}, as derived for every run")
    excluded = f"a failure share above {high:.2g} is excluded by the {draws} draws at one size"
    reason = f"{told}: {excluded} ({LEVEL:.0%}){_unknown(probability)}"
    return replace(judged, outcome="consistent", reason=reason)


def _unknown(probability: str) -> str:
    if not probability:
        return "; with which probability it is claimed is not told"
    return f"; claimed with probability {probability}, whose constant is not known"


def bounds_at(claim: Claim, runs: Sequence[Observation]) -> dict[Point, float]:
    """Return the bound at each problem and epsilon of some runs where it is defined."""
    points = {(one.problem, one.epsilon) for one in runs}
    return {
        point: claim.evaluate(parameters_at(point))
        for point in points
        if not math.isnan(defined_log_bound(claim, *point))
    }


def violates(claim: Claim, run: Observation, bound: float) -> bool:
    """Tell whether a run contradicts an exact claim by more than its numerical error."""
    if claim.measure == "train-loss" and run.status != "reached":
        return True
    measured = run.measured[claim.measure]
    slack = run.numerical_error.get(claim.measure, 0.0)
    above = claim.direction != "lower" and measured > bound + slack
    below = claim.direction != "upper" and measured < bound - slack
    return above or below
