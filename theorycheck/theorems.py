"""Where a theorem and what is measured for it come from: the built-in ones, or a user's module.

A user's module is an ordinary Python file that builds a :class:`bounds.Theorem` from
:mod:`bounds.statements` and calls it ``THEOREM``; docs/own_theorem.md shows one. It may add

* ``QUANTITIES``: the left sides that are not built in, each a function of a run and its test loss;
* ``EVENTS``: the events that are not built in, each a function of the draw alone;
* ``FAMILY``: the path of problems to check it on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import bounds
from bounds import Theorem
from theorycheck.family import BUILT_IN, Family, mild_family
from theorycheck.measure import EVENTS, QUANTITIES, InEvent, Quantity, measured_names
from theorycheck.theorem_module import (
    checked_event,
    checked_quantity,
    import_theorem,
    named_functions,
    read_module,
)

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
    sha256 : str
        Hash of the text of its module, without what that imports; empty for a built-in theorem.
    """

    theorem: Theorem
    quantities: Mapping[str, Quantity]
    in_event: InEvent
    family: Family | None = None
    sha256: str = ""


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
    text = read_module(path)
    module, theorem = import_theorem(path, text)
    family = getattr(module, "FAMILY", None)
    if family is not None and not isinstance(family, Family):
        raise ValueError(f"FAMILY in {path} must be a theorycheck.Family, got {family!r}")
    quantities = {
        name: checked_quantity(name, function)
        for name, function in named_functions(module, "QUANTITIES", QUANTITIES).items()
    }
    events = {
        name: checked_event(name, function)
        for name, function in named_functions(module, "EVENTS", EVENTS).items()
    }
    found = _subject(theorem, quantities, events, family, path)
    return replace(found, sha256=hashlib.sha256(text).hexdigest())


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
