"""What the runs of one survey say about another index, without a run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from bounds import Boundary
from sims.arrays import Floats
from theorycheck.judging.boundaries.survey import APART, SIDE_DRAWS, Survey, median_index
from theorycheck.judging.boundary_paths import START, Place, problem_at


def reread(found: Survey, index: Boundary) -> Survey:
    """Return the survey of a boundary with another index, from the crossings that are known.

    Where a draw crosses is a value of the symbol that crosses, whatever the index; that value has
    the other index there. Sides are read off the crossings too: success is taken to change once.

    Parameters
    ----------
    found : Survey
        What was run.
    index : Boundary
        The other boundary, of the same left side; its index must depend on the same symbol.

    Returns
    -------
    Survey
        Its `runs` are those of `found`.

    Raises
    ------
    ValueError
        If the other index has no value where a draw crosses.
    """
    critical = {
        place: _translated(here, _translator(found, index, place))
        for place, here in found.critical.items()
    }
    located = median_index(critical[START])
    if not 0 < located < math.inf:
        return Survey(index, found.paths, critical, {}, found.runs)
    sides = {
        (place, factor): _sides(critical[place][:SIDE_DRAWS], located, factor)
        for place, factor in found.sides
    }
    return replace(found, boundary=index, critical=critical, sides=sides)


def _translator(found: Survey, index: Boundary, place: Place) -> Callable[[float], float]:
    """Return what tells the logarithm of the other index where that of the own one is given."""

    @cache  # draws cross at few rungs
    def translate(log_index: float) -> float:
        problem = problem_at(found.boundary, found.paths, place, math.exp(log_index))
        values = {**problem.parameters(), "epsilon": found.paths.epsilon}
        return index.evaluate(values, log=True)

    return translate


def _translated(log_index: Floats, translate: Callable[[float], float]) -> Floats:
    """Translate what is finite; what is not crossed or not known stays so."""
    return np.array([translate(one) if math.isfinite(one) else one for one in log_index.tolist()])


def _sides(log_index: Floats, located: float, factor: float) -> tuple[bool | None, ...]:
    """Tell whether each draw lies on its side at a factor of the located index."""
    limit = math.log(located * factor)
    above = factor == APART
    return tuple(None if math.isnan(one) else (one <= limit) == above for one in log_index.tolist())
