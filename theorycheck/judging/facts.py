"""The facts in a verdict: sizes, premises, constant, start, what was tested, predictions."""

from __future__ import annotations

import math
from dataclasses import dataclass

from theorycheck.judging.statistics import exponential

# A premise that the path may leave is released; an open power of log(d) is reported alone.
PREMISE_STATES = ("kept", "not kept", "released", "reported")
PROBABILITY = "probability"  # the claim on how often a theorem holds, which every check judges


@dataclass(frozen=True)
class SizeSummary:
    """What the runs at one size say about a claim.

    Attributes
    ----------
    size : float
        Value of the parameter that moves.
    in_event, runs : int
        Runs inside the theorem's event, of how many; of the first, only those of draws that count
        and can be judged at t* enter the numbers below.
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
class Constant:
    """The factor between a quantity and its bound at the last size of a path.

    Attributes
    ----------
    median, low, high : float
        The median over draws of measured / bound with its 99 % interval, infinite where the draws
        are too few for one.
    quantile : float
        The unfavourable 0.9 quantile: the constant that is enough for nine draws of ten.
    limit : float
        The 99 % limit of that quantile on the unfavourable side; inf, or 0 for a lower bound,
        where the draws are too few.
    """

    median: float
    low: float
    high: float
    quantile: float
    limit: float


NO_CONSTANT = Constant(math.nan, math.nan, math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Start:
    """From which size on a claim holds with its declared constant.

    Attributes
    ----------
    median, quantile : float or None
        The first size from which the median, and the 0.9 quantile, stay within the bound.
    worst : float or None
        The size at which the 0.9 quantile is farthest beyond the bound; None where none is.
    worst_median, worst_quantile : float
        By which factor the median, and the 0.9 quantile, violate the bound there.
    """

    median: float | None
    quantile: float | None
    worst: float | None = None
    worst_median: float = math.nan
    worst_quantile: float = math.nan


NO_START = Start(None, None)


@dataclass(frozen=True)
class Tested:
    """Which symbols a path moves.

    Attributes
    ----------
    moved, fixed : tuple of str
        The symbols of the bound that move along the path, and those that do not.
    beside : tuple of str
        What moves too and does not stand in the bound.
    """

    moved: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What a verdict rests on, in words."""
        if self.moved:
            told = f"tests {', '.join(self.moved)}"
        else:
            told = "tests only that the left side does not outgrow a bound that stays"
        if self.beside:
            move = "moves" if len(self.beside) == 1 else "move"
            told += f"; {', '.join(self.beside)} {move} too, which the bound does not name"
        return told + (f"; {', '.join(self.fixed)} fixed" if self.fixed else "")


NOT_TESTED = Tested()
