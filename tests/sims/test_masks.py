import io
import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from sims import (
    Trajectory,
    dense_start,
    draw_dataset,
    draw_network,
    draw_signal_mask,
    loss_and_gradient,
    mask_of,
    noise_grams,
    peak_memory,
    population,
    simulate,
    simulate_many,
)
from sims.draw import BLOCK, blocks
from sims.gram_law import grams_from_law
from sims.masks import keep_largest, kept_bits, scored_mask
from sims.memory import chosen_memory, stack_memory
from sims.problem import PRUNINGS

SCORED = tuple(name for name in PRUNINGS if name not in ("random", "given"))
NESTED = tuple(name for name in SCORED if name != "synflow")
ENGINES = ("weights", "gram", "flow")


@pytest.fixture
def plain(small_problem):
    return small_problem(d=60, p=0.5)


def scored(problem, seed=2, **changes):
    return scored_mask(dense_start(replace(problem, **changes), seed))


def bytes_of(run):
    file = io.BytesIO()
    run.write(file)
    return file.getvalue()


@pytest.mark.parametrize("pruning", SCORED)
@pytest.mark.parametrize("p", [0.73, 0.31, 0.05, 1e-6])
def test_counts_are_exact(plain, pruning, p):
    mask = scored(plain, pruning=pruning, p=p)
    K, m, d = mask.shape
    if pruning.endswith("-per-neuron"):
        assert (mask.sum(axis=2) == max(1, round(p * d))).all()
    else:
        assert mask.sum() == max(1, round(p * K * m * d))


@pytest.mark.parametrize("pruning", NESTED)
def test_kept_sets_are_nested_as_p_falls(plain, pruning):
    masks = [scored(plain, pruning=pruning, p=p) for p in (0.9, 0.5, 0.2, 0.04)]
    assert all(not (less & ~more).any() for more, less in pairwise(masks))


def test_of_equal_scores_the_first_are_kept():
    scores = np.array([[1.0, 2.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]])
    kept = keep_largest(scores, 0.6)
    assert kept.tolist() == [[True, True, True, False, False], [True, True, True, False, False]]


def test_scores_are_what_their_names_say(plain):
    start = dense_start(plain, 2)
    w, g, h = start.weights, start.gradient, start.hessian_gradient
    for pruning, score in (("magnitude", abs(w)), ("snip", abs(w * g)), ("grasp", w * h)):
        mask = scored(plain, pruning=pruning, p=0.3)
        assert score[mask].min() > score[~mask].max()


def flow_of(weights, mask, q):
    """Score every weight by |w| dR/d|w|, R by hand on two patches of ones."""
    kept = np.abs(weights) * mask
    return kept * 2 * q * kept.sum(axis=2, keepdims=True) ** (q - 1)


@pytest.mark.parametrize("q", [1.0, 1.5, 3.0])
def test_synflow_is_its_hundred_rounds_by_hand(plain, q):
    problem = replace(plain, d=40, q=q)
    weights = dense_start(problem, 2).weights
    mask = np.ones(weights.shape, bool)
    for step in range(1, 101):
        flow = np.where(mask, flow_of(weights, mask, q), -1.0)
        count = round(0.2 ** (step / 100) * mask.size)
        mask = flow >= np.sort(flow, axis=None)[-count]
    np.testing.assert_array_equal(scored(problem, pruning="synflow", p=0.2), mask)


@pytest.mark.parametrize("q", [1.0, 3.0])
def test_synflow_conserves_the_sums_of_layers(plain, q):
    start = dense_start(replace(plain, q=q), 2)
    mask = scored(plain, pruning="synflow", p=0.4, q=q)
    into = flow_of(start.weights, mask, q).sum(axis=2)
    # the second layer is fixed to ones: its flow is what each neuron answers, of degree q
    out = 2 * (np.abs(start.weights) * mask).sum(axis=2) ** q
    np.testing.assert_allclose(into, q * out, rtol=1e-12)


def test_synflow_feels_no_scale(plain):
    tiny = replace(plain, sigma_0=1e-110, mu=1e-5, eta=1.0)
    usual = scored(replace(tiny, sigma_0=1e-3), pruning="synflow", p=0.1)
    np.testing.assert_array_equal(scored(tiny, pruning="synflow", p=0.1), usual)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("pruning", SCORED)
def test_p_1_is_the_dense_run_to_the_bit(plain, engine, pruning):
    dense = replace(plain, p=1.0)
    settings = {"engine": engine, "max_steps": 30}
    runs = [simulate(one, 4, **settings) for one in (dense, replace(dense, pruning=pruning))]
    for name in ("steps", "loss", "gamma", "rho", "gradient_norm2"):
        np.testing.assert_array_equal(*(getattr(run, name) for run in runs))
    assert population(runs[0], points=64) == population(runs[1], points=64)


@pytest.mark.parametrize("pruning", SCORED)
def test_engines_train_the_same_pruned_network(plain, pruning):
    problem = replace(plain, pruning=pruning, p=0.3, d=BLOCK + 37)
    exact, coefficients = (simulate(problem, 1, engine, max_steps=40) for engine in ENGINES[:2])
    np.testing.assert_allclose(exact.loss, coefficients.loss, rtol=1e-10)
    np.testing.assert_allclose(exact.gamma, coefficients.gamma, rtol=1e-8, atol=1e-13)
    weights, mask = draw_network(problem, 1)
    np.testing.assert_array_equal(mask, mask_of(coefficients.draw))
    start = dense_start(problem, 1)
    np.testing.assert_array_equal(weights, start.weights)
    np.testing.assert_array_equal(mask, scored_mask(start))
    own = mask[np.arange(2), :, np.arange(2)]
    np.testing.assert_array_equal(coefficients.signal_neurons, own)


def test_a_mask_does_not_depend_on_company(plain):
    problems = [replace(plain, pruning=one, p=0.3) for one in ("snip", "random", "grasp")]
    together = simulate_many(problems, [0, 0, 0], engine="gram", max_steps=20)
    for problem, run in zip(problems, together, strict=True):
        assert bytes_of(run) == bytes_of(simulate(problem, 0, "gram", max_steps=20))


@pytest.mark.parametrize("mask", ["snip", "given"])
def test_masks_are_saved_with_the_run(plain, tmp_path, mask):
    if mask == "given":
        kept = np.random.default_rng(0).random((2, plain.m, plain.d)) < 0.4
        run = simulate(plain, 3, "gram", max_steps=20, mask=kept)
    else:
        run = simulate(replace(plain, pruning=mask, p=0.4), 3, "gram", max_steps=20)
        kept = scored(run.problem, 3)
    run.save(tmp_path / "run.npz")
    again = Trajectory.load(tmp_path / "run.npz")
    np.testing.assert_array_equal(mask_of(again.draw), kept)
    assert again.draw.mask_digest == run.draw.mask_digest != ""
    assert population(again, points=64) == population(run, points=64)
    np.testing.assert_array_equal(noise_grams(again.draw), noise_grams(run.draw))


def test_a_file_with_another_mask_is_refused(plain, tmp_path):
    path = tmp_path / "run.npz"
    simulate(replace(plain, pruning="snip"), 3, "gram", max_steps=5).save(path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays["mask"] ^= 1
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match="its mask is not the one that was written"):
        Trajectory.load(path)


def test_a_given_mask_is_what_trains(plain):
    kept = np.random.default_rng(1).random((2, plain.m, plain.d)) < 0.4
    runs = [simulate(plain, 3, engine, max_steps=25, mask=kept) for engine in ENGINES[:2]]
    np.testing.assert_allclose(runs[0].loss, runs[1].loss, rtol=1e-11)
    assert runs[0].problem.pruning == "given"
    assert runs[0].problem.p == kept.mean()
    start = dense_start(plain, 3)
    data = draw_dataset(plain, 3)
    loss, gradient = loss_and_gradient(start.weights, kept, data, plain)
    assert runs[1].loss[0] == pytest.approx(loss, rel=1e-12)
    assert runs[1].gradient_norm2[0] == pytest.approx(np.vdot(gradient, gradient), rel=1e-10)


def test_a_function_of_the_draw_gives_a_mask(plain):
    asked = replace(plain, pruning="snip", p=0.3)
    by_score = simulate(asked, 2, "gram", max_steps=20)

    def snip(start):
        score = np.abs(start.weights * start.gradient)
        return score >= np.sort(score, axis=None)[-round(0.3 * score.size)]

    by_function = simulate(replace(plain, p=1.0), 2, "gram", max_steps=20, mask=snip)
    np.testing.assert_array_equal(by_function.gamma, by_score.gamma)
    assert by_function.draw.mask_digest == by_score.draw.mask_digest


def test_the_problem_of_a_given_run_runs_again_with_its_mask(plain):
    kept = np.random.default_rng(1).random((2, plain.m, plain.d)) < 0.4
    run = simulate(plain, 3, "gram", max_steps=5, mask=kept)
    again = simulate(run.problem, 3, "gram", max_steps=5, mask=mask_of(run.draw))
    assert bytes_of(again) == bytes_of(run)
    with pytest.raises(ValueError, match=r"^pruning 'given' needs a mask"):
        simulate(run.problem, 3)
    with pytest.raises(ValueError, match=r"^pruning 'given' needs a mask"):
        simulate_many([run.problem], [3])
    with pytest.raises(ValueError, match=r"^pruning 'given' needs the mask"):
        draw_network(run.problem, 3)


def test_a_given_mask_of_ones_is_the_dense_run(plain):
    ones = np.ones((2, plain.m, plain.d), bool)
    given = simulate(plain, 3, "gram", max_steps=20, mask=ones)
    dense = simulate(replace(plain, p=1.0), 3, "gram", max_steps=20)
    np.testing.assert_array_equal(given.rho, dense.rho)


@pytest.mark.parametrize(
    "mask",
    [
        0.5,
        [[True]],
        np.ones((2, 3), bool),
        lambda start: start.weights,
        lambda start: None,
        lambda start: start.weights > 1e9,
    ],
    ids=["number", "list", "shape", "dtype", "nothing", "empty"],
)
def test_what_is_no_mask_is_refused_by_name(plain, mask):
    with pytest.raises(
        ValueError, match=r"^mask must be a bool array of shape \(K, m, d\) = [^\n]*got"
    ):
        simulate(plain, mask=mask)


@pytest.mark.parametrize("pruning", SCORED)
def test_the_law_of_the_grams_refuses_masks_by_score(plain, pruning):
    problem = replace(plain, pruning=pruning)
    with pytest.raises(ValueError, match=r"^engine 'gram-law' draws no weights to choose among"):
        simulate(problem, engine="gram-law")
    with pytest.raises(ValueError, match=r"^pruning must be 'random' for the law"):
        grams_from_law(problem, 0)
    assert simulate(replace(problem, p=1.0), engine="gram-law", max_steps=3).steps[-1] <= 3


def test_blocks_and_signal_masks_of_scores_are_not_drawn_by_chance(plain):
    problem = replace(plain, pruning="snip")
    with pytest.raises(ValueError, match="the mask must be there"):
        next(blocks(problem, 0))
    with pytest.raises(ValueError, match=r"^pruning must be 'random'"):
        draw_signal_mask(problem, 0)
    assert kept_bits(replace(problem, p=1.0), 0) is None


def test_runs_of_a_stack_hold_the_bits_of_their_masks(plain):
    apart = [
        stack_memory(replace(plain, pruning=one, d=8000), "gram", 3)
        - stack_memory(replace(plain, pruning=one, d=8000), "gram", 2)
        for one in ("snip", "random")
    ]
    assert apart[0] - apart[1] == pytest.approx(1000 * plain.m * plain.K)


def test_masks_by_score_need_the_dense_weights_in_memory(plain):
    chosen, drawn = (
        peak_memory(replace(plain, d=10**6, pruning=one), "gram") for one in ("snip", "random")
    )
    assert chosen > drawn + 8 * 3 * 10**6 * plain.m * plain.K


@pytest.mark.parametrize("pruning", SCORED)
def test_choosing_takes_no_more_memory_than_is_said(plain, pruning):
    problem = replace(plain, d=10**5, pruning=pruning)
    tracemalloc.start()
    scored(problem)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0.3 * chosen_memory(problem) < peak < chosen_memory(problem)
