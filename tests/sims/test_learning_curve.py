import math
from dataclasses import replace

import numpy as np
import pytest

from sims import Problem, learning_curve, loss_and_gradient, population, simulate
from sims.data import draw_dataset, draw_network
from sims.decomposition import Coefficients, rebuild_weights

PROBLEM = Problem(300, 6, 4, 2, 0.6, 2.0, 0.05, 0.05, 0.1)


@pytest.fixture(scope="module", params=["weights", "flow", "gram-law"])
def run(request):
    return simulate(PROBLEM, 3, target_loss=0.05, engine=request.param)


@pytest.fixture(scope="module")
def curve(run):
    return learning_curve(run, most=6)


def test_curve_ends_where_the_test_of_the_run_is_to_the_bit(run, curve):
    end = population(run)
    last = (curve.test_loss[-1], curve.test_error[-1], curve.test_loss_se[-1])
    assert last == (end.test_loss, end.test_error, end.test_loss_se)
    assert curve.steps[-1] == run.steps[-1]


def test_curve_has_first_and_last_step_and_the_training_loss_of_each(run, curve):
    assert len(curve.steps) == 6
    assert curve.steps[0] == 0
    assert np.all(np.diff(curve.steps) > 0)
    assert all(
        loss == run.loss[run.steps == step]
        for step, loss in zip(curve.steps, curve.loss, strict=True)
    )


def test_start_of_the_curve_is_that_of_a_run_without_a_step(run, curve):
    at_start = population(simulate(PROBLEM, 3, target_loss=0.05, engine=run.engine, max_steps=0))
    assert curve.test_error[0] == at_start.test_error
    assert curve.test_loss[0] == at_start.test_loss


def test_point_inside_is_the_loss_on_fresh_data_of_the_weights_there():
    run = simulate(PROBLEM, 3, target_loss=0.05, engine="weights")
    curve = learning_curve(run, most=5)
    (index,) = np.flatnonzero(run.steps == curve.steps[3])
    weights, mask = draw_network(PROBLEM, 3)
    there = Coefficients(run.gamma[index], run.rho[index])
    kept = rebuild_weights(there, run.draw, weights, mask, draw_dataset(PROBLEM, 3).noise)
    fresh = replace(PROBLEM, n=2000)
    losses = [
        loss_and_gradient(kept, mask, draw_dataset(fresh, seed), fresh)[0]
        for seed in range(100, 120)
    ]
    error = np.std(losses, ddof=1) / math.sqrt(len(losses))
    assert abs(curve.test_loss[3] - np.mean(losses)) < 4 * error
    assert abs(curve.test_loss[0] - np.mean(losses)) > 4 * error  # or any point would do


def test_curve_takes_all_steps_of_a_short_run():
    run = simulate(PROBLEM, 0, target_loss=0.05, max_steps=4, engine="gram")
    assert list(learning_curve(run).steps) == list(run.steps)


def test_representation_is_a_line_and_the_frame_has_a_row_a_step(curve):
    pandas = pytest.importorskip("pandas")
    assert len(repr(curve)) < 400
    assert "test error" in repr(curve)
    frame = curve.to_frame()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["test_error"]) == list(curve.test_error)
    assert frame.index.name == "step"


@pytest.mark.parametrize("most", [1, 2.5, "3"])
def test_too_few_points_are_refused(run, most):
    with pytest.raises(ValueError, match="most must be"):
        learning_curve(run, most=most)


def test_diverged_run_is_refused():
    run = simulate(replace(PROBLEM, eta=1e60), 1, "gram")
    assert run.status == "diverged"
    with pytest.raises(ValueError, match="diverged"):
        learning_curve(run)
