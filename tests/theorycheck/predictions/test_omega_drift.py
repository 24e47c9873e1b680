"""The omega drift is compared run by run, inside the event of mild pruning."""

from dataclasses import replace

import numpy as np
import pytest

from sims import Problem, simulate
from theorycheck.judging.quantities import in_mild_event, predict_omega
from theorycheck.predictions.limit import Approach
from theorycheck.predictions.omega_drift import judge_drift, measure_drift

pytestmark = pytest.mark.slow

TINY = replace(Problem.theorem_regime(300, 6, 4, 2, 0.8, noise="orthogonal"), sigma_0=1e-3)
SIZES = (1e-4, 1e-6, 1e-8)


def test_ratio_is_of_the_largest_omega():
    run = simulate(TINY, 0)
    assert in_mild_event(run.event)
    assert measure_drift(TINY, 0) == np.abs(run.omega).max() / predict_omega(run)


def test_draw_outside_the_event_has_no_ratio():
    outside = [s for s in range(30) if not in_mild_event(simulate(TINY, s, max_steps=0).event)]
    assert measure_drift(TINY, outside[0]) is None


def verdict(ratios):
    """Ratios of each size and seed; 20 seeds."""
    path = Approach("", SIZES, (None,) * 3)
    return judge_drift([path], [ratios(size) for size in SIZES])


def test_ratios_near_one_are_consistent():
    found = verdict(lambda size: np.linspace(0.999, 1.0, 20))
    assert found.outcome == "consistent"
    assert dict(found.rows[0].more)["within 30 percent"] == 1.0


def test_wide_tail_is_undecided():
    found = verdict(lambda size: [1.0] * 17 + [2.0] * 3)
    assert found.outcome == "undecided"
    assert dict(found.rows[0].more)["within 30 percent"] == pytest.approx(0.85)


def test_ratios_far_from_one_are_refuted():
    assert verdict(lambda size: np.linspace(1.4, 1.5, 20)).outcome == "refuted"


def test_runs_without_a_ratio_are_left_out():
    found = verdict(lambda size: [1.0] * 10 + [None] * 10)
    assert {row.runs for row in found.rows} == {10}
    assert verdict(lambda size: [None] * 20).outcome == "premise not met"
