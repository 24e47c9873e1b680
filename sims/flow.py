r"""Long times: the gradient flow that small steps of descent follow (Theory, section 5).

One step of descent adds ``f(c)`` to the coefficients. While a step changes the pre-activations by
a tiny relative amount, the steps lie on the solution of

    dc/dt = f(c) - (1/2) (df/dc) f(c),        t counted in steps,

up to second order in eta: the second term is the flow of the modified loss
``L + (eta/4) ||grad L||^2`` (backward error analysis). An adaptive integrator follows it over any
number of steps (:mod:`sims.leap`). Where a single step is no longer small the engine hands over to
exact descent (:mod:`sims.exact`), and takes over again when it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sims.arrays import Booleans, Floats
from sims.system import Systems, per_row

LARGEST_STEP_RATIO = 0.1  # beyond it the expansion in the step size means nothing
NEGLIGIBLE_GROWTH = 1e-2  # a coefficient that grows less than this over all time so far is at rest
SPEED_ERROR = 1.5  # times the squared ratio: next term of the expansion, for f growing like z^2
NEGLIGIBLE_RATIO = 1e-4  # of rtol: below it the next step of the flow does without the correction
QUIET = 0.3  # leaping starts when the step ratio is this far below what is allowed


@dataclass(frozen=True)
class FlowSettings:
    """How the flow is integrated.

    Attributes
    ----------
    rtol : float, default 1e-5
        Relative error of the step counts that is allowed to the leaping.
    correction : bool, default True
        Follow the modified loss (error of second order in eta); without, the plain one (first).
    hand_over : bool, default True
        Leave the flow for exact descent where one step is not small.
    """

    rtol: float = 1e-5
    correction: bool = True
    hand_over: bool = True


class Look(NamedTuple):
    """What R runs are like at some coefficients.

    Attributes
    ----------
    z : (R, K, m, N) array
        Pre-activations.
    loss : (R,) array
        Training losses.
    update : (R, K, m, N) array
        f, what a step of descent adds to the coefficients.
    half : (R, K, m, N) array
        ``(1/2) (df/dc) f``, half of what a step changes the next.
    """

    z: Floats
    loss: Floats
    update: Floats
    half: Floats

    def velocity(self, corrected: Booleans) -> Floats:
        """Return dc/dt of the modified loss where a run is corrected, else of the plain one."""
        return self.update - np.where(per_row(corrected), self.half, 0.0)


def pre_activations(systems: Systems, c: Floats) -> Floats:
    """Return z at c, kept from overflow: an integrator's trial step may land anywhere."""
    z = systems.pre_activations(c)
    return np.minimum(z, systems.largest, out=z)


def look(systems: Systems, c: Floats) -> Look:
    """Look at all that one evaluation can tell."""
    z = pre_activations(systems, c)
    losses, update, change = systems.linearized(z)
    half = change(systems.products(update))
    half *= 0.5
    return Look(z, losses(), update, half)


def velocity(systems: Systems, corrected: Booleans) -> Callable[[Floats], Floats]:
    """Return what tells dc/dt at some c, of all rows or of the first ones.

    Which rows follow the modified loss is told; it costs least where they come first.
    """
    last = int(np.max(np.flatnonzero(corrected), initial=-1)) + 1

    def first_rows(c: Floats) -> Floats:
        here = systems.first(len(c))
        z = pre_activations(here, c)
        count = min(last, len(c))
        if count == 0:
            return here.update(z)
        _, update, change = here.linearized(z)
        half = change(here.first(count).products(update[:count]))
        half *= 0.5
        if not corrected[:count].all():
            half[~corrected[:count]] = 0.0
        update[:count] -= half
        return update

    return first_rows


def losses(systems: Systems, c: Floats) -> Floats:
    """Return the training losses at c, (R,)."""
    return systems.losses_and_update(pre_activations(systems, c))[0]


def spectral_radius(systems: Systems, c: Floats) -> Floats:
    """Return the spectral radius of the flow's Jacobian, (R,)."""
    return systems.spectral_radius(pre_activations(systems, c))


def scale(systems: Systems) -> Floats:
    """Return what a coefficient must reach to matter: it moves its z by the size of its z."""
    norm2 = systems.norm2
    size = np.divide(np.abs(systems.initial), norm2, out=np.zeros_like(norm2), where=norm2 > 0)
    typical = np.sqrt(np.mean(size * size, axis=3, keepdims=True))
    return np.maximum(size, 1e-3 * typical) + np.finfo(float).tiny


def step_ratios(seen: Look, c: Floats, time: Floats, scale: Floats) -> tuple[Floats, Floats]:
    r"""Return each run's largest ``|(1/2) (df/dc) f| / |f|``, of movers and of all, (R,).

    This ratio is how much one step changes the next; its square is the relative error of the
    flow's speed. A coefficient that has hardly grown over all time so far is no mover.
    """
    speed = np.abs(seen.update)
    ratios = np.abs(seen.half)
    np.divide(ratios, speed, out=ratios, where=speed > 0)
    ratios[speed == 0] = 0.0
    speed *= per_row(np.maximum(time, 1.0))
    moving = speed > NEGLIGIBLE_GROWTH * (scale + np.abs(c))
    rows = len(c)
    of_all = ratios.reshape(rows, -1).max(axis=1)
    return np.where(moving, ratios, 0.0).reshape(rows, -1).max(axis=1), of_all


def allowed_ratios(rtol: float, time: Floats) -> Floats:
    """Return the step ratio up to which leaping keeps the error of the time below rtol.

    A ratio rho costs ``rho^2`` of a step per step. On the way to an escape rho grows by rho^2
    per step, so what is lost until then adds up to about rho steps: ``rho <= rtol * time``.
    """
    return np.maximum(np.sqrt(rtol) / 3, np.minimum(LARGEST_STEP_RATIO, rtol * time))
