"""What a verdict on a boundary is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from theorycheck.judging.facts import PathPremise
from theorycheck.judging.slopes import Slope
from theorycheck.notebook import Judgement


@dataclass(frozen=True)
class Located:
    """Where a boundary lies at one place: its index over draws.

    Attributes
    ----------
    size : float
        The size of the symbol that moves along; nan for the start alone.
    median, low, high : float
        The median with its 99 % interval of order statistics, half a rung wider on either side;
        0 and inf lie beyond the path.
    early, late : float
        The 0.1 and the 0.9 quantile: how wide the boundary is.
    draws, uncrossed : int
        Draws that count, and how many of them do not cross on the path.
    """

    size: float
    median: float
    low: float
    high: float
    early: float
    late: float
    draws: int
    uncrossed: int


@dataclass(frozen=True)
class Sides:
    """How many draws lie on their side at one size, well beyond and well before the boundary.

    Attributes
    ----------
    size : float
        Of the symbol that moves along.
    beyond, before : int
        Draws that succeed at 4 times the located index, and that fail at a quarter of it.
    beyond_draws, before_draws : int
        Of how many.
    """

    size: float
    beyond: int
    beyond_draws: int
    before: int
    before_draws: int


@dataclass(frozen=True)
class AlongBoundary:
    """What one symbol does along a boundary.

    Attributes
    ----------
    symbol : str
        Which symbol moves; what crosses moves with it, so that the index stays.
    outcome, reason : str
        As in :class:`theorycheck.Verdict`.
    places : tuple of Located
        Where the boundary lies, size by size.
    sides : tuple of Sides
        What lies on either side of it, size by size.
    slope : Slope
        Median over draws of the log-log slope of the critical index against the progress.
    explained : float
        The slope, up or down, that a logarithm explains, or the resolution where that is more.
    premises : tuple of PathPremise
        The theorem's, along the boundary.
    """

    symbol: str
    outcome: str
    reason: str
    places: tuple[Located, ...]
    sides: tuple[Sides, ...]
    slope: Slope
    explained: float
    premises: tuple[PathPremise, ...] = ()


@dataclass(frozen=True, repr=False)
class BoundaryVerdict(Judgement):
    """What the runs say about one boundary.

    Attributes
    ----------
    theorem, boundary, statement, tag : str
        Ids, the statement in plain text, and how it is known.
    outcome, reason : str
        As in :class:`theorycheck.Verdict`.
    index, across : str
        The index, and the symbol by which it is crossed.
    declared : float
        The constant that the statement is declared with.
    located : Located
        Where the boundary lies at the start.
    along : tuple of AlongBoundary
        What each other symbol does.
    runs : int
        How many runs it rests on.
    """

    theorem: str
    boundary: str
    statement: str
    tag: str
    outcome: str
    reason: str
    index: str
    across: str
    declared: float
    located: Located
    along: tuple[AlongBoundary, ...]
    runs: int

    def row(self) -> dict[str, Any]:
        """Return what there is to tell by name."""
        return {
            "theorem": self.theorem,
            "claim": self.boundary,
            "outcome": self.outcome,
            "tag": self.tag,
            "order": "iff",
            "constant": self.located.median,
            "runs": self.runs,
            "total": self.runs,
            "reason": self.reason,
        }
