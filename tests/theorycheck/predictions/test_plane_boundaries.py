"""Theorem and sharp law put boundaries where their formulas do, and only in their own model."""

import numpy as np
import pytest

import bounds
from theorycheck.predictions.plane import Plane, map_plane
from theorycheck.predictions.plane_boundaries import (
    boundary_points,
    has_sharp_boundary,
    sharp_values,
    theorem_index,
    theorem_values,
)

POINT = np.array([30.0]), np.array([0.4])


def plane(x="n", y="snr", **more):
    values = more.pop("values", {})
    return Plane(x, y, values, **{"signals": "antipodal", **more})


def test_index_of_the_theorem_is_n_times_a_power_of_the_snr():
    assert theorem_values(plane(), *POINT) == pytest.approx(30 * 0.4**3)
    assert theorem_values(plane(q=4.0), *POINT) == pytest.approx(30 * 0.4**4)
    assert theorem_values(plane(q=2.0), *POINT) == pytest.approx(30 * 0.4**2)


def test_index_of_relu_is_that_of_its_own_theorem():
    over_mu = plane("d", "mu", q=1.0, values={"sigma_n": (0.5,), "n": (20,)})
    found = theorem_values(over_mu, np.array([400.0]), np.array([3.0]))
    assert found == pytest.approx(bounds.relu_index(20, 400, 3.0, 0.5))
    # by the SNR the dimension takes part: n SNR^4 d
    assert theorem_values(plane(q=1.0), *POINT) == pytest.approx(30 * 0.4**4 * 4000)


@pytest.mark.parametrize(
    ("other", "theorem", "sharp"),
    [
        (plane(), True, True),
        (plane(q=1.0, flip=0.1), True, True),
        (plane(flip=0.1), True, False),
        (plane(q=2.0), True, False),
        (plane(q=1.5), False, False),
        (plane("p"), False, False),
        (plane(values={"p": (0.5,)}), False, False),
        (Plane("n", "snr"), False, False),
    ],
)
def test_boundaries_are_those_of_their_own_model(other, theorem, sharp):
    assert (theorem_index(other) is not None) == theorem
    assert has_sharp_boundary(other) == sharp


@pytest.mark.parametrize("excess", [0.1, 0.5, 0.9])
def test_sharp_boundary_of_the_race_is_where_so_many_classes_lose(excess):
    snr = bounds.even_snr(1.0, 30, 20, 2, 3.0, 1 - excess)
    assert sharp_values(plane(), POINT[0], np.array([snr]), excess) == pytest.approx(1)
    assert bounds.learned_share(snr, 1.0, 30, 20, 2, 3.0) == pytest.approx(1 - excess, abs=1e-3)


@pytest.mark.parametrize("flip", [0.0, 0.1])
@pytest.mark.parametrize("excess", [0.1, 0.5])
def test_sharp_boundary_of_relu_is_where_the_curve_has_the_error(excess, flip):
    over_mu = plane("d", "mu", q=1.0, flip=flip, values={"sigma_n": (0.5,), "n": (20,)})
    d, mu = np.array([400.0]), np.array([3.0])
    ratio = sharp_values(over_mu, d, mu, excess)[0, 0]
    x = bounds.relu_index(20, 400, 3.0, 0.5) / ratio
    assert bounds.relu_error(x, flip) == pytest.approx(flip + excess * (0.5 - flip), rel=1e-6)


@pytest.mark.parametrize("name", ["n", "m", "d", "snr", "mu"])
def test_points_reach_past_both_edges_and_counts_are_whole(name):
    points = boundary_points(name, 2.4, 90.7)
    assert points[0] <= 2.4
    assert points[-1] >= 90.7 * (1 - 1e-12)
    assert (np.diff(points) > 0).all()
    assert name in ("snr", "mu") or np.array_equal(points, points.round())


def test_errors_on_either_side_of_the_sharp_boundary_of_relu_are_as_predicted():
    shape = {"d": (4000,), "m": (10,), "eta": (1e-4,), "sigma_0": (1e-5,), "sigma_n": (1.0,)}
    found = map_plane(
        plane("n", "mu", q=1.0, flip=0.1, seeds=8, values={**shape, "n": (20,), "mu": (1.5, 6.0)})
    )
    for row, mu in enumerate((1.5, 6.0)):
        expected = bounds.relu_error(bounds.relu_index(20, 4000, mu, 1.0), 0.1, 0.82)
        assert found.measured[row].mean() == pytest.approx(expected, abs=0.05)
