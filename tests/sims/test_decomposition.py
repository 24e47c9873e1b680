"""Theory, section 4: what holds exactly, for every parameter, seed and step."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sims import Coefficients, Problem, draw_dataset, draw_network, rebuild_weights, simulate
from sims.data import Dataset
from sims.decomposition import advance, noise_factors, split, zero_coefficients
from sims.descent import descend
from sims.gradients import loss_and_slopes
from sims.gram import build
from sims.recorder import Recorder

SEEDS = st.integers(0, 10**6)
STEPS = st.integers(1, 30)


@st.composite
def problems(draw, **fixed):
    """Small problems; with a tiny p whole neurons vanish, with d near K all noise does."""
    K = draw(st.integers(2, 4))
    values = {
        "K": K,
        "d": K + draw(st.sampled_from([0, 1, 3, 10, 25])),
        "n": draw(st.integers(1, 6)),
        "m": draw(st.integers(1, 3)),
        "p": draw(st.sampled_from([1e-6, 0.05, 0.3, 0.7, 1.0])),
        "mu": draw(st.sampled_from([0.5, 1.0, 1.7])),
        "sigma_n": draw(st.sampled_from([0.05, 0.3, 1.0])),
        "sigma_0": draw(st.sampled_from([0.05, 0.4, 1.0])),
        "eta": draw(st.sampled_from([0.01, 0.1, 0.5])),
        "q": draw(st.sampled_from([1.0, 2.0, 3.0, 3.5])),
        "noise": draw(st.sampled_from(["isotropic", "orthogonal"])),
        "signals": draw(st.sampled_from(["axis", "antipodal"] if K == 2 else ["axis"])),
        "flip": draw(st.sampled_from([0.0, 0.0, 0.4])),
    }
    return Problem(**values | fixed)


def coefficients_along(state, steps):
    """The coefficients at every step; None for a run that leaves all bounds."""
    along = [state.coefficients()]
    for _ in range(steps):
        if not np.isfinite(state.loss()):
            return None
        state.step()
        along.append(state.coefficients())
    return along if np.isfinite(state.loss()) else None


def trained(state, steps):
    """Train in place a run that stays in bounds; return the coefficients."""
    along = coefficients_along(state, steps)
    assert along is not None
    return along[-1]


def trained_if_in_bounds(state, steps):
    """The same in a property: an example that leaves all bounds does not count."""
    along = coefficients_along(state, steps)
    assume(along is not None)
    return along[-1]


def one_by_one(problem, labels, draw, steps):
    """Theory, section 4, letter by letter: the recursion in loops, on products it is handed."""
    K, m, n = problem.K, problem.m, problem.n
    gamma, zeta, omega = np.zeros((K, m, K)), np.zeros((K, m, n)), np.zeros((K, m, n))

    def slope(z):
        return problem.q * z ** (problem.q - 1) if z > 0 else 0.0

    for on_signals, on_noise, logits in steps:
        for i in range(n):
            softmax = np.exp(logits[:, i]) / np.exp(logits[:, i]).sum()
            for j in range(K):
                pull = -(problem.eta / n) * (softmax[j] - (j == labels[i]))
                for r in range(m):
                    k = labels[i]
                    if draw.signal_mask[j, r, k]:
                        gamma[j, r, k] += pull * slope(on_signals[j, r, k]) * problem.mu**2
                    change = pull * slope(on_noise[j, r, i]) * draw.noise_norm2[j, r, i]
                    (zeta if j == k else omega)[j, r, i] += change
    return gamma, zeta, omega


@pytest.mark.parametrize("q", [1, 2, 3, 3.5])
@pytest.mark.parametrize("K", [2, 3])
def test_the_recursion_is_that_of_the_theory(small_problem, start_weights, K, q):
    problem = small_problem(K=K, q=q, d=12)
    state = start_weights(problem, 1)
    data = draw_dataset(problem, 1)
    seen = []
    for _ in range(8):
        on_signals = problem.mu * state.weights[:, :, :K]
        on_noise = np.einsum("jrd,id->jri", state.weights, data.noise)
        answers = np.where(on_noise > 0, on_noise, 0) ** q
        signal_answers = np.where(on_signals > 0, on_signals, 0) ** q
        seen.append(
            (on_signals, on_noise, answers.sum(axis=1) + signal_answers.sum(axis=1)[:, data.labels])
        )
        state.loss()
        state.step()
    gamma, zeta, omega = one_by_one(problem, data.labels, state.draw, seen)
    assert np.abs(zeta).max() > 0
    assert np.abs(omega).max() > 0
    np.testing.assert_allclose(state.coefficients().gamma, gamma, rtol=1e-12, atol=1e-15)
    parts = split(state.coefficients().rho, data.labels)
    for mine, theirs in zip(parts, (zeta, omega), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-11, atol=1e-15)


@given(problem=problems(), seed=SEEDS, steps=STEPS)
def test_the_recursion_rebuilds_the_weights(start_weights, problem, seed, steps):
    weights, mask = draw_network(problem, seed)
    state = start_weights(problem, seed)
    final = trained_if_in_bounds(state, steps)
    rebuilt = rebuild_weights(final, state.draw, weights, mask, draw_dataset(problem, seed).noise)
    # the scale: what the terms of the sum are as large as
    scale = np.abs(weights * mask).max() + np.abs(state.weights).max()
    assert np.abs(rebuilt - state.weights).max() <= 1e-12 * scale


@pytest.mark.slow
@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
@pytest.mark.parametrize("q", [1, 2, 3, 3.5])
def test_the_recursion_rebuilds_the_weights_after_1000_steps(
    small_problem, start_weights, q, noise
):
    # d below n: the representation is not unique, the recursion still defines it
    for d in (4, 200):
        problem = small_problem(K=3, d=d, n=8, q=q, noise=noise, eta=0.02)
        weights, mask = draw_network(problem, 2)
        state = start_weights(problem, 2)
        final = trained(state, 1000)
        rebuilt = rebuild_weights(final, state.draw, weights, mask, draw_dataset(problem, 2).noise)
        moved = np.abs(state.weights - weights * mask).max()
        assert moved > 0.1 * problem.sigma_0
        assert np.abs(rebuilt - state.weights).max() <= 1e-12 * np.abs(state.weights).max()


def test_weights_are_rebuilt_on_a_block_as_on_all_coordinates(small_problem, start_weights):
    problem = small_problem(K=3)
    weights, mask = draw_network(problem, 2)
    noise = draw_dataset(problem, 2).noise
    state = start_weights(problem, 2)
    final = trained(state, 20)
    whole = rebuild_weights(final, state.draw, weights, mask, noise)
    first = weights[:, :, :7].copy()
    part = rebuild_weights(final, state.draw, first, mask[:, :, :7], noise[:, :7])
    np.testing.assert_allclose(part, whole[:, :, :7], rtol=1e-14, atol=1e-15)
    np.testing.assert_array_equal(first, weights[:, :, :7])


@pytest.mark.parametrize("engine", ["weights", "gram"])
@given(problem=problems(), seed=SEEDS, steps=STEPS)
def test_coefficients_keep_their_signs_and_never_turn_back(
    start_weights, one_row, engine, problem, seed, steps
):
    state = start_weights(problem, seed) if engine == "weights" else one_row(build(problem, seed))
    along = coefficients_along(state, steps)
    assume(along is not None)
    gamma = np.array([c.gamma for c in along])
    zeta, omega = split(np.array([c.rho for c in along]), state.draw.labels)
    own = np.eye(problem.K, dtype=bool)[:, None, :]
    up, down = np.where(own, gamma, 0), np.where(own, 0, gamma)
    assert np.all(gamma[0] == 0)
    of_signals = [] if problem.flip > 0 else [up, -down]  # wrong labels pull back
    for rising in (zeta, -omega, *of_signals):
        assert np.all(rising >= 0)
        assert np.all(np.diff(rising, axis=0) >= 0)  # in floating point too


@pytest.mark.parametrize("engine", ["weights", "gram"])
def test_something_of_every_kind_is_learned_in_a_run_of_those(small_problem, engine):
    run = simulate(small_problem(K=3), 1, engine, max_steps=20)
    own = np.eye(3, dtype=bool)[:, None, :]
    for learned in (
        np.where(own, run.gamma, 0),
        -np.where(own, 0, run.gamma),
        run.zeta,
        -run.omega,
    ):
        assert learned.max() > 1e-3


@given(problem=problems(), seed=SEEDS, steps=STEPS)
def test_slopes_sum_to_zero_along_a_run(start_weights, problem, seed, steps):
    state = start_weights(problem, seed)
    trained_if_in_bounds(state, steps)
    slopes = state._slopes
    assert np.all(np.abs(slopes.sum(axis=0)) <= 1e-15 * problem.K * np.abs(slopes).max(axis=0))


def check_permuted(problem, start_by_hand, seed, steps, permute):
    """Train what a seed draws and what `permute` makes of it; return both coefficients."""
    data, (weights, mask) = draw_dataset(problem, seed), draw_network(problem, seed)
    plain = trained_if_in_bounds(start_by_hand(problem, data, weights, mask), steps)
    moved = trained_if_in_bounds(start_by_hand(problem, *permute(data, weights, mask)), steps)
    return plain, moved


def assert_close(left, right):
    """Sums were taken in another order; nothing else differs."""
    for one, other in ((left.gamma, right.gamma), (left.rho, right.rho)):
        assert np.abs(one - other).max() <= 1e-9 * (np.abs(one).max() + 1e-3)


@given(problem=problems(), seed=SEEDS, steps=STEPS, data=st.data())
def test_permuting_samples_permutes_the_coefficients(start_by_hand, problem, seed, steps, data):
    order = np.array(data.draw(st.permutations(range(problem.n))))

    def permute(samples, weights, mask):
        names = ("labels", "noise", "signal_first", "classes")
        moved = Dataset(*(getattr(samples, name)[order] for name in names))
        return moved, weights, mask

    plain, moved = check_permuted(problem, start_by_hand, seed, steps, permute)
    assert_close(Coefficients(plain.gamma, plain.rho[:, :, order]), moved)


@given(problem=problems(), seed=SEEDS, steps=STEPS, data=st.data())
def test_permuting_the_neurons_of_a_class_permutes_the_coefficients(
    start_by_hand, problem, seed, steps, data
):
    orders = [data.draw(st.permutations(range(problem.m))) for _ in range(problem.K)]

    def move(array):
        return np.array([array[j][orders[j]] for j in range(problem.K)])

    def permute(samples, weights, mask):
        return samples, move(weights), move(mask)

    plain, moved = check_permuted(problem, start_by_hand, seed, steps, permute)
    assert_close(Coefficients(move(plain.gamma), move(plain.rho)), moved)


@given(problem=problems(), seed=SEEDS, steps=STEPS, data=st.data())
def test_permuting_classes_permutes_the_coefficients(start_by_hand, problem, seed, steps, data):
    order = np.array(data.draw(st.permutations(range(problem.K))))  # new class c was order[c]
    coordinates = np.append(order, np.arange(problem.K, problem.d))
    new_name, signs = np.argsort(order), np.ones(problem.d)
    if problem.signals == "antipodal":  # both have one axis: to swap them is to turn it round
        coordinates, signs[0] = np.arange(problem.d), 1 if order[0] == 0 else -1

    def permute(samples, weights, mask):
        moved = Dataset(
            new_name[samples.labels],
            (samples.noise * signs)[:, coordinates],
            samples.signal_first,
            new_name[samples.classes],
        )
        kept = mask[order][:, :, coordinates]
        return moved, (weights * signs)[order][:, :, coordinates], kept

    plain, moved = check_permuted(problem, start_by_hand, seed, steps, permute)
    assert_close(Coefficients(plain.gamma[order][:, :, order], plain.rho[order]), moved)


@given(problem=problems(), seed=SEEDS, steps=STEPS)
def test_swapping_patches_does_not_change_the_coefficients(start_by_hand, problem, seed, steps):
    def permute(samples, weights, mask):
        turned = replace(samples, signal_first=~samples.signal_first)
        return turned, weights, mask

    plain, moved = check_permuted(problem, start_by_hand, seed, steps, permute)
    np.testing.assert_array_equal(plain.gamma, moved.gamma)
    np.testing.assert_array_equal(plain.rho, moved.rho)


def rescaled(problem, c):
    return replace(
        problem,
        mu=c * problem.mu,
        sigma_n=c * problem.sigma_n,
        sigma_0=problem.sigma_0 / c,
        eta=problem.eta / c**2,
    )


def assert_same_run(run, other, c):
    """Powers of 2 scale without rounding, so every bit is the same."""
    assert (run.status, run.reason) == (other.status, other.reason)
    for name in ("steps", "loss", "gamma", "rho"):
        np.testing.assert_array_equal(getattr(run, name), getattr(other, name))
    np.testing.assert_array_equal(c**2 * run.gradient_norm2, other.gradient_norm2)
    np.testing.assert_array_equal(run.draw.initial_noise, other.draw.initial_noise)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["weights", "gram"])
@given(problem=problems(), seed=SEEDS, power=st.sampled_from([-20, -1, 1, 3, 30]))
def test_the_scale_symmetry_changes_no_bit(engine, problem, seed, power):
    c = 2.0**power
    runs = [
        simulate(one, seed, engine, 0.2, max_steps=30) for one in (problem, rescaled(problem, c))
    ]
    assert_same_run(*runs, c)


@pytest.mark.slow
@pytest.mark.parametrize("power", [-7, 5])
@pytest.mark.parametrize("p", [1.0, 0.05])
def test_the_scale_symmetry_changes_no_bit_of_a_leaping_run(p, power):
    problem = Problem.theorem_regime(1000, 5, 4, 2, p)
    c = 2.0**power
    runs = [simulate(one, 1, "flow", 0.1) for one in (problem, rescaled(problem, c))]
    assert runs[0].steps[-1] > 1e3
    assert_same_run(*runs, c)


@pytest.mark.parametrize("engine", ["weights", "gram", "flow"])
def test_where_a_masked_noise_is_zero_its_terms_are_zero(engine):
    # d = K and orthogonal noise: every masked noise is 0; nothing is divided by it
    problem = Problem(4, 5, 2, 4, 0.7, 1.0, 0.3, 0.5, 0.1, 3.0, "orthogonal")
    run = simulate(problem, 0, engine, 0.1, max_steps=20)
    assert np.all(run.draw.noise_norm2 == 0)
    assert np.all(run.rho == 0)
    assert np.abs(run.gamma).max() > 0
    assert np.all(np.isfinite(run.gamma))
    weights, mask = draw_network(problem, 0)
    rebuilt = rebuild_weights(run.final, run.draw, weights, mask, draw_dataset(problem, 0).noise)
    assert np.all(np.isfinite(rebuilt))


def test_factors_are_zero_where_a_norm_is():
    factors = noise_factors(np.array([0.0, 1.0, -3.0]), np.array([0.0, 2.0, 4.0]))
    np.testing.assert_array_equal(factors, [0.0, 0.5, -0.75])


def test_pruned_signals_are_never_learned(small_problem, start_weights):
    state = start_weights(small_problem(K=3, p=0.4), 0)
    final = trained(state, 30)
    assert np.all(final.gamma[~state.draw.signal_mask] == 0)
    # not even where a product is handed that a pruned coordinate cannot have
    before = zero_coefficients(state.draw)
    slopes = loss_and_slopes(np.zeros((3, 5)), state.draw.labels)[1]
    ones = np.ones(final.gamma.shape)
    after = advance(before, state.draw, slopes, ones, np.ones(final.rho.shape))
    assert np.all(after.gamma[~state.draw.signal_mask] == 0)
    assert np.all(before.gamma == 0)


def test_split_gives_own_and_other_samples():
    rho = np.arange(1.0, 13.0).reshape(2, 2, 3)
    zeta, omega = split(rho, np.array([0, 1, 0]))
    np.testing.assert_array_equal(zeta + omega, rho)
    np.testing.assert_array_equal(zeta, [[[1, 0, 3], [4, 0, 6]], [[0, 8, 0], [0, 11, 0]]])


def test_descend_records_what_the_recursion_gives(small_problem, start_weights):
    recorder = Recorder()
    state = start_weights(small_problem(), 1)
    descend(state, recorder, 0.0, 30, lambda step, loss: None)
    along = coefficients_along(start_weights(small_problem(), 1), 30)
    recorded = recorder.arrays()
    for step, gamma in zip(recorded["steps"], recorded["gamma"], strict=True):
        np.testing.assert_array_equal(gamma, along[int(step)].gamma)
