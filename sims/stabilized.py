r"""A stabilized explicit integrator for stiff gradient flows: Runge-Kutta-Chebyshev of order 2.

Where fast modes have died down and slow ones are left, the steps of a classical explicit method are
held down to about ``6 / rho``, rho the spectral radius of the Jacobian, however slowly the solution
moves. On a gradient flow the fast modes lie on the negative real axis, and there the method of

    B. P. Sommeijer, L. F. Shampine, J. G. Verwer, "RKC: An explicit solver for parabolic PDEs",
    J. Comput. Appl. Math. 88 (1998) 315-326

is stable up to ``rho h = 0.65 (s^2 - 1)`` with s stages: long steps cost the root of their length.
Each row of a stack has its own step, number of stages and error; arrays are of shape (R, ...).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sims.arrays import Booleans, Floats, Integers
from sims.dense import norms
from sims.system import per_row

DAMPING = 2 / 13  # epsilon of the paper, (2.3): keeps the stability polynomial away from +-1
STRETCH = 0.65  # stable for rho h up to this times s^2 - 1
MOST_STAGES = 1000  # bounds the rounding errors inside a step, which grow like s^2
REFRESH = 25  # steps until the spectral radius is asked for again
MARGIN = 1.2  # what it may grow by in between, or have been underestimated by
SAFETY = 0.8  # of the step that would give just the tolerated error
LEAST_FACTOR, LARGEST_FACTOR = 0.1, 10.0  # how much a step may differ from the one before


class Scheme(NamedTuple):
    r"""The coefficients of s stages: ``mu~_1`` and, from stage 2 on, one row per stage.

    ``Y_j = (1 - mu_j - nu_j) Y_0 + mu_j Y_{j-1} + nu_j Y_{j-2} + mu~_j h F_{j-1} + gamma~_j h F_0``
    """

    first: float
    rows: Floats  # (s - 1, 5)


@lru_cache(maxsize=256)
def scheme(s: int) -> Scheme:
    r"""Compute the coefficients of s stages, s at least 2 (the paper's (2.2) to (2.5)).

    With T_j the Chebyshev polynomials at ``w_0 = 1 + epsilon / s^2`` and ``w_1 = T'_s / T''_s``:
    ``b_j = T''_j / T'_j^2`` and ``a_j = 1 - b_j T_j``, from which all coefficients follow.
    """
    w0 = 1 + DAMPING / s**2
    T, dT, ddT = [1.0, w0], [0.0, 1.0], [0.0, 0.0]
    for j in range(2, s + 1):
        T.append(2 * w0 * T[j - 1] - T[j - 2])
        dT.append(2 * T[j - 1] + 2 * w0 * dT[j - 1] - dT[j - 2])
        ddT.append(4 * dT[j - 1] + 2 * w0 * ddT[j - 1] - ddT[j - 2])
    w1 = dT[s] / ddT[s]
    b = [ddT[max(j, 2)] / dT[max(j, 2)] ** 2 for j in range(s + 1)]
    rows = []
    for j in range(2, s + 1):
        mu, nu = 2 * w0 * b[j] / b[j - 1], -b[j] / b[j - 2]
        mu_tilde = 2 * w1 * b[j] / b[j - 1]
        gamma_tilde = -(1 - b[j - 1] * T[j - 1]) * mu_tilde
        rows.append((1 - mu - nu, mu, nu, mu_tilde, gamma_tilde))
    return Scheme(b[1] * w1, np.array(rows))


def stages(h: Floats, radius: Floats) -> tuple[Floats, Integers]:
    """Return the length of each row's step, (R,), and the stages that keep it stable, (R,)."""
    reach = np.minimum(h * radius / STRETCH, float(MOST_STAGES) ** 2)
    s = 1 + np.sqrt(1 + reach).astype(int)
    most = STRETCH * (MOST_STAGES**2 - 1) / np.where(radius > 0, radius, 1.0)
    return np.where(s > MOST_STAGES, most, h), np.minimum(s, MOST_STAGES)


def attempt(
    velocity: Callable[[Floats], Floats], y: Floats, f: Floats, h: Floats, s: Integers
) -> Floats:
    """Try a step h, (R,), with s stages, (R,), from y with velocity f: return where it leads.

    Rows come in the order of falling s, so that those still under way are always the first ones;
    told the first rows of y alone, velocity answers for these.
    """
    first, table = _coefficients(s, h)
    before, now = y, y + first * f
    end = now.copy()
    for j, (start, mu, nu, of_now, of_first) in enumerate(table, start=2):
        going = int(np.count_nonzero(s >= j))
        before, now = before[:going], now[:going]
        after = velocity(now)
        after *= of_now[:going]
        after += of_first[:going] * f[:going]
        after += start[:going] * y[:going]
        after += mu[:going] * now
        after += nu[:going] * before
        before, now = now, after
        end[:going] = after
    return end


def _coefficients(s: Integers, h: Floats) -> tuple[Floats, Floats]:
    """Return each row's ``mu~_1 h`` and, from stage 2 on, its five coefficients: (.., 5, R, ..).

    Those of velocities are times h.
    """
    table = np.zeros((int(s[0]) - 1, 5, len(s)))
    for place, count in enumerate(s.tolist()):
        table[: count - 1, :, place] = scheme(count).rows
    table[:, 3:] *= h
    first = np.array([scheme(count).first for count in s.tolist()])
    return per_row(first * h), table[..., None, None, None]


def errors(
    y: Floats, after: Floats, f: Floats, f_after: Floats, h: Floats, tolerated: Floats
) -> Floats:
    """Return each row's estimated error in units of what is tolerated, (R,); inf if no number."""
    estimate = 0.8 * (y - after) + per_row(0.4 * h) * (f + f_after)
    error = norms(estimate / tolerated)
    return np.where(np.isfinite(error), error, np.inf)


def shorter(h: Floats, error: Floats) -> Floats:
    """Return the step to try after one of length h was rejected, (R,)."""
    return h * np.maximum(LEAST_FACTOR, SAFETY * error ** (-1 / 3))


def next_steps(
    h: Floats, error: Floats, before: Floats, error_before: Floats, first: Booleans
) -> Floats:
    """Return the next step, (R,), from the errors of the last two; of one where it is the first."""
    error = np.maximum(error, 1e-10)
    factor = SAFETY * error ** (-1 / 3)
    trend = h / np.where(first, 1.0, before) * (error_before / error) ** (1 / 3)
    factor = np.where(first, factor, factor * trend)
    return h * np.minimum(np.maximum(factor, LEAST_FACTOR), LARGEST_FACTOR)


def company(s: Integers) -> Integers:
    """Return the rows to step together, in the order of falling stages, told those of all rows.

    A step lasts as long as its largest number of stages: rows with many more than the rest wait
    until others like them have come. The time a row takes does not depend on who else waits.
    """
    order = np.argsort(-s, kind="stable")
    falling = s[order]
    busy = np.cumsum(falling[::-1])[::-1] / falling  # rows at work on average, from each one on
    return order[int(np.argmax(busy)) :]
