from dataclasses import replace

import numpy as np
import pytest

from sims import Problem, draw_dataset, draw_network, draw_with_overlaps, simulate
from sims.data import signals
from sims.draw import BLOCK
from sims.gram import PAIR_TILE, build
from sims.system import CoefficientSystem, stack

REGIME = Problem.theorem_regime(3000, 8, 4, 2, 0.5)

# problems of order 1, and the regime of the theorems with an eta that moves within 2000 steps
PROBLEMS = {
    "K=2, q=3": ({}, 0),
    "K=3, q=2, sparse": ({"K": 3, "q": 2, "p": 0.1, "d": 300}, 1),
    "K=4, q=3.5, orthogonal": ({"K": 4, "q": 3.5, "noise": "orthogonal"}, 2),
    "K=2, q=1": ({"q": 1, "eta": 0.01}, 3),
    "dense, fewer coordinates than samples": ({"d": 6, "n": 12, "p": 1.0}, 4),
    "almost all pruned": ({"p": 0.02, "d": 100}, 5),
    "several blocks": ({"d": 2 * BLOCK + 77, "sigma_n": 0.02}, 6),
}


def vectors(problem, seed):
    """The (K + n) signals and noises as rows."""
    return np.concatenate([signals(problem), draw_dataset(problem, seed).noise])


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_gram_matrices_are_those_of_masked_signals_and_noises(small_problem, name):
    changes, seed = PROBLEMS[name]
    problem = small_problem(**changes)
    V, mask = vectors(problem, seed), draw_network(problem, seed)[1]
    gram = build(problem, seed).gram
    for j in range(problem.K):
        for r in range(problem.m):
            masked = V * mask[j, r]
            np.testing.assert_allclose(gram[j, r], masked @ masked.T, rtol=1e-11, atol=1e-12)
    np.testing.assert_array_equal(gram, gram.swapaxes(2, 3))


def test_more_pairs_of_samples_than_a_tile_holds_are_all_there(small_problem):
    problem = small_problem(n=100, d=7, m=1)
    assert PAIR_TILE < 100 * 101 // 2
    V, mask = vectors(problem, 0), draw_network(problem, 0)[1]
    expected = np.einsum("vd,jrd,wd->jrvw", V, mask.astype(float), V)
    np.testing.assert_allclose(build(problem, 0).gram, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("p", [0.4, 1.0])
@pytest.mark.parametrize("n", [1, 5, 40])
def test_overlaps_are_masked_products_of_different_noises(small_problem, n, p):
    problem = small_problem(n=n, p=p, K=3)
    noise, mask = draw_dataset(problem, 2).noise, draw_network(problem, 2)[1].reshape(9, -1)
    draw, overlaps = draw_with_overlaps(problem, 2)
    assert len(overlaps) == (1 if p == 1 else 9)
    expected = [
        [np.sum(noise[i] * kept * noise[other]) for i in range(n) for other in range(i + 1, n)]
        for kept in mask[: len(overlaps)]
    ]
    np.testing.assert_allclose(overlaps, expected, rtol=1e-10, atol=1e-12)
    norms = np.sum((noise * mask[:, None]) ** 2, axis=2).reshape(3, 3, n)
    np.testing.assert_allclose(draw.noise_norm2, norms, rtol=1e-12)
    np.testing.assert_array_equal(
        build(problem, 2).draw.noise_norm2, np.einsum("jrii->jri", build(problem, 2).gram)[..., 3:]
    )


@pytest.mark.parametrize("name", PROBLEMS)
def test_products_are_those_of_the_weights_the_coefficients_stand_for(small_problem, name):
    changes, seed = PROBLEMS[name]
    problem = small_problem(**changes)
    V, (weights, mask) = vectors(problem, seed), draw_network(problem, seed)
    systems = stack([build(problem, seed)])
    c = np.random.default_rng(0).normal(size=systems.initial.shape)
    moved = (weights + c[0] @ V) * mask
    size = np.abs(moved @ V.T).max()
    z = systems.pre_activations(c)
    np.testing.assert_allclose(z[0], moved @ V.T, rtol=0, atol=1e-13 * size)
    norm2 = np.sum((c[0] @ V * mask) ** 2) / problem.eta**2
    assert systems.gradient_norm2(c) == pytest.approx(norm2, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBLEMS)
def test_weights_and_gram_give_the_same_run_over_2000_steps(small_problem, name):
    changes, seed = PROBLEMS[name]
    problem = small_problem(**changes)
    weights, gram = (
        simulate(problem, seed, engine, target_loss=0.0, max_steps=2000)
        for engine in ("weights", "gram")
    )
    assert weights.status == gram.status == "max-steps"
    np.testing.assert_array_equal(weights.steps, gram.steps)
    assert weights.steps[-1] == 2000
    assert np.abs(weights.rho[-1]).max() > 0
    np.testing.assert_allclose(weights.loss, gram.loss, rtol=1e-9)
    for name in ("gamma", "rho"):
        left, right = getattr(weights, name), getattr(gram, name)
        np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-12 * np.abs(right).max())
    # a difference of weights loses digits where a step is small against them
    np.testing.assert_allclose(weights.gradient_norm2, gram.gradient_norm2, rtol=1e-6)


def test_weights_and_gram_agree_in_the_theorem_regime():
    problem = replace(REGIME, sigma_0=0.05)
    weights, gram = (
        simulate(problem, 1, engine, target_loss=0.0, max_steps=2000)
        for engine in ("weights", "gram")
    )
    assert gram.loss[-1] < 0.7 * gram.loss[0]  # something was learned
    np.testing.assert_allclose(weights.loss, gram.loss, rtol=1e-9)
    for name in ("gamma", "rho"):
        right = getattr(gram, name)
        left = getattr(weights, name)
        np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-11 * np.abs(right).max())


@pytest.mark.parametrize("q", [2, 2.5, 3, 3.5])
def test_the_curvature_is_the_change_of_the_update_along_itself(small_problem, q):
    systems = stack([build(small_problem(K=3, q=q), seed) for seed in (3, 4)])
    c = 0.05 * np.random.default_rng(1).normal(size=systems.initial.shape)

    def update(c):
        return systems.losses_and_update(systems.pre_activations(c))

    losses, f, change = systems.linearized(systems.pre_activations(c))
    assert losses().tolist() == update(c)[0].tolist()
    np.testing.assert_array_equal(f, update(c)[1])
    np.testing.assert_array_equal(f, systems.update(systems.pre_activations(c)))
    h = 1e-5
    numeric = (update(c + h * f)[1] - update(c - h * f)[1]) / (2 * h)
    curvature = change(systems.products(f))
    np.testing.assert_allclose(curvature, numeric, atol=1e-7 * np.abs(curvature).max())


def test_c_turns_into_gamma_and_rho_by_squared_norms(small_problem, one_row):
    problem = small_problem(K=3, p=0.3)
    state = one_row(build(problem, 0))
    c = np.random.default_rng(0).normal(size=state.rows.c.shape)
    state.rows.c = c
    coefficients = state.coefficients()
    mu2 = problem.mu**2 * state.draw.signal_mask
    np.testing.assert_allclose(coefficients.gamma, c[0, :, :, :3] * mu2, rtol=1e-14)
    expected = c[0, :, :, 3:] * state.draw.noise_norm2
    np.testing.assert_allclose(coefficients.rho, expected, rtol=1e-12)


def test_a_run_may_start_anywhere(small_problem, one_row):
    system = build(small_problem(), 0)
    state = one_row(system)
    for _ in range(7):
        state.loss()
        state.step()
    again = one_row(system)
    again.rows.c = state.rows.c
    assert again.loss() == state.loss()


def test_a_diverged_state_has_an_infinite_loss(small_problem, one_row):
    state = one_row(build(small_problem(), 0))
    for c in (1e60, np.nan):
        state.rows.c[:] = c
        assert state.loss() == np.inf


@pytest.mark.parametrize("memory", [1e-6, 0.5, 50.0])
def test_memory_changes_no_bit_of_the_system(small_problem, memory):
    problem = small_problem(d=3 * BLOCK + 1)
    first, second = build(problem, 1), build(problem, 1, memory)
    np.testing.assert_array_equal(first.gram, second.gram)
    np.testing.assert_array_equal(first.initial, second.initial)


def test_a_system_needs_no_seed(small_problem, draw_by_hand, dataset, one_row):
    # a hand-made system of one sample and one neuron per class, one step worked by hand
    problem = small_problem(d=2, n=1, m=1, K=2, mu=1.0, eta=0.5, q=1)
    data = dataset([0], [[0.0, 2.0]])
    weights, mask = np.array([[[1.0, 0.5]], [[1.0, -1.0]]]), np.ones((2, 1, 2), bool)
    V = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    gram = np.broadcast_to(V @ V.T, (2, 1, 3, 3)).copy()
    state = one_row(CoefficientSystem(draw_by_hand(problem, data, weights, mask), gram))
    # F = (1 + 1, 1 + 0): neuron 0 answers signal and noise, neuron 1 the signal alone
    assert state.loss() == pytest.approx(np.log1p(np.exp(-1.0)), rel=1e-14)
    assert state.step()
    pull = 0.5 / (1 + np.exp(1.0))
    expected = np.array([[[pull, 0, pull]], [[-pull, 0, 0]]])
    np.testing.assert_allclose(state.rows.c[0], expected, rtol=1e-14)
    np.testing.assert_allclose(state.coefficients().rho, expected[:, :, 2:] * 4, rtol=1e-14)
