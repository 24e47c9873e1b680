"""Data: one patch is the signal of the class, the other is noise (Theory, section 2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sims.arrays import Booleans, Floats, Integers
from sims.draw import Bits, blocks, draw_samples, unpruned
from sims.masks import kept_bits
from sims.problem import Problem
from sims.signals import signals


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training samples.

    Attributes
    ----------
    labels : (n,) int array
        The class of each sample that training sees, 0 to K - 1.
    noise : (n, d) array
        Noise patch of each sample, unit X.
    signal_first : (n,) bool array
        True where the signal is the first of the two patches.
    classes : (n,) int array
        The class of each sample's signal; the labels where it is left out.
    """

    labels: Integers
    noise: Floats
    signal_first: Booleans
    classes: Integers = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        """Let no label be wrong unless classes are given."""
        if self.classes is None:
            object.__setattr__(self, "classes", self.labels)


def patches(data: Dataset, problem: Problem) -> Floats:
    """Return both patches of each sample in their order, ``(n, 2, d)``, unit X."""
    both = np.stack([signals(problem)[data.classes], data.noise], axis=1)
    return np.where(data.signal_first[:, None, None], both, both[:, ::-1])


def draw_dataset(problem: Problem, seed: int) -> Dataset:
    """Draw the training samples of a seed, the same that every engine trains on.

    Parameters
    ----------
    problem : Problem
        The parameters; ``problem.noise`` chooses the law of the noise.
    seed : int
        The seed of the run.

    Returns
    -------
    Dataset
        Labels, noise, the order of the patches, and the classes of the signals.
    """
    classes, labels, signal_first = draw_samples(problem, seed)
    noise = np.concatenate([block.noise for block in blocks(unpruned(problem), seed)], axis=1)
    return Dataset(labels, noise, signal_first, classes)


def draw_network(problem: Problem, seed: int, mask: Bits | None = None) -> tuple[Floats, Booleans]:
    """Draw initial weights (before masking) and mask of a seed.

    Parameters
    ----------
    problem : Problem
        The parameters.
    seed : int
        The seed of the run.
    mask : (K, m, D) uint8 array, optional
        :attr:`Draw.mask` of a run, which spares finding it again.

    Returns
    -------
    weights : (K, m, d) array
        i.i.d. N(0, sigma_0^2), unit 1/X.
    mask : (K, m, d) bool array
        True where the weight is kept: i.i.d. Bernoulli(p), unless ``pruning`` chooses.
    """
    drawn = list(blocks(problem, seed, mask=kept_bits(problem, seed, mask)))
    weights = np.concatenate([block.weights for block in drawn], axis=2)
    return weights, np.concatenate([block.mask for block in drawn], axis=2)
