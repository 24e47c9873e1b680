"""Claims made up so that their truth is known, for measuring the checker itself.

A trend along the sizes says whether a claim is true; a noise is what runs add to it. Only claims
that chance could get wrong are here: exact facts, which nothing can fail, would dilute the rates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sims.arrays import Floats
from theorycheck.judging.order import OrderCase
from theorycheck.judging.slopes import DELTA, RESOLUTION, tail, tail_end, tolerated_slope
from theorycheck.judging.table import Table
from theorycheck.judging.verdict import Verdict

SIZES = tuple(10.0**power for power in range(3, 10))  # the tail: 10^6 to 10^9
SEEDS = 16
ARGUMENTS_PER_SIZE = 10 * 6 * 2 / DELTA  # n m K / delta of the logarithm that O~ allows
SCATTER = 0.3  # standard deviation of log(measured / bound) over runs
WELL_WITHIN = -100.0  # so low that no claim is left undecided for its constant
DEVIATIONS = (0.05, 0.1, 0.25, 0.5)
BARELY = 0.001  # the deviation at which false claims are hardest to tell from true ones
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


def power_law(slope: float) -> Callable[[Floats], Floats]:
    """Return the logarithm of size^slope."""
    return lambda sizes: slope * np.log(sizes)


def log_power_law(power: float) -> Callable[[Floats], Floats]:
    """Return the logarithm of log(d n m K / delta)^power."""
    return lambda sizes: power * np.log(np.log(ARGUMENTS_PER_SIZE * sizes))


AT_MOST = power_law(RESOLUTION)
BARELY_FALSE = power_law(RESOLUTION + BARELY)


def crossover(sizes: Floats) -> Floats:
    """Return the logarithm of a quantity that grows like the size, and not at all in the tail."""
    return np.log(np.minimum(sizes, sizes[tail(sizes.tolist())][0]))


def late_crossover(sizes: Floats) -> Floats:
    """Return the same with a growth that falls to the tolerated one only at the tail's end."""
    turn = sizes[tail_end(sizes.tolist())][0]
    beyond = np.maximum(sizes / turn, 1.0)
    return np.log(np.minimum(sizes, turn)) + RESOLUTION * np.log(beyond)


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
            Scenario(f"slope {by:g} too large", power_law(RESOLUTION + by), normal)
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
    """Make up the runs of one claim."""
    progress = np.array(sizes)
    in_tail = tail(sizes)
    excess = offset + scenario.trend(progress) + scenario.noise(rng, scenario.seeds, progress)
    arguments = ARGUMENTS_PER_SIZE * progress[in_tail]
    return OrderCase(
        Verdict("calibration", scenario.name, "", "O", "derived", "undecided", "", "d"),
        Table(
            progress,
            progress,
            in_tail,
            tail_end(sizes),
            np.zeros(len(sizes)),
            np.where(excess == -np.inf, 0.0, 1.0),  # asked only whether it is 0
            excess,
        ),
        lower=False,
        tolerated=tolerated_slope(scenario.log_power, progress[in_tail], arguments),
    )
