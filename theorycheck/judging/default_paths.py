"""The paths of the default check."""

from theorycheck.judging.exponent_paths import ExponentPath


def default_paths(theorem: str) -> list[ExponentPath]:
    """Return the paths that a built-in theorem is checked on; none for one of a user's own."""
    return []
