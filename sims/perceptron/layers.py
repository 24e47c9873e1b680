"""The weights of a perceptron: a matrix for each layer, drawn or masked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from sims.arguments import check_count
from sims.arrays import Booleans, Floats

Layers = tuple[Floats, ...]
Masks = tuple[Booleans, ...]


def draw_layers(sizes: Sequence[int], rng: np.random.Generator) -> Layers:
    r"""Draw the dense start: W_l with i.i.d. N(0, 2/d_{l-1}) entries.

    Parameters
    ----------
    sizes : sequence of int
        d_0 = d pixels, the units of each hidden layer, d_L = K classes; three sizes or more.
    rng : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    tuple of (d_l, d_{l-1}) arrays
        One matrix a layer, no unit. There are no biases.

    Raises
    ------
    ValueError
        If there are fewer than three sizes, or one is no positive integer.
    """
    if len(sizes) < 3:
        raise ValueError(f"sizes must be three or more, pixels, units and classes, got {sizes!r}")
    for size in sizes:
        check_count("sizes", size, 1)
    return tuple(
        rng.standard_normal((after, before)) * math.sqrt(2.0 / before)
        for before, after in pairwise(sizes)
    )


def masked(weights: Layers, masks: Masks) -> Layers:
    """Return ``W_l * M_l`` for every layer."""
    return tuple(weight * mask for weight, mask in zip(weights, masks, strict=True))
