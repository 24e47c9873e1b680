"""Which premises of a theorem a path of problems keeps."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from bounds import Condition, Theorem
from theorycheck.tabulate import Point, parameters_at

KEPT = 2.0  # a hidden constant is kept while it moves by no more than this factor


@lru_cache(maxsize=256)
def failing_premises(
    theorem: Theorem, points: tuple[Point, ...], released: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Name the yes-or-no premises that fail somewhere on a path.

    A premise with a hidden constant is no yes-or-no question and never fails here.

    Parameters
    ----------
    theorem : Theorem
        The theorem.
    points : tuple of (Problem, float)
        The problems of the path with their epsilons.
    released : tuple of str
        Ids of the premises that the path may leave.

    Returns
    -------
    tuple of str
        One sentence each.

    Raises
    ------
    ValueError
        If a released premise is none of the theorem's.
    """
    return tuple(
        f"the premise {condition.statement} fails"
        for condition in _asked(theorem, released)
        if any(condition.holds(parameters_at(point)) is False for point in points)
    )


@lru_cache(maxsize=256)
def broken_premise(
    theorem: Theorem, points: tuple[Point, ...], released: tuple[str, ...] = ()
) -> str:
    """Say which hidden constant a path does not keep; empty where it keeps all.

    The theorem's own premise must keep its declared constant; a Theta of the regime, any constant.
    Powers of log d are not asked: a path along d with m and n fixed would leave every one.

    Parameters
    ----------
    theorem, points, released
        As in :func:`failing_premises`.

    Returns
    -------
    str
        The first that is not kept, in words.

    Raises
    ------
    ValueError
        If a released premise is none of the theorem's.
    """
    for condition in _asked(theorem, released):
        name = condition.constant_name
        if not name.startswith("C"):
            continue
        constants = [condition.implied_constant(parameters_at(point)) for point in points]
        least, most = min(constants), max(constants)
        if condition.direction == "both" and most > KEPT * least:
            return f"the path does not keep {condition.statement}: {least:.3g} to {most:.3g}"
        if condition.id == theorem.id and condition.direction == "lower":
            declared = condition.constant
            if least < declared:
                return f"the path needs {name} <= {least:.3g} where {declared:g} is declared"
    return ""


def _asked(theorem: Theorem, released: Collection[str]) -> list[Condition]:
    """Return the premises that a path is held to."""
    unknown = [name for name in released if name not in theorem.conditions]
    if unknown:
        known = ", ".join(theorem.conditions)
        raise ValueError(f"released must name premises among {known}, got {unknown[0]!r}")
    return [one for one in theorem.conditions.values() if one.id not in released]
