"""The boundary is read off what classes learned at SNRs around the predicted one."""

import math

import numpy as np
import pytest

import bounds
from theorycheck.predictions.phase_boundary import (
    FACTORS,
    around_boundary,
    boundary_experiment,
    expected_shares,
    judge_boundary,
    moved,
    moved_interval,
    predicted_snr,
    snr_of,
)
from theorycheck.predictions.race import RULES, Raced, problem_at
from theorycheck.running.tasks import run_heaps

PS = (1.0, 0.6, 0.3)


def made_up(ratio, ps=PS, seeds=400, factors=(0.9, 1.1)):
    """Runs whose classes learn from on ratio times the SNR that is predicted for them."""
    rng = np.random.default_rng(1)
    problems = [around_boundary(p, factors, n=20, m=40) for p in ps]
    results = []
    for row in problems:
        own = np.quantile(bounds.phase._critical(row[0].p, 20, 40, 2, 3), rng.random((seeds, 2)),
                          method="inverted_cdf")  # fmt: skip
        for one in row:
            learned = 20 * (snr_of(one) / ratio(one.p)) ** 3 >= own
            results.append(
                [Raced(tuple(pair.tolist()), ((True,) * len(RULES),) * 2) for pair in learned]
            )
    return judge_boundary(problems, results)


def test_boundary_in_place_is_consistent():
    verdict = made_up(lambda p: 1.0)
    assert verdict.outcome == "consistent"
    assert len(verdict.rows) == 3
    for row in verdict.rows:
        assert row.ratio == pytest.approx(1, abs=0.03)
        assert row.low < 1 < row.high


def test_boundary_that_is_moved_is_measured():
    verdict = made_up(lambda p: 1.1 if p == 0.6 else 0.95)
    assert [row.ratio for row in verdict.rows] == pytest.approx([0.95, 1.1, 0.95], rel=0.03)
    more = dict(verdict.rows[1].more)
    assert more["measured SNR"] == pytest.approx(1.1 * predicted_snr(problem_at(1, 0.6)), rel=0.03)
    assert more["learned at 0.9 of it"] < more["predicted at 0.9 of it"]


@pytest.mark.parametrize("ratio", [0.6, 1.6])
def test_boundary_out_of_range_is_refuted(ratio):
    verdict = made_up(lambda p: ratio if p == 0.6 else 1.0)
    assert verdict.outcome == "refuted"
    assert "p = 0.6" in verdict.reason


def test_few_runs_leave_it_open():
    assert made_up(lambda p: 1.15, seeds=6).outcome == "undecided"


def test_two_settings_leave_it_open():
    assert made_up(lambda p: 1.0, PS[:2]).outcome == "undecided"


def test_problems_lie_around_the_predicted_snr():
    low, at, high = around_boundary(0.5, (2.0, 0.5, 1.0), n=8, m=6, d=1000)
    assert snr_of(at) == pytest.approx(bounds.even_snr(0.5, 8, 6, 2, 3))
    assert (snr_of(low), snr_of(high)) == pytest.approx((snr_of(at) / 2, 2 * snr_of(at)))
    assert (at.n, at.m, at.d, at.p) == (8, 6, 1000, 0.5)


def test_p_at_which_fewer_than_half_can_learn_is_refused():
    with pytest.raises(ValueError, match=r"half of the classes to learn, got 0\.01"):
        around_boundary(0.01, n=8, m=6)


def test_law_is_moved_until_as_many_learn():
    problem = problem_at(1.0, 1.0, n=20, m=40)
    at = predicted_snr(problem)
    (shares,) = expected_shares(problem, [at])
    assert (np.diff(shares) <= 0).all()
    assert moved(0.5, shares) == pytest.approx(1, abs=0.01)
    higher = bounds.learned_share(at / 1.2, 1.0, 20, 40, 2, 3)
    assert moved(higher, shares) == pytest.approx(1.2, abs=0.01)
    assert moved(shares[0] + 0.01, shares) == 0.0 or shares[0] == 1.0
    assert moved(-0.01, shares) == math.inf


def test_interval_narrows_with_seeds():
    (shares,) = expected_shares(problem_at(1.0, 1.0, n=20, m=40), [0.464])
    rng, widths = np.random.default_rng(0), []
    for seeds in (20, 320):
        low, high = moved_interval(rng.binomial(2, 0.5, seeds) / 2, shares)
        assert FACTORS[0] < low < high < FACTORS[-1]
        widths.append(math.log(high / low))
    assert widths[1] < 0.5 * widths[0]


def test_real_runs_are_measured():
    rows = [around_boundary(1.0, n=3, m=5, d=10**12, sigma_0=1e-3)]
    experiment = boundary_experiment(rows, range(10))
    verdict = experiment.judge(run_heaps(experiment.heaps, None, False))
    assert verdict.rows[0].runs == 10
    assert 0.5 < verdict.rows[0].ratio < 2
