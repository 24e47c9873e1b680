"""What several tests of `theorycheck` share: one real run a theorem, and runs made up from it."""

import math
from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import pytest

import bounds
import theorycheck.running.sweep
from sims import Problem
from theorycheck.judging.family import mild_family, over_family
from theorycheck.judging.judge import judge_theorem
from theorycheck.judging.observation import observe

EPSILON = 0.05
SIZES = (1000, 10_000, 100_000, 1_000_000, 10_000_000)
SEEDS = range(15)
TINY = {
    "mild-pruning": Problem.theorem_regime(300, 6, 4, 2, 0.8),
    "over-pruning": Problem.theorem_regime(300, 6, 4, 2, bounds.over_pruning_p(300, 4, 2)),
}
# Wide enough that both theorems' hidden constants are kept from d = 1000 to d = 10^7.
LONG_PATHS = {
    "mild-pruning": mild_family(SIZES, n=30, m=20, p=0.5),
    "over-pruning": over_family(SIZES, n=30, m=20),
}


@pytest.fixture(scope="session")
def real_runs():
    """One observation of each theorem on a tiny problem, in the event and at epsilon."""
    runs = {theorem: observe(theorem, problem, 0, EPSILON) for theorem, problem in TINY.items()}
    assert all(run.in_event and run.status == "reached" for run in runs.values())
    return runs


@pytest.fixture(scope="session")
def made_up_run(real_runs):
    """A run at any problem and seed with any numbers, whatever a simulation would give."""

    def make(theorem, problem, seed=0, measured=(), **changes):
        real = real_runs[theorem]
        everything = {**real.measured, **dict(measured)}
        return replace(real, problem=problem, seed=seed, measured=everything, **changes)

    return make


@pytest.fixture(scope="session")
def long_path():
    return LONG_PATHS


@pytest.fixture(scope="session")
def runs_along(made_up_run):
    """Runs along a family whose claim has measured = constant(size, seed) times its bound."""

    def make(theorem, claim, constant, *, family=None, seeds=SEEDS, change=None, **fixed):
        family = LONG_PATHS[theorem] if family is None else family
        stated = bounds.THEOREMS[theorem].claims[claim]
        runs = []
        for problem in family.problems:
            bound = stated.evaluate({**problem.parameters(), "epsilon": EPSILON})
            for seed in seeds:
                value = constant(family.size(problem), seed) * bound
                changes = change(problem, seed) if change else {}
                runs.append(
                    made_up_run(theorem, problem, seed, {claim: value}, **{**fixed, **changes})
                )
        return runs

    return make


@pytest.fixture(scope="session")
def verdict_of():
    """The verdict on one claim by given runs along a family, among all claims of its theorem."""

    def judge(theorem, claim, runs, *, family=None, stated=None):
        family = LONG_PATHS[theorem] if family is None else family
        stated = bounds.THEOREMS[theorem] if stated is None else stated
        verdicts = judge_theorem(stated, family, runs)
        return {verdict.claim: verdict for verdict in verdicts}[claim]

    return judge


@pytest.fixture(scope="session")
def power_law():
    """constant(size, seed) = factor (size / 1000)^slope, with a reproducible scatter over seeds."""

    def make(factor, slope, scatter=0.02):
        def constant(size, seed):
            noise = np.random.default_rng([seed, int(size)]).normal(0, scatter)
            return factor * (size / 1000) ** slope * math.exp(noise)

        return constant

    return make


class Here:
    """An executor that makes every run at once, in this process, and counts."""

    def __init__(self):
        self.made = []

    def submit(self, function, spec):
        future = Future()
        future.set_result(function(spec))
        self.made.append(spec.key)
        return future

    def shutdown(self, **_):
        pass


@pytest.fixture
def made_here(monkeypatch):
    """Let sweeps make their runs in this process; the list of the runs that were made."""
    here = Here()
    monkeypatch.setattr(theorycheck.running.sweep, "Processes", lambda count: here)
    return here.made
