"""The courses of runs: thinned out, in order, with the bounds that belong to them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bounds
from theorycheck.commands.plan import Plan
from theorycheck.files import without_gaps
from theorycheck.judging.family import Family
from theorycheck.judging.observation import Series, observe
from theorycheck.judging.paths.default_paths import default_paths
from theorycheck.reporting.courses import (
    LEVELS,
    PATH_LEVELS,
    PATH_POINTS,
    PATH_SEEDS,
    POINTS,
    grid_record,
    path_record,
    thin,
)

NAMES = ("steps", "loss", "gamma", "cross", "zeta", "omega")


@pytest.fixture(scope="module")
def runs():
    problem = replace(Plan().grid()[0], d=300, n=6, m=4)
    real = observe("mild-pruning", problem, 3, 0.05)
    steps = np.geomspace(1, 1e6, 500)
    course = Series(steps, *(steps * factor for factor in (1.0, 2.0, 3.0, 4.0, 1 / 3)))
    return [
        replace(real, problem=replace(problem, p=p), seed=seed, series=course)
        for p in (0.1, 1.0, 0.5)
        for seed in (4, 3)
    ]


def test_first_seed_is_shown_from_dense_to_pruned(runs):
    record = grid_record(runs)
    assert record["seed"] == 3
    assert [one["p"] for one in record["courses"]] == [1.0, 0.5, 0.1]
    assert "p" not in record["problem"]
    assert (record["problem"]["d"], record["epsilon"]) == (300, 0.05)


def test_test_loss_of_every_run_is_kept(runs):
    tests = grid_record(runs)["tests"]
    assert [(one["p"], one["seed"]) for one in tests] == [(run.problem.p, run.seed) for run in runs]
    assert all(one["test_loss"] == runs[0].test.test_loss for one in tests)


def test_course_is_that_of_the_run(runs):
    course = grid_record(runs)["courses"][0]
    assert {len(course[name]) for name in NAMES} == {POINTS}
    for factor, name in zip((1.0, 1.0, 2.0, 3.0, 4.0, 1 / 3), NAMES, strict=True):
        expected = np.array(course["steps"]) * factor
        assert course[name] == pytest.approx(expected, rel=1e-3)
    assert course["steps"][0] == 1
    assert course["steps"][-1] == 1e6


def test_bounds_are_those_of_the_theorem(runs):
    claims = bounds.THEOREMS["mild-pruning"].claims
    for course in grid_record(runs)["courses"]:
        at = {**runs[0].problem.parameters(), "p": course["p"], "epsilon": 0.05}
        assert course["levels"] == {name: claims[name].evaluate(at) for name in LEVELS}
        # C1 log(300) / 4 = 0.143
        assert course["premise_kept"] == (course["p"] > 0.143)


def test_no_runs_have_no_record():
    assert grid_record([]) is None


# along a path


@pytest.fixture(scope="module")
def path_of(runs):
    """A path of made-up runs of six seeds, one outside the event for each size it is told of."""

    def path_of(family, outside=(), seeds=range(6)):
        made = [
            replace(
                runs[0],
                problem=problem,
                epsilon=0.05 if epsilon is None else epsilon,
                seed=seed,
                in_event=(place, seed) not in outside,
            )
            for place, (problem, epsilon) in enumerate(family.points)
            for seed in seeds
        ]
        return family, made[::-1]

    return path_of


def default(theorem, along):
    families = [one.family for one in default_paths(bounds.THEOREMS[theorem])]
    return next(one for one in families if one.along == along)


@pytest.mark.parametrize(
    ("outside", "seeds", "shown"),
    [
        ([], range(6), [0, 1, 2]),
        ([(0, 0), (3, 2)], range(6), [1, 3, 4]),
        ([(0, 0), (1, 1), (2, 2), (3, 3)], range(6), [4, 5, 0]),
        ([(place, seed) for place in range(4) for seed in range(6)], range(6), [0, 1, 2]),
        ([(2, 7)], (7, 4), [4, 7]),
    ],
)
def test_first_seeds_in_the_event_at_every_size_are_shown(outside, seeds, shown, path_of):
    path = path_of(default("mild-pruning", "n"), outside, seeds)
    record = path_record(bounds.THEOREMS["mild-pruning"], path)
    assert record["seeds"] == shown
    assert len(shown) <= PATH_SEEDS
    for place, size in enumerate(record["sizes"]):
        assert [run["seed"] for run in size["runs"]] == shown
        inside = [(place, seed) not in outside for seed in shown]
        assert [run["in_event"] for run in size["runs"]] == inside


@pytest.mark.parametrize("along", ["d", "n", "m", "p"])
def test_sizes_are_those_of_the_path_with_what_moves_and_what_stays(along, path_of):
    family = default("mild-pruning", along)
    record = path_record(bounds.THEOREMS["mild-pruning"], path_of(family))
    assert (record["along"], record["title"]) == (along, "Mild pruning")
    assert [one["size"] for one in record["sizes"]] == list(family.sizes)
    for (problem, epsilon), size in zip(family.points, record["sizes"], strict=True):
        at = {**problem.parameters(), "epsilon": 0.05 if epsilon is None else epsilon}
        assert size["epsilon"] == at["epsilon"]
        told = {**record["fixed"], **size["moved"]}
        assert told.pop("noise") == at.pop("noise")
        assert told == pytest.approx(at, rel=1e-3)
        assert not set(record["fixed"]) & set(size["moved"])
    for name in record["sizes"][0]["moved"]:
        assert len({one["moved"][name] for one in record["sizes"]}) > 1
    assert record["symbols"]["sigma_n"] == "σₙ"
    assert record["symbols"]["d"] == "d"


def test_course_along_a_path_is_that_of_the_run_with_fewer_points(path_of):
    record = path_record(bounds.THEOREMS["mild-pruning"], path_of(default("mild-pruning", "n")))
    course = record["sizes"][-1]["runs"][-1]
    assert {len(course[name]) for name in NAMES} == {PATH_POINTS}
    assert (course["steps"][0], course["steps"][-1]) == (1, 1e6)
    assert course["zeta"] == pytest.approx(np.array(course["steps"]) * 4, rel=1e-3)
    assert all(value == float(f"{value:.4g}") for value in course["omega"])


@pytest.mark.parametrize(
    ("theorem", "along", "names"),
    [
        ("mild-pruning", "p", LEVELS),
        ("over-pruning", "mu", ("stopping-time", "train-loss", "noise-memorized")),
    ],
)
def test_levels_are_the_bounds_of_the_claims_with_their_constants(theorem, along, names, path_of):
    stated = bounds.THEOREMS[theorem]
    claims = {id: replace(one, constant=3.0) for id, one in stated.claims.items()}
    path = path_of(default(theorem, along))
    record = path_record(replace(stated, claims=claims), path)
    for (problem, epsilon), size in zip(path[0].points, record["sizes"], strict=True):
        at = {**problem.parameters(), "epsilon": epsilon}
        expected = {name: 3 * stated.claims[name].evaluate(at) for name in names}
        assert size["levels"] == pytest.approx(expected, rel=1e-3)
    assert set(names) <= set(PATH_LEVELS)


def test_levels_of_a_theorem_of_ones_own_are_the_first_bounds_of_what_is_drawn(path_of):
    claims = bounds.THEOREMS["mild-pruning"].claims
    time = claims["stopping-time"]
    own = {
        "soon": replace(time, id="soon", constant=7.0),
        "later": replace(time, id="later"),
        "test": replace(claims["test-loss"], id="test"),
    }
    stated = replace(bounds.THEOREMS["mild-pruning"], id="own", title="", claims=own)
    path = path_of(default("mild-pruning", "n"))
    record = path_record(stated, path)
    assert (record["theorem"], record["title"]) == ("own", "own")
    for (problem, epsilon), size in zip(path[0].points, record["sizes"], strict=True):
        at = {**problem.parameters(), "epsilon": epsilon}
        assert size["levels"] == pytest.approx({"stopping-time": 7 * time.evaluate(at)}, rel=1e-3)


def test_premise_is_left_where_a_size_leaves_it(path_of):
    problem = default("mild-pruning", "n").problems[0]
    kept = (1.0, 0.5, 0.3, 0.1)  # C1 = 0.1 asks for p of at least 0.1 log(10^12) / 8 = 0.345
    family = Family("p", tuple(replace(problem, p=p) for p in kept), "all else stays", "down")
    record = path_record(bounds.THEOREMS["mild-pruning"], path_of(family))
    left = [one["premises_left"] for one in record["sizes"]]
    assert left == [[], [], ["mild-pruning"], ["mild-pruning"]]


def test_path_is_plain_data_even_where_a_bound_or_a_run_has_no_number(path_of):
    first = default("mild-pruning", "n").problems[0]
    problem = replace(first, q=6.0, sigma_0=1e-110)  # T is beyond 10^308
    family, (made,) = path_of(Family("n", (problem,), "nothing moves"), seeds=[0])
    nowhere = Series(*(np.array([0.0, np.nan, np.inf]) for _ in NAMES))
    lone = (family, [replace(made, series=nowhere)])
    record = path_record(bounds.THEOREMS["mild-pruning"], lone)
    plain = json.loads(json.dumps(without_gaps(record), allow_nan=False))
    assert plain["sizes"][0]["levels"]["stopping-time"] is None
    assert plain["sizes"][0]["runs"][0]["loss"] == [0.0, None, None]


@given(st.integers(1, 1000), st.sampled_from([PATH_POINTS, POINTS]))
def test_first_and_last_step_are_kept(recorded, points):
    kept = thin(recorded, points)
    assert (kept[0], kept[-1]) == (0, recorded - 1)
    assert kept == sorted(set(kept))
    assert len(kept) == min(recorded, points)
