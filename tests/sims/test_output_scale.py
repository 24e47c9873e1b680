"""A network that averages over its neurons is one that sums, in other units."""

from dataclasses import replace

import numpy as np
import pytest

from sims import averaged_output, coefficient_factor, draw_dataset, draw_network, simulate

STEPS = 40


@pytest.mark.parametrize("engine", ["weights", "gram"])
@pytest.mark.parametrize("q", [1, 2, 3, 3.5])
@pytest.mark.parametrize(
    "changes",
    [{}, {"signals": "antipodal", "flip": 0.4, "noise": "orthogonal", "p": 1.0}],
    ids=["the first model", "antipodal, wrong labels"],
)
def test_plain_descent_on_the_mean_over_neurons_is_a_run(
    literal_descent, small_problem, changes, q, engine
):
    problem = small_problem(m=7, n=9, q=q, eta=0.05, **changes)
    data, (weights, mask) = draw_dataset(problem, 1), draw_network(problem, 1)
    losses, along = literal_descent(problem, data, weights, mask, STEPS, share=1 / 7)
    run = simulate(averaged_output(problem), 1, engine, 0.0, max_steps=STEPS)
    at, factor = run.steps.astype(int), coefficient_factor(run.problem)
    assert np.abs(run.loss - losses[at]).max() <= 1e-12 * losses[0]
    theirs = zip(*(step[:3] for step in along), strict=True)
    for ours, expected in zip((run.gamma, run.zeta, run.omega), theirs, strict=True):
        expected = np.array(expected)[at]
        assert np.abs(expected).max() > 1e-3
        assert np.abs(factor * ours - expected).max() <= 1e-12 * np.abs(expected).max()


@pytest.mark.parametrize("q", [1, 2, 3.5])
def test_starts_and_rate_are_those_of_the_change_of_variables(small_problem, q):
    problem = small_problem(m=9, q=q)
    averaged = averaged_output(problem)
    share = 1 / 9
    assert averaged.sigma_0 == pytest.approx(share ** (1 / q) * problem.sigma_0, rel=1e-14)
    assert averaged.eta == pytest.approx(share ** (2 / q) * problem.eta, rel=1e-14)
    same = {"sigma_0": problem.sigma_0, "eta": problem.eta}
    assert replace(averaged, **same) == problem
    assert coefficient_factor(averaged) == pytest.approx(9 ** (1 / q), rel=1e-14)


def test_one_neuron_is_its_own_mean(small_problem):
    problem = small_problem(m=1)
    assert averaged_output(problem) == problem
    assert coefficient_factor(problem) == 1.0
