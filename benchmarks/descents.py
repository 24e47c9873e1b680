"""What the benchmark asks of every implementation of gradient descent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sims.arrays import Booleans, Floats, Integers
from sims.draw import blocks, draw_labels
from sims.problem import Problem


@dataclass(frozen=True)
class Descent:
    """A network in training.

    Attributes
    ----------
    take : callable
        Takes so many steps, and returns when they are done.
    loss : callable
        Returns the training loss where it stands.
    """

    take: Callable[[int], None]
    loss: Callable[[], float]


def draw_flat(problem: Problem, seed: int) -> tuple[Floats, Booleans, Floats, Integers]:
    """Draw what the other frameworks train on, the same numbers that the engines here see.

    Written into arrays made once, so that the peak memory of a framework is its own.

    Parameters
    ----------
    problem : Problem
        What to draw.
    seed : int
        The seed.

    Returns
    -------
    weights : (K m, d) array
        Masked initial weights.
    mask : (K m, d) bool array
        True where the weight is kept.
    noise : (n, d) array
        Noise patches.
    labels : (n,) int array
        Classes.
    """
    neurons, d = problem.K * problem.m, problem.d
    weights, mask = np.empty((neurons, d)), np.empty((neurons, d), bool)
    noise = np.empty((problem.n, d))
    for block in blocks(problem, seed):
        here = slice(block.start, block.stop)
        mask[:, here] = block.mask.reshape(neurons, -1)
        np.multiply(block.weights.reshape(neurons, -1), mask[:, here], out=weights[:, here])
        noise[:, here] = block.noise
    return weights, mask, noise, draw_labels(problem, seed)
