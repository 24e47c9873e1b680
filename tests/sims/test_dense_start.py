import numpy as np
import pytest

from sims import Dataset, dense_start, draw_dataset, draw_network, loss_and_gradient

MODELS = [
    {},
    {"K": 3, "flip": 0.3, "noise": "orthogonal"},
    {"signals": "antipodal", "q": 2.0},
    {"q": 2.5, "p": 0.2, "pruning": "snip"},
]


def start_of(small_problem, model):
    # products of order 1, so that all of softmax and both derivatives are felt
    problem = small_problem(**{"d": 30, "n": 5, "m": 3, "sigma_0": 0.3, "sigma_n": 0.4, **model})
    return dense_start(problem, 5)


def loss_along(start, direction, step):
    data = Dataset(start.labels, start.noise, np.ones(start.problem.n, bool), start.classes)
    weights = start.weights + step * direction
    return loss_and_gradient(weights, np.ones(weights.shape, bool), data, start.problem)


@pytest.mark.parametrize("model", MODELS)
def test_the_gradient_is_the_one_by_hand_and_that_of_finite_differences(small_problem, model):
    start = start_of(small_problem, model)
    by_hand = loss_along(start, start.weights, 0.0)[1]
    np.testing.assert_allclose(start.gradient, by_hand, rtol=1e-10, atol=1e-14)
    rng = np.random.default_rng(0)
    for _ in range(3):
        direction = rng.standard_normal(start.weights.shape)
        ends = [loss_along(start, direction, step)[0] for step in (-2e-4, -1e-4, 1e-4, 2e-4)]
        slope = (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / 12e-4  # fourth order
        assert np.vdot(start.gradient, direction) == pytest.approx(slope, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("model", MODELS)
def test_the_hessian_product_is_the_finite_difference_of_gradients(small_problem, model):
    start = start_of(small_problem, model)
    along = start.gradient / np.abs(start.gradient).max()
    h = 1e-4 if start.problem.q > 2.5 else 1e-5  # sigma'' has kinks below
    ends = [loss_along(start, along, step)[1] for step in (-2 * h, -h, h, 2 * h)]
    change = (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * h)
    found = start.hessian_gradient / np.abs(start.gradient).max()
    np.testing.assert_allclose(found, change, rtol=1e-8, atol=1e-8 * np.abs(change).max())


def test_the_dense_start_is_where_the_dense_run_starts(small_problem):
    problem = small_problem(pruning="magnitude", p=0.5)
    start, dense = dense_start(problem, 3), small_problem(p=1.0)
    np.testing.assert_array_equal(start.weights, draw_network(dense, 3)[0])
    np.testing.assert_array_equal(start.noise, draw_dataset(dense, 3).noise)
    assert start.problem == problem
