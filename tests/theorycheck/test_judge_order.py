"""Each outcome of a claim with an order is reached for its own reason, and for no other."""

import math
from dataclasses import replace

import pytest

import bounds
from sims import Problem
from theorycheck.family import Family, mild_family

EPSILON = 0.05
MILD = bounds.THEOREMS["mild-pruning"]
UPPER = ("mild-pruning", "no-noise")  # O~
LOWER = ("mild-pruning", "signal-learned")  # Omega
PLAIN = ("mild-pruning", "test-loss")  # O: no logarithm allowed
SIZES = (1000, 10_000, 100_000, 1_000_000)


@pytest.fixture
def verdict_on(runs_along, judge_claim):
    """The verdict on a claim whose measured / bound is `constant` along a family."""

    def judge(claim, constant, **options):
        shared = {key: options[key] for key in ("family",) if key in options}
        return judge_claim(*claim, runs_along(*claim, constant, **options), **shared)

    return judge


# consistent


@pytest.mark.parametrize(("claim", "slope"), [(UPPER, -0.3), (LOWER, 0.3), (PLAIN, -0.3)])
def test_claim_that_holds_and_does_not_grow_is_consistent(claim, slope, verdict_on, power_law):
    factor = 2.0 if claim == LOWER else 0.5
    verdict = verdict_on(claim, power_law(factor, slope))
    assert verdict.outcome == "consistent"
    assert verdict.holds_from == verdict.holds_from_high == SIZES[0]
    sign = -1 if claim == LOWER else 1  # the slope is that of the unfavourable ratio
    assert verdict.slope.mean == pytest.approx(sign * slope, abs=0.02)
    assert verdict.slope_interval == (verdict.slope.low, verdict.slope.high)


def test_claim_that_holds_later_says_from_where(verdict_on, power_law):
    # 30 (d/1000)^-0.6 passes 1 at d = 2.9e5
    verdict = verdict_on(UPPER, power_law(30.0, -0.6))
    assert verdict.outcome == "consistent"
    assert verdict.holds_from == 1_000_000
    assert "from d = 1e+06 on" in verdict.reason


def test_median_and_quantile_may_hold_from_different_sizes(verdict_on):
    # one seed of five lies a factor 20 above the others, the 0.9 quantile 20^0.6 = 6 above
    def constant(size, seed):
        return 0.5 * (size / 1000) ** -0.6 * (20 if seed == 4 else 1)

    verdict = verdict_on(UPPER, constant)
    assert verdict.outcome == "consistent"
    assert (verdict.holds_from, verdict.holds_from_high) == (1000, 10_000)
    assert "from 10000 on in the 0.9 quantile" in verdict.reason


@pytest.mark.parametrize("sizes", [(1000,), (1000, 10_000)])
def test_few_sizes_never_make_a_claim_consistent(sizes, verdict_on, power_law):
    family = mild_family(sizes, n=30, m=20, p=0.5)
    verdict = verdict_on(UPPER, power_law(1e-6, -1.0), family=family)
    assert verdict.outcome == "undecided"
    assert "3 sizes and 3 seeds" in verdict.reason


@pytest.mark.parametrize("seeds", [1, 2])
def test_few_seeds_never_make_a_claim_consistent(seeds, verdict_on, power_law):
    verdict = verdict_on(UPPER, power_law(1e-6, -1.0), seeds=range(seeds))
    assert verdict.outcome == "undecided"
    assert verdict.runs == 4 * seeds


def test_same_seed_again_is_not_another_seed(runs_along, judge_claim, power_law):
    runs = runs_along(*UPPER, power_law(1e-6, -1.0), seeds=range(1))
    assert judge_claim(*UPPER, runs * 5).outcome == "undecided"


# refuted


@pytest.mark.parametrize(("claim", "slope"), [(UPPER, 0.5), (LOWER, -0.5), (PLAIN, 0.5)])
def test_claim_that_grows_beyond_its_bound_is_refuted(claim, slope, verdict_on, power_law):
    verdict = verdict_on(claim, power_law(1.0, slope))
    assert verdict.outcome == "refuted"
    assert "it leaves the bound" in verdict.reason
    assert verdict.slope.low > verdict.tolerated_slope


def test_logarithm_is_allowed_to_soft_orders_alone(verdict_on):
    def constant(size, seed):
        # (log d)^0.8 has the slope 0.8 / log d, about 0.08
        return 3.0 * math.log(size) ** 0.8 * (1 + 1e-3 * seed)

    assert verdict_on(UPPER, constant).outcome == "undecided"  # does not grow, not below 1 yet
    assert verdict_on(PLAIN, constant).outcome == "refuted"


def test_larger_power_of_log_d_than_declared_is_refuted(verdict_on):
    def constant(size, seed):
        return 3.0 * math.log(size) ** 3.5 * (1 + 1e-3 * seed)

    assert verdict_on(UPPER, constant).outcome == "refuted"


def wider_family(count=4):
    """The path along m of the theorem regime, where sigma_0 falls like m^-4."""
    problems = tuple(Problem.theorem_regime(100_000, 30, 5 * 2**k, 2, 0.5) for k in range(count))
    return Family("m", problems, "sigma_0 = 1/(m^4 n mu)")


def test_deliberately_wrong_bound_is_refuted(runs_along, judge_claim):
    real = MILD.claims["no-cross-signal"]
    wrong = replace(real, bound=real.bound.subs(bounds.symbols.sigma_0, bounds.symbols.sigma_0**2))
    assert wrong.bound == bounds.symbols.sigma_0**2 * bounds.symbols.mu
    stated = replace(MILD, claims={**MILD.claims, "no-cross-signal": wrong})
    family = wider_family()

    def constant(size, seed):
        return 0.5 + 0.05 * seed

    runs = runs_along("mild-pruning", "no-cross-signal", constant, family=family)
    with_real = judge_claim("mild-pruning", "no-cross-signal", runs, family=family)
    with_wrong = judge_claim("mild-pruning", "no-cross-signal", runs, family=family, stated=stated)
    assert with_real.outcome == "consistent"
    assert with_wrong.outcome == "refuted"
    assert with_wrong.slope.mean == pytest.approx(4, abs=1e-6)  # the missing sigma_0 = m^-4 / n


def test_claim_within_its_bound_at_the_largest_size_is_not_refuted(verdict_on, power_law):
    verdict = verdict_on(UPPER, power_law(1e-4, 0.9))
    assert verdict.slope.low > verdict.tolerated_slope
    assert verdict.outcome == "undecided"
    assert "within the bound at the largest size" in verdict.reason


def test_path_that_leaves_the_hidden_constant_refutes_nothing(verdict_on, power_law):
    # p m / log d falls from 0.145 to 0.072, where C1 = 0.1 is declared
    family = mild_family(SIZES, n=30, m=20, p=0.05)
    verdict = verdict_on(UPPER, power_law(1.0, 0.5), family=family)
    assert verdict.outcome == "undecided"
    assert "C1 <= 0.0724 where 0.1 is declared" in verdict.reason


def test_over_pruned_path_that_leaves_its_order_refutes_nothing(verdict_on, power_law, long_path):
    # p = Theta(1 / (K m log d)) is left by a growing factor in either direction
    family = long_path["over-pruning"]
    for power in (-0.5, 0.5):
        problems = tuple(replace(one, p=one.p * (one.d / 1e3) ** power) for one in family.problems)
        away = replace(family, problems=problems)
        verdict = verdict_on(("over-pruning", "test-loss"), power_law(1.0, -0.5), family=away)
        assert verdict.outcome != "refuted"


def test_path_that_leaves_the_regime_refutes_nothing(verdict_on, power_law, long_path):
    # sigma_n fixed: mu = Theta(sigma_n sqrt(d) log d) is left by a factor 45 along the path
    family = long_path["mild-pruning"]
    problems = tuple(replace(one, sigma_n=family.problems[0].sigma_n) for one in family.problems)
    away = replace(family, problems=problems)
    assert verdict_on(UPPER, power_law(1.0, 0.5), family=away).outcome != "refuted"


# undecided


def test_interval_that_holds_both_answers_is_undecided(verdict_on):
    def constant(size, seed):
        return (size / 1000) ** (0.4 * (seed - 2))

    verdict = verdict_on(UPPER, constant)
    assert verdict.outcome == "undecided"
    assert "the interval holds both answers" in verdict.reason
    assert verdict.slope.low < verdict.tolerated_slope < verdict.slope.high


def test_claim_that_does_not_hold_yet_says_where_it_might(verdict_on):
    def constant(size, seed):
        return 1000 * (size / 1000) ** -0.5 * (1 + 1e-9 * seed)

    verdict = verdict_on(UPPER, constant)
    assert verdict.outcome == "undecided"
    assert verdict.holds_from is None
    # 1000 (d / 1000)^-1/2 = 1 at d = 1e9
    assert "does not hold with constant 1 yet" in verdict.reason
    assert "near d = 1e+09" in verdict.reason


def test_claim_that_holds_in_the_median_alone_is_undecided(verdict_on):
    def constant(size, seed):
        return 100.0 if seed == 4 else 0.5

    verdict = verdict_on(UPPER, constant)
    assert verdict.outcome == "undecided"
    assert verdict.holds_from == 1000
    assert verdict.holds_from_high is None


# zero and infinity


def test_zero_satisfies_an_upper_bound(verdict_on):
    verdict = verdict_on(UPPER, lambda size, seed: 0.0)
    assert verdict.outcome in ("holds", "consistent")
    assert verdict.implied_constant == (0.0, 0.0)
    assert verdict.holds_from == SIZES[0]


def test_zero_in_most_runs_does_not_hide_the_others(verdict_on):
    verdict = verdict_on(UPPER, lambda size, seed: 0.0 if seed < 3 else 1e9)
    assert verdict.outcome not in ("holds", "consistent")


def test_zero_at_a_single_size_is_not_enough(verdict_on):
    family = mild_family((1000,), n=30, m=20, p=0.5)
    assert verdict_on(UPPER, lambda size, seed: 0.0, family=family).outcome == "undecided"


def test_zero_fails_a_lower_bound(verdict_on):
    verdict = verdict_on(LOWER, lambda size, seed: 0.0)
    assert verdict.outcome not in ("holds", "consistent")
    assert verdict.implied_constant == (0.0, 0.0)
    assert verdict.holds_from is None


def test_zero_in_one_seed_stays_out_of_the_slope_but_counts(verdict_on, power_law):
    inner = power_law(0.5, -0.3)
    verdict = verdict_on(UPPER, lambda size, seed: 0.0 if seed == 0 else inner(size, seed))
    assert verdict.outcome == "consistent"
    assert (verdict.slope.seeds, verdict.runs) == (4, 20)


# runs that never reached epsilon


def stalled(claim):
    """A change that makes seed 4 stall; what it measured is absurd and must not count."""

    def change(problem, seed):
        return {"status": "stalled"} if seed == 4 else {}

    return change


@pytest.mark.parametrize("claim", [UPPER, LOWER, PLAIN])
def test_run_without_t_star_is_not_judged_at_t_star(claim, verdict_on):
    good, bad = (2.0, 0.0) if claim == LOWER else (0.5, 1e9)
    verdict = verdict_on(
        claim,
        lambda size, seed: bad if seed == 4 else good * (1 + 0.01 * seed),
        change=stalled(claim),
    )
    assert verdict.outcome == "consistent"
    assert (verdict.runs, verdict.total) == (16, 20)


def test_run_without_t_star_counts_against_the_stopping_time(verdict_on):
    verdict = verdict_on(
        ("mild-pruning", "stopping-time"),
        lambda size, seed: math.inf if seed == 4 else 0.5,
        change=stalled("stopping-time"),
    )
    assert (verdict.runs, verdict.total) == (20, 20)
    assert verdict.implied_constant == (pytest.approx(0.5), math.inf)
    assert verdict.outcome == "undecided"


# what stands beside


def test_omega_drift_stands_beside_no_noise_alone(runs_along, judge_claim):
    runs = runs_along(*UPPER, lambda size, seed: 0.5, omega=3.0, predicted_omega=2.0)
    verdict = judge_claim(*UPPER, runs)
    assert verdict.prediction.ratio == 1.5
    parameters = runs[-1].problem.parameters()
    bound = MILD.claims["no-noise"].evaluate(parameters)
    assert verdict.prediction.implied == pytest.approx(2.0 / bound)
    assert "omega-drift" in verdict.reason
    assert judge_claim("mild-pruning", "no-cross-signal", runs).prediction is None


@pytest.mark.parametrize("predicted", [math.nan, 0.0])
def test_run_without_prediction_has_none_beside_it(predicted, runs_along, judge_claim):
    runs = runs_along(*UPPER, lambda size, seed: 0.5, predicted_omega=predicted)
    assert judge_claim(*UPPER, runs).prediction is None


def test_large_epsilon_is_named_where_a_sample_may_be_unlearned(verdict_on):
    # log 2 / 30 = 0.023 is below epsilon = 0.05
    verdict = verdict_on(("over-pruning", "noise-memorized"), lambda size, seed: 0.0)
    assert "epsilon = 0.05 exceeds log K / n = 0.023" in verdict.reason
