"""Numbers that are handed in to be judged: their shapes and their domains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sims.arguments import check_count
from sims.arrays import Floats


def is_number(value: Any) -> bool:
    """Tell a finite number."""
    return isinstance(value, int | float | np.number) and bool(np.isfinite(value))


def _array(name: str, given: Any, shape: str, dimensions: int) -> Floats:
    """Return an argument as floats of so many dimensions."""
    try:
        values = np.asarray(given, float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers of shape {shape}, got {given!r}") from None
    if values.ndim != dimensions or values.size == 0:
        raise ValueError(f"{name} must have shape {shape}, not empty, got {values.shape}")
    return values


def along_path(name: str, given: Any, sizes: int, least: float = 0.0) -> Floats:
    """Return one number for each size, each greater than the least."""
    values = _array(name, given, "(N,)", 1)
    if len(values) != sizes:
        raise ValueError(
            f"{name} must have a number for each of the {sizes} sizes, got {len(values)}"
        )
    wrong = values[~(np.isfinite(values) & (values > least))]
    if len(wrong):
        raise ValueError(
            f"{name} must hold finite numbers greater than {least:g}, got {wrong[0]:g}"
        )
    return values


def checked_sizes(given: Any, along: str) -> Floats:
    """Return what grows or falls along a path."""
    if not (isinstance(along, str) and along):
        raise ValueError(f"along must be the name of what the sizes are, got {along!r}")
    sizes = _array("sizes", given, "(N,)", 1)
    # the logarithm of d is taken, and the logarithm of that
    sizes = along_path("sizes", sizes, len(sizes), 1.0 if along == "d" else 0.0)
    steps = np.diff(sizes)
    if not ((steps > 0).all() or (steps < 0).all()):
        raise ValueError(f"sizes must rise or fall at every step, got {sizes.tolist()}")
    return sizes


def checked_measured(given: Any, sizes: int) -> Floats:
    """Return the left side, a row a draw and a column a size."""
    measured = _array("measured", given, "(seeds, N)", 2)
    if measured.shape[1] != sizes:
        raise ValueError(
            f"measured must have shape (seeds, {sizes}), a column for each size, "
            f"got {measured.shape}"
        )
    if (measured < 0).any():
        raise ValueError(
            "measured must hold numbers of at least 0, inf or nan, "
            f"got {measured[measured < 0][0]:g}"
        )
    return measured


def named_draws(seeds: Sequence[int] | None, draws: int) -> tuple[list[int], list[int]]:
    """Return the names of the draws, ascending, and the row of each."""
    named = list(range(draws)) if seeds is None else list(seeds)
    if len(named) != draws or len(set(named)) < draws:
        raise ValueError(
            f"seeds must name each of the {draws} draws by a number of its own, got {named}"
        )
    for seed in named:
        check_count("seeds", seed, 0)
    rows = sorted(range(draws), key=lambda row: named[row])
    return [int(named[row]) for row in rows], rows


def checked_symbols(
    given: Mapping[str, Any] | None, along: str, sizes: Floats
) -> dict[str, Floats]:
    """Return the symbols of a bound at each size."""
    known = {
        name: along_path(f"symbol {name}", values, len(sizes))
        for name, values in (given or {}).items()
    }
    if along in known and not np.array_equal(known[along], sizes):
        raise ValueError(
            f"symbol {along} must be equal to the sizes along {along}, got {known[along].tolist()}"
        )
    return known
