"""Which premises of a theorem a path of problems keeps, and where it does not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from bounds import REGIME, Condition, Theorem, benign_overfitting, regime
from bounds.evaluation import parameter
from sims.arrays import Booleans
from theorycheck.judging.facts import PathPremise
from theorycheck.judging.family import Family
from theorycheck.judging.slopes import tail
from theorycheck.judging.table import Point, parameters_at

# Powers of log(d) that a theorem leaves open.
OPEN_POWERS = (*regime.OPEN_POWERS, *benign_overfitting.OPEN_POWERS)

KEPT = 2.0  # a Theta is kept while its constant moves by no more than this factor
ROUNDING = 1e-9  # relative, of a hidden constant: a path may be laid along its edge
NAMED = 3  # sizes in a reason, before the last
WORDS = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than", "=": "exactly"}


@lru_cache(maxsize=256)
def path_premises(
    theorem: Theorem, family: Family, points: tuple[Point, ...]
) -> tuple[PathPremise, ...]:
    """Hold a path to every premise of a theorem.

    A yes-or-no premise is kept where it is true at every size of the tail; a one-sided one with a
    hidden constant, where its implied constant is on the right side of the declared one there; a
    Theta, whose value is free, where it moves by no more than a factor over the tail.
    """
    unknown = [name for name in family.released if name not in theorem.conditions]
    if unknown:
        known = ", ".join(theorem.conditions)
        raise ValueError(f"released must name premises among {known}, got {unknown[0]!r}")
    return tuple(_on_path(one, family, points) for one in theorem.conditions.values())


def unmet(premises: tuple[PathPremise, ...]) -> list[str]:
    """Say of each premise that a path is held to and does not keep why."""
    return [one.reason for one in premises if one.state == "not kept"]


def regime_left(theorem: Theorem, family: Family, points: tuple[Point, ...]) -> tuple[str, ...]:
    """Name the premises of the regime with a hidden constant that a path does not keep.

    A path along a lone parameter may leave them, for it tests the bounds and not the theorem; a
    premise of the theorem's own, or of a user, it may not.
    """
    regime = [one for one in theorem.conditions.values() if one.hidden and is_of_regime(one)]
    return tuple(one.id for one in regime if _on_path(one, family, points).state == "not kept")


def is_of_regime(condition: Condition) -> bool:
    """Tell a premise of the regime, as it is declared there, from a theorem's own."""
    return REGIME.get(condition.id) == condition


def _on_path(condition: Condition, family: Family, points: tuple[Point, ...]) -> PathPremise:
    implied = [_implied(condition, point) for point in points]
    late = tail([family.progress(*point) for point in points])
    kept = _kept(condition, points, implied, late)
    steps = list(zip(family.sizes, implied, late, kept, strict=True))
    left = [(size, constant) for size, constant, counts, here in steps if counts and not here]
    state = "not kept" if left else "kept"
    if condition in OPEN_POWERS:
        state = "reported"
    if condition.id in family.released:
        state = "released"
    return PathPremise(
        condition.id,
        condition.statement,
        _relation(condition),
        condition.constant_name,
        condition.constant,
        tuple(implied),
        state,
        tuple(size for size, _, _, here in steps if not here) if state != "reported" else (),
        _reason(condition, family.along, left) if state == "not kept" else "",
    )


def _implied(condition: Condition, point: Point) -> float:
    """Return the implied constant at a problem; nan where it has no real value."""
    parameters = parameters_at(point)
    try:
        return condition.implied_constant(parameters)
    except ValueError:
        for symbol in condition.expression.free_symbols:
            parameter(parameters, symbol.name)  # one that asks for what is not there is wrong
        return math.nan


def _kept(
    condition: Condition, points: Sequence[Point], implied: Sequence[float], tail: Booleans
) -> list[bool]:
    """Tell at which sizes of a path a premise is kept; a Theta is kept over the tail, or not."""
    if not condition.hidden:
        return [condition.holds(parameters_at(point)) is True for point in points]
    declared, constants = condition.constant, np.array(implied)
    rounding = ROUNDING * abs(declared)
    if condition.direction == "upper":
        return (constants <= declared + rounding).tolist()
    if condition.direction == "lower":
        return (constants >= declared - rounding).tolist()
    late = constants[tail]  # where one of them is nan, so are both ends
    return (~tail | (late.max() <= KEPT * late.min() * (1 + ROUNDING))).tolist()


def _relation(condition: Condition) -> str:
    """Return the sign between the implied and the declared constant."""
    if condition.direction == "both":
        return "Theta" if condition.hidden else "="
    sign = ">" if condition.direction == "lower" else "<"
    return sign if condition.strict else f"{sign}="


def _reason(condition: Condition, along: str, left: Sequence[tuple[float, float]]) -> str:
    """Say where the tail leaves a premise, and with which constant."""
    premise, name = f"the premise {condition.statement}", condition.constant_name or "it"
    span, relation = _span([constant for _, constant in left]), _relation(condition)
    if relation == "Theta":
        factor = f"more than a factor {KEPT:g}"
        return f"{premise} is not kept: over the tail {name} is {span}, and moves by {factor}"
    sizes = [f"{size:g}" for size, _ in left]
    at = ", ".join(sizes[:NAMED]) + (f" .. {sizes[-1]}" if len(sizes) > NAMED else "")
    verb, known = ("is not kept", "declared") if condition.hidden else ("fails", "asked")
    asked = f"{WORDS[relation]} {condition.constant:g} is {known}"
    return f"{premise} {verb} at {along} = {at}: {name} is {span} there, and {asked}"


def _span(constants: Sequence[float]) -> str:
    """Write the range of constants, some of which may be nan."""
    known = [one for one in constants if not math.isnan(one)]
    if not known:
        return "not defined"
    low, high = f"{min(known):.3g}", f"{max(known):.3g}"
    span = low if low == high else f"{low} to {high}"
    return span if len(known) == len(constants) else f"{span} or not defined"
