import dataclasses
import json
import math

import numpy as np
import pytest

import theorycheck.running.stored_run
from sims import Problem, population, simulate
from theorycheck.running.spec import RunSpec
from theorycheck.running.stored_run import COLUMNS, execute, execute_many, failed

PROBLEM = Problem(d=60, n=4, m=3, K=2, p=0.5, mu=1.0, sigma_n=0.05, sigma_0=0.01, eta=0.5)
RUN = RunSpec.plan(PROBLEM, 3, "gram", 0.05, max_steps=20)


@pytest.fixture(scope="module")
def record():
    return execute(RUN)


def test_record_holds_what_the_simulation_gave(record):
    run = simulate(PROBLEM, 3, "gram", 0.05, max_steps=20)
    test = population(run)
    assert record.key == RUN.key
    expected = {
        **PROBLEM.parameters(),
        "seed": 3,
        "engine": "gram",
        "outcome": "done",
        "status": run.status,
        "reason": run.reason,
        "steps": run.steps[-1],
        "loss": run.loss[-1],
        "max_gamma": run.gamma[-1].max(),
        "max_zeta": run.zeta[-1].max(),
        "max_omega": -run.omega[-1].min(),
        **vars(test),
    }
    assert {name: record.values[name] for name in expected} == expected
    assert record.population() == test
    np.testing.assert_array_equal(record.trajectory().rho, run.rho)


def test_record_of_a_sibling_holds_what_it_is():
    problem = dataclasses.replace(PROBLEM, signals="antipodal", flip=0.3)
    record = execute(RunSpec.plan(problem, 3, "gram", 0.05, max_steps=20))
    assert record.siblings == {"signals": "antipodal", "flip": 0.3}
    assert record.trajectory().problem == problem
    values = {**record.values, "flip": 0.2}
    assert dataclasses.replace(record, values=values).digest != record.digest


def test_record_of_the_first_model_has_no_siblings(record):
    assert record.siblings == {}
    assert (record.values["signals"], record.values["flip"]) == ("axis", 0.0)


def test_record_is_plain_and_finite(record):
    assert set(record.values) == set(COLUMNS)
    for name, kind in COLUMNS.items():
        value = record.values[name]
        assert value is None or type(value) is {"INTEGER": int, "REAL": float, "TEXT": str}[kind]
        assert not (isinstance(value, float) and math.copysign(1, value) < 0)
    assert json.loads(record.values["versions"])["numpy"] == np.__version__


@pytest.mark.parametrize("name", [*COLUMNS, "key", "npz"])
def test_digest_covers_every_part(record, name):
    if name in COLUMNS:
        old = record.values[name]
        new = None if old is not None else "else"
        changed = dataclasses.replace(record, values={**record.values, name: new})
    else:
        part = getattr(record, name)
        changed = dataclasses.replace(record, **{name: part[:-1]})
    assert changed.digest != record.digest


def test_run_without_population_has_none():
    record = execute(dataclasses.replace(RUN, population=False))
    assert record.values["test_loss"] is None
    assert record.population() is None


def test_run_that_diverges_has_failed_with_its_step_and_keeps_its_records():
    wild = dataclasses.replace(PROBLEM, eta=1e30)
    record = execute(RunSpec.plan(wild, 0, "gram"))
    assert (record.values["outcome"], record.values["status"]) == ("failed", "diverged")
    assert "left all bounds at step" in record.values["reason"]
    assert record.trajectory().status == "diverged"
    assert record.population() is None


def test_run_that_raises_has_failed_with_one_line(monkeypatch):
    def broken(*_, **__):
        raise ArithmeticError("no\n  luck")

    monkeypatch.setattr(theorycheck.running.stored_run, "simulate", broken)
    record = execute(RUN)
    assert (record.values["outcome"], record.values["status"]) == ("failed", None)
    assert record.values["reason"] == "ArithmeticError: no luck"
    with pytest.raises(ValueError, match="has no trajectory: ArithmeticError: no luck"):
        record.trajectory()


def mixed():
    """Runs of two shapes and three engines, each with an end of its own."""
    wild = dataclasses.replace(PROBLEM, eta=1e30)
    other = dataclasses.replace(PROBLEM, m=2)
    return [
        RunSpec.plan(PROBLEM, 3, "gram", 0.05, max_steps=20),
        RunSpec.plan(PROBLEM, 4, "gram-law", 0.3, max_steps=30, population=False),
        RunSpec.plan(wild, 0, "gram"),
        RunSpec.plan(other, 1, "flow", 0.2, max_steps=1e4, rtol=1e-4),
        RunSpec.plan(PROBLEM, 5, "weights", max_steps=5),
    ]


def test_runs_made_together_are_those_made_alone():
    made = list(execute_many(mixed()))
    assert {record.key for record in made} == {spec.key for spec in mixed()}
    alone = {spec.key: execute(spec) for spec in mixed()}
    for record in made:
        assert record.results == alone[record.key].results
        assert record.values["seconds"] > 0


def test_run_that_raises_fails_alone(monkeypatch):
    def broken(run):
        if run.seed == 3:
            raise ArithmeticError("no luck")
        return population(run)

    monkeypatch.setattr(theorycheck.running.stored_run, "population", broken)
    outcomes = {record.values["seed"]: record.values["outcome"] for record in execute_many(mixed())}
    assert outcomes == {0: "failed", 1: "done", 3: "failed", 4: "done", 5: "done"}


def test_run_is_made_as_it_was_asked_for():
    spec = RunSpec.plan(PROBLEM, 3, "flow", 0.3, max_steps=1e5, rtol=1e-2, threads=2)
    run = simulate(PROBLEM, 3, "flow", 0.3, max_steps=1e5, rtol=1e-2, threads=2)
    made = execute(spec).trajectory()
    assert (made.threads, made.target_loss) == (2, 0.3)
    np.testing.assert_array_equal(made.steps, run.steps)
    assert made.time_error == run.time_error > simulate(PROBLEM, 3, "flow", 0.3).time_error


@pytest.mark.parametrize(("number", "kept"), [(math.inf, None), (math.nan, None), (-0.0, 0.0)])
def test_number_is_stored_as_sqlite_will_give_it_back(number, kept):
    seconds = failed(RUN, "why", number).values["seconds"]
    assert repr(seconds) == repr(kept)
