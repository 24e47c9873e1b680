"""What a verdict is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from theorycheck.scaling import NO_SLOPE, Slope, exponential

OUTCOMES = ("holds", "consistent", "refuted", "premise not met", "undecided")


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
        return exponential(self.log_bound)


@dataclass(frozen=True)
class Prediction:
    """A sharp prediction beside a measured quantity.

    Attributes
    ----------
    name : str
        Which.
    ratio : float
        Median of measured / predicted over the runs.
    implied : float
        Median of predicted / bound at the largest size.
    """

    name: str
    ratio: float
    implied: float


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
    prediction : Prediction or None
        A sharp prediction beside the measurement.
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
    prediction: Prediction | None = None

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
