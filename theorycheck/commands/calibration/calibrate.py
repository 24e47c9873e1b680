"""How often the checker itself is wrong, and what it can see: claims whose truth is known.

Made-up draws go through the very functions that judge real ones. A check judges a family of
``CLAIMS`` claims together, so its rate of error is family-wise. What is wrong is said of the median
over draws of their slopes: ``refuted`` where it is within tau, ``consistent`` where it is beyond.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from theorycheck.commands.calibration.coverage import (
    CLAIMS,
    FAILURE_SHARES,
    LEAST_COVERAGE,
    Coverage,
    coverage_lines,
    coverages_of,
    failure_coverages,
    known_truths,
)
from theorycheck.commands.calibration.made_up_claims import SCATTER, SIZES, Scenario, make_case
from theorycheck.commands.calibration.scenarios import (
    DEVIATIONS,
    FLAT,
    between_scenarios,
    beyond_scenarios,
    late_scenarios,
    outlier_scenarios,
    power_law,
    within_scenarios,
)
from theorycheck.judging.orders.order import END_ERROR, judge_orders
from theorycheck.judging.slopes import RESOLUTION
from theorycheck.judging.statistics import ORDER_ERROR, share_interval

POWER_DRAWS = (12, 16, 24, 48)
POWER_DECADES = (1, 2, 4, 7)  # in the tail
LIMIT_LEVEL = 0.95
# The test at the end of the tail is made for each claim alone, since it can only withhold.
LATE_ERROR = 1 - (1 - END_ERROR) ** CLAIMS


@dataclass(frozen=True)
class Rate:
    """How often a check came to a wrong outcome.

    Attributes
    ----------
    scenario, outcome : str
        Which claims, and the outcome that is wrong for them.
    wrong, checks : int
        Checks with at least one wrong outcome, of how many.
    allowed : float
        The rate that should not be exceeded.
    """

    scenario: str
    outcome: str
    wrong: int
    checks: int
    allowed: float = ORDER_ERROR

    @property
    def rate(self) -> float:
        """The share of wrong checks."""
        return self.wrong / self.checks

    @property
    def upper(self) -> float:
        """The exact upper limit of the rate (Clopper-Pearson), one-sided at 95 %."""
        return share_interval(self.wrong, self.checks, 2 * LIMIT_LEVEL - 1)[1]

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self) | {"rate": self.rate, "upper": self.upper}


@dataclass(frozen=True)
class Power:
    """How often a known deviation was refuted.

    Attributes
    ----------
    deviation : float
        By how much the median slope is beyond tau.
    draws : int
        Number of draws.
    decades : float
        Decades in the tail.
    refuted, checks : int
        Claims refuted, of how many.
    """

    deviation: float
    draws: int
    decades: float
    refuted: int
    checks: int

    @property
    def rate(self) -> float:
        """The share that was refuted."""
        return self.refuted / self.checks

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self) | {"rate": self.rate}


@dataclass(frozen=True)
class Calibration:
    """The checker, measured.

    Attributes
    ----------
    repetitions, seed : int
        Checks of each kind, and the seed of everything.
    family_error : float
        The rate of wrong outcomes that is allowed, but for those scenarios that say another.
    rates : tuple of Rate
        One a scenario.
    coverages : tuple of Coverage
        One an interval that is printed, and a case.
    powers : tuple of Power
        One a deviation, number of draws and length of tail.
    """

    repetitions: int
    seed: int
    family_error: float
    rates: tuple[Rate, ...]
    coverages: tuple[Coverage, ...]
    powers: tuple[Power, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "repetitions": self.repetitions,
            "seed": self.seed,
            "family_error": self.family_error,
            "claims_in_a_check": CLAIMS,
            "scatter": SCATTER,
            "limit_level": LIMIT_LEVEL,
            "least_coverage": LEAST_COVERAGE,
            "rates": [one.as_dict() for one in self.rates],
            "coverages": [one.as_dict() for one in self.coverages],
            "powers": [one.as_dict() for one in self.powers],
        }


@dataclass(frozen=True)
class ClaimsTogether:
    """Scenarios whose claims one check judges together, and the rate of error it may have."""

    name: str
    scenarios: Sequence[Scenario]
    allowed: float = ORDER_ERROR


def families() -> list[ClaimsTogether]:
    """Return what the checks of a calibration judge."""
    within, beyond, between = within_scenarios(), beyond_scenarios(), between_scenarios()
    everything = [*within, *beyond, *between]
    return [
        *(ClaimsTogether(one.name, [one] * CLAIMS) for one in everything),
        *(ClaimsTogether(one.name, [one] * CLAIMS) for one in outlier_scenarios()),
        *(ClaimsTogether(one.name, [one] * CLAIMS, LATE_ERROR) for one in late_scenarios()),
        ClaimsTogether("all within tau together", within),
        ClaimsTogether("all beyond tau together", beyond),
        ClaimsTogether("all of these together", everything),
    ]


def wrong_rate(family: ClaimsTogether, repetitions: int, rng: np.random.Generator) -> Rate:
    """Measure how often a check of some claims together comes to a wrong outcome."""
    count = 0
    for _ in range(repetitions):
        cases = [make_case(one, rng, number) for number, one in enumerate(family.scenarios)]
        judged = judge_orders(cases)
        count += any(
            verdict.outcome in one.wrong
            for verdict, one in zip(judged, family.scenarios, strict=True)
        )
    outcomes = sorted({outcome for one in family.scenarios for outcome in one.wrong})
    return Rate(family.name, " or ".join(outcomes), count, repetitions, family.allowed)


def power_of(draws: int, decades: float, repetitions: int, rng: np.random.Generator) -> list[Power]:
    """Measure how often each of the deviations is refuted, all in one check with a true claim."""
    sizes = tuple(np.geomspace(1e3, 1e3 * 10 ** (2 * decades), len(SIZES)).tolist())
    trends = [*(power_law(RESOLUTION + deviation) for deviation in DEVIATIONS), FLAT]
    scenarios = [Scenario("", trend, draws=draws, sizes=sizes, centred=False) for trend in trends]
    refuted = dict.fromkeys(DEVIATIONS, 0)
    for _ in range(repetitions):
        judged = judge_orders([make_case(one, rng, number) for number, one in enumerate(scenarios)])
        for deviation, one in zip(DEVIATIONS, judged, strict=False):
            refuted[deviation] += one.outcome == "refuted"
    return [Power(by, draws, decades, refuted[by], repetitions) for by in DEVIATIONS]


def calibrate(repetitions: int = 1000, seed: int = 0, *, progress: bool = False) -> Calibration:
    """Measure how often the checker is wrong about claims whose truth is known, and its power."""
    if repetitions < 1:
        raise ValueError(f"repetitions must be at least 1, got {repetitions!r}")
    if seed < 0:
        raise ValueError(f"seed must be at least 0, got {seed!r}")
    from tqdm import tqdm

    groups, known = families(), known_truths()
    cells = [(draws, decades) for draws in POWER_DRAWS for decades in POWER_DECADES]
    count = len(groups) + len(known) + len(FAILURE_SHARES) + len(cells)
    streams = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(count))
    with tqdm(total=count, disable=not progress, unit="family") as bar:

        def stream() -> np.random.Generator:
            bar.update()
            return next(streams)

        rates = [wrong_rate(one, repetitions, stream()) for one in groups]
        covered = [coverages_of(one, repetitions, stream()) for one in known]
        covered += [failure_coverages(one, repetitions, stream()) for one in FAILURE_SHARES]
        powers = [power_of(draws, decades, repetitions, stream()) for draws, decades in cells]
    coverages = sorted((x for some in covered for x in some), key=lambda one: one.interval)
    return Calibration(
        repetitions,
        seed,
        ORDER_ERROR,
        tuple(rates),
        tuple(coverages),
        tuple(x for some in powers for x in some),
    )


def calibration_lines(calibration: Calibration) -> Iterator[str]:
    """Yield the tables of a calibration as text."""
    yield (
        f"Checks with a wrong outcome, of {calibration.repetitions} with {CLAIMS} claims each; "
        f"allowed: {calibration.family_error:.1%}"
    )
    yield f"  {'made-up claims':36} {'wrong outcome':23} {'rate':>7} {'95 % limit':>11}"
    for one in calibration.rates:
        beside = "" if one.allowed == calibration.family_error else f"  allowed: {one.allowed:.1%}"
        yield f"  {one.scenario:36} {one.outcome:23} {one.rate:7.2%} {one.upper:11.2%}{beside}"
    yield from coverage_lines(calibration.coverages)
    yield "Power: share of claims refuted, by how far the median slope is beyond tau"
    yield f"  {'draws':>5} {'decades in the tail':>20}" + "".join(f"{x:>8g}" for x in DEVIATIONS)
    for draws in POWER_DRAWS:
        for decades in POWER_DECADES:
            cell = [x for x in calibration.powers if (x.draws, x.decades) == (draws, decades)]
            yield f"  {draws:5} {decades:20}" + "".join(f"{one.rate:8.3f}" for one in cell)


def write_calibration(calibration: Calibration, directory: Path, command: str) -> list[Path]:
    """Write ``calibration.json`` and the figure of a calibration."""
    from theorycheck.about import versions
    from theorycheck.files import FORMAT_VERSION, as_json, write_whole
    from theorycheck.reporting.figures.checker import calibration_figure
    from theorycheck.reporting.figures.style import draw

    head = {"format_version": FORMAT_VERSION, "versions": versions(), "command": command}
    document = head | calibration.as_dict()
    path = directory / "calibration.json"
    write_whole(path, as_json(document).encode())
    figure = partial(calibration_figure, document)
    return [path, *draw(figure, directory, "calibration")]
