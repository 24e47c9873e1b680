from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

from sims import Problem, flow, leap, simulate, stack
from sims.arrive import arrive
from sims.dense import at
from sims.flow import FlowSettings
from sims.gram import build
from sims.rows import ORDER_8, Rows, Start
from sims.system import CoefficientSystem
from sims.system import stack as stacked

pytestmark = pytest.mark.slow

REGIME = Problem.theorem_regime(10000, 10, 6, 2, 1.0)
OVER_PRUNED = replace(REGIME, p=1 / (12 * np.log(10000)))
ETAS = (1.0, 0.5, 0.25)
MARK = 0.1  # the size of gamma whose time is measured


@pytest.fixture(scope="module")
def systems():
    """The system of one draw at each learning rate; no Gram matrix depends on it."""
    system = build(REGIME, 0)
    return {
        eta: CoefficientSystem(replace(system.draw, problem=replace(REGIME, eta=eta)), system.gram)
        for eta in ETAS
    }


def descent_time(system, one_row):
    """Steps of exact descent until max gamma passes the mark, interpolated linearly."""
    state, K, before = one_row(system), system.draw.problem.K, 0.0
    for step in range(10**6):
        state.loss()
        state.step()
        now = state.rows.c[0, :, :, :K].max() * system.draw.problem.mu**2
        if now >= MARK:
            return step + (MARK - before) / (now - before)
        before = now
    raise AssertionError("the mark was not passed")


def leaps(rows):
    """Leap with the one row of a stack from where it is, and yield each step that is taken."""
    one = np.zeros(1, int)
    leap.begin(rows, one)
    while rows.does[0] > 1:
        tries = leap.try_order_8 if rows.does[0] == ORDER_8 else leap.try_stabilized
        step = tries(rows, one)
        arrive(rows, step)
        if step.accepted[0]:
            yield step


def crossing(step, excess):
    """Where in a step a function of the coefficients passes 0, from 0 to 1."""
    one = np.zeros(1, int)
    terms = step.inside(one)
    return brentq(lambda x: excess(at(step.before, terms, one, np.array([x]))), 0, 1)


def flow_time(system, correction):
    """The same on the flow, integrated as sharply as it can be."""
    K, mu2 = system.draw.problem.K, system.draw.problem.mu**2
    settings = FlowSettings(rtol=1e-10, correction=correction, hand_over=False)
    rows = Rows([Start(0, system, True, 0.0, 1e9)], settings)

    def largest(c):
        return c[0, :, :, :K].max() * mu2 - MARK

    for step in leaps(rows):
        if largest(step.after) >= 0:
            return step.clock[0] - (1 - crossing(step, largest)) * step.h[0]
    raise AssertionError("the mark was not passed")


@pytest.fixture(scope="module")
def distances(systems, one_row):
    """Relative distance of the flow's time from descent's at each eta, with and without."""
    exact = {eta: descent_time(systems[eta], one_row) for eta in ETAS}
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
    eta = systems[0.5].draw.problem.eta
    one = stacked([systems[0.5]])
    rng = np.random.default_rng(0)
    c = 0.3 * rng.normal(size=one.initial.shape)

    def modified(c):
        losses, f = one.losses_and_update(one.pre_activations(c))
        return (losses + (eta / 4) * one.gradient_norm2(f) * correction)[0]

    velocity = flow.velocity(one, np.array([correction]))(c)
    for _ in range(3):
        direction = rng.normal(size=c.shape)
        h = 1e-4
        slope = (modified(c + h * direction) - modified(c - h * direction)) / (2 * h)
        assert np.sum(direction * one.products(velocity)) == pytest.approx(-eta * slope, rel=1e-5)


@pytest.mark.parametrize("corrected", [(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 1)])
def test_each_row_follows_the_flow_that_is_its_own(corrected):
    problem = Problem.theorem_regime(1000, 8, 3, 2, 0.5)
    three = stacked([build(problem, seed) for seed in range(3)])
    c = np.random.default_rng(0).normal(size=three.initial.shape)
    corrected = np.array(corrected) > 0
    seen = flow.look(three, c)
    assert np.all(seen.half.any(axis=(1, 2, 3)))
    own = np.where(corrected[:, None, None, None], seen.update - seen.half, seen.update)
    velocity = flow.velocity(three, corrected)
    for first in (3, 2, 1):
        np.testing.assert_array_equal(velocity(c[:first]), own[:first])
    np.testing.assert_array_equal(seen.velocity(corrected), own)


@pytest.fixture(scope="module", params=[0, 1])
def both(request):
    """A run of the regime by the flow and by descent."""
    return [simulate(REGIME, request.param, engine) for engine in ("flow", "gram")]


def test_flow_and_descent_take_the_same_time(both):
    flow, gram = both
    assert flow.status == gram.status == "reached"
    assert gram.steps[-1] > 1e4
    # descent stops at a whole step, up to one later; the rest is the error of the leaps
    assert flow.steps[-1] == pytest.approx(gram.steps[-1] - 0.5, rel=1e-4, abs=0.5)
    assert flow.time_error < 1e-4 * flow.steps[-1]


@pytest.mark.parametrize("seed", [0, 1])
def test_flow_and_descent_end_with_the_same_coefficients(seed):
    problem = Problem.theorem_regime(2000, 4, 2, 2, 1.0, eta=0.02)
    flow, gram = (simulate(problem, seed, engine) for engine in ("flow", "gram"))
    assert -0.1 <= gram.steps[-1] - flow.steps[-1] <= 1.1  # descent stops at a whole step
    for name in ("gamma", "rho"):
        left, right = getattr(flow, name)[-1], getattr(gram, name)[-1]
        # what one step does at the end
        np.testing.assert_allclose(left, right, rtol=0, atol=1e-2 * np.abs(right).max())


def test_flow_and_descent_agree_at_the_steps_both_recorded(both):
    flow, gram = both
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
    assert "no neuron left" in run.reason
    # one sample of ten stays at log 2, the others are learned
    assert run.loss[-1] == pytest.approx(np.log(2) / 10, rel=2e-3)


def test_a_responsive_sample_does_not_stall_the_run():
    one = stacked([build(REGIME, 0)])
    assert one.loss_floors(one.initial) == 0


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


def trained(system, settings, target=0.05, max_steps=1e22, report=None):
    """Train one system by leaping where it may."""
    starts = [Start(0, system, True, target, max_steps)]
    (ended,) = stack.train(1, lambda many: [starts.pop()] if starts else [], settings, report)
    return ended


def test_a_leap_is_the_same_at_any_hour():
    # a clock that counted from the start would have lost the digits of an escape at step 1e17
    ends = []
    for hour in (0.0, 1e17):
        rows = Rows([Start(0, build(REGIME, 0), True, 0.05, 1e22)], FlowSettings(hand_over=False))
        rows.begin[0] = hour
        rows.due(0, hour)
        for _ in leaps(rows):
            pass
        assert rows.endings[0].status == "reached"
        ends.append((rows.c, rows.endings[0].loss))
    np.testing.assert_array_equal(ends[0][0], ends[1][0])
    assert ends[0][1] == ends[1][1]


def test_escape_within_leaps_is_recorded(systems):
    recorded = trained(systems[1.0], FlowSettings(hand_over=False)).recorded
    # the last record but one is of the last step's schedule
    assert recorded["loss"][-1] < 0.2
    assert np.all(recorded["loss"][:-1] < 2.5 * recorded["loss"][1:])
    assert np.count_nonzero(recorded["steps"] % 1) > 5


def test_records_of_a_leap_are_of_the_time_they_name(systems, one_row):
    recorded = trained(systems[1.0], FlowSettings(rtol=1e-7), 0.0, 5000).recorded
    exact, at_step = one_row(systems[1.0]), {}
    for step in range(4001):
        at_step[step] = exact.loss(), exact.coefficients()
        exact.step()
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

    def report(times, losses):
        nonlocal calls
        calls += 1
        if calls > most:
            raise TooLong(f"still at time {times} after {most} reports")

    return trained(build(problem, seed), settings, report=report)


@pytest.mark.parametrize("eta", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_where_no_step_is_small_the_flow_is_exact_descent(small_problem, eta, seed):
    problem = small_problem(d=100, n=6, m=3, p=0.8, eta=eta)
    *_, ending, recorded = watched(problem, seed, FlowSettings())
    exact = simulate(problem, seed, "gram")
    assert (ending.status, ending.reason) == (exact.status, exact.reason)
    assert ending.time_error == 0
    if ending.status == "diverged":  # then the last record is not the last step
        return
    np.testing.assert_array_equal(recorded["gamma"][-1], exact.gamma[-1])


# A leap that ends in a jump: the learning rate is so large that the escape is over in few steps.
JUMPY = Problem.theorem_regime(2000, 6, 3, 2, 1.0, eta=10.0)


@pytest.mark.parametrize("seed", [0, 2, 4])
def test_an_escape_in_large_steps_is_left_to_exact_descent(seed):
    exact = simulate(JUMPY, seed, "gram")
    leaps, settings = [], FlowSettings(rtol=1e-2)
    ending = trained(
        build(JUMPY, seed), settings, 0.05, 1e6, lambda times, _: leaps.append(times[0] % 1 > 0)
    ).ending
    assert any(leaps)
    assert exact.status == ending.status == "reached"
    assert ending.step == pytest.approx(exact.steps[-1], rel=1e-2, abs=1)


def test_a_smaller_rtol_costs_exact_steps_and_brings_the_time_closer():
    exact = simulate(JUMPY, 0, "gram").steps[-1]
    errors, reports = [], []
    for rtol in (0.1, 1e-3, 1e-6):
        told = []
        settings = FlowSettings(rtol)
        ending = trained(
            build(JUMPY, 0), settings, report=lambda times, _, told=told: told.append(times[0])
        ).ending
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
