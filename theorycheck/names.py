"""Names that may be shortened: a theorem by the start of its name, as `mild` for mild-pruning."""

from __future__ import annotations

from collections.abc import Iterable


def full_name(given: str, known: Iterable[str]) -> str:
    """Return the one known name that starts as given; what was given where there is none.

    ValueError where there are several, for then it names none.
    """
    names = list(known)
    begun = [name for name in names if name.startswith(given)]
    if not given or given in names or not begun:
        return given
    if len(begun) > 1:
        raise ValueError(
            f"THEOREM must name one theorem, and {given!r} begins {' and '.join(begun)}"
        )
    return begun[0]
