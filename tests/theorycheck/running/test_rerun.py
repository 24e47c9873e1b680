import dataclasses
import io

import numpy as np
import pytest

import theorycheck.running.rerun
import theorycheck.running.spec
from sims import RESULT_VERSION, Problem
from theorycheck.running.rerun import TOLERANCE, rerun
from theorycheck.running.spec import RunSpec
from theorycheck.running.stored_run import execute, failed

PROBLEM = Problem(d=60, n=4, m=3, K=2, p=0.5, mu=1.0, sigma_n=0.05, sigma_0=0.01, eta=0.5)
SPEC = RunSpec.plan(PROBLEM, 3, "gram", max_steps=20)


@pytest.fixture(scope="module")
def stored():
    return execute(SPEC)


def changed(record, **values):
    return dataclasses.replace(record, values={**record.values, **values})


def test_run_comes_out_the_same_to_the_bit(stored):
    found = rerun(stored)
    assert (found.agrees, found.to_the_bit, found.difference) == (True, True, 0.0)
    assert found.reason == "equal to the bit, on the same machine and versions"


@pytest.mark.parametrize("name", ["max_gamma", "steps", "reason"])
def test_one_bit_is_too_many_on_the_same_machine(stored, name):
    value = stored.values[name]
    other = value + "." if isinstance(value, str) else float(np.nextafter(value, 2 * value))
    found = rerun(changed(stored, **{name: other}))
    assert not found.agrees
    assert "allowed none, on the same machine and versions" in found.reason


def moved(stored, monkeypatch, factor=1.0, **values):
    """The run as another machine made it, its weights' paths off by a factor."""
    elsewhere = changed(stored, host="elsewhere")
    again = execute(SPEC)
    run = again.trajectory()

    file = io.BytesIO()
    dataclasses.replace(run, gamma=run.gamma * factor).write(file)
    other = dataclasses.replace(changed(again, **values), npz=file.getvalue())
    monkeypatch.setattr(theorycheck.running.rerun, "execute", lambda spec: other)
    return rerun(elsewhere)


@pytest.mark.parametrize(
    ("factor", "agrees"), [(1 + 0.5 * TOLERANCE, True), (1 + 2 * TOLERANCE, False)]
)
def test_tolerance_holds_elsewhere(stored, monkeypatch, factor, agrees):
    found = moved(stored, monkeypatch, factor)
    assert found.agrees == agrees
    assert not found.to_the_bit
    assert found.difference == pytest.approx(factor - 1, rel=1e-3)
    assert "allowed 0.0001, on another machine or other versions" in found.reason


@pytest.mark.parametrize(("errors", "agrees"), [(5.0, True), (9.0, False)])
def test_test_error_may_move_by_its_standard_errors_elsewhere(monkeypatch, errors, agrees):
    base = changed(execute(SPEC), test_error=0.5, test_error_se=0.01)
    assert moved(base, monkeypatch, test_error=0.5 + errors * 0.01).agrees == agrees


def test_run_that_ended_otherwise_differs(stored, monkeypatch):
    found = moved(stored, monkeypatch, status="stalled")
    assert (found.agrees, found.difference) == (False, np.inf)


def test_failed_run_that_now_succeeds_differs():
    assert not rerun(failed(SPEC, "its process died 3 times", 0.0)).agrees


def test_other_version_of_the_results_is_not_compared(stored, monkeypatch):
    monkeypatch.setattr(theorycheck.running.spec, "RESULT_VERSION", 999)
    with pytest.raises(
        ValueError, match=f"has result version {RESULT_VERSION}, this version makes 999"
    ):
        rerun(stored)


def test_run_whose_file_is_packed_differently_is_equal_to_the_bit(stored):
    with np.load(io.BytesIO(stored.npz)) as file:
        arrays = dict(file)
    loose, other = io.BytesIO(), io.BytesIO()
    np.savez(loose, **arrays)
    np.savez(other, **{**arrays, "loss": np.nextafter(arrays["loss"], 9.0)})
    assert loose.getvalue() != stored.npz
    found = rerun(dataclasses.replace(stored, npz=loose.getvalue()))
    assert (found.agrees, found.to_the_bit, found.difference) == (True, True, 0.0)
    assert not rerun(dataclasses.replace(stored, npz=other.getvalue())).agrees
