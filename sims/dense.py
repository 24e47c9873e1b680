"""What an integrator knows inside a step: the solution, as nested terms in ``x`` and ``1 - x``.

    y(x) = y_0 + x (F_0 + (1 - x) (F_1 + x (F_2 + (1 - x) (F_3 + ..)))),     0 <= x <= 1

Their number is odd: three are the cubic through both ends with their slopes, seven the dense output
of Dormand and Prince. Arrays are of shape (R, ...).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sims.arrays import Floats, Integers
from sims.system import per_row, row_sums


def hermite(y: Floats, after: Floats, f: Floats, f_after: Floats, h: Floats) -> list[Floats]:
    """Return the terms of the cubic through y and after with velocities f and f_after."""
    rise, steps = after - y, per_row(h)
    return [rise, steps * f - rise, 2 * rise - steps * (f + f_after)]


def at(y: Floats, terms: Sequence[Floats], rows: Integers, x: Floats) -> Floats:
    """Return the solution of some rows, each at its own x: an array with a row for each x."""
    part = per_row(x)
    result = np.zeros((len(rows), *y.shape[1:]))
    for i, term in enumerate(reversed(terms)):
        result += term[rows]
        result *= part if i % 2 == 0 else 1 - part
    result += y[rows]
    return result


def norms(array: Floats) -> Floats:
    """Return the root mean square of each row, (R,)."""
    size = array[0].size
    return np.sqrt(row_sums(array * array) / size)
