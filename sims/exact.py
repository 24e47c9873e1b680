"""Exact descent of the rows of a stack, one step of every row at a time."""

from __future__ import annotations

import numpy as np

from sims import leap
from sims.arrays import Booleans, Floats, Integers
from sims.descent import HELD_UP_REASON, LOOK, held_up
from sims.rows import EXACT, STRETCH, Rows
from sims.system import Systems


def descend(rows: Rows, group: Integers, most: int = STRETCH) -> None:
    """Take steps with some rows, as many as told or until one of them leaves exact descent."""
    systems = rows.gather(group)
    for _ in range(most):
        c = rows.c[group]
        losses, z, f = evaluate(systems, c)
        rows.told(group, losses)
        _record(rows, group, systems, losses, f)
        _end(rows, group, losses, systems, z)
        pausing = (rows.does[group] == EXACT) & (rows.clock[group] >= rows.stretch[group])
        if pausing.any():
            leap.begin(rows, group[pausing])
        after = c + f
        still = (after == c).reshape(len(c), -1).all(axis=1)
        _stall(rows, group[still], losses[still])
        going = rows.does[group] == EXACT
        rows.c[group[going]] = after[going]
        rows.clock[group[going]] += 1
        if not going.all():
            return


def evaluate(systems: Systems, c: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the losses, infinite where pre-activations have left all bounds, z and update f."""
    z = systems.pre_activations(c)
    inside = z.reshape(len(z), -1).max(axis=1) <= systems.largest  # False for NaN
    if not inside.all():
        z[~inside] = 0.0
    losses, f = systems.losses_and_update(z)
    return np.where(inside, losses, np.inf), z, f


def _record(rows: Rows, group: Integers, systems: Systems, losses: Floats, f: Floats) -> None:
    """Record the rows whose step is scheduled, or whose loss has moved."""
    times = rows.time(group)
    wanted = (times >= rows.due_step[group]) | (losses <= rows.due_loss[group])
    wanted &= np.isfinite(losses)
    if not wanted.any():
        return
    places = group[wanted]
    for place, time in zip(places.tolist(), times[wanted].tolist(), strict=True):
        rows.due(place, time)
    here = systems.take(np.flatnonzero(wanted))
    scaled = rows.c[places] * here.norm2
    rows.keep(places, times[wanted], losses[wanted], here.gradient_norm2(f[wanted]), scaled)


def _end(rows: Rows, group: Integers, losses: Floats, systems: Systems, z: Floats) -> None:
    """End the rows that have diverged, reached their target or their last step, or are stuck."""
    times, targets = rows.time(group), rows.target[group]
    over = ~np.isfinite(losses) | (losses <= targets) | (times >= rows.end[group])
    look: Booleans = times % LOOK == 0
    if look.any():
        look &= held_up(systems.loss_floors(z), losses, targets)
        over |= look
    for at in np.flatnonzero(over).tolist():
        place, loss, time = int(group[at]), float(losses[at]), float(times[at])
        if not np.isfinite(loss):
            rows.finish(place, "diverged", f"the logits left all bounds at step {time:g}", loss)
        elif loss <= targets[at]:
            reason = f"the loss reached {targets[at]:g} at step {time:.10g}"
            rows.finish(place, "reached", reason, loss)
        elif time >= rows.end[place]:
            reason = f"the loss was still {loss:.4g} after {time:.10g} steps"
            rows.finish(place, "max-steps", reason, loss)
        else:
            rows.finish(place, "stalled", HELD_UP_REASON.format(loss), loss)


def _stall(rows: Rows, places: Integers, losses: Floats) -> None:
    """End those of the rows that would step, but that no step changes."""
    for place, loss in zip(places.tolist(), losses.tolist(), strict=True):
        if rows.does[place] == EXACT:
            step = float(rows.begin[place] + rows.clock[place])
            reason = f"no weight changes any more after step {step:.10g}"
            rows.finish(place, "stalled", reason, loss)
