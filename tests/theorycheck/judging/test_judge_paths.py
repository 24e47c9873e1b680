"""Several paths and several claims in one check, paths along epsilon, and what is asked once."""

from dataclasses import replace

import pytest

import bounds
from sims import Problem
from theorycheck.judging.family import Family
from theorycheck.judging.judge import judge_claim, judge_paths, judge_theorem, order_claims

MILD, OVER = bounds.THEOREMS["mild-pruning"], bounds.THEOREMS["over-pruning"]


@pytest.fixture
def two_paths(runs_along, power_law, long_path):
    """Two paths of mild pruning with other runs on each."""
    family = long_path["mild-pruning"]
    other = replace(family, problems=tuple(replace(one, p=0.9) for one in family.problems))
    return [
        (family, runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3, 0.5))),
        (other, runs_along("mild-pruning", "no-noise", power_law(1.5, 0.9, 0.5), family=other)),
    ]


def test_one_path_is_judged_as_by_itself(everything, two_paths):
    for path in two_paths:
        assert everything(judge_paths(MILD, [path])) == everything([judge_theorem(MILD, *path)])


def test_paths_together_share_one_rate_of_error(two_paths):
    by_path = judge_paths(MILD, two_paths)
    assert [[one.claim for one in here] for here in by_path] == [
        [*MILD.claims, "probability"],
        [*MILD.claims],
    ]
    together = [one for here in by_path for one in here]
    alone = [one for path in two_paths for one in judge_theorem(MILD, *path)][:-1]
    assert [one.slope for one in together] == [one.slope for one in alone]


def test_draws_that_are_enough_for_one_path_are_too_few_for_four(runs_along, power_law, long_path):
    # five claims: ceil(log2(5 / 0.005)) = 10 draws for one path, 12 for four
    family = long_path["mild-pruning"]
    for draws, count, outcome in (
        (9, 1, "undecided"),
        (10, 1, "refuted"),
        (11, 4, "undecided"),
        (12, 4, "refuted"),
    ):
        runs = runs_along("mild-pruning", "no-noise", power_law(1.0, 0.9), seeds=range(draws))
        found = judge_claim(MILD, MILD.claims["no-noise"], [(family, runs)] * count)
        assert {one.outcome for one in found} == {outcome}


def test_claims_of_the_whole_check_are_counted(runs_along, power_law, long_path):
    path = (
        long_path["mild-pruning"],
        runs_along("mild-pruning", "no-noise", power_law(1.0, 0.9), seeds=range(10)),
    )

    def outcome(together):
        verdicts = judge_paths(MILD, [path], together)[0]
        return {one.claim: one.outcome for one in verdicts}["no-noise"]

    assert order_claims(MILD) == 5
    assert order_claims(OVER) == 3
    assert [outcome(count) for count in (None, 5, 6)] == ["refuted", "refuted", "undecided"]


def test_claim_is_judged_path_by_path(two_paths):
    verdicts = judge_claim(MILD, MILD.claims["no-noise"], two_paths)
    assert [one.outcome for one in verdicts] == ["consistent", "refuted"]


def test_claim_alone_says_what_it_says_among_its_theorem(everything, two_paths):
    for path in two_paths:
        (alone,) = judge_claim(MILD, MILD.claims["no-noise"], [path])
        among = {one.claim: one for one in judge_theorem(MILD, *path)}["no-noise"]
        assert everything(alone) == everything(among)


def test_exact_claim_is_judged_on_every_path(two_paths):
    verdicts = judge_claim(MILD, MILD.claims["train-loss"], two_paths)
    assert [one.outcome for one in verdicts] == ["consistent", "consistent"]


# paths along epsilon


def epsilon_path(count=5):
    problem = Problem.theorem_regime(100_000, 30, 20, 2, 0.5)
    epsilons = tuple(0.5 * 4.0**-k for k in range(count))
    return Family("epsilon", (problem,), "all but epsilon fixed", "down", epsilons=epsilons)


def test_bound_moves_with_the_epsilon_of_the_runs(made_up_run):
    family = epsilon_path()
    claim = MILD.claims["test-loss"]  # K epsilon + exp(-n^2 / p)
    runs = [
        made_up_run("mild-pruning", problem, seed, {"test-loss": 9 * epsilon**0.5}, epsilon=epsilon)
        for problem, epsilon in family.points
        for seed in range(12)
    ]
    (verdict,) = judge_claim(MILD, claim, [(family, runs)])
    assert [one.size for one in verdict.sizes] == list(family.epsilons)
    assert [one.bound for one in verdict.sizes] == pytest.approx([2 * e for e in family.epsilons])
    # measured / bound = 4.5 epsilon^-1/2, which grows as epsilon falls
    assert verdict.slope.median == pytest.approx(0.5)
    assert verdict.outcome == "refuted"


def test_runs_of_several_epsilons_are_refused_elsewhere(runs_along, power_law, long_path):
    runs = runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3))
    mixed = [replace(runs[0], epsilon=0.1), *runs[1:]]
    with pytest.raises(ValueError, match=r"share one epsilon along d, got \[0.05, 0.1\]"):
        judge_theorem(MILD, long_path["mild-pruning"], mixed)


def test_path_without_a_run_is_refused(long_path):
    with pytest.raises(ValueError, match="at least one run of the path, got none"):
        judge_theorem(MILD, long_path["mild-pruning"], [])


def test_run_of_no_problem_on_the_path_does_not_count(
    everything, runs_along, power_law, verdict_of
):
    runs = runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3))
    strayed = [replace(one, problem=replace(one.problem, n=31)) for one in runs[:20]]
    one, other = (verdict_of("mild-pruning", "no-noise", some) for some in (runs, runs + strayed))
    assert everything(one) == everything(other)


# fast enough to be asked often


def test_judging_one_claim_repeats_no_premise(two_paths, monkeypatch):
    judge_claim(MILD, MILD.claims["no-noise"], two_paths)
    monkeypatch.setattr(bounds.Condition, "holds", lambda *_: pytest.fail("asked again"))
    monkeypatch.setattr(bounds.Condition, "implied_constant", lambda *_: pytest.fail("again"))
    judge_claim(MILD, MILD.claims["no-cross-signal"], two_paths)


def test_bound_is_evaluated_once_a_problem(two_paths, monkeypatch):
    asked = []
    evaluate = bounds.Claim.evaluate

    def counted(claim, parameters, log=False):
        asked.append(parameters["d"])
        return evaluate(claim, parameters, log)

    monkeypatch.setattr(bounds.Claim, "evaluate", counted)
    judge_claim(MILD, MILD.claims["no-noise"], two_paths)
    assert len(asked) == 10  # five problems on each path
