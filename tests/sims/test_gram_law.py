"""The law of the Gram matrices: the same as drawing coordinates, at any dimension."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom, chisquare, ks_2samp, norm, wishart

from sims import Problem, gram, gram_law, patterns, population, simulate, simulate_many
from sims import weight_gram as weight_gram_module
from sims.population import weight_gram_and_signals

pytestmark = pytest.mark.slow

SEEDS = range(250)
SIBLING = {"signals": "antipodal", "flip": 0.3}
LEVEL = 1e-4  # of a single test; there are some dozens, with fixed seeds


def small(noise="isotropic", p=0.5, d=200, sigma_n=0.05, K=2, m=4, n=6, **model):
    return Problem(d, n, m, K, p, 1.0, sigma_n, 0.1, 0.1, noise=noise, **model)


def functionals(build, engine, problem, seeds):
    found = []
    untrained = simulate_many([problem] * len(seeds), seeds, 0.0, max_steps=0, engine=engine)
    for seed, run in zip(seeds, untrained, strict=True):
        system = build(problem, seed)
        weights, _ = weight_gram_and_signals(run)
        K = problem.K
        noise, start = system.gram[:, :, K:, K:], system.draw.initial_noise
        found.append(
            [
                noise[0, 0, 0, 0],
                noise[0, 0, 0, 1],
                np.einsum("jrii->", noise),
                noise[0, 0, 0, 0] - noise[1, 2, 0, 0],
                np.linalg.eigvalsh(noise[0, 1])[0],
                system.gram[:, :, 0, K:].sum(),
                system.gram[:, :, :K, :K].sum(),
                start[run.labels[0], 0, 0] * (1 if run.labels[0] == run.classes[0] else -1),
                start[0, 0, 0],
                np.sum(start**2),
                start[0, 0, 0] * start[0, 1, 0],
                weights[0, 0],
                weights[0, 5],
                np.trace(weights),
                noise[0, 0, 0, 0] * start[0, 0, 0] ** 2,
            ]
        )
    return np.array(found)


@pytest.mark.parametrize("model", [{}, SIBLING], ids=["the first model", "sibling"])
@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
def test_draws_have_the_law_of_drawn_coordinates(noise, model):
    problem = small(noise, **model)
    ours = functionals(gram_law.build, "gram-law", problem, SEEDS)
    theirs = functionals(gram.build, "gram", problem, SEEDS)
    for column in range(ours.shape[1]):
        assert ks_2samp(ours[:, column], theirs[:, column]).pvalue > LEVEL


def test_two_percent_in_one_variance_would_be_seen():
    problem = small(d=2000, sigma_n=0.05 * math.sqrt(1.02))
    traces = [np.einsum("jrii->", gram_law.build(problem, seed).gram[:, :, 2:, 2:]) for seed in
              range(200)]  # fmt: skip
    expected = 8 * 6 * 0.05**2 * 0.5 * 2000
    error = np.std(traces, ddof=1) / math.sqrt(len(traces))
    assert 2 * norm.sf(abs(np.mean(traces) - expected) / error) < LEVEL


@pytest.mark.parametrize(
    ("p", "d", "K", "m"),
    [(1.0, 10**14, 2, 4), (0.5, 10**14, 2, 4), (0.05, 5000, 2, 5), (1.0, 12, 2, 8)],
    ids=["dense", "many coordinates", "sparse", "fewer coordinates than rows"],
)
def test_means_and_covariances_have_their_closed_forms(p, d, K, m):
    problem = small(p=p, d=d, K=K, m=m, n=3)
    norms, overlaps, products = [], [], []
    for seed in range(400):
        system = gram_law.build(problem, seed)
        noise = system.gram[0, 0, K:, K:]
        norms.append(noise[0, 0])
        overlaps.append(noise[0, 1])
        products.append(system.draw.initial_noise[0, 0, 0])
    mean = problem.sigma_n**2 * p * d
    spread = problem.sigma_n**2 * math.sqrt(p * d * (3 - p))
    assert abs(np.mean(norms) - mean) < 4 * spread / math.sqrt(400)
    assert np.var(norms) == pytest.approx(spread**2, rel=0.35)
    assert np.var(overlaps) == pytest.approx(problem.sigma_n**4 * p * d, rel=0.35)
    assert np.var(products) == pytest.approx((problem.sigma_n * problem.sigma_0) ** 2 * p * d,
                                             rel=0.35)  # fmt: skip


def test_bartlett_factors_give_wishart_matrices():
    rng = np.random.default_rng(0)
    factors = gram_law._noise_factors(np.full(4000, 9), 4, gram_law.Streams.of(0))
    assert all(not factors[c, :c].any() for c in range(4))
    ours = np.linalg.slogdet(np.einsum("cib,clb->bil", factors, factors))[1]
    theirs = np.linalg.slogdet(wishart(9, np.eye(4)).rvs(4000, random_state=rng))[1]
    assert ks_2samp(ours, theirs).pvalue > LEVEL


@pytest.mark.parametrize("p", [1.0, 0.5, 0.01])
@pytest.mark.parametrize("sparse", [0, 10**9])
def test_draws_of_one_seed_differ_as_little_as_two_dimensions_can(monkeypatch, sparse, p):
    # what is compared along d is compared in pairs: numbers of their own would hide a slope
    monkeypatch.setattr(patterns, "SPARSE", sparse)
    small, large = (Problem(d, 6, 6, 2, p, 1.0, d**-0.5, 1e-3, 0.1) for d in (10**11, 10**14))
    for seed in range(3):
        systems = [gram_law.build(problem, seed) for problem in (small, large)]
        for ours, theirs in zip(*([one.initial, one.gram] for one in systems), strict=True):
            assert np.abs(ours - theirs).max() < 0.02 * np.abs(theirs).max()


def dense(group):
    """The same columns with all zeros written out."""
    if isinstance(group.kept, np.ndarray):
        return group
    weights = np.array([column.toarray() for column in group.weights])
    return replace(group, kept=group.kept.toarray(), weights=weights)


@pytest.mark.parametrize("sparse", [0, 10**9])
@pytest.mark.parametrize("coordinates", [2, 3, 5, 40])
def test_weights_of_one_pattern_have_the_wishart_law(monkeypatch, coordinates, sparse):
    monkeypatch.setattr(patterns, "SPARSE", sparse)
    # three neurons keep every coordinate: n + 3 rows, in few dimensions and in many
    problem = Problem(3 + coordinates, 3, 1, 3, 1.0, 1.0, 1.0, 1.0, 0.1)
    factors = np.array([[0.3, -0.2, 0.1], [0.0, 0.5, 0.2], [-0.4, 0.1, 0.3]])
    rng = np.random.default_rng(1)
    ours = np.zeros((750, 3, 3))
    for seed, weight_gram in enumerate(ours):
        weight_gram_module.add_weight_gram(weight_gram, problem, seed, factors)
    rows = rng.standard_normal((20_000, 3, coordinates))
    rows += factors @ rng.standard_normal((20_000, 3, coordinates))
    theirs = rows @ rows.swapaxes(1, 2)
    for a, b in ((0, 0), (2, 2), (0, 1), (1, 2)):
        assert ks_2samp(ours[:, a, b], theirs[:, a, b]).pvalue > LEVEL
    ours, theirs = (np.linalg.eigvalsh(both)[:, 0] for both in (ours, theirs))
    assert coordinates < 3 or ks_2samp(ours, theirs).pvalue > LEVEL
    assert coordinates > 2 or np.abs(ours).max() < 1e-12


@pytest.mark.parametrize("sparse", [0, 10**9])
@pytest.mark.parametrize(
    ("p", "d", "model"),
    [
        (0.4, 10**8, {}),
        (0.5, 3000, {}),
        (0.02, 10**5, {}),
        (0.5, 40, {}),
        (0.4, 10**8, SIBLING),
        (0.5, 40, SIBLING),
    ],
)
def test_sums_are_those_over_the_columns_one_by_one(monkeypatch, p, d, model, sparse):
    monkeypatch.setattr(patterns, "SPARSE", sparse)
    problem = small(p=p, d=d, **model)
    K, m, n = problem.K, problem.m, problem.n
    block = gram_law.first_coordinates(problem, 1)
    noise, starts = np.zeros((K * m, n, n)), np.zeros((K * m, n))
    assert block.noise.shape == (n, 1 if problem.signals == "antipodal" else K)
    for a, mask in enumerate(block.mask.reshape(K * m, -1)):
        kept = block.noise * mask
        noise[a] += kept @ kept.T
        starts[a] += kept @ block.weights.reshape(K * m, -1)[a]
    for group in gram_law.columns(problem, 1):
        group = dense(group)
        for row, a in enumerate(group.neurons):
            for column, weights in zip(group.noise, group.weights, strict=True):
                kept = column * group.kept[row]
                noise[a] += kept @ kept.T
                starts[a] += kept @ weights[row]
                assert np.all(weights[row][group.kept[row] == 0] == 0)
    system = gram_law.build(problem, 1)
    np.testing.assert_allclose(system.gram[:, :, K:, K:].reshape(K * m, n, n), noise, rtol=1e-11,
                               atol=1e-13 * np.abs(noise).max())  # fmt: skip
    size = np.abs(starts).max()
    np.testing.assert_allclose(system.draw.initial_noise.reshape(K * m, n), starts, rtol=1e-11,
                               atol=1e-13 * size)  # fmt: skip
    np.testing.assert_array_equal(
        system.draw.noise_norm2, np.einsum("jrii->jri", system.gram[:, :, K:, K:])
    )


@pytest.mark.parametrize("model", [{}, SIBLING], ids=["the first model", "sibling"])
def test_columns_are_kept_by_as_many_neurons_as_a_binomial_says(model):
    problem = small(p=0.3, d=3000, n=2, **model)
    counts = np.zeros(9)
    for group in gram_law.columns(problem, 0):
        group = dense(group)
        assert np.all((group.kept == 0) | (group.kept == 1))
        coordinates = group.beyond + len(group.noise)
        counts += np.bincount(group.kept.sum(axis=0).astype(int), coordinates, minlength=9)
    expected = (2999 if model else 2998) * binom.pmf(range(9), 8, 0.3)
    assert counts[0] == 0
    assert chisquare(counts[1:], expected[1:] * counts.sum() / expected[1:].sum()).pvalue > LEVEL


def test_columns_drawn_again_are_the_same_to_the_bit():
    problem = small(p=0.4, d=10**8)
    for first, second in zip(
        map(dense, gram_law.columns(problem, 3)), map(dense, gram_law.columns(problem, 3)),
        strict=True,
    ):  # fmt: skip
        for name in ("neurons", "kept", "noise", "weights", "beyond"):
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@pytest.mark.parametrize("model", [{}, SIBLING], ids=["the first model", "sibling"])
def test_weights_rebuilt_from_columns_fit_the_pre_activations(model):
    # W~ W~^T knows ||w~||^2; the training noise's products are in the Gram system: both must agree
    problem = small(p=0.6, d=10**6, sigma_n=0.002, **model)
    run = simulate(problem, 0, "gram-law", 0.0, max_steps=40)
    weights, on_signals = weight_gram_and_signals(run)
    system = gram_law.build(problem, 0)
    norm2 = np.einsum("jrvv->jrv", system.gram)
    c = np.concatenate([run.final.gamma, run.final.rho], axis=2) / np.where(norm2 > 0, norm2, 1)
    products = np.einsum("jrvu,jru->jrv", system.gram, c)
    z = system.initial + products
    np.testing.assert_allclose(on_signals, z[:, :, : problem.K], rtol=1e-9, atol=1e-12)
    # ||w||^2 = ||w0||^2 + 2 <w0, V c> + c A c, with <w0, v> the initial pre-activations
    start, _ = weight_gram_and_signals(simulate(problem, 0, "gram-law", 0.0, max_steps=0))
    norms = np.diag(start).reshape(2, 4)
    norms = norms + np.sum(c * (2 * system.initial + products), axis=2)
    np.testing.assert_allclose(np.diag(weights).reshape(2, 4), norms, rtol=1e-9)


@pytest.mark.parametrize("model", [{}, SIBLING], ids=["the first model", "sibling"])
def test_test_loss_of_a_law_run_is_that_of_a_drawn_one(model):
    problem = Problem(300, 12, 5, 2, 0.5, 1.0, 0.1, 0.02, 1.0, **model)
    ours, theirs = (
        [
            population(run, scrambles=8, points=256).test_loss
            for run in simulate_many([problem] * 60, range(60), engine=engine)
        ]
        for engine in ("gram-law", "gram")
    )
    assert ks_2samp(ours, theirs).pvalue > LEVEL


@pytest.mark.parametrize("p", [1.0, 0.5])
def test_run_at_d_of_ten_to_the_fourteen_learns_its_signal(p):
    run = simulate(Problem.theorem_regime(10**14, 10, 6, 2, p), 1, "gram-law")
    assert run.engine == "gram-law"
    assert run.status == "reached"
    assert run.event.learnable.all()
    assert np.einsum("jrj->jr", run.gamma[-1]).max(axis=1).min() > 0.5
    test = population(run)
    assert test.test_error == 0
    assert test.test_loss < 0.05


def test_too_many_patterns_are_refused_in_one_sentence():
    problem = Problem.theorem_regime(10**12, 30, 20, 2, 0.5)
    with pytest.raises(ValueError, match=r"about 1\.1e\+12 mask patterns at K m = 40.*fits"):
        simulate(problem, 0, "gram-law")


def test_too_large_dimension_is_refused():
    with pytest.raises(ValueError, match=r"d must be at most 10\^15"):
        simulate(Problem.theorem_regime(2 * 10**15, 10, 6, 2, 1.0), 0, "gram-law")


def test_sparse_matrices_hold_the_same_sums_of_weights(monkeypatch):
    # given columns, entry by entry and as dense arrays
    monkeypatch.setattr(patterns, "SPARSE", 0)
    factors = np.random.default_rng(0).normal(size=(8, 6))
    for group in gram_law.columns(small(p=0.4, d=10**5), 1):
        here = factors[group.neurons]
        sparse, written_out = weight_gram_module._sparse_rows(group, here), dense(group)
        np.testing.assert_allclose(
            sparse, weight_gram_module._dense_rows(written_out, here), rtol=1e-10
        )


def test_sparse_masks_of_many_neurons_are_drawn():
    problem = Problem(10**6, 5, 200, 2, 1 / 800, 1.0, 1e-3, 0.1, 0.1)
    system = gram_law.build(problem, 0)
    norms = system.draw.noise_norm2
    mean = problem.sigma_n**2 * problem.p * problem.d
    # 2000 correlated norms of about 1250 coordinates each: relative spread 5 %
    assert norms.mean() == pytest.approx(mean, rel=0.02)
    assert norms.std() == pytest.approx(mean * math.sqrt(3 / 1250), rel=0.15)
