"""The runs of a stack, a row each: how far they are, and what was recorded of them.

A run keeps its place from its first step to its last; then the next run may take it. Every number
here belongs to one row alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sims import flow
from sims.arrays import Floats, Integers
from sims.decomposition import Coefficients
from sims.descent import Ending
from sims.recorder import Recorder
from sims.system import CoefficientSystem, Systems, stack

STRETCH = 20  # exact steps between two looks at whether the flow may take over
NOBODY, EXACT, ORDER_8, STABILIZED = 0, 1, 2, 3  # what a row does

Report = Callable[[Floats, Floats], None]


@dataclass(frozen=True, eq=False)
class Start:
    """A run that waits for a place: where it starts, and when it ends.

    Attributes
    ----------
    number : int
        What the caller knows it by.
    system : CoefficientSystem
        Its recursion.
    leaps : bool
        Whether it may follow the flow, or takes exact steps only.
    target_loss, max_steps : float
        Where it ends.
    """

    number: int
    system: CoefficientSystem
    leaps: bool
    target_loss: float
    max_steps: float


class Rows:
    """The places of a stack, as many as there are starts at first.

    Parameters
    ----------
    starts : sequence of Start
        Runs of one shape.
    settings : FlowSettings
        How the flow is integrated.
    report : callable, optional
        Told times and losses of the rows that moved, for progress.
    """

    def __init__(
        self,
        starts: Sequence[Start],
        settings: flow.FlowSettings,
        report: Report | None = None,
    ) -> None:
        R = len(starts)
        self.settings, self.report = settings, report
        self.systems = stack([start.system for start in starts])
        self._gathered: tuple[Integers, Systems] = (np.arange(R), self.systems)
        shape = self.systems.initial.shape
        self.numbers, self.draws = [0] * R, [start.system.draw for start in starts]
        self.recorders = [Recorder() for _ in starts]
        self.endings: dict[int, Ending] = {}
        self.does = np.full(R, NOBODY)
        self.waited = np.zeros(R, int)  # turns since the row was advanced
        self.c, self.f, self.scale = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        # the time is begin + clock: a clock that starts anew at every change between exact steps
        # and leaps keeps its digits for the short steps of an escape at a late time
        self.begin, self.clock, self.error = np.zeros(R), np.zeros(R), np.zeros(R)
        self.leaps, self.target, self.end = np.zeros(R, bool), np.zeros(R), np.zeros(R)
        self.stretch = np.zeros(R)  # exact steps before the row looks at whether to leap
        self.corrected = np.zeros(R, bool)  # whether its flow needs the second-order term
        self.h = np.zeros(R)  # the step to try next
        self.rejected = np.zeros(R, bool)  # whether the last try was
        self.tries = np.zeros(R, int)  # integrator steps of this leap
        self.since_look = np.zeros(R, int)  # steps since the method was in question
        self.last_h, self.last_error = np.zeros(R), np.zeros(R)  # of the last step
        # of the stabilized method: its steps, the last one's stages, and a bound of the radius
        self.taken, self.stages = np.zeros(R, int), np.zeros(R, int)
        self.radius, self.stale = np.zeros(R), np.zeros(R, bool)
        self.due_step, self.due_loss = np.zeros(R), np.zeros(R)  # of the next record
        for place, start in enumerate(starts):
            self._enter(place, start)

    def put(self, place: int, start: Start) -> None:
        """Give a free place to a run."""
        self.systems.put(place, start.system)
        self._gathered = (np.arange(len(self.does)), self.systems)
        self._enter(place, start)

    def _enter(self, place: int, start: Start) -> None:
        self.numbers[place], self.draws[place] = start.number, start.system.draw
        self.recorders[place] = Recorder()
        self.c[place] = 0.0
        self.begin[place] = self.clock[place] = self.error[place] = 0.0
        self.leaps[place] = start.leaps
        self.target[place] = start.target_loss if start.target_loss > 0 else -np.inf
        self.end[place] = start.max_steps
        # a first step tells what leaping cannot: that nothing moves, or all is over at once
        self.stretch[place] = 1 if start.leaps else np.inf
        self.scale[place] = flow.scale(self.systems.take(slice(place, place + 1)))[0]
        self.does[place] = EXACT
        self._ask(place)

    def time(self, places: Integers) -> Floats:
        """Return how many steps the rows are from their start."""
        return self.begin[places] + self.clock[places]

    def gather(self, places: Integers) -> Systems:
        """Return the systems of some rows as a stack; the same ones again cost nothing."""
        if not np.array_equal(self._gathered[0], places):
            self._gathered = (places, self.systems.take(places))
        return self._gathered[1]

    def told(self, places: Integers, losses: Floats) -> None:
        """Report where rows have got to."""
        if self.report is not None:
            self.report(self.time(places), losses)

    def descend_from_here(self, places: Integers) -> None:
        """Take exact steps next, for a stretch."""
        self.restart_clock(places)
        self.does[places], self.stretch[places] = EXACT, STRETCH

    def restart_clock(self, places: Integers) -> None:
        """Count from the time that the rows have reached."""
        self.begin[places] += self.clock[places]
        self.clock[places] = 0.0

    def finish(self, place: int, status: str, reason: str, loss: float) -> None:
        """Note that a row has ended."""
        time = float(self.begin[place] + self.clock[place])
        error = float(self.error[place])
        self.endings[place] = Ending(status, reason, time, loss, error)
        self.does[place] = NOBODY

    def record(self, places: Integers, times: Floats, systems: Systems, c: Floats) -> None:
        """Record rows at coefficients c of some time; a place may come more than once."""
        z = flow.pre_activations(systems, c)
        losses, f = systems.losses_and_update(z)
        self.keep(places, times, losses, systems.gradient_norm2(f), c * systems.norm2)

    def keep(
        self, places: Integers, times: Floats, losses: Floats, norm2: Floats, scaled: Floats
    ) -> None:
        """Keep loss, squared gradient norm and coefficients, c times squared norms, of rows."""
        K = scaled.shape[1]
        rows = zip(
            places.tolist(), times.tolist(), losses.tolist(), norm2.tolist(), scaled, strict=True
        )
        for place, time, loss, gradient, own in rows:
            # copies: a view would keep what is of all rows
            coefficients = Coefficients(own[:, :, :K].copy(), own[:, :, K:].copy())
            self.recorders[place].record(time, loss, gradient, coefficients)
            self._ask(place)

    def due(self, place: int, time: float) -> list[float]:
        """Return the scheduled times up to now that were not returned before."""
        times = self.recorders[place].due(time)
        self._ask(place)
        return times

    def _ask(self, place: int) -> None:
        recorder = self.recorders[place]
        self.due_step[place], self.due_loss[place] = recorder.next_step, recorder.next_loss
