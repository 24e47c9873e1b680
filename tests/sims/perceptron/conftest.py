import numpy as np
import pytest

from sims.perceptron import draw_layers


@pytest.fixture
def small():
    """A start of given sizes, images and labels, all from one seed."""

    def make(sizes=(7, 6, 3), n=5, seed=0):
        rng = np.random.default_rng(seed)
        weights = draw_layers(sizes, rng)
        return weights, rng.standard_normal((n, sizes[0])), rng.integers(sizes[-1], size=n)

    return make
