"""Families: sorted paths in the theorem regime."""

import math
from dataclasses import replace

import pytest

import theorycheck as tc
from sims import Problem
from theorycheck.judging.family import engine_for


def test_path_is_sorted_along_its_parameter():
    family = tc.mild_family((5000, 300, 1000), n=6, m=4)
    assert [problem.d for problem in family.problems] == [300, 1000, 5000]
    assert [family.size(problem) for problem in family.problems] == [300.0, 1000.0, 5000.0]


def test_path_may_grow_along_any_parameter():
    base = Problem.theorem_regime(1000, 6, 4, 2, 0.5)
    family = tc.Family("p", (base, replace(base, p=0.1)), "all but p")
    assert [problem.p for problem in family.problems] == [0.1, 0.5]


def test_empty_path_is_refused():
    with pytest.raises(ValueError, match="problems must hold at least one Problem, got none"):
        tc.Family("d", (), "")


@pytest.mark.parametrize("mu", [1.0, 2.5])
def test_mild_family_is_the_theorem_regime(mu):
    for problem in tc.mild_family((300, 3000), n=7, m=5, K=3, p=0.4, mu=mu).problems:
        assert problem.sigma_n == pytest.approx(mu / (math.sqrt(problem.d) * math.log(problem.d)))
        assert problem.sigma_0 == pytest.approx(1 / (5**4 * 7 * mu))
        assert problem.eta == pytest.approx(1 / mu**2)
        assert (problem.n, problem.m, problem.K, problem.p, problem.q) == (7, 5, 3, 0.4, 3)


def test_over_family_ties_p_to_d():
    for problem in tc.over_family((300, 3000), m=5, K=3).problems:
        assert problem.p == pytest.approx(1 / (3 * 5 * math.log(problem.d)))


def test_regime_options_are_passed_on():
    for family in (tc.mild_family, tc.over_family):
        (problem,) = family((300,), noise="orthogonal", eta=0.25).problems
        assert (problem.noise, problem.eta) == ("orthogonal", 0.25)


@pytest.mark.parametrize(
    "family",
    [
        tc.mild_family,
        pytest.param(
            tc.over_family,
        ),
    ],
)
def test_size_outside_the_domain_is_refused(family):
    with pytest.raises(ValueError, match="d must be an integer from 2"):
        family((1,))


def test_repeated_size_is_refused():
    with pytest.raises(ValueError, match="size"):
        tc.mild_family((300, 300, 300))


def test_unknown_parameter_is_refused():
    base = Problem.theorem_regime(1000, 6, 4, 2, 0.5)
    with pytest.raises(ValueError, match="along"):
        tc.Family("width", (base,), "")


# paths that go down, and paths along epsilon

BASE = Problem.theorem_regime(1000, 6, 4, 2, 0.5)


def test_path_downwards_is_sorted_the_way_it_goes():
    family = tc.Family("p", (replace(BASE, p=0.1), BASE, replace(BASE, p=0.3)), "", "down")
    assert [problem.p for problem in family.problems] == [0.5, 0.3, 0.1]
    assert family.sizes == (0.5, 0.3, 0.1)
    progress = [family.progress(problem) for problem in family.problems]
    assert progress == pytest.approx([2, 1 / 0.3, 10])


def test_progress_of_a_path_upwards_is_its_size():
    family = tc.mild_family((300, 3000), n=6, m=4)
    assert [family.progress(problem) for problem in family.problems] == [300.0, 3000.0]
    assert family.points == tuple((problem, None) for problem in family.problems)


@pytest.mark.parametrize(
    ("direction", "expected"), [("up", (0.01, 0.1, 0.5)), ("down", (0.5, 0.1, 0.01))]
)
def test_path_along_epsilon_has_one_problem(direction, expected):
    family = tc.Family("epsilon", (BASE,), "", direction, epsilons=(0.1, 0.5, 0.01))
    assert family.sizes == expected
    assert family.points == tuple((BASE, epsilon) for epsilon in expected)
    progress = [family.progress(*point) for point in family.points]
    assert progress == sorted(progress)


@pytest.mark.parametrize(("along", "direction"), [("d", "up"), ("epsilon", "down")])
def test_each_problem_keeps_its_own_epsilon(along, direction):
    problems = tuple(replace(BASE, d=d) for d in (4000, 1000, 2000))
    family = tc.Family(along, problems, "", direction, epsilons=(0.1, 0.4, 0.2))
    assert [(one.d, epsilon) for one, epsilon in family.points] == [
        (1000, 0.4),
        (2000, 0.2),
        (4000, 0.1),
    ]
    progress = [family.progress(*point) for point in family.points]
    assert progress == pytest.approx([1000, 2000, 4000] if along == "d" else [2.5, 5, 10])


def test_one_problem_may_have_its_own_epsilon():
    assert tc.Family("d", (BASE,), "", epsilons=(0.1,)).points == ((BASE, 0.1),)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"along": "epsilon"}, "epsilons must be given along epsilon, got"),
        (
            {"along": "d", "epsilons": (0.1, 0.2)},
            "epsilons must hold one number for each of 1 prob",
        ),
        ({"along": "d", "direction": "left"}, "direction must be up or down, got 'left'"),
        ({"along": "epsilon", "epsilons": (0.1, 0.0)}, "epsilons must be finite numbers greater"),
        ({"along": "epsilon", "epsilons": (0.1, 0.1)}, "every size must be there once"),
        (
            {"along": "epsilon", "epsilons": (0.1,), "problems": (BASE, replace(BASE, p=0.1))},
            "epsilons must hold one number for each of 2 problems, or none",
        ),
    ],
    ids=str,
)
def test_bad_path_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        tc.Family(**{"problems": (BASE,), "tied": "", **options})


@pytest.mark.parametrize(
    ("d", "engine", "expected"),
    [
        ((100, 10**7), "auto", "auto"),
        ((100, 10**7 + 1), "auto", "gram-law"),
        ((100, 10**8), "flow", "flow"),
    ],
)
def test_one_family_has_one_engine(d, engine, expected):
    assert engine_for(tc.mild_family(d), engine) == expected


@pytest.mark.parametrize("make", [tc.mild_family, tc.over_family])
def test_one_size_is_a_path_of_one(make):
    assert make(10**4) == make((10**4,))
