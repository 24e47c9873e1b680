"""What repetitions say together: means, paired differences to the dense network, slopes in p."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from theorycheck.images.runs import Repetition, Run

# derived: how SNR_p moves with p where a signal sits on one pixel, for a unit that keeps it has all
# of it, and the share p of the noise (Theory, section 7)
SNR_SLOPE = -0.5
# paper*: how the bound of `no-noise` moves with p, beside a gamma that is bounded below (section 7)
NOISE_SLOPE = 0.5


@dataclass(frozen=True)
class Mean:
    """A mean over repetitions; the standard error is nan for a single one."""

    value: float
    error: float
    count: int


@dataclass(frozen=True)
class Cell:
    """One arm at one p.

    Attributes
    ----------
    arm, pruning, p : str, str, float
        Which; as in :class:`theorycheck.images.runs.Run`.
    reached : bool
        Whether every run came down to the training loss; if not, the cell is drawn hollow.
    ended : dict
        How many runs ended how.
    accuracy : Mean
        On test images.
    gain : Mean
        Accuracy minus that of the dense network of the same seed: the difference is paired.
    typical : dict
        Means of whatever else was measured, by name.
    """

    arm: str
    pruning: str
    p: float
    reached: bool
    ended: dict[str, int]
    accuracy: Mean
    gain: Mean
    typical: dict[str, float]


@dataclass(frozen=True)
class Slopes:
    """Slopes in log p under one mask, each fitted seed by seed, nothing where p does not move.

    Attributes
    ----------
    pruning : str
        The mask.
    snr : Mean
        Of log SNR_p.
    noise_over_signal : dict
        Of log(zeta_rms / gamma_rms), by arm.
    """

    pruning: str
    snr: Mean
    noise_over_signal: dict[str, Mean]


TYPICAL = (
    "steps", "loss", "test_loss", "dead", "gamma_rms", "gamma_max", "zeta_rms", "zeta_max",
    "noise_over_signal", "snr",
)  # fmt: skip


def mean_of(values: Sequence[float]) -> Mean:
    """Return the mean of what is a number, and its standard error."""
    found = np.array([value for value in values if math.isfinite(value)])
    if not len(found):
        return Mean(math.nan, math.nan, 0)
    error = found.std(ddof=1) / math.sqrt(len(found)) if len(found) > 1 else math.nan
    return Mean(float(found.mean()), float(error), len(found))


def cells(repetitions: Sequence[Repetition]) -> list[Cell]:
    """Sum up each arm at each p."""
    return [
        _cell([one.runs[place] for one in repetitions], [one.runs[0] for one in repetitions])
        for place in range(len(repetitions[0].runs))
    ]


def _cell(runs: Sequence[Run], dense: Sequence[Run]) -> Cell:
    first, ended = runs[0], [run.status for run in runs]
    pairs = zip(runs, dense, strict=True)
    typical = {name: mean_of([getattr(run, name) for run in runs]).value for name in TYPICAL}
    typical |= {
        f"kept_{layer}": mean_of([run.kept[layer - 1] for run in runs]).value
        for layer in range(1, len(first.kept) + 1)
    }
    return Cell(
        first.arm,
        first.pruning,
        first.p,
        all(status == "reached" for status in ended),
        {status: ended.count(status) for status in sorted(set(ended))},
        mean_of([run.accuracy for run in runs]),
        mean_of([run.accuracy - base.accuracy for run, base in pairs]),
        typical,
    )


def slopes(repetitions: Sequence[Repetition], pruning: str) -> Slopes:
    """Fit the slopes under one mask; the dense network is the point at p = 1 of every arm."""

    def fitted(arm: str, of: Callable[[Run], float]) -> Mean:
        return mean_of([_slope(one.runs, arm, pruning, of) for one in repetitions])

    noise = {
        arm: fitted(arm, lambda run: run.noise_over_signal)
        for arm in ("pruned", "shrunk", "rescaled")
    }
    return Slopes(pruning, fitted("pruned", lambda run: run.snr), noise)


def _slope(runs: Sequence[Run], arm: str, pruning: str, of: Callable[[Run], float]) -> float:
    chosen = [runs[0], *(run for run in runs if run.arm == arm and run.pruning in ("", pruning))]
    points = [(run.p, of(run)) for run in chosen if of(run) > 0]  # nan is left out too
    if len(points) < 2:
        return math.nan
    p, values = np.log(np.array(points)).T
    return float(np.polyfit(p, values, 1)[0])
