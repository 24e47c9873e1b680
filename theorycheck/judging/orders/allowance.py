"""How fast an order lets the implied constant grow along a path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
COUNTS = ("d", "n", "m", "K")  # the logarithm that O~ hides is of their product


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
    def of(
        cls,
        power: float,
        sizes: int,
        counts: Mapping[str, Floats],
        argument: Floats | None = None,
    ) -> Allowance:
        """Return the allowance along a path, by what is known of d, n, m and K at its sizes.

        `argument` is d n m K / delta itself, where not all four are known.
        """
        moved = [name for name in COUNTS if name in counts and len(set(counts[name].tolist())) > 1]
        if moved[:1] == ["d"]:
            return cls(np.log(counts["d"]), np.log1p(counts["d"]), power, "d")
        if moved and argument is None:
            argument = np.prod([counts[name] for name in COUNTS], axis=0) / DELTA
        if argument is None:
            nothing = np.ones(sizes)
            return cls(nothing, nothing, power, "")
        logarithms = np.log(argument)
        others = np.log1p(counts[moved[0]]) if moved else logarithms
        return cls(logarithms, others, power, "d n m K / delta")

    @classmethod
    def along(cls, claim: Claim, points: Sequence[Point]) -> Allowance:
        """Return the allowance of a claim along a path of problems."""
        counts = {
            name: np.array([getattr(problem, name) for problem, _ in points], float)
            for name in COUNTS
        }
        return cls.of(claim.log_power or 0.0, len(points), counts)

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
