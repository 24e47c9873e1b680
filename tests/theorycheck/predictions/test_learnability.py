"""What classes learned is counted on trained networks and tested jointly."""

import numpy as np
import pytest

import bounds
from sims import Problem, simulate
from sims.draw import draw_labels
from theorycheck.predictions.experiments import learnable_problem
from theorycheck.predictions.learnability import (
    Learned,
    holm,
    judge_learnability,
    learnability_experiment,
    seeds_with_samples,
    target_loss,
    train,
    what_learned,
)
from theorycheck.running.tasks import run_heaps

pytestmark = pytest.mark.slow

TINY = learnable_problem(0.5, 3, 2, n=4, d=100, snr=4.0, sigma_0=0.3)
# signal so weak that noise is memorized first
LOUD = Problem(400, 4, 3, 2, 1.0, 0.02, 0.05, 0.5, 0.5, noise="orthogonal")


@pytest.fixture(scope="module")
def trained():
    return train(TINY, seeds_with_samples(TINY, 20))


def test_at_high_snr_classes_learn_what_their_draw_says(trained):
    assert {one.learned for one in trained} > {(True, True)}
    assert all(one.learned == one.learnable for one in trained)


def test_memorized_class_has_not_learned():
    run = simulate(LOUD, 0, "gram", target_loss(LOUD))
    assert run.status == "reached"
    assert what_learned(run).learnable == (True, True)
    assert what_learned(run).learned == (False, False)


def test_target_leaves_no_sample_guessed():
    # one sample at chance, all others perfect
    assert target_loss(TINY) < np.log(2) / TINY.n


def test_seeds_are_the_first_without_an_empty_class():
    problem = learnable_problem(0.5, 3, 3, n=4)
    seeds = seeds_with_samples(problem, 10)
    full = [s for s in range(seeds[-1] + 1) if set(draw_labels(problem, s)) == {0, 1, 2}]
    assert seeds == full
    assert seeds[-1] > 9


@pytest.mark.parametrize(
    ("p_values", "rejected"),
    [
        ([0.001, 0.2, 0.004], [True, False, True]),  # 0.01/3 and 0.01/2
        ([0.004, 0.2, 0.004], [False, False, False]),
        ([0.5], [False]),
        ([0.009], [True]),
    ],
)
def test_holm_by_hand(p_values, rejected):
    assert holm(p_values, 0.01) == rejected


PROBLEMS = [learnable_problem(p, m, 2) for p, m in ((0.3, 10), (0.5, 5), (0.12, 20))]


def results(shares, runs):
    """So many runs of each problem in which both classes learned, in pieces of half of them."""
    found = []
    for share in shares:
        both = round(share * runs)
        one = [Learned((True, True), (True, i < both), "reached") for i in range(runs)]
        found.append([one[: runs // 2], one[runs // 2 :]])
    return found


def predicted():
    return [bounds.learnable_probability(one.m, one.p, one.K) for one in PROBLEMS]


def test_frequencies_as_predicted_are_consistent():
    verdict = judge_learnability(PROBLEMS, results(predicted(), 500))
    assert verdict.outcome == "consistent"
    assert [row.runs for row in verdict.rows] == [500] * 3
    assert all(row.low < 1 < row.high for row in verdict.rows)


def test_frequency_far_off_is_refuted():
    shares = predicted()
    verdict = judge_learnability(PROBLEMS, results([shares[0], 0.7 * shares[1], shares[2]], 1000))
    assert verdict.outcome == "refuted"
    assert verdict.reason.startswith("beyond 10% at p = 0.5, m = 5")


def test_frequency_that_is_rejected_but_near_is_undecided():
    shares = predicted()
    found = results([shares[0], 1.05 * shares[1], shares[2]], 40_000)
    assert judge_learnability(PROBLEMS, found).outcome == "undecided"


def test_two_settings_are_undecided():
    assert judge_learnability(PROBLEMS[:2], results(predicted()[:2], 500)).outcome == "undecided"


def test_study_joins_its_pieces():
    experiment = learnability_experiment([TINY], 130)
    assert [len(heap) for heap in experiment.heaps] == [2]
    verdict = experiment.judge(run_heaps(experiment.heaps, None, progress=False))
    assert verdict.rows[0].runs == 130
    assert "in 130 of 130 runs" in verdict.reason
