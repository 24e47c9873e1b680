"""Judging claims that hide nothing: by the runs that contradict them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

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


def judge_exact(
    blank: Verdict,
    claim: Claim,
    sizes: Sequence[Sequence[Observation]],
    probability: str,
    released: str = "",
) -> Verdict:
    """Judge a claim that hides nothing by the draws that count, size by size along the path.

    One draw has the same labels and signal masks at every size, so runs are never pooled over
    sizes: draws are counted.
    """
    inside = [one for here in sizes for one in here]
    bounds = bounds_at(claim, inside)
    known = [[one for one in here if (one.problem, one.epsilon) in bounds] for here in sizes]
    tested = [[one for one in here if _can_test(claim, one)] for here in known]
    runs = sum(map(len, tested))
    if not runs:
        why = f"none of {sum(map(len, known))} runs reached the target loss"
        return replace(blank, runs=0, reason=why if any(known) else "the bound is defined nowhere")
    failing = [
        [one for one in here if violates(claim, one, bounds[one.problem, one.epsilon])]
        for here in tested
    ]
    last = max(number for number, here in enumerate(tested) if here)
    interval = share_interval(len(failing[last]), len(tested[last]), LEVEL)
    failures = [one for here in failing for one in here]
    judged = replace(
        blank,
        runs=runs,
        draws=len({one.seed for here in tested for one in here}),
        failures=len({one.seed for one in failures}),
        failure_interval=interval,
    )
    derived = claim.source.tag == "derived"
    if not failures:
        return _never_false(judged, derived, len(tested[last]), probability)
    reason = _first_failure(judged, failures[0], len(failing[last]), len(tested[last]))
    if not derived and interval[0] <= MOSTLY:
        return replace(judged, outcome="undecided", reason=reason + _unknown(probability))
    causes = suspects(released, "an exact statement has none", "", largest_time_error(inside))
    why = "the derivation allows none" if derived else "no small probability allows so many"
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
    return f"; claimed with probability {probability}, whose constant is not known"


def _first_failure(judged: Verdict, first: Observation, failing: int, draws: int) -> str:
    low, high = judged.failure_interval or (0.0, 1.0)
    size = first.epsilon if judged.along == "epsilon" else getattr(first.problem, judged.along)
    return (
        f"false in {judged.failures} of {judged.draws} draws, first at {judged.along} = {size:g}, "
        f"seed {first.seed}: {first.reason}; at the last size in {failing} of {draws}, a share of "
        f"{low:.2g} to {high:.2g} ({LEVEL:.0%})"
    )


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
