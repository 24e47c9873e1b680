"""The default paths of theorems of other papers: what is kept, what moves, what can run."""

import math

import pytest

import bounds
from bounds.evaluation import value
from bounds.mutants import PARAMETERS
from sims.patterns import check_feasible
from theorycheck.judging.paths.default_paths import DEFAULT_PATHS, default_paths
from theorycheck.judging.paths.premises import path_premises
from theorycheck.judging.paths.sibling_paths import SIBLING_PATHS
from theorycheck.judging.siblings.problems import start
from theorycheck.judging.slopes import LEAST_SIZES, tail
from theorycheck.judging.table import model_left, parameters_at, points_of
from theorycheck.judging.theorems import find

# In the letters of the engine, as paths are.
THEOREMS = {name: find(name).theorem for name in bounds.SIBLING_THEOREMS}
ALL = [
    pytest.param(THEOREMS[name], path, id=f"{name} {path.path.along}")
    for name in THEOREMS
    for path in default_paths(THEOREMS[name])
]
RELU = ("relu-benign-overfitting", "relu-harmful-overfitting")
# What no path moves: the model itself, and m of the ReLU theorems, for which steps are exact.
HELD = {name: {"q", "flip", "m"} if name in RELU else {"q"} for name in bounds.SIBLING_THEOREMS}
MOST_WORK = 1e4  # of exact steps, each of which takes n m products


def points(path):
    return points_of(path.family, path.epsilon)


def test_every_sibling_has_paths_and_they_are_default_paths():
    assert list(SIBLING_PATHS) == list(bounds.SIBLING_THEOREMS)
    assert all(DEFAULT_PATHS[name] is paths for name, paths in SIBLING_PATHS.items())


@pytest.mark.parametrize(("theorem", "path"), ALL)
def test_every_problem_is_of_the_theorems_model(theorem, path):
    assert [model_left(theorem, problem) for problem, _ in points(path)] == [""] * path.sizes


@pytest.mark.parametrize(("theorem", "path"), ALL)
def test_every_premise_is_kept_unless_it_is_released_or_reported(theorem, path):
    premises = {one.id: one for one in path_premises(theorem, path.family, points(path))}
    assert list(premises) == list(theorem.conditions)
    left = {id for id, one in premises.items() if one.state != "kept"}
    released = {id for id, one in premises.items() if one.state == "released"}
    assert released == set(path.released)
    assert {premises[id].state for id in left - released} <= {"reported"}
    # a start of m^-13 is what lets the first term of T lead: it alone leaves a premise
    far = path.path.along == "m" and "start-not-large" in premises and theorem.inside != "fittable"
    assert released == ({"start-not-small"} if far else set())


@pytest.mark.parametrize(("theorem", "path"), ALL)
def test_three_different_sizes_lie_in_the_tail(theorem, path):
    progress = [path.family.progress(*point) for point in points(path)]
    late = [point for point, counts in zip(points(path), tail(progress), strict=True) if counts]
    assert len(set(late)) == len(late) == LEAST_SIZES
    assert progress == sorted(progress)


@pytest.mark.parametrize(("theorem", "path"), ALL)
def test_draws_are_feasible(theorem, path):
    for problem, _ in points(path):
        assert (path.engine, problem.p) == ("gram-law", 1.0)
        check_feasible(problem)


@pytest.mark.parametrize(("theorem", "path"), [one for one in ALL if one.values[0].id in RELU])
def test_exact_steps_of_relu_are_few(theorem, path):
    law = theorem.claims["stopping-time"].law
    for point in points(path):
        assert point[0].q == 1
        steps = value(law, parameters_at(point))
        assert 10 < steps < MOST_WORK


@pytest.mark.parametrize("name", THEOREMS)
def test_every_symbol_of_every_bound_moves_on_some_path_or_is_held(name):
    theorem = THEOREMS[name]
    at = [[parameters_at(one) for one in points(path)] for path in default_paths(theorem)]
    moved = {key for path in at for key in path[0] if len({one[key] for one in path}) > 1}
    for claim in theorem.claims.values():
        names = {symbol.name for symbol in claim.bound.free_symbols} - set(claim.hidden)
        assert names <= moved | HELD[name], claim.id
    assert not moved & HELD[name]
    assert {*PARAMETERS} - moved <= {*HELD[name], "K", "p"}


@pytest.mark.parametrize(
    "path", SIBLING_PATHS["harmful-overfitting"](), ids=lambda one: one.path.along
)
def test_every_sample_must_be_memorized_at_t_star_of_harmful_overfitting(path):
    assert all(epsilon <= math.log(2) / (2 * problem.n) for problem, epsilon in points(path))


@pytest.mark.parametrize("q", [1.0, 2.0, 3.0])
def test_start_is_given_in_the_letters_of_the_mean(q):
    problem = start(q, 0.25, d=10**6, n=5, m=8, mu=2.0, sigma_0=1e-3, eta=0.1)
    in_theirs = bounds.averaged(problem.parameters())
    assert in_theirs["sigma_0"] == pytest.approx(1e-3, rel=1e-13)
    assert in_theirs["eta"] == pytest.approx(0.1, rel=1e-13)
    assert problem.mu / (problem.sigma_n * 1e3) == pytest.approx(0.25, rel=1e-13)


@pytest.mark.parametrize(("name", "index"), [(RELU[0], 16), (RELU[1], 0.25)])
def test_index_of_relu_is_the_same_all_along(name, index):
    for path in default_paths(THEOREMS[name]):
        for problem, _ in points(path):
            strength = problem.mu / problem.sigma_n
            assert problem.n * strength**4 / problem.d == pytest.approx(
                index, rel=0.02
            )  # n is rounded


@pytest.mark.parametrize(
    ("name", "power"), [("benign-overfitting", 1), ("harmful-overfitting", -1)]
)
def test_regime_stays_as_far_from_an_even_race(name, power):
    path = default_paths(THEOREMS[name])[0]
    indices = [one.n * (one.mu / (one.sigma_n * math.sqrt(one.d))) ** 3 for one, _ in points(path)]
    assert indices == pytest.approx([indices[0]] * path.sizes, rel=1e-9)
    assert indices[0] ** power > 10
