"""Judging a claim with an order: by the slope of its implied constant and where it holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bounds import Claim, Theorem
from sims import Problem
from theorycheck import scaling
from theorycheck.excess import can_judge, log_bound, log_excess
from theorycheck.family import Family
from theorycheck.measure import Observation
from theorycheck.scaling import NO_SLOPE, quantile
from theorycheck.verdict import Prediction, Verdict

KEPT = 2.0  # a hidden constant is kept while it moves by no more than this factor


def judge_order(
    blank: Verdict,
    theorem: Theorem,
    claim: Claim,
    family: Family,
    inside: Sequence[Observation],
    epsilon: float,
    level: float,
) -> Verdict:
    """Judge a claim with an order.

    Parameters
    ----------
    blank : Verdict
        The summary.
    theorem, claim : Theorem, Claim
        What is judged.
    family : Family
        The path of problems.
    inside : sequence of Observation
        The runs in the theorem's event.
    epsilon : float
        The training loss they were stopped at.
    level : float
        Confidence level of the slope's two-sided interval.

    Returns
    -------
    Verdict
        With slope, ``holds_from``, outcome and reason.
    """
    sizes = [size.size for size in blank.sizes]
    bound_at = {size.size: size.log_bound for size in blank.sizes}
    excess: dict[int, dict[float, float]] = {}
    for one in inside:
        if can_judge(claim, one):
            size = family.size(one.problem)
            measured = one.measured[claim.id]
            excess.setdefault(one.seed, {})[size] = log_excess(claim, measured, bound_at[size])
    values = [[one[size] for one in excess.values() if size in one] for size in sizes]
    medians = [quantile(found, 0.5) for found in values]
    highs = [quantile(found, scaling.HIGH_QUANTILE) for found in values]
    arguments = [
        problem.d * problem.n * problem.m * problem.K / scaling.DELTA for problem in family.problems
    ]
    judged = replace(
        blank,
        slope=scaling.slope_over_seeds(excess, sizes, level),
        tolerated_slope=scaling.tolerated_slope(claim.log_power or 0.0, sizes, arguments),
        holds_from=scaling.holds_from(sizes, medians),
        holds_from_high=scaling.holds_from(sizes, highs),
        runs=sum(len(found) for found in values),
        prediction=omega_prediction(claim, family, inside, epsilon),
    )
    if always_zero(excess, sizes):
        return replace(judged, outcome="holds", reason="exactly 0 in every run")
    outcome, reason = decide(judged, medians, broken_premise(theorem, family.problems, epsilon))
    suspects = suspect(claim, family.problems, epsilon) if outcome != "consistent" else ""
    reason += suspects + _beside(judged.prediction)
    return replace(judged, outcome=outcome, reason=reason)


def always_zero(excess: Mapping[int, Mapping[float, float]], sizes: Sequence[float]) -> bool:
    """Tell whether an upper bound is met by a measured 0 in every run of a whole family."""
    values = [[one[size] for one in excess.values() if size in one] for size in sizes]
    enough = len(sizes) >= scaling.LEAST_SIZES and all(
        len(found) >= scaling.LEAST_SEEDS for found in values
    )
    return enough and all(value == -math.inf for found in values for value in found)


def decide(verdict: Verdict, medians: Sequence[float], broken: str) -> tuple[str, str]:
    """Decide an order claim; return outcome and reason.

    Parameters
    ----------
    verdict : Verdict
        With slope, tolerated slope and ``holds_from``.
    medians : sequence of float
        Median of the logarithmic excess at each size.
    broken : str
        Which hidden constant the path does not keep; empty where it keeps all.

    Returns
    -------
    tuple of str
        Outcome and reason.
    """
    slope, along = verdict.slope, verdict.along
    where = "median {:.3g}, unfavourable 0.9 quantile {:.3g} times the bound".format(
        *verdict.implied_constant
    )
    if slope is NO_SLOPE:
        needed = f"{scaling.LEAST_SIZES} sizes and {scaling.LEAST_SEEDS} seeds"
        return "undecided", f"a slope takes {needed} in the event at each; at the largest {where}"
    ratio = "bound/measured" if verdict.order == "Omega" else "measured/bound"
    moves = (
        f"{ratio} moves like {along}^{slope.mean:+.2f} [{slope.low:+.2f}, {slope.high:+.2f}], "
        f"allowed up to {verdict.tolerated_slope:+.2f}"
    )
    if slope.low > verdict.tolerated_slope:
        if broken:
            return "undecided", f"{moves}: it grows, but {broken}"
        if verdict.holds_from is not None:
            return "undecided", f"{moves}: it grows, but is within the bound at the largest size"
        return "refuted", f"{moves}: it leaves the bound"
    if slope.high > verdict.tolerated_slope:
        return "undecided", f"{moves}: the interval holds both answers; at the largest size {where}"
    if verdict.holds_from is None or verdict.holds_from_high is None:
        return "undecided", f"{moves}, but does not hold with constant 1 yet: {where}" + _ahead(
            verdict, medians
        )
    holds = f"holds with constant 1 from {along} = {verdict.holds_from:g} on in the median"
    if verdict.holds_from_high != verdict.holds_from:
        holds += f", from {verdict.holds_from_high:g} on in the 0.9 quantile"
    return "consistent", f"{holds}; {moves}"


def _ahead(verdict: Verdict, medians: Sequence[float]) -> str:
    """Say where the median would reach constant 1 if it went on as it does."""
    sizes = [size.size for size in verdict.sizes]
    further = scaling.extrapolated_size(sizes, medians, verdict.slope.mean)
    if not sizes[-1] < further < math.inf:
        return ""
    return f"; asymptotics not begun: at this slope near {verdict.along} = {further:.0e}"


def broken_premise(theorem: Theorem, problems: Sequence[Problem], epsilon: float) -> str:
    """Say which hidden constant the path does not keep; empty where it keeps all.

    The theorem's own premise must keep its declared constant; a Theta of the regime, any constant.
    Powers of log d are not asked: a path along d with m and n fixed would leave every one.
    """
    for condition in theorem.conditions.values():
        name = condition.constant_name
        if not name.startswith("C"):
            continue
        constants = [
            condition.implied_constant({**problem.parameters(), "epsilon": epsilon})
            for problem in problems
        ]
        least, most = min(constants), max(constants)
        if condition.direction == "both" and most > KEPT * least:
            return f"the path does not keep {condition.statement}: {least:.3g} to {most:.3g}"
        if condition.id == theorem.id and condition.direction == "lower":
            declared = condition.constant
            if least < declared:
                return f"the path needs {name} <= {least:.3g} where {declared:g} is declared"
    return ""


def suspect(claim: Claim, problems: Sequence[Problem], epsilon: float) -> str:
    """Name what may be wrong with reading a claim at t* other than the claim itself."""
    if claim.id != "noise-memorized":
        return ""
    alone = min(math.log(problem.K) / problem.n for problem in problems)
    if epsilon <= alone:
        return ""
    return (
        f"; epsilon = {epsilon:g} exceeds log K / n = {alone:.2g}, so a sample may still be "
        "unlearned at t*"
    )


def omega_prediction(
    claim: Claim, family: Family, inside: Sequence[Observation], epsilon: float
) -> Prediction | None:
    """Set the omega drift (Theory, section 8) beside claim `no-noise`."""
    runs = [one for one in inside if can_judge(claim, one) and one.predicted_omega > 0]
    if claim.id != "no-noise" or not runs:
        return None
    largest = max(family.size(one.problem) for one in runs)
    there = [one for one in runs if family.size(one.problem) == largest]
    implied = [
        math.exp(math.log(one.predicted_omega) - log_bound(claim, one.problem, epsilon))
        for one in there
    ]
    ratios = [one.omega / one.predicted_omega for one in runs]
    return Prediction("omega-drift", quantile(ratios, 0.5), quantile(implied, 0.5))


def _beside(prediction: Prediction | None) -> str:
    if prediction is None:
        return ""
    return (
        f"; {prediction.name} (derived, from the measured gamma) predicts "
        f"{prediction.implied:.3g} times the bound there, measured/predicted "
        f"{prediction.ratio:.3g} in the median over runs"
    )
