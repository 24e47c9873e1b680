r"""A stabilized explicit integrator for stiff gradient flows: Runge-Kutta-Chebyshev of order 2.

Where fast modes have died down and slow ones are left, the steps of a classical explicit method are
held down to about ``6 / rho``, rho the spectral radius of the Jacobian, however slowly the solution
moves. On a gradient flow the fast modes lie on the negative real axis, and there the method of

    B. P. Sommeijer, L. F. Shampine, J. G. Verwer, "RKC: An explicit solver for parabolic PDEs",
    J. Comput. Appl. Math. 88 (1998) 315-326

is stable up to ``rho h = 0.65 (s^2 - 1)`` with s stages: long steps cost the root of their length.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sims.arrays import Floats

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
    rows: tuple[tuple[float, float, float, float, float], ...]


@lru_cache(maxsize=256)
def scheme(s: int) -> Scheme:
    r"""Compute the coefficients of the method with s stages (the paper's (2.2) to (2.5)).

    With T_j the Chebyshev polynomials at ``w_0 = 1 + epsilon / s^2`` and ``w_1 = T'_s / T''_s``:
    ``b_j = T''_j / T'_j^2`` and ``a_j = 1 - b_j T_j``, from which all coefficients follow.

    Parameters
    ----------
    s : int
        The number of stages, at least 2.

    Returns
    -------
    Scheme
        The coefficients.
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
    return Scheme(b[1] * w1, tuple(rows))


class Stabilized:
    """Integrate ``dy/dt = f(y)``, stepped like a solver of ``scipy.integrate``.

    Parameters
    ----------
    velocity : callable
        f. Its Jacobian should have a spectrum near the negative real axis, but for a few modes
        that grow; those are followed for accuracy, as by any method.
    t : float
        The clock at the start.
    y : (n,) array
        Where to start.
    t_bound : float
        Where the clock ends.
    spectral_radius : callable
        Told y, returns the Jacobian's spectral radius, to a few percent.
    first_step : float
        The first step to try.
    rtol : float
        Relative error allowed to a step.
    atol : (n,) array
        Absolute error allowed to a step.

    Attributes
    ----------
    t, t_old : float
        The clock now and before the last step.
    y : (n,) array
        The solution now.
    status : str
        "running", "finished" at the end of the clock, or "failed" where steps get too short for it.
    step_size : float
        Length of the last step.
    stages : int
        Number of stages of the last step.
    """

    def __init__(
        self,
        velocity: Callable[[Floats], Floats],
        t: float,
        y: Floats,
        t_bound: float,
        spectral_radius: Callable[[Floats], float],
        first_step: float,
        rtol: float,
        atol: Floats,
    ) -> None:
        self._velocity, self._spectral_radius = velocity, spectral_radius
        self._rtol, self._atol = rtol, atol
        self.t, self.y, self.t_bound, self.status = t, y, t_bound, "running"
        self.t_old, self.step_size, self.stages = t, 0.0, 0
        self._f = velocity(y)
        self._next_step, self._taken, self._last_error = first_step, 0, 1.0

    def step(self) -> None:
        """Take one step whose estimated error is tolerated; shorten it until it is."""
        if self._taken % REFRESH == 0:
            self._radius = MARGIN * self._spectral_radius(self.y)
        while True:
            h, s = self._length_and_stages()
            if h < 10 * np.spacing(self.t):
                self.status = "failed"
                return
            with np.errstate(over="ignore", invalid="ignore"):  # a step too long may end anywhere
                y, f = self._attempt(h, s)
                error = self._error(h, y, f)
            if error <= 1:
                break
            self._next_step = h * max(LEAST_FACTOR, SAFETY * error ** (-1 / 3))
            self._radius = MARGIN * self._spectral_radius(self.y)
        self._next_step = h * self._growth(h, error)
        self.t_old, self._y_old, self._f_old = self.t, self.y, self._f
        last = h >= self.t_bound - self.t
        self.t, self.y, self._f = self.t_bound if last else self.t + h, y, f
        self.status = "finished" if last else "running"
        self.step_size, self.stages, self._last_error = h, s, error
        self._taken += 1

    def dense_output(self) -> Callable[[float], Floats]:
        """Return the cubic through the ends of the last step with their slopes, told the clock."""
        start, h = self.t_old, self.step_size
        y0, y1, f0, f1 = self._y_old, self.y, h * self._f_old, h * self._f

        def path(t: float) -> Floats:
            x = (t - start) / h
            bend: Floats = (1 - 2 * x) * (y1 - y0) + (x - 1) * f0 + x * f1
            return y0 + x * (y1 - y0) + x * (x - 1) * bend

        return path

    def _length_and_stages(self) -> tuple[float, int]:
        """Return the length of the next step and the stages that keep it stable."""
        h = min(self._next_step, self.t_bound - self.t)
        s = 1 + int(math.sqrt(1 + min(h * self._radius / STRETCH, MOST_STAGES**2)))
        if s <= MOST_STAGES:
            return h, s
        return STRETCH * (MOST_STAGES**2 - 1) / self._radius, MOST_STAGES

    def _attempt(self, h: float, s: int) -> tuple[Floats, Floats]:
        """Take a step of length h with s stages; return where it leads and the velocity there."""
        coefficients = scheme(s)
        y0, hf0 = self.y, h * self._f
        before, now = y0, y0 + coefficients.first * hf0
        for start, mu, nu, mu_tilde, gamma_tilde in coefficients.rows:
            after = (mu_tilde * h) * self._velocity(now)
            after += gamma_tilde * hf0
            after += start * y0
            after += mu * now
            after += nu * before
            before, now = now, after
        return now, self._velocity(now)

    def _error(self, h: float, y: Floats, f: Floats) -> float:
        """Return the estimated error of a step in units of what is tolerated, rms."""
        estimate = 0.8 * (self.y - y) + 0.4 * h * (self._f + f)
        estimate /= self._atol + self._rtol * np.maximum(np.abs(self.y), np.abs(y))
        error = math.sqrt(np.mean(estimate * estimate))
        return error if math.isfinite(error) else math.inf

    def _growth(self, h: float, error: float) -> float:
        """Return how much longer the next step may be, from the errors of the last two."""
        error = max(error, 1e-10)
        factor = SAFETY * error ** (-1 / 3)
        if self._taken > 0:
            factor *= h / self.step_size * (self._last_error / error) ** (1 / 3)
        return min(max(factor, LEAST_FACTOR), LARGEST_FACTOR)
