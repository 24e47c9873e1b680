"""The random streams of a seed: independent, and each the same whatever else is drawn."""

from __future__ import annotations

import numpy as np

STREAMS = ("labels", "noise", "weights", "masks", "test")


def stream(seed: int, name: str, *branch: int) -> np.random.Generator:
    """Return the random stream called ``name`` of a seed.

    Parameters
    ----------
    seed : int
        Any integer of at least 0.
    name : {"labels", "noise", "weights", "masks", "test"}
        Which stream.
    *branch : int
        Which branch of the stream, an independent one for every sequence of integers.

    Returns
    -------
    numpy.random.Generator
        A generator at the start of that stream.
    """
    # the key that SeedSequence(seed).spawn(len(STREAMS)) would give the child, and its children
    key = (STREAMS.index(name), *branch)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
