"""Where theorems on antipodal signals, and the sharp laws, put the boundary of a plane.

Each is an index that is 1 on its boundary. The theorem's hides a constant, which is taken to be 1:
n SNR^q for q >= 2, n mu^4/(sigma_n^4 d) at q = 1 (recalled*). The sharp one is the same index over
the value at which the predicted error is a given share of the way from the wrong labels to guessing
(derived, Theory, section 11): by the race of the classes for q > 2 and right labels, by the ReLU
curve at q = 1. At q = 2, and for wrong labels at q > 2, nothing sharp is known.
"""

from __future__ import annotations

import numpy as np
from sympy import Expr

import bounds
from bounds.averaged_laws import RELU_INDEX
from bounds.benign_overfitting import SNR_INDEX
from bounds.evaluation import value
from sims.arrays import Floats
from theorycheck.predictions.plane import WHOLE, Plane

POINTS = 100  # along an axis
COUNTED_POINTS = 30  # along one of samples or neurons, which the law of the race is drawn for anew


def theorem_index(plane: Plane) -> Expr | None:
    """Return the index of the theorems on the model of a plane; None where it is not theirs."""
    if plane.signals != "antipodal" or max(plane.values["p"]) < 1 or "p" in (plane.x, plane.y):
        return None
    if plane.q == 1:
        return RELU_INDEX
    return SNR_INDEX if plane.q >= 2 else None


def has_sharp_boundary(plane: Plane) -> bool:
    """Tell whether the error of the model of a plane is predicted."""
    raced = plane.q > 2 and plane.flip == 0
    return theorem_index(plane) is not None and (raced or plane.q == 1)


def boundary_points(name: str, first: float, last: float) -> Floats:
    """Return the values of a parameter at which boundaries are evaluated, rising past both ends."""
    if name not in WHOLE:
        return np.geomspace(first, last, POINTS)
    between = np.geomspace(first, last, POINTS if name == "d" else COUNTED_POINTS)
    return np.unique(np.maximum(1, [np.floor(first), *between.round(), np.ceil(last)]))


def theorem_values(plane: Plane, x: Floats, y: Floats) -> Floats:
    """Return the theorem's index over a plane, ``(Y, X)``."""
    index = theorem_index(plane)
    assert index is not None
    return np.array([[value(index, plane.at(one, other)) for one in x] for other in y])


def sharp_values(plane: Plane, x: Floats, y: Floats, excess: float = 0.5) -> Floats:
    """Return the same over what is predicted where the error has an excess, ``(Y, X)``."""
    needed = np.empty((len(y), len(x)))
    found: dict[tuple[int, int], float] = {}
    for row, other in enumerate(y):
        for column, one in enumerate(x):
            at = plane.at(one, other)
            sizes = int(at["n"]), int(at["m"])
            if sizes not in found:
                found[sizes] = _needed(plane, *sizes, excess)
            needed[row, column] = found[sizes]
    return theorem_values(plane, x, y) / needed


def _needed(plane: Plane, n: int, m: int, excess: float) -> float:
    """Return the index at which the predicted error has an excess."""
    if plane.q == 1:
        return bounds.relu_even_index(excess, plane.flip)
    # a class that has not learned is guessed
    return bounds.critical_quantile(1 - excess, 1.0, n, m, 2, plane.q)
