"""Leaping: one step of an integrator along the flow, tried by many rows at once.

The method is of order 8 where it is accuracy that limits the steps, else stabilized. Near an escape
the growing coefficients pass through many e-folds, and order 8 is worth its twelve evaluations. On
the plateaus in between nothing but the fast modes, long since at rest, holds its steps down to
about 6 divided by the spectral radius: there the stabilized method takes over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sims import flow, order8, stabilized
from sims.arrays import Booleans, Floats, Integers
from sims.dense import hermite
from sims.rows import ORDER_8, STABILIZED, Rows
from sims.system import Systems

SHARE = 1e-2  # a step of order 8 may err by this fraction of rtol: it is the cheap part
SHARPEST = 1e-13  # tolerance of a step, whatever rtol is
LOOK = 20  # steps between two looks at whether the other method would do better
STIFF = 4.0  # step times spectral radius where stability limits order 8; it stays below 7 or so
FEWEST_STAGES = 2  # with no more than these a stabilized step gets no further than order 8


class Step(NamedTuple):
    """A step that the rows of a group have tried, G of them.

    Attributes
    ----------
    group : (G,) int array
        Their places.
    systems : Systems
        Their recursions.
    before, after : (G, K, m, N) arrays
        The coefficients before the step and after it.
    h : (G,) array
        Its length.
    clock : (G,) array
        The clock after it.
    seen : Look
        What the rows are like after it.
    accepted : (G,) bool array
        Whether its error is tolerated.
    inside : callable
        Told positions in the group, returns the terms of the solution within the step.
    """

    group: Integers
    systems: Systems
    before: Floats
    after: Floats
    h: Floats
    clock: Floats
    seen: flow.Look
    accepted: Booleans
    inside: Callable[[Integers], list[Floats]]


def begin(rows: Rows, places: Integers) -> None:
    """Start to leap with the rows whose steps are small; give the others exact ones."""
    settings, time, c = rows.settings, rows.time(places), rows.c[places]
    systems = rows.systems.take(places)
    seen = flow.look(systems, c)
    ratio, _ = flow.step_ratios(seen, c, time, rows.scale[places])
    rows.descend_from_here(places)
    quiet = ratio <= flow.QUIET * flow.allowed_ratios(settings.rtol, time)
    leaping = np.flatnonzero(quiet | (not settings.hand_over))
    if len(leaping) == 0:
        return
    places, c = places[leaping], c[leaping]
    f = seen.update[leaping] - seen.half[leaping] if settings.correction else seen.update[leaping]
    rows.does[places], rows.corrected[places], rows.f[places] = ORDER_8, settings.correction, f
    rows.rejected[places], rows.tries[places], rows.since_look[places] = False, 0, 0
    velocity = flow.velocity(systems.take(leaping), rows.corrected[places])
    tolerated = order_8_tolerance(settings.rtol) * (rows.scale[places] + np.abs(c))
    bound = rows.end[places] - rows.begin[places]
    rows.h[places] = order8.first_steps(velocity, c, f, bound, tolerated)


def order_8_tolerance(rtol: float) -> float:
    """Return the relative error that a step of order 8 may have."""
    return max(SHARE * rtol, SHARPEST)


def stabilized_tolerance(rtol: float) -> float:
    """Return the relative error of a stabilized step; they add up to about its power 2/3."""
    return max(min(rtol**1.5, SHARE * rtol), SHARPEST)


def try_order_8(rows: Rows, group: Integers) -> Step | None:
    """Try a step of order 8."""
    group = group[np.argsort(~rows.corrected[group], kind="stable")]  # the corrected ones first
    clock, h = rows.clock[group], rows.h[group]
    least = 10 * np.spacing(clock)
    too_short = rows.rejected[group] & (h < least)
    if too_short.any():
        rows.descend_from_here(group[too_short])
        return try_order_8(rows, group[~too_short]) if not too_short.all() else None
    after_clock = np.minimum(clock + np.maximum(h, least), rows.end[group] - rows.begin[group])
    h = after_clock - clock
    systems, corrected = rows.gather(group), rows.corrected[group]
    velocity = flow.velocity(systems, corrected)
    c = rows.c[group]
    after, slopes = order8.attempt(velocity, c, rows.f[group], h)
    seen = flow.look(systems, after)
    tolerated = order_8_tolerance(rows.settings.rtol) * _size(rows, group, c, after)
    error = order8.errors(slopes, h, tolerated)
    accepted = error < 1
    rows.h[group] = h * order8.factors(error, rows.rejected[group])
    rows.rejected[group] = ~accepted

    def inside(at: Integers) -> list[Floats]:
        here = flow.velocity(systems.take(at), corrected[at])
        f_after = seen.velocity(corrected)[at]
        return order8.inside(here, c[at], after[at], slopes[at], f_after, h[at])

    return Step(group, systems, c, after, h, after_clock, seen, accepted, inside)


def try_stabilized(rows: Rows, group: Integers) -> Step | None:
    """Try a stabilized step."""
    stale = group[rows.stale[group]]
    if len(stale):
        radius = flow.spectral_radius(rows.systems.take(stale), rows.c[stale])
        rows.radius[stale], rows.stale[stale] = stabilized.MARGIN * radius, False
    bound = rows.end[group] - rows.begin[group]
    left = bound - rows.clock[group]
    h, s = stabilized.stages(np.minimum(rows.h[group], left), rows.radius[group])
    too_short = h < 10 * np.spacing(rows.clock[group])
    if too_short.any():
        rows.descend_from_here(group[too_short])
        return try_stabilized(rows, group[~too_short]) if not too_short.all() else None
    together = stabilized.company(s)
    group, h, s = group[together], h[together], s[together]
    bound, left = bound[together], left[together]
    systems, corrected = rows.gather(group), rows.corrected[group]
    c, f = rows.c[group], rows.f[group]
    after = stabilized.attempt(flow.velocity(systems, corrected), c, f, h, s)
    seen = flow.look(systems, after)
    f_after = seen.velocity(corrected)
    tolerated = stabilized_tolerance(rows.settings.rtol) * _size(rows, group, c, after)
    error = stabilized.errors(c, after, f, f_after, h, tolerated)
    accepted = error <= 1
    longer = stabilized.next_steps(
        h, error, rows.last_h[group], rows.last_error[group], rows.taken[group] == 0
    )
    rows.h[group] = np.where(accepted, longer, stabilized.shorter(h, error))
    rows.taken[group] += accepted
    rows.stages[group] = s
    rows.stale[group] = ~accepted | (rows.taken[group] % stabilized.REFRESH == 0)
    rows.last_error[group] = np.where(accepted, error, rows.last_error[group])
    after_clock = np.where(h >= left, bound, rows.clock[group] + h)

    def inside(at: Integers) -> list[Floats]:
        return hermite(c[at], after[at], f[at], f_after[at], h[at])

    return Step(group, systems, c, after, h, after_clock, seen, accepted, inside)


def _size(rows: Rows, group: Integers, c: Floats, after: Floats) -> Floats:
    """Return what the errors of a step are relative to."""
    size = np.maximum(np.abs(c), np.abs(after))
    size += rows.scale[group]
    return size


def reconsider(rows: Rows, places: Integers) -> None:
    """Change the method of rows whose last step was not what it is good at."""
    rows.since_look[places] = 0
    of_order_8 = places[rows.does[places] == ORDER_8]
    if len(of_order_8):
        radius = flow.spectral_radius(rows.systems.take(of_order_8), rows.c[of_order_8])
        stiff = of_order_8[rows.last_h[of_order_8] * radius > STIFF]
        rows.does[stiff], rows.h[stiff] = STABILIZED, rows.last_h[stiff]
        rows.taken[stiff], rows.last_error[stiff], rows.stale[stiff] = 0, 1.0, True
    others = places[rows.does[places] == STABILIZED]
    easy = others[(rows.taken[others] > 0) & (rows.stages[others] <= FEWEST_STAGES)]
    left = rows.end[easy] - rows.begin[easy] - rows.clock[easy]
    rows.does[easy], rows.h[easy] = ORDER_8, np.minimum(rows.last_h[easy], left)
    rows.rejected[easy] = False
