"""The course of a run becomes figures for a paper, and a table it can be drawn from again."""

import csv
import io

import numpy as np
import pytest
from click.testing import CliRunner

import theorycheck as tc
from sims import Problem, simulate
from theorycheck.cli import main
from theorycheck.reporting.figures.claim_files import FORMS
from theorycheck.reporting.figures.run_files import COLUMNS, run_numbers, write_run

SMALLEST_FONT = 7.0  # points


@pytest.fixture(scope="module")
def run():
    problem = Problem(
        d=60, n=6, m=4, K=3, p=0.7, mu=1.0, sigma_n=0.05, sigma_0=0.05, eta=0.2
    )  # fmt: skip
    return simulate(problem, seed=1, engine="gram", max_steps=400)


def test_table_has_every_step_and_the_largest_coefficients(run):
    rows = list(csv.DictReader(io.StringIO(run_numbers(run))))
    assert tuple(rows[0]) == COLUMNS
    assert [float(row["step"]) for row in rows] == run.steps.tolist()
    assert [float(row["loss"]) for row in rows] == run.loss.tolist()
    own = np.einsum("tjrj->tjr", run.gamma)
    assert float(rows[-1]["gamma"]) == own[-1].max()
    assert float(rows[-1]["cross_gamma"]) == max(
        abs(run.gamma[-1, j, :, k]).max() for j in range(3) for k in range(3) if j != k
    )
    assert float(rows[-1]["zeta"]) == run.zeta[-1].max()
    assert float(rows[-1]["omega"]) == abs(run.omega[-1]).max()


def test_run_is_written_in_every_form_with_its_table(run, tmp_path):
    written = write_run(run, tmp_path, "course", "paper")
    assert {path.name for path in written} == {f"course.{form}" for form in (*FORMS, "csv")}
    again = write_run(run, tmp_path / "again", "course", "paper")
    assert [one.read_bytes() for one in written] == [one.read_bytes() for one in again]


def test_figures_draws_a_run_of_simulate(run, tmp_path):
    run.save(tmp_path / "my.npz")
    given = ["figures", str(tmp_path / "my.npz"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        f"my.{form}" for form in (*FORMS, "csv")
    }


def test_claim_of_a_run_is_refused(run, tmp_path):
    run.save(tmp_path / "my.npz")
    given = ["figures", str(tmp_path / "my.npz"), "--claim", "no-noise", "--out", str(tmp_path)]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == 2
    assert "is one run" in result.output
    with pytest.raises(ValueError, match="claim and along are of verdicts, got 'no-noise'"):
        tc.plot(run, "no-noise")


def test_bounds_are_those_of_the_theorem_that_is_asked_for(run):
    (_, lower) = tc.plot(run, theorem="over-pruning").axes
    assert any("noise-memorized" in one.get_label() for one in lower.lines)
    (_, lower) = tc.plot(run).axes
    assert not any("noise-memorized" in one.get_label() for one in lower.lines)
    with pytest.raises(ValueError, match="theorem must be one of mild-pruning, over-pruning"):
        tc.plot(run, theorem="lemma")


def test_learning_curve_is_drawn_by_the_same_call(run):
    curve = tc.sims.learning_curve(run, most=4)
    upper, lower = tc.plot(curve).axes
    assert [line.get_label() for line in upper.lines] == [
        r"training loss $L_S$", "test loss $L_D$"
    ]  # fmt: skip
    assert list(upper.lines[1].get_ydata()) == curve.test_loss.tolist()
    assert list(lower.lines[0].get_ydata()) == curve.test_error.tolist()
    assert lower.lines[1].get_label() == "guessing: 0.667"
    with pytest.raises(ValueError, match="claim and along are of verdicts"):
        tc.plot(curve, "test-loss")


def test_map_is_drawn_by_the_same_call():
    grid = tc.PhaseGrid((0.5, 1.0), (0.5, 2.0), 1, 60, 6, 4, 3, 0.05, 0.2, epsilon=0.5)
    (ax, *_) = tc.plot(tc.map_phases(grid)).axes
    assert "p" in ax.get_xlabel()


def test_letters_of_a_paper_figure_are_large_enough(run):
    figure = tc.plot(run, style="paper")
    texts = [
        text for ax in figure.axes for text in ax.findobj(lambda one: hasattr(one, "get_fontsize"))
    ]
    assert min(one.get_fontsize() for one in texts if one.get_text()) >= SMALLEST_FONT
