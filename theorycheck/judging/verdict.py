"""What a verdict is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from theorycheck.judging.slopes import NO_SLOPE, Slope
from theorycheck.judging.statistics import exponential

# A premise that the path may leave is released; an open power of log(d) is reported alone.
PREMISE_STATES = ("kept", "not kept", "released", "reported")
OUTCOMES = ("holds", "consistent", "refuted", "premise not met", "undecided")


@dataclass(frozen=True)
class SizeSummary:
    """What the runs at one size say about a claim.

    Attributes
    ----------
    size : float
        Value of the parameter that moves.
    in_event, runs : int
        Runs inside the theorem's event, of how many; of the first, only those that can be judged
        at t* enter the numbers below.
    step : float
        Median last step, t* for runs that reached epsilon.
    measured : float
        Median of the claim's left side.
    log_bound : float
        Logarithm of the bound, constant included; -inf for a bound of 0, nan for one that is not
        defined at this size.
    implied, implied_high : float
        Median and 0.9 quantile of measured / bound, the quantile taken on the unfavourable side.
    seeds : tuple of int
        Seeds of the runs that enter the numbers.
    each : tuple of float
        The claim's left side in each of them.
    engines : tuple of str
        What each of them was made with.
    """

    size: float
    in_event: int
    runs: int
    step: float
    measured: float
    log_bound: float
    implied: float
    implied_high: float
    seeds: tuple[int, ...] = ()
    each: tuple[float, ...] = ()
    engines: tuple[str, ...] = ()

    @property
    def bound(self) -> float:
        """The bound; 0.0 where it lies below the floats."""
        return exponential(self.log_bound)


@dataclass(frozen=True)
class PathPremise:
    """One premise of a theorem along a path.

    Attributes
    ----------
    id, statement, relation : str
        As in :class:`bounds.Condition`; the relation is that of the implied to the declared
        constant.
    constant_name : str
        Name of a hidden constant; empty where nothing is hidden.
    declared : float
        The declared constant; of a Theta it says nothing.
    implied : tuple of float
        The constant with which it is an equality, at each size; nan where it has none.
    state : str
        One of ``PREMISE_STATES``.
    left_at : tuple of float
        The sizes, of the whole path, at which it is not kept; none where it is only reported.
    reason : str
        Why the tail does not keep it; empty where it does, or need not.
    """

    id: str
    statement: str
    relation: str
    constant_name: str
    declared: float
    implied: tuple[float, ...]
    state: str
    left_at: tuple[float, ...] = ()
    reason: str = ""

    @property
    def asked(self) -> bool:
        """Whether the path is held to it."""
        return self.state in ("kept", "not kept")


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
        The parameter that moves along the family.
    sizes : tuple of SizeSummary
        Size by size, in the order of the path.
    direction : {"up", "down"}
        Whether the parameter grows or falls along it.
    tail : tuple of float
        The sizes that the slopes are taken over: the upper half of the decades.
    slope : Slope
        Log-log slope of the implied constant against the progress along the path, with its
        interval at the level that is adjusted for everything judged together.
    end_slope : Slope
        The same over the last half of the tail, at a level of its own: it can only withhold a
        `refuted`, for which the slope over the whole tail answers to the family-wise rate.
    slope_high : Slope
        Slope of the unfavourable 0.9 quantile over seeds, with a bootstrap interval.
    tolerated_slope : float
        The slope that the order allows over the tail.
    slack : float
        The largest power of the progress by which the bound could be tightened (an upper one
        divided, a lower one multiplied) with a slope that is still tolerated; nan where nothing
        is seen to hold.
    holds_from, holds_from_high : float or None
        The first size from which the median, and the 0.9 quantile, stay within the bound.
    holds_from_interval, holds_from_high_interval : tuple of (float or None) or None
        The earliest and the latest such size by bootstrap over seeds, None for beyond the path;
        None altogether where it was not asked for or the seeds are too few.
    zeros : int
        Judged runs in which the measured quantity is exactly 0.
    failures : int
        Runs that contradict an exact claim.
    failure_interval : tuple of float or None
        Exact binomial interval of how often runs contradict it.
    runs, total : int
        Runs the verdict rests on, of how many.
    prediction : Prediction or None
        A sharp prediction beside the measurement.
    premises : tuple of PathPremise
        The theorem's, along the path.
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
    direction: str = "up"
    tail: tuple[float, ...] = ()
    slope: Slope = NO_SLOPE
    end_slope: Slope = NO_SLOPE
    slope_high: Slope = NO_SLOPE
    tolerated_slope: float = math.nan
    slack: float = math.nan
    holds_from: float | None = None
    holds_from_high: float | None = None
    holds_from_interval: tuple[float | None, float | None] | None = None
    holds_from_high_interval: tuple[float | None, float | None] | None = None
    zeros: int = 0
    failures: int = 0
    failure_interval: tuple[float, float] | None = None
    runs: int = 0
    total: int = 0
    prediction: Prediction | None = None
    premises: tuple[PathPremise, ...] = ()

    @property
    def implied_constant(self) -> tuple[float, float]:
        """Median and 0.9 quantile of measured / bound at the last size of the path."""
        if not self.sizes:
            return math.nan, math.nan
        return self.sizes[-1].implied, self.sizes[-1].implied_high

    @property
    def slope_interval(self) -> tuple[float, float]:
        """The interval of the slope."""
        return self.slope.low, self.slope.high


def suspects(released: str, asymptotics: str, constants: str, time_error: float) -> str:
    """Name what may be wrong where runs and a claim disagree, the likeliest first."""
    inside = f"{constants} inside the bound" if constants else "one in front changes no slope"
    premise = released or "none seen"
    return (
        f"; suspects in order: a premise violated ({premise}), asymptotics not begun "
        f"({asymptotics}), a hidden constant ({inside}), numerical error (of t*, by the engine's "
        f"own estimate: {time_error:.1g} of it), a wrong statement"
    )
