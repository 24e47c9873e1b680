"""How fast an order lets the implied constant grow along a path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bounds import Claim
from sims.arrays import Booleans, Floats
from theorycheck.judging.slopes import DELTA, RESOLUTION, logarithm_slope
from theorycheck.judging.table import Point

BEYOND = 2.0  # further powers of the logarithm that are not told apart from a power
# A quantity that is exactly the power of the logarithm that an order allows has slopes on both
# sides of it, by rounding or by what is left of chance: so much more still counts as that power.
TIE = RESOLUTION / 10


@dataclass(frozen=True, eq=False)
class Allowance:
    """The power of a logarithm that an order allows, and the one that it does not exclude.

    Attributes
    ----------
    logarithms, others : (N,) array
        At each size: what O~ hides, which is log(d) where d moves and log(d n m K / delta) where n,
        m or K does, and the logarithm of that parameter itself; 1 where none of them moves.
    power : float
        The power that is allowed: 2 for O~ unless a claim declares another, 0 for other orders.
    argument : str
        What the logarithm is of, in words; empty where none moves.
    """

    logarithms: Floats
    others: Floats
    power: float
    argument: str

    @classmethod
    def of(cls, claim: Claim, points: Sequence[Point]) -> Allowance:
        """Return the allowance of a claim along a path."""
        values = {
            name: np.array([getattr(problem, name) for problem, _ in points], float)
            for name in ("d", "n", "m", "K")
        }
        moved = [name for name, here in values.items() if len(set(here.tolist())) > 1]
        nothing, power = np.ones(len(points)), claim.log_power or 0.0
        if not moved:
            return cls(nothing, nothing, power, "")
        others = np.log1p(values[moved[0]])
        if moved[0] == "d":
            return cls(np.log(values["d"]), others, power, "d")
        product = values["d"] * values["n"] * values["m"] * values["K"] / DELTA
        return cls(np.log(product), others, power, "d n m K / delta")

    def tolerated(self, progress: Floats, stretch: Booleans) -> float:
        """Return the slope that is allowed over a stretch; at least the resolution."""
        slope = logarithm_slope(self.power, progress[stretch], self.logarithms[stretch])
        return max(slope + TIE if slope > 0 else 0.0, RESOLUTION)

    def ceiling(self, progress: Floats, stretch: Booleans) -> float:
        """Return the slope up to which growth is not told apart from a logarithm's."""
        hidden = self.power + BEYOND if self.power else 1.0
        slope = logarithm_slope(hidden, progress[stretch], self.logarithms[stretch])
        alone = logarithm_slope(1.0, progress[stretch], self.others[stretch])
        return max(slope, alone)

    @property
    def words(self) -> str:
        """That power of the logarithm in words."""
        if not self.argument:
            return ""
        power = self.power + BEYOND if self.power else 1.0
        return f"log({self.argument})" + (f"^{power:g}" if power != 1 else "")
