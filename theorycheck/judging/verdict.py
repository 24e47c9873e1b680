"""What a verdict is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bounds.statements import OMEGA
from theorycheck.judging.facts import (
    NO_CONSTANT,
    NO_START,
    NOT_TESTED,
    Constant,
    PathPremise,
    Prediction,
    SizeSummary,
    Start,
    Tested,
)
from theorycheck.judging.slopes import NO_SLOPE, Slope
from theorycheck.notebook import Judgement

OUTCOMES = ("holds", "consistent", "refuted", "premise not met", "undecided")


@dataclass(frozen=True, repr=False)
class Verdict(Judgement):
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
        Median over draws of the log-log slope of the implied constant against the progress along
        the path, with its 99 % interval. The outcome rests on sign tests, not on the interval.
    end_slope : Slope
        The same over the last half of the tail; that of the whole tail where it has 4 sizes or
        fewer. It can only withhold a `refuted`.
    tolerated_slope : float
        The slope that the order allows over the tail, or the resolution where that is more.
    share_within : float
        The share of draws whose slope is tolerated, its lower 99 % limit.
    constant : Constant
        The implied constant at the last size.
    start : Start
        From where on the declared constant is kept.
    without_step : int
        Draws that count and have no t* at some size of the tail.
    tested : Tested
        Which symbols of the bound the path moves, and which not.
    zeros : int
        Judged runs in which the measured quantity is exactly 0.
    failures : int
        Draws that contradict an exact claim at some size.
    failure_interval : tuple of float or None
        Exact binomial interval of how often a draw contradicts it at the last size.
    draws : int
        Draws that count: in the theorem's event at every size of the tail.
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
    tolerated_slope: float = math.nan
    share_within: float = math.nan
    constant: Constant = NO_CONSTANT
    start: Start = NO_START
    without_step: int = 0
    tested: Tested = NOT_TESTED
    zeros: int = 0
    failures: int = 0
    failure_interval: tuple[float, float] | None = None
    draws: int = 0
    runs: int = 0
    total: int = 0
    prediction: Prediction | None = None
    premises: tuple[PathPremise, ...] = ()

    def row(self) -> dict[str, Any]:
        """Return what there is to tell by name; the numbers are those of the last size."""
        last = self.sizes[-1] if self.sizes else None
        return {
            "theorem": self.theorem,
            "claim": self.claim,
            "outcome": self.outcome,
            "tag": self.tag,
            "order": self.order,
            "along": self.along,
            "size": last.size if last else math.nan,
            "measured": last.measured if last else math.nan,
            "bound_at_size": last.bound if last else math.nan,
            "constant": self.constant.median,
            "constant_9_in_10": self.constant.quantile,
            "kept_from": self.start.quantile,
            "slope": self.slope.median,
            "slope_low": self.slope.low,
            "slope_high": self.slope.high,
            "share_within": self.share_within,
            "draws": self.draws,
            "runs": self.runs,
            "total": self.total,
            "reason": self.reason,
        }

    @property
    def constant_from_each(self) -> tuple[float, ...]:
        """The constant that nine draws of ten need from each size on, to the end of the path."""
        highs = [size.implied_high for size in self.sizes]
        hardest = min if self.lower else max
        return tuple(hardest(highs[start:]) for start in range(len(highs)))

    @property
    def lower(self) -> bool:
        """Whether the quantity is held to at least its bound."""
        return self.order == OMEGA.symbol


def suspects(released: str, asymptotics: str, constants: str, time_error: float) -> str:
    """Name what may be wrong where runs and a claim disagree, the likeliest first."""
    inside = f"{constants} inside the bound" if constants else "one in front changes no slope"
    premise = released or "none seen"
    numerical = (
        "its size is not known"
        if math.isnan(time_error)
        else f"of t*, by the engine's own estimate: {time_error:.1g} of it"
    )
    return (
        f"; suspects in order: a premise violated ({premise}), asymptotics not begun "
        f"({asymptotics}), a hidden constant ({inside}), numerical error ({numerical}), "
        "a wrong statement"
    )
