"""Names as they are given: shortened, as `mild` for mild-pruning, or mistyped."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return the end of a refusal that names what is nearest; empty where nothing is near."""
    from difflib import get_close_matches

    nearest = get_close_matches(given, list(known), n=1)
    return f"; did you mean {nearest[0]}?" if nearest else ""


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
