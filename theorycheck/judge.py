"""The claims of a theorem and the runs of a family in, verdicts out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import sympy

import bounds
from bounds import Claim, Theorem
from bounds.statements import BIG_O
from sims import Problem
from theorycheck.excess import can_judge, log_bound, log_excess
from theorycheck.family import Family
from theorycheck.judge_order import judge_order
from theorycheck.measure import GRADIENT_NORM, Observation
from theorycheck.scaling import HIGH_QUANTILE, exponential, quantile
from theorycheck.verdict import SizeSummary, Verdict

FAMILY_LEVEL = 0.99  # joint confidence over all order claims that are judged together


def judge_theorem(
    theorem: Theorem, family: Family, observations: Sequence[Observation], epsilon: float
) -> list[Verdict]:
    """Judge every claim of a theorem by the runs of a family.

    Parameters
    ----------
    theorem : Theorem
        The theorem.
    family : Family
        The path the runs lie on.
    observations : sequence of Observation
        The runs.
    epsilon : float
        The training loss they were stopped at.

    Returns
    -------
    list of Verdict
        One for each claim, in the theorem's order.
    """
    failing = failing_premises(theorem, family.problems, epsilon)
    inside = [one for one in observations if one.in_event]
    orders = sum(claim.order.symbol != "exact" for claim in theorem.claims.values())
    level = 1 - (1 - FAMILY_LEVEL) / max(orders, 1)
    verdicts = []
    for claim in theorem.claims.values():
        blank = summarize(theorem, claim, family, observations, epsilon)
        if failing:
            reason = "; ".join(failing)
            verdicts.append(replace(blank, outcome="premise not met", reason=reason))
        elif not inside:
            reason = f"no run lies in the event: {theorem.event}"
            verdicts.append(replace(blank, outcome="premise not met", reason=reason))
        elif unmeasured := sum(math.isnan(one.measured[claim.id]) for one in inside):
            reason = f"{unmeasured} of {len(inside)} runs in the event could not be measured"
            verdicts.append(replace(blank, outcome="undecided", reason=reason))
        elif claim.order.symbol == "exact":
            verdicts.append(judge_exact(blank, claim, inside))
        else:
            verdicts.append(judge_order(blank, theorem, claim, family, inside, epsilon, level))
    return verdicts


def judge_path_lemma(
    family: Family, observations: Sequence[Observation], epsilon: float
) -> Verdict:
    """Judge the lemma `gradient-norm`, whose C is measured along the path of each run.

    Parameters
    ----------
    family : Family
        A family of mild pruning.
    observations : sequence of Observation
        Its runs.
    epsilon : float
        The training loss they were stopped at.

    Returns
    -------
    Verdict
        On C = O(1), over all runs: the lemma speaks of the path, not of an event.
    """
    lemma = bounds.LEMMAS[GRADIENT_NORM]
    claim = Claim(lemma.id, lemma.statement, lemma.quantity, sympy.Integer(1), BIG_O, lemma.source)
    anywhere = [replace(one, in_event=True) for one in observations]
    theorem = bounds.THEOREMS["mild-pruning"]
    blank = summarize(theorem, claim, family, anywhere, epsilon)
    judged = judge_order(blank, theorem, claim, family, anywhere, epsilon, FAMILY_LEVEL)
    return replace(judged, theorem="lemmas")


def failing_premises(theorem: Theorem, problems: Sequence[Problem], epsilon: float) -> list[str]:
    """Name the yes-or-no premises that fail somewhere on a path.

    A premise with a hidden constant is no yes-or-no question and never fails here.
    """
    return [
        f"the premise {condition.statement} fails"
        for condition in theorem.conditions.values()
        if any(
            condition.holds({**problem.parameters(), "epsilon": epsilon}) is False
            for problem in problems
        )
    ]


def summarize(
    theorem: Theorem,
    claim: Claim,
    family: Family,
    observations: Sequence[Observation],
    epsilon: float,
) -> Verdict:
    """Sum up the runs size by size, in a verdict without an outcome."""
    sizes = tuple(
        _summarize_size(claim, family, problem, observations, epsilon)
        for problem in family.problems
    )
    return Verdict(
        theorem.id,
        claim.id,
        claim.statement,
        claim.order.symbol,
        claim.source.tag,
        "undecided",
        "",
        family.along,
        sizes,
        runs=sum(size.in_event for size in sizes),
        total=sum(size.runs for size in sizes),
    )


def _summarize_size(
    claim: Claim,
    family: Family,
    problem: Problem,
    observations: Sequence[Observation],
    epsilon: float,
) -> SizeSummary:
    here = [one for one in observations if one.problem == problem]
    inside = [one for one in here if one.in_event]
    judged = [one for one in inside if can_judge(claim, one)]
    bound = log_bound(claim, problem, epsilon)
    measured = [one.measured[claim.id] for one in judged]
    excess = [log_excess(claim, value, bound) for value in measured]
    sign = -1.0 if claim.direction == "lower" else 1.0
    return SizeSummary(
        family.size(problem),
        len(inside),
        len(here),
        quantile([one.step for one in judged], 0.5),
        exponential(bound + sign * quantile(excess, 0.5)),
        bound,
        exponential(sign * quantile(excess, 0.5)),
        exponential(sign * quantile(excess, HIGH_QUANTILE)),
    )


def judge_exact(blank: Verdict, claim: Claim, inside: Sequence[Observation]) -> Verdict:
    """Judge a claim that hides nothing: true in every run of the event, or not.

    Parameters
    ----------
    blank : Verdict
        The summary.
    claim : Claim
        The claim.
    inside : sequence of Observation
        The runs in the theorem's event.

    Returns
    -------
    Verdict
        `holds`; or `refuted`, where the statement is derived for every run; or `undecided`, where
        the theorem allows failures with a small probability that these runs do not test.
    """
    tested = [one for one in inside if claim.id == "train-loss" or can_judge(claim, one)]
    failing = [one for one in tested if violates(claim, one)]
    blank = replace(blank, runs=len(tested))
    if not tested:
        return replace(blank, reason=f"none of {len(inside)} runs reached the target loss")
    if not failing:
        return replace(blank, outcome="holds", reason=f"true in all {len(tested)} runs")
    first = failing[0]
    where = f"{blank.along} = {getattr(first.problem, blank.along):g}, seed {first.seed}"
    reason = f"false in {len(failing)} of {len(tested)} runs, first at {where}: {first.reason}"
    if claim.source.tag == "derived":
        return replace(blank, outcome="refuted", reason=reason)
    reason += "; the theorem allows failures with a small probability, which is not tested here"
    return replace(blank, outcome="undecided", reason=reason)


def violates(claim: Claim, run: Observation) -> bool:
    """Tell whether a run contradicts an exact claim by more than its numerical error."""
    if claim.id == "train-loss":
        return run.status != "reached"
    measured, bound = run.measured[claim.id], claim.evaluate(run.problem.parameters())
    slack = run.numerical_error.get(claim.id, 0.0)
    above = claim.direction != "lower" and measured > bound + slack
    below = claim.direction != "upper" and measured < bound - slack
    return above or below
