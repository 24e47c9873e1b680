"""Every sharp prediction has a verdict, the same in one process and in two."""

import pytest

from theorycheck.predictions.escape_time import signal_experiment
from theorycheck.predictions.experiments import (
    falling_sigma_0,
    growing_kept,
    learnable_problem,
    run_experiments,
    small_experiments,
    verify_predictions,
)
from theorycheck.predictions.limit import Experiment
from theorycheck.predictions.omega_drift import drift_experiment
from theorycheck.running.tasks import Task, open_pool

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tiny():
    path = falling_sigma_0((1e-2, 3e-3, 1e-3), 200, 4, 3, 2, 0.9)
    return [signal_experiment([path], range(8), 1e-4), drift_experiment([path], range(2))]


@pytest.fixture(scope="module")
def alone(tiny):
    return run_experiments(tiny)


def test_two_processes_give_the_same_verdicts(everything, tiny, alone):
    # repr, since a missing number is nan and nan differs from itself
    with open_pool(2) as pool:
        assert everything(run_experiments(tiny, pool)) == everything(alone)


def test_real_runs_support_the_escape_time(alone):
    assert [one.prediction for one in alone] == ["escape-time", "omega-drift"]
    assert alone[0].outcome == "consistent"
    assert alone[0].trend > 0.3


def test_small_studies_are_one_a_prediction():
    experiments = small_experiments(range(3))
    found = [experiment.judge.func.__module__.split(".")[-1] for experiment in experiments]
    assert found == [
        "escape_time", "escape_time", "learnability", "race", "phase_boundary", "omega_drift"
    ]  # fmt: skip


def test_what_two_experiments_ask_for_is_done_once():
    asked = []

    def note(*arguments):
        asked.append(arguments)
        return arguments

    def experiment(numbers):
        heaps = [[Task(note, (number,), 1.0) for number in numbers]]
        return Experiment(heaps, lambda results: results)

    assert run_experiments([experiment([1, 2]), experiment([2, 3])]) == [
        [[(1,), (2,)]],
        [[(2,), (3,)]],
    ]
    assert sorted(asked) == [(1,), (2,), (3,)]


def test_race_and_boundary_share_their_runs():
    experiments = {one.judge.func.__name__: one for one in small_experiments(range(3))}
    assert experiments["judge_race"].heaps == experiments["judge_boundary"].heaps
    assert len({task for heap in experiments["judge_race"].heaps for task in heap}) < 100


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seeds": 0}, "seeds must be an integer of at least 1, got 0"),
        ({"seeds": [1, 1]}, "seeds must be different integers"),
        ({"workers": 0}, "workers must be an integer of at least 1, got 0"),
    ],
    ids=str,
)
def test_bad_argument_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        verify_predictions(**arguments)


def test_paths_move_what_they_say():
    signal = falling_sigma_0((1e-4, 1e-6), 100, 4, 3, 2, 0.5)
    assert [one.sigma_0 for one in signal.problems] == [1e-4, 1e-6]
    noise = growing_kept((1e5, 1e8), 4, 2, 2, 0.5)
    for kept, one in zip(noise.values, noise.problems, strict=True):
        assert one.p * one.d == kept
        assert one.mu / (one.sigma_n * one.d**0.5) == pytest.approx(0.02)
    quiet = learnable_problem(0.5, 4, 2, snr=7.0)
    assert quiet.mu / (quiet.sigma_n * quiet.d**0.5) == pytest.approx(7.0)
