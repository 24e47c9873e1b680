"""All claims of a theorem at once: the factor on every constant that each draw needs."""

import math
from dataclasses import replace

import numpy as np
import pytest

import bounds
from theorycheck.judging.table import sort_runs
from theorycheck.judging.whole.joint import Joint, joint

OVER = bounds.THEOREMS["over-pruning"]
SIZES = (1000, 10_000, 100_000, 1_000_000, 10_000_000)
EPSILON, DRAWS = 0.05, 10
INF, NAN = math.inf, math.nan
TRUE = {"no-signal": 0.0, "test-error": 0.5, "train-loss": EPSILON}


@pytest.fixture
def over_runs(made_up_run, long_path):
    """Runs whose claims with an order need the given factors, `factors(claim, size, seed)`."""

    def make(factors=lambda claim, size, seed: 1.0, wrong=None):
        runs = []
        for problem in long_path["over-pruning"].problems:
            at = {**problem.parameters(), "epsilon": EPSILON}
            for seed in range(DRAWS):
                measured = dict(TRUE)
                for claim in OVER.claims.values():
                    if claim.order.symbol != "exact":
                        factor = factors(claim.id, problem.d, seed)
                        side = 1 / factor if claim.direction == "lower" else factor
                        measured[claim.measure] = side * claim.evaluate(at)
                numbers, fields = (wrong or {}).get((problem.d, seed), ({}, {}))
                run = made_up_run("over-pruning", problem, seed, {**measured, **numbers})
                runs.append(replace(run, **fields))
        return runs

    return make


@pytest.fixture
def together(long_path):
    def judge(runs, theorem=OVER):
        return joint(theorem, sort_runs(long_path["over-pruning"], runs))

    return judge


# without the two derived claims that share the measure of test-loss
STATED = replace(
    OVER, claims={name: one for name, one in OVER.claims.items() if name != "test-loss-exact"}
)


def test_draw_needs_the_largest_factor_that_any_claim_needs(over_runs, together):
    rng = np.random.default_rng(0)
    claims = ("stopping-time", "noise-memorized", "test-loss")
    table = {
        (claim, size, seed): math.exp(rng.normal())
        for claim in claims
        for size in SIZES
        for seed in range(DRAWS)
    }
    found = together(over_runs(lambda *key: table[key]), STATED)
    expected = [
        [max(math.log(table[claim, size, seed]) for claim in claims) for size in SIZES]
        for seed in range(DRAWS)
    ]
    assert found.excess == pytest.approx(np.array(expected))
    assert found.sizes.tolist() == list(SIZES)
    last = np.array(expected)[:, -1]
    assert found.constant == pytest.approx(math.exp(np.quantile(last, 0.9)))
    assert found.failing(4) == (int((last > 0).sum()), DRAWS)


def test_claims_that_each_hold_in_nine_of_ten_draws_may_hold_together_in_fewer(over_runs, together):
    # each claim needs more in one draw of ten of its own
    bad = {"stopping-time": 0, "noise-memorized": 1, "test-loss": 2}
    found = together(over_runs(lambda claim, d, seed: 9.0 if bad[claim] == seed else 0.5), STATED)
    assert found.failing(4) == (3, DRAWS)
    assert found.constant == pytest.approx(9.0)


@pytest.mark.parametrize("claim", ["no-signal", "test-error", "train-loss", "test-loss"])
def test_exact_claim_that_is_false_is_saved_by_no_constant(claim, over_runs, together):
    false = {"no-signal": 0.3, "test-error": 0.4, "test-loss": 0.6, "train-loss": 0.06}
    wrong = {(1000, 3): ({claim: false[claim]}, {})}
    found = together(over_runs(lambda *key: 1.0, wrong))
    assert np.argwhere(found.excess == INF).tolist() == [[3, 0]]
    assert found.failing(0) == (1, DRAWS)
    assert found.failing(4) == (0, DRAWS)


@pytest.mark.parametrize("status", ["stalled", "diverged"])
def test_draw_without_a_t_star_fails(status, over_runs, together):
    lost = {"stopping-time": INF, "train-loss": 0.6}
    found = together(over_runs(wrong={(10**7, 5): (lost, {"status": status})}))
    assert np.argwhere(found.excess == INF).tolist() == [[5, 4]]
    assert found.failing(4) == (1, DRAWS)


def test_draw_that_was_cut_short_neither_fails_nor_holds(over_runs, together):
    cut = {"stopping-time": INF, "train-loss": 0.6}
    found = together(over_runs(wrong={(10**7, 5): (cut, {"status": "max-steps"})}))
    assert np.argwhere(np.isnan(found.excess)).tolist() == [[5, 4]]
    assert found.failing(4) == (0, DRAWS - 1)


def test_draw_that_was_cut_short_fails_by_what_is_false_at_any_step(over_runs, together):
    cut = {"stopping-time": INF, "train-loss": 0.9, "test-loss": 0.6}  # less than log 2
    found = together(over_runs(wrong={(10**7, 5): (cut, {"status": "max-steps"})}))
    assert found.excess[5, 4] == INF
    assert found.failing(4) == (1, DRAWS)


def test_draws_that_do_not_count_are_left_out(over_runs, together):
    found = together(over_runs(wrong={(10**7, 5): ({}, {"in_event": False})}))
    assert found.excess.shape == (DRAWS - 1, 5)


def test_whether_all_hold_is_not_known_where_a_bound_is_not_defined(over_runs, together):
    import sympy

    claim = replace(OVER.claims["test-loss"], bound=sympy.log(1 / bounds.symbols.d))
    stated = replace(STATED, claims={**STATED.claims, "test-loss": claim})
    factors = lambda name, d, seed: 9.0 if name == "test-loss" else 0.5  # noqa: E731
    found = together(over_runs(factors), stated)
    assert np.isnan(found.excess).all()
    assert math.isnan(found.constant)


def test_claim_that_fails_most_is_named_with_how_often(over_runs, together):
    factors = lambda name, d, seed: 0.5 if name == "test-loss" and seed < 3 else 2.0  # noqa: E731
    found = together(over_runs(factors))
    failing = {id: int((one[:, -1] > 0).sum()) for id, one in found.each.items()}
    name, times = found.failing_most()
    assert times == max(failing.values()) == failing[name]
    assert np.all(np.max(list(found.each.values()), axis=0) <= found.excess)


# the constant and its start


def of(*rows):
    return Joint(np.array(SIZES[: len(rows[0])]), np.log(np.array(rows, float)))


def test_constant_is_that_of_nine_draws_in_ten_at_the_last_size():
    assert of(*[[1.0, 2.0]] * 9, [1.0, 99.0]).constant < 99.0
    assert of(*[[1.0, 2.0]] * 8, *[[1.0, 99.0]] * 2).constant == pytest.approx(99.0)


@pytest.mark.parametrize(
    ("highs", "start"),
    [
        ([1.0, 1.0, 1.0], 1000),
        ([5.0, 4.0, 3.0], 100_000),
        ([5.0, 2.0, 3.0], 10_000),
        ([1.0, 2.0, 3.0], 1000),
        ([1.0, INF, 3.0], 100_000),
        ([1.0, 1.0, INF], None),
        ([1.0, 1.0, NAN], None),
    ],
)
def test_start_is_where_the_last_constant_is_enough_from(highs, start):
    assert of(*[highs] * 10).start == start


def test_no_draw_has_no_constant():
    nothing = Joint(np.array(SIZES), np.empty((0, 5)))
    assert math.isnan(nothing.constant)
    assert nothing.start is None
    assert nothing.failing(4) == (0, 0)
