"""Each outcome of a claim with an order is reached for its own reason, and for no other."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import bounds
from bounds import symbols
from sims import Problem
from theorycheck.judging.family import Family, mild_family
from theorycheck.judging.judge import judge_claim
from theorycheck.judging.slopes import END_LEVEL, NO_SLOPE, RESOLUTION
from theorycheck.judging.verdict import suspects

MILD = bounds.THEOREMS["mild-pruning"]
UPPER = ("mild-pruning", "no-noise")  # O~
LOWER = ("mild-pruning", "signal-learned")  # Omega
PLAIN = ("mild-pruning", "test-loss")  # O: no logarithm allowed
SIZES = (1000, 10_000, 100_000, 1_000_000, 10_000_000)
TAIL = SIZES[2:]
SUSPECTS = ["premise violated", "asymptotics", "hidden constant", "numerical error", "wrong stat"]


@pytest.fixture
def verdict_on(runs_along, verdict_of):
    """The verdict on a claim whose measured / bound is `constant` along a family."""

    def judge(claim, constant, **options):
        shared = {key: options[key] for key in ("family",) if key in options}
        return verdict_of(*claim, runs_along(*claim, constant, **options), **shared)

    return judge


@pytest.fixture
def alone(runs_along, long_path):
    """The verdict on one claim judged alone, held against another bound."""

    def judge(claim, constant, bound=None, *, family=None, **changes):
        family = long_path["mild-pruning"] if family is None else family
        stated = MILD.claims[claim[1]]
        changed = replace(stated, bound=stated.bound if bound is None else bound, **changes)
        runs = runs_along(*claim, constant, family=family)
        (verdict,) = judge_claim(MILD, changed, [(family, runs)])
        return verdict

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
    assert verdict.holds_from_interval == (1_000_000, 1_000_000)
    assert "from d = 1e+06 on" in verdict.reason


def test_median_and_quantile_may_hold_from_different_sizes(verdict_on):
    def constant(size, seed):
        return 0.5 * (size / 1000) ** -0.6 * (20 if seed >= 12 else 1)

    verdict = verdict_on(UPPER, constant)
    assert verdict.outcome == "consistent"
    assert (verdict.holds_from, verdict.holds_from_high) == (1000, 100_000)
    assert "from 100000 on in the 0.9 quantile" in verdict.reason


def test_slope_is_that_of_the_tail_alone(verdict_on):
    # a steep rise before the tail, which is fixed beforehand, is no part of it
    def constant(size, seed):
        return 0.5 * min(size / TAIL[0], 1.0) * (size / TAIL[0]) ** -0.2 * (1 + 1e-3 * seed)

    verdict = verdict_on(UPPER, constant)
    assert verdict.tail == TAIL
    assert verdict.slope.mean == pytest.approx(-0.2, abs=1e-6)
    assert verdict.outcome == "consistent"


def test_constant_ratio_is_consistent_where_no_growth_is_allowed(verdict_on):
    verdict = verdict_on(PLAIN, lambda size, seed: 0.5)
    assert verdict.tolerated_slope == RESOLUTION
    assert verdict.outcome == "consistent"


@pytest.mark.parametrize("sizes", [SIZES[:1], SIZES[:2], SIZES[:4]])
def test_few_sizes_in_the_tail_decide_nothing(sizes, verdict_on, power_law):
    family = mild_family(sizes, n=30, m=20, p=0.5)
    for slope in (-1.0, 1.0):
        verdict = verdict_on(UPPER, power_law(1e-6, slope), family=family)
        assert verdict.outcome == "undecided"
        assert "3 sizes in the tail" in verdict.reason
        assert verdict.slope is NO_SLOPE


@pytest.mark.parametrize("seeds", [1, 11])
def test_few_seeds_decide_nothing(seeds, verdict_on, power_law):
    for slope in (-1.0, 1.0):
        verdict = verdict_on(UPPER, power_law(1e-6, slope), seeds=range(seeds))
        assert verdict.outcome == "undecided"
        assert f"12 seeds in the event at each, here are 3 and {seeds}" in verdict.reason
        assert verdict.runs == 5 * seeds


def test_same_seed_again_is_not_another_seed(runs_along, verdict_of, power_law):
    runs = runs_along(*UPPER, power_law(1e-6, -1.0), seeds=range(1))
    assert verdict_of(*UPPER, runs * 15).outcome == "undecided"


# refuted


@pytest.mark.parametrize(("claim", "slope"), [(UPPER, 0.5), (LOWER, -0.5), (PLAIN, 0.5)])
@pytest.mark.parametrize("factor", [1e-4, 1.0, 1e4])
def test_claim_that_grows_to_the_end_is_refuted_whatever_its_constant(
    claim, slope, factor, verdict_on, power_law
):
    verdict = verdict_on(claim, power_law(factor, slope))
    assert verdict.outcome == "refuted"
    assert verdict.slope.low > verdict.tolerated_slope
    assert verdict.end_slope.low > verdict.tolerated_slope
    assert verdict.end_slope.level == END_LEVEL
    assert math.isnan(verdict.slack)


def test_logarithm_is_allowed_to_soft_orders_alone(verdict_on):
    def constant(size, seed):
        # the slope of log d is 1 / log d, 0.07 over the tail
        return 3.0 * math.log(size) * (1 + 1e-3 * seed)

    assert verdict_on(UPPER, constant).outcome == "undecided"  # does not grow, not below 1 yet
    assert verdict_on(PLAIN, constant).outcome == "refuted"


def test_larger_power_of_log_d_than_declared_is_refuted(verdict_on):
    def constant(size, seed):
        return 3.0 * math.log(size) ** 3.5 * (1 + 1e-3 * seed)

    assert verdict_on(UPPER, constant).outcome == "refuted"


def wider_family(count=6):
    """The path along m of the theorem regime, where sigma_0 falls like m^-4."""
    problems = tuple(Problem.theorem_regime(100_000, 30, 5 * 2**k, 2, 0.5) for k in range(count))
    return Family("m", problems, "sigma_0 = 1/(m^4 n mu)")


def test_deliberately_wrong_bound_is_refuted(alone):
    real = MILD.claims["no-cross-signal"].bound
    wrong = real.subs(symbols.sigma_0, symbols.sigma_0**2)
    assert wrong == symbols.sigma_0**2 * symbols.mu

    def constant(size, seed):
        return 0.5 + 0.01 * seed

    claim = ("mild-pruning", "no-cross-signal")
    with_wrong = alone(claim, constant, wrong, family=wider_family())
    assert alone(claim, constant, family=wider_family()).outcome == "consistent"
    assert with_wrong.outcome == "refuted"
    assert with_wrong.slope.mean == pytest.approx(4, abs=1e-6)  # the missing sigma_0 = m^-4 / n


# growth that is no refutation


def test_growth_that_fades_has_not_begun_its_asymptotics(verdict_on):
    # as log K <= L_D, which falls towards log K: the bound over it rises, ever more slowly, to 1
    def constant(size, seed):
        return (1 + 200 * (size / 1e5) ** -4.0) * (1 + 1e-4 * seed)

    verdict = verdict_on(LOWER, constant)
    assert verdict.slope.low > verdict.tolerated_slope > verdict.end_slope.low
    assert verdict.outcome == "undecided"
    assert "asymptotics not begun: growth fades" in verdict.reason
    assert in_order(verdict.reason)


def test_growth_that_is_uncertain_at_the_end_refutes_nothing(verdict_on):
    # the middle of the tail scatters, which leaves its slope alone and not that of its end
    def constant(size, seed):
        scatter = 6.0 * (-1) ** seed if size == TAIL[1] else 0.0
        return size**0.9 * math.exp(scatter)

    verdict = verdict_on(UPPER, constant)
    assert verdict.slope.low > verdict.tolerated_slope
    assert verdict.end_slope.low < verdict.tolerated_slope < verdict.end_slope.mean
    assert verdict.outcome == "undecided"


def test_growth_at_the_end_alone_refutes_nothing(verdict_on):
    # the first size of the tail scatters: the end grows for sure, the tail as a whole may not
    def constant(size, seed):
        return size**0.5 * math.exp(9.0 * (-1) ** seed if size == TAIL[0] else 0.0)

    verdict = verdict_on(UPPER, constant)
    assert verdict.slope.low < verdict.tolerated_slope < verdict.slope.mean
    assert verdict.end_slope.low > verdict.tolerated_slope
    assert verdict.outcome == "undecided"
    assert "the interval holds both answers" in verdict.reason


def test_seeds_of_the_end_are_those_of_the_tail(verdict_on, power_law):
    inner = power_law(0.5, -0.3)

    def constant(size, seed):
        if seed < 2:
            return 0.0 if size == TAIL[0] else size**5
        return inner(size, seed)

    verdict = verdict_on(UPPER, constant)
    assert (verdict.slope.seeds, verdict.end_slope.seeds) == (13, 13)
    assert verdict.end_slope.mean == pytest.approx(-0.3, abs=0.05)


@pytest.mark.parametrize(("power", "outcome"), [(0.9, "undecided"), (2.5, "refuted")])
def test_growth_like_the_logarithm_of_a_small_size_is_no_power(power, outcome, alone):
    # log(1 + m) moves like m^0.3 from 20 to 160: more than log(d n m K / delta)^2 allows
    def constant(size, seed):
        return 2.0 * math.log1p(size) ** power * (1 + 1e-3 * seed)

    verdict = alone(UPPER, constant, family=wider_family())
    assert verdict.end_slope.low > verdict.tolerated_slope
    assert verdict.outcome == outcome
    assert in_order(verdict.reason)


def test_logarithm_of_the_size_is_hidden_by_soft_orders_alone(alone):
    def constant(size, seed):
        return 2.0 * math.log1p(size) ** 0.9 * (1 + 1e-3 * seed)

    assert alone(PLAIN, constant, family=wider_family()).outcome == "refuted"


def test_path_that_leaves_the_hidden_constant_meets_no_premise(verdict_on, power_law):
    # p m / log d falls from 0.145 to 0.062, where C1 = 0.1 is declared
    family = mild_family(SIZES, n=30, m=20, p=0.05)
    verdict = verdict_on(UPPER, power_law(1.0, 0.5), family=family)
    assert verdict.outcome == "premise not met"
    assert "C1 is 0.062 to 0.0869 there, and at least 0.1 is declared" in verdict.reason
    released = replace(family, released=("mild-pruning",))
    verdict = verdict_on(UPPER, power_law(1.0, 0.5), family=released)
    assert verdict.outcome == "refuted"
    assert "premise violated (released: mild-pruning)" in verdict.reason
    assert "speaks of the bound, not of the theorem (released: mild-pruning)" in verdict.reason


def test_over_pruned_path_that_leaves_its_order_meets_no_premise(verdict_on, power_law, long_path):
    # p = Theta(1 / (K m log d)) is left by a growing factor in either direction
    family = long_path["over-pruning"]
    for power in (-0.3, 0.3):
        problems = tuple(replace(one, p=one.p * (one.d / 1e3) ** power) for one in family.problems)
        away = replace(family, problems=problems)
        verdict = verdict_on(("over-pruning", "test-loss"), power_law(1.0, -0.5), family=away)
        assert verdict.outcome == "premise not met"
        assert "p = Theta(1 / (K m log d)) is not kept" in verdict.reason


def test_path_that_leaves_the_regime_meets_no_premise(verdict_on, power_law, long_path):
    # sigma_n fixed: mu = Theta(sigma_n sqrt(d) log d) is left by a growing factor along the path
    family = long_path["mild-pruning"]
    problems = tuple(replace(one, sigma_n=family.problems[0].sigma_n) for one in family.problems)
    away = replace(family, problems=problems)
    verdict = verdict_on(UPPER, power_law(1.0, 0.5), family=away)
    assert verdict.outcome == "premise not met"
    assert "mu = Theta(sigma_n sqrt(d) log d) is not kept" in verdict.reason


def test_interval_that_holds_both_answers_is_undecided(verdict_on):
    def constant(size, seed):
        return (size / 1000) ** (0.2 * (seed - 7))

    verdict = verdict_on(UPPER, constant)
    assert verdict.outcome == "undecided"
    assert "the interval holds both answers" in verdict.reason
    assert verdict.slope.low < verdict.tolerated_slope < verdict.slope.high


def test_claim_that_does_not_hold_yet_says_where_it_might(verdict_on):
    def constant(size, seed):
        return 1e5 * (size / 1000) ** -0.5 * (1 + 1e-9 * seed)

    verdict = verdict_on(UPPER, constant)
    assert verdict.outcome == "undecided"
    assert verdict.holds_from is None
    # 1e5 (d / 1000)^-1/2 = 1 at d = 1e13
    assert "does not hold with constant 1 yet" in verdict.reason
    assert "near d = 1e+13" in verdict.reason


def test_claim_that_holds_in_the_median_alone_is_undecided(verdict_on):
    verdict = verdict_on(UPPER, lambda size, seed: 100.0 if seed >= 12 else 0.5)
    assert verdict.outcome == "undecided"
    assert verdict.holds_from == 1000
    assert verdict.holds_from_high is None


# suspects


def in_order(reason):
    """Tell whether a reason names all suspects in their order."""
    places = [reason.find(name, reason.find("suspects")) for name in SUSPECTS]
    return -1 not in places and places == sorted(places)


def test_refuted_claim_names_its_suspects_in_order(verdict_on, power_law):
    def change(problem, seed):
        return {"step": 1e6, "time_error": 30.0 if seed == 3 else 1.0}

    verdict = verdict_on(PLAIN, power_law(1.0, 0.5), change=change)
    assert verdict.outcome == "refuted"
    assert in_order(verdict.reason)
    assert "3e-05 of it" in verdict.reason  # the largest that the engines report
    assert "hidden constant (C inside the bound)" in verdict.reason


def test_suspects_carry_what_speaks_for_and_against_them():
    said = suspects("p is off", "growth fades", "C", 1e-3)
    assert in_order(said)
    for finding in ("p is off", "growth fades", "C inside", "0.001"):
        assert finding in said
    assert "none seen" in suspects("", "", "", 0.0)


# judged together


def test_interval_is_the_one_of_holm_over_the_order_claims(runs_along, verdict_of):
    # five claims with an order share one per cent; the other four are exact power laws in the
    # made-up runs, decided before this one, which lies at the border and has the last level
    rng = np.random.default_rng(3)
    noise = {(size, seed): rng.normal(0, 0.3) for size in SIZES for seed in range(15)}

    def constant(size, seed):
        return 0.5 * size**0.12 * math.exp(noise[size, seed])

    slope = verdict_of(*UPPER, runs_along(*UPPER, constant)).slope
    each = [
        np.polyfit(np.log(TAIL), [math.log(constant(size, seed)) for size in TAIL], 1)[0]
        for seed in range(15)
    ]
    expected = stats.t.interval(0.99, 14, np.mean(each), stats.sem(each))
    assert slope.level == pytest.approx(0.99)
    assert (slope.low, slope.high) == pytest.approx(expected, rel=1e-6)


def test_first_of_several_is_read_at_the_strictest_level(runs_along, long_path):
    claim, family = MILD.claims["no-noise"], long_path["mild-pruning"]
    rng = np.random.default_rng(4)
    noise = rng.normal(0, 1, (4, 15))
    paths = []
    for row, slope in zip(noise, (0.9, 0.6, 0.1, 0.1), strict=True):

        def constant(size, seed, row=row, slope=slope):
            return size ** (slope + 0.02 * row[seed])

        paths.append((family, runs_along(*UPPER, constant)))
    levels = [verdict.slope.level for verdict in judge_claim(MILD, claim, paths)]
    assert sorted(levels[:2]) == pytest.approx([1 - 0.01 / 3, 1 - 0.01 / 4])
    assert all(level <= 1 - 0.01 / 3 + 1e-12 for level in levels[1:])


# the spread over seeds


def test_spread_that_grows_withholds_consistent(verdict_on):
    # the 0.9 quantile grows while the mean over seeds falls; all stay within the bound
    def constant(size, seed):
        return 1e-6 * (size / 1000) ** (0.3 if seed >= 18 else -1.5)

    verdict = verdict_on(UPPER, constant, seeds=range(30))
    assert verdict.slope.high < verdict.tolerated_slope
    assert verdict.slope_high.low > verdict.tolerated_slope
    assert verdict.outcome == "undecided"
    assert "the spread over seeds grows" in verdict.reason
    assert math.isnan(verdict.slack)


def test_spread_that_may_not_grow_withholds_nothing(verdict_on):
    # five bad seeds of thirty: a resample with fewer than four has a falling 0.9 quantile
    def constant(size, seed):
        return 1e-6 * (size / 1000) ** (0.3 if seed >= 25 else -1.5)

    verdict = verdict_on(UPPER, constant, seeds=range(30))
    assert verdict.slope_high.low < verdict.tolerated_slope < verdict.slope_high.mean
    assert verdict.outcome == "consistent"


def test_spread_of_few_seeds_is_not_judged(verdict_on):
    def constant(size, seed):
        return 1e-6 * (size / 1000) ** (0.3 if seed >= 12 else -1.5)

    verdict = verdict_on(UPPER, constant, seeds=range(19))
    assert verdict.slope_high is NO_SLOPE
    assert verdict.outcome == "consistent"


# slack


@pytest.mark.parametrize(("claim", "slope"), [(UPPER, -0.4), (LOWER, 0.7)])
def test_slack_is_the_largest_power_the_slope_still_tolerates(claim, slope, alone, power_law):
    constant = power_law(0.5 if claim == UPPER else 2.0, slope)
    verdict = alone(claim, constant)
    assert verdict.outcome == "consistent"
    assert verdict.slack == pytest.approx(verdict.tolerated_slope - verdict.slope.high)
    stated = MILD.claims[claim[1]].bound
    for change, tolerated in ((-0.01, True), (0.01, False)):
        power = verdict.slack + change
        tighter = stated * symbols.d ** (power if claim == LOWER else -power)
        again = alone(claim, constant, tighter)
        assert (again.slope.high <= again.tolerated_slope) == tolerated


# paths that go down


def falling_family(direction):
    base = Problem.theorem_regime(100_000, 30, 20, 2, 1.0)
    problems = tuple(replace(base, p=0.9 * 3.0**-k) for k in range(6))
    released = ("mild-pruning",)
    return Family("p", problems, "all but p fixed", direction, released)


def test_path_downwards_is_judged_by_where_it_leads(verdict_on):
    # (1/p)^-0.3: falls towards small p, and passes 1 on the way
    def constant(size, seed):
        return 1.5 * size**0.3 * (1 + 1e-4 * seed)

    down = verdict_on(UPPER, constant, family=falling_family("down"))
    up = verdict_on(UPPER, constant, family=falling_family("up"))
    assert down.slope.mean == pytest.approx(-0.3, abs=1e-3)
    assert up.slope.mean == pytest.approx(0.3, abs=1e-3)
    assert [one.size for one in down.sizes] == pytest.approx([0.9 * 3.0**-k for k in range(6)])
    assert down.tail == pytest.approx([0.9 * 3.0**-k for k in (3, 4, 5)])
    assert up.tail == pytest.approx([0.9 * 3.0**-k for k in (2, 1, 0)])
    assert (down.outcome, up.outcome) == ("consistent", "refuted")
    # 1.5 (0.9 / 3^k)^0.3 <= 1 from k = 2 on
    assert down.holds_from == pytest.approx(0.1)
    assert "moves like (1/p)^-0.30" in down.reason


def test_extrapolation_of_a_falling_path_goes_on_falling(verdict_on):
    verdict = verdict_on(
        UPPER, lambda size, seed: 1e3 * size + 1e-9 * seed, family=falling_family("down")
    )
    assert "near p = 1e-03" in verdict.reason


# zero and infinity


def test_zero_satisfies_an_upper_bound(verdict_on):
    verdict = verdict_on(UPPER, lambda size, seed: 0.0)
    assert (verdict.outcome, verdict.zeros) == ("holds", 75)
    assert "exactly 0 in every run" in verdict.reason
    assert verdict.implied_constant == (0.0, 0.0)
    assert verdict.holds_from == SIZES[0]


def test_zero_in_most_runs_does_not_hide_the_others(verdict_on):
    verdict = verdict_on(UPPER, lambda size, seed: 0.0 if seed < 10 else 1e9)
    assert verdict.outcome == "undecided"
    assert verdict.zeros == 50


def test_zero_on_a_short_path_is_not_enough(verdict_on):
    family = mild_family((1000,), n=30, m=20, p=0.5)
    assert verdict_on(UPPER, lambda size, seed: 0.0, family=family).outcome == "undecided"


def test_zero_in_one_seed_stays_out_of_the_slope_but_counts(verdict_on, power_law):
    inner = power_law(0.5, -0.3)
    verdict = verdict_on(UPPER, lambda size, seed: 0.0 if seed == 0 else inner(size, seed))
    assert verdict.outcome == "consistent"
    assert (verdict.slope.seeds, verdict.runs, verdict.zeros) == (14, 75, 5)


def test_zero_in_the_tail_alone_is_no_exact_statement(verdict_on):
    verdict = verdict_on(UPPER, lambda size, seed: 5.0 if size < TAIL[0] else 0.0)
    assert verdict.outcome == "undecided"
    assert verdict.holds_from == TAIL[0]


def test_zero_refutes_nothing_where_a_premise_is_not_kept(verdict_on):
    family = mild_family(SIZES, n=30, m=20, p=0.05)
    verdict = verdict_on(LOWER, lambda size, seed: 0.0, family=family)
    assert verdict.outcome == "premise not met"
    assert "p >= C1 log(d) / m is not kept" in verdict.reason


def test_zero_in_every_run_refutes_a_lower_bound(verdict_on):
    verdict = verdict_on(LOWER, lambda size, seed: 0.0)
    assert verdict.outcome == "refuted"
    assert "exactly 0 in every run" in verdict.reason
    assert in_order(verdict.reason)
    assert verdict.implied_constant == (0.0, 0.0)
    assert verdict.holds_from is None


def test_zero_before_the_tail_alone_does_not_refute_a_lower_bound(verdict_on):
    verdict = verdict_on(LOWER, lambda size, seed: 0.0 if size < TAIL[0] else 2.0)
    assert verdict.outcome == "consistent"
    assert verdict.holds_from == TAIL[0]


def test_zero_in_some_runs_leaves_a_lower_bound_undecided_with_the_count(verdict_on, power_law):
    def constant(size, seed):
        return 0.0 if seed == 0 and size == TAIL[1] else 2.0

    verdict = verdict_on(LOWER, constant)
    assert verdict.outcome == "undecided"
    assert "exactly 0 in 1 of 45 runs of the tail" in verdict.reason
    falling = power_law(1.0, -0.5)
    verdict = verdict_on(LOWER, lambda d, seed: 0.0 if seed == 0 else falling(d, seed))
    assert verdict.outcome == "refuted"  # the slope of the other seeds says so


def test_bound_of_zero_is_refuted_by_what_is_not_zero(alone):
    verdict = alone(UPPER, lambda size, seed: 1.0, symbols.d * 0)
    assert verdict.outcome == "refuted"
    assert "no constant helps: at d = 100000 the bound is 0" in verdict.reason
    assert in_order(verdict.reason)


def test_bound_of_zero_is_met_by_zero(alone):
    assert alone(UPPER, lambda size, seed: 0.0, symbols.d * 0).outcome == "holds"


def test_bound_of_zero_that_one_run_meets_is_not_refuted(alone):
    verdict = alone(UPPER, lambda size, seed: 1.0 if seed else 0.0, symbols.d * 0)
    assert verdict.outcome == "undecided"
    assert "infinite in 42 of 45 runs of the tail" in verdict.reason


def test_bound_of_zero_asks_nothing_of_a_lower_claim(alone):
    for value in (0.0, 1.0):
        assert alone(LOWER, lambda size, seed, value=value: value, symbols.d * 0).outcome == "holds"


def test_infinite_bound_is_the_mirror_image(alone):
    infinite = bounds.symbols.d * float("inf")
    assert alone(UPPER, lambda size, seed: 1.0, infinite).outcome == "holds"
    verdict = alone(LOWER, lambda size, seed: 1.0, infinite)
    assert verdict.outcome == "refuted"
    assert "the bound is infinite and the quantity finite" in verdict.reason


def test_size_where_the_bound_is_not_defined_is_left_out(alone):
    import sympy

    # log(log(d / 5000)) is complex at d = 1000 and real from 1e5 on
    bound = sympy.log(sympy.log(symbols.d / 5000))
    verdict = alone(UPPER, lambda size, seed: 1e-9 / size, bound)
    assert verdict.outcome == "consistent"
    assert "left out d = 1000, 10000, where the bound is not defined" in verdict.reason
    assert [math.isnan(size.log_bound) for size in verdict.sizes] == [True, True, *[False] * 3]


def test_tail_stays_where_it_was_when_sizes_are_left_out(alone):
    import sympy

    # not real at d = 1e7 alone: two sizes are left in the tail, and no others take its place
    bound = sympy.sqrt(2e6 - symbols.d)
    verdict = alone(UPPER, lambda size, seed: 1e-9, bound)
    assert verdict.outcome == "undecided"
    assert verdict.tail == TAIL[:2]
    assert verdict.tolerated_slope == pytest.approx(log_squared_slope(TAIL[:2]))


def log_squared_slope(sizes):
    """The slope of log(d n m K / 0.01)^2 for the family's n, m and K."""
    allowance = [2 * math.log(math.log(d * 30 * 20 * 2 / 0.01)) for d in sizes]
    return np.polyfit(np.log(sizes), allowance, 1)[0]


def test_tolerated_slope_is_that_of_the_logarithm_along_the_tail(verdict_on, power_law):
    verdict = verdict_on(UPPER, power_law(0.5, -0.3))
    assert verdict.tolerated_slope == pytest.approx(log_squared_slope(TAIL))
    assert verdict_on(LOWER, power_law(2.0, 0.3)).tolerated_slope == RESOLUTION


def test_theta_is_judged_by_neither_side_alone(alone):
    verdict = alone(UPPER, lambda size, seed: 0.5, order=bounds.statements.THETA)
    assert verdict.outcome == "undecided"
    assert "Theta makes two claims" in verdict.reason


def test_bound_that_is_defined_nowhere_is_undecided(alone):
    import sympy

    verdict = alone(UPPER, lambda size, seed: 1.0, sympy.log(1 / symbols.d))
    assert verdict.outcome == "undecided"
    assert "not defined" in verdict.reason
    assert verdict.tail == ()


def test_bound_that_asks_for_what_problems_lack_is_an_error(alone):
    with pytest.raises(ValueError, match="delta is missing"):
        alone(UPPER, lambda size, seed: 1.0, symbols.delta)


# runs that never reached epsilon


def stalled(problem, seed):
    """Make seed 4 stall; what it measured is absurd and must not count."""
    return {"status": "stalled"} if seed == 4 else {}


@pytest.mark.parametrize("claim", [UPPER, LOWER, PLAIN])
def test_run_without_t_star_is_not_judged_at_t_star(claim, verdict_on):
    good, bad = (2.0, 0.0) if claim == LOWER else (0.5, 1e9)
    verdict = verdict_on(
        claim,
        lambda size, seed: bad if seed == 4 else good * (1 + 0.01 * seed),
        change=stalled,
    )
    assert verdict.outcome == "consistent"
    assert (verdict.runs, verdict.total, verdict.zeros) == (70, 75, 0)


def test_run_without_t_star_counts_against_the_stopping_time(verdict_on):
    claim = ("mild-pruning", "stopping-time")
    verdict = verdict_on(claim, lambda size, seed: math.inf if seed == 4 else 0.5, change=stalled)
    assert (verdict.runs, verdict.total) == (75, 75)
    assert verdict.implied_constant == (pytest.approx(0.5), pytest.approx(0.5))
    assert verdict.outcome == "undecided"
    assert "infinite in 3 of 45 runs of the tail" in verdict.reason


def test_budget_that_ends_every_run_refutes_no_stopping_time(verdict_on):
    def change(problem, seed):
        return {"status": "max-steps"}

    claim = ("mild-pruning", "stopping-time")
    verdict = verdict_on(claim, lambda size, seed: math.inf, change=change)
    assert verdict.outcome == "undecided"


# what stands beside


def test_omega_drift_stands_beside_no_noise_alone(runs_along, verdict_of):
    runs = runs_along(*UPPER, lambda size, seed: 0.5, omega=3.0, predicted_omega=2.0)
    verdict = verdict_of(*UPPER, runs)
    assert verdict.prediction.ratio == 1.5
    parameters = runs[-1].problem.parameters()
    bound = MILD.claims["no-noise"].evaluate(parameters)
    assert verdict.prediction.implied == pytest.approx(2.0 / bound)
    assert "omega-drift" in verdict.reason
    assert verdict_of("mild-pruning", "no-cross-signal", runs).prediction is None


@pytest.mark.parametrize("predicted", [math.nan, 0.0])
def test_run_without_prediction_has_none_beside_it(predicted, runs_along, verdict_of):
    runs = runs_along(*UPPER, lambda size, seed: 0.5, predicted_omega=predicted)
    assert verdict_of(*UPPER, runs).prediction is None


def test_large_epsilon_is_named_where_a_sample_may_be_unlearned(verdict_on):
    # log 2 / 30 = 0.023 is below epsilon = 0.05
    verdict = verdict_on(("over-pruning", "noise-memorized"), lambda size, seed: 0.0)
    assert "epsilon = 0.05 exceeds log K / n = 0.023" in verdict.reason
