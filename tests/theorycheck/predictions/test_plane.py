"""Any two parameters span a plane: each cell is the run of its own problem, p and SNR as before."""

import csv
import io
import math

import numpy as np
import pytest

from sims import population, simulate
from theorycheck.commands.phase import phase_csv, phase_grid, plane_csv, plane_lines
from theorycheck.predictions.phase_diagram import PhaseGrid, map_phases
from theorycheck.predictions.plane import (
    RANGES,
    Plane,
    PlaneDiagram,
    index_over,
    map_plane,
    read_index,
)

SMALL = {"d": (60,), "n": (6,), "m": (4,), "sigma_0": (0.05,)}


@pytest.fixture(scope="module")
def small():
    values = {**SMALL, "n": (6.0, 4.0), "snr": (2.0, 0.5)}
    return map_plane(Plane("n", "snr", values, seeds=1))


def test_cell_is_the_run_of_its_problem(small):
    assert small.x.tolist() == [4, 6]
    assert small.y.tolist() == [0.5, 2.0]
    for row, snr in enumerate((0.5, 2.0)):
        for column, n in enumerate((4, 6)):
            problem, epsilon = small.plane.cell(n, snr)
            assert (problem.n, epsilon) == (n, 0.05)
            assert problem.mu / (problem.sigma_n * math.sqrt(60)) == pytest.approx(snr)
            run = simulate(problem, 0, target_loss=epsilon)
            assert small.measured[row, column, 0] == pytest.approx(
                population(run).test_error, abs=1e-6
            )


def test_plane_of_p_and_snr_is_the_map_of_phases_to_the_bit():
    values = {**SMALL, "p": (0.5, 1.0), "snr": (0.5, 2.0)}
    plane = map_plane(Plane("p", "snr", values, seeds=2))
    given = {name: one[0] for name, one in SMALL.items()}
    phases = map_phases(PhaseGrid((0.5, 1.0), (0.5, 2.0), 2, **given))
    assert np.array_equal(plane.measured, phases.test_error)
    assert plane_csv(plane) == phase_csv(phases)


def test_cell_of_another_model_is_the_run_of_its_problem():
    words = {"signals": "antipodal", "flip": 0.2, "q": 1.0}
    plane = Plane("n", "snr", {**SMALL, "n": (6,), "snr": (0.5,)}, 2, measure="loss", **words)
    problem, epsilon = plane.cell(6, 0.5)
    assert (problem.signals, problem.flip, problem.q) == ("antipodal", 0.2, 1.0)
    found = map_plane(plane)
    for seed in range(2):
        run = simulate(problem, seed, target_loss=epsilon)
        assert found.measured[0, 0, seed] == pytest.approx(population(run).test_loss, rel=1e-6)
    assert plane_csv(found).startswith("n,snr,seed,test_loss,fitted_by_signal\n6,0.5,0,")
    assert plane_lines(found)[1].startswith("mean test loss: least ")


def test_csv_has_the_columns_of_what_moves(small):
    rows = list(csv.DictReader(io.StringIO(plane_csv(small))))
    assert list(rows[0]) == ["n", "snr", "seed", "test_error", "fitted_by_signal"]
    assert [row["n"] for row in rows] == ["4", "6", "4", "6"]


def test_lines_count_the_runs_and_name_the_extremes(small):
    counted, extremes = plane_lines(small)
    assert counted.startswith("4 runs: ")
    assert extremes.startswith("mean test error: least ")


@pytest.mark.parametrize("x", list(RANGES))
@pytest.mark.parametrize("y", list(RANGES))
def test_any_two_parameters_span_a_plane_by_default(x, y):
    if x == y or {x, y} == {"snr", "sigma_n"}:
        with pytest.raises(ValueError, match=r"must be two parameters|must be left out"):
            Plane(x, y)
        return
    plane = Plane(x, y)
    for name in (x, y):
        assert plane.values[name] == tuple(sorted(RANGES[name]))
    assert not {x, y} & set(plane.fixed)


def test_noise_is_set_by_the_snr_or_given_itself():
    by_snr = Plane("mu", "n", {"snr": (0.25,)}).cell(2.0, 5)[0]
    assert by_snr.sigma_n == pytest.approx(2.0 / (0.25 * math.sqrt(4000)))
    given = Plane("mu", "n", {"sigma_n": (0.1,)}).at(2.0, 5)
    assert given["sigma_n"] == 0.1
    assert given["snr"] == pytest.approx(2.0 / (0.1 * math.sqrt(4000)))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"x": "q"}, "x must be one of d, n, m, K, p, mu, sigma_n, sigma_0, eta, epsilon, snr"),
        ({"values": {"m": (1, 2)}}, r"m must be one number unless it is x or y, got \(1, 2\)"),
        ({"values": {"n": ()}}, r"n must be different numbers, at least one, got \(\)"),
        ({"values": {"n": (4, 4)}}, "n must be different numbers"),
        ({"values": {"n": (4, -1)}}, "n must be finite numbers greater than 0, got -1"),
        ({"values": {"n": (4.5,)}}, "n must be an integer from 1 to"),
        ({"values": {"K": (1,)}}, "K must be"),
        ({"values": {"epsilon": (0,)}}, "epsilon must be a finite number greater than 0, got 0"),
        ({"values": {"sigma_n": (1.0,)}}, "snr must be left out where sigma_n is given"),
        ({"values": {"noise": (1.0,)}}, "values must be of d, n, .*, got 'noise'"),
        ({"measure": "gain"}, "measure must be one of error, loss, got 'gain'"),
        ({"flip": 0.5}, "flip is the probability of a wrong label"),
        ({"signals": "antipodal", "values": {"K": (3,)}}, "signals 'antipodal' need K = 2"),
        ({"seeds": 0}, "seeds must be an integer of at least 1"),
    ],
)
def test_bad_plane_is_refused_in_one_sentence(given, message):
    with pytest.raises(ValueError, match=message) as caught:
        Plane(**{"x": "n", "y": "snr", **given})
    assert "\n" not in str(caught.value)


def test_index_is_evaluated_all_over_the_plane():
    plane = Plane("n", "snr", SMALL | {"n": (4, 6)})
    values = index_over(plane, read_index("n*snr**q/1.8"), np.array([4, 6]), np.array([0.5, 2]))
    assert values == pytest.approx(np.array([[4 / 8, 6 / 8], [32, 48]]) / 1.8)
    nowhere = index_over(plane, read_index("log(0*n)"), np.array([4]), np.array([0.5]))
    assert math.isnan(nowhere[0, 0])


def test_bad_index_is_refused():
    with pytest.raises(ValueError, match=r"boundary: .* must use symbols among .*, got 'delta'"):
        read_index("n*delta")


def test_options_ask_for_phases_or_for_a_plane():
    assert phase_grid({}) == PhaseGrid()
    assert phase_grid({"d": (60.0,), "p": (0.5, 1.0)}) == PhaseGrid((0.5, 1.0), d=60.0)
    assert phase_grid({"x": "n", "seeds": 2}) == Plane("n", "snr", {}, 2)
    assert phase_grid({"mu": (2.0,)}).at(0.5, 0.1)["mu"] == 2.0
    sibling = {"signals": "antipodal", "flip": 0.1, "q": 1.0, "measure": "loss"}
    assert phase_grid(sibling) == Plane("p", "snr", {}, **sibling)
    with pytest.raises(ValueError, match="d must be one number unless it is x or y"):
        phase_grid({"d": (60.0, 70.0)})


def test_runs_that_diverged_are_left_out_of_the_mean():
    error = np.array([[[0.1, math.nan], [math.nan, math.nan]]])
    plane = Plane("n", "snr", {**SMALL, "n": (4, 6), "snr": (0.5,)}, seeds=2)
    diagram = PlaneDiagram(plane, error, np.full(error.shape, "reached"))
    assert diagram.left_out == 3
    assert diagram.mean.mask.tolist() == [[False, True]]
    assert len(plane_csv(diagram).splitlines()) == 2
