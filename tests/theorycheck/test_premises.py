"""Which premises a path keeps, which it breaks, and which it is released from."""

from dataclasses import replace

import pytest

import bounds
from theorycheck.family import mild_family
from theorycheck.premises import broken_premise, failing_premises

EPSILON = 0.05
MILD, OVER = bounds.THEOREMS["mild-pruning"], bounds.THEOREMS["over-pruning"]
BOTH = pytest.mark.parametrize("theorem", [MILD, OVER], ids=lambda theorem: theorem.id)


def points(family, **changes):
    return tuple((replace(problem, **changes), EPSILON) for problem in family.problems)


@BOTH
def test_theorem_regime_keeps_every_premise(theorem, long_path):
    path = points(long_path[theorem.id])
    assert failing_premises(theorem, path) == ()
    assert broken_premise(theorem, path) == ""


def test_one_problem_outside_a_premise_is_enough(long_path):
    path = points(long_path["mild-pruning"])
    path = (*path[:-1], (replace(path[-1][0], q=2.0), EPSILON))
    assert failing_premises(MILD, path) == ("the premise q = 3 fails",)


def test_hidden_constant_is_no_yes_or_no_premise(long_path):
    path = points(long_path["mild-pruning"], p=1e-3)
    condition = MILD.conditions["mild-pruning"]
    assert condition.implied_constant(path[0][0].parameters()) < condition.constant
    assert failing_premises(MILD, path) == ()
    assert "C1 <= " in broken_premise(MILD, path)


def test_premise_is_released_by_its_id(long_path):
    path = points(long_path["mild-pruning"], p=1e-3)
    assert broken_premise(MILD, path, ("mild-pruning",)) == ""
    (cubic,) = [one.id for one in MILD.conditions.values() if one.statement == "q = 3"]
    square = points(long_path["mild-pruning"], q=2.0)
    assert failing_premises(MILD, square, (cubic,)) == ()
    assert failing_premises(MILD, square, ("mild-pruning",)) == ("the premise q = 3 fails",)


def test_releasing_one_premise_keeps_the_others(long_path):
    # sigma_n fixed leaves mu = Theta(sigma_n sqrt(d) log d); p = 1e-3 leaves C1
    path = points(long_path["mild-pruning"], p=1e-3, sigma_n=1e-3)
    assert "C1" not in broken_premise(MILD, path, ("mild-pruning",))
    assert broken_premise(MILD, path, ("mild-pruning",)) != ""


@pytest.mark.parametrize("check", [failing_premises, broken_premise])
def test_released_premise_must_be_one_of_the_theorem(check):
    with pytest.raises(ValueError, match=r"released must name premises among .* got 'x'"):
        check(MILD, points(mild_family((1000,))), ("x",))
