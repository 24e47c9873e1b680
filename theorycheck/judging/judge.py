"""The claims of a theorem and the runs of its paths in, verdicts out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import sympy

import bounds
from bounds import Claim, Theorem
from bounds.statements import BIG_O
from theorycheck.judging.allowance import Allowance
from theorycheck.judging.exact import judge_exact
from theorycheck.judging.family import Family
from theorycheck.judging.observation import GRADIENT_NORM, Observation
from theorycheck.judging.order import OrderCase, Together, judge_orders
from theorycheck.judging.premises import path_premises, unmet
from theorycheck.judging.slopes import HIGH_QUANTILE
from theorycheck.judging.statistics import exponential, quantile, quantiles
from theorycheck.judging.table import (
    FamilyRuns,
    Point,
    SortedRuns,
    Table,
    can_judge,
    largest_time_error,
    parameters_at,
    sort_runs,
    tabulate,
)
from theorycheck.judging.verdict import Prediction, SizeSummary, Tested, Verdict


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
    return _judge(theorem, list(theorem.claims.values()), paths, together)


def judge_claim(theorem: Theorem, claim: Claim, paths: Sequence[FamilyRuns]) -> list[Verdict]:
    """Judge one claim, of the theorem or a changed copy, as if it stood among the others."""
    together = order_claims(theorem)
    return [verdict for (verdict,) in _judge(theorem, [claim], paths, together)]


def order_claims(theorem: Theorem) -> int:
    """Return how many claims of a theorem have an order."""
    return sum(claim.order.symbol != "exact" for claim in theorem.claims.values())


def _judge(
    theorem: Theorem, claims: Sequence[Claim], paths: Sequence[FamilyRuns], together: int | None
) -> list[list[Verdict]]:
    settled: list[list[Verdict | OrderCase]] = []
    for family, observations in paths:
        path = sort_runs(family, observations)
        settled.append([_settle(theorem, claim, path) for claim in claims])
    cases = [one for here in settled for one in here if isinstance(one, OrderCase)]
    several = max(together or order_claims(theorem), 1)
    judged = iter(judge_orders(cases, Together(several, several * len(paths))))
    return [
        [next(judged) if isinstance(one, OrderCase) else one for one in here] for here in settled
    ]


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
        reason = f"no draw lies in the event at every size of the tail: {theorem.event}"
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
    remark = (left_out if outside else "") + _beside_the_theorem(released)
    return replace(judged, reason=judged.reason + remark)


def summarize(theorem: Theorem, claim: Claim, path: SortedRuns, table: Table) -> Verdict:
    """Sum up the runs size by size, in a verdict without an outcome."""
    return Verdict(
        theorem.id,
        claim.id,
        claim.statement,
        claim.order.symbol,
        claim.source.tag,
        "undecided",
        "",
        path.family.along,
        _size_summaries(claim, path, table),
        path.family.direction,
        zeros=int((table.measured == 0).sum()),
        draws=len(path.draws),
        runs=sum(map(len, path.counted)),
        total=sum(map(len, path.runs)),
        premises=path_premises(theorem, path.family, path.points),
        tested=what_is_tested(claim, path.points),
    )


def _size_summaries(claim: Claim, path: SortedRuns, table: Table) -> tuple[SizeSummary, ...]:
    judged = [[one for one in here if can_judge(claim, one)] for here in path.counted]
    sign = -1.0 if claim.direction == "lower" else 1.0
    return tuple(
        SizeSummary(
            float(size), len(inside), len(runs), quantile([one.step for one in entering], 0.5),
            float(measured), float(log_bound),
            exponential(sign * float(median)), exponential(sign * float(high)),
            tuple(one.seed for one in entering),
            tuple(one.measured[claim.measure] for one in entering),
            tuple(one.engine for one in entering),
        )
        for size, inside, runs, entering, measured, log_bound, median, high in zip(
            table.sizes, path.inside, path.runs, judged,
            quantiles(table.measured, 0.5), table.log_bound,
            quantiles(table.excess, 0.5), quantiles(table.excess, HIGH_QUANTILE),
            strict=True,
        )
    )  # fmt: skip


def order_case(blank: Verdict, claim: Claim, path: SortedRuns, table: Table) -> OrderCase:
    """Gather what the verdict on a claim with an order rests on.

    At the sizes where the bound is defined.
    """
    prediction = omega_prediction(claim, path, table)
    released = _released(path.family)
    defined = ~np.isnan(table.log_bound)
    allowed = Allowance.of(claim, path.points)
    return OrderCase(
        replace(blank, prediction=prediction),
        table.only(defined),
        allowed.tolerated(table.progress, table.tail & defined),
        allowed.tolerated(table.progress, table.end & defined),
        allowed.ceiling(table.progress, table.tail & defined),
        allowed.words,
        released,
        ", ".join(claim.hidden),
        largest_time_error([one for here in path.counted for one in here]),
        _beside_the_theorem(released) + unlearned(claim, path.points) + _beside(prediction),
    )


def _released(family: Family) -> str:
    return f"released: {', '.join(family.released)}" if family.released else ""


def _beside_the_theorem(released: str) -> str:
    """Say that a path may leave premises, and so speaks of the bound alone."""
    return f"; speaks of the bound, not of the theorem ({released})" if released else ""


def what_is_tested(claim: Claim, points: Sequence[Point]) -> Tested:
    """Tell which symbols of a bound a path moves, which others it moves, and which it holds."""
    at = [parameters_at(point) for point in points]
    moved = [name for name in at[0] if len({one[name] for one in at}) > 1]
    own = sorted(symbol.name for symbol in claim.bound.free_symbols if symbol.name in at[0])
    return Tested(
        tuple(name for name in own if name in moved),
        tuple(name for name in own if name not in moved),
        tuple(name for name in moved if name not in own),
    )


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
