"""Spread signals on the command line."""

import numpy as np
import pytest
from click.testing import CliRunner

from sims import Directions, Problem, Trajectory
from theorycheck.cli.entry import main
from theorycheck.running.spec import RunSpec, spec_from_columns

SIZES = ["--d", "200", "--n", "6", "--m", "4", "--K", "2", "--p", "0.5"]


def run(*arguments):
    """Run the command and return its exit status and all that it printed."""
    found = CliRunner().invoke(main, [str(one) for one in arguments])
    return found.exit_code, found.output


def test_a_spread_signal_is_simulated_and_its_share_told(tmp_path):
    out = tmp_path / "run.npz"
    code, told = run("simulate", *SIZES, "--support", 4, "--max-steps", 5, "--out", out)
    assert code == 0, told
    assert "of the training samples fitted by their signal" in told
    assert Trajectory.load(out).problem.support == 4


def test_given_vectors_are_kept_in_the_run_file(tmp_path):
    vectors = np.linalg.qr(np.random.default_rng(0).standard_normal((200, 2)))[0].T
    np.save(tmp_path / "u.npy", vectors)
    out = tmp_path / "run.npz"
    code, told = run(
        "simulate", *SIZES, "--signals", tmp_path / "u.npy", "--max-steps", 5, "--out", out
    )
    assert code == 0, told
    (tmp_path / "u.npy").unlink()
    assert Trajectory.load(out).problem.directions == Directions(vectors)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--support", "101"], "support must be at most d / K = 100"),
        (["--signals", "u.npy"], "signals must name a .npy file of numbers"),
        (["--signals", "spread"], "must be axis, antipodal or a .npy file"),
    ],
)
def test_a_bad_signal_is_refused_in_one_sentence(given, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, told = run("simulate", *SIZES, *given)
    assert code == 2
    assert sentence in " ".join(told.split())


def test_phase_takes_a_support_and_tells_the_share_of_every_run(tmp_path):
    code, told = run(
        "phase", "--p", "0.3,1", "--snr", "0.5", "--d", 300, "--n", 6, "--m", 4, "--seeds", 1,
        "--support", 4, "--workers", 1, "--out", tmp_path,
    )  # fmt: skip
    assert code == 0, told
    header, *rows = (tmp_path / "phase.csv").read_text().splitlines()
    assert header == "p,snr,seed,test_error,fitted_by_signal"
    assert all(0 <= float(row.split(",")[-1]) <= 1 for row in rows)


def test_a_store_keeps_the_support_and_refuses_vectors():
    problem = Problem(60, 6, 3, 2, 0.5, 1.0, 0.1, 0.2, 0.2, support=3)
    spec = RunSpec.plan(problem)
    assert spec_from_columns(spec.columns()) == spec
    given = Problem(60, 6, 3, 2, 0.5, 1.0, 0.1, 0.2, 0.2, directions=Directions(np.eye(2, 60)))
    with pytest.raises(ValueError, match="directions must be None in a store"):
        RunSpec.plan(given)
