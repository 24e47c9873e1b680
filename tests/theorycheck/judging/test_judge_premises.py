"""Premises of a theorem: what a path that leaves them is not held to, and what it says."""

import math
from dataclasses import replace

import pytest
import sympy

import bounds
from bounds import Condition
from bounds.symbols import d, mu, n, q, sigma_n
from theorycheck.judging.judge import judge_path_lemma, judge_theorem

MILD, OVER = bounds.THEOREMS["mild-pruning"], bounds.THEOREMS["over-pruning"]
THEOREMS = [MILD, OVER]
BOTH = pytest.mark.parametrize("theorem", THEOREMS, ids=lambda theorem: theorem.id)


@BOTH
def test_other_power_fails_the_premise_of_every_claim(theorem, runs_along, power_law, long_path):
    family = long_path[theorem.id]
    family = replace(family, problems=tuple(replace(one, q=2.5) for one in family.problems))
    runs = runs_along(theorem.id, "stopping-time", power_law(1e6, 0.5), family=family)
    verdicts = judge_theorem(theorem, family, runs)
    assert {one.outcome for one in verdicts} == {"premise not met"}
    assert all("q = 3" in one.reason for one in verdicts)


@BOTH
def test_no_run_in_the_event_is_a_premise_not_met(theorem, runs_along, power_law, long_path):
    runs = runs_along(theorem.id, "stopping-time", power_law(1e6, 0.5), in_event=False)
    verdicts = judge_theorem(theorem, long_path[theorem.id], runs)
    assert {one.outcome for one in verdicts} == {"premise not met"}
    assert all(theorem.event in one.reason for one in verdicts)
    assert {(one.runs, one.total) for one in verdicts} == {(0, 75)}


SNR = mu / (sigma_n * sympy.sqrt(d))


def needs_snr(direction):
    """The theorem with one premise of a user's, and no other."""
    snr = Condition("snr", "n SNR^q = X~(1)", n * SNR**q, direction, MILD.source, 1.0, "C_snr")
    return replace(MILD, id="own", conditions={"snr": snr})


def at_snr(family, constant):
    """A path with n SNR^q = constant(d)."""

    def moved(one):
        snr = (constant(one.d) / one.n) ** (1 / 3)
        return replace(one, sigma_n=1 / (snr * math.sqrt(one.d)))

    return replace(family, problems=tuple(map(moved, family.problems)))


@pytest.mark.parametrize("direction", ["lower", "upper"])
@pytest.mark.parametrize(
    ("constant", "outcome", "left"),
    [
        (lambda d: 0.01, "premise not met", "C_snr is SMALL there"),
        (lambda d: (1e5 / d) ** 0.9, "premise not met", "at d = 1e+06, 1e+07"),
        (lambda d: 100.0, "refuted", ""),
        (lambda d: (d / 2e4) ** 0.9, "refuted", ""),
    ],
    ids=["never", "leaves", "always", "from some size on"],
)
def test_premise_of_a_user_decides_whether_a_claim_can_be_refuted(
    direction, constant, outcome, left, runs_along, power_law, long_path
):
    power = 1 if direction == "lower" else -1
    family = at_snr(long_path["mild-pruning"], lambda d: constant(d) ** power)
    runs = runs_along("mild-pruning", "no-noise", power_law(1.0, 0.5), family=family)
    verdicts = {one.claim: one for one in judge_theorem(needs_snr(direction), family, runs)}
    verdict = verdicts["no-noise"]
    assert verdict.outcome == outcome
    assert [one.id for one in verdict.premises] == ["snr"]
    assert verdict.premises[0].implied == pytest.approx(
        [constant(one.d) ** power for one in family.problems]
    )
    small = "0.01" if direction == "lower" else "100"
    assert left.replace("SMALL", small) in verdict.reason
    if outcome == "premise not met":
        assert {one.outcome for one in verdicts.values()} == {outcome}
        assert f"at {'least' if direction == 'lower' else 'most'} 1 is declared" in verdict.reason


def test_exact_claim_is_held_to_the_sizes_where_its_premises_are_kept(made_up_run, long_path):
    # n SNR^q >= 1 fails at the first two sizes, where every run contradicts a derived claim
    family = at_snr(long_path["over-pruning"], lambda d: (d / 2e4) ** 0.9)
    theorem = replace(OVER, conditions=needs_snr("lower").conditions)
    runs = [
        made_up_run("over-pruning", one, seed, {"test-loss": 0.1 if one.d < 10**5 else 0.8})
        for one in family.problems
        for seed in range(4)
    ]
    verdict = judge_theorem(theorem, family, runs)[-3]
    assert (verdict.claim, verdict.outcome, verdict.runs) == ("test-loss-exact", "holds", 12)
    assert "left out d = 1000, 10000, where a premise is not kept" in verdict.reason
    kept = replace(theorem, conditions={})
    assert judge_theorem(kept, family, runs)[-3].outcome == "refuted"


def test_exact_claim_without_a_run_where_its_premises_are_kept_is_not_judged(
    made_up_run, long_path
):
    family = at_snr(long_path["over-pruning"], lambda d: (d / 2e4) ** 0.9)
    theorem = replace(OVER, conditions=needs_snr("lower").conditions)
    runs = [
        made_up_run("over-pruning", one, 0, {"test-loss": 0.1}, in_event=one.d < 10**5)
        for one in family.problems
    ]
    verdict = judge_theorem(theorem, family, runs)[-3]
    assert (verdict.claim, verdict.outcome) == ("test-loss-exact", "premise not met")


def test_verdict_names_the_premises_that_its_path_may_leave(runs_along, power_law, long_path):
    names = ("initialization", "few-classes", "width", "samples")
    family = replace(long_path["mild-pruning"], released=names)
    runs = runs_along("mild-pruning", "no-noise", power_law(1.0, 0.5), family=family)
    for verdict in judge_theorem(MILD, family, runs):
        assert f"speaks of the bound, not of the theorem (released: {', '.join(names)})" in (
            verdict.reason
        )


def test_path_lemma_asks_for_the_regime_and_not_for_p(long_path, made_up_run, power_law):
    constant = power_law(2.0, 0.4)

    def verdict(**changes):
        problems = tuple(replace(one, **changes) for one in long_path["mild-pruning"].problems)
        family = replace(long_path["mild-pruning"], problems=problems)
        runs = [
            made_up_run("mild-pruning", one, seed, {"gradient-norm": constant(one.d, seed)})
            for one in problems
            for seed in range(12)
        ]
        return judge_path_lemma(family, runs)

    assert verdict(p=1e-3).outcome == "refuted"
    left = verdict(sigma_n=1e-3)
    assert (left.theorem, left.outcome) == ("lemmas", "premise not met")
    assert "mu = Theta(sigma_n sqrt(d) log d) is not kept" in left.reason
