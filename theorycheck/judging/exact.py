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

LEVEL = 0.99  # of the interval of the failure rate
MOSTLY = 0.5  # a failure rate beyond this is no O(1/d) and no 1/polylog(d), whatever the constant


def judge_exact(
    blank: Verdict,
    claim: Claim,
    inside: Sequence[Observation],
    probability: str,
    released: str = "",
) -> Verdict:
    """Judge a claim that hides nothing: true in every run of the event, or not."""
    bounds = bounds_at(claim, inside)
    known = [one for one in inside if (one.problem, one.epsilon) in bounds]
    tested = [one for one in known if claim.measure == "train-loss" or can_judge(claim, one)]
    if not tested:
        why = f"none of {len(known)} runs reached the target loss"
        return replace(blank, runs=0, reason=why if known else "the bound is defined at no size")
    failing = [one for one in tested if violates(claim, one, bounds[one.problem, one.epsilon])]
    interval = share_interval(len(failing), len(tested), LEVEL)
    judged = replace(blank, runs=len(tested), failures=len(failing), failure_interval=interval)
    derived = claim.source.tag == "derived"
    allowed = "" if derived else (
        f"; the theorem holds with probability {probability}, whose constant is not known: only "
        "the observed failures are judged"
    )  # fmt: skip
    if not failing:
        rare = f"at most {interval[1]:.2g} of runs fail ({LEVEL:.0%})"
        reason = f"true in all {len(tested)} runs: {rare}{allowed}"
        return replace(judged, outcome="holds", reason=reason)
    reason = _first_failure(judged, failing[0])
    if not derived and interval[0] <= MOSTLY:
        return replace(judged, outcome="undecided", reason=reason + allowed)
    causes = suspects(released, "an exact statement has none", "", largest_time_error(inside))
    why = "the derivation allows none" if derived else "no small probability allows so many"
    return replace(judged, outcome="refuted", reason=f"{reason}; {why}{causes}")


def _first_failure(judged: Verdict, first: Observation) -> str:
    low, high = judged.failure_interval or (0.0, 1.0)
    size = first.epsilon if judged.along == "epsilon" else getattr(first.problem, judged.along)
    return (
        f"false in {judged.failures} of {judged.runs} runs, first at {judged.along} = {size:g}, "
        f"seed {first.seed}: {first.reason}; a share of {low:.2g} to {high:.2g} of runs fails "
        f"({LEVEL:.0%})"
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
