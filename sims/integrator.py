"""The integrator of the flow: order 8 where it is accuracy that limits the steps, else stabilized.

Near an escape the growing coefficients pass through many e-folds, and order 8 is worth its twelve
evaluations. On the plateaus in between nothing but the fast modes, long since at rest, holds its
steps down to about 6 divided by the spectral radius: there the stabilized method takes over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sims.arrays import Floats
from sims.stabilized import Stabilized

if TYPE_CHECKING:
    from scipy.integrate import DOP853

SHARE = 1e-2  # a step of order 8 may err by this fraction of rtol: it is the cheap part
SHARPEST = 1e-13  # tolerance of a step, whatever rtol is
LOOK = 20  # steps between two looks at whether the other method would do better
STIFF = 4.0  # step times spectral radius where stability limits order 8; it stays below 7 or so
FEWEST_STAGES = 2  # with no more than these a stabilized step gets no further than order 8


class Integrator:
    """Integrate ``dy/dt = f(y)`` with whichever method suits, stepped like a solver of scipy.

    Parameters
    ----------
    velocity : callable
        f.
    spectral_radius : callable
        Told y, returns the spectral radius of the Jacobian of f.
    y : (n,) array
        Where to start; the clock starts at 0.
    t_bound : float
        Where the clock ends.
    rtol : float
        Relative error that is allowed to times; the tolerances of steps are fractions of it.
    scale : (n,) array
        The size below which a component of y need not be resolved.
    """

    def __init__(
        self,
        velocity: Callable[[Floats], Floats],
        spectral_radius: Callable[[Floats], float],
        y: Floats,
        t_bound: float,
        rtol: float,
        scale: Floats,
    ) -> None:
        self._velocity, self._spectral_radius = velocity, spectral_radius
        self._t_bound, self._rtol, self._scale = t_bound, rtol, scale
        self._solver: DOP853 | Stabilized = self._order_8(0.0, y, None)
        self._steps = 0  # since the last look

    def step(self) -> None:
        """Take one step."""
        if self._steps == LOOK:
            self._reconsider()
            self._steps = 0
        self._solver.step()
        self._steps += 1

    def _reconsider(self) -> None:
        """Change the method if the last step was not what it is good at."""
        now = self._solver
        if isinstance(now, Stabilized):
            if now.stages <= FEWEST_STAGES:
                self._solver = self._order_8(now.t, now.y, now.step_size)
        elif now.step_size * self._spectral_radius(now.y) > STIFF:
            self._solver = self._stabilized(now.t, now.y, now.step_size)

    def _order_8(self, t: float, y: Floats, first_step: float | None) -> DOP853:
        from scipy.integrate import DOP853

        tolerance = max(SHARE * self._rtol, SHARPEST)
        if first_step is not None:
            first_step = min(first_step, self._t_bound - t)
        return DOP853(
            lambda _, y: self._velocity(y),
            t,
            y,
            self._t_bound,
            first_step=first_step,
            rtol=tolerance,
            atol=tolerance * self._scale,
        )

    def _stabilized(self, t: float, y: Floats, first_step: float) -> Stabilized:
        # at order 2 what the steps err by adds up to about the power 2/3 of their tolerance
        tolerance = max(min(self._rtol**1.5, SHARE * self._rtol), SHARPEST)
        return Stabilized(
            self._velocity,
            t,
            y,
            self._t_bound,
            self._spectral_radius,
            first_step,
            rtol=tolerance,
            atol=tolerance * self._scale,
        )

    @property
    def t(self) -> float:
        """The clock now."""
        return float(self._solver.t)

    @property
    def t_old(self) -> float:
        """The clock before the last step."""
        return float(self._solver.t_old)

    @property
    def step_size(self) -> float:
        """Length of the last step."""
        return float(self._solver.step_size)

    @property
    def y(self) -> Floats:
        """The solution now."""
        return self._solver.y

    @property
    def status(self) -> str:
        """Whether the clock is "running", has "finished", or "failed" to go on."""
        return self._solver.status

    def dense_output(self) -> Callable[[float], Floats]:
        """Return the solution over the last step, told the clock."""
        path: Callable[[float], Floats] = self._solver.dense_output()
        return path
