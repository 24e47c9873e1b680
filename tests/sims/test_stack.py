"""A run is the same in any company, at any place, in a stack of any size, to the bit."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sims import Problem, jobs, simulate, simulate_many, stack, stream_many
from sims.rows import NOBODY, ORDER_8, STABILIZED

ARRAYS = ("steps", "loss", "gradient_norm2", "gamma", "rho")

# what one run of a shape can be: d, p, noise, eta, sigma_0, sigma_n; all of a few hundred steps
SHAPES = st.sampled_from(
    [(2, 1, 1), (2, 3, 4), (3, 1, 5), (2, 4, 1), (3, 2, 9), (2, 6, 10), (4, 3, 2), (9, 2, 3)]
)


@st.composite
def families(draw):
    """Problems of one shape and their seeds, with every way of ending in reach."""
    K, m, n = draw(SHAPES)
    q = draw(st.sampled_from([2.0, 3.0, 3.5]))
    dense = draw(st.booleans())
    base = Problem.theorem_regime(200, n, m, K, 1.0, q=q)
    runs = []
    for seed in range(draw(st.integers(2, 7))):
        changes = {
            "d": draw(st.sampled_from([50, 200])),
            "p": 1.0 if dense else draw(st.sampled_from([0.02, 0.3, 0.8])),
            "noise": draw(st.sampled_from(["isotropic", "orthogonal"])),
            "eta": draw(st.sampled_from([1e-3, 0.05, 1.0, 1e3])),
            "sigma_0": draw(st.sampled_from([0.01, 0.3])),
            "sigma_n": draw(st.sampled_from([0.02, 0.3])),
            "signals": draw(st.sampled_from(["axis", "antipodal"] if K == 2 else ["axis"])),
            "flip": draw(st.sampled_from([0.0, 0.3])),
        }
        runs.append((replace(base, **changes), seed))
    return runs


def assert_same_bits(run, other):
    assert (run.status, run.reason, run.engine, run.time_error, run.seed) == (
        other.status,
        other.reason,
        other.engine,
        other.time_error,
        other.seed,
    )
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(run, name), getattr(other, name), strict=True)


def together(runs, engine, max_steps):
    problems, seeds = zip(*runs, strict=True)
    return simulate_many(problems, seeds, 0.05, max_steps=max_steps, engine=engine)


@pytest.mark.slow
@pytest.mark.parametrize(("engine", "max_steps"), [("gram", 300), ("flow", 3e4), ("gram-law", 1e3)])
@settings(max_examples=6)
@given(runs=families(), order=st.randoms(use_true_random=False))
def test_a_run_is_the_same_in_any_company(engine, max_steps, runs, order):
    alone = {run: simulate(*run, engine, 0.05, max_steps=max_steps) for run in runs}
    shuffled = order.sample(runs, len(runs))
    some = shuffled[: order.randint(1, len(runs))]
    for company in (shuffled, [*some, *some]):
        for run, ours in zip(company, together(company, engine, max_steps), strict=True):
            assert_same_bits(ours, alone[run])


def mixed():
    return [
        Problem(d, 10, 5, K, p, 1.0, 0.05, 0.3, eta, noise=noise)
        for d, K in ((200, 2), (400, 3))
        for p in (1.0, 0.4)
        for eta, noise in ((0.02, "isotropic"), (0.05, "orthogonal"), (1e4, "isotropic"))
    ]


@pytest.fixture(scope="module")
def both():
    problems = mixed()
    seeds = list(range(len(problems)))
    many = simulate_many(problems, seeds, max_steps=1500)
    alone = [simulate(one, seed, max_steps=1500) for one, seed in zip(problems, seeds, strict=True)]
    return many, alone


@pytest.mark.slow
def test_runs_of_many_shapes_equal_runs_alone(both):
    for ours, theirs in zip(*both, strict=True):
        assert_same_bits(ours, theirs)


def test_stacks_hold_every_way_of_ending(both):
    assert {"reached", "diverged"} <= {run.status for run in both[0]}


@pytest.mark.slow
def test_long_runs_are_stacked_with_short_ones_and_end_as_alone():
    long = [Problem.theorem_regime(d, 10, 6, 2, p) for d, p in ((10_000, 0.7), (3_000, 0.05))]
    short = [replace(problem, sigma_0=0.5, sigma_n=0.02) for problem in long]
    problems = [*long, *short]
    many = simulate_many(problems, [1] * 4)
    assert {run.engine for run in many} == {"flow", "gram"}
    for problem, run in zip(problems, many, strict=True):
        assert_same_bits(run, simulate(problem, 1))


@pytest.fixture(scope="module", params=[0.02, 0.7])
def alone(request):
    """Runs made alone: over-pruned ones of 10^9 steps or stalls, mild ones that hand over."""
    problem = Problem.theorem_regime(10_000, 6, 4, 2, request.param)
    return [simulate(problem, seed, "gram-law") for seed in range(4)]


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 3])
def test_waiting_runs_take_the_places_of_those_that_ended(monkeypatch, alone, size):
    monkeypatch.setattr(jobs, "STACK_SIZE", size)
    problems = [run.problem for run in alone]
    many = simulate_many(problems, range(4), engine="gram-law")
    for ours, theirs in zip(many, alone, strict=True):
        assert_same_bits(ours, theirs)


def test_runs_are_handed_out_as_they_end():
    slow, _, wild = mixed()[:3]
    streamed = list(stream_many([slow, wild, slow], [0, 0, 1], max_steps=500, engine="gram"))
    assert streamed[0][0] == 1
    assert sorted(index for index, _ in streamed) == [0, 1, 2]
    for index, run in streamed:
        assert run.problem == (wild if index == 1 else slow)


def test_the_engine_weights_is_run_one_by_one():
    problems = [replace(one, d=60) for one in mixed()[:3]]
    many = simulate_many(problems, [0, 1, 2], max_steps=20, engine="weights")
    for seed, run in enumerate(many):
        assert_same_bits(run, simulate(problems[seed], seed, "weights", max_steps=20))


def test_runs_come_in_the_order_asked_for():
    problems = mixed()[:6]
    runs = simulate_many(problems, [5, 4, 3, 2, 1, 0], max_steps=3)
    assert [run.problem for run in runs] == problems
    assert [run.seed for run in runs] == [5, 4, 3, 2, 1, 0]


def test_as_many_seeds_as_problems_are_needed():
    for start in (simulate_many, stream_many):
        with pytest.raises(ValueError, match="seeds must be as many as problems, 2, got 1"):
            start(mixed()[:2], [0])


def test_a_bad_argument_is_refused_before_any_run():
    with pytest.raises(ValueError, match="rtol must be"):
        stream_many(mixed()[:1], [0], rtol=1.0)
    with pytest.raises(ValueError, match="engine must be one of"):
        stream_many(mixed()[:1], [0], engine="Gram")


def test_each_run_may_have_an_end_and_a_tolerance_of_its_own():
    problems, seeds = [Problem.theorem_regime(2000, 10, 5, 2, 1.0)] * 4, [0, 1, 0, 1]
    ends = {"target_loss": [0.05, 0.3, 0.05, 0.0], "max_steps": [None, 1e5, 7, 40]}
    many = simulate_many(
        problems, seeds, rtol=(1e-5, 1e-4, 1e-5, 1e-5), engine=["flow"] * 4, **ends
    )
    for index, run in enumerate(many):
        here = {name: one[index] for name, one in ends.items()}
        rtol = 1e-4 if index == 1 else 1e-5
        assert_same_bits(run, simulate(problems[index], seeds[index], "flow", rtol=rtol, **here))


def test_as_many_options_as_runs_are_needed():
    with pytest.raises(
        ValueError, match="target_loss must be one, or as many as problems, 2, got 1"
    ):
        stream_many(mixed()[:2], [0, 1], [0.1])


def test_no_runs_are_no_trouble():
    assert simulate_many([], []) == []


def test_runs_that_diverge_at_once_and_numpy_seeds_are_no_trouble(tmp_path):
    wild = Problem(100, 6, 4, 2, 0.5, 1.0, 0.3, 1e60, 0.1)
    runs = simulate_many([wild, wild], list(np.arange(2)))
    assert [run.status for run in runs] == ["diverged", "diverged"]
    runs[0].save(tmp_path / "run.npz")


def test_few_rows_that_do_something_else_are_not_left_behind(monkeypatch):
    rows = SimpleNamespace(does=np.array([ORDER_8] * 40 + [STABILIZED] * 2 + [NOBODY] * 5))
    rows.waited, turns = np.zeros(47, int), []
    for method, name in ((ORDER_8, "try_order_8"), (STABILIZED, "try_stabilized")):
        monkeypatch.setattr(stack, name, lambda rows, group, method=method: turns.append(method))
    for _ in range(60):
        stack.advance(rows)
    assert 8 <= turns.count(STABILIZED) <= 20
    assert turns[0] == ORDER_8
