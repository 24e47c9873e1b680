"""How often the intervals that a verdict prints hold the truth, on made-up draws."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from theorycheck.commands.calibration.made_up_claims import (
    SCATTER,
    Noise,
    Scenario,
    heavy,
    make_case,
    normal,
    skewed,
    skewed_and_widening,
    some_grow,
)
from theorycheck.commands.calibration.scenarios import AT_TAU, FALLING
from theorycheck.judging.exact import LEVEL as EXACT_LEVEL
from theorycheck.judging.orders.order import judge_orders
from theorycheck.judging.slopes import HIGH_QUANTILE, RESOLUTION
from theorycheck.judging.statistics import share_interval
from theorycheck.judging.verdict import Verdict

Interval = tuple[float, float]
CLAIMS = 5  # judged together, as many as mild pruning has claims with an order
DRAWS = (24, 48)  # as many as a check takes at least, and at most
FAILURE_SHARES = (0.03, 0.05, 0.1, 0.2)
EXACT_DRAWS, EXACT_SIZES = 15, 5  # a seed has the same labels and masks at every size
LEAST_COVERAGE = 0.985  # of an interval at 99 %, within the error of a thousand repetitions
PRINTED: dict[str, Callable[[Verdict], Interval]] = {
    "median slope": lambda one: (one.slope.low, one.slope.high),
    "median constant": lambda one: (one.constant.low, one.constant.high),
    "0.9 quantile of the constant": lambda one: (-math.inf, one.constant.limit),
    "share of draws within tau": lambda one: (one.share_within, 1.0),
}


@dataclass(frozen=True)
class Coverage:
    """How often an interval misses the truth.

    Attributes
    ----------
    interval, case : str
        Which interval, and of what.
    misses, intervals : int
        Intervals without the truth in them, of how many.
    printed : bool
        Whether a verdict prints it; one that it does not is there for comparison.
    """

    interval: str
    case: str
    misses: int
    intervals: int
    printed: bool = True

    @property
    def rate(self) -> float:
        """The share of intervals that hold the truth."""
        return 1 - self.misses / self.intervals

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self) | {"rate": self.rate}


@dataclass(frozen=True)
class KnownTruth:
    """Made-up draws of which the truths that some intervals should hold are known."""

    case: str
    scenario: Scenario
    truths: dict[str, float]


def known_truths() -> list[KnownTruth]:
    """Return made-up claims with the truth of every interval that is printed of them."""
    z, log = NormalDist().inv_cdf(HIGH_QUANTILE), SCATTER * (math.exp(
        NormalDist().inv_cdf(HIGH_QUANTILE)) - 1)  # fmt: skip
    student = (2 * HIGH_QUANTILE - 1) / math.sqrt(2 * HIGH_QUANTILE * (1 - HIGH_QUANTILE))
    of_noises: list[tuple[str, Noise, float]] = [
        ("normal", normal, SCATTER * z),
        ("Student t, 2 d.o.f.", heavy, SCATTER * student),
        ("lognormal", skewed, log),
        ("lognormal, spread grows", skewed_and_widening, 3 * log),
    ]
    found = []
    for draws in DRAWS:
        for name, noise, quantile in of_noises:
            scenario = Scenario(name, AT_TAU, noise=noise, draws=draws, last=0.0)
            truths = dict(zip(PRINTED, (RESOLUTION, 1.0, math.exp(quantile), 0.5), strict=True))
            found.append(KnownTruth(f"{name}, {draws} draws", scenario, truths))
        for share in FAILURE_SHARES:
            # those that do not grow fall so steeply that none of them is beyond tau
            noise = some_grow(share, 10.0)
            scenario = Scenario("", FALLING, noise=noise, draws=draws, centred=False)
            truth = {"share of draws within tau": 1 - share}
            found.append(KnownTruth(f"{share:g} beyond, {draws} draws", scenario, truth))
    return found


def coverages_of(known: KnownTruth, repetitions: int, rng: np.random.Generator) -> list[Coverage]:
    """Measure how often what is printed of a made-up claim holds the truth."""
    misses = dict.fromkeys(known.truths, 0)
    for _ in range(repetitions):
        for one in judge_orders([make_case(known.scenario, rng, i) for i in range(CLAIMS)]):
            for name, truth in known.truths.items():
                low, high = PRINTED[name](one)
                misses[name] += not low <= truth <= high
    return [Coverage(name, known.case, misses[name], repetitions * CLAIMS) for name in misses]


def failure_coverages(share: float, repetitions: int, rng: np.random.Generator) -> list[Coverage]:
    """Measure the interval of a failure share whose draws are the same at all sizes.

    As it is printed, of the draws at one size, and as it would be of all runs, which are not
    independent.
    """
    count = repetitions * CLAIMS
    failing = (rng.random((count, EXACT_DRAWS)) < share).sum(axis=1)
    case = f"{share:g} fail, {EXACT_DRAWS} draws"
    pooled = f"{case}, all {EXACT_SIZES} sizes pooled"
    return [
        Coverage("failure share", case, _share_misses(failing, 1, share), count),
        Coverage("failure share", pooled, _share_misses(failing, EXACT_SIZES, share), count, False),
    ]


def _share_misses(failing: np.ndarray[Any, Any], sizes: int, share: float) -> int:
    misses = 0
    for value, times in zip(*np.unique(failing, return_counts=True), strict=True):
        low, high = share_interval(int(value) * sizes, EXACT_DRAWS * sizes, EXACT_LEVEL)
        misses += int(times) * (not low <= share <= high)
    return misses


def coverage_lines(coverages: tuple[Coverage, ...]) -> Iterator[str]:
    """Yield the table of coverages as text."""
    yield (
        f"Coverage of the intervals at 99 % that are printed; each should reach "
        f"{LEAST_COVERAGE:.1%}"
    )
    yield f"  {'interval':29} {'of':44} {'misses':>15} {'coverage':>9}"
    for one in coverages:
        beside = "" if one.printed else "  not printed"
        counts = f"{one.misses} of {one.intervals}"
        yield f"  {one.interval:29} {one.case:44} {counts:>15} {one.rate:9.2%}{beside}"
