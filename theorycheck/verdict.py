"""One claim and the runs of a family in, a verdict out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bounds import Claim, Theorem
from sims import Problem
from theorycheck import scaling
from theorycheck.family import Family
from theorycheck.measure import Observation
from theorycheck.scaling import NO_SLOPE, Slope

OUTCOMES = ("holds", "consistent", "refuted", "premise not met", "undecided")
FAMILY_LEVEL = 0.99  # joint confidence over all order claims that are judged together


@dataclass(frozen=True)
class SizeSummary:
    """What the runs at one size say about a claim.

    Attributes
    ----------
    size : float
        Value of the parameter that grows.
    in_event, runs : int
        Runs inside the theorem's event, of how many; of the first, only those that can be judged
        at t* enter the numbers below.
    step : float
        Median last step, t* for runs that reached epsilon.
    measured : float
        Median of the claim's left side.
    log_bound : float
        Logarithm of the bound, constant included; -inf for a bound of 0.
    implied, implied_high : float
        Median and 0.9 quantile of measured / bound, the quantile taken on the unfavourable side.
    """

    size: float
    in_event: int
    runs: int
    step: float
    measured: float
    log_bound: float
    implied: float
    implied_high: float

    @property
    def bound(self) -> float:
        """The bound; 0.0 where it lies below the floats."""
        return math.exp(self.log_bound) if self.log_bound < 709 else math.inf


@dataclass(frozen=True)
class Verdict:
    """What the runs say about one claim.

    Attributes
    ----------
    theorem, claim : str
        Ids.
    statement : str
        The claim in plain text.
    order, tag : str
        The order of the bound, and how the statement is known.
    outcome : str
        One of ``OUTCOMES``.
    reason : str
        Why, in words.
    along : str
        The parameter that grows along the family.
    sizes : tuple of SizeSummary
        Size by size.
    slope : Slope
        Log-log slope of the implied constant against the size, with its interval.
    tolerated_slope : float
        The slope that the order allows.
    holds_from, holds_from_high : float or None
        The smallest size from which the median, and the 0.9 quantile, stay within the bound.
    runs, total : int
        Runs the verdict rests on, of how many.
    prediction : tuple of (str, float, float) or None
        Name of a sharp prediction beside the measurement, the median of measured / predicted over
        the runs, and the median of the implied constant it predicts at the largest size.
    """

    theorem: str
    claim: str
    statement: str
    order: str
    tag: str
    outcome: str
    reason: str
    along: str = ""
    sizes: tuple[SizeSummary, ...] = ()
    slope: Slope = NO_SLOPE
    tolerated_slope: float = math.nan
    holds_from: float | None = None
    holds_from_high: float | None = None
    runs: int = 0
    total: int = 0
    prediction: tuple[str, float, float] | None = None

    @property
    def implied_constant(self) -> tuple[float, float]:
        """Median and 0.9 quantile of measured / bound at the largest size."""
        if not self.sizes:
            return math.nan, math.nan
        return self.sizes[-1].implied, self.sizes[-1].implied_high

    @property
    def slope_interval(self) -> tuple[float, float]:
        """The interval of the slope."""
        return self.slope.low, self.slope.high


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
    orders = sum(claim.order.symbol != "exact" for claim in theorem.claims.values())
    level = 1 - (1 - FAMILY_LEVEL) / max(orders, 1)
    verdicts = []
    for claim in theorem.claims.values():
        blank = summarize(theorem, claim, family, observations, epsilon)
        if failing:
            reason = f"{'; '.join(failing)}"
            verdicts.append(replace(blank, outcome="premise not met", reason=reason))
        elif not any(size.in_event for size in blank.sizes):
            reason = f"no run lies in the event: {theorem.event}"
            verdicts.append(replace(blank, outcome="premise not met", reason=reason))
        elif claim.order.symbol == "exact":
            verdicts.append(_judge_exact(blank, claim, observations))
        else:
            verdicts.append(_judge_order(blank, theorem, claim, family, observations, epsilon, level))
    return verdicts


def failing_premises(
    theorem: Theorem, problems: Sequence[Problem], epsilon: float
) -> list[str]:
    """Name the yes-or-no premises that fail somewhere on a path; hidden constants never do."""
    return [
        f"the premise {condition.statement} fails"
        for condition in theorem.conditions.values()
        if any(
            condition.holds({**problem.parameters(), "epsilon": epsilon}) is False
            for problem in problems
        )
    ]


def hidden_constants(
    theorem: Theorem, problems: Sequence[Problem], epsilon: float
) -> dict[str, list[float]]:
    """Return the implied constant of every premise with a hidden one, at each size."""
    return {
        condition.id: [
            condition.implied_constant({**problem.parameters(), "epsilon": epsilon})
            for problem in problems
        ]
        for condition in theorem.conditions.values()
        if condition.hidden
    }


def summarize(
    theorem: Theorem,
    claim: Claim,
    family: Family,
    observations: Sequence[Observation],
    epsilon: float,
) -> Verdict:
    """Sum up the runs size by size, in a verdict without an outcome."""
    sizes = tuple(
        _summarize_size(claim, family.size(problem), problem, observations, epsilon)
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
    size: float,
    problem: Problem,
    observations: Sequence[Observation],
    epsilon: float,
) -> SizeSummary:
    here = [one for one in observations if one.problem == problem]
    inside = [one for one in here if one.in_event]
    judged = [one for one in inside if can_judge(claim, one)]
    log_bound = _log_bound(claim, problem, epsilon)
    measured = [one.measured[claim.id] for one in judged]
    excess = [log_excess(claim, value, log_bound) for value in measured]
    sign = 1.0 if claim.direction != "lower" else -1.0
    return SizeSummary(
        size,
        len(inside),
        len(here),
        _quantile([one.step for one in judged], 0.5),
        _quantile(measured, 0.5),
        log_bound,
        _exp(sign * _quantile(excess, 0.5)),
        _exp(sign * _quantile(excess, scaling.HIGH_QUANTILE)),
    )


def can_judge(claim: Claim, run: Observation) -> bool:
    """Tell whether a claim can be held against a run: claims are judged at t*.

    That t* exists, and when it comes, are claims themselves; those derived for any weights that
    descent can reach hold at any step.
    """
    if run.status == "diverged":
        return False
    at_any_step = claim.source.tag == "derived" or claim.id in ("stopping-time", "train-loss")
    return run.status == "reached" or at_any_step


def _log_bound(claim: Claim, problem: Problem, epsilon: float) -> float:
    parameters = {**problem.parameters(), "epsilon": epsilon}
    return claim.evaluate(parameters, log=True) + math.log(claim.constant)


def log_excess(claim: Claim, measured: float, log_bound: float) -> float:
    """Return by how much a measurement exceeds its bound, on the unfavourable side, as a logarithm.

    Positive means violated with the declared constant. A measured 0 satisfies an upper bound
    (-inf) and fails a lower one (inf); so does a bound of 0 the other way round.
    """
    log_measured = math.log(measured) if measured > 0 else -math.inf
    if log_measured == log_bound:
        return 0.0
    difference = log_measured - log_bound
    return -difference if claim.direction == "lower" else difference


def _judge_exact(blank: Verdict, claim: Claim, observations: Sequence[Observation]) -> Verdict:
    inside = [one for one in observations if one.in_event]
    failing = [one for one in inside if violates(claim, one)]
    if not failing:
        return replace(blank, outcome="holds", reason=f"true in all {len(inside)} runs")
    worst = failing[0]
    which = (
        f"false in {len(failing)} of {len(inside)} runs, first at "
        f"{blank.along} = {getattr(worst.problem, blank.along):g}, seed {worst.seed}: {worst.reason}"
    )
    if claim.source.tag == "derived":
        return replace(blank, outcome="refuted", reason=which)
    reason = f"{which}; the theorem allows failures with a small probability, not tested here"
    return replace(blank, outcome="undecided", reason=reason)


def violates(claim: Claim, run: Observation) -> bool:
    """Tell whether a run contradicts an exact claim by more than its numerical error."""
    if not can_judge(claim, run):
        return False
    measured = run.measured[claim.id]
    if claim.id == "train-loss":
        return run.status != "reached"
    bound = claim.evaluate(run.problem.parameters())
    slack = run.numerical_error.get(claim.id, 0.0)
    above = claim.direction != "lower" and measured > bound + slack
    below = claim.direction != "upper" and measured < bound - slack
    return above or below


def _judge_order(
    blank: Verdict,
    theorem: Theorem,
    claim: Claim,
    family: Family,
    observations: Sequence[Observation],
    epsilon: float,
    level: float,
) -> Verdict:
    sizes = [size.size for size in blank.sizes]
    bound_at = {size.size: size.log_bound for size in blank.sizes}
    excess: dict[int, dict[float, float]] = {}
    for one in observations:
        if one.in_event and can_judge(claim, one):
            size = family.size(one.problem)
            by_size = excess.setdefault(one.seed, {})
            by_size[size] = log_excess(claim, one.measured[claim.id], bound_at[size])
    slope = scaling.slope_over_seeds(excess, sizes, level)
    arguments = [
        problem.d * problem.n * problem.m * problem.K / scaling.DELTA for problem in family.problems
    ]
    values = [list(_at(excess, size)) for size in sizes]
    medians = [_quantile(found, 0.5) for found in values]
    highs = [_quantile(found, scaling.HIGH_QUANTILE) for found in values]
    judged = replace(
        blank,
        slope=slope,
        tolerated_slope=scaling.tolerated_slope(claim.log_power or 0.0, sizes, arguments),
        holds_from=scaling.holds_from(sizes, medians),
        holds_from_high=scaling.holds_from(sizes, highs),
        runs=sum(len(found) for found in values),
        prediction=_prediction(claim, observations, bound_at, family),
    )
    kept = _constants_kept(theorem, family.problems, epsilon)
    outcome, reason = _decide(judged, medians, kept)
    return replace(judged, outcome=outcome, reason=reason)


def _constants_kept(theorem: Theorem, problems: Sequence[Problem], epsilon: float) -> str:
    """Name the premises whose declared constant the path does not keep; empty where it keeps all.

    Only the theorem's own premise counts; the regime's constants say how far asymptotics are.
    """
    condition = theorem.conditions.get(theorem.id)
    if condition is None:
        return ""
    constants = [
        condition.implied_constant({**problem.parameters(), "epsilon": epsilon})
        for problem in problems
    ]
    if condition.direction == "lower" and min(constants) < condition.constant:
        name, value = condition.constant_name, condition.constant
        return f"the premise needs {name} <= {min(constants):.3g}, declared is {value:g}"
    return ""


def _decide(verdict: Verdict, medians: Sequence[float], broken: str) -> tuple[str, str]:
    """Decide an order claim from its slope and from where it holds; the reason in words."""
    slope, tolerated, along = verdict.slope, verdict.tolerated_slope, verdict.along
    sizes = [size.size for size in verdict.sizes]
    if all(value == -math.inf for value in medians):
        return "holds", "the measured quantity is exactly 0 in the median at every size"
    beside = _beside(verdict)
    if slope is NO_SLOPE:
        where = _where(verdict)
        return (
            "undecided",
            f"a slope takes {scaling.LEAST_SIZES} sizes and {scaling.LEAST_SEEDS} seeds with a "
            f"finite value at each; {where}{beside}",
        )
    ratio = "bound/measured" if verdict.order == "Omega" else "measured/bound"
    measured = (
        f"{ratio} moves like {along}^{slope.mean:+.2f} [{slope.low:+.2f}, {slope.high:+.2f}], "
        f"allowed up to {tolerated:+.2f}"
    )
    if slope.low > tolerated:
        if broken:
            return "undecided", f"{measured}; but {broken}"
        return "refuted", f"{measured}: it leaves the bound{beside}"
    if slope.high > tolerated:
        return "undecided", f"{measured}: the interval holds both answers{beside}"
    if verdict.holds_from is None or verdict.holds_from_high is None:
        further = scaling.extrapolated_size(sizes, medians, slope.mean)
        reached = (
            f"at this slope the median would reach constant 1 near {along} = {further:.1g}"
            if math.isfinite(further)
            else "no size is in sight from which it holds"
        )
        return (
            "undecided",
            f"{measured}, but with constant 1 it does not hold yet at the largest size: "
            f"{_where(verdict)}; asymptotics not begun, {reached}{beside}",
        )
    high = verdict.holds_from_high
    where = f"holds with constant 1 from {along} = {verdict.holds_from:g} on (median)"
    where += "" if high == verdict.holds_from else f", from {high:g} on (0.9 quantile)"
    return "consistent", f"{where}; {measured}{beside}"


def _where(verdict: Verdict) -> str:
    median, high = verdict.implied_constant
    return f"median {median:.3g}, 0.9 quantile {high:.3g} times the bound"


def _beside(verdict: Verdict) -> str:
    if verdict.prediction is None:
        return ""
    name, ratio, implied = verdict.prediction
    return (
        f"; {name} (derived, with the measured gamma) predicts {implied:.3g} times the bound there, "
        f"measured/predicted {ratio:.3g} in the median over runs"
    )


def _prediction(
    claim: Claim, observations: Sequence[Observation], bound_at: Mapping[float, float], family: Family
) -> tuple[str, float, float] | None:
    """Set the omega drift beside claim `no-noise`."""
    if claim.id != "no-noise":
        return None
    judged = [one for one in observations if one.in_event and can_judge(claim, one)]
    predicted = [one for one in judged if one.predicted_omega > 0]
    if not predicted:
        return None
    ratios = [one.omega / one.predicted_omega for one in predicted]
    largest = max(family.size(one.problem) for one in predicted)
    implied = [
        math.exp(math.log(one.predicted_omega) - bound_at[largest])
        for one in predicted
        if family.size(one.problem) == largest
    ]
    return "omega-drift", _quantile(ratios, 0.5), _quantile(implied, 0.5)


def _at(excess: Mapping[int, Mapping[float, float]], size: float) -> list[float]:
    return [by_size[size] for by_size in excess.values() if size in by_size]


def _quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile that never interpolates towards an infinite value."""
    if not values:
        return math.nan
    method = "linear" if all(math.isfinite(value) for value in values) else "inverted_cdf"
    return float(np.quantile(values, share, method=method))


def _exp(value: float) -> float:
    return math.exp(value) if value < 709 else math.inf


