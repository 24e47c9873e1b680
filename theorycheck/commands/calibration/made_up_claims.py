"""Claims made up so that their truth is known, for measuring the checker itself.

A trend along the sizes says how a claim scales; a noise is what draws add to it. What is true of a
claim is said of the median over draws of their slopes, infinite ones included, as the judge does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from sims.arrays import Booleans, Floats
from theorycheck.judging.orders.allowance import Allowance
from theorycheck.judging.orders.order import OrderCase
from theorycheck.judging.slopes import slopes_of_draws, tail, tail_end
from theorycheck.judging.statistics import quantile
from theorycheck.judging.table import Table
from theorycheck.judging.verdict import Verdict

SIZES = tuple(10.0**power for power in range(3, 10))  # the tail: 10^6 to 10^9
LONG_SIZES = tuple(10.0 ** (power / 2) for power in range(6, 19))  # its tail has an end of its own
DRAWS = 24
SCATTER = 0.3  # standard deviation of log(measured / bound) over draws
# So far beyond the declared constant at the last size that it holds back no refutation.
FAR_BEYOND = 100.0
CENTRE_DRAWS, CENTRE_SEED = 100_000, 20_250_101
Trend = Callable[[Floats], Floats]
Noise = Callable[[np.random.Generator, int, Floats], Floats]


def normal(rng: np.random.Generator, draws: int, sizes: Floats) -> Floats:
    """Return independent normal noise."""
    return SCATTER * rng.standard_normal((draws, len(sizes)))


def widening(rng: np.random.Generator, draws: int, sizes: Floats) -> Floats:
    """Return normal noise whose deviation grows tenfold along the sizes."""
    return normal(rng, draws, sizes) * np.geomspace(0.3, 3, len(sizes))


def uneven(rng: np.random.Generator, draws: int, sizes: Floats) -> Floats:
    """Return normal noise with another deviation for each draw."""
    return normal(rng, draws, sizes) * rng.lognormal(0, 1, (draws, 1))


def heavy(rng: np.random.Generator, draws: int, sizes: Floats) -> Floats:
    """Return Student noise with two degrees of freedom, which has no variance."""
    return SCATTER * rng.standard_t(2, (draws, len(sizes)))


def skewed(rng: np.random.Generator, draws: int, sizes: Floats) -> Floats:
    """Return lognormal noise with its median taken off."""
    return SCATTER * (rng.lognormal(0, 1, (draws, len(sizes))) - 1)


def skewed_and_widening(rng: np.random.Generator, draws: int, sizes: Floats) -> Floats:
    """Return lognormal noise that grows tenfold: the slopes of draws are skewed as well."""
    return skewed(rng, draws, sizes) * np.geomspace(0.3, 3, len(sizes))


def offset(rng: np.random.Generator, draws: int, sizes: Floats) -> Floats:
    """Return normal noise and an offset that a draw keeps at all sizes."""
    return normal(rng, draws, sizes) + 3 * rng.standard_normal((draws, 1))


def zeros(rng: np.random.Generator, draws: int, sizes: Floats) -> Floats:
    """Return normal noise with one measured 0 in ten."""
    gone = rng.random((draws, len(sizes))) < 0.1
    return np.where(gone, -np.inf, normal(rng, draws, sizes))


def some_violate(share: float) -> Noise:
    """Return the noise with which a share of draws lies ten times as high as the others."""

    def noise(rng: np.random.Generator, draws: int, sizes: Floats) -> Floats:
        lifted = rng.random((draws, 1)) < share
        return normal(rng, draws, sizes) + math.log(10) * lifted

    return noise


def some_grow(share: float, slope: float) -> Noise:
    """Return the noise with which a share of draws grows like a power of the size."""

    def noise(rng: np.random.Generator, draws: int, sizes: Floats) -> Floats:
        grows = rng.random((draws, 1)) < share
        return normal(rng, draws, sizes) + grows * slope * _since_first(sizes)

    return noise


def some_never_stop(share: float) -> Noise:
    """Return the noise with which a share of draws has no t* anywhere in the tail."""

    def noise(rng: np.random.Generator, draws: int, sizes: Floats) -> Floats:
        stalled = rng.random((draws, 1)) < share
        return np.where(stalled & tail(sizes.tolist()), np.inf, normal(rng, draws, sizes))

    return noise


def two_outliers(slope: float) -> Noise:
    """Return the noise with which two draws, not more, move like a power of the size."""

    def noise(rng: np.random.Generator, draws: int, sizes: Floats) -> Floats:
        first_two = np.arange(draws)[:, None] < 2
        return normal(rng, draws, sizes) + first_two * slope * _since_first(sizes)

    return noise


def _since_first(sizes: Floats) -> Floats:
    return np.log(sizes / sizes[0])


NOISES: dict[str, Noise] = {
    "spread grows along the path": widening,
    "spread differs by draw": uneven,
    "Student t, 2 d.o.f.": heavy,
    "lognormal": skewed,
    "lognormal, spread grows": skewed_and_widening,
    "an offset for each draw": offset,
    "10 % zeros": zeros,
}


@dataclass(frozen=True)
class Scenario:
    """A claim made up so that its truth is known.

    Attributes
    ----------
    name : str
        What it is, in words.
    trend : callable
        The logarithm of measured / bound as a function of the sizes, ``(N,)``, up to an offset.
    wrong : tuple of str
        The outcomes that are wrong for it.
    noise : callable
        What the draws add to it, ``(S, N)`` of a generator, the draws S and the sizes. Its median
        slope over the tail is taken off, unless that is infinite or `centred` is False.
    power : float or None
        The power of log(d) that the order allows; None where the path moves nothing that a
        logarithm is of, such as sigma_0.
    last : float
        The logarithm of measured / declared constant at the last size, without noise.
    draws : int
        Number of draws.
    sizes : tuple of float
        The path.
    centred : bool
        Whether the trend is that of the median over draws, rather than of those without a fault.
    """

    name: str
    trend: Trend
    wrong: tuple[str, ...] = ()
    noise: Noise = normal
    power: float | None = None
    last: float = FAR_BEYOND
    draws: int = DRAWS
    sizes: tuple[float, ...] = SIZES
    centred: bool = True


@cache
def median_slope_of(noise: Noise, sizes: tuple[float, ...]) -> float:
    """Return the median slope over the tail that a noise has by itself, from a large sample."""
    rng, progress = np.random.default_rng(CENTRE_SEED), np.array(sizes)
    stretch = tail(sizes)
    drawn = noise(rng, CENTRE_DRAWS, progress)
    return quantile(slopes_of_draws(progress[stretch], drawn[:, stretch]).tolist(), 0.5)


@dataclass(frozen=True, eq=False)
class Path:
    """Sizes, which of them lie in the tail and at its end, and what an order allows there."""

    progress: Floats
    tail: Booleans
    end: Booleans
    tolerated: float
    tolerated_end: float
    ceiling: float
    logarithm: str


@cache
def path_of(power: float | None, sizes: tuple[float, ...]) -> Path:
    """Return the path along which d moves, or for None one that moves nothing O~ hides."""
    progress, in_tail, at_end = np.array(sizes), tail(sizes), tail_end(sizes)
    nothing = np.ones(len(sizes))
    if power is None:
        allowed = Allowance(nothing, nothing, 0.0, "")
    else:
        allowed = Allowance(np.log(progress), np.log1p(progress), power, "d")
    return Path(
        progress,
        in_tail,
        at_end,
        allowed.tolerated(progress, in_tail),
        allowed.tolerated(progress, at_end),
        allowed.ceiling(progress, in_tail),
        allowed.words,
    )


def make_case(scenario: Scenario, rng: np.random.Generator, number: int = 0) -> OrderCase:
    """Make up the draws of one claim, told from its likes by a number."""
    path = path_of(scenario.power, scenario.sizes)
    trend = scenario.trend(path.progress)
    excess = trend - trend[-1] + scenario.last + scenario.noise(rng, scenario.draws, path.progress)
    own = median_slope_of(scenario.noise, scenario.sizes) if scenario.centred else 0.0
    if math.isfinite(own):
        excess = excess + own * np.log(path.progress[-1] / path.progress)
    name, along = f"{scenario.name} {number}", "d" if path.logarithm else "sigma_0"
    return OrderCase(
        Verdict("calibration", name, "", "O", "derived", "undecided", "", along),
        Table(
            path.progress,
            path.progress,
            path.tail,
            path.end,
            np.zeros(len(path.progress)),
            np.where(excess == -np.inf, 0.0, 1.0),  # asked only whether it is 0
            excess,
        ),
        path.tolerated,
        path.tolerated_end,
        path.ceiling,
        path.logarithm,
    )
