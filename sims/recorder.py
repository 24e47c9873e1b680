"""What a run records, and when: on a logarithmic schedule, and more where the loss falls."""

from __future__ import annotations

import math

import numpy as np

from sims.arrays import Floats
from sims.decomposition import Coefficients

RECORDS_PER_DECADE = 12
DECADES = 30
# An escape is over within a sliver of the schedule, so that records follow the loss too, by
# x = log(first loss / loss): a power of the coefficients that escape, long before it is seen.
FIRST_MOVE = 1e-6  # x of the first record that the loss asks for
MOVE_FACTOR = 4.0  # by which x grows to the next,
MOVE = 0.25  # or by how much, whichever is less


class Recorder:
    """Collects what is recorded: on a fixed logarithmic schedule, and more where the loss falls."""

    def __init__(self) -> None:
        decades = np.arange(RECORDS_PER_DECADE * DECADES + 1) / RECORDS_PER_DECADE
        self._schedule = np.unique(np.append(0.0, np.round(10.0**decades)))
        self._next = 0
        self._first_loss: float | None = None
        self._next_loss = math.inf
        self._records: dict[float, tuple[float, float, Coefficients]] = {}

    def due(self, step: float) -> list[float]:
        """Return the scheduled steps up to ``step`` that were not returned before."""
        first = self._next
        while self._next < len(self._schedule) and self._schedule[self._next] <= step:
            self._next += 1
        return [float(time) for time in self._schedule[first : self._next]]

    def moved(self, loss: float) -> bool:
        """Tell whether the loss has fallen so far since the last record that a record is due."""
        return loss <= self._next_loss

    def record(
        self, step: float, loss: float, gradient_norm2: float, coefficients: Coefficients
    ) -> None:
        """Keep loss, squared gradient norm and coefficients at a step."""
        self._records[float(step)] = (loss, gradient_norm2, coefficients)
        if not 0 < loss < math.inf:
            self._next_loss = -math.inf
            return
        if self._first_loss is None:
            self._first_loss = loss
        x = math.log(self._first_loss / loss)
        further = min(max(MOVE_FACTOR * x, FIRST_MOVE), x + MOVE)
        self._next_loss = self._first_loss * math.exp(-further)

    def arrays(self) -> dict[str, Floats]:
        """Return what was recorded, in the order of steps, as the arrays of a trajectory."""
        steps = sorted(self._records)
        losses, norms, coefficients = zip(*(self._records[step] for step in steps), strict=True)
        return {
            "steps": np.array(steps),
            "loss": np.array(losses),
            "gradient_norm2": np.array(norms),
            "gamma": np.array([c.gamma for c in coefficients]),
            "rho": np.array([c.rho for c in coefficients]),
        }
