import math
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import sims.recorder
from sims import Problem, jobs, simulate, stack
from sims.draw import BLOCK
from sims.engines import choose_engine, expected_steps

pytestmark = pytest.mark.slow
REGIME = Problem.theorem_regime(2000, 8, 4, 2, 0.5)
WIDE = Problem.theorem_regime(3 * BLOCK + 10, 30, 20, 2, 0.5)  # large enough for BLAS threads
ARRAYS = ("steps", "loss", "gradient_norm2", "gamma", "rho")


def assert_same_bits(run, other):
    assert (run.status, run.reason, run.time_error) == (
        other.status,
        other.reason,
        other.time_error,
    )
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(run, name), getattr(other, name))
    for name in ("initial_noise", "initial_signal", "noise_norm2"):
        np.testing.assert_array_equal(getattr(run.draw, name), getattr(other.draw, name))


@pytest.mark.parametrize("engine", ["weights", "gram", "flow"])
def test_the_same_seed_gives_the_same_bits(engine):
    runs = [simulate(WIDE, 3, engine, max_steps=30) for _ in range(2)]
    assert_same_bits(*runs)
    other = simulate(WIDE, 4, engine, max_steps=0)
    assert not np.any(other.draw.initial_noise == runs[0].draw.initial_noise)


@pytest.mark.parametrize("engine", ["weights", "gram", "flow"])
def test_blas_threads_outside_change_no_bit(engine):
    runs = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            runs.append(simulate(WIDE, 3, engine, max_steps=30))
    assert_same_bits(*runs)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("module", "name"), [(jobs, "_system"), (stack, "advance")])
def test_a_run_has_the_blas_threads_it_was_given(monkeypatch, threads, module, name):
    seen, inner = [], getattr(module, name)

    def watched(*arguments):
        seen.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return inner(*arguments)

    monkeypatch.setattr(module, name, watched)
    with threadpool_limits(3 - threads, user_api="blas"):
        run = simulate(REGIME, 0, "gram", max_steps=2, threads=threads)
    assert seen
    assert set(seen) == {threads}
    assert run.threads == threads


@pytest.mark.parametrize("engine", ["weights", "gram", "flow"])
@pytest.mark.parametrize("memory", [0, 1.5, 500.0])
def test_memory_changes_no_bit(engine, memory):
    assert_same_bits(
        simulate(WIDE, 3, engine, max_steps=20),
        simulate(WIDE, 3, engine, max_steps=20, memory=memory),
    )


def test_memory_beyond_all_blocks_is_no_work():
    assert_same_bits(
        simulate(WIDE, 3, "gram", max_steps=2), simulate(WIDE, 3, "gram", max_steps=2, memory=1e305)
    )


@pytest.mark.parametrize("engine", ["weights", "gram", "flow"])
def test_the_outcome_does_not_depend_on_the_schedule(monkeypatch, engine):
    problem = replace(REGIME, sigma_0=0.02) if engine != "flow" else REGIME
    plain = simulate(problem, 1, engine, max_steps=None if engine == "flow" else 3000)
    for records in (3, 40):
        monkeypatch.setattr(sims.recorder, "RECORDS_PER_DECADE", records)
        other = simulate(problem, 1, engine, max_steps=None if engine == "flow" else 3000)
        assert len(plain.steps) != len(other.steps)
        assert (plain.status, plain.reason, plain.time_error) == (
            other.status,
            other.reason,
            other.time_error,
        )
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(plain, name)[-1], getattr(other, name)[-1])
        common, ours, theirs = np.intersect1d(plain.steps, other.steps, return_indices=True)
        assert len(common) > 8
        np.testing.assert_array_equal(plain.loss[ours], other.loss[theirs])


@pytest.mark.parametrize("engine", ["weights", "gram", "flow"])
def test_an_escape_is_seen_in_the_records(small_problem, engine):
    run = simulate(small_problem(sigma_0=0.01), 1, engine, target_loss=0.01)
    assert run.status == "reached"
    assert np.all(run.loss[:-1] < 2.0 * run.loss[1:])


@pytest.mark.parametrize("engine", ["weights", "gram", "flow"])
def test_what_the_loss_asks_to_record_changes_nothing_else(small_problem, engine, monkeypatch):
    more = simulate(small_problem(sigma_0=0.01), 1, engine)
    monkeypatch.setattr(sims.recorder.Recorder, "next_loss", -math.inf)
    fewer = simulate(small_problem(sigma_0=0.01), 1, engine)
    assert 3 <= len(more.steps) - len(fewer.steps) <= 20
    _, ours, theirs = np.intersect1d(more.steps, fewer.steps, return_indices=True)
    assert len(theirs) == len(fewer.steps)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(more, name)[ours], getattr(fewer, name))


@pytest.mark.parametrize("engine", ["weights", "gram", "flow"])
def test_a_run_reaches_its_target(small_problem, engine):
    run = simulate(small_problem(), 1, engine, target_loss=0.1)
    assert run.status == "reached"
    assert run.loss[-1] <= 0.1
    assert np.all(run.loss[:-1] > 0.1)
    assert run.engine == engine
    assert f"at step {run.steps[-1]:.10g}" in run.reason


@pytest.mark.parametrize("engine", ["weights", "gram"])
def test_a_target_of_0_never_stops_early(small_problem, engine):
    run = simulate(small_problem(), 1, engine, target_loss=0, max_steps=50)
    assert (run.status, run.steps[-1]) == ("max-steps", 50)


@pytest.mark.parametrize("engine", ["weights", "gram", "flow"])
def test_a_network_without_weights_stalls_at_once(small_problem, engine):
    run = simulate(small_problem(p=1e-9), 1, engine)
    assert (run.status, run.steps.tolist()) == ("stalled", [0.0])
    assert run.loss[0] == pytest.approx(math.log(2), rel=1e-14)
    assert run.gradient_norm2[0] == 0


@pytest.mark.parametrize("engine", ["weights", "gram"])
def test_the_last_record_is_where_the_run_ended(small_problem, engine):
    run = simulate(small_problem(), 1, engine, target_loss=0, max_steps=43)
    assert run.steps[-1] == 43
    longer = simulate(small_problem(), 1, engine, target_loss=0, max_steps=100)
    np.testing.assert_array_equal(longer.steps[: len(run.steps) - 1], run.steps[:-1])
    np.testing.assert_array_equal(longer.gamma[: len(run.steps) - 1], run.gamma[:-1])
    assert np.all(np.diff(run.steps) > 0)


@pytest.mark.parametrize(
    ("problem", "engine"),
    [
        (Problem.theorem_regime(20000, 30, 20, 2, 0.5), "flow"),  # 3e6 steps
        (Problem.theorem_regime(20000, 30, 20, 2, 1 / (40 * math.log(20000))), "flow"),  # 3e14
        (Problem(5000, 10, 5, 2, 1, 1.0, 0.1, 0.5, 0.1), "gram"),  # short, wide
        (Problem(8, 200, 5, 2, 1, 1.0, 0.1, 0.5, 0.1, q=1), "weights"),  # short, many samples
        (Problem.theorem_regime(20000, 30, 20, 2, 0.5, q=1), "gram"),  # never the flow
        (Problem.theorem_regime(10**5, 3000, 1000, 2, 0.5), "weights"),  # Gram of 144 GB
    ],
)
def test_the_engine_is_chosen_by_the_problem(problem, engine):
    assert choose_engine(problem) == engine


def test_auto_takes_the_chosen_engine_whatever_the_draw():
    for problem in (REGIME, replace(REGIME, q=1.0), replace(REGIME, d=8, n=200, sigma_0=0.5)):
        taken = {simulate(problem, seed, max_steps=1).engine for seed in range(4)}
        assert taken == {choose_engine(problem)}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("memory", [0, 400.0])
def test_the_choice_does_not_depend_on_the_machine(threads, memory):
    with threadpool_limits(threads, user_api="blas"):
        run = simulate(REGIME, 0, max_steps=1, memory=memory, threads=threads)
    assert run.engine == choose_engine(REGIME)


@pytest.mark.parametrize("q", [2.0, 3.0, 3.5])
def test_the_expected_steps_do_not_fall_short_of_the_run(q):
    # they are those of the slower of signal and noise; a mild run waits for the signal alone
    problem = Problem.theorem_regime(10000, 10, 6, 2, 1.0, q=q)
    assert expected_steps(problem) > 0.02 * simulate(problem, 0, "flow").steps[-1]


@pytest.mark.parametrize("q", [2.0, 3.0, 3.5])
def test_the_expected_steps_have_no_unit(q):
    problem = Problem.theorem_regime(10000, 10, 6, 2, 0.3, q=q)
    scaled = Problem.theorem_regime(10000, 10, 6, 2, 0.3, q=q, mu=64.0)
    assert expected_steps(scaled) == pytest.approx(expected_steps(problem), rel=1e-12)


@pytest.mark.parametrize(
    ("q", "steps"),
    [
        (2, math.log(100) / 0.001),  # du/dt = rate u from 0.01 to 1, rate = eta q (1-1/K) mu^2/K
        (3, (100 - 1) / 0.0015),
        (4, (10**4 - 1) / (2 * 0.002)),
    ],
)
def test_the_expected_steps_are_those_of_the_growth_phase(q, steps):
    # the noise is strong, so the signal is the slower one
    problem = Problem(10000, 4, 3, 2, 1.0, 1.0, 1.0, 0.01, 0.002, q)
    assert expected_steps(problem) == pytest.approx(steps, rel=1e-12)


def test_defaults_are_those_of_the_documentation(small_problem):
    run = simulate(small_problem())
    assert (run.seed, run.target_loss, run.threads) == (0, 0.05, 1)


GOOD = {"problem": REGIME, "seed": 0, "engine": "gram", "max_steps": 2}
NOT_NUMBERS = ("3", None, [1.0], 1j, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("problem", value) for value in (None, 3, {"d": 3})),
        *(("seed", value) for value in (-1, 1.5, True, "0", None, math.nan)),
        *(("threads", value) for value in (0, -1, 1.5, True, None)),
        *(("engine", value) for value in ("Gram", "", None, 3)),
        *(
            (name, value)
            for name in ("target_loss", "memory")
            for value in (-1e-9, math.nan, math.inf, *NOT_NUMBERS)
        ),
        *(("max_steps", value) for value in (-1, math.nan, math.inf, 1.1e30, "3", True)),
        *(("rtol", value) for value in (0, 1e-11, 0.2, -1e-5, math.nan, math.inf, *NOT_NUMBERS)),
    ],
)
def test_a_bad_argument_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=rf"^{name} must be [^\n]*, got [^\n]*$"):
        simulate(**GOOD | {name: value})


def test_progress_is_shown_on_standard_error_alone(small_problem, capsys):
    simulate(small_problem(), 1, "gram", max_steps=20)
    quiet = capsys.readouterr()
    assert (quiet.out, quiet.err) == ("", "")
    shown = simulate(small_problem(), 1, "gram", max_steps=20, progress=True)
    loud = capsys.readouterr()
    assert loud.out == ""
    assert "training" in loud.err
    assert_same_bits(shown, simulate(small_problem(), 1, "gram", max_steps=20))


def test_threads_over_coordinates_change_no_bit_of_engine_weights():
    one, two = (simulate(WIDE, 3, "weights", max_steps=30, threads=threads) for threads in (1, 2))
    for name in ("steps", "loss", "gradient_norm2", "gamma", "rho"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


@pytest.mark.parametrize("engine", ["weights", "gram", "gram-law"])
def test_a_run_that_diverges_before_its_first_step_says_so(engine):
    problem = Problem(100, 6, 4, 2, 0.5, 1.0, 0.3, 1e60, 0.1)
    run = simulate(problem, 0, engine)
    assert (run.status, run.steps.tolist(), run.loss.tolist()) == ("diverged", [0.0], [np.inf])
