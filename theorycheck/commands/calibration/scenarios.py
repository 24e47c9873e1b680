"""Which claims are made up for a calibration, one or more for every rule of the judge."""

from __future__ import annotations

import math

import numpy as np

from sims.arrays import Floats
from theorycheck.commands.calibration.made_up_claims import (
    LONG_SIZES,
    NOISES,
    Scenario,
    Trend,
    some_grow,
    some_never_stop,
    some_violate,
    two_outliers,
)
from theorycheck.judging.slopes import RESOLUTION, tail, tail_end

DEVIATIONS = (0.05, 0.1, 0.25, 0.5)
BARELY = 0.001  # beyond the allowance, where a slope is hardest to tell from one within
REFUTED, CONSISTENT, UNDECIDED = ("refuted",), ("consistent",), ("undecided",)
HALF = math.log(1 / 2)


def power_law(slope: float) -> Trend:
    """Return the logarithm of size^slope."""
    return lambda sizes: slope * np.log(sizes)


def log_power_law(power: float) -> Trend:
    """Return the logarithm of log(size)^power."""
    return lambda sizes: power * np.log(np.log(sizes))


def bounded(turn: float) -> Trend:
    """Return the logarithm of size / (size + turn), which never passes 1."""
    return lambda sizes: -np.log1p(turn / sizes)


AT_TAU = power_law(RESOLUTION)
BARELY_BEYOND = power_law(RESOLUTION + BARELY)
FLAT, FALLING = power_law(0.0), power_law(-0.5)


def crossover(sizes: Floats) -> Floats:
    """Return the logarithm of a quantity that grows like the size, and not at all in the tail."""
    return np.log(np.minimum(sizes, sizes[tail(sizes.tolist())][0]))


def late_crossover(slope: float) -> Trend:
    """Return the logarithm of one that grows like the size up to the tail's end, slower there."""

    def trend(sizes: Floats) -> Floats:
        turn = sizes[tail_end(sizes.tolist())][0]
        return np.log(np.minimum(sizes, turn)) + slope * np.log(np.maximum(sizes / turn, 1.0))

    return trend


def within_scenarios() -> list[Scenario]:
    """Return claims whose median slope is within tau; the noises come with tau itself."""
    return [
        Scenario("constant", FLAT, REFUTED),
        Scenario("falling", FALLING, REFUTED),
        Scenario("slope at tau", AT_TAU, REFUTED),
        Scenario("log under O~", log_power_law(1.0), REFUTED, power=2.0),
        Scenario("log^2 under O~", log_power_law(2.0), REFUTED, power=2.0),
        Scenario("growth ends before the tail", crossover, REFUTED),
        *(Scenario(name, AT_TAU, REFUTED, noise) for name, noise in NOISES.items()),
        Scenario("8 % of draws at 5 times the bound", AT_TAU, REFUTED, some_violate(0.08),
                 last=HALF),
        Scenario("8 % of draws ten times the others", AT_TAU, REFUTED, some_violate(0.08)),
        Scenario("4 % of draws grow like the root", AT_TAU, REFUTED, some_grow(0.04, 0.5)),
        Scenario("15 % of draws without t*", AT_TAU, REFUTED, some_never_stop(0.15)),
    ]  # fmt: skip


def beyond_scenarios() -> list[Scenario]:
    """Return claims whose median slope is beyond tau; the noises come with one barely so."""
    return [
        *(
            Scenario(f"slope {by:g} beyond tau", power_law(RESOLUTION + by), CONSISTENT)
            for by in (BARELY, *DEVIATIONS)
        ),
        *(Scenario(name, BARELY_BEYOND, CONSISTENT, noise) for name, noise in NOISES.items()),
        Scenario("60 % of draws grow like the root", FLAT, CONSISTENT, some_grow(0.6, 0.5),
                 centred=False),
        Scenario("60 % of draws without t*", FLAT, CONSISTENT, some_never_stop(0.6)),
    ]  # fmt: skip


def between_scenarios() -> list[Scenario]:
    """Return claims whose median slope is beyond tau and that must not be refuted either."""
    either = REFUTED + CONSISTENT
    return [
        Scenario("log under O", log_power_law(1.0), either, power=0.0),
        Scenario("log^3 under O~", log_power_law(3.0), either, power=2.0),
        Scenario("log^4 under O~", log_power_law(4.0), either, power=2.0),
        Scenario("bounded growth, to half", bounded(1e9), either, last=HALF),
        Scenario("bounded growth, to nine tenths", bounded(1e8), either, last=math.log(0.9)),
        Scenario("growth ends late, flat then", late_crossover(0.0), either, sizes=LONG_SIZES),
    ]


def late_scenarios() -> list[Scenario]:
    """Return claims that only the test at the end of the tail keeps from being refuted."""
    return [
        Scenario("growth ends late, at tau then", late_crossover(RESOLUTION), REFUTED + CONSISTENT,
                 sizes=LONG_SIZES),
    ]  # fmt: skip


def outlier_scenarios() -> list[Scenario]:
    """Return claims that clearly fall, with two draws that are far from the others."""
    return [
        Scenario("two favourable outliers", FALLING, REFUTED + UNDECIDED, two_outliers(-1e3)),
        Scenario("two unfavourable outliers", FALLING, REFUTED + UNDECIDED, two_outliers(1e3)),
    ]
