from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

from sims import Problem, simulate
from sims import flow as flow_module
from sims.descent import Ending
from sims.flow import Flow, FlowSettings, follow
from sims.gram import GramDescent, build
from sims.recorder import Recorder
from sims.system import CoefficientSystem

REGIME = Problem.theorem_regime(10000, 10, 6, 2, 1.0)
OVER_PRUNED = replace(REGIME, p=1 / (12 * np.log(10000)))
ETAS = (1.0, 0.3, 0.1)
MARK = 0.1  # the size of gamma whose time is measured


@pytest.fixture(scope="module")
def systems():
    """The system of one draw at each learning rate; no Gram matrix depends on it."""
    system = build(REGIME, 0)
    return {
        eta: CoefficientSystem(replace(system.draw, problem=replace(REGIME, eta=eta)), system.gram)
        for eta in ETAS
    }


def descent_time(system):
    """Steps of exact descent until max gamma passes the mark, interpolated linearly."""
    state, K, before = GramDescent(system), system.draw.problem.K, 0.0
    for step in range(10**6):
        state.loss()
        state.step()
        now = state.c[:, :, :K].max() * system.draw.problem.mu**2
        if now >= MARK:
            return step + (MARK - before) / (now - before)
        before = now
    raise AssertionError("the mark was not passed")


def flow_time(system, correction):
    """The same on the flow, integrated as sharply as it can be."""
    K, mu2 = system.draw.problem.K, system.draw.problem.mu**2
    flow = Flow(system, FlowSettings(rtol=1e-10, correction=correction))
    solver = flow.solver(np.zeros(system.initial.shape), 1e9)

    def excess(clock, path=None):
        flat = solver.y if path is None else path(clock)
        return flat.reshape(system.initial.shape)[:, :, :K].max() * mu2 - MARK

    while excess(solver.t) < 0:
        assert solver.step() is None
    path = solver.dense_output()
    return brentq(excess, solver.t_old, solver.t, args=(path,), rtol=1e-13)


@pytest.fixture(scope="module")
def distances(systems):
    """Relative distance of the flow's time from descent's at each eta, with and without."""
    exact = {eta: descent_time(systems[eta]) for eta in ETAS}
    return {
        correction: [abs(flow_time(systems[eta], correction) / exact[eta] - 1) for eta in ETAS]
        for correction in (True, False)
    }


def test_the_corrected_flow_is_close_to_descent(distances):
    assert distances[True][0] < 3e-5


@pytest.mark.parametrize(("correction", "low", "high"), [(True, 1.7, 2.4), (False, 0.8, 1.2)])
def test_the_distance_falls_with_its_power_of_eta(distances, correction, low, high):
    logs = np.log(distances[correction])
    assert low < np.polyfit(np.log(ETAS), logs, 1)[0] < high
    slopes = np.diff(logs) / np.diff(np.log(ETAS))
    assert np.all((slopes > low - 0.2) & (slopes < high + 0.2))


def test_the_correction_is_worth_its_price(distances):
    for with_it, without in zip(distances[True], distances[False], strict=True):
        assert with_it < 0.05 * without


@pytest.mark.parametrize("correction", [True, False])
def test_the_velocity_is_that_of_the_modified_loss(systems, correction):
    # - eta grad of L + (eta/4) ||grad L||^2, the metric being the Gram matrices:
    # A dc/dt = -eta d(modified loss)/dc, checked along random directions
    system = systems[0.3]
    eta = system.draw.problem.eta
    flow = Flow(system, FlowSettings(correction=correction))
    rng = np.random.default_rng(0)
    c = 0.3 * rng.normal(size=system.initial.shape)

    def modified(c):
        loss, norm2 = flow.loss_and_gradient_norm2(c)
        return loss + (eta / 4) * norm2 * correction

    velocity = flow.loss_and_velocity(c)[1]
    for _ in range(3):
        direction = rng.normal(size=c.shape)
        h = 1e-4
        slope = (modified(c + h * direction) - modified(c - h * direction)) / (2 * h)
        assert np.sum(direction * system.products(velocity)) == pytest.approx(
            -eta * slope, rel=1e-5
        )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_flow_and_descent_take_the_same_time(seed):
    flow, gram = (simulate(REGIME, seed, engine) for engine in ("flow", "gram"))
    assert flow.status == gram.status == "reached"
    assert gram.steps[-1] > 1e4
    # descent stops at a whole step, up to one later; the rest is the error of the leaps
    assert flow.steps[-1] == pytest.approx(gram.steps[-1] - 0.5, rel=1e-4, abs=0.5)
    assert flow.time_error < 1e-4 * flow.steps[-1]


@pytest.mark.parametrize("seed", range(4))
def test_flow_and_descent_end_with_the_same_coefficients(seed):
    problem = Problem.theorem_regime(2000, 4, 2, 2, 1.0, eta=0.02)
    flow, gram = (simulate(problem, seed, engine) for engine in ("flow", "gram"))
    assert -0.1 <= gram.steps[-1] - flow.steps[-1] <= 1.1  # descent stops at a whole step
    for name in ("gamma", "rho"):
        left, right = getattr(flow, name)[-1], getattr(gram, name)[-1]
        # what one step does at the end
        np.testing.assert_allclose(left, right, rtol=0, atol=1e-2 * np.abs(right).max())


def test_flow_and_descent_agree_at_the_steps_both_recorded():
    flow, gram = (simulate(REGIME, 0, engine) for engine in ("flow", "gram"))
    common, ours, theirs = np.intersect1d(flow.steps, gram.steps, return_indices=True)
    assert len(common) > 40
    np.testing.assert_allclose(flow.loss[ours], gram.loss[theirs], rtol=1e-3)
    early = common < 1e4  # before the escape, where a small shift in time is a large one in loss
    for name in ("loss", "gradient_norm2"):
        left, right = getattr(flow, name)[ours][early], getattr(gram, name)[theirs][early]
        np.testing.assert_allclose(left, right, rtol=1e-4)


@pytest.mark.parametrize("seed", [0, 5])
def test_the_loss_at_the_end_is_the_target(seed):
    # both escape after 1e10 steps and more: a time to nine digits is not enough there
    run = simulate(OVER_PRUNED, seed, "flow")
    assert run.status == "reached"
    assert run.steps[-1] > 1e10
    assert run.loss[-1] == pytest.approx(run.target_loss, rel=1e-6)


def test_an_unresponsive_sample_stalls_the_run():
    run = simulate(OVER_PRUNED, 4, "flow", max_steps=2e11)
    assert not run.event.memorizable.all()
    assert run.status == "stalled"
    assert "without a responsive neuron" in run.reason
    # one sample of ten stays at log 2, the others are learned
    assert run.loss[-1] == pytest.approx(np.log(2) / 10, rel=2e-3)


def test_a_responsive_sample_does_not_stall_the_run():
    system = build(REGIME, 0)
    flow = Flow(system, FlowSettings())
    assert flow.loss_floor(np.zeros(system.initial.shape)) == 0


@pytest.mark.parametrize("q", [1, 1.5, 1.999])
def test_q_below_2_is_refused_by_name(q):
    with pytest.raises(ValueError, match=r"^engine 'flow' needs q >= 2, got q = [^\n]*$"):
        simulate(replace(REGIME, q=q), engine="flow")


@pytest.mark.parametrize("q", [2, 2.5, 3.5, 4])
def test_other_powers_flow_too(q):
    problem = Problem.theorem_regime(2000, 4, 2, 2, 1.0, q=q, eta=0.05)
    flow, gram = (simulate(problem, 2, engine, 0.2, max_steps=3e4) for engine in ("flow", "gram"))
    assert flow.status == gram.status
    assert flow.steps[-1] == pytest.approx(gram.steps[-1], rel=1e-4, abs=1)
    assert flow.loss[-1] == pytest.approx(gram.loss[-1], rel=0.1)  # one step's worth


def test_a_leap_is_the_same_at_any_hour():
    # a clock that counted from the start would have lost the digits of an escape at step 1e17
    system = build(REGIME, 0)
    settings = FlowSettings(hand_over=False)
    ends = []
    for hour in (0.0, 1e17):
        state, recorder = GramDescent(system), Recorder()
        recorder.due(hour)
        ending = flow_module._leap(
            Flow(system, settings),
            state,
            Ending("paused", "", hour, state.loss()),
            recorder,
            0.05,
            1e22,
            lambda time, loss: None,
        )
        assert ending.status == "reached"
        ends.append((state.c, ending.loss))
    np.testing.assert_array_equal(ends[0][0], ends[1][0])
    assert ends[0][1] == ends[1][1]


def test_escape_within_leaps_is_recorded(systems):
    recorder = Recorder()
    settings = FlowSettings(hand_over=False)
    follow(GramDescent(systems[1.0]), recorder, 0.05, 1e22, settings, lambda time, loss: None)
    recorded = recorder.arrays()
    assert recorded["loss"][-1] < 0.2
    assert np.all(recorded["loss"][:-1] < 2.5 * recorded["loss"][1:])
    assert np.count_nonzero(recorded["steps"] % 1) > 5


def test_records_of_a_leap_are_of_the_time_they_name(systems):
    system = systems[1.0]
    recorder, state = Recorder(), GramDescent(system)
    settings = FlowSettings(rtol=1e-7)
    follow(state, recorder, 0.0, 5000, settings, lambda time, loss: None)
    exact, at_step = GramDescent(system), {}
    for step in range(4001):
        at_step[step] = exact.loss(), exact.coefficients()
        exact.step()
    recorded = recorder.arrays()
    compared = 0
    for step, loss, gamma in zip(
        recorded["steps"], recorded["loss"], recorded["gamma"], strict=True
    ):
        if step <= 4000 and step % 1 == 0:  # one that the loss asked for may lie between steps
            compared += 1
            assert loss == pytest.approx(at_step[int(step)][0], rel=1e-7)
            right = at_step[int(step)][1].gamma
            np.testing.assert_allclose(gamma, right, atol=1e-4 * np.abs(right).max())
    assert compared > 30


class TooLong(Exception):
    pass


def watched(problem, seed, settings, most=10**5):
    """Follow the flow, and raise instead of waiting for ever."""
    calls = 0

    def report(time, loss):
        nonlocal calls
        calls += 1
        if calls > most:
            raise TooLong(f"still at time {time} after {most} reports")

    state = GramDescent(build(problem, seed))
    return follow(state, Recorder(), 0.05, 1e22, settings, report), state


@pytest.mark.parametrize("eta", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_where_no_step_is_small_the_flow_is_exact_descent(small_problem, eta, seed):
    problem = small_problem(d=100, n=6, m=3, p=0.8, eta=eta)
    ending, state = watched(problem, seed, FlowSettings())
    exact = simulate(problem, seed, "gram")
    assert (ending.status, ending.reason) == (exact.status, exact.reason)
    assert ending.time_error == 0
    if ending.status == "diverged":  # then the last record is not the last step
        return
    np.testing.assert_array_equal(state.coefficients().gamma, exact.gamma[-1])


# A leap that ends in a jump: the learning rate is so large that the escape is over in few steps.
JUMPY = Problem.theorem_regime(2000, 6, 3, 2, 1.0, eta=10.0)


@pytest.mark.parametrize("seed", [0, 2, 4])
def test_an_escape_in_large_steps_is_left_to_exact_descent(seed):
    exact = simulate(JUMPY, seed, "gram")
    recorder, leaps = Recorder(), []
    state = GramDescent(build(JUMPY, seed))
    settings = FlowSettings(rtol=1e-2)
    ending = follow(
        state, recorder, 0.05, 1e6, settings, lambda time, loss: leaps.append(time % 1 > 0)
    )
    assert any(leaps)
    assert exact.status == ending.status == "reached"
    assert ending.step == pytest.approx(exact.steps[-1], rel=1e-2, abs=1)


def test_a_smaller_rtol_costs_exact_steps_and_brings_the_time_closer():
    exact = simulate(JUMPY, 0, "gram").steps[-1]
    errors, reports = [], []
    for rtol in (0.1, 1e-3, 1e-6):
        told = []
        state = GramDescent(build(JUMPY, 0))
        settings = FlowSettings(rtol)
        ending = follow(
            state, Recorder(), 0.05, 1e22, settings, lambda time, loss, told=told: told.append(time)
        )
        errors.append(abs(ending.step - exact))
        reports.append(len(told))
    assert errors[-1] <= errors[0]
    assert errors[-1] < 1 + 1e-5 * exact
    assert reports[0] < reports[-1]


def test_the_flow_stops_at_max_steps():
    run = simulate(REGIME, 0, "flow", max_steps=1234.5)
    assert run.status == "max-steps"
    assert run.steps[-1] == pytest.approx(1234.5)
    none = simulate(REGIME, 0, "flow", max_steps=0)
    assert (none.status, none.steps.tolist()) == ("max-steps", [0.0])


def test_a_run_that_cannot_move_stalls_at_once():
    run = simulate(replace(REGIME, p=1e-9), 0, "flow")
    assert (run.status, run.steps.tolist()) == ("stalled", [0.0])
