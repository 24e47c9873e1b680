"""Many runs at once are the runs one by one."""

import numpy as np
import pytest

from sims import Problem, simulate, simulate_many
from sims.batch import _batches


def mixed():
    return [
        Problem(d, 10, 5, K, p, 1.0, 0.05, 0.3, eta, noise=noise)
        for d in (200, 400)
        for K in (2, 3)
        for p in (1.0, 0.4)
        for eta, noise in ((0.02, "isotropic"), (0.05, "orthogonal"), (1e4, "isotropic"))
    ]


@pytest.fixture(scope="module")
def both():
    problems = mixed()
    seeds = list(range(len(problems)))
    many = simulate_many(problems, seeds, max_steps=1500)
    alone = [simulate(one, seed, max_steps=1500) for one, seed in zip(problems, seeds, strict=True)]
    return many, alone


def test_runs_of_a_batch_equal_runs_alone(both):
    for ours, theirs in zip(*both, strict=True):
        assert (ours.status, ours.reason, ours.engine) == (
            theirs.status,
            theirs.reason,
            theirs.engine,
        )
        np.testing.assert_array_equal(ours.steps, theirs.steps)
        np.testing.assert_allclose(ours.loss, theirs.loss, rtol=1e-9)
        np.testing.assert_allclose(ours.gradient_norm2, theirs.gradient_norm2, rtol=1e-7)
        for left, right in ((ours.gamma, theirs.gamma), (ours.rho, theirs.rho)):
            np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-9 * np.abs(right).max())


def test_batches_hold_every_way_of_ending(both):
    assert {"reached", "diverged"} <= {run.status for run in both[0]}


def test_some_runs_are_stacked():
    assert max(len(batch) for batch in _batches(mixed())) >= 4


def test_long_runs_are_left_alone():
    long = Problem.theorem_regime(10_000, 10, 6, 2, 1.0)
    assert _batches([long, long]) == [[0], [1]]


def test_runs_come_in_the_order_asked_for():
    problems = mixed()[:6]
    runs = simulate_many(problems, [5, 4, 3, 2, 1, 0], max_steps=3)
    assert [run.problem for run in runs] == problems
    assert [run.seed for run in runs] == [5, 4, 3, 2, 1, 0]


def test_as_many_seeds_as_problems_are_needed():
    with pytest.raises(ValueError, match="seeds must be as many as problems, 2, got 1"):
        simulate_many(mixed()[:2], [0])


def test_runs_that_diverge_at_once_and_numpy_seeds_are_no_trouble(tmp_path):
    wild = Problem(100, 6, 4, 2, 0.5, 1.0, 0.3, 1e60, 0.1)
    runs = simulate_many([wild, wild], list(np.arange(2)))
    assert [run.status for run in runs] == ["diverged", "diverged"]
    runs[0].save(tmp_path / "run.npz")
