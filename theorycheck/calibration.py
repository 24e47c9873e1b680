"""How often the checker itself is wrong, and what it can see: claims whose truth is known.

Made-up runs go through the very functions that judge real ones. A check judges a family of
``CLAIMS`` claims together, so its rate of error is family-wise. Only claims that chance could get
wrong are here: exact facts, which nothing can fail, would dilute the rates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sims.arrays import Floats
from theorycheck import scaling
from theorycheck.holm import FAMILY_ERROR
from theorycheck.judge_order import OrderCase, judge_orders
from theorycheck.tabulate import Table
from theorycheck.verdict import Verdict

CLAIMS = 5  # as many as mild pruning has claims with an order
SIZES = tuple(10.0**power for power in range(3, 10))  # the tail: 10^6 to 10^9
SEEDS = 16
ARGUMENTS_PER_SIZE = 10 * 6 * 2 / scaling.DELTA  # n m K / delta of the logarithm that O~ allows
SCATTER = 0.3  # standard deviation of log(measured / bound) over runs
WELL_WITHIN = -100.0  # so low that no claim is left undecided for its constant
DEVIATIONS = (0.05, 0.1, 0.25, 0.5)
BARELY = 0.001  # the deviation at which false claims are hardest to tell from true ones
POWER_SEEDS = (12, 16, 24, 48)
POWER_DECADES = (1, 2, 4, 7)  # in the tail
LIMIT_LEVEL = 0.95

Noise = Callable[[np.random.Generator, int, Floats], Floats]


@dataclass(frozen=True)
class Scenario:
    """A claim made up so that its truth is known.

    Attributes
    ----------
    name : str
        What it is, in words.
    trend : callable
        The logarithm of measured / bound as a function of the sizes, ``(N,)``.
    noise : callable
        What the runs add to it, ``(S, N)`` of a generator, the seeds S and the sizes; its mean at
        every size is the same.
    log_power : float
        The power of the logarithm that the order allows.
    seeds : int
        Number of seeds.
    """

    name: str
    trend: Callable[[Floats], Floats]
    noise: Noise
    log_power: float = 0.0
    seeds: int = SEEDS


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
        from scipy.stats import binomtest

        interval = binomtest(self.wrong, self.checks, alternative="less").proportion_ci(LIMIT_LEVEL)
        return float(interval.high)

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


# Noises: every one has the same mean at every size, so that the trend alone makes the slope.


def normal(rng: np.random.Generator, seeds: int, sizes: Floats) -> Floats:
    """Return independent normal noise."""
    return SCATTER * rng.standard_normal((seeds, len(sizes)))


def widening(rng: np.random.Generator, seeds: int, sizes: Floats) -> Floats:
    """Return normal noise whose deviation grows tenfold along the sizes."""
    return normal(rng, seeds, sizes) * np.geomspace(0.3, 3, len(sizes))


def uneven_seeds(rng: np.random.Generator, seeds: int, sizes: Floats) -> Floats:
    """Return normal noise with another deviation for each seed."""
    return normal(rng, seeds, sizes) * rng.lognormal(0, 1, (seeds, 1))


def heavy(rng: np.random.Generator, seeds: int, sizes: Floats) -> Floats:
    """Return Student noise with two degrees of freedom, which has no variance."""
    return SCATTER * rng.standard_t(2, (seeds, len(sizes)))


def skewed(rng: np.random.Generator, seeds: int, sizes: Floats) -> Floats:
    """Return lognormal noise with its mean taken off."""
    return SCATTER * (rng.lognormal(0, 1, (seeds, len(sizes))) - math.exp(0.5))


def skewed_and_widening(rng: np.random.Generator, seeds: int, sizes: Floats) -> Floats:
    """Return lognormal noise that grows tenfold: the slopes of seeds are skewed as well."""
    return skewed(rng, seeds, sizes) * np.geomspace(0.3, 3, len(sizes))


def offset_seeds(rng: np.random.Generator, seeds: int, sizes: Floats) -> Floats:
    """Return normal noise and an offset that a seed keeps at all sizes."""
    return normal(rng, seeds, sizes) + 3 * rng.standard_normal((seeds, 1))


def zeros(rng: np.random.Generator, seeds: int, sizes: Floats) -> Floats:
    """Return normal noise with one measured 0 in ten."""
    gone = rng.random((seeds, len(sizes))) < 0.1
    return np.where(gone, -np.inf, normal(rng, seeds, sizes))


NOISES: dict[str, Noise] = {
    "variance grows with size": widening,
    "variance differs by seed": uneven_seeds,
    "Student t, 2 d.o.f.": heavy,
    "lognormal": skewed,
    "an offset for each seed": offset_seeds,
    "10 % zeros": zeros,
}


# Trends.


def power_law(slope: float) -> Callable[[Floats], Floats]:
    """Return the logarithm of size^slope."""
    return lambda sizes: slope * np.log(sizes)


def log_power_law(power: float) -> Callable[[Floats], Floats]:
    """Return the logarithm of log(d n m K / delta)^power."""
    return lambda sizes: power * np.log(np.log(ARGUMENTS_PER_SIZE * sizes))


AT_MOST = power_law(scaling.RESOLUTION)
BARELY_FALSE = power_law(scaling.RESOLUTION + BARELY)


def crossover(sizes: Floats) -> Floats:
    """Return the logarithm of a quantity that grows like the size, and not at all in the tail."""
    return np.log(np.minimum(sizes, sizes[scaling.tail(sizes.tolist())][0]))


def late_crossover(sizes: Floats) -> Floats:
    """Return the same with a growth that falls to the tolerated one only at the tail's end."""
    turn = sizes[scaling.tail_end(sizes.tolist())][0]
    beyond = np.maximum(sizes / turn, 1.0)
    return np.log(np.minimum(sizes, turn)) + scaling.RESOLUTION * np.log(beyond)


def true_scenarios() -> list[Scenario]:
    """Return claims that are true; the noises come with the largest slope that is tolerated."""
    return [
        Scenario("constant", power_law(0.0), normal),
        Scenario("falling", power_law(-0.5), normal),
        Scenario("at the tolerated slope", AT_MOST, normal),
        Scenario("log^1 of log^2 allowed", log_power_law(1.0), normal, 2.0),
        Scenario("log^1.5 of log^2 allowed", log_power_law(1.5), normal, 2.0),
        Scenario("log^2 of log^2 allowed", log_power_law(2.0), normal, 2.0),
        Scenario("growth ends before the tail", crossover, normal),
        Scenario("growth ends late in the tail", late_crossover, normal),
        *(
            # seeds with a zero in the tail have no slope: more are needed to keep enough
            Scenario(name, AT_MOST, noise, seeds=24 if noise is zeros else SEEDS)
            for name, noise in NOISES.items()
        ),
    ]


def false_scenarios() -> list[Scenario]:
    """Return claims that are false; the noises come with a slope that is barely too large."""
    return [
        *(
            Scenario(f"slope {by:g} too large", power_law(scaling.RESOLUTION + by), normal)
            for by in (BARELY, *DEVIATIONS)
        ),
        Scenario("log^3 of log^2 allowed", log_power_law(3.0), normal, 2.0),
        *(
            Scenario(name, BARELY_FALSE, noise, seeds=24 if noise is zeros else SEEDS)
            for name, noise in NOISES.items()
        ),
    ]


def beyond_scenarios() -> list[Scenario]:
    """Return false claims that break what a t-test rests on: slopes skewed over the seeds."""
    return [Scenario("skewed slopes", BARELY_FALSE, skewed_and_widening)]


def make_case(
    scenario: Scenario,
    rng: np.random.Generator,
    sizes: Sequence[float] = SIZES,
    offset: float = WELL_WITHIN,
) -> OrderCase:
    """Make up the runs of one claim.

    Parameters
    ----------
    scenario : Scenario
        What they follow.
    rng : numpy.random.Generator
        Where the noise comes from.
    sizes : sequence of float
        The path.
    offset : float
        Logarithm of the implied constant at size 1.

    Returns
    -------
    OrderCase
        As real runs give one.
    """
    progress = np.array(sizes)
    tail = scaling.tail(sizes)
    excess = offset + scenario.trend(progress) + scenario.noise(rng, scenario.seeds, progress)
    arguments = ARGUMENTS_PER_SIZE * progress[tail]
    return OrderCase(
        Verdict("calibration", scenario.name, "", "O", "derived", "undecided", "", "d"),
        Table(
            progress,
            progress,
            tail,
            scaling.tail_end(sizes),
            np.zeros(len(sizes)),
            np.where(excess == -np.inf, 0.0, 1.0),  # asked only whether it is 0
            excess,
        ),
        lower=False,
        tolerated=scaling.tolerated_slope(scenario.log_power, progress[tail], arguments),
    )


def wrong_rate(
    name: str,
    scenarios: Sequence[tuple[Scenario, str]],
    repetitions: int,
    rng: np.random.Generator,
) -> Rate:
    """Measure how often a check of some claims together comes to a wrong outcome.

    Parameters
    ----------
    name : str
        What to call them.
    scenarios : sequence of (Scenario, str)
        The claims, each with the outcome that is wrong for it.
    repetitions : int
        Number of checks.
    rng : numpy.random.Generator
        Where the noise comes from.

    Returns
    -------
    Rate
        Of checks with any wrong outcome.
    """
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
    slopes = [scaling.RESOLUTION + deviation for deviation in DEVIATIONS]
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
    """Measure how often the checker is wrong about claims whose truth is known, and its power.

    Parameters
    ----------
    repetitions : int, default 1000
        Checks of each kind.
    seed : int, default 0
        Seed of all noise.
    progress : bool, default False
        Show a progress bar on standard error.

    Returns
    -------
    Calibration
        Family-wise rates of wrong outcomes, and the power against known deviations.

    Raises
    ------
    ValueError
        If repetitions or seed is outside its domain.
    """
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


def text_lines(calibration: Calibration) -> Iterator[str]:
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
    """Write ``calibration.json`` and the figure of a calibration.

    Parameters
    ----------
    calibration : Calibration
        What to write.
    directory : Path
        Where.
    command : str
        The command that is noted.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OSError
        If one cannot be written.
    """
    from theorycheck import plots, results

    head = {
        "format_version": results.FORMAT_VERSION,
        "versions": results.versions(),
        "command": command,
    }
    path = directory / "calibration.json"
    results.write_whole(path, results.as_json(head | calibration.as_dict()).encode())
    with plots.house_style():
        figure = plots.calibration_figure(calibration)
        return [path, *plots.save(figure, directory, "calibration")]
