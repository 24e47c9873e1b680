"""Which method leaps when, and that a run feels nothing of the change."""

from dataclasses import replace

import numpy as np
import pytest

from sims import Problem, leap
from sims.arrive import arrive
from sims.dense import at
from sims.flow import FlowSettings
from sims.gram_law import build
from sims.rows import EXACT, ORDER_8, STABILIZED, Rows, Start

REGIME = Problem.theorem_regime(10_000, 10, 6, 2, 1.0)
OVER_PRUNED = replace(REGIME, p=1 / (12 * np.log(10_000)))
ONE = np.zeros(1, int)


def leaping(rows):
    """Leap with the one row of a stack, and yield every accepted step with its method."""
    while (does := int(rows.does[0])) in (ORDER_8, STABILIZED):
        tries = leap.try_order_8 if does == ORDER_8 else leap.try_stabilized
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            step = tries(rows, ONE)
            arrive(rows, step)
        if step.accepted[0]:
            yield does, step


def started(seed):
    """A stack of one run that never hands over to exact descent, at the start of its leap."""
    settings = FlowSettings(hand_over=False)
    rows = Rows([Start(0, build(OVER_PRUNED, seed), True, 0.05, 1e22)], settings)
    leap.begin(rows, ONE)
    return rows


def test_the_method_is_the_one_that_suits():
    rows = started(0)
    done = [(does, step) for does, step in leaping(rows)]
    methods = [does for does, _ in done]
    assert rows.endings[0].status == "reached"
    assert methods[0] == methods[-1] == ORDER_8  # at the start, and through the escape
    assert STABILIZED in methods
    for does, step in done:
        if does == STABILIZED:  # on a plateau the loss does not move
            assert 0.05 < step.seen.loss[0] < np.log(2)


def test_changes_of_the_method_are_hidden():
    rows, clock, c = started(0), 0.0, None
    changes, last = 0, ORDER_8
    for does, step in leaping(rows):
        assert step.clock[0] - step.h[0] == pytest.approx(clock, rel=1e-12)
        values = [at(step.before, step.inside(ONE), ONE, np.array([x])) for x in (0.0, 1.0)]
        if c is not None:
            np.testing.assert_array_equal(values[0], c)
        size = np.abs(step.after).max()
        np.testing.assert_allclose(values[1], step.after, rtol=0, atol=1e-12 * size)
        changes, last = changes + (does != last), does
        clock, c = step.clock[0], step.after
    assert changes >= 2


@pytest.mark.slow
def test_without_the_stabilized_method_a_plateau_takes_the_same_time(monkeypatch):
    ends, evaluations = [], []
    for stiff in (leap.STIFF, np.inf):
        monkeypatch.setattr(leap, "STIFF", stiff)
        rows = started(0)
        methods = {does for does, _ in leaping(rows)}
        ends.append(rows.endings[0].step)
        evaluations.append(methods)
    assert evaluations == [{ORDER_8, STABILIZED}, {ORDER_8}]
    assert ends[0] == pytest.approx(ends[1], rel=1e-5)


def test_a_step_too_short_for_its_clock_is_left_to_exact_descent():
    for does, tries in ((ORDER_8, leap.try_order_8), (STABILIZED, leap.try_stabilized)):
        rows = started(0)
        rows.does[0], rows.clock[0], rows.h[0], rows.rejected[0] = does, 1e16, 1e-3, True
        assert tries(rows, ONE) is None
        assert rows.does[0] == EXACT
        assert (rows.begin[0], rows.clock[0]) == (1e16, 0.0)
