"""The paths of built-in boundaries keep the premises, and small runs flip where they say."""

import math

import pytest

import bounds
from theorycheck.judging.boundary_paths import problem_at
from theorycheck.judging.family import Family
from theorycheck.judging.observation import observe_many
from theorycheck.judging.paths.premises import path_premises, unmet
from theorycheck.judging.siblings.boundary_paths import SIBLING_BOUNDARY_PATHS
from theorycheck.judging.table import points_of
from theorycheck.judging.theorems import find

THEOREMS = {
    id: find(name) for name, one in bounds.THRESHOLD_THEOREMS.items() for id in one.boundaries
}
# In the median of draws, measured (`python -m evidence boundaries`).
LOCATED = {"benign-ends": 2.5, "relu-benign-ends": 2.0}


def test_every_built_in_boundary_has_paths():
    assert set(SIBLING_BOUNDARY_PATHS) == set(THEOREMS)


@pytest.mark.parametrize("id", THEOREMS)
def test_premises_are_kept_on_both_sides_of_the_boundary(id):
    subject, paths = THEOREMS[id], SIBLING_BOUNDARY_PATHS[id]
    boundary = subject.theorem.boundaries[id]
    for symbol in paths.along:
        for index in (LOCATED[id] / 4, LOCATED[id], 4 * LOCATED[id]):
            problems = tuple(
                problem_at(boundary, paths, place, index) for place in paths.along_places(symbol)
            )
            up = paths.along[symbol][-1] > paths.along[symbol][0]
            family = Family(symbol, problems, "", "up" if up else "down")
            premises = path_premises(subject.theorem, family, points_of(family, paths.epsilon))
            assert not unmet(premises), (symbol, index, unmet(premises))


@pytest.mark.parametrize("id", THEOREMS)
def test_problems_are_of_the_model_of_the_theorem(id):
    start = SIBLING_BOUNDARY_PATHS[id].start
    model = THEOREMS[id].theorem.model
    assert {name: getattr(start, name) for name in ("signals", "noise")} == {
        name: model[name] for name in ("signals", "noise")
    }


def test_every_sample_is_learned_or_memorized_at_the_end():
    paths = SIBLING_BOUNDARY_PATHS["benign-ends"]
    assert paths.epsilon < math.log(2) / max(paths.along["n"])


@pytest.mark.parametrize(("id", "theorem"), [(id, one.theorem.id) for id, one in THEOREMS.items()])
def test_success_changes_between_the_sides(id, theorem):
    subject, paths = THEOREMS[id], SIBLING_BOUNDARY_PATHS[id]
    boundary, (start, *_) = subject.theorem.boundaries[id], paths.places
    for factor, success in ((8.0, True), (1 / 8, False)):
        problem = problem_at(boundary, paths, start, LOCATED[id] * factor)
        tasks = [(theorem, problem, seed, paths.epsilon, paths.engine) for seed in range(6)]
        runs = [run for _, run in observe_many(tasks)]
        told = [boundary.succeeds(one.measured[boundary.measure]) for one in runs if one.in_event]
        assert told
        assert all(one == success for one in told)
