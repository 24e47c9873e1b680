"""The claims of a theorem and the runs of its paths in, verdicts out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import sympy

import bounds
from bounds import Claim, Theorem
from bounds.statements import BIG_O
from theorycheck.judging.blank import summarize
from theorycheck.judging.exact import judge_exact
from theorycheck.judging.facts import Prediction
from theorycheck.judging.family import Family
from theorycheck.judging.observation import GRADIENT_NORM, Observation
from theorycheck.judging.orders.allowance import Allowance
from theorycheck.judging.orders.order import OrderCase, Together, case_of, judge_orders
from theorycheck.judging.paths.premises import unmet
from theorycheck.judging.statistics import exponential, quantile
from theorycheck.judging.table import (
    FamilyRuns,
    Point,
    SortedRuns,
    Table,
    can_judge,
    largest_time_error,
    sort_runs,
    tabulate,
)
from theorycheck.judging.verdict import Verdict
from theorycheck.judging.whole.probability import judge_probability

RARE = 4  # an event is, in which no more than one draw of so many lies


def judge_theorem(
    theorem: Theorem, family: Family, observations: Sequence[Observation]
) -> list[Verdict]:
    """Judge every claim of a theorem by the runs of a family."""
    return judge_paths(theorem, [(family, observations)])[0]


def judge_paths(
    theorem: Theorem, paths: Sequence[FamilyRuns], together: int | None = None
) -> list[list[Verdict]]:
    """Judge every claim of a theorem by the runs of several paths, all at one rate of error.

    `together` is the number of claims with an order in the whole check, the theorem's own where
    it is left out.
    """
    judged = _judge(theorem, list(theorem.claims.values()), paths, together)
    return _with_probability(theorem, paths, judged)


def judge_claim(
    theorem: Theorem, claim: Claim, paths: Sequence[FamilyRuns], *, fitted: bool = False
) -> list[Verdict]:
    """Judge one claim, of the theorem or a changed copy, as if it stood among the others.

    `fitted` sets its constant on each path to what the first size of the tail needs, so that only
    its growth is judged.
    """
    together = order_claims(theorem)
    return [verdict for (verdict,) in _judge(theorem, [claim], paths, together, fitted)]


def order_claims(theorem: Theorem) -> int:
    """Return how many claims of a theorem have an order."""
    return sum(claim.order.symbol != "exact" for claim in theorem.claims.values())


def _judge(
    theorem: Theorem,
    claims: Sequence[Claim],
    paths: Sequence[FamilyRuns],
    together: int | None,
    fitted: bool = False,
) -> list[list[Verdict]]:
    settled: list[list[Verdict | OrderCase]] = []
    for family, observations in paths:
        path = sort_runs(family, observations)
        settled.append([_settle(theorem, claim, path) for claim in claims])
    cases = [one for here in settled for one in here if isinstance(one, OrderCase)]
    if fitted:
        cases = [replace(case, table=case.table.fitted()) for case in cases]
    several = max(together or order_claims(theorem), 1)
    judged = iter(judge_orders(cases, Together(several, several * len(paths))))
    return [
        [next(judged) if isinstance(one, OrderCase) else one for one in here] for here in settled
    ]


def _with_probability(
    theorem: Theorem, paths: Sequence[FamilyRuns], judged: list[list[Verdict]]
) -> list[list[Verdict]]:
    """Add the claim `probability` to the first path that releases no premise, if there is one."""
    for (family, observations), here in zip(paths, judged, strict=True):
        if not family.released:
            path = sort_runs(family, observations)
            here.append(judge_probability(theorem, path, here[0]))
            break
    return judged


def judge_path_lemma(family: Family, observations: Sequence[Observation]) -> Verdict:
    """Judge the lemma `gradient-norm`, whose C is measured along the path of each run."""
    lemma = bounds.LEMMAS[GRADIENT_NORM]
    claim = Claim(lemma.id, lemma.statement, lemma.quantity, sympy.Integer(1), BIG_O, lemma.source)
    # the lemma serves both theorems: it asks for their regime, not for the p of one of them
    theorem = replace(bounds.THEOREMS["mild-pruning"], id="lemmas", conditions=bounds.REGIME)
    path = sort_runs(family, [replace(one, in_event=True) for one in observations])
    table = tabulate(claim, path)
    blank = summarize(theorem, claim, path, table)
    if left := unmet(blank.premises):
        return replace(blank, outcome="premise not met", reason="; ".join(left))
    return judge_orders([order_case(blank, claim, path, table)])[0]


def _settle(theorem: Theorem, claim: Claim, path: SortedRuns) -> Verdict | OrderCase:
    """Return the verdict on one claim on one path, or the case that is judged with others."""
    table = tabulate(claim, path)
    blank = summarize(theorem, claim, path, table)
    inside = [one for here in path.counted for one in here]
    if left := unmet(blank.premises):
        return replace(blank, outcome="premise not met", reason="; ".join(left))
    if not path.draws:
        made = len(path.runs[-1])
        reason = (
            f"none of {made} draws lies in the event at every size of the tail: {theorem.event}"
        )
        return replace(blank, outcome="premise not met", reason=reason)
    if unmeasured := sum(_is_unmeasured(claim, one) for one in inside):
        reason = f"{unmeasured} of {len(inside)} runs in the event could not be measured"
        return replace(blank, reason=reason)
    if claim.order.symbol == "exact":
        return _settle_exact(blank, theorem, claim, path)
    if claim.direction == "both":
        reason = f"{claim.order.symbol} makes two claims; each is judged as an order of its own"
        return replace(blank, reason=reason)
    return order_case(blank, claim, path, table)


def _is_unmeasured(claim: Claim, run: Observation) -> bool:
    """Tell a number that is missing from one that a diverged run cannot have."""
    return math.isnan(run.measured[claim.measure]) and run.status != "diverged"


def _settle_exact(blank: Verdict, theorem: Theorem, claim: Claim, path: SortedRuns) -> Verdict:
    """Judge a claim that hides nothing by the runs where every premise is kept."""
    outside = {size for one in blank.premises if one.asked for size in one.left_at}
    counted = [
        here
        for size, here in zip(path.family.sizes, path.counted, strict=True)
        if size not in outside
    ]
    if not any(counted):
        reason = "no draw that counts lies where every premise is kept"
        return replace(blank, outcome="premise not met", reason=reason)
    released = _released(path.family)
    judged = judge_exact(blank, claim, counted, theorem.probability, released)
    named = ", ".join(f"{size:g}" for size in sorted(outside))
    left_out = f"; left out {path.family.along} = {named}, where a premise is not kept"
    remark = (left_out if outside else "") + _beside_the_theorem(released) + rare_event(path)
    return replace(judged, reason=judged.reason + remark)


def order_case(blank: Verdict, claim: Claim, path: SortedRuns, table: Table) -> OrderCase:
    """Gather what the verdict on a claim with an order rests on."""
    prediction = omega_prediction(claim, path, table)
    released = _released(path.family)
    allowed = Allowance.along(claim, path.points)
    return replace(
        case_of(replace(blank, prediction=prediction), table, allowed),
        released=released,
        constants=", ".join(claim.hidden),
        time_error=largest_time_error([one for here in path.counted for one in here]),
        remark=_beside_the_theorem(released)
        + unlearned(claim, path.points)
        + rare_event(path)
        + _beside(prediction),
    )


def _released(family: Family) -> str:
    return f"released: {', '.join(family.released)}" if family.released else ""


def _beside_the_theorem(released: str) -> str:
    """Say that a path may leave premises, and so speaks of the bound alone."""
    return f"; speaks of the bound, not of the theorem ({released})" if released else ""


def rare_event(path: SortedRuns) -> str:
    """Say how few draws lie in an event that is rare."""
    counted, made = len(path.draws), len(path.runs[-1])
    if made < RARE * counted:
        return ""
    return f"; the event is rare: {counted} of {made} draws lie in it at every size of the tail"


def unlearned(claim: Claim, points: Sequence[Point]) -> str:
    """Say where epsilon is so large that t* may come before every sample is learned."""
    if claim.measure != "noise-memorized":
        return ""
    for problem, epsilon in points:
        alone = math.log(problem.K) / problem.n
        if epsilon > alone:
            return (
                f"; epsilon = {epsilon:g} exceeds log K / n = {alone:.2g}, so a sample may still "
                "be unlearned at t*"
            )
    return ""


def omega_prediction(claim: Claim, path: SortedRuns, table: Table) -> Prediction | None:
    """Set the omega drift (Theory, section 8) beside claim `no-noise`."""
    if claim.measure != "no-noise":
        return None
    runs = [
        (float(log_bound), one)
        for log_bound, here in zip(table.log_bound, path.counted, strict=True)
        for one in here
        if can_judge(claim, one) and one.predicted_omega > 0
    ]
    if not runs:
        return None
    last = [(at, one) for at, one in runs if at == runs[-1][0]]
    implied = [exponential(math.log(one.predicted_omega) - log_bound) for log_bound, one in last]
    ratios = [one.omega / one.predicted_omega for _, one in runs]
    return Prediction("omega-drift", quantile(ratios, 0.5), quantile(implied, 0.5))


def _beside(prediction: Prediction | None) -> str:
    if prediction is None:
        return ""
    return (
        f"; {prediction.name} (derived, from the measured gamma) predicts "
        f"{prediction.implied:.3g} times the bound there, measured/predicted "
        f"{prediction.ratio:.3g} in the median over runs"
    )
