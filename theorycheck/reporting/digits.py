"""The three arms on images as text and as plain numbers; it says what is not claimed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from theorycheck.about import versions
from theorycheck.files import FORMAT_VERSION, without_gaps
from theorycheck.images.measure import DigitsFindings
from theorycheck.images.runs import ARMS, Repetition
from theorycheck.images.summary import NOISE_SLOPE, SNR_SLOPE, Cell, Mean

NOT_CLAIMED = (
    "No verdict: the theorems speak of one signal a class and Gaussian noise, not of these images; "
    "nothing here verifies or refutes them."
)


def digits_record(found: DigitsFindings, command: str) -> dict[str, Any]:
    """Return the content of ``digits.json``: null where there is no number."""
    content = {
        "format_version": FORMAT_VERSION,
        "versions": versions(),
        "command": command,
        "not_claimed": NOT_CLAIMED,
        "data": found.data,
        **found.shape,
        "plan": asdict(found.plan),
        "cells": [asdict(cell) for cell in found.cells()],
        "slopes": [asdict(one) for one in found.slopes()],
        "slopes_of_the_theorem": {"snr": SNR_SLOPE, "noise_over_signal": NOISE_SLOPE},
        "repetitions": [asdict(one) for one in found.repetitions],
    }
    gapless: dict[str, Any] = without_gaps(content)
    return gapless


def digits_lines(found: DigitsFindings) -> Iterator[str]:
    """Yield what was measured as a short table for each mask."""
    plan, shape = found.plan, found.shape
    low, high = spread_range(found.repetitions)
    yield (
        f"{found.data}: d = {shape['d']}, K = {shape['K']}, n = {plan.n}, noise {plan.noise:g}, "
        f"eta {plan.eta:g}, loss {plan.epsilon:g}, {_counted(plan.seeds, 'seed')}; "
        f"class means spread over {low:.0f} to {high:.0f} pixels"
    )
    measured = found.cells()
    for each in found.slopes():
        yield ""
        yield from _table(measured, each.pruning, plan.layers)
        yield f"slope in p of SNR_p {_signed(each.snr, 3)} (theorem {SNR_SLOPE:+.1f})"
        told = ", ".join(f"{arm} {_signed(m, 2)}" for arm, m in each.noise_over_signal.items())
        yield f"slope in p of zeta/gamma: {told} (theorem {NOISE_SLOPE:+.1f})"
    if any(not cell.reached for cell in measured):
        yield "* some runs did not reach the training loss"
    yield NOT_CLAIMED


def _table(measured: Sequence[Cell], pruning: str, layers: str) -> Iterator[str]:
    where = "the first layer" if layers == "first" else "all layers"
    yield f"{pruning} masks of {where}; accuracy in %, arms minus dense with standard errors"
    dense = measured[0]
    head = "".join(f"{arm:>14}" for arm in ARMS)
    yield f"{'p':>5}{head}{'SNR_p':>8}{'zeta/gamma':>12}{'dead':>6}"
    yield f"{1:>5}{_percent(dense):>14}{'':>28}{_others(dense)}"
    for p in dict.fromkeys(cell.p for cell in measured[1:]):
        row = {cell.arm: cell for cell in measured if cell.p == p and cell.pruning in ("", pruning)}
        told = "".join(f"{_gain(row[arm]):>14}" for arm in ARMS)
        yield f"{p:>5g}{told}{_others(row['pruned'])}"


def _percent(cell: Cell) -> str:
    return f"{100 * cell.accuracy.value:.1f}{'' if cell.reached else '*'} dense"


def _gain(cell: Cell) -> str:
    gain, mark = cell.gain, "" if cell.reached else "*"
    error = "" if math.isnan(gain.error) else f" ± {100 * gain.error:.1f}"
    return f"{100 * gain.value:+.1f}{error}{mark}"


def _others(cell: Cell) -> str:
    typical = cell.typical
    return f"{typical['snr']:8.3f}{typical['noise_over_signal']:12.2f}{typical['dead']:6.0%}"


def _signed(mean: Mean, digits: int) -> str:
    error = "" if math.isnan(mean.error) else f" ± {mean.error:.{digits}f}"
    return f"{mean.value:+.{digits}f}{error}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def spread_range(repetitions: Sequence[Repetition]) -> tuple[float, float]:
    """Return the least and the largest s_eff of a signal."""
    every = [value for one in repetitions for value in one.spread if math.isfinite(value)]
    return (min(every), max(every)) if every else (math.nan, math.nan)
