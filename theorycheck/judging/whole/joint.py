"""All claims of a theorem together, draw by draw: with which constant they hold at once."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from bounds import Claim, Theorem
from sims.arrays import Floats
from theorycheck.judging.exact import bounds_at, violates
from theorycheck.judging.slopes import HIGH_QUANTILE, holds_from
from theorycheck.judging.statistics import exponential, quantiles
from theorycheck.judging.table import SortedRuns, can_judge, tabulate

ALIKE = 0.01  # relative: constants that differ by less are printed alike


@dataclass(frozen=True, eq=False)
class Joint:
    """How far a draw is from keeping every claim of a theorem at t*, along one path.

    Attributes
    ----------
    sizes : (N,) array
        Along the path.
    excess : (S, N) array
        Logarithm of the factor on every declared constant with which all claims hold at once in a
        draw; inf where none does, or there is no t*, nan where that is not known.
    each : dict of str to (S, N) array
        The same of every claim alone.
    """

    sizes: Floats
    excess: Floats
    each: dict[str, Floats] = field(default_factory=dict)

    @property
    def constant(self) -> float:
        """The smallest such factor at the last size for 9 draws of 10; nan where there is none."""
        highs = quantiles(self.excess, HIGH_QUANTILE)
        return exponential(float(highs[-1])) if len(highs) else math.nan

    @property
    def start(self) -> float | None:
        """From which size on that factor is enough; None where it is infinite or not known."""
        highs = quantiles(self.excess, HIGH_QUANTILE)
        if not len(highs) or not math.isfinite(highs[-1]):
            return None
        return holds_from(self.sizes.tolist(), highs - highs[-1] - ALIKE)

    def failing_most(self) -> tuple[str, int]:
        """Return the claim that fails most often at the last size, and in how many draws."""
        counts = {id: int((excess[:, -1] > 0).sum()) for id, excess in self.each.items()}
        return max(counts.items(), key=lambda one: one[1], default=("", 0))

    def failing(self, column: int) -> tuple[int, int]:
        """Return how many draws fail some declared constant at a size, of how many."""
        here = self.excess[:, column]
        return int((here > 0).sum()), int((~np.isnan(here)).sum())


def joint(theorem: Theorem, path: SortedRuns) -> Joint:
    """Hold every draw that counts to all claims at once."""
    alone = {
        id: _exact_excess(one, path) if one.order.symbol == "exact" else _order_excess(one, path)
        for id, one in theorem.claims.items()
    }
    each = list(alone.values())
    # what fails one claim for good fails all, whatever is not known of the others
    lost = np.any(np.equal(each, np.inf), axis=0)
    excess = np.where(lost, np.inf, np.max(each, axis=0))
    return Joint(np.array(path.family.sizes), excess, alone)


def _order_excess(claim: Claim, path: SortedRuns) -> Floats:
    """Return the excess of one claim; not known at a size where its bound is not defined."""
    return tabulate(claim, path).excess


def _exact_excess(claim: Claim, path: SortedRuns) -> Floats:
    """Return inf where a claim that hides nothing is false, -inf where it is true."""
    row = {seed: index for index, seed in enumerate(path.draws)}
    excess = np.full((len(row), len(path.points)), np.nan)
    bounds = bounds_at(claim, [one for here in path.counted for one in here])
    for column, (here, point) in enumerate(zip(path.counted, path.points, strict=True)):
        for one in here:
            if point not in bounds:
                excess[row[one.seed], column] = -np.inf
            elif one.status != "max-steps" or can_judge(claim, one):
                false = one.status == "diverged" or violates(claim, one, bounds[point])
                excess[row[one.seed], column] = np.inf if false else -np.inf
    return excess
