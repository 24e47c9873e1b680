"""The (p, SNR) plane: each cell is what its runs give, each boundary where its formula says."""

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bounds
from sims import Problem, population, simulate
from theorycheck.commands.phase import phase_csv, phase_lines
from theorycheck.predictions.phase_diagram import (
    PhaseDiagram,
    PhaseGrid,
    even_race,
    learnable_from,
    map_phases,
)

SMALL = {"d": 60, "n": 6, "m": 4, "sigma_0": 0.05, "seeds": 2}


@pytest.fixture(scope="module")
def small():
    """Two SNR by three p, given in no order, run in two processes."""
    return map_phases(PhaseGrid(p=(0.5, 1.0, 0.2), snr=(2.0, 0.3), **SMALL), workers=2)


@pytest.fixture(scope="module")
def diverging():
    """One SNR at which every run diverges beside one at which none does."""
    diagram = map_phases(PhaseGrid(p=(0.8, 0.9), snr=(1e-4, 2.0), **SMALL))
    assert (diagram.status[0] == "diverged").all()
    return diagram


def rows_of(diagram):
    return list(csv.DictReader(io.StringIO(phase_csv(diagram))))


# the grid


def test_default_grid_has_the_points_of_the_theory():
    grid = PhaseGrid()
    assert (len(grid.p), len(grid.snr), grid.seeds) == (12, 12, 4)
    assert {0.02, 0.35, 1.0} <= set(grid.p)
    assert 0.35 in grid.snr


def test_problem_has_the_snr_and_p_that_are_asked_for():
    problem = PhaseGrid(eta=0.3).problem(0.25, 0.4)
    assert problem.mu / (problem.sigma_n * math.sqrt(problem.d)) == pytest.approx(0.4)
    assert (problem.p, problem.d, problem.n, problem.m, problem.K) == (0.25, 4000, 20, 20, 2)
    assert (problem.sigma_0, problem.eta, problem.noise) == (1e-3, 0.3, "orthogonal")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p": ()}, r"p must be different numbers, at least one, got \(\)"),
        ({"p": (0.5, 0.5)}, r"p must be different numbers, at least one, got \(0.5, 0.5\)"),
        ({"p": (0.5, 1.5)}, "must satisfy 0 < p <= 1, got 1.5"),
        ({"p": (math.nan,)}, "p must be a finite number, got nan"),
        ({"snr": ()}, "snr must be different numbers"),
        ({"snr": (1.0, 0.0)}, "snr must be a finite number greater than 0, got 0.0"),
        ({"snr": (math.nan,)}, "snr must be a finite number greater than 0, got nan"),
        ({"snr": (1e-200,)}, "sigma_n must lie between"),
        ({"seeds": 0}, "seeds must be an integer of at least 1, got 0"),
        ({"seeds": 2.5}, "seeds must be an integer of at least 1, got 2.5"),
        ({"d": -1}, "d must be an integer from"),
        ({"m": 0}, "m must be an integer from 1"),
        ({"sigma_0": 0.0}, "sigma_0 must be greater than 0, got 0.0"),
        ({"noise": "pink"}, "noise must be one of isotropic, orthogonal, got 'pink'"),
        ({"epsilon": 0.0}, "epsilon must be a finite number greater than 0, got 0.0"),
        ({"epsilon": math.nan}, "epsilon must be a finite number greater than 0, got nan"),
        ({"max_steps": -1}, "max_steps must be a finite number from 0"),
    ],
    ids=str,
)
def test_bad_grid_is_refused_in_one_sentence(options, message):
    with pytest.raises(ValueError, match=message) as caught:
        PhaseGrid(**options)
    assert "\n" not in str(caught.value)


# the runs


@pytest.mark.slow
def test_each_cell_holds_the_test_errors_of_its_runs(small):
    assert small.p.tolist() == [0.2, 0.5, 1.0]
    assert small.snr.tolist() == [0.3, 2.0]
    assert small.test_error.shape == small.status.shape == (2, 3, 2)
    for row, snr in enumerate((0.3, 2.0)):
        for column, p in enumerate((0.2, 0.5, 1.0)):
            sigma_n = 1 / (snr * math.sqrt(60))
            problem = Problem(60, 6, 4, 2, p, 1.0, sigma_n, 0.05, 0.1, noise="orthogonal")
            for seed in (0, 1):
                run = simulate(problem, seed)
                expected = population(run).test_error
                assert small.test_error[row, column, seed] == pytest.approx(expected, abs=1e-6)
                assert small.status[row, column, seed] == run.status
    assert np.ptp(small.test_error) > 0.2  # the cells differ, so that none can stand for another


def test_workers_must_be_one_at_least():
    with pytest.raises(ValueError, match="workers must be an integer of at least 1, got 0"):
        map_phases(PhaseGrid(p=(1.0,), snr=(1.0,), **SMALL), workers=0)


def test_emptied_network_stalls_and_guesses():
    grid = PhaseGrid(p=(1e-9,), snr=(1.0,), **{**SMALL, "K": 3})
    diagram = map_phases(grid)
    assert set(diagram.status.flat) == {"stalled"}
    assert diagram.test_error.ravel() == pytest.approx([2 / 3] * 2)
    assert (diagram.left_out, len(rows_of(diagram))) == (0, 2)


def test_run_that_is_cut_off_is_tested_as_it_stands():
    diagram = map_phases(PhaseGrid(p=(1.0,), snr=(1.0,), **SMALL, max_steps=3))
    assert set(diagram.status.flat) == {"max-steps"}
    assert np.isfinite(diagram.test_error).all()


def test_epsilon_ends_a_run():
    late, early = (
        map_phases(PhaseGrid(p=(1.0,), snr=(1.0,), **SMALL, max_steps=200, epsilon=epsilon))
        for epsilon in (1e-6, 0.69)
    )
    assert (set(late.status.flat), set(early.status.flat)) == ({"max-steps"}, {"reached"})


def test_run_that_diverges_is_counted_and_left_out(diverging):
    assert diverging.left_out == 4
    assert np.isnan(diverging.test_error[0]).all()
    assert np.isfinite(diverging.test_error[1]).all()
    assert diverging.mean.mask.tolist() == [[True, True], [False, False]]
    assert "nan" not in phase_csv(diverging)
    assert {row["snr"] for row in rows_of(diverging)} == {"2.0"}
    assert phase_lines(diverging)[0].endswith("; 4 left out")


def test_mean_is_over_the_runs_that_have_a_test_error():
    error = np.array([[[0.1, 0.3], [math.nan, 0.4]]])
    status = np.array([[["reached", "reached"], ["diverged", "reached"]]])
    diagram = PhaseDiagram(PhaseGrid(p=(0.5, 1.0), snr=(1.0,), seeds=2), error, status)
    assert diagram.mean.tolist() == [pytest.approx([0.2, 0.4])]
    assert phase_lines(diagram)[0] == "4 runs: 3 reached, 1 diverged; 1 left out"


def test_row_where_pruning_helps_most_is_told():
    error = np.array([[0.3, 0.3, 0.4], [0.4, 0.1, 0.45], [0.0, 0.0, 0.1]])[:, :, None]
    grid = PhaseGrid(p=(0.1, 0.5, 1.0), snr=(0.2, 0.4, 0.8), seeds=1)
    _, told = phase_lines(PhaseDiagram(grid, error, np.full(error.shape, "reached")))
    assert told == (
        "pruning helps most at SNR 0.4: "
        "mean test error 0.45 at p = 1, 0.10 at p = 0.5, 0.40 at p = 0.1"
    )


@pytest.mark.parametrize("pruned", [0.3, 0.098], ids=["worse", "no better in two digits"])
def test_nothing_is_said_to_help_where_the_dense_network_is_best(pruned):
    error, status = np.array([[[pruned], [0.1]]]), np.full((1, 2, 1), "reached")
    diagram = PhaseDiagram(PhaseGrid(p=(0.5, 1.0), snr=(1.0,), seeds=1), error, status)
    assert phase_lines(diagram) == ["2 runs: 2 reached"]


def test_csv_has_one_exact_row_a_run(small):
    rows = rows_of(small)
    assert list(rows[0]) == ["p", "snr", "seed", "test_error", "fitted_by_signal"]
    assert len(rows) == small.test_error.size
    for row in rows:
        place = (
            small.snr.tolist().index(float(row["snr"])),
            small.p.tolist().index(float(row["p"])),
            int(row["seed"]),
        )
        assert float(row["test_error"]) == small.test_error[place]
        assert float(row["fitted_by_signal"]) == small.fitted_by_signal[place]


@pytest.mark.slow
def test_dense_network_fails_where_a_pruned_one_succeeds():
    diagram = map_phases(PhaseGrid(p=(0.02, 0.35, 1.0), snr=(0.35,)))
    over_pruned, pruned, dense = diagram.mean[0]
    assert dense > 0.35
    assert pruned < 0.15
    assert over_pruned > 0.3


# the boundaries


@pytest.mark.parametrize(("p", "n", "m", "K"), [(0.9, 8, 6, 2), (0.3, 60, 30, 2), (0.4, 20, 9, 3)])
def test_race_is_even_on_its_boundary(p, n, m, K):
    few, snr, many = (
        even_race(PhaseGrid(n=n, m=m, K=K, p=(1.0,), snr=(1.0,)), [p], share)[0]
        for share in (0.1, 0.5, 0.7)
    )
    assert few < snr < many
    for at, share in ((few, 0.1), (snr, 0.5), (many, 0.7)):
        found = bounds.learned_share(at * (1 + 1e-9), p, n, m, K, 3)
        assert found == pytest.approx(share, abs=1e-3)


@given(m=st.integers(2, 10_000), K=st.integers(2, 20))
def test_learnable_boundary_is_where_the_probability_is_one_half(m, K):
    every_class = 2 ** (-1 / K)  # the probability that one class is learnable
    expected = 2 * (1 - (1 - every_class) ** (1 / m))
    found = learnable_from(PhaseGrid(m=m, K=K, p=(1.0,), snr=(1.0,)))
    if expected >= 1:
        assert found is None
    else:
        assert found == pytest.approx(expected)
