"""The paths of the paper's two theorems where none is named: what moves, is kept and can run."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bounds import REGIME, SIBLING_THEOREMS, THEOREMS
from bounds.mutants import PARAMETERS
from bounds.paths import growth
from sims.patterns import check_feasible
from theorycheck.judging.paths.default_paths import DEFAULT_PATHS, default_paths
from theorycheck.judging.paths.premises import path_premises
from theorycheck.judging.slopes import LEAST_SIZES, tail
from theorycheck.judging.table import parameters_at, points_of

ALL = [
    pytest.param(theorem, path, id=f"{theorem} {path.path.along}")
    for theorem in THEOREMS
    for path in DEFAULT_PATHS[theorem]()
]
OVER = [one for one in ALL if one.values[0] == "over-pruning"]


def points(path):
    return points_of(path.family, path.epsilon)


def moving(path):
    at = [parameters_at(point) for point in points(path)]
    return {name for name in PARAMETERS if len({one[name] for one in at}) > 1}


def test_every_built_in_theorem_has_two_to_four_paths():
    assert list(DEFAULT_PATHS) == [*THEOREMS, *SIBLING_THEOREMS]
    assert all(len(DEFAULT_PATHS[theorem]()) in (2, 3) for theorem in SIBLING_THEOREMS)
    assert all(len(DEFAULT_PATHS[theorem]()) == 4 for theorem in THEOREMS)


def test_theorem_of_another_has_no_default_paths():
    assert default_paths(replace(THEOREMS["mild-pruning"], id="own")) == []


@pytest.mark.parametrize("theorem", list(THEOREMS))
def test_every_symbol_of_every_bound_moves_on_some_path(theorem):
    moved = set().union(*map(moving, default_paths(THEOREMS[theorem])))
    if theorem == "mild-pruning":  # so few classes tell no exponent: a path along K does
        assert "K" not in moved
        moved |= {"K"}
    for claim in THEOREMS[theorem].claims.values():
        names = {symbol.name for symbol in claim.bound.free_symbols} & set(PARAMETERS)
        assert names <= moved, claim.id
    assert moved == set(PARAMETERS)  # nor may any other be put into a bound unseen


@pytest.mark.parametrize(("theorem", "path"), ALL)
def test_three_sizes_lie_in_the_tail_and_all_are_different(theorem, path):
    progress = [path.family.progress(*point) for point in points(path)]
    assert len(set(points(path))) == path.sizes == len(path.at)
    assert progress == sorted(progress)
    assert sum(tail(progress)) == LEAST_SIZES


@pytest.mark.parametrize(("theorem", "path"), ALL)
def test_draws_of_every_problem_are_feasible(theorem, path):
    for problem, _ in points(path):
        if path.engine == "gram-law":
            check_feasible(problem)
        else:
            assert problem.d <= 10**5


@pytest.mark.parametrize("theorem", list(THEOREMS))
def test_first_path_keeps_every_premise_and_is_released_from_none(theorem):
    first = default_paths(THEOREMS[theorem])[0]
    assert first.path.along == "d"
    assert first.released == ()
    states = {one.state for one in path_premises(THEOREMS[theorem], first.family, points(first))}
    assert states <= {"kept", "reported"}


@pytest.mark.parametrize("theorem", list(THEOREMS))
def test_no_path_leaves_a_premise_of_its_own_unsaid(theorem):
    own = set(THEOREMS[theorem].conditions) - set(REGIME)
    for path in default_paths(THEOREMS[theorem]):
        premises = path_premises(THEOREMS[theorem], path.family, points(path))
        assert "not kept" not in {one.state for one in premises}
        alone = theorem == "over-pruning" and path.path.along == "mu"  # p falls there by itself
        assert bool(own & set(path.released)) == alone


@pytest.mark.parametrize(("theorem", "path"), OVER)
def test_every_sample_must_be_memorized_at_t_star(theorem, path):
    for problem, epsilon in points(path):
        assert epsilon <= math.log(problem.K) / (2 * problem.n)


@pytest.mark.parametrize(("theorem", "path"), OVER)
def test_start_is_above_what_another_memorized_sample_shifts(theorem, path):
    # Theory, section 9: the shift is about (p d)^(-1/2); with fewer neurons runs would stall
    for problem, _ in points(path):
        masked = problem.p * problem.d
        assert problem.sigma_0 * problem.sigma_n * masked > 1


@pytest.mark.parametrize("theorem", list(THEOREMS))
def test_powers_let_mutants_be_told(theorem):
    for path in default_paths(THEOREMS[theorem])[1:]:
        for name in path.path.powers:
            assert growth(THEOREMS[theorem].claims["stopping-time"].law, path.path, path.values)
            quarters = path.path.powers[name] / 4 * 24
            assert quarters.denominator == 1, (path.path.along, name)


def test_sizes_are_where_the_path_says():
    path = replace(default_paths(THEOREMS["mild-pruning"])[0], at=(0.0, 0.25, 1.0), sizes=3)
    sizes = [problem.d for problem, _ in points(path)]
    assert np.log10(sizes) == pytest.approx([4, 6.75, 15], abs=1e-3)
