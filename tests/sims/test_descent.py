import itertools

import numpy as np
import pytest

from sims import Coefficients, Problem, draw_dataset, draw_network, loss_and_gradient, simulate
from sims.descent import LARGEST_LOGIT, descend, largest_pre_activation, within_bounds
from sims.gram import build
from sims.recorder import Recorder


class Scripted:
    """A state whose losses are written down beforehand; it moves while `moves` says so."""

    def __init__(self, losses, moves=10**9, floor=0.0):
        self.losses, self.moves, self.taken, self.floor = losses, moves, 0, floor

    def loss(self):
        return self.losses[min(self.taken, len(self.losses) - 1)]

    def step(self):
        if self.taken >= self.moves:
            return False
        self.taken += 1
        return True

    def coefficients(self):
        return Coefficients(np.full((1, 1, 1), float(self.taken)), np.zeros((1, 1, 1)))

    def gradient_norm2(self):
        return 1.0

    def loss_floor(self):
        return self.floor


def run(state, target=0.1, max_steps=100):
    recorder, told = Recorder(), []
    ending = descend(
        state, recorder, target, max_steps, lambda step, loss: told.append((step, loss))
    )
    return ending, recorder, told


def test_a_run_held_up_by_unresponsive_samples_stalls():
    ending, _, _ = run(Scripted([0.5, 0.2], floor=0.19999), max_steps=10**4)
    assert (ending.status, ending.step) == ("stalled", 1000)
    assert "captured by others) hold the loss at 0.2" in ending.reason


@pytest.mark.parametrize("floor", [0.05, 0.19])
def test_a_run_that_may_still_get_there_goes_on(floor):
    ending, _, _ = run(Scripted([0.5, 0.2], floor=floor), max_steps=5000)
    assert (ending.status, ending.step) == ("max-steps", 5000)


def test_a_run_stops_at_the_first_step_with_the_target_loss():
    ending, _, told = run(Scripted([0.5, 0.2, 0.1, 0.05]))
    assert (ending.status, ending.step, ending.loss) == ("reached", 2, 0.1)
    assert told == [(0, 0.5), (1, 0.2), (2, 0.1)]


def test_a_run_that_starts_at_its_target_takes_no_step():
    state = Scripted([0.05])
    assert run(state)[0].step == 0
    assert state.taken == 0


def test_a_run_ends_after_max_steps():
    ending, _, _ = run(Scripted([0.5]), max_steps=7)
    assert (ending.status, ending.step, ending.loss) == ("max-steps", 7, 0.5)


def test_a_run_stalls_when_a_step_changes_nothing():
    ending, _, _ = run(Scripted([0.5], moves=3))
    assert (ending.status, ending.step, ending.loss) == ("stalled", 3, 0.5)


@pytest.mark.parametrize("last", [np.inf, np.nan])
def test_a_run_diverges_when_the_loss_is_no_number(last):
    ending, recorder, _ = run(Scripted([0.5, 0.7, last]))
    assert (ending.status, ending.step) == ("diverged", 2)
    np.testing.assert_array_equal(recorder.arrays()["steps"], [0, 1])


def test_records_are_of_the_step_they_name():
    recorded = run(Scripted([0.5]), max_steps=60)[1].arrays()
    np.testing.assert_array_equal(recorded["gamma"][:, 0, 0, 0], recorded["steps"])
    assert recorded["steps"][0] == 0
    assert set(range(9)) <= set(recorded["steps"])


@pytest.mark.parametrize("ending", ["reached", "max-steps", "stalled", "diverged"])
def test_every_ending_has_a_reason_of_one_sentence(ending):
    losses, moves = {
        "reached": ([0.5, 0.1], 10**9),
        "max-steps": ([0.5], 10**9),
        "stalled": ([0.5], 4),
        "diverged": ([0.5, np.inf], 10**9),
    }[ending]
    result = run(Scripted(losses, moves))[0]
    assert result.status == ending
    assert result.reason
    assert "\n" not in result.reason
    assert "step" in result.reason


@pytest.mark.parametrize("engine", ["weights", "gram"])
@pytest.mark.parametrize(
    ("K", "q", "p", "noise"),
    [
        (2, 3.0, 0.6, "isotropic"),
        (3, 1.0, 1.0, "orthogonal"),
        (4, 2.0, 0.2, "isotropic"),
        (3, 3.5, 0.5, "orthogonal"),
    ],
)
def test_a_step_is_eta_times_the_gradient(
    small_problem, start_weights, one_row, engine, K, q, p, noise
):
    problem = small_problem(K=K, q=q, p=p, noise=noise)
    data, (weights, mask) = draw_dataset(problem, 4), draw_network(problem, 4)
    weights *= mask
    state = start_weights(problem, 4) if engine == "weights" else one_row(build(problem, 4))
    for _ in range(10):
        loss, gradient = loss_and_gradient(weights, mask, data, problem)
        assert state.loss() == pytest.approx(loss, rel=1e-11)
        assert state.gradient_norm2() == pytest.approx(np.sum(gradient**2), rel=1e-9)
        weights -= problem.eta * gradient
        assert state.step()
        if engine == "weights":
            size = np.abs(weights).max()
            np.testing.assert_allclose(state.weights, weights, rtol=0, atol=1e-13 * size)


def test_asking_for_the_gradient_changes_nothing(small_problem, start_weights):
    asked, other = start_weights(small_problem(), 1), start_weights(small_problem(), 1)
    for _ in range(5):
        asked.loss(), other.loss()
        asked.gradient_norm2()
        asked.step(), other.step()
    np.testing.assert_array_equal(asked.weights, other.weights)
    np.testing.assert_array_equal(asked.coefficients().rho, other.coefficients().rho)


@pytest.mark.parametrize("p", [1e-9, 0.05, 0.5])
def test_pruned_weights_never_move(small_problem, start_weights, p):
    problem = small_problem(p=p, K=3)
    state, mask = start_weights(problem, 0), draw_network(problem, 0)[1]
    for _ in range(25):
        state.loss()
        state.step()
        assert np.all(state.weights[~mask] == 0)


@pytest.mark.parametrize("q", [1, 2, 3, 3.5])
@pytest.mark.parametrize("engine", ["weights", "gram"])
def test_a_learning_rate_too_large_diverges_and_keeps_what_it_recorded(small_problem, engine, q):
    problem = small_problem(eta=1e60, q=q)
    run = simulate(problem, 1, engine, target_loss=0.0, max_steps=1000)
    if q == 1:  # the slope is bounded, so a few steps cannot leave float64
        assert run.status in ("stalled", "reached", "diverged")
    else:
        assert run.status == "diverged"
        assert "left all bounds" in run.reason
    assert len(run.steps) >= 1
    for name in ("loss", "gamma", "rho", "gradient_norm2"):
        assert np.all(np.isfinite(getattr(run, name)))
    for name in ("loss", "gamma", "rho", "gradient_norm2"):
        assert len(getattr(run, name)) == len(run.steps)


def test_bounds_are_where_a_logit_would_leave_them():
    problem = Problem(10, 2, 4, 2, 1, 1.0, 1.0, 1.0, 1.0)
    most = largest_pre_activation(problem)
    assert problem.m * most**3 == pytest.approx(LARGEST_LOGIT, rel=1e-10)
    for value, inside in ((most, True), (-np.inf, True), (1.01 * most, False), (np.nan, False)):
        assert within_bounds(np.array([0.0, value]), problem) is inside


def test_all_statuses_are_those_a_trajectory_knows():
    from sims.trajectory import STATUSES

    seen = {
        run(Scripted(losses, moves))[0].status
        for losses, moves in itertools.product(([0.5], [0.05], [np.inf]), (3, 10**9))
    }
    assert seen == set(STATUSES)
