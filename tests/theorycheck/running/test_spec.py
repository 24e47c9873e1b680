import dataclasses
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import theorycheck.running.spec
from sims import Problem
from theorycheck.running.spec import RunSpec, spec_from_columns

PROBLEM = Problem(d=60, n=4, m=3, K=2, p=0.5, mu=1.0, sigma_n=0.05, sigma_0=0.01, eta=0.5)
SHORT = dataclasses.replace(PROBLEM, sigma_0=0.3)
LONG = Problem.theorem_regime(2000, 10, 6, 2, 0.5)


def test_key_is_the_same_in_another_process():
    code = (
        "from sims import Problem; from theorycheck.running.spec import RunSpec\n"
        f"print(RunSpec.plan({PROBLEM!r}, 3, target_loss=0.1).key)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == RunSpec.plan(PROBLEM, 3, target_loss=0.1).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (RunSpec.plan(SHORT, 0, "auto"), RunSpec.plan(SHORT, 0, "gram")),
        (RunSpec.plan(LONG, 0, "auto"), RunSpec.plan(LONG, 0, "flow")),
        (RunSpec.plan(PROBLEM, 0, "gram"), RunSpec.plan(PROBLEM, 0, "gram", max_steps=1e6)),
        (RunSpec.plan(LONG, 0, "flow"), RunSpec.plan(LONG, 0, "flow", max_steps=10**22)),
        (RunSpec.plan(PROBLEM, 0, "gram"), RunSpec.plan(PROBLEM, 0, "gram", rtol=1e-3)),
        (RunSpec.plan(PROBLEM, target_loss=0), RunSpec.plan(PROBLEM, target_loss=-0.0)),
    ],
    ids=["auto gram", "auto flow", "exact budget", "flow budget", "rtol of gram", "minus zero"],
)
def test_two_ways_to_ask_for_one_run_are_one_run(one, other):
    assert one == other
    assert one.key == other.key


CHANGES = {
    "problem": dataclasses.replace(PROBLEM, p=0.25),
    "seed": 1,
    "engine": "weights",
    "target_loss": 0.1,
    "max_steps": 7.0,
    "rtol": 1e-6,
    "population": False,
    "threads": 2,
}


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(RunSpec)])
def test_whatever_changes_a_run_changes_its_key(name):
    run = RunSpec.plan(PROBLEM, 0, "flow")
    assert dataclasses.replace(run, **{name: CHANGES[name]}).key != run.key


@pytest.mark.parametrize(
    "name", [field.name for field in dataclasses.fields(Problem) if field.name != "directions"]
)
def test_every_parameter_is_part_of_the_key(name):
    others = {"noise": "orthogonal", "signals": "antipodal", "flip": 0.1, "pruning": "snip",
              "p": PROBLEM.p / 2}  # fmt: skip
    value = others[name] if name in others else getattr(PROBLEM, name) * 2
    changed = dataclasses.replace(PROBLEM, **{name: value})
    assert RunSpec.plan(changed, 0, "gram").key != RunSpec.plan(PROBLEM, 0, "gram").key


def test_keys_of_the_first_version_are_those_of_today():
    # made by version 0.1.0, whose problems had no signals and no flip
    for run, key in (
        (RunSpec.plan(PROBLEM, 3, target_loss=0.1), "69eaead8769d2de1f16a98f4131ae1ce"),
        (RunSpec.plan(LONG, 1), "3790bbe685ca4b691bd3c326fea7d9b9"),
    ):
        assert run.key_of(3) == key
        assert dataclasses.replace(run, problem=sibling(run.problem)).key_of(3) != key


def sibling(problem):
    return dataclasses.replace(problem, signals="antipodal", flip=0.1)


def test_run_of_a_sibling_is_made_again_of_its_columns():
    run = RunSpec.plan(sibling(PROBLEM), 2, "gram-law")
    assert spec_from_columns(run.columns()) == run
    assert (run.columns()["signals"], run.columns()["flip"]) == ("antipodal", 0.1)
    assert RunSpec.plan(PROBLEM).columns()["flip"] == 0.0


def test_version_of_the_results_is_part_of_the_key(monkeypatch):
    before = RunSpec.plan(PROBLEM).key
    monkeypatch.setattr(theorycheck.running.spec, "RESULT_VERSION", 999)
    assert RunSpec.plan(PROBLEM).key != before


@given(
    seed=st.integers(0, 2**63 - 1),
    target=st.floats(0, 10),
    sigma_n=st.floats(1e-20, 1e20),
    population=st.booleans(),
)
def test_columns_describe_the_run(seed, target, sigma_n, population):
    problem = dataclasses.replace(PROBLEM, sigma_n=sigma_n, eta=1e-50)
    run = RunSpec.plan(problem, seed, "flow", target, rtol=1e-4, population=population)
    assert spec_from_columns(run.columns()) == run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": 2**63}, r"seed must be at most 2\*\*63 - 1 in a store"),
        ({"seed": -1}, "seed must be an integer of at least 0, got -1"),
        ({"engine": "x"}, "engine must be one of"),
        ({"population": "yes"}, "population must be true or false, got 'yes'"),
        ({"max_steps": -1}, "max_steps must be a finite number from 0"),
    ],
)
def test_bad_argument_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        RunSpec.plan(PROBLEM, **arguments)
