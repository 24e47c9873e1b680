"""Which changed claims can be told from the logarithms that their orders hide, by the laws."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bounds import Claim
from bounds.evaluation import NotDefined, log_value
from theorycheck.judging.family import Family
from theorycheck.judging.orders.allowance import Allowance
from theorycheck.judging.slopes import least_squares_slope, tail
from theorycheck.judging.table import Point, defined_log_bound, parameters_at


def separable(self) -> list[JudgedMutant]:
        """The false mutants that are separable from what their order hides."""
        return [one for one in self.mutants if one.false and one.separable]

    def separable_refuted(self, check: str) -> tuple[int, int]:
        """Separable false mutants refuted, and all."""
        refuted = [one for one in self.separable if getattr(one, check) == "refuted"]
        return len(refuted), len(self.separable)

    def separable_passed(self, check: str) -> int:
        """Separable false mutants that a check calls consistent, or says to hold."""
        return sum(getattr(one, check) in ("consistent", "holds") for one in self.separable)

    @property
    def refuted_true(self) -> tuple[int, int]:
        """True mutants refuted, and all."""
        true = [one for one in self.mutants if one.kind in TRUE_KINDS]
        return sum(one.outcome == "refuted" for one in true), len(true)

    @property
    def killed_by_units(self) -> int:
        """Mutants that the unit check alone would refuse, whatever they are."""
        return sum(not one.unit_sound for one in self.mutants)

    @property
    def survivors(self) -> list[JudgedMutant]:
        """The false and undetermined mutants that were not refuted."""
        return [one for one in self.mutants if one.survivor]


def falsify(
    theorem: Theorem, paths: Sequence[ExponentPath], runs: Sequence[FamilyRuns], default: int
) -> Falsification:
    """Judge every mutant of a theorem's claims; the first `default` paths are the default check."""
    # what a path ties beside its powers is known at its sizes, not far out
    starts = [(one.path, one.values, one.end) for one in paths if one.ties is None]
    families = [(one.family, points_of(one.family, one.epsilon)) for one in paths]
    judged, originals = [], []
    for claim in theorem.claims.values():
        originals += judge_claim(theorem, claim, runs)
        for mutant in mutants(claim):
            what, why = kind(mutant, claim, starts)
            by_default = _outcome(judge_claim(theorem, mutant.claim, runs[:default], fitted=True))
            outcome, verdicts = _outcome(judge_claim(theorem, mutant.claim, runs, fitted=True))
            judged.append(
                JudgedMutant(
                    claim.id, mutant.change, what, why,
                    any(separable(mutant.claim, *path) for path in families),
                    by_default[0], outcome, _reason(verdicts), _reason(verdicts, short=True),
                    mutant.unit_sound, claim.order.symbol == "exact",
                )
            )  # fmt: skip
    seeds = sorted({run.seed for _, observations in runs for run in observations})
    return Falsification(
        theorem.id,
        tuple(originals),
        tuple(judged),
        tuple(seeds),
        sum(len(observations) for _, observations in runs),
    )


def separable(claim: Claim, family: Family, points: Sequence[Point]) -> bool:
    """Tell whether the law of a quantity outgrows a bound along a path by more than is hidden."""
    if claim.order.symbol == "exact" or claim.law is None:
        return True
    sign = -1.0 if claim.direction == "lower" else 1.0
    progress = np.array([family.progress(*point) for point in points])
    excess = np.array(
        [sign * (_log_law(claim, at) - defined_log_bound(claim, *at)) for at in points]
    )
    late, allowed = tail(progress.tolist()), Allowance.along(claim, points)
    if not np.isfinite(excess[late]).all():
        return bool((excess[late] == np.inf).all())
    slope = least_squares_slope(np.log(progress[late]), excess[late])
    return bool(slope > max(allowed.tolerated(progress, late), allowed.ceiling(progress, late)))


def _log_law(claim: Claim, point: Point) -> float:
    try:
        return log_value(claim.law, parameters_at(point))
    except NotDefined:
        return -math.inf
