"""A stack of runs in training: those that do the same are advanced together, in turn.

Follow one run: it enters a free place (:class:`sims.rows.Rows`), takes an exact step
(:mod:`sims.exact`), leaps along the flow if it may (:func:`sims.leap.begin`, ``try_order_8``,
``try_stabilized``; what a step leads to is in :mod:`sims.arrive`), returns to exact steps where
they are not small, and leaves when it has ended. Whoever else is in the stack changes when it is
its turn, and not a bit of what it does then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from sims import exact
from sims.arrays import Floats, Integers
from sims.arrive import arrive
from sims.descent import Ending
from sims.draw import Draw
from sims.flow import FlowSettings
from sims.leap import try_order_8, try_stabilized
from sims.rows import EXACT, NOBODY, ORDER_8, Report, Rows, Start

PATIENCE = 2  # two rows that have waited 5 turns go before 40 that were advanced the turn before


class Ended(NamedTuple):
    """A run that has ended.

    Attributes
    ----------
    number : int
        What the caller knows it by.
    draw : Draw
        Where it started.
    ending : Ending
        How it ended.
    recorded : dict
        The arrays of a trajectory.
    """

    number: int
    draw: Draw
    ending: Ending
    recorded: dict[str, Floats]


def train(
    size: int,
    supply: Callable[[int], list[Start]],
    settings: FlowSettings,
    report: Report | None = None,
) -> Iterator[Ended]:
    """Train runs of one shape, and hand each out when it has ended.

    Parameters
    ----------
    size : int
        How many places the stack has.
    supply : callable
        Told a number, returns as many runs or, at the end, fewer.
    settings : FlowSettings
        How the flow is integrated.
    report : callable, optional
        Told times and losses of the rows that moved.
    """
    rows = Rows(supply(size), settings, report)
    while True:
        free = np.flatnonzero(rows.does == NOBODY)
        if 4 * len(free) >= len(rows.does):  # starts are drawn together too
            for place, start in zip(free.tolist(), supply(len(free)), strict=False):
                rows.put(place, start)
        if not rows.does.any():
            return
        advance(rows)
        if rows.endings:
            yield from _leave(rows)


def advance(rows: Rows) -> None:
    """Advance the rows that do the same and have waited most: many a short time, few a long one.

    The fuller the arrays, the cheaper a row; but rows left behind would end alone.
    """
    rows.waited[rows.does != NOBODY] += 1
    waited = np.bincount(rows.does, rows.waited**PATIENCE)
    waited[NOBODY] = 0
    does = np.argmax(waited)
    group = np.flatnonzero(rows.does == does)
    rows.waited[group] = 0
    if does == EXACT:
        exact.descend(rows, group)
        return
    # a step that is tried may land anywhere
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        step = try_order_8(rows, group) if does == ORDER_8 else try_stabilized(rows, group)
        if step is not None:
            arrive(rows, step)


def _leave(rows: Rows) -> Iterator[Ended]:
    """Record the last step of the rows that have ended, and hand them out."""
    endings, rows.endings = rows.endings, {}
    diverged = {place for place, ending in endings.items() if ending.status == "diverged"}
    _record(rows, np.array(sorted(endings.keys() - diverged), int))
    for place in sorted(endings):
        if place in diverged and endings[place].step == 0:  # nothing was recorded
            nothing = np.zeros((1, *rows.c.shape[1:]))
            rows.keep(
                np.array([place]), np.zeros(1), np.full(1, np.inf), np.full(1, np.nan), nothing
            )
        recorded = rows.recorders[place].arrays()
        yield Ended(rows.numbers[place], rows.draws[place], endings[place], recorded)


def _record(rows: Rows, places: Integers) -> None:
    """Record rows where they are, which is where they ended."""
    if len(places) == 0:
        return
    systems = rows.systems.take(places)
    rows.record(places, rows.time(places), systems, rows.c[places])
