"""What a verdict on a sharp prediction is, and how ratios that should tend to 1 are judged."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any

import numpy as np

from sims import Problem
from theorycheck.files import without_gaps
from theorycheck.judging.slopes import least_squares_slope
from theorycheck.notebook import Judgement
from theorycheck.running.tasks import Task, stack_of

LEVEL = 0.99  # of every interval
LEAST_SIZES = 3  # fewer say nothing about a trend
SETTLED = 0.1  # a deviation below this share of its tolerance need not fall any further


@dataclass(frozen=True)
class Row:
    """Measured over predicted at one size.

    Attributes
    ----------
    setting : str
        What is held fixed, where there are several such rows.
    value : float
        The parameter that moves.
    ratio : float
        Median of measured / predicted over the runs, or the ratio of two frequencies.
    low, high : float
        Interval of `ratio` at ``LEVEL``.
    typical, worst : float
        Median and largest ``|measured / predicted - 1|`` of the runs.
    runs : int
        How many runs.
    more : tuple of (str, float)
        What else was measured, by name.
    """

    setting: str
    value: float
    ratio: float
    low: float
    high: float
    typical: float
    worst: float
    runs: int
    more: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, repr=False)
class PredictionVerdict(Judgement):
    """What the runs say about one sharp prediction (Theory, sections 7, 8 and 10).

    Attributes
    ----------
    prediction, statement : str
        Id, and the prediction in plain text with the criterion it is held to.
    outcome : str
        "consistent", "refuted", "undecided" or "premise not met".
    reason : str
        Why, in words.
    along : str
        The parameter that moves from row to row, towards the limit within each setting.
    rows : tuple of Row
        The ratios.
    ratio, low, high : float
        That of the last row of the setting that ends farthest from 1; nan without rows.
    trend : float
        The smallest power of `along` with which a setting's typical ``|ratio - 1|`` moves; nan
        where there is none.
    tag : str
        How the prediction is known.
    """

    prediction: str
    statement: str
    outcome: str
    reason: str
    along: str
    rows: tuple[Row, ...] = ()
    ratio: float = math.nan
    low: float = math.nan
    high: float = math.nan
    trend: float = math.nan
    tag: str = "derived"

    def row(self) -> dict[str, Any]:
        """Return what there is to tell by name."""
        return {
            "theorem": "predictions",
            "claim": self.prediction,
            "outcome": self.outcome,
            "tag": self.tag,
            "along": self.along,
            "ratio": self.ratio,
            "ratio_low": self.low,
            "ratio_high": self.high,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Experiment:
    """A heap of tasks for each problem, and how their results, heap by heap, are judged."""

    heaps: list[list[Task]]
    judge: Callable[[Sequence[Sequence[Any]]], PredictionVerdict]


def from_record(content: Mapping[str, Any]) -> PredictionVerdict:
    """Return the verdict that :func:`record` wrote down; null is read as nan."""
    known = [field.name for field in fields(Row) if field.name != "more"]
    rows = []
    for row in content["rows"]:
        numbers = _without_null(row)
        own = {name: numbers.pop(name) for name in known}
        rows.append(Row(**own, more=tuple(numbers.items())))
    return PredictionVerdict(**{**_without_null(content), "rows": tuple(rows)})


def _without_null(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: math.nan if value is None else value for name, value in content.items()}


@dataclass(frozen=True)
class Approach:
    """Problems in the order towards a limit that share a setting.

    Attributes
    ----------
    setting : str
        What they share, in words.
    values : tuple of float
        The parameter that moves.
    problems : tuple of Problem
        One for each value.
    engine : str
        Which engine runs them.
    """

    setting: str
    values: tuple[float, ...]
    problems: tuple[Problem, ...]
    engine: str = "auto"


def approach_experiment(
    measure_many: Callable[..., Any],
    judge: Callable[[Sequence[Approach], Sequence[Sequence[Any]]], PredictionVerdict],
    paths: Sequence[Approach],
    seeds: Sequence[int],
    *arguments: Any,
) -> Experiment:
    """Return the experiment that measures every problem of every path with every seed."""
    heaps = [
        [
            Task(
                measure_many,
                (problem, seed, path.engine, *arguments),
                float(problem.d),
                stack_of(problem, path.engine),
            )
            for seed in seeds
        ]
        for path in paths
        for problem in path.problems
    ]
    return Experiment(heaps, partial(judge, paths))


def record(verdict: PredictionVerdict) -> dict[str, Any]:
    """Return a verdict as plain data, with null in place of what JSON cannot hold."""
    content = asdict(verdict)
    for row in content["rows"]:
        row.update(row.pop("more"))
    plain: dict[str, Any] = without_gaps(content)
    return plain


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the order-statistic interval of a median at ``LEVEL``; (0, inf) of too few values."""
    from scipy.special import bdtr

    below = bdtr(np.arange(len(values) + 1), len(values), 0.5)
    beyond = int(np.searchsorted(below, (1 - LEVEL) / 2))
    if beyond < 1:
        return 0.0, math.inf
    ordered = sorted(values)
    return float(ordered[beyond - 1]), float(ordered[len(values) - beyond])


def ratio_row(setting: str, value: float, ratios: Sequence[float], **more: float) -> Row:
    """Reduce the ratios of the runs at one size to a row."""
    deviations = np.abs(np.asarray(ratios) - 1)
    return Row(
        setting,
        value,
        float(np.median(ratios)),
        *median_interval(ratios),
        float(np.median(deviations)),
        float(deviations.max()),
        len(ratios),
        tuple((name.replace("_", " "), number) for name, number in more.items()),
    )


def judge_limit(
    prediction: str,
    statement: str,
    along: str,
    series: Sequence[Sequence[Row]],
    tolerance: Callable[[float], float],
    supports: Callable[[Row], bool],
    *,
    must_fall: bool = True,
) -> PredictionVerdict:
    """Judge ratios that are to tend to 1."""
    series = [steps for steps in series if steps]
    rows = tuple(row for steps in series for row in steps)
    if not rows:
        why = "no run meets the premise"
        return PredictionVerdict(prediction, statement, "premise not met", why, along)
    falls = [_falls(steps, tolerance) for steps in series]
    missing = [row for row in rows if not supports(row)]
    refuting = [
        steps[-1]
        for steps, falling in zip(series, falls, strict=True)
        if not falling and len(steps) >= LEAST_SIZES and _beyond(steps[-1], tolerance)
    ]
    if refuting:
        where = _where(refuting[0], along)
        outcome, reason = "refuted", f"{where} is beyond the tolerance and comes no closer to 1"
    elif min(map(len, series)) < LEAST_SIZES:
        outcome, reason = "undecided", f"a trend needs {LEAST_SIZES} values of {along}"
    elif missing:
        outcome, reason = "undecided", f"{_where(missing[0], along)} does not meet the criterion"
    elif must_fall and not all(falls):
        outcome, reason = "undecided", "the distance from 1 does not fall towards the limit"
    else:
        closer = "and closer to 1" if all(falls) else "but not everywhere closer to 1"
        within = f"at every {along} within the tolerance"
        outcome, reason = "consistent", f"{within}, {closer} towards the limit"
    last = max((steps[-1] for steps in series), key=lambda row: abs(row.ratio - 1))
    trend = min((_trend(steps) for steps in series), key=abs)
    return PredictionVerdict(
        prediction, statement, outcome, reason, along, rows, last.ratio, last.low, last.high, trend
    )


def _falls(steps: Sequence[Row], tolerance: Callable[[float], float]) -> bool:
    last = steps[-1]
    return last.typical < max(steps[0].typical, SETTLED * tolerance(last.value))


def _beyond(row: Row, tolerance: Callable[[float], float]) -> bool:
    allowed = tolerance(row.value)
    return row.low > 1 + allowed or row.high < 1 - allowed


def _where(row: Row, along: str) -> str:
    at = f"{row.setting}, {along}" if row.setting else along
    return (
        f"at {at} = {row.value:g} the ratio 1 {row.ratio - 1:+.2g} "
        f"[{row.low - 1:+.2g}, {row.high - 1:+.2g}], worst run {row.worst:.2g} off,"
    )


def _trend(steps: Sequence[Row]) -> float:
    if len(steps) < 2 or not all(0 < row.typical < math.inf for row in steps):
        return math.nan
    values, typical = (
        np.log([getattr(row, name) for row in steps]) for name in ("value", "typical")
    )
    return float(least_squares_slope(values, typical))
