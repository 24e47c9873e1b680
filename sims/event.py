"""The events of a draw: what the theorems' premises ask, decided before any training."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sims.arrays import Booleans, Floats, Integers
from sims.captured import captured_samples
from sims.draw import Draw
from sims.gram import draw_with_grams
from sims.gram_law import grams_from_law


@dataclass(frozen=True, eq=False)
class Event:
    """What the theorems' premises ask of a draw (Theory, section 7, after the two statements).

    Attributes
    ----------
    class_counts : (K,) int array
        Number of training samples n_k with the signal of each class.
    flipped_counts : (K,) int array
        How many of these have a wrong label.
    learnable : (K,) bool array
        True where some neuron of the class keeps its coordinate and starts with a positive product,
        or gets one because q < 2 and the other signal is opposite to its own, and where wrong
        labels do not outweigh the right ones (Theory, section 12).
    no_own_signal : bool
        True when every S_signal^k is empty.
    memorizable : (n,) bool array
        True where a neuron of the sample's label starts with a positive product on its noise.
    draw : Draw
        The draw itself.
    engine : str
        The engine that draws it: "gram-law", or any other, which draw the same.
    """

    class_counts: Integers
    flipped_counts: Integers
    learnable: Booleans
    no_own_signal: bool
    memorizable: Booleans
    draw: Draw
    engine: str = "auto"

    @cached_property
    def captured(self) -> Booleans:
        """``(n,)``: True where some neuron of the sample's label memorizes it in the end.

        Decided by :func:`sims.captured.captured_samples` (Theory, section 11). It needs the
        overlaps of the noises, so the draw is made again, once, when this is asked for.
        """
        return captured_samples(self.draw, noise_grams(self.draw, self.engine))


def noise_grams(draw: Draw, engine: str = "auto") -> Floats:
    """Draw the masked inner products of the noises again that a draw was made with.

    Parameters
    ----------
    draw : Draw
        The draw.
    engine : str, default "auto"
        The engine that drew it.

    Returns
    -------
    (K, m, n, n) array
        ``<xi~_{j,r,i}, xi_{i'}>``, unit X^2.
    """
    if engine == "gram-law":
        return grams_from_law(draw.problem, draw.seed)[1]
    return draw_with_grams(draw.problem, draw.seed, draw.mask)[1]


def event_of(draw: Draw, engine: str = "auto") -> Event:
    """Decide the events from labels, noise, mask and initial weights alone.

    Parameters
    ----------
    draw : Draw
        Where a run starts.
    engine : str, default "auto"
        The engine that drew it.

    Returns
    -------
    Event
        What the premises need.
    """
    problem, K = draw.problem, draw.problem.K
    counts = np.bincount(draw.classes, minlength=K)
    flipped = np.bincount(draw.classes[draw.labels != draw.classes], minlength=K)
    own_start = np.einsum("jrj->jr", draw.initial_signal)
    # descent on samples of the other class carries an own product from below 0 to above it
    crosses = problem.signals == "antipodal" and problem.q < 2
    starts = draw.signal_neurons & ((own_start > 0) | crosses)
    # the pull at the start: right labels weigh 1 - 1/K, wrong ones 1/K
    gains = (flipped == 0) | ((K - 1) * (counts - flipped) > flipped)
    own_noise = draw.initial_noise[draw.labels, :, np.arange(problem.n)]
    return Event(
        counts,
        flipped,
        np.any(starts, axis=1) & gains,
        not np.any(draw.signal_neurons),
        np.any(own_noise > 0, axis=1),
        draw,
        engine,
    )
