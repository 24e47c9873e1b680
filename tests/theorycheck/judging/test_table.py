"""Runs as a table: every number in its place, and nan where there is none."""

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy

import bounds
from bounds import symbols
from theorycheck.judging.family import Family
from theorycheck.judging.table import (
    defined_log_bound,
    largest_time_error,
    log_bound,
    sort_runs,
    tabulate,
)

EPSILON = 0.05
CLAIM = bounds.THEOREMS["mild-pruning"].claims["no-noise"]


@pytest.fixture
def runs(made_up_run, long_path):
    """Seeds 8 and 1 at every size, with numbers that say where they belong."""
    return [
        made_up_run("mild-pruning", problem, seed, {"no-noise": problem.d + seed / 10})
        for problem in long_path["mild-pruning"].problems
        for seed in (8, 1)
    ]


def test_rows_are_seeds_and_columns_are_sizes(runs, long_path):
    family = long_path["mild-pruning"]
    table = tabulate(CLAIM, sort_runs(family, runs))
    sizes = np.array(family.sizes)
    assert table.sizes.tolist() == table.progress.tolist() == list(family.sizes)
    assert table.measured == pytest.approx(sizes + np.array([[0.1], [0.8]]))
    expected = [log_bound(CLAIM, problem, EPSILON) for problem in family.problems]
    assert table.log_bound == pytest.approx(np.array(expected))
    assert table.excess == pytest.approx(np.log(table.measured) - table.log_bound)
    assert table.tail.tolist() == [False, False, True, True, True]
    assert table.end.tolist() == table.tail.tolist()  # three sizes are their own end


def test_run_before_the_tail_that_is_not_there_is_nan(runs, long_path):
    away = [replace(runs[0], in_event=False), *runs[1:3], *runs[4:]]
    table = tabulate(CLAIM, sort_runs(long_path["mild-pruning"], away))
    expected = [
        [False, True, False, False, False],  # seed 1: no run at 10^4
        [True, False, False, False, False],  # seed 8: outside the event at 1000
    ]
    assert np.isnan(table.measured).tolist() == np.isnan(table.excess).tolist() == expected


@pytest.mark.parametrize(
    ("status", "excess"), [("stalled", np.inf), ("diverged", np.inf), ("max-steps", np.nan)]
)
def test_run_without_a_t_star_is_infinite_and_one_cut_short_not_known(
    status, excess, runs, long_path
):
    lost = [*runs[:-1], replace(runs[-1], status=status)]
    table = tabulate(CLAIM, sort_runs(long_path["mild-pruning"], lost))
    assert np.isnan(table.measured).sum() == 1
    assert math.isnan(table.measured[0, -1])
    assert table.excess[0, -1] == pytest.approx(excess, nan_ok=True)
    assert np.isfinite(table.excess).sum() == 9


@pytest.mark.parametrize(
    ("status", "excess"), [("stalled", np.inf), ("diverged", np.inf), ("max-steps", np.nan)]
)
def test_stopping_time_of_a_run_without_one_is_infinite_unless_it_was_cut_short(
    status, excess, runs, long_path
):
    claim = bounds.THEOREMS["mild-pruning"].claims["stopping-time"]
    never = {**runs[-1].measured, "stopping-time": math.inf}
    lost = [*runs[:-1], replace(runs[-1], status=status, measured=never)]
    table = tabulate(claim, sort_runs(long_path["mild-pruning"], lost))
    assert table.excess[0, -1] == pytest.approx(excess, nan_ok=True)
    assert np.isfinite(table.excess).sum() == 9


def test_runs_are_sorted_by_size_and_event(runs, long_path):
    outside = [replace(one, in_event=one.seed == 1) for one in runs]
    path = sort_runs(long_path["mild-pruning"], outside[::-1])
    assert [[one.seed for one in here] for here in path.runs] == [[1, 8]] * 5
    assert [[one.seed for one in here] for here in path.inside] == [[1]] * 5
    assert [problem.d for problem, _ in path.points] == [1e3, 1e4, 1e5, 1e6, 1e7]
    assert {epsilon for _, epsilon in path.points} == {EPSILON}


def test_path_downwards_has_ascending_progress(runs, long_path):
    family = long_path["mild-pruning"]
    down = Family("d", family.problems, "", "down")
    table = tabulate(CLAIM, sort_runs(down, runs))
    assert table.sizes.tolist() == list(reversed(family.sizes))
    assert (np.diff(table.progress) > 0).all()
    assert table.tail.tolist() == [False, False, True, True, True]


def test_table_of_some_sizes_keeps_their_place_in_the_tail(runs, long_path):
    table = tabulate(CLAIM, sort_runs(long_path["mild-pruning"], runs))
    some = table.only(np.array([True, False, True, False, True]))
    assert some.sizes.tolist() == [1e3, 1e5, 1e7]
    assert some.tail.tolist() == [False, True, True]
    assert some.measured.shape == some.excess.shape == (2, 3)


def test_fitted_table_has_the_least_draw_at_its_bound_where_the_tail_starts(runs, long_path):
    table = tabulate(CLAIM, sort_runs(long_path["mild-pruning"], runs))
    excess = table.excess.copy()
    excess[0, 2] = np.inf  # a draw without a t* there sets no constant
    fitted = replace(table, excess=excess).fitted()
    assert fitted.excess[1, 2] == 0
    assert np.diff(fitted.excess[1]) == pytest.approx(np.diff(table.excess[1]))
    nowhere = replace(table, excess=np.full_like(excess, np.inf))
    assert nowhere.fitted().excess.tolist() == nowhere.excess.tolist()


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        (sympy.log(1 / symbols.d), math.nan),  # negative
        (sympy.sqrt(1 - symbols.d), math.nan),  # not real
        (sympy.S.Zero, -math.inf),
        (sympy.oo, math.inf),
        (sympy.exp(-symbols.d), -1000.0),
    ],
)
def test_bound_is_a_number_infinite_or_undefined(bound, expected, long_path):
    problem = long_path["mild-pruning"].problems[0]
    found = defined_log_bound(replace(CLAIM, bound=bound), problem, EPSILON)
    assert found == pytest.approx(expected, nan_ok=True)


def test_bound_that_asks_for_too_much_is_an_error(long_path):
    problem = long_path["mild-pruning"].problems[0]
    with pytest.raises(ValueError, match="delta is missing"):
        defined_log_bound(replace(CLAIM, bound=symbols.delta), problem, EPSILON)


def test_time_error_is_the_largest_of_a_step(runs):
    errors = [replace(one, step=10.0**k, time_error=5.0) for k, one in enumerate(runs[:4])]
    assert largest_time_error(errors) == 5.0
    assert largest_time_error(errors[2:]) == 0.05
    assert largest_time_error([replace(runs[0], step=0.0)]) == 0.0
