"""Repeat one stored run, and compare what comes out with what is stored."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from theorycheck.running.spec import spec_from_columns
from theorycheck.running.stored_run import StoredRun, execute

# Relative, where sums round differently: other kernels of one BLAS move t* and the coefficients
# by up to 3e-7 and a loss by up to 5e-6 (rounding that an escape time magnifies).
TOLERANCE = 1e-4
STANDARD_ERRORS = 6.0  # beside it for test loss and error, whose points rounding may turn


@dataclass(frozen=True)
class Comparison:
    """A stored run beside the same run made again.

    Attributes
    ----------
    key : str
        The run.
    to_the_bit : bool
        Whether it was held to every bit: the machine and all versions are those of the store.
    difference : float
        The largest relative difference of what is compared; 0 where every bit agrees.
    agrees : bool
        Whether that is as little as it may be.
    reason : str
        One sentence.
    """

    key: str
    to_the_bit: bool
    difference: float
    agrees: bool
    reason: str


def rerun(stored: StoredRun) -> Comparison:
    """Make a stored run again and compare.

    On the machine and with the versions that made it every bit must agree. Elsewhere last step,
    loss and final coefficients must agree to ``TOLERANCE``, relative to the largest; test loss and
    test error to that beside ``STANDARD_ERRORS`` of their own.
    """
    spec = spec_from_columns(stored.values)
    if spec.key != stored.key:
        raise ValueError(
            f"run {stored.key} has result version {stored.values['result_version']}, this version "
            f"makes {spec.columns()['result_version']}: their results are not the same"
        )
    again = execute(spec)
    alike = all(again.values[name] == stored.values[name] for name in ("host", "versions"))
    where = "on the same machine and versions" if alike else "on another machine or other versions"
    if _same(again, stored):
        return Comparison(stored.key, alike, 0.0, True, f"equal to the bit, {where}")
    difference = _difference(stored, again)
    agrees = not alike and difference <= TOLERANCE
    allowed = "none" if alike else f"{TOLERANCE:g}"
    reason = f"largest relative difference {difference:.3g}, allowed {allowed}, {where}"
    return Comparison(stored.key, alike, difference, agrees, reason)


def _same(one: StoredRun, other: StoredRun) -> bool:
    """Tell whether two runs hold the same numbers to the bit, however their files are packed."""
    if one.results[0] != other.results[0] or (one.npz is None) != (other.npz is None):
        return False
    return one.npz == other.npz or _unpacked(one) == _unpacked(other)


def _unpacked(run: StoredRun) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    """Return every array of a run's file: its kind, shape and bytes."""
    with np.load(io.BytesIO(run.npz or b""), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return {name: (str(a.dtype), a.shape, a.tobytes()) for name, a in arrays.items()}


def _difference(one: StoredRun, other: StoredRun) -> float:
    """Return the largest relative difference; inf where the two runs did not end alike."""
    if any(one.values[name] != other.values[name] for name in ("outcome", "status")):
        return math.inf
    if one.npz is None or other.npz is None:
        return 0.0 if one.npz == other.npz else math.inf
    left, right = (
        (run.steps[-1], run.loss[-1], run.final.gamma, run.final.rho)
        for run in (one.trajectory(), other.trajectory())
    )
    found = [_relative(*pair) for pair in zip(left, right, strict=True)]
    for name in ("test_loss", "test_error"):
        measured, again = one.values[name], other.values[name]
        if measured is not None and again is not None:
            allowance = STANDARD_ERRORS * one.values[f"{name}_se"]
            found.append(_relative(measured, again, allowance))
    return max(found)


def _relative(left: Any, right: Any, allowance: float = 0.0) -> float:
    """Return the largest difference beyond an allowance, relative to the largest entry."""
    if np.array_equal(left, right, equal_nan=True):
        return 0.0
    beyond = np.max(np.abs(np.subtract(left, right))) - allowance
    size = max(np.max(np.abs(left)), np.max(np.abs(right)))
    return max(float(beyond / size), 0.0) if np.isfinite(beyond) else math.inf
