"""Where a theorem and what is measured for it come from: the built-in ones, or a user's module.

A user's module is a Python file that builds a :class:`bounds.Theorem` and calls it ``THEOREM``;
docs/own_theorem.md shows one. It may add ``LEFT_SIDES``, functions of a run and its test loss;
``EVENTS``, functions of the draw alone; ``FAMILY``, the path of problems to check it on; and
``BOUNDARY_PATHS``, the paths of a boundary, by its id.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import sympy

import bounds
from bounds import Boundary, Claim, Condition, Theorem
from bounds.mutants import SMALLEST
from sims import Problem
from theorycheck.judging.boundary_paths import BoundaryPaths, paths_of
from theorycheck.judging.facts import PROBABILITY
from theorycheck.judging.family import BUILT_IN, Family, mild_family
from theorycheck.judging.quantities import (
    EVENTS,
    LEFT_SIDES,
    InEvent,
    LeftSide,
    checked_event,
    checked_quantity,
    line_in,
    names_in,
)
from theorycheck.judging.siblings.boundary_paths import SIBLING_BOUNDARY_PATHS
from theorycheck.names import did_you_mean, full_name

SUFFIX = ".py"
# In the letters of their papers; what is judged is in those of the engine.
BUILT_IN_THEOREMS: dict[str, Theorem] = {
    **bounds.THEOREMS,
    **bounds.SIBLING_THEOREMS,
    **bounds.THRESHOLD_THEOREMS,
}


@dataclass(frozen=True)
class Subject:
    """A theorem with what it takes to check it.

    Attributes
    ----------
    theorem : Theorem
        What it says.
    quantities : mapping of str to callable
        The left side of each claim, by the name in its `measure`.
    in_event : callable
        Whether a draw lies in the theorem's event.
    family : Family or None
        The path of problems that its module asks for.
    sha256 : str
        Hash of the text of its module, without what that imports; empty for a built-in theorem.
    boundary_paths : mapping of str to BoundaryPaths
        Where each of its boundaries is looked for, by id.
    """

    theorem: Theorem
    quantities: Mapping[str, LeftSide]
    in_event: InEvent
    family: Family | None = None
    sha256: str = ""
    boundary_paths: Mapping[str, BoundaryPaths] = field(default_factory=dict)


def is_module(reference: str) -> bool:
    """Tell whether a reference names a user's module and not a built-in theorem."""
    return reference.endswith(SUFFIX)


def find(reference: str) -> Subject:
    """Find a theorem by its id, the start of one, or the path of its module."""
    if is_module(reference):
        return _of_module(str(Path(reference).resolve()))
    reference = full_name(reference, BUILT_IN_THEOREMS)
    if reference not in BUILT_IN_THEOREMS:
        known = f"{', '.join(BUILT_IN_THEOREMS)} or the path of a module {SUFFIX}"
        hint = did_you_mean(reference, BUILT_IN_THEOREMS)
        raise ValueError(f"theorem must be one of {known}, got {reference!r}{hint}")
    theorem = bounds.in_engine_letters(BUILT_IN_THEOREMS[reference])
    given = {id: SIBLING_BOUNDARY_PATHS[id] for id in theorem.boundaries}
    crossed = paths_of(theorem.boundaries, given, reference)
    return replace(_subject(theorem, {}, {}, None, reference), boundary_paths=crossed)


def find_claims(reference: str) -> Subject:
    """Find a theorem that has claims; boundaries alone are for a whole check."""
    subject = find(reference)
    if not subject.theorem.claims:
        raise ValueError(
            f"theorem must have claims, got {reference!r}, whose boundaries `theorycheck verify` "
            "judges"
        )
    return subject


def default_family(subject: Subject) -> Family:
    """Return the path a theorem is checked on unless told otherwise."""
    if subject.family is not None:
        return subject.family
    return BUILT_IN.get(subject.theorem.id, mild_family)()


@lru_cache(maxsize=32)
def _of_module(path: str) -> Subject:
    text = read_module(path)
    module, stated = import_theorem(path, text)
    theorem = bounds.in_engine_letters(stated)
    family = getattr(module, "FAMILY", None)
    if family is not None and not isinstance(family, Family):
        raise ValueError(f"FAMILY in {path} must be a theorycheck.Family, got {family!r}")
    quantities = {
        name: checked_quantity(name, function)
        for list_name in ("LEFT_SIDES", "QUANTITIES")  # the second as it was called in 0.1.0
        for name, function in named_functions(module, list_name, LEFT_SIDES).items()
    }
    events = {
        name: checked_event(name, function)
        for name, function in named_functions(module, "EVENTS", EVENTS).items()
    }
    found = _subject(theorem, quantities, events, family, path)
    crossed = paths_of(theorem.boundaries, getattr(module, "BOUNDARY_PATHS", {}), path)
    return replace(found, sha256=hashlib.sha256(text).hexdigest(), boundary_paths=crossed)


def _subject(
    theorem: Theorem,
    quantities: Mapping[str, LeftSide],
    events: Mapping[str, InEvent],
    family: Family | None,
    where: str,
) -> Subject:
    """Join a theorem with the quantities and the event it names; refuse unknown names."""
    known = {**LEFT_SIDES, **quantities}
    everything: list[Claim | Boundary] = [*theorem.claims.values(), *theorem.boundaries.values()]
    for stated in everything:
        for name in names_in(stated):
            if name not in known:
                shown = ", ".join(one for one in known if SMALLEST not in one)
                raise ValueError(
                    f"{stated.id!r} in {where} must measure one of {shown}, or what LEFT_SIDES "
                    f"there defines, got {name!r}{did_you_mean(name, known)}"
                )
    inside = {**EVENTS, **events}
    if theorem.inside not in inside:
        raise ValueError(
            f"the event of {where} must be one of {', '.join(inside)}, got {theorem.inside!r}"
        )
    return Subject(theorem, known, inside[theorem.inside], family)


# What bounds are evaluated at: a problem, and the training loss that its runs stop at.
GIVEN = {*(field.name for field in fields(Problem)), "epsilon"} & set(bounds.SYMBOLS)


def read_module(path: str) -> bytes:
    """Return the text of a module."""
    if not Path(path).is_file():
        raise ValueError(f"theorem module {path} must be a file, and is none")
    return Path(path).read_bytes()


def import_theorem(path: str, text: bytes) -> tuple[ModuleType, Theorem]:
    """Import a module and return it with its theorem."""
    module = _import(path, text)
    theorem = getattr(module, "THEOREM", None)
    if not isinstance(theorem, Theorem):
        raise ValueError(f"{path} must define THEOREM, a bounds.Theorem, got {theorem!r}")
    if theorem.id in BUILT_IN_THEOREMS:
        raise ValueError(f"the id of THEOREM in {path} must be its own, got {theorem.id!r}")
    _check_by_id("claims", theorem.claims, Claim, path)
    _check_by_id("conditions", theorem.conditions, Condition, path)
    _check_by_id("boundaries", theorem.boundaries, Boundary, path)
    if not (theorem.claims or theorem.boundaries):
        raise ValueError(f"claims of THEOREM in {path} must hold at least one Claim, got none")
    for claim in theorem.claims.values():
        _check_claim(claim, path)
    for boundary in theorem.boundaries.values():
        _check_boundary(boundary, theorem, path)
    for condition in theorem.conditions.values():
        where = f"the expression of condition {condition.id!r} in {path}"
        _check_symbols(where, condition.expression, GIVEN)
    return module, theorem


def _import(path: str, text: bytes) -> ModuleType:
    name = "theorem_" + hashlib.sha256(path.encode()).hexdigest()[:16]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None:
        raise ValueError(f"theorem module {path} must be a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses of the module look themselves up here
    try:
        # not through the loader, which may take the compiled text of an earlier version
        exec(compile(text, path, "exec", dont_inherit=True), module.__dict__)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise ValueError(
            f"theorem module {path} must import, and raised {type(error).__name__}"
            f"{line_in(error, path)}: {error}"
        ) from error
    return module


def _check_by_id(
    name: str,
    found: Any,
    kind: type[Claim] | type[Condition] | type[Boundary],
    path: str,
) -> None:
    named = isinstance(found, Mapping) and all(
        isinstance(one, kind) and one.id == key for key, one in found.items()
    )
    if not named:
        raise ValueError(
            f"{name} of THEOREM in {path} must map the id of each bounds.{kind.__name__} to it, "
            f"got {found!r}"
        )


def _check_claim(claim: Claim, path: str) -> None:
    where = f"claim {claim.id!r} in {path}"
    if claim.id == PROBABILITY:
        raise ValueError(f"{where} must have another id: every check has its own claim of that id")
    if not isinstance(claim.order, bounds.Order):
        raise ValueError(f"{where} must have an order of bounds.statements, got {claim.order!r}")
    if claim.direction == "both" and claim.order.symbol != "exact":
        raise ValueError(f"{where} must be split into one that says O and one that says Omega")
    _check_symbols(f"the bound of {where}", claim.bound, {*GIVEN, *claim.hidden})
    for law in (claim.law, claim.smallest):
        if law is not None:
            _check_symbols(f"the law of {where}", law, GIVEN)


def _check_boundary(boundary: Boundary, theorem: Theorem, path: str) -> None:
    where = f"boundary {boundary.id!r} in {path}"
    if boundary.id in theorem.claims:
        raise ValueError(f"{where} must have an id that no claim has")
    _check_symbols(f"the index of {where}", boundary.index, GIVEN)
    try:
        found = bounds.unit(boundary.index)
    except bounds.UnitError as error:
        raise ValueError(f"the index of {where} must be unit-free: {error}") from error
    if sympy.simplify(found) != 0:
        raise ValueError(f"the index of {where} must be unit-free, and has the unit X^({found})")


def _check_symbols(where: str, expression: Any, known: Iterable[str]) -> None:
    """Let an expression be made of the symbols of `bounds.symbols` that have a value."""
    if not isinstance(expression, sympy.Expr):
        raise ValueError(f"{where} must be a sympy expression, got {expression!r}")
    names = sorted(set(known) & set(bounds.SYMBOLS))
    symbols = {bounds.SYMBOLS[name].symbol for name in names}
    if unknown := sorted(expression.free_symbols - symbols, key=str):
        raise ValueError(
            f"{where} must be made of {', '.join(names)} from bounds.symbols, got {unknown[0]}"
        )


def named_functions(
    module: ModuleType, name: str, taken: Iterable[str]
) -> Mapping[str, Callable[..., Any]]:
    """Return the functions that a module lists under a name, if it does."""
    found = getattr(module, name, {})
    named = isinstance(found, Mapping) and all(
        isinstance(key, str) and callable(function) for key, function in found.items()
    )
    if not named:
        raise ValueError(f"{name} in {module.__file__} must map names to functions, got {found!r}")
    if shadowing := sorted(set(found) & set(taken)):
        raise ValueError(
            f"{name} in {module.__file__} must have names that are not built in, "
            f"got {shadowing[0]!r}"
        )
    return found
