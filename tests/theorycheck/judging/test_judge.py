"""Which runs count, what is summed up, and what is judged together."""

import json
import math
from dataclasses import replace
from typing import get_type_hints

import numpy as np
import pytest
import sympy

import bounds
from bounds import Condition
from bounds.symbols import d, mu, n, q, sigma_n
from sims import Event, Problem, simulate
from theorycheck.files import as_json, without_gaps
from theorycheck.judging import slopes
from theorycheck.judging.family import Family
from theorycheck.judging.judge import judge_claim, judge_path_lemma, judge_paths, judge_theorem
from theorycheck.judging.quantities import EVENTS
from theorycheck.judging.verdict import OUTCOMES
from theorycheck.reporting.document import verdict_record

EPSILON = 0.05
MILD, OVER = bounds.THEOREMS["mild-pruning"], bounds.THEOREMS["over-pruning"]
THEOREMS = [MILD, OVER]
BOTH = pytest.mark.parametrize("theorem", THEOREMS, ids=lambda theorem: theorem.id)


# premises


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
    verdict = judge_theorem(theorem, family, runs)[-2]
    assert (verdict.claim, verdict.outcome, verdict.runs) == ("test-loss-exact", "holds", 12)
    assert "left out d = 1000, 10000, where a premise is not kept" in verdict.reason
    kept = replace(theorem, conditions={})
    assert judge_theorem(kept, family, runs)[-2].outcome == "refuted"


def test_exact_claim_without_a_run_where_its_premises_are_kept_is_not_judged(
    made_up_run, long_path
):
    family = at_snr(long_path["over-pruning"], lambda d: (d / 2e4) ** 0.9)
    theorem = replace(OVER, conditions=needs_snr("lower").conditions)
    runs = [
        made_up_run("over-pruning", one, 0, {"test-loss": 0.1}, in_event=one.d < 10**5)
        for one in family.problems
    ]
    verdict = judge_theorem(theorem, family, runs)[-2]
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


# the event


def test_runs_outside_the_event_do_not_count(runs_along, power_law, verdict_of):
    good = runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3))
    bad = runs_along("mild-pruning", "no-noise", power_law(1e9, 2), seeds=(27, 28), in_event=False)
    with_bad = verdict_of("mild-pruning", "no-noise", [*bad, *good])
    without = verdict_of("mild-pruning", "no-noise", good)
    assert with_bad.outcome == without.outcome == "consistent"
    assert (with_bad.slope, with_bad.implied_constant) == (without.slope, without.implied_constant)
    assert (with_bad.runs, with_bad.total) == (75, 85)


def test_order_of_the_runs_does_not_matter(runs_along, power_law, verdict_of):
    runs = runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3, 0.5))
    shuffled = [runs[index] for index in np.random.default_rng(0).permutation(len(runs))]
    one, other = (verdict_of("mild-pruning", "no-noise", some) for some in (runs, shuffled))
    assert (one.outcome, one.reason, one.sizes) == (other.outcome, other.reason, other.sizes)
    assert one.slope_interval == pytest.approx(other.slope_interval, rel=1e-9)


# size by size


def test_sizes_are_summed_up_by_median_and_quantile(runs_along, power_law, verdict_of, long_path):
    constant = power_law(0.5, -0.3, 0.4)
    runs = runs_along("mild-pruning", "no-noise", constant)
    verdict = verdict_of("mild-pruning", "no-noise", runs)
    for summary, problem in zip(verdict.sizes, long_path["mild-pruning"].problems, strict=True):
        values = [constant(problem.d, seed) for seed in range(15)]
        bound = MILD.claims["no-noise"].evaluate(problem.parameters())
        assert summary.bound == pytest.approx(bound)
        assert summary.implied == pytest.approx(np.median(values))
        assert summary.implied_high == pytest.approx(math.exp(np.quantile(np.log(values), 0.9)))
        assert summary.measured == pytest.approx(np.median(values) * bound)
        assert (summary.in_event, summary.runs) == (15, 15)


def test_quantile_of_a_lower_bound_is_on_its_bad_side(runs_along, power_law, verdict_of):
    constant = power_law(5.0, 0.2, 0.4)
    verdict = verdict_of(
        "mild-pruning", "signal-learned", runs_along("mild-pruning", "signal-learned", constant)
    )
    largest = verdict.sizes[-1]
    values = [constant(largest.size, seed) for seed in range(15)]
    assert largest.implied_high == pytest.approx(math.exp(np.quantile(np.log(values), 0.1)))
    assert largest.implied_high < largest.implied


# what never happens


@pytest.mark.parametrize(
    ("theorem", "claim"),
    [
        ("mild-pruning", "no-noise"),
        ("mild-pruning", "signal-learned"),
        ("over-pruning", "no-signal"),
        ("over-pruning", "test-loss"),
    ],
)
@pytest.mark.parametrize("share", [1, 2], ids=["every run", "every second run"])
def test_nan_never_supports_an_outcome(theorem, claim, share, long_path, made_up_run, verdict_of):
    true = 0.0 if claim == "no-signal" else 0.9
    runs = [
        made_up_run(theorem, problem, seed, {claim: math.nan if seed % share == 0 else true})
        for problem in long_path[theorem].problems
        for seed in range(14)
    ]
    assert verdict_of(theorem, claim, runs).outcome == "undecided"


@BOTH
@pytest.mark.parametrize("status", ["reached", "stalled", "diverged"])
@pytest.mark.parametrize("in_event", [True, False])
def test_every_verdict_can_be_written_down(theorem, status, in_event, made_up_run, long_path):
    family = long_path[theorem.id]
    runs = [
        made_up_run(
            theorem.id,
            problem,
            seed,
            {"stopping-time": math.inf, "no-noise": 0.0, "noise-memorized": 0.0},
            status=status,
            in_event=in_event,
            predicted_omega=math.nan,
        )
        for problem in family.problems
        for seed in range(3)
    ]
    for verdict in judge_theorem(theorem, family, runs):
        assert verdict.outcome in OUTCOMES
        assert verdict.reason
        assert "nan" not in verdict.reason
        record = without_gaps(verdict_record(verdict, family, runs))
        json.loads(as_json(record), parse_constant=pytest.fail)


@pytest.mark.parametrize(
    ("count", "seeds", "outcome"),
    [(5, 12, "consistent"), (1, 12, "undecided"), (5, 11, "undecided")],
)
def test_path_lemma_is_judged_like_an_order(count, seeds, outcome, long_path, made_up_run):
    family = long_path["mild-pruning"]
    family = replace(family, problems=family.problems[:count])
    runs = [
        made_up_run("mild-pruning", one, seed, {"gradient-norm": 0.3}, in_event=seed % 2 == 0)
        for one in family.problems
        for seed in range(seeds)
    ]
    verdict = judge_path_lemma(family, runs)
    assert (verdict.theorem, verdict.claim, verdict.outcome) == (
        "lemmas",
        "gradient-norm",
        outcome,
    )
    # the lemma speaks of every path, in the event of the theorem or not
    assert verdict.runs == verdict.total == count * seeds


def test_path_lemma_with_a_growing_constant_is_refuted(long_path, made_up_run, power_law):
    family, constant = long_path["mild-pruning"], power_law(2.0, 0.4)
    runs = [
        made_up_run("mild-pruning", one, seed, {"gradient-norm": constant(one.d, seed)})
        for one in family.problems
        for seed in range(12)
    ]
    assert judge_path_lemma(family, runs).outcome == "refuted"


def test_verdicts_come_in_the_order_of_the_theorem(runs_along, power_law, long_path):
    runs = runs_along("mild-pruning", "no-noise", power_law(0.5, 0))
    verdicts = judge_theorem(MILD, long_path["mild-pruning"], runs)
    assert [one.claim for one in verdicts] == list(MILD.claims)
    assert {one.theorem for one in verdicts} == {"mild-pruning"}


def test_family_of_another_parameter_is_judged_along_it(made_up_run, verdict_of):
    problems = tuple(Problem.theorem_regime(100_000, n, 20, 2, 0.5) for n in (10, 20, 40, 80, 160))
    family = Family("n", problems, "all but n fixed")
    runs = [
        made_up_run("mild-pruning", one, seed, {"signal-learned": 1.0})
        for one in problems
        for seed in range(12)
    ]
    verdict = verdict_of("mild-pruning", "signal-learned", runs, family=family)
    assert verdict.outcome == "consistent"
    assert verdict.along == "n"
    assert verdict.holds_from == 10


# several paths together


@pytest.fixture
def two_paths(runs_along, power_law, long_path):
    """Two paths of mild pruning with other runs on each."""
    family = long_path["mild-pruning"]
    other = replace(family, problems=tuple(replace(one, p=0.9) for one in family.problems))
    return [
        (family, runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3, 0.5))),
        (other, runs_along("mild-pruning", "no-noise", power_law(0.5, 0.9, 0.5), family=other)),
    ]


def test_one_path_is_judged_as_by_itself(two_paths):
    for path in two_paths:
        assert repr(judge_paths(MILD, [path])) == repr([judge_theorem(MILD, *path)])


def test_paths_together_share_one_rate_of_error(two_paths):
    by_path = judge_paths(MILD, two_paths)
    assert [[one.claim for one in here] for here in by_path] == 2 * [list(MILD.claims)]
    together = [one for here in by_path for one in here]
    alone = [one for path in two_paths for one in judge_theorem(MILD, *path)]
    assert [one.slope.mean for one in together] == pytest.approx(
        [one.slope.mean for one in alone], nan_ok=True
    )
    # ten claims with an order, five on each path: the first is read at a tenth of the rate
    assert max(one.slope.level for one in together if one.slope.seeds) == pytest.approx(0.999)
    assert max(one.slope.level for one in alone if one.slope.seeds) == pytest.approx(0.998)


def test_claim_is_judged_path_by_path(two_paths):
    verdicts = judge_claim(MILD, MILD.claims["no-noise"], two_paths)
    assert [one.outcome for one in verdicts] == ["consistent", "refuted"]
    assert sorted(one.slope.level for one in verdicts) == pytest.approx([0.99, 0.995])
    # what no outcome depends on is left out
    assert all(one.holds_from_interval is None for one in verdicts)


def test_claim_alone_says_what_it_says_among_its_theorem(two_paths):
    path = two_paths[0]
    (alone,) = judge_claim(MILD, MILD.claims["no-noise"], [path])
    among = {one.claim: one for one in judge_theorem(MILD, *path)}["no-noise"]
    assert (alone.sizes, alone.slope.mean) == (among.sizes, among.slope.mean)


def test_exact_claim_is_judged_on_every_path(two_paths):
    verdicts = judge_claim(MILD, MILD.claims["train-loss"], two_paths)
    assert [one.outcome for one in verdicts] == ["holds", "holds"]


# paths along epsilon


def epsilon_path(count=5):
    problem = Problem.theorem_regime(100_000, 30, 20, 2, 0.5)
    epsilons = tuple(0.5 * 4.0**-k for k in range(count))
    return Family("epsilon", (problem,), "all but epsilon fixed", "down", epsilons=epsilons)


def test_bound_moves_with_the_epsilon_of_the_runs(made_up_run):
    family = epsilon_path()
    claim = MILD.claims["test-loss"]  # K epsilon + exp(-n^2 / p)
    runs = [
        made_up_run("mild-pruning", problem, seed, {"test-loss": epsilon**0.5}, epsilon=epsilon)
        for problem, epsilon in family.points
        for seed in range(12)
    ]
    (verdict,) = judge_claim(MILD, claim, [(family, runs)])
    assert [one.size for one in verdict.sizes] == list(family.epsilons)
    assert [one.bound for one in verdict.sizes] == pytest.approx([2 * e for e in family.epsilons])
    # measured / bound = epsilon^-1/2 / 2, which grows as epsilon falls
    assert verdict.slope.mean == pytest.approx(0.5)
    assert verdict.outcome == "refuted"
    assert "(1/epsilon)^+0.50" in verdict.reason


def test_runs_of_several_epsilons_are_refused_elsewhere(runs_along, power_law, long_path):
    runs = runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3))
    mixed = [replace(runs[0], epsilon=0.1), *runs[1:]]
    with pytest.raises(ValueError, match=r"share one epsilon along d, got \[0.05, 0.1\]"):
        judge_theorem(MILD, long_path["mild-pruning"], mixed)


def test_path_without_a_run_is_refused(long_path):
    with pytest.raises(ValueError, match="at least one run of the path, got none"):
        judge_theorem(MILD, long_path["mild-pruning"], [])


def test_run_of_no_problem_on_the_path_does_not_count(runs_along, power_law, verdict_of):
    runs = runs_along("mild-pruning", "no-noise", power_law(0.5, -0.3))
    strayed = [replace(one, problem=replace(one.problem, n=31)) for one in runs[:20]]
    one, other = (verdict_of("mild-pruning", "no-noise", some) for some in (runs, runs + strayed))
    assert repr(one) == repr(other)


# the event is decided by the draw


def test_event_is_a_function_of_the_draw_alone():
    for decide in EVENTS.values():
        (argument,) = get_type_hints(decide).keys() - {"return"}
        assert get_type_hints(decide)[argument] is Event


@pytest.mark.parametrize(("event", "p"), [("learnable", 0.3), ("memorizable", 0.06)])
def test_permuted_trajectories_leave_the_same_draws_in_the_event(event, p):
    problem = Problem(d=40, n=6, m=3, K=2, p=p, mu=1.0, sigma_n=0.3, sigma_0=0.4, eta=0.1)
    runs = [simulate(problem, seed, "gram", 0.4, max_steps=5) for seed in range(12)]
    inside = [EVENTS[event](run.event) for run in runs]
    assert True in inside
    assert False in inside
    for shift in (1, 5):
        course = [
            {name: getattr(runs[(index + shift) % 12], name) for name in COURSE}
            for index in range(12)
        ]
        permuted = [replace(run, **other) for run, other in zip(runs, course, strict=True)]
        assert [EVENTS[event](run.event) for run in permuted] == inside


COURSE = ("steps", "loss", "gradient_norm2", "gamma", "rho", "status", "reason")


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


def test_judging_one_claim_bootstraps_nothing_that_decides_nothing(two_paths, monkeypatch):
    monkeypatch.setattr(slopes, "resample", lambda *_: pytest.fail("resampled"))
    judge_claim(MILD, MILD.claims["no-noise"], two_paths)
