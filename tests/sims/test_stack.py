"""A run is the same in any company, at any place, in a stack of any size, to the bit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sims import Problem, simulate, simulate_many

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
    for seed in range(draw(st.integers(2, 9))):
        changes = {
            "d": draw(st.sampled_from([50, 200])),
            "p": 1.0 if dense else draw(st.sampled_from([0.02, 0.3, 0.8])),
            "noise": draw(st.sampled_from(["isotropic", "orthogonal"])),
            "eta": draw(st.sampled_from([1e-3, 0.05, 1.0, 1e3])),
            "sigma_0": draw(st.sampled_from([0.01, 0.3])),
            "sigma_n": draw(st.sampled_from([0.02, 0.3])),
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


@pytest.mark.parametrize(("engine", "max_steps"), [("gram", 300), ("flow", 1e5), ("gram-law", 3e3)])
@settings(max_examples=12)
@given(runs=families(), order=st.randoms(use_true_random=False))
def test_a_run_is_the_same_in_any_company(engine, max_steps, runs, order):
    alone = {run: simulate(*run, engine, 0.05, max_steps=max_steps) for run in runs}
    shuffled = order.sample(runs, len(runs))
    some = shuffled[: order.randint(1, len(runs))]
    for company in (runs, shuffled, some, [*some, *some]):
        for run, ours in zip(company, together(company, engine, max_steps), strict=True):
            assert_same_bits(ours, alone[run])
