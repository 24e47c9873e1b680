"""Where a theorem and what is measured for it come from: the built-in ones, or a user's module.

A user's module is an ordinary Python file that builds a :class:`bounds.Theorem` from
:mod:`bounds.statements` and calls it ``THEOREM``; docs/own_theorem.md shows one. It may add

* ``QUANTITIES``: the left sides that are not built in, each a function of a run and its test loss;
* ``EVENTS``: the events that are not built in, each a function of the draw alone;
* ``FAMILY``: the path of problems to check it on.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import bounds
from bounds import Theorem
from theorycheck.family import BUILT_IN, Family, mild_family
from theorycheck.measure import EVENTS, QUANTITIES, InEvent, Quantity, measured_names

SUFFIX = ".py"


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
    """

    theorem: Theorem
    quantities: Mapping[str, Quantity]
    in_event: InEvent
    family: Family | None = None


def is_module(reference: str) -> bool:
    """Tell whether a reference names a user's module and not a built-in theorem."""
    return reference.endswith(SUFFIX)


def find(reference: str) -> Subject:
    """Find a theorem by its id or the path of its module.

    Parameters
    ----------
    reference : str
        "mild-pruning", "over-pruning", or a path that ends in ``.py``.

    Returns
    -------
    Subject
        The theorem and how it is measured; a module is read once.

    Raises
    ------
    ValueError
        If there is no such theorem, the module cannot be imported or its names are not as
        documented.
    """
    if is_module(reference):
        return _of_module(str(Path(reference).resolve()))
    if reference not in bounds.THEOREMS:
        known = ", ".join(bounds.THEOREMS)
        raise ValueError(
            f"theorem must be one of {known} or the path of a module {SUFFIX}, got {reference!r}"
        )
    return _subject(bounds.THEOREMS[reference], {}, {}, None, reference)


def default_family(subject: Subject) -> Family:
    """Return the path a theorem is checked on unless told otherwise."""
    if subject.family is not None:
        return subject.family
    return BUILT_IN.get(subject.theorem.id, mild_family)()


@lru_cache(maxsize=32)
def _of_module(path: str) -> Subject:
    module = _import(path)
    theorem = getattr(module, "THEOREM", None)
    if not isinstance(theorem, Theorem):
        raise ValueError(f"{path} must define THEOREM, a bounds.Theorem, got {theorem!r}")
    if theorem.id in bounds.THEOREMS:
        raise ValueError(f"the id of THEOREM in {path} must be its own, got {theorem.id!r}")
    family = getattr(module, "FAMILY", None)
    if family is not None and not isinstance(family, Family):
        raise ValueError(f"FAMILY in {path} must be a theorycheck.Family, got {family!r}")
    own = [_named_functions(module, name, path) for name in ("QUANTITIES", "EVENTS")]
    return _subject(theorem, own[0], own[1], family, path)


def _subject(
    theorem: Theorem,
    quantities: Mapping[str, Quantity],
    events: Mapping[str, InEvent],
    family: Family | None,
    where: str,
) -> Subject:
    """Join a theorem with the quantities and the event it names; refuse unknown names."""
    known = {**QUANTITIES, **quantities}
    for name in measured_names(theorem):
        if name not in known:
            raise ValueError(
                f"a claim in {where} must measure one of {', '.join(known)}, got {name!r}"
            )
    inside = {**EVENTS, **events}
    if theorem.inside not in inside:
        raise ValueError(
            f"the event of {where} must be one of {', '.join(inside)}, got {theorem.inside!r}"
        )
    return Subject(theorem, known, inside[theorem.inside], family)


def _import(path: str) -> ModuleType:
    if not Path(path).is_file():
        raise ValueError(f"theorem module {path} must be a file, and is none")
    name = "theorem_" + hashlib.sha256(path.encode()).hexdigest()[:16]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"theorem module {path} must be a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses of the module look themselves up here
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ValueError(
            f"theorem module {path} must import, and raised {type(error).__name__}: {error}"
        ) from error
    return module


def _named_functions(module: ModuleType, name: str, path: str) -> Mapping[str, Any]:
    found = getattr(module, name, {})
    named = isinstance(found, Mapping) and all(
        isinstance(key, str) and callable(function) for key, function in found.items()
    )
    if not named:
        raise ValueError(f"{name} in {path} must map names to functions, got {found!r}")
    return found
