"""Where each draw crosses a boundary: bisection on a ladder of values of the index."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sims.arrays import Floats

RATIO = 1.35  # of one rung to the next: a fifth of what draws scatter by, or less
START_RUNGS = 31  # a factor 8,000: the declared constant may be off by 90 either way
RUNGS = 15  # a factor 67, about what was found at the start


@dataclass(frozen=True)
class Ladder:
    """Values of the index, rising by one ratio, about a middle one."""

    middle: float
    rungs: int

    def index(self, rung: int) -> float:
        """Return the index at a rung, counted from 0."""
        return self.middle * RATIO ** (rung - self.rungs // 2)

    def about(self, index: float, rungs: int) -> Ladder:
        """Return a ladder about an index whose rungs are some of this one's, or in line with them.

        A draw that crosses at one index everywhere is then found at one index everywhere.
        """
        steps = round(math.log(index / self.middle) / math.log(RATIO))
        return Ladder(self.middle * RATIO**steps, rungs)


@dataclass(frozen=True)
class Bracket:
    """What is known of one draw's critical rung: the last that fails and the first that succeeds.

    -1 and the number of rungs stand for what lies beyond the ladder; `known` is False once a run
    could not tell, or lay outside the event.
    """

    low: int
    high: int
    known: bool = True

    @property
    def rung(self) -> int | None:
        """The rung to try next; None where nothing is left to try."""
        return (self.low + self.high) // 2 if self.known and self.high - self.low > 1 else None

    def after(self, success: bool | None) -> Bracket:
        """Return the bracket after the run at its rung; None where that run cannot tell."""
        rung = self.rung
        if rung is None:
            return self
        if success is None:
            return Bracket(self.low, self.high, known=False)
        return Bracket(self.low, rung) if success else Bracket(rung, self.high)

    def log_index(self, ladder: Ladder) -> float:
        """Return the logarithm of the critical index, half way between two rungs.

        -inf where every rung succeeds, inf where none does, nan where it is not known.
        """
        if not self.known:
            return math.nan
        if self.low < 0:
            return -math.inf
        if self.high >= ladder.rungs:
            return math.inf
        return math.log(ladder.index(self.low)) + math.log(RATIO) / 2


def untried(ladder: Ladder) -> Bracket:
    """Return the bracket of a draw of which nothing is known."""
    return Bracket(-1, ladder.rungs)


def log_indices(ladder: Ladder, brackets: Mapping[int, Bracket], seeds: Sequence[int]) -> Floats:
    """Return the logarithm of every draw's critical index, ``(S,)``."""
    return np.array([brackets[seed].log_index(ladder) for seed in seeds])
