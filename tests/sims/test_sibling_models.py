"""Antipodal signals and wrong labels: every engine against plain descent on all coordinates."""

from dataclasses import replace

import numpy as np
import pytest

from sims import (
    Dataset,
    Problem,
    Trajectory,
    draw_dataset,
    draw_network,
    gram,
    gram_law,
    population,
    rebuild_weights,
    simulate,
    simulate_many,
)
from sims.system import stack

MODELS = {
    "antipodal": {"signals": "antipodal"},
    "wrong labels": {"K": 3, "flip": 0.4},
    "both": {"signals": "antipodal", "flip": 0.4},
    "both, orthogonal": {"signals": "antipodal", "flip": 0.4, "noise": "orthogonal"},
}
STEPS = 40
model = pytest.mark.parametrize("model", MODELS)
power = pytest.mark.parametrize("q", [1, 2, 3, 3.5])


@pytest.fixture
def sibling(small_problem):
    """A small problem of one of the models."""
    return lambda model, **changes: small_problem(n=9, **{**MODELS[model], **changes})


def assert_close(ours, theirs, tolerance=1e-12):
    assert np.abs(theirs).max() > 0
    assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()


def steps_of(problem, seed, engine, steps=STEPS):
    run = simulate(problem, seed, engine, 0.0, max_steps=steps)
    assert run.steps[-1] == steps
    return run


def assert_same_descent(run, losses, along, factor=1.0):
    at = run.steps.astype(int)
    assert_close(run.loss, losses[at])
    gamma, zeta, omega, _ = (np.array(part) for part in zip(*along, strict=True))
    assert_close(factor * run.gamma, gamma[at])
    assert_close(factor * run.zeta, zeta[at])
    assert_close(factor * run.omega, omega[at])


@pytest.mark.parametrize("engine", ["weights", "gram"])
@pytest.mark.parametrize("p", [0.6, 1.0])
@power
@model
def test_engines_take_the_steps_of_plain_descent(literal_descent, sibling, model, q, p, engine):
    problem = sibling(model, q=q, p=p, eta=0.05)
    data, (weights, mask) = draw_dataset(problem, 1), draw_network(problem, 1)
    assert problem.flip == 0 or np.any(data.labels != data.classes)
    losses, along = literal_descent(problem, data, weights, mask, STEPS)
    run = steps_of(problem, 1, engine)
    assert_same_descent(run, losses, along)
    rebuilt = rebuild_weights(run.final, run.draw, weights, mask, data.noise)
    assert_close(rebuilt, along[-1][3])


def on_coordinates(problem, seed):
    """What the law drew, as data and network on coordinates."""
    neurons = problem.K * problem.m
    block = gram_law.first_coordinates(problem, seed)
    noise, weights, mask = ([one] for one in (
        block.noise, block.weights.reshape(neurons, -1), block.mask.reshape(neurons, -1)
    ))  # fmt: skip
    for group in gram_law.columns(problem, seed):
        for column, own in zip(group.noise, group.weights, strict=True):
            for there, values in ((weights, own), (mask, group.kept)):
                wide = np.zeros((neurons, values.shape[1]))
                wide[group.neurons] = values
                there.append(wide)
            noise.append(column)
    noise, weights, mask = (np.concatenate(one, axis=1) for one in (noise, weights, mask))
    drawn = draw_dataset(replace(problem, d=problem.K), seed)
    data = Dataset(drawn.labels, noise, drawn.signal_first, drawn.classes)
    shape = (problem.K, problem.m, -1)
    return data, weights.reshape(shape), mask.reshape(shape) > 0


@pytest.mark.parametrize("p", [0.6, 1.0])
@power
@model
def test_the_law_takes_the_steps_of_plain_descent(literal_descent, sibling, model, q, p):
    problem = sibling(model, q=q, p=p, eta=0.05, d=400, sigma_n=0.1)
    data, weights, mask = on_coordinates(problem, 1)
    wide = replace(problem, d=weights.shape[2])
    losses, along = literal_descent(wide, data, weights, mask, STEPS)
    run = steps_of(problem, 1, "gram-law")
    np.testing.assert_array_equal(run.labels, data.labels)
    np.testing.assert_array_equal(run.classes, data.classes)
    assert_same_descent(run, losses, along)


@pytest.mark.parametrize(("q", "sigma_0"), [(2, 0.02), (3, 0.15), (3.5, 0.3)])
@model
def test_leaping_arrives_where_exact_steps_do(model, q, sigma_0):
    sizes = {"K": 2, "d": 1000, "n": 8, "m": 5, "p": 0.7, "mu": 1.0, "sigma_n": 0.05}
    problem = Problem(**{**sizes, "sigma_0": sigma_0, "eta": 0.02, "q": q, **MODELS[model]})
    exact, leapt = (simulate(problem, 3, engine, 0.1, max_steps=1e5) for engine in ("gram", "flow"))
    assert exact.status == leapt.status == "reached"
    assert np.any(leapt.steps != np.round(leapt.steps))  # it did leap
    assert leapt.steps[-1] == pytest.approx(exact.steps[-1], abs=1, rel=1e-3)
    assert_close(leapt.final.gamma, exact.final.gamma, 2e-3)
    assert_close(leapt.final.rho, exact.final.rho, 2e-3)


@pytest.mark.parametrize("noise", ["isotropic", "orthogonal"])
def test_products_with_opposite_signals_stay_opposite(sibling, noise):
    problem = sibling("both", noise=noise)
    system = gram.build(problem, 3)
    np.testing.assert_array_equal(system.initial[:, :, 0], -system.initial[:, :, 1])
    np.testing.assert_array_equal(system.gram[:, :, 0], -system.gram[:, :, 1])
    assert np.any(system.gram[:, :, 0, 2:]) == (noise == "isotropic")


@pytest.mark.parametrize("engine", ["weights", "gram", "gram-law"])
def test_at_q_1_a_negative_own_product_crosses_0_where_signals_are_opposite(engine):
    problem = Problem(200, 12, 6, 2, 1.0, 1.0, 0.01, 1e-3, 0.02, 1, signals="antipodal")
    run = simulate(problem, 0, engine, 0.05)
    assert run.status == "reached"
    own = np.einsum("jrj->jr", run.draw.initial_signal)
    assert np.any(own < 0)
    final = own + np.einsum("jrj->jr", run.final.gamma - run.final.gamma[:, :, ::-1])
    assert np.all(final > 0.1)  # up to the noise that is memorized
    assert np.all(np.einsum("jrj->jr", run.final.gamma) > 0)
    apart = simulate(replace(problem, signals="axis"), 0, engine, 0.05)
    assert np.any(np.einsum("jrj->jr", apart.final.gamma) == 0)


def test_above_q_2_a_negative_own_product_does_not_cross_0():
    problem = Problem(200, 12, 6, 2, 1.0, 1.0, 0.01, 0.1, 0.02, 3, "orthogonal", "antipodal")
    run = simulate(problem, 0, "gram", 0.05)
    own = np.einsum("jrj->jr", run.draw.initial_signal)
    moved = np.einsum("jrj->jr", run.gamma[-1] - run.gamma[-1][:, :, ::-1])
    assert np.any(own < 0)
    assert np.all((own + moved)[own < 0] < 0)
    assert np.all(moved[own < 0] >= 0)


@model
def test_samples_without_a_responsive_neuron_are_those_of_the_formula(
    sibling, start_weights, model
):
    found = set()
    for seed in range(20):
        problem = sibling(model, m=1)
        state, system = start_weights(problem, seed), gram.build(problem, seed)
        draw, expected = state.draw, 0
        for i, (label, shown) in enumerate(zip(draw.labels, draw.classes, strict=True)):
            on_signal = draw.initial_signal[label, :, shown]
            expected += np.all(on_signal <= 0) and np.all(draw.initial_noise[label, :, i] <= 0)
        floor = expected * np.log(problem.K) / problem.n
        state.loss()
        systems = stack([system])
        assert state.loss_floor() == pytest.approx(floor, rel=1e-14)
        assert systems.loss_floors(systems.initial)[0] == pytest.approx(floor, rel=1e-14)
        found.add(expected)
    assert len(found) > 2


def test_with_wrong_labels_gamma_may_fall():
    problem = Problem(200, 12, 6, 2, 1.0, 1.0, 0.1, 0.1, 0.02, flip=0.4)
    run = simulate(problem, 1, "gram", 0.0, max_steps=4000)
    assert np.diff(np.einsum("tjrj->tjr", run.gamma), axis=0).min() < -1e-3


@pytest.mark.parametrize("engine", ["weights", "gram", "gram-law"])
def test_runs_of_siblings_come_back_from_a_file_to_the_bit(sibling, engine, tmp_path):
    run = steps_of(sibling("both"), 1, engine)
    assert np.any(run.labels != run.classes)
    run.save(tmp_path / "run.npz")
    again = Trajectory.load(tmp_path / "run.npz")
    assert again.problem == run.problem
    np.testing.assert_array_equal(again.labels, run.labels)
    np.testing.assert_array_equal(again.classes, run.classes)
    np.testing.assert_array_equal(again.omega, run.omega)
    assert population(again, points=64) == population(run, points=64)


def test_files_of_the_first_model_hold_nothing_new(small_problem, tmp_path):
    run = steps_of(small_problem(), 1, "gram")
    run.save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as file:
        assert "classes" not in file.files
        assert "flip" not in str(file["about"])
        assert 'signals"' not in str(file["about"])
    np.testing.assert_array_equal(Trajectory.load(tmp_path / "run.npz").classes, run.labels)


def test_siblings_of_one_shape_share_a_stack_with_the_first_model(small_problem):
    models = [{}, *({"K": 2, **changes} for changes in MODELS.values())]
    for q in (1, 2, 3):
        problems = [small_problem(**changes | {"K": 2, "q": q, "p": 1.0}) for changes in models]
        for engine in ("gram", "gram-law"):
            many = simulate_many(problems, [4] * len(models), 0.05, max_steps=500, engine=engine)
            for problem, run in zip(problems, many, strict=True):
                alone = simulate(problem, 4, engine, 0.05, max_steps=500)
                for name in ("steps", "loss", "gradient_norm2", "gamma", "rho"):
                    np.testing.assert_array_equal(getattr(run, name), getattr(alone, name))
