import json
import math

import numpy as np
import pytest

import sims.trajectory
from sims import Trajectory, simulate
from sims.recorder import Recorder
from sims.trajectory import FORMAT_VERSION

DRAW_ARRAYS = (
    "labels",
    "signal_mask",
    "noise_at_signal",
    "initial_signal",
    "initial_noise",
    "noise_norm2",
)
RUN_ARRAYS = ("steps", "loss", "gradient_norm2", "gamma", "rho", "zeta", "omega", "signal_neurons")
FACTS = ("engine", "target_loss", "status", "reason", "time_error", "threads", "seed", "problem")


@pytest.fixture
def run(small_problem):
    return simulate(small_problem(K=3), 5, "gram", max_steps=40)


@pytest.mark.parametrize("engine", ["weights", "gram", "flow"])
@pytest.mark.parametrize("p", [0.6, 0.05])
def test_a_run_comes_back_to_the_bit(small_problem, tmp_path, engine, p):
    run = simulate(small_problem(K=3, p=p, noise="orthogonal"), 5, engine, max_steps=40, threads=2)
    run.save(tmp_path / "run.npz")
    again = Trajectory.load(tmp_path / "run.npz")
    for owner, other, names in ((run, again, RUN_ARRAYS), (run.draw, again.draw, DRAW_ARRAYS)):
        for name in names:
            left, right = getattr(owner, name), getattr(other, name)
            assert left.dtype == right.dtype
            assert left.tobytes() == right.tobytes(), name
    for name in FACTS:
        assert getattr(again, name) == getattr(run, name)


def test_a_path_may_be_a_string(run, tmp_path):
    run.save(str(tmp_path / "run"))
    assert [file.name for file in tmp_path.iterdir()] == ["run"]
    assert Trajectory.load(str(tmp_path / "run")).reason == run.reason


@pytest.mark.parametrize(
    ("name", "value"),
    [("seed", np.int64(5)), ("target_loss", np.float32(0.25)), ("threads", np.int64(1))],
)
def test_a_run_started_with_numpy_numbers_is_saved_too(small_problem, tmp_path, name, value):
    run = simulate(small_problem(), engine="gram", max_steps=3, **{name: value})
    run.save(tmp_path / "run.npz")
    assert getattr(Trajectory.load(tmp_path / "run.npz"), name) == value


def test_the_file_holds_the_arrays_of_the_theory(run, tmp_path):
    run.save(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz", allow_pickle=False) as file:
        assert {"steps", "loss", "gamma", "zeta", "omega", "signal_neurons"} <= set(file.files)
        np.testing.assert_array_equal(file["zeta"], run.zeta)
        about = json.loads(str(file["about"]))
    assert about["format_version"] == FORMAT_VERSION
    assert about["problem"] == run.problem.parameters()


def rewritten(run, path, change):
    """Save a run with its arrays changed."""
    run.save(path)
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    change(arrays)
    np.savez_compressed(path, **arrays)
    return path


def set_about(**facts):
    def change(arrays):
        about = json.loads(str(arrays["about"])) | facts
        arrays["about"] = np.array(json.dumps(about))

    return change


def test_a_newer_version_is_refused(run, tmp_path):
    path = rewritten(run, tmp_path / "run.npz", set_about(format_version=FORMAT_VERSION + 1))
    with pytest.raises(ValueError, match=r"^[^\n]*run.npz has format_version 2, [^\n]*up to 1$"):
        Trajectory.load(path)


ONE_SENTENCE = r"^[^\n]*run\.npz[^\n]*$"


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_a_truncated_file_is_refused(run, tmp_path, share):
    path = tmp_path / "run.npz"
    run.save(path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ValueError, match=ONE_SENTENCE):
        Trajectory.load(path)


def test_a_damaged_file_is_refused(run, tmp_path):
    path = tmp_path / "run.npz"
    run.save(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(bytes(content))
    with pytest.raises(ValueError, match=ONE_SENTENCE):
        Trajectory.load(path)


@pytest.mark.parametrize("kind", ["text", "npy", "other npz", "pickle"])
def test_a_foreign_file_is_refused(tmp_path, kind):
    path = tmp_path / "run.npz"
    if kind == "text":
        path.write_text("steps,loss\n0,1\n")
    else:
        with path.open("wb") as file:
            if kind == "npy":
                np.save(file, np.arange(3))
            elif kind == "other npz":
                np.savez(file, steps=np.arange(3))
            else:
                np.savez(file, about=np.array({"a": 1}, dtype=object))
    with pytest.raises(ValueError, match=ONE_SENTENCE):
        Trajectory.load(path)


@pytest.mark.parametrize("name", ["steps", "gamma", "zeta", "labels", "noise_norm2"])
def test_a_file_without_one_of_its_arrays_is_refused(run, tmp_path, name):
    path = rewritten(run, tmp_path / "run.npz", lambda arrays: arrays.pop(name))
    with pytest.raises(ValueError, match=ONE_SENTENCE):
        Trajectory.load(path)


@pytest.mark.parametrize(
    "facts",
    [{"format_version": "one"}, {"problem": {"d": 3}}, {"problem": None}],
)
def test_a_file_with_nonsense_in_it_is_refused(run, tmp_path, facts):
    path = rewritten(run, tmp_path / "run.npz", set_about(**facts))
    with pytest.raises(ValueError, match=ONE_SENTENCE):
        Trajectory.load(path)


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="run"):
        Trajectory.load(tmp_path / "run.npz")


@pytest.mark.parametrize("earlier", [False, True])
def test_an_interrupted_save_leaves_nothing_half_written(run, tmp_path, monkeypatch, earlier):
    path = tmp_path / "run.npz"
    if earlier:
        path.write_text("an earlier run")

    def interrupted(file, **arrays):
        file.write(b"half of a run")
        raise KeyboardInterrupt("now")

    monkeypatch.setattr(sims.trajectory.np, "savez_compressed", interrupted)
    with pytest.raises(KeyboardInterrupt, match="now"):
        run.save(path)
    assert [file.name for file in tmp_path.iterdir()] == (["run.npz"] if earlier else [])
    if earlier:
        assert path.read_text() == "an earlier run"


def test_a_save_into_nowhere_is_an_os_error(run, tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        run.save(tmp_path / "nowhere" / "run.npz")


def test_final_is_the_last_record(run):
    np.testing.assert_array_equal(run.final.gamma, run.gamma[-1])
    np.testing.assert_array_equal(run.final.rho, run.rho[-1])


def test_zeta_and_omega_share_out_the_noise_coefficients(run):
    np.testing.assert_array_equal(run.zeta + run.omega, run.rho)
    own = np.arange(3)[:, None, None] == run.labels
    assert np.all(run.zeta[:, ~np.broadcast_to(own, run.rho.shape[1:])] == 0)
    assert np.all(run.omega[:, np.broadcast_to(own, run.rho.shape[1:])] == 0)


def test_the_schedule_is_dense_at_first_and_logarithmic_later():
    recorder = Recorder()
    times = recorder.due(1e6)
    assert times[:8] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert times == sorted(set(times))
    late = np.array([time for time in times if time >= 100])
    assert np.all(np.abs(np.diff(np.log10(late)) - 1 / 12) < 5e-3)
    assert late[-1] == 1e6
    assert recorder.due(1e6) == []
    assert recorder.due(1.3e6) == [np.round(10 ** (6 + 1 / 12))]


@pytest.mark.parametrize("step", [1e22, 1e30])
def test_the_schedule_lasts_as_long_as_any_run_may(step):
    assert Recorder().due(step)[-1] == step


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([1.0, 1 - 0.9e-6, 1 - 1.1e-6], [0, 2]),  # x of a millionth is the first that counts
        ([1.0, math.exp(-0.01), math.exp(-0.03), math.exp(-0.05)], [0, 1, 3]),  # x by 4
        ([1.0, math.exp(-1), math.exp(-1.2), math.exp(-1.3), math.exp(-1.6)], [0, 1, 3, 4]),
        ([1.0, 0.5, 0.9, 0.5, 0.9, 0.5], [0, 1]),  # what comes and goes is no news
        ([1.0, 2.0, 1.0, 0.0, 0.0], [0, 3]),
        ([0.0, 1.0, 0.5], [0]),
    ],
)
def test_fall_of_the_loss_is_recorded(losses, expected, run):
    recorder, seen = Recorder(), []
    for step, loss in enumerate(losses):
        if recorder.moved(loss):
            recorder.record(step, loss, 0.0, run.final)
            seen.append(step)
    assert seen == expected


def test_records_of_the_schedule_count_too(run):
    recorder = Recorder()
    recorder.record(0, 1.0, 0.0, run.final)
    recorder.record(1, 0.5, 0.0, run.final)
    assert not recorder.moved(0.4)
    assert recorder.moved(0.35)


def test_records_are_put_in_order_and_one_to_a_step(run):
    recorder = Recorder()
    for step, loss in ((3, 0.3), (0, 1.0), (3, 0.25)):
        recorder.record(step, loss, 2 * loss, run.final)
    arrays = recorder.arrays()
    np.testing.assert_array_equal(arrays["steps"], [0, 3])
    np.testing.assert_array_equal(arrays["loss"], [1.0, 0.25])
    np.testing.assert_array_equal(arrays["gradient_norm2"], [2.0, 0.5])
    assert arrays["gamma"].shape == (2, *run.final.gamma.shape)
