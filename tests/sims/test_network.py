import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sims import draw_dataset, draw_network
from sims.data import Dataset, patches
from sims.gradients import pre_activations
from sims.network import activation, activation_curvature, activation_slope, logits

POWERS = [1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6.25]


@pytest.mark.parametrize(
    ("q", "values", "slopes"),
    [
        (1, [0, 0, 0.5, 2], [0, 0, 1, 1]),
        (2, [0, 0, 0.25, 4], [0, 0, 1, 4]),
        (3, [0, 0, 0.125, 8], [0, 0, 0.75, 12]),
        (5, [0, 0, 1 / 32, 32], [0, 0, 5 / 16, 80]),
    ],
)
def test_activation_and_slope_are_the_formulas(q, values, slopes):
    z = np.array([-2.0, 0.0, 0.5, 2.0])
    np.testing.assert_array_equal(activation(z, q), values)
    np.testing.assert_array_equal(activation_slope(z, q), slopes)


@pytest.mark.parametrize("q", POWERS)
@pytest.mark.parametrize("z", [0.0, -0.0, -1e-300, -1.0])
def test_nothing_answers_at_zero_or_below(q, z):
    assert activation(np.array([z]), q) == 0
    assert activation_slope(np.array([z]), q) == 0
    if q >= 2:
        assert activation_curvature(np.array([z]), q) == 0


@pytest.mark.parametrize("q", POWERS)
@given(z=st.floats(0.01, 30))
def test_slope_and_curvature_are_derivatives(q, z):
    h = 1e-4 * z
    ends = np.array([z - h, z + h])
    low, high = activation(ends, q)
    # central differences: (h/z)^2 and rounding
    assert activation_slope(np.array([z]), q)[0] == pytest.approx((high - low) / (2 * h), rel=1e-6)
    if q >= 2:
        low, high = activation_slope(ends, q)
        curvature = activation_curvature(np.array([z]), q)[0]
        assert curvature == pytest.approx((high - low) / (2 * h), rel=1e-6)


@pytest.mark.parametrize("q", POWERS)
def test_the_input_is_left_as_it_was(q):
    z = np.array([-1.0, 0.5, 2.0])
    activation(z, q)
    activation_slope(z, q)
    activation_curvature(z, max(q, 2))
    np.testing.assert_array_equal(z, [-1.0, 0.5, 2.0])


@pytest.mark.parametrize("q", [1, 2, 3, 3.5])
def test_logits_are_the_sum_over_neurons_and_patches(small_problem, q):
    problem = small_problem(K=3, q=q)
    data = draw_dataset(problem, 2)
    weights, mask = draw_network(problem, 2)
    both = patches(data, problem)
    expected = np.zeros((3, problem.n))
    for j in range(3):
        for i in range(problem.n):
            for r in range(problem.m):
                for patch in both[i]:
                    z = sum(weights[j, r] * mask[j, r] * patch)
                    expected[j, i] += z**q if z > 0 else 0.0
    np.testing.assert_allclose(logits(weights, mask, both, q), expected, rtol=1e-12)


def test_swapping_the_patches_changes_nothing(small_problem):
    problem = small_problem(K=3)
    data = draw_dataset(problem, 2)
    swapped = Dataset(data.labels, data.noise, ~data.signal_first)
    weights, mask = draw_network(problem, 2)
    first = logits(weights, mask, patches(data, problem), problem.q)
    second = logits(weights, mask, patches(swapped, problem), problem.q)
    np.testing.assert_allclose(first, second, rtol=1e-14)
    # and the engines' way, which knows no order
    products = pre_activations(weights * mask, data, problem)
    third = sum(activation(z, problem.q).sum(axis=1) for z in products)
    np.testing.assert_allclose(first, third, rtol=1e-12)
