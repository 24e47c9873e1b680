"""Checks of arguments: one sentence with the name, the value and what is allowed."""

from __future__ import annotations

import math
import numbers
from typing import Any


def check_count(name: str, value: object, least: int) -> None:
    """Raise a ValueError unless ``value`` is an integer of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
        raise ValueError(f"{name} must be an integer of at least {least}, got {value!r}")


def _within(value: Any, least: float, most: float) -> bool:
    try:
        number = float(value)
    except OverflowError:  # an integer beyond all floats
        return False
    return least <= number <= most and number != math.inf


def check_number(name: str, value: object, least: float, most: float) -> None:
    """Raise a ValueError unless ``value`` is a finite number from ``least`` to ``most``."""
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not number or not _within(value, least, most):
        allowed = f"from {least:g} to {most:g}" if most < math.inf else f"of at least {least:g}"
        raise ValueError(f"{name} must be a finite number {allowed}, got {value!r}")
