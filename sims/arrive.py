"""What follows an accepted step along the flow: records, endings, and the way back to descent."""

from __future__ import annotations

import numpy as np

from sims import flow, leap
from sims.arrays import Booleans, Floats, Integers
from sims.dense import at
from sims.descent import HELD_UP_REASON, held_up
from sims.leap import Step
from sims.rows import Rows
from sims.system import Systems

CLOCK_PRECISION = 4 * np.finfo(float).eps
MOST_TRIES = 50_000  # steps a leap; ordinary runs take a few hundred to a few thousand


def arrive(rows: Rows, step: Step) -> None:
    """Move the rows whose step was accepted to where it led."""
    here = np.flatnonzero(step.accepted)
    if len(here) == 0:
        return
    places, seen, settings = step.group[here], step.seen, rows.settings
    times = rows.begin[step.group] + step.clock
    ratios, of_all = flow.step_ratios(seen, step.after, times, rows.scale[step.group])
    began = rows.clock[places]
    rows.c[places], rows.clock[places] = step.after[here], step.clock[here]
    rows.last_h[places] = step.h[here]
    rows.tries[places] += 1
    rows.since_look[places] += 1
    rows.error[places] += flow.SPEED_ERROR * ratios[here] ** 2 * step.h[here]
    corrected = (of_all[here] > flow.NEGLIGIBLE_RATIO * settings.rtol) & settings.correction
    rows.corrected[places] = corrected
    rows.f[places] = seen.update[here]
    rows.f[places[corrected]] -= seen.half[here[corrected]]
    losses, times = seen.loss[here], times[here]
    rows.told(places, losses)
    reached = losses <= rows.target[places]
    inside = np.flatnonzero(reached | (times >= rows.due_step[places]))
    if len(inside):
        _look_inside(rows, step, here[inside], began[inside], reached[inside])
    moved = ~reached & (losses <= rows.due_loss[places])
    if moved.any():
        systems = step.systems.take(here[moved])
        rows.record(places[moved], times[moved], systems, rows.c[places[moved]])
    floors = step.systems.loss_floors(seen.z)[here]
    _go_on(rows, places[~reached], losses[~reached], floors[~reached], ratios[here][~reached])


def _look_inside(rows: Rows, step: Step, here: Integers, began: Floats, reached: Booleans) -> None:
    """Record the scheduled times of a step; stop rows where the loss crosses its target."""
    places, systems, before = step.group[here], step.systems.take(here), step.before[here]
    terms, h = step.inside(here), step.h[here]
    row: list[int] = []
    times: list[float] = []
    for i, place in enumerate(places.tolist()):
        if reached[i]:
            own = [term[i : i + 1] for term in terms]
            only = systems.take(slice(i, i + 1))
            _cross(rows, place, only, before[i : i + 1], own, float(began[i]), float(h[i]))
        due = rows.due(place, float(rows.begin[place] + rows.clock[place]))
        row += [i] * len(due)
        times += due
    for first in range(0, len(row), len(here)):  # a copy of the matrices is no larger than before
        part = slice(first, first + len(here))
        of, when = np.array(row[part]), np.array(times[part])
        x = (when - rows.begin[places[of]] - began[of]) / h[of]
        rows.record(places[of], when, systems.take(of), at(before, terms, of, x))


def _cross(
    rows: Rows, place: int, systems: Systems, before: Floats, terms: list[Floats],
    began: float, h: float,
) -> None:  # fmt: skip
    """Stop a row just after its loss crosses the target within its last step."""
    from scipy.optimize import brentq

    only, target, ended = np.zeros(1, int), rows.target[place], float(rows.clock[place])

    def path(clock: float) -> Floats:
        return at(before, terms, only, np.array([(clock - began) / h]))

    def excess(clock: float) -> float:
        return float(flow.losses(systems, path(clock))[0] - target)

    if excess(began) <= 0:  # interpolation and step may disagree in the last digit
        clock = began
    elif excess(ended) > 0:
        clock = ended
    else:
        precision = 1e-12 * (ended - began)
        clock = float(brentq(excess, began, ended, xtol=precision, rtol=CLOCK_PRECISION))
        beyond = 2 * (precision + CLOCK_PRECISION * clock)
        clock = clock if excess(clock) <= 0 else min(clock + beyond, ended)
    rows.c[place], rows.clock[place] = path(clock)[0], clock
    time = float(rows.begin[place] + rows.clock[place])
    loss = float(flow.losses(systems, rows.c[place : place + 1])[0])
    rows.finish(place, "reached", f"the loss reached {target:g} at step {time:.10g}", loss)


def _go_on(rows: Rows, places: Integers, losses: Floats, floors: Floats, ratios: Floats) -> None:
    """End rows, hand them over to exact descent, or let them leap on."""
    times = rows.time(places)
    stuck = held_up(floors, losses, rows.target[places])
    last = rows.clock[places] >= rows.end[places] - rows.begin[places]
    tired = rows.tries[places] >= MOST_TRIES
    large = ratios > flow.allowed_ratios(rows.settings.rtol, times)
    large &= rows.settings.hand_over
    over = stuck | last | (tired & ~large)
    for i in np.flatnonzero(over).tolist():
        place, loss, time = int(places[i]), float(losses[i]), float(times[i])
        if stuck[i]:
            rows.finish(place, "stalled", HELD_UP_REASON.format(loss), loss)
        elif last[i]:
            reason = f"the loss was still {loss:.4g} after {time:.10g} steps"
            rows.finish(place, "max-steps", reason, loss)
        else:
            reason = f"the flow was still at loss {loss:.4g} after {MOST_TRIES} integrator steps"
            rows.finish(place, "max-steps", reason, loss)
    rows.descend_from_here(places[large & ~over])
    on = places[~large & ~over]
    doubtful = on[rows.since_look[on] >= leap.LOOK]
    if len(doubtful):
        leap.reconsider(rows, doubtful)
