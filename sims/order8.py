"""One step of every row with the method of order 8 of Dormand and Prince, as in the textbook.

    E. Hairer, S. P. Norsett, G. Wanner, "Solving Ordinary Differential Equations I", Sec. II.4-II.6

Each row has its own step h, error and decision. Coefficients, choice of the first step, control of
the error and dense output are those of ``scipy.integrate.DOP853``. Arrays are of shape (R, ...).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sims.arrays import Booleans, Floats
from sims.dense import hermite, norms
from sims.system import per_row

Velocity = Callable[[Floats], Floats]

SAFETY = 0.9  # of the step that would give just the tolerated error
LEAST_FACTOR, LARGEST_FACTOR = 0.2, 10.0  # how much a step may differ from the one before
STAGES = 12  # evaluations of a step


def tableau() -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Return the method's A, b, the weights of its two errors, and A and D of dense output."""
    from scipy.integrate import DOP853

    return DOP853.A, DOP853.B, DOP853.E3, DOP853.E5, DOP853.A_EXTRA, DOP853.D


def attempt(velocity: Velocity, y: Floats, f: Floats, h: Floats) -> tuple[Floats, Floats]:
    """Try a step h, (R,), from y with velocity f: return where it leads and its 12 slopes."""
    A, b, *_ = tableau()
    slopes = np.empty((len(y), STAGES, *y.shape[1:]))
    slopes[:, 0] = f
    for s in range(1, STAGES):
        slopes[:, s] = velocity(_ahead(y, h, A[s, :s], slopes[:, :s]))
    return _ahead(y, h, b, slopes), slopes


def _ahead(y: Floats, h: Floats, weights: Floats, slopes: Floats) -> Floats:
    """Return ``y + h sum_s weights_s slopes_s``."""
    result = combinations(weights[None], slopes)[:, 0]
    result *= per_row(h)
    result += y
    return result


def combinations(weights: Floats, slopes: Floats) -> Floats:
    """Return ``sum_s weights_{a,s} slopes_s``, (R, A, ..): one product of matrices a row."""
    rows, s = slopes.shape[:2]
    flat = slopes.reshape(rows, s, -1)
    return np.matmul(weights, flat).reshape(rows, len(weights), *slopes.shape[2:])


def errors(slopes: Floats, h: Floats, tolerated: Floats) -> Floats:
    """Return each row's estimated error in units of what is tolerated, (R,)."""
    _, _, E3, E5, *_ = tableau()
    estimates = combinations(np.array([E3[:STAGES], E5[:STAGES]]), slopes)
    err3, err5 = (norms(estimates[:, i] / tolerated) ** 2 for i in (0, 1))
    denominator = np.sqrt(err5 + 0.01 * err3)
    return np.where(err5 + err3 == 0, 0.0, h * err5 / np.where(denominator > 0, denominator, 1.0))


def factors(errors: Floats, after_rejection: Booleans) -> Floats:
    """Return how much longer each row's next try may be; shorter where it must be tried again."""
    with np.errstate(divide="ignore"):
        fitting = SAFETY * errors ** (-1 / 8)
    longer = np.where(after_rejection, 1.0, LARGEST_FACTOR)
    # an error that is no number is a rejection, and as short as it gets
    return np.where(
        errors < 1, np.minimum(longer, fitting), np.fmax(LEAST_FACTOR, np.minimum(fitting, 1.0))
    )


def first_steps(
    velocity: Velocity, y: Floats, f: Floats, bound: Floats, tolerated: Floats
) -> Floats:
    """Return the step to try first from y, whose clock ends at bound, (R,)."""
    d0, d1 = norms(y / tolerated), norms(f / tolerated)
    small = (d0 < 1e-5) | (d1 < 1e-5)
    h0 = np.minimum(np.where(small, 1e-6, 0.01 * d0 / np.where(small, 1.0, d1)), bound)
    d2 = norms((velocity(y + per_row(h0) * f) - f) / tolerated) / h0
    most = np.maximum(d1, d2)
    at_rest = most <= 1e-15
    h1 = np.where(
        at_rest, np.maximum(1e-6, h0 * 1e-3), (0.01 / np.where(at_rest, 1.0, most)) ** (1 / 8)
    )
    return np.minimum(np.minimum(100 * h0, h1), bound)


def inside(
    velocity: Velocity,
    y: Floats,
    after: Floats,
    slopes: Floats,
    f_after: Floats,
    h: Floats,
) -> list[Floats]:
    """Return the terms of dense output inside a step from y to after (:func:`sims.dense.at`)."""
    *_, A_extra, D = tableau()
    known = STAGES + 1
    extended = np.empty((len(y), known + len(A_extra), *y.shape[1:]))
    extended[:, :STAGES], extended[:, STAGES] = slopes, f_after
    for s, a in enumerate(A_extra, start=known):
        extended[:, s] = velocity(_ahead(y, h, a[:s], extended[:, :s]))
    terms = hermite(y, after, extended[:, 0], f_after, h)
    higher = combinations(D, extended)
    return terms + [per_row(h) * higher[:, i] for i in range(len(D))]
