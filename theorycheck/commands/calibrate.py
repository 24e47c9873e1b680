"""How often the checker itself is wrong, and what it can see: claims whose truth is known.

Made-up runs go through the very functions that judge real ones. A check judges a family of
``CLAIMS`` claims together, so its rate of error is family-wise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from theorycheck.commands.made_up_claims import (
    DEVIATIONS,
    SCATTER,
    SIZES,
    WELL_WITHIN,
    Scenario,
    beyond_scenarios,
    false_scenarios,
    make_case,
    normal,
    power_law,
    true_scenarios,
)
from theorycheck.judging.order import judge_orders
from theorycheck.judging.slopes import RESOLUTION
from theorycheck.judging.statistics import FAMILY_ERROR, share_interval

CLAIMS = 5  # as many as mild pruning has claims with an order
POWER_SEEDS = (12, 16, 24, 48)
POWER_DECADES = (1, 2, 4, 7)  # in the tail
LIMIT_LEVEL = 0.95


@dataclass(frozen=True)
class Rate:
    """How often a check came to a wrong outcome.

    Attributes
    ----------
    scenario, outcome : str
        Which claims, and the outcome that is wrong for them.
    wrong, checks : int
        Checks with at least one wrong outcome, of how many.
    """

    scenario: str
    outcome: str
    wrong: int
    checks: int

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
        By how much the slope exceeds the tolerated one.
    seeds : int
        Number of seeds.
    decades : float
        Decades in the tail.
    refuted, checks : int
        Claims refuted, of how many.
    """

    deviation: float
    seeds: int
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
        The rate that no scenario should exceed.
    rates : tuple of Rate
        One a scenario.
    beyond : tuple of Rate
        Scenarios that break what the t-test rests on; they may exceed the rate, and say by how
        much.
    powers : tuple of Power
        One a deviation, number of seeds and length of tail.
    """

    repetitions: int
    seed: int
    family_error: float
    rates: tuple[Rate, ...]
    beyond: tuple[Rate, ...]
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
            "rates": [one.as_dict() for one in self.rates],
            "beyond": [one.as_dict() for one in self.beyond],
            "powers": [one.as_dict() for one in self.powers],
        }


def wrong_rate(
    name: str,
    scenarios: Sequence[tuple[Scenario, str]],
    repetitions: int,
    rng: np.random.Generator,
) -> Rate:
    """Measure how often a check of some claims together comes to a wrong outcome."""
    count = 0
    for _ in range(repetitions):
        cases = [make_case(scenario, rng) for scenario, _ in scenarios]
        judged = judge_orders(cases, intervals=False)
        count += any(
            one.outcome == wrong for one, (_, wrong) in zip(judged, scenarios, strict=True)
        )
    return Rate(name, " or ".join(sorted({wrong for _, wrong in scenarios})), count, repetitions)


def power_of(seeds: int, decades: float, repetitions: int, rng: np.random.Generator) -> list[Power]:
    """Measure how often each of the deviations is refuted, all in one check with a true claim."""
    sizes = np.geomspace(1e3, 1e3 * 10 ** (2 * decades), len(SIZES)).tolist()
    slopes = [RESOLUTION + deviation for deviation in DEVIATIONS]
    scenarios = [Scenario("", power_law(slope), normal, seeds=seeds) for slope in [*slopes, 0.0]]
    refuted = dict.fromkeys(DEVIATIONS, 0)
    for _ in range(repetitions):
        # far above its bound the true claim is left undecided at once
        cases = [make_case(scenario, rng, sizes, -WELL_WITHIN) for scenario in scenarios]
        judged = judge_orders(cases, intervals=False)
        for deviation, one in zip(DEVIATIONS, judged, strict=False):
            refuted[deviation] += one.outcome == "refuted"
    return [Power(by, seeds, decades, refuted[by], repetitions) for by in DEVIATIONS]


def calibrate(repetitions: int = 1000, seed: int = 0, *, progress: bool = False) -> Calibration:
    """Measure how often the checker is wrong about claims whose truth is known, and its power."""
    if repetitions < 1:
        raise ValueError(f"repetitions must be at least 1, got {repetitions!r}")
    if seed < 0:
        raise ValueError(f"seed must be at least 0, got {seed!r}")
    from tqdm import tqdm

    true = [(one, "refuted") for one in true_scenarios()]
    false = [(one, "consistent") for one in false_scenarios()]
    beyond = [(one, "consistent") for one in beyond_scenarios()]
    families = [
        *((one.name, [(one, wrong)] * CLAIMS) for one, wrong in [*true, *false]),
        ("all true ones together", true),
        ("all false ones together", false),
        ("all of them together", [*true, *false]),
        *((one.name, [(one, wrong)] * CLAIMS) for one, wrong in beyond),
    ]
    cells = [(seeds, decades) for seeds in POWER_SEEDS for decades in POWER_DECADES]
    streams = iter(np.random.SeedSequence(seed).spawn(len(families) + len(cells)))
    rates, powers = [], []
    with tqdm(total=len(families) + len(cells), disable=not progress, unit="family") as bar:
        for name, scenarios in families:
            rng = np.random.default_rng(next(streams))
            rates.append(wrong_rate(name, scenarios, repetitions, rng))
            bar.update()
        for seeds, decades in cells:
            powers += power_of(seeds, decades, repetitions, np.random.default_rng(next(streams)))
            bar.update()
    split = len(rates) - len(beyond)
    return Calibration(
        repetitions, seed, FAMILY_ERROR, tuple(rates[:split]), tuple(rates[split:]), tuple(powers)
    )


def calibration_lines(calibration: Calibration) -> Iterator[str]:
    """Yield the tables of a calibration as text."""
    yield (
        f"Checks with a wrong outcome, of {calibration.repetitions} with {CLAIMS} claims each; "
        f"allowed: {calibration.family_error:.1%}"
    )
    yield f"  {'made-up claims':40} {'wrong outcome':23} {'rate':>7} {'95 % limit':>11}"
    for one in calibration.rates:
        yield _rate_line(one)
    yield "Beyond what the t-test rests on: slopes that are skewed over the seeds"
    for one in calibration.beyond:
        yield _rate_line(one)
    yield "Power: share of claims refuted, by the excess of the slope"
    yield f"  {'seeds':>5} {'decades in the tail':>20}" + "".join(f"{x:>8g}" for x in DEVIATIONS)
    for seeds in POWER_SEEDS:
        for decades in POWER_DECADES:
            cell = [x for x in calibration.powers if (x.seeds, x.decades) == (seeds, decades)]
            yield f"  {seeds:5} {decades:20}" + "".join(f"{one.rate:8.3f}" for one in cell)


def _rate_line(one: Rate) -> str:
    return f"  {one.scenario:40} {one.outcome:23} {one.rate:7.2%} {one.upper:11.2%}"


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
