"""What races to escape from a start: neurons for a signal, samples and neurons for the noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

import bounds
from sims import Draw
from sims.arrays import Floats


@dataclass(frozen=True, eq=False)
class Rivals:
    """R coefficients that grow, the first of which to reach a level is waited for.

    Attributes
    ----------
    starts : (R,) array
        Initial pre-activations, no unit.
    rates : (R,) array
        The rate a or b of each, per step.
    q : float
        Power of the activation.
    """

    starts: Floats
    rates: Floats
    q: float

    def prediction(self, level: float) -> tuple[float, float]:
        """Return the predicted flow time to a level, and the lag of descent behind it."""
        times = [
            bounds.escape_time(z, a, self.q, max(z, 0.0) + level)
            for z, a in zip(self.starts.tolist(), self.rates.tolist(), strict=True)
        ]
        first = int(np.argmin(times))
        z = float(self.starts[first])
        lag = bounds.descent_lag(z, z + level, self.q) if z > 0 else math.inf
        return times[first], lag

    def left(self, grown: Floats, level: float) -> float:
        """Return the steps left until the first reaches the level, by the rates; negative beyond.

        Shapes: grown (R,).
        """
        times = []
        for start, a, c in zip(
            self.starts.tolist(), self.rates.tolist(), grown.tolist(), strict=True
        ):
            now, end = start + c, start + level
            if now <= 0 or end <= 0 or now == end:
                times.append(0.0 if now == end else math.inf)
                continue
            low, high = min(now, end), max(now, end)
            between = bounds.escape_time(low, a, self.q, high)
            between += bounds.descent_lag(low, high, self.q)
            times.append(between if now < end else -between)
        return min(times)


def signal_rivals(draw: Draw, j: int) -> Rivals:
    """Return what may learn the signal of class j: its neurons, each at the share that it keeps.

    One that keeps nothing starts at 0.
    """
    problem = draw.problem
    count = int(np.sum(draw.labels == j))
    rate = bounds.signal_rate(problem.eta, problem.q, problem.mu, count, problem.n, problem.K)
    return Rivals(draw.initial_signal[j, :, j], rate * draw.signal_kept[j, :, j], problem.q)


def noise_rivals(draw: Draw) -> Rivals:
    """Return what may be memorized: every sample by every neuron of its class."""
    problem, samples = draw.problem, np.arange(draw.problem.n)
    # the rate is linear in the squared norm of the masked noise
    rate = bounds.noise_rate(problem.eta, problem.q, 1.0, problem.n, problem.K)
    starts = draw.initial_noise[draw.labels, :, samples]
    norms = draw.noise_norm2[draw.labels, :, samples]
    return Rivals(starts.ravel(), rate * norms.ravel(), problem.q)


def first_escapes(rivals: Rivals, groups: int) -> list[float]:
    """Return when the first of each of several equal groups escapes, in steps; q > 2.

    inf where nothing of a group ever grows. Who is first shows in a z^(q-2), without any time.
    """
    speeds = rivals.rates * np.maximum(rivals.starts, 0.0) ** (rivals.q - 2)
    firsts = np.argmax(speeds.reshape(groups, -1), axis=1)
    starts, rates = (
        np.take_along_axis(one.reshape(groups, -1), firsts[:, None], axis=1)[:, 0].tolist()
        for one in (rivals.starts, rivals.rates)
    )
    return [bounds.escape_time(z, a, rivals.q) for z, a in zip(starts, rates, strict=True)]
