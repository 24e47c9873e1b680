"""Which studies form a path that a theorem can be held to."""

from dataclasses import replace

import pytest

import bounds
from sims import Problem
from theorycheck.commands.sweep_path import NotJudged, study_path, study_points
from theorycheck.running.spec import RunSpec
from theorycheck.running.study_file import read_study

MILD, OVER = bounds.THEOREMS["mild-pruning"], bounds.THEOREMS["over-pruning"]
START = Problem.theorem_regime(1000, 4, 3, 2, 0.9)


def points(*problems, epsilon=0.05):
    return [(problem, epsilon) for problem in problems]


def moved(**values):
    """START, and START with each of the values of one parameter."""
    ((name, several),) = values.items()
    return points(*(replace(START, **{name: value}) for value in several))


def test_d_in_the_theorem_regime_keeps_every_premise():
    path = study_path(MILD, points(*(Problem.theorem_regime(d, 4, 3, 2, 0.9) for d in (900, 300))))
    assert (path.along, path.sizes, path.direction) == ("d", (300, 900), "up")
    assert path.released == ()
    assert "theorem regime" in path.tied


def test_sigma_n_may_be_spelled_out_in_digits():
    regime = [Problem.theorem_regime(d, 4, 3, 2, 0.9) for d in (300, 900)]
    typed = [replace(one, sigma_n=float(f"{one.sigma_n:.12g}")) for one in regime]
    assert study_path(MILD, points(*typed)).along == "d"
    off = [replace(one, sigma_n=one.sigma_n * (1 + one.d * 1e-9)) for one in regime]
    with pytest.raises(NotJudged, match="moves here is d and sigma_n"):
        study_path(MILD, points(*off))


@pytest.mark.parametrize(
    ("values", "direction", "released"),
    [
        ({"d": (1000, 4000)}, "up", ()),
        ({"m": (3, 30, 20)}, "up", ("initialization",)),
        ({"sigma_0": (1e-3, 1e-6, 1e-5, 1e-4)}, "down", ("initialization",)),
        ({"eta": (0.1, 0.01)}, "down", ()),
        ({"p": (0.9, 1.0)}, "down", ()),
    ],
    ids=str,
)
def test_lone_parameter_moves_as_the_bounds_are_tested(values, direction, released):
    ((name, several),) = values.items()
    path = study_path(MILD, moved(**values))
    expected = sorted(several, reverse=direction == "down")
    assert (path.along, path.sizes) == (name, tuple(expected))
    assert (path.direction, path.released) == (direction, released)


def test_target_loss_makes_a_path_of_one_problem():
    path = study_path(MILD, [(START, 0.05), (START, 0.2), (START, 0.01)])
    assert (path.along, path.epsilons, path.problems) == ("epsilon", (0.2, 0.05, 0.01), (START,))


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (points(START), "moves here is nothing"),
        (moved(q=(3, 4)), "moves here is q"),
        (moved(noise=("isotropic", "orthogonal")), "moves here is noise"),
        (points(START, replace(START, m=6, n=9)), "moves here is n and m"),
        ([(START, 0.05), (replace(START, n=9), 0.2)], "moves here is n and epsilon"),
        (points(*(replace(START, q=4.0, m=m) for m in (3, 6))), "the premise q = 3 fails"),
    ],
    ids=["one", "q", "noise", "two", "target too", "premise"],
)
def test_what_is_no_path_is_said(found, message):
    with pytest.raises(NotJudged, match=message):
        study_path(MILD, found)


def test_lone_parameter_that_leaves_the_premise_of_a_theorem_is_not_judged_by_it():
    pruned = moved(p=(0.5, 0.05, 0.005))
    with pytest.raises(NotJudged, match=r"at p = 0\.05, 0\.005: C1 is 0\.00217 to 0\.0217 there"):
        study_path(MILD, pruned)


def test_path_that_leaves_the_premise_of_one_theorem_is_judged_by_the_other():
    regime = points(*(Problem.theorem_regime(10**k, 10, 6, 2, 0.01) for k in (4, 8)))
    with pytest.raises(NotJudged, match="log\\(d\\) / m is not kept at d = "):
        study_path(MILD, regime)
    assert study_path(OVER, regime).along == "d"


# --- the points of a study


def settings(*specs):
    columns = [spec.columns() for spec in specs]
    return [{name: value for name, value in one.items() if name != "seed"} for one in columns]


def test_points_are_problems_with_target_losses():
    study = {"seeds": 1, "target_loss": [0.1, 0.2],
             "problem": {"d": [60, 4000], "n": 4, "m": 3, "K": 2, "p": 0.9}}  # fmt: skip
    specs = read_study(study)
    assert study_points(settings(*specs)) == [(spec.problem, spec.target_loss) for spec in specs]


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ([{"engine": "gram"}], "several ways"),
        ([{"max_steps": 7}], "several ways"),
        ([{"population": False}], "several ways"),
        ([{"engine": "gram-law", "target_loss": 0.3}], "gram-law draws networks of its own"),
    ],
    ids=str,
)
def test_runs_that_do_not_compare_are_no_points(others, message):
    specs = [RunSpec.plan(START, 0), *(RunSpec.plan(START, 0, **other) for other in others)]
    with pytest.raises(NotJudged, match=message):
        study_points(settings(*specs))


def test_runs_of_several_result_versions_are_no_points():
    (one,) = settings(RunSpec.plan(START, 0))
    with pytest.raises(NotJudged, match="several result versions"):
        study_points([one, {**one, "result_version": 0}])
