"""What is predicted of masks by score, against masks that are chosen."""

from dataclasses import replace

import numpy as np
import pytest

import bounds
from sims import Problem, dense_start
from sims.masks import scored_mask
from theorycheck.predictions.masks import predict_snip

PROBLEM = Problem(
    d=2000, n=12, m=10, K=2, p=0.1, mu=1.0, sigma_n=0.05, sigma_0=1e-3, eta=0.1,
    noise="orthogonal", pruning="snip",
)  # fmt: skip
SEEDS = 60


@pytest.mark.parametrize(("K", "p"), [(2, 0.3), (2, 0.01), (3, 0.05)])
def test_snip_keeps_the_share_of_signals_that_is_predicted(K, p):
    problem = replace(PROBLEM, K=K, p=p)
    differences = []
    for seed in range(SEEDS):
        start = dense_start(problem, seed)
        mask = scored_mask(start)
        kept = mask[:, :, :K].mean(axis=1)  # (class, signal)
        assert not mask[np.where(start.weights[:, :, :K] < 0)].any()
        told = predict_snip(start)
        differences.append([np.trace(kept) / K - told.own_share, (kept - told.kept).mean()])
    mean, spread = np.mean(differences, axis=0), np.std(differences, axis=0, ddof=1)
    assert (abs(mean) < 0.02 + 3 * spread / SEEDS**0.5).all()


def test_snip_empties_as_many_neurons_as_predicted():
    problem = replace(PROBLEM, p=0.005)
    found, told = np.zeros((2, SEEDS))
    for seed in range(SEEDS):
        start = dense_start(problem, seed)
        found[seed] = (~scored_mask(start).any(axis=2)).sum()
        told[seed] = predict_snip(start).emptied
    assert found.mean() > 1
    assert found.mean() == pytest.approx(told.mean(), rel=0.15)


@pytest.mark.parametrize("p", [0.5, 0.1, 0.02])
def test_magnitude_makes_the_first_products_as_large_as_predicted(p):
    problem = replace(PROBLEM, p=p, pruning="magnitude")
    squares = []
    for seed in range(20):
        start = dense_start(problem, seed)
        products = (start.weights * scored_mask(start)) @ start.noise.T
        squares.append(np.mean(products**2))
    by_chance = p * problem.d * (problem.sigma_0 * problem.sigma_n) ** 2
    assert np.mean(squares) / by_chance == pytest.approx(bounds.magnitude_gain(p), rel=0.06)


@pytest.mark.parametrize("q", [2.0, 3.0, 4.0])
def test_synflow_empties_neurons_below_the_predicted_share_alone(q):
    share = bounds.synflow_collapse(q)
    emptied = []
    for factor in (1.25, 0.8):  # the law is for d to infinity: small d empties some before
        problem = replace(PROBLEM, d=20000, m=5, p=factor * share, q=q, pruning="synflow")
        emptied.append((~scored_mask(dense_start(problem, 0)).any(axis=2)).sum())
    assert emptied[0] == 0 < emptied[1]


def test_synflow_of_relu_empties_none():
    problem = replace(PROBLEM, p=0.01, q=1.0, pruning="synflow")
    assert scored_mask(dense_start(problem, 0)).any(axis=2).all()


def test_snip_is_predicted_for_signals_on_axes_without_noise_alone():
    with pytest.raises(ValueError, match=r"^problem must have signals on axes and"):
        predict_snip(dense_start(replace(PROBLEM, noise="isotropic"), 0))
