"""The paper's own kind of experiment, in reduced form."""

import tomllib

import pytest

from evidence.paper_experiment import MEASURED, STUDY, cells
from theorycheck.running.store import open_store
from theorycheck.running.study_file import read_study
from theorycheck.running.sweep import run_sweep


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The study at a small size, with few values of p."""
    study = tomllib.loads(STUDY.read_text(encoding="utf-8"))
    study["problem"] |= {"n": 20, "m": 20, "p": [1.0, 0.3, 0.01], "sigma_n": 0.15}
    study["seeds"] = 3
    store = tmp_path_factory.mktemp("study") / "small.db"
    run_sweep(study, store, workers=1)
    with open_store(store) as opened:
        return {cell["p"]: cell for cell in cells(opened.records())}


def test_study_has_the_sizes_of_the_paper():
    problems = [spec.problem for spec in read_study(STUDY)]
    assert {(one.d, one.n, one.m, one.K) for one in problems} == {(400, 100, 150, 2)}
    assert (min(one.p for one in problems), max(one.p for one in problems)) == (0.01, 1.0)


def test_no_slow_run_is_taken_for_an_over_pruned_one():
    # each may take thousands of times as many steps as a network that learns
    assert {spec.max_steps for spec in read_study(STUDY)} == {1e7}


def test_cells_hold_median_and_extremes_of_every_run(found):
    for cell in found.values():
        assert sum(cell["statuses"].values()) == cell["runs"] == 3
        for name in MEASURED:
            one = cell[name]
            assert one["low"] <= one["median"] <= one["high"]


def test_pruning_helps_and_too_much_of_it_does_not(found):
    error = {p: cell["test_error"]["median"] for p, cell in found.items()}
    assert error[0.3] < error[1.0] - 0.1
    assert error[0.3] < error[0.01] - 0.1
