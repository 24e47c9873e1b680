import importlib
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.special import log_softmax
from scipy.stats import kstest, qmc
from threadpoolctl import threadpool_limits

from sims import (
    Problem,
    draw_dataset,
    draw_network,
    population,
    populations,
    rebuild_weights,
    simulate,
)
from sims.draw import BLOCK
from sims.population import gaussian_points, weight_gram_and_signals

MODULE = importlib.import_module("sims.population")  # sims has a function of that name
ENGINES = ("weights", "gram", "flow")
FRESH = 100_000


def final_weights(run):
    """The masked weights at the end of a run, (K, m, d)."""
    weights, mask = draw_network(run.problem, run.seed)
    noise = draw_dataset(run.problem, run.seed).noise
    return rebuild_weights(run.final, run.draw, weights, mask, noise)


def on_signals(row, problem):
    """Products of one neuron with the signals, (K,)."""
    if problem.signals == "antipodal":
        return problem.mu * row[0] * np.array([1, -1])
    return problem.mu * row[: problem.K]


def losses_and_errors(weights, noise, labels, problem, classes=None):
    """Loss and expected error over ties of each sample, from its d coordinates."""
    classes = labels if classes is None else classes
    K = problem.K
    logits = np.zeros((len(labels), K))
    for j in range(K):
        for row in weights[j]:
            logits[:, j] += np.maximum(noise @ row, 0) ** problem.q
            logits[:, j] += np.maximum(on_signals(row, problem)[classes], 0) ** problem.q
    own = logits[np.arange(len(labels)), labels]
    top = logits.max(axis=1)
    tied = logits == top[:, None]
    losses = top + np.log(np.exp(logits - top[:, None]).sum(axis=1)) - own
    return losses, 1 - (own == top) / tied.sum(axis=1)


def monte_carlo(run, count=FRESH, seed=0):
    """Mean and standard error of loss and error over fresh samples."""
    rng, problem = np.random.default_rng(seed), run.problem
    noise = problem.sigma_n * rng.standard_normal((count, problem.d))
    if problem.noise == "orthogonal":
        noise[:, : 1 if problem.signals == "antipodal" else problem.K] = 0
    classes = rng.integers(problem.K, size=count)
    wrong = rng.random(count) < problem.flip
    other = (classes + rng.integers(1, problem.K, size=count)) % problem.K
    labels = np.where(wrong, other, classes)
    both = losses_and_errors(final_weights(run), noise, labels, problem, classes)
    return [(values.mean(), values.std() / math.sqrt(count)) for values in both]


def assert_agree(run, integrals, count=FRESH):
    (loss, loss_se), (error, error_se) = monte_carlo(run, count)
    assert abs(integrals.test_loss - loss) < 4 * math.hypot(integrals.test_loss_se, loss_se) + 1e-12
    joint = math.hypot(integrals.test_error_se, error_se)
    assert abs(integrals.test_error - error) < 4 * joint + 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        ({"d": 25, "p": 0.7}, 60),
        ({"d": 25, "p": 0.7, "sigma_n": 0.5, "q": 2}, 20),  # errors are frequent
        ({"d": 5, "m": 4, "p": 1.0, "sigma_n": 0.6}, 10),  # d < K m: singular
        ({"d": 12, "p": 0.15, "sigma_n": 0.8, "q": 1}, 30),  # emptied neurons: ties
    ],
)
def test_the_integrals_are_the_means_over_fresh_samples(small_problem, noise, K, changes, steps):
    problem = small_problem(K=K, noise=noise, **changes)
    run = simulate(problem, 1, "gram", target_loss=0.0, max_steps=steps)
    integrals = population(run)
    assert_agree(run, integrals)
    assert integrals.test_loss_se < 0.01


@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
@pytest.mark.parametrize("q", [1, 2, 3])
@pytest.mark.parametrize(
    "model",
    [{"signals": "antipodal"}, {"K": 3, "flip": 0.3}, {"signals": "antipodal", "flip": 0.3}],
)
def test_the_integrals_of_siblings_are_the_means_over_fresh_samples(small_problem, model, q, noise):
    problem = small_problem(d=25, p=0.7, sigma_n=0.4, q=q, noise=noise, **model)
    run = simulate(problem, 1, "gram", target_loss=0.0, max_steps=30)
    assert_agree(run, population(run))


@pytest.mark.parametrize("engine", ENGINES)
def test_wrong_labels_at_testing_mix_loss_and_error(small_problem, engine):
    # at K = 2 the loss of a wrong label is that of the margin turned round
    run = simulate(small_problem(sigma_n=0.5, eta=0.02), 1, engine, 0.0, max_steps=60)
    clean = population(run)
    draw = replace(run.draw, problem=replace(run.problem, flip=0.2))
    mixed = population(replace(run, draw=draw))
    assert mixed.test_error == pytest.approx(0.2 + 0.6 * clean.test_error, rel=1e-12)
    assert mixed.test_loss > clean.test_loss
    slope = (mixed.test_loss - clean.test_loss) / 0.2  # E margin
    other = population(replace(run, draw=replace(draw, problem=replace(run.problem, flip=0.4))))
    assert other.test_loss == pytest.approx(clean.test_loss + 0.4 * slope, rel=1e-10)


@pytest.mark.parametrize(
    ("d", "K", "m", "p", "noise", "seed"),
    [
        (8, 2, 3, 0.2, "orthogonal", 17),
        (8, 2, 3, 0.2, "isotropic", 17),
        (6, 2, 3, 0.25, "isotropic", 3),
        (6, 4, 1, 0.3, "isotropic", 13),
        (6, 3, 1, 0.4, "orthogonal", 10),
        (6, 3, 1, 0.4, "isotropic", 5),
    ],
)
def test_ties_of_classes_that_answer_nothing_are_shared(d, K, m, p, noise, seed):
    # a neuron without weights answers exactly 0: rounding must not break the ties between them
    problem = Problem(d, 4, m, K, p, 1.0, 1.0, 0.7, 0.02, 3.0, noise)
    run = simulate(problem, seed, "gram", target_loss=0.0, max_steps=20)
    assert np.any(np.diag(weight_gram_and_signals(run)[0]) == 0)
    assert_agree(run, population(run))


@pytest.mark.slow
@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
def test_a_tiny_network_agrees_with_quadrature(noise):
    d = 2 if noise == "isotropic" else 4
    problem = Problem(d, 3, 1, 2, 1.0, 1.0, 0.7, 0.8, 0.2, 3.0, noise)
    run = simulate(problem, 3, "weights", target_loss=0.0, max_steps=15)
    weights, sigma = final_weights(run), problem.sigma_n

    def density_times_loss(x, y, label):
        patch = np.zeros((1, d))
        patch[0, d - 2 :] = x, y  # the coordinates that carry noise
        loss = losses_and_errors(weights, patch, np.array([label]), problem)[0][0]
        return loss * math.exp(-(x * x + y * y) / (2 * sigma**2)) / (2 * math.pi * sigma**2)

    most = 8 * sigma
    exact = [
        dblquad(density_times_loss, -most, most, -most, most, args=(label,), epsabs=1e-5)[0]
        for label in (0, 1)
    ]
    integrals = population(run, points=8192)
    assert integrals.test_loss_se < 1e-3
    assert abs(integrals.test_loss - np.mean(exact)) < 4 * integrals.test_loss_se + 1e-4


@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
@pytest.mark.parametrize("d", [7, 40, 2 * BLOCK + 3])
def test_the_second_pass_rebuilds_products_of_the_weights(small_problem, d, noise):
    problem = small_problem(d=d, K=3, noise=noise, sigma_n=1 / math.sqrt(d))
    run = simulate(problem, 2, "gram", target_loss=0.0, max_steps=25)
    weights = final_weights(run)
    products, on_signals = weight_gram_and_signals(run)
    np.testing.assert_allclose(on_signals, problem.mu * weights[:, :, :3], rtol=1e-12, atol=1e-14)
    rows = weights.reshape(9, d)[:, 3 if noise == "orthogonal" else 0 :]
    size = np.abs(rows @ rows.T).max()
    np.testing.assert_allclose(products, rows @ rows.T, rtol=0, atol=1e-12 * size)


@pytest.mark.parametrize("K", [2, 3, 4])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_network_without_weights_guesses(small_problem, K, engine):
    run = simulate(small_problem(K=K, p=1e-9), 0, engine)
    integrals = population(run)
    # to the bit where 1/K has an end; else up to the rounding of a mean
    assert integrals.test_error == pytest.approx(1 - 1 / K, rel=1e-14 if K == 3 else 0, abs=0)
    assert integrals.test_loss == pytest.approx(math.log(K), rel=1e-14)
    assert integrals.test_loss_se < 1e-14
    assert integrals.test_error_se < 1e-14


def without_own_signal(K, seed_from=0):
    """A problem and seed whose neurons all lost their own signal, but not all others'."""
    problem = Problem(60, 6, 2, K, 0.3, 1.0, 0.3, 0.5, 0.2, 3.0)
    for seed in range(seed_from, 10**4):
        mask = draw_network(problem, seed)[1][:, :, :K]
        if not np.einsum("jrj->jr", mask).any() and mask.any():
            return problem, seed
    raise AssertionError("every seed keeps an own signal")


@pytest.mark.slow
@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("engine", ENGINES)
def test_without_an_own_signal_nothing_beats_guessing(K, engine):
    seed = -1
    for _ in range(4):
        problem, seed = without_own_signal(K, seed + 1)
        run = simulate(problem, seed, engine, target_loss=0.02, max_steps=3000)
        assert run.event.no_own_signal
        assert np.all(np.einsum("tjrj->tjr", run.gamma) == 0)
        assert run.loss[-1] < 0.8 * math.log(K)  # trained all the same
        integrals = population(run, points=512)
        # exact at every test point, so sampling takes nothing away; rounding may, where K is 3
        assert integrals.test_error >= 1 - 1 / K - (1e-14 if K == 3 else 0)
        assert integrals.test_loss >= math.log(K) * (1 - 1e-14)


@pytest.mark.parametrize("p", [0.3, 1.0])
def test_the_engines_agree(small_problem, p):
    problem = small_problem(p=p, sigma_n=0.5, eta=0.01)
    results = [population(simulate(problem, 1, engine, 0.0, max_steps=200)) for engine in ENGINES]
    for other in results[1:]:
        assert other.test_loss == pytest.approx(results[0].test_loss, rel=1e-3)
        assert other.test_error == pytest.approx(results[0].test_error, abs=1e-3)
    assert results[1].test_loss == pytest.approx(results[0].test_loss, rel=1e-9)


@pytest.mark.slow
def test_a_mild_run_generalizes_and_an_over_pruned_one_guesses():
    mild, over = (
        population(simulate(Problem.theorem_regime(5000, 10, 6, 2, p), 0, "flow"))
        for p in (0.6, 1 / (12 * math.log(5000)))
    )
    assert mild.test_error < 1e-3
    assert over.test_error == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("memory", [0, 1.0, 300.0])
def test_memory_changes_no_bit(engine, memory):
    problem = Problem.theorem_regime(3 * BLOCK, 6, 4, 2, 0.5)
    run = simulate(problem, 0, engine, max_steps=10)
    assert population(run, memory=memory) == population(run)


def test_blas_threads_outside_change_no_bit():
    run = simulate(Problem.theorem_regime(2 * BLOCK, 6, 30, 2, 0.5), 0, "gram", max_steps=10)
    results = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            results.append(population(run, points=256))
    assert results[0] == results[1]


def test_the_seed_decides_the_test_points_and_nothing_else(small_problem):
    run = simulate(small_problem(sigma_n=0.5), 0, "gram", max_steps=10)
    assert population(run, 3, points=64) == population(run, 3, points=64)
    assert population(run, 3, points=64) != population(run, 4, points=64)
    assert population(run, points=64) == population(run, 0, points=64)


def test_standard_errors_are_honest(small_problem):
    run = simulate(small_problem(d=25, sigma_n=0.6), 1, "gram", max_steps=15)
    results = [population(run, seed, points=128, scrambles=8) for seed in range(30)]
    for name in ("test_loss", "test_error"):
        spread = np.std([getattr(result, name) for result in results], ddof=1)
        told = np.sqrt(np.mean([getattr(result, name + "_se") ** 2 for result in results]))
        assert spread > 0
        # two estimates of one number, of 29 and 210 degrees of freedom: 1 within 14 %
        assert 0.55 < spread / told < 1.6


def test_the_standard_error_falls_faster_than_plain_sampling(small_problem):
    run = simulate(small_problem(d=25, sigma_n=0.6), 1, "gram", max_steps=15)
    errors = [population(run, points=points).test_loss_se for points in (64, 4096)]
    assert errors[1] < errors[0] / 8 * 0.7


def test_a_diverged_run_has_no_test_loss(small_problem):
    run = simulate(small_problem(eta=1e60), 1, "gram")
    assert run.status == "diverged"
    with pytest.raises(ValueError, match=r"^a diverged run has no test loss: [^\n]*$"):
        population(run)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("scrambles", value) for value in (7, 0, -8, "8", 8.5, None)),
        *(("points", value) for value in (0, -2, 3, 1000, "8", 2.5, None)),
        *(("seed", value) for value in (-1, 1.5, "0", None, True)),
        *(("memory", value) for value in (-1, math.nan, math.inf, "8", None)),
    ],
)
def test_a_bad_argument_is_refused_by_name(small_problem, name, value):
    run = simulate(small_problem(), 1, "gram", max_steps=1)
    with pytest.raises(ValueError, match=rf"^{name} must be [^\n]*, got [^\n]*$"):
        population(run, **{name: value})


def test_the_run_is_left_as_it_was(small_problem):
    run = simulate(small_problem(), 1, "gram", max_steps=5)
    gamma = run.gamma.copy()
    population(run, points=64)
    np.testing.assert_array_equal(run.gamma, gamma)


def test_the_scale_symmetry_holds_for_the_test_loss_too(small_problem):
    problem = small_problem(sigma_n=0.5)
    scaled = replace(problem, mu=4 * 1.3, sigma_n=2.0, sigma_0=0.1, eta=0.1 / 16)
    results = [population(simulate(one, 1, "gram", max_steps=20)) for one in (problem, scaled)]
    assert results[0] == results[1]


def test_integrals_are_means_over_scrambled_sobol_points(small_problem):
    run = simulate(small_problem(K=3, m=2, sigma_n=0.6), 1, "gram", max_steps=15)
    weight_gram, on_signals = weight_gram_and_signals(run)
    factor = np.linalg.cholesky(0.36 * weight_gram)
    losses = []
    for rng in np.random.default_rng(np.random.SeedSequence(5, spawn_key=(4,))).spawn(8):
        z = (
            qmc.MultivariateNormalQMC(
                np.zeros(6), engine=qmc.Sobol(6, rng=rng), inv_transform=True
            ).random(4096)
            @ factor.T
        )
        logits = np.maximum(z, 0) ** 3 @ np.kron(np.eye(3), np.ones((2, 1)))
        at_signals = (np.maximum(on_signals, 0) ** 3).sum(axis=1)
        losses.append(
            np.mean([-log_softmax(logits + at_signals[:, k], axis=1)[:, k] for k in range(3)])
        )
    ours = population(run, 5, scrambles=8, points=4096)
    # the eigenvectors turn the points, so the two agree as far as the integration does
    error = np.std(losses, ddof=1) / math.sqrt(8)
    assert abs(ours.test_loss - np.mean(losses)) < 4 * math.hypot(error, ours.test_loss_se)
    assert ours.test_loss_se < 2e-3 * ours.test_loss


@pytest.mark.parametrize("most", [0, MODULE.MOST_KEPT])
def test_runs_together_are_tested_as_each_alone(monkeypatch, small_problem, most):
    monkeypatch.setattr(MODULE, "MOST_KEPT", most)
    runs = [
        simulate(small_problem(**changes), seed, engine, max_steps=10)
        for changes, seed, engine in (
            ({}, 1, "gram"),
            ({"p": 0.05}, 2, "gram"),
            ({"K": 3}, 1, "gram"),
            ({"p": 1.0, "d": 4}, 3, "weights"),
            ({"d": 10**9, "sigma_n": 1e-5}, 4, "gram-law"),
        )
    ]
    alone = [population(run, 2, points=64) for run in runs]
    assert populations(runs, 2, points=64) == alone
    assert populations(runs[::-1], 2, points=64) == alone[::-1]
    assert populations([], 2) == []


def test_points_that_are_kept_are_those_that_are_drawn(monkeypatch):
    kept = list(gaussian_points(1, 5, 8, 64))
    assert all(one is other for one, other in zip(kept, gaussian_points(1, 5, 8, 64), strict=True))
    monkeypatch.setattr(MODULE, "MOST_KEPT", 0)
    for one, other in zip(kept, gaussian_points(1, 5, 8, 64), strict=True):
        assert one is not other
        np.testing.assert_array_equal(one, other)


def test_points_are_gaussian_and_no_two_scrambles_share_any():
    sets = np.array(list(gaussian_points(3, 4, 16, 1024)))
    assert all(kstest(row, "norm").pvalue > 1e-3 for row in sets.reshape(-1, 1024))
    firsts = sets[:, :, 0]
    assert len(np.unique(firsts)) == firsts.size
