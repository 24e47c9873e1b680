"""Spread signals: every engine, the decomposition and the law of the Grams, by slower means."""

import itertools

import numpy as np
import pytest
from scipy.stats import ks_2samp, ortho_group

from sims import (
    Directions,
    Problem,
    draw_dataset,
    draw_network,
    draw_signal_mask,
    loss_and_gradient,
    population,
    rebuild_weights,
    simulate,
)
from sims.gram import build
from sims.gram_law import build as build_from_law
from sims.population import weight_gram_and_signals
from sims.signals import signals
from sims.trajectory import Trajectory

SIZES = dict(d=60, n=6, m=3, K=2, mu=1.0, sigma_n=0.1, sigma_0=0.2, eta=0.2)
DENSE = Directions(ortho_group.rvs(60, random_state=1)[:2])
WIDE = Directions(np.pad(ortho_group.rvs(30, random_state=2)[:2], ((0, 0), (0, 30))))
SPREAD = [
    Problem(**SIZES, p=p, noise=noise, **how)
    for p in (1.0, 0.4)
    for noise, how in (
        ("isotropic", {"support": 4}),
        ("orthogonal", {"support": 7}),
        ("isotropic", {"directions": DENSE}),
        ("orthogonal", {"directions": WIDE}),
    )
]


def by_hand(problem, seed, steps):
    """Train by the loss and gradient of the docs, nothing else."""
    weights, mask = draw_network(problem, seed)
    data = draw_dataset(problem, seed)
    masked = weights * mask
    for _ in range(steps):
        _, gradient = loss_and_gradient(masked, mask, data, problem)
        masked = masked - problem.eta * gradient
    return masked, loss_and_gradient(masked, mask, data, problem)[0], data


@pytest.mark.parametrize("problem", SPREAD, ids=repr)
@pytest.mark.parametrize("engine", ["weights", "gram", "flow"])
def test_engines_descend_as_the_gradient_of_the_docs_does(problem, engine):
    masked, loss, data = by_hand(problem, 3, 40)
    run = simulate(problem, 3, engine, 0.0, max_steps=40)
    assert run.loss[-1] == pytest.approx(loss, rel=1e-9)
    weights, mask = draw_network(problem, 3)
    rebuilt = rebuild_weights(run.final, run.draw, weights, mask, data.noise)
    np.testing.assert_allclose(rebuilt, masked, rtol=0, atol=1e-10)


@pytest.mark.parametrize("problem", SPREAD, ids=repr)
def test_the_gradient_is_that_of_finite_differences(problem):
    weights, mask = draw_network(problem, 5)
    data = draw_dataset(problem, 5)
    _, gradient = loss_and_gradient(weights, mask, data, problem)
    step = 1e-6
    for place in [(0, 1, 2), (1, 2, 11), (1, 0, 40)]:
        moved = []
        for sign in (1, -1):
            shifted = weights.copy()
            shifted[place] += sign * step
            moved.append(loss_and_gradient(shifted, mask, data, problem)[0])
        slope = (moved[0] - moved[1]) / (2 * step)
        assert gradient[place] == pytest.approx(slope * mask[place], abs=1e-7)


@pytest.mark.parametrize("problem", SPREAD, ids=repr)
def test_a_draw_holds_masked_products(problem):
    system = build(problem, 4)
    weights, mask = draw_network(problem, 4)
    data, mus = draw_dataset(problem, 4), signals(problem)
    vectors = np.concatenate([mus, data.noise])
    np.testing.assert_allclose(
        system.gram, np.einsum("vc,jrc,wc->jrvw", vectors, mask, vectors), atol=1e-12
    )
    shares = np.einsum("jrc,kc->jrk", mask, mus**2) / problem.mu**2
    np.testing.assert_allclose(system.draw.signal_kept, shares, atol=1e-12)
    np.testing.assert_array_equal(draw_signal_mask(problem, 4), system.draw.signal_mask)
    np.testing.assert_array_equal(system.draw.signal_mask, shares > 1e-12)
    np.testing.assert_allclose(
        system.draw.initial_signal, (weights * mask) @ mus.T, rtol=0, atol=1e-12
    )
    if problem.noise == "orthogonal":
        assert not np.any(system.gram[:, :, :2, 2:])


@pytest.mark.parametrize("problem", SPREAD, ids=repr)
def test_the_population_sees_the_trained_weights(problem):
    masked, _, _ = by_hand(problem, 3, 40)
    run = simulate(problem, 3, "gram", 0.0, max_steps=40)
    gram, on_signals = weight_gram_and_signals(run)
    np.testing.assert_allclose(on_signals, masked @ signals(problem).T, atol=1e-10)
    noisy = masked.reshape(6, -1).copy()
    if problem.noise == "orthogonal":
        noisy[:, : 14 if problem.support == 7 else 30] = 0.0
    np.testing.assert_allclose(gram, noisy @ noisy.T, atol=1e-10)
    assert 0 <= population(run).test_error <= 1


def test_signs_decide_nothing():
    # the mirror of weights and noise in the negative coordinates is as likely as they are
    problem = SPREAD[0]
    weights, mask = draw_network(problem, 0)
    mus = signals(problem)
    mirror = np.where(mus.sum(axis=0) < 0, -1.0, 1.0)
    assert set(np.unique(mus[mus != 0])) == {-0.5, 0.5}
    np.testing.assert_allclose(
        (weights * mask * mirror) @ np.abs(mus).T, (weights * mask) @ mus.T, atol=1e-15
    )


@pytest.mark.parametrize("problem", [SPREAD[5], SPREAD[6]], ids=repr)
def test_a_run_file_gives_the_same_problem(problem, tmp_path):
    run = simulate(problem, 1, "gram", 0.0, max_steps=5)
    run.save(tmp_path / "run.npz")
    again = Trajectory.load(tmp_path / "run.npz")
    assert again.problem == problem
    assert hash(again.problem) == hash(problem)
    for name in ("signal_kept", "along_signals", "initial_signal"):
        np.testing.assert_array_equal(getattr(again.draw, name), getattr(run.draw, name))


def test_defaults_are_left_out_of_parameters():
    plain = Problem(**SIZES, p=0.5)
    assert {"support", "directions"}.isdisjoint(plain.parameters())
    assert SPREAD[4].parameters()["support"] == 4
    assert SPREAD[2].parameters()["directions"] == DENSE.digest


@pytest.mark.parametrize(
    "how",
    [
        {"support": 31},
        {"support": 2, "signals": "antipodal"},
        {"directions": WIDE, "support": 2},
        {"directions": Directions(np.eye(3, 60))},
        {"directions": DENSE, "noise": "orthogonal"},
        {"directions": np.eye(2, 60)},
    ],
)
def test_a_bad_spread_is_refused(how):
    with pytest.raises(ValueError, match=r"support must|directions"):
        Problem(**SIZES, p=0.5, **how)


def test_directions_must_be_orthonormal():
    with pytest.raises(ValueError, match="orthonormal to 1e-09"):
        Directions(np.eye(2, 5) * (1 + 1e-8))
    with pytest.raises(ValueError, match=r"\(K, d\) array"):
        Directions(np.ones(3))


def test_the_law_of_the_grams_refuses_given_directions():
    with pytest.raises(ValueError, match="gram-law"):
        simulate(SPREAD[2], 0, "gram-law")


def moments(build, problem, seeds):
    """Return for every draw some of what training feels."""
    found = []
    for seed in seeds:
        system = build(problem, seed)
        draw = system.draw
        found.append(
            [
                draw.initial_signal[0, 0, 0],
                system.gram[0, 0, 0, 0],
                system.gram[0, 0, 0, 2],
                system.gram[1, 1, 3, 4],
                draw.initial_noise[1, 0, 0],
                draw.initial_signal.max(),
            ]
        )
    return np.array(found).T


def alike(one, other):
    """Tell the least probability that two samples of draws have one law, over their columns."""
    return min(ks_2samp(a, b).pvalue for a, b in zip(one, other, strict=True) if np.ptp(a) > 1e-9)


@pytest.mark.parametrize("p", [1.0, 0.4])
def test_the_law_of_the_grams_is_that_of_the_draws(p):
    problem = Problem(**SIZES, p=p, support=4)
    drawn = moments(build, problem, range(400))
    assert alike(drawn, moments(build_from_law, problem, range(400))) > 1e-3


def test_the_law_does_not_depend_on_the_support_where_nothing_is_pruned():
    laws = [
        moments(build, Problem(**SIZES, p=1.0, **how), range(i * 1000, i * 1000 + 400))
        for i, how in enumerate(({}, {"support": 4}, {"directions": DENSE}))
    ]
    for one, other in itertools.combinations(laws, 2):
        assert alike(one, other) > 1e-3
    pruned = [moments(build, Problem(**SIZES, p=0.4, support=s), range(400)) for s in (1, 4)]
    assert alike(*pruned) < 1e-9


def test_a_mask_tilts_given_vectors_and_no_disjoint_supports():
    d, p = 1000, 0.2
    gaussian = np.random.default_rng(0).standard_normal((d, 2))
    given = Directions(np.linalg.qr(gaussian)[0].T)
    sizes = {"d": d, "n": 2, "m": 200, "K": 2, "p": p, "mu": 1.0}
    scales = {"sigma_n": 0.1, "sigma_0": 0.1, "eta": 0.1}
    tilted = build(Problem(**sizes, **scales, directions=given), 0).draw
    tilt = tilted.along_signals[:, :, 0, 1] / tilted.signal_kept[:, :, 0]
    assert tilt.std() == pytest.approx(np.sqrt((1 - p) / (p * d)), rel=0.15)
    apart = build(Problem(**sizes, **scales, support=500), 0).draw
    assert not np.any(apart.along_signals[:, :, 0, 1])


def test_samples_fitted_by_signal_are_those_whose_own_coefficients_say_so():
    # strong signals are learned, weak ones are not
    for snr, share in ((3.0, 1.0), (0.02, 0.0)):
        problem = Problem(
            500, 8, 8, 2, 1.0, 1.0, 1 / (snr * np.sqrt(500)), 1e-3, 0.1 * min(snr, 1) ** 2,
            support=5,
        )  # fmt: skip
        assert simulate(problem, 1, target_loss=0.02).fitted_by_signal == share
