"""Paths that keep a theorem on its side, beyond what the laws are tested on."""

from fractions import Fraction

import pytest

import bounds
from bounds.paths import PATHS
from bounds.premise_paths import MOVED


@pytest.mark.parametrize("id", bounds.SIBLING_THEOREMS)
def test_there_is_a_path_along_every_parameter_that_may_move(id):
    routes = bounds.premise_paths(id, 3)
    assert tuple(routes) == MOVED
    assert all(name == route.along for name, route in routes.items())


def test_a_theorem_on_a_large_index_takes_the_usual_paths():
    for name, route in bounds.premise_paths("benign-overfitting", 3).items():
        assert route is PATHS[name]


@pytest.mark.parametrize(
    ("id", "q", "power"),
    [
        ("harmful-overfitting", 3, Fraction(-1, 3)),
        ("harmful-overfitting", 4.0, Fraction(-1, 4)),
        ("relu-harmful-overfitting", 1, Fraction(-1, 4)),
        ("low-snr-descent", 2, Fraction(-1, 2)),
    ],
)
def test_along_n_the_signal_falls_so_that_the_index_stays(id, q, power):
    assert bounds.premise_paths(id, q)["n"].powers == {"n": 1, "mu": power}
