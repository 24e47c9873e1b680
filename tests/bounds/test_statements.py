"""The vocabulary: sources, orders, conditions, claims, theorems and lemmas."""

import math
import pickle

import pytest
import sympy

import bounds
from bounds import statements
from bounds.symbols import C, K, epsilon, m, p

SOURCE = bounds.Source("here", "derived", "Theory, section 0")


def claim(order, **more):
    return bounds.Claim("id", "a <= b", "a", C * epsilon, order, SOURCE, **more)


def condition(direction, **more):
    return bounds.Condition("id", "statement", p * m, direction, SOURCE, **more)


@pytest.mark.parametrize("tag", ["paper", "paper*", "recalled*", "derived", "measured"])
def test_the_tags_are_accepted(tag):
    assert bounds.Source("paper", tag, "section").tag == tag


def test_another_tag_is_refused():
    with pytest.raises(ValueError, match=r"tag must be one of .*, got 'guessed'"):
        bounds.Source("paper", "guessed", "section")


def test_every_order_says_what_it_hides():
    orders = [x for x in vars(statements).values() if isinstance(x, bounds.Order)]
    assert {order.symbol for order in orders} == {"exact", "O", "Omega", "Theta", "O~"}
    assert all(order.hides for order in orders)


@pytest.mark.parametrize(
    ("order", "direction", "log_power"),
    [
        (statements.EXACT, "both", 0.0),
        (statements.EXACT_UPPER, "upper", 0.0),
        (statements.EXACT_LOWER, "lower", 0.0),
        (statements.BIG_O, "upper", 0.0),
        (statements.OMEGA, "lower", 0.0),
        (statements.THETA, "both", 0.0),
        (statements.SOFT_O, "upper", 2.0),
    ],
)
def test_a_claim_takes_direction_and_allowance_from_its_order(order, direction, log_power):
    assert claim(order).direction == direction
    assert claim(order).log_power == log_power


def test_a_claim_may_set_its_own_allowance():
    assert claim(statements.SOFT_O, log_power=4.0).log_power == 4.0
    assert claim(statements.SOFT_O, log_power=0.0).log_power == 0.0


def test_a_hidden_constant_has_a_default_that_parameters_override():
    hidden = claim(statements.BIG_O, hidden={"C": 2.0})
    assert hidden.evaluate({"epsilon": 0.25}) == 0.5
    assert hidden.evaluate({"epsilon": 0.25, "C": 4}) == 1.0
    assert hidden.evaluate({"epsilon": 0.25}, log=True) == math.log(0.5)


def test_the_factor_a_claim_is_held_to_is_not_part_of_its_bound():
    assert claim(statements.BIG_O, constant=9.0).evaluate({"epsilon": 0.25, "C": 1}) == 0.25


def test_a_claim_without_a_value_for_a_symbol_is_refused():
    with pytest.raises(ValueError, match=r"^epsilon is missing"):
        claim(statements.BIG_O).evaluate({"C": 1.0})


@pytest.mark.parametrize(
    ("direction", "strict", "at_smaller", "at_equal", "at_larger"),
    [
        ("upper", False, True, True, False),
        ("upper", True, True, False, False),
        ("lower", False, False, True, True),
        ("lower", True, False, False, True),
        ("both", False, False, True, False),
    ],
)
def test_a_condition_is_decided(direction, strict, at_smaller, at_equal, at_larger):
    plain = condition(direction, constant=2.0, strict=strict)
    assert plain.holds({"p": 0.25, "m": 4}) is at_smaller
    assert plain.holds({"p": 0.5, "m": 4}) is at_equal
    assert plain.holds({"p": 1, "m": 4}) is at_larger


@pytest.mark.parametrize("direction", ["upper", "lower", "both"])
def test_a_condition_with_a_hidden_constant_is_not_decided_but_measured(direction):
    hidden = condition(direction, constant=2.0, constant_name="C0")
    assert hidden.hidden
    assert hidden.holds({"p": 0.5, "m": 100}) is None
    assert hidden.implied_constant({"p": 0.5, "m": 100}) == 50


def test_a_condition_that_fails_outside_the_domain_is_false_and_not_an_error():
    conditions = bounds.REGIME
    assert conditions["keep-at-most-one"].holds({"p": 1.5}) is False
    assert conditions["keep-positive"].holds({"p": 0}) is False
    assert conditions["classes"].holds({"K": 1}) is False


def test_conditions_and_claims_can_be_hashed_and_pickled():
    theorem = bounds.THEOREMS["mild-pruning"]
    assert {theorem, theorem} == {theorem}
    assert len(set(theorem.claims.values())) == len(theorem.claims)
    assert pickle.loads(pickle.dumps(theorem)) == theorem


def test_a_lemma_can_be_pickled():
    lemma = bounds.LEMMAS["masked-noise-norm"]
    assert pickle.loads(pickle.dumps(lemma)) == lemma


def test_a_lemma_without_a_probability_says_so():
    lemma = bounds.LEMMAS["gradient-norm"]
    with pytest.raises(ValueError, match="'gradient-norm' must state a probability"):
        lemma.failure_bound({})
    with pytest.raises(ValueError, match="'gradient-norm' must state a probability"):
        lemma.failure_exact({})


def marginal(failure, **more):
    return bounds.Lemma(
        "id",
        "statement",
        "quantity",
        SOURCE,
        bound=K * m * p,
        exact=lambda parameters: failure,
        exact_kind="marginal",
        events=K * m,
        **more,
    )


def test_a_union_multiplies_a_marginal_probability_and_stops_at_one():
    given = {"K": 2, "m": 10, "p": 0.01}
    assert marginal(0.01).failure_exact(given) == 0.01
    assert marginal(0.01).failure_exact(given, union=True) == pytest.approx(0.2)
    assert marginal(0.5).failure_exact(given, union=True) == 1.0


def test_a_bound_on_a_probability_stops_at_one():
    assert marginal(0.1).failure_bound({"K": 2, "m": 10, "p": 0.01}) == pytest.approx(0.2)
    assert marginal(0.1).failure_bound({"K": 2, "m": 10, "p": 0.5}) == 1.0


def test_a_bound_is_trivial_where_it_is_not_stated_to_hold():
    limited = marginal(0.1, applies=sympy.Ge(m, 20))
    assert limited.failure_bound({"K": 2, "m": 10, "p": 0.01}) == 1.0
    assert limited.failure_bound({"K": 2, "m": 20, "p": 0.01}) == pytest.approx(0.4)


def test_an_unknown_noise_law_is_refused():
    with pytest.raises(ValueError, match="noise must be 'isotropic' or 'orthogonal', got 'pink'"):
        marginal(0.1).failure_bound({"K": 2, "m": 10, "p": 0.5, "noise": "pink"})
