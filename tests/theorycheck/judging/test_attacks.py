"""Claims made to fool a judge come out right, for the reason that is theirs."""

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy

import bounds
from bounds.statements import BIG_O, OMEGA, SOFT_O, Claim
from bounds.symbols import d, epsilon, sigma_n
from theorycheck.judging.family import mild_family
from theorycheck.judging.judge import judge_claim

MILD = replace(bounds.THEOREMS["mild-pruning"], conditions={})
SOURCE = MILD.claims["no-noise"].source
PATH = mild_family(tuple(10**power for power in range(4, 13)), n=30, m=20, p=0.5)
SHORT_PATH = mild_family(tuple(10**power for power in range(3, 8)), n=30, m=20, p=0.5)
ONE = sympy.Integer(1)
MU = 1.0


def norms2(problem, draw):
    """norm(xi)^2 of every sample, by its own law: sigma_n^2 times a chi square of d."""
    rng = np.random.default_rng([draw, problem.d])
    return problem.sigma_n**2 * rng.chisquare(problem.d, problem.n)


@pytest.fixture
def verdict_on(made_up_run):
    """The verdict on a claim whose left side is `measured(problem, draw)`."""

    def judge(order, bound, measured, *, draws=24, family=PATH, status=None):
        claim = Claim("own", "own", "a quantity", bound, order, SOURCE)
        runs = [
            made_up_run(
                "mild-pruning",
                problem,
                draw,
                {"own": measured(problem, draw)},
                status=status(draw) if status else "reached",
            )
            for problem in family.problems
            for draw in range(draws)
        ]
        (verdict,) = judge_claim(MILD, claim, [(family, runs)])
        return verdict

    return judge


def test_share_that_never_passes_its_constant_is_not_refuted_and_says_where_it_would(verdict_on):
    def share(problem, draw):
        return MU**2 / (MU**2 + 1e4 * norms2(problem, draw)[0])

    verdict = verdict_on(BIG_O, ONE, share)
    assert verdict.outcome == "undecided"
    assert verdict.slope.low > verdict.tolerated_slope
    assert "grows within its constant, the declared constant is never exceeded" in verdict.reason
    assert "it would pass it near d = " in verdict.reason
    assert verdict.constant.median == pytest.approx(0.07, abs=0.005)


def test_growth_that_ends_short_of_its_constant_is_not_refuted_by_scatter(verdict_on):
    def bounded(again):
        def constant(problem, draw):
            scatter = np.random.default_rng([again, draw, problem.d]).normal(0, 0.3)
            return 0.95 * (1 + 0.2) / (1 + 2e11 / problem.d) * math.exp(scatter)

        return constant

    verdicts = [verdict_on(BIG_O, ONE, bounded(again)) for again in range(8)]
    assert {one.outcome for one in verdicts} == {"undecided"}
    divided = [one for one in verdicts if one.constant.median > 1]
    assert divided
    for one in divided:
        assert "it grows, but not enough draws exceed the declared constant" in one.reason


@pytest.mark.parametrize("family", [PATH, SHORT_PATH], ids=["long", "short"])
def test_square_of_a_logarithm_is_what_soft_O_allows(family, verdict_on):
    verdict = verdict_on(
        SOFT_O, ONE, lambda problem, draw: MU**2 / norms2(problem, draw)[0], family=family
    )
    assert verdict.outcome == "consistent"
    assert verdict.reason.startswith("scales as claimed for the median")


@pytest.mark.parametrize("family", [PATH, SHORT_PATH], ids=["long", "short"])
def test_cube_of_a_logarithm_is_like_a_logarithm_under_soft_O(family, verdict_on):
    verdict = verdict_on(
        SOFT_O, ONE, lambda problem, draw: (MU**2 / norms2(problem, draw)[0]) ** 1.5, family=family
    )
    assert verdict.outcome == "undecided"
    assert "like a logarithm, no faster than log(d)^4" in verdict.reason


@pytest.mark.parametrize(("order", "largest"), [(BIG_O, max), (OMEGA, min)])
def test_tight_textbook_bound_is_consistent_whatever_its_constant(order, largest, verdict_on):
    verdict = verdict_on(
        order, sigma_n**2 * d, lambda problem, draw: largest(norms2(problem, draw))
    )
    assert verdict.outcome == "consistent"
    # the hidden constant is 1 and a little, or 1 less a little: constant 1 is kept nowhere
    assert verdict.constant.median == pytest.approx(1, abs=1e-3)
    assert verdict.start.median is None


def test_few_draws_far_beyond_a_bound_show_in_the_constant_and_not_in_the_outcome(verdict_on):
    def five_times(problem, draw):
        return (5.0 if draw % 12 == 0 else 0.9) * norms2(problem, draw)[0]

    verdict = verdict_on(BIG_O, sigma_n**2 * d, five_times, draws=48)
    assert verdict.outcome == "consistent"
    assert verdict.constant.median == pytest.approx(0.9, rel=1e-3)
    assert verdict.constant.limit == pytest.approx(5, rel=1e-3)


@pytest.mark.parametrize(("growing", "outcome"), [(2, "consistent"), (12, "undecided")])
def test_draws_that_grow_are_counted(growing, outcome, verdict_on):
    def some_grow(problem, draw):
        return 0.5 * (math.sqrt(problem.d) if draw < growing else 1.0)

    verdict = verdict_on(BIG_O, ONE, some_grow, draws=50)
    assert verdict.outcome == outcome
    assert verdict.share_within < 1 - growing / 50
    words = {
        "consistent": f"for the median, in at least {math.floor(100 * verdict.share_within)}% of",
        "undecided": "but 12 of 50 draws outgrow the bound, at least 12% (99 %): more than one in",
    }
    assert words[outcome] in verdict.reason


@pytest.mark.parametrize(("stalled", "outcome"), [(15, "consistent"), (30, "undecided")])
def test_draws_without_a_last_step_count_against_a_claim_at_it(stalled, outcome, verdict_on):
    """A claim "the final loss is O(epsilon)", of runs that reach epsilon by definition."""
    verdict = verdict_on(
        BIG_O,
        epsilon,
        lambda *_: 0.9 * 0.05,
        draws=100,
        status=lambda draw: "stalled" if draw < stalled else "reached",
    )
    assert verdict.outcome == outcome
    assert verdict.without_step == stalled
    if outcome == "consistent":
        assert "for the median, in at least 74% of draws" in verdict.reason
        assert "15 of 100 draws have no t* somewhere in the tail" in verdict.reason
    else:
        assert "30 of 100 draws outgrow the bound" in verdict.reason


def test_claim_without_a_last_step_in_most_draws_is_refuted_for_it(verdict_on):
    verdict = verdict_on(
        BIG_O, epsilon, lambda *_: 0.9 * 0.05, draws=100,
        status=lambda draw: "stalled" if draw < 80 else "reached",
    )  # fmt: skip
    assert verdict.outcome == "refuted"
    assert "no constant suffices in 80 of 100 draws: there is no t*" in verdict.reason


@pytest.mark.parametrize(("order", "sign"), [(BIG_O, 1), (OMEGA, -1)])
def test_claim_false_by_a_tenth_of_an_exponent_is_refuted(order, sign, verdict_on):
    def false_by_a_tenth(problem, draw):
        return (problem.d / 1e4) ** (0.1 * sign) * norms2(problem, draw)[0]

    verdict = verdict_on(order, sigma_n**2 * d, false_by_a_tenth)
    assert verdict.outcome == "refuted"
    assert "moves like d^+0.100 [+0.100, +0.100], allowed up to +0.050" in verdict.reason
    assert "it grows to the end of the tail" in verdict.reason


def test_claim_false_by_a_logarithm_is_like_one(verdict_on):
    def logarithm(problem, draw):
        return MU / math.sqrt(norms2(problem, draw)[0])

    verdict = verdict_on(BIG_O, ONE, logarithm, family=SHORT_PATH)
    assert verdict.outcome == "undecided"
    assert "like a logarithm, no faster than log(d)" in verdict.reason
    # farther out a logarithm moves less than the resolution, and the verdict says what that is
    far = verdict_on(BIG_O, ONE, logarithm)
    assert far.outcome == "consistent"
    assert far.slope.high < 0.05
    assert "growth up to d^0.05 (a factor 1.6 over this tail) is not excluded" in far.reason


@pytest.mark.parametrize(
    ("exponent", "bound", "still"), [(0.0, ONE, True), (0.01, ONE, False), (0.0, sigma_n, False)]
)
def test_claim_whose_sides_stand_still_tests_only_that(exponent, bound, still, verdict_on):
    verdict = verdict_on(BIG_O, bound, lambda problem, draw: 1e-9 * problem.d**exponent)
    told = "tests only that neither side depends on d, for neither moves"
    assert (told in verdict.reason) == still
