"""The parameter regime: its hidden constants and the theorem regime, where the main ones are 1."""

import math

import pytest
import sympy

import bounds
from bounds.symbols import K, d, m, n, p

SIZE = {"d": 10**6, "n": 12, "m": 7, "K": 3, "p": 0.4}


@pytest.mark.parametrize("mu", [1.0, 0.01, 30.0])
def test_the_theorem_regime_sets_the_hidden_constants_to_one(mu):
    given = bounds.theorem_regime_values(**SIZE, mu=mu)
    assert bounds.REGIME["signal-to-noise"].implied_constant(given) == pytest.approx(1)
    assert bounds.REGIME["initialization"].implied_constant(given) == pytest.approx(1)
    for id in ("learning-rate-not-small", "learning-rate-not-large"):
        assert bounds.REGIME[id].implied_constant(given) == pytest.approx(0, abs=1e-12)


def test_the_theorem_regime_is_the_written_one():
    given = bounds.theorem_regime_values(**SIZE, mu=2.0)
    assert given == {
        **SIZE,
        "mu": 2.0,
        "q": 3,
        "sigma_n": pytest.approx(2 / (1000 * math.log(10**6))),
        "sigma_0": pytest.approx(1 / (7**4 * 12 * 2)),
        "eta": 0.25,
        "epsilon": 0.05,
    }


def test_plain_premises_hold_in_the_theorem_regime():
    given = bounds.theorem_regime_values(**SIZE)
    plain = [condition for condition in bounds.REGIME.values() if not condition.hidden]
    assert len(plain) == 5
    assert all(condition.holds(given) is True for condition in plain)


@pytest.mark.parametrize(
    ("id", "given"),
    [
        ("classes", {"K": 1}),
        ("dimension", {"d": 4, "K": 5}),
        ("keep-positive", {"p": 0.0}),
        ("keep-at-most-one", {"p": 1.0000001}),
        ("power", {"q": 2.9}),
    ],
)
def test_each_plain_premise_can_fail(id, given):
    assert bounds.REGIME[id].holds(given) is False


@pytest.mark.parametrize(
    ("id", "given", "expected"),
    [
        ("few-classes", {"K": 6, "d": 403}, 6 / math.log(403)),
        ("samples", {"n": 81, "d": 10**4}, math.log(81) / math.log(math.log(10**4))),
        ("large-dimension", {"d": 10**15}, 1e15),
        ("width", {"m": 9, "d": 10**4}, math.log(9) / math.log(math.log(10**4))),
        ("signal-to-noise", {"mu": 3.0, "sigma_n": 0.5, "d": 100}, 0.6 / math.log(100)),
        ("initialization", {"sigma_0": 0.01, "m": 3, "n": 5, "mu": 2.0}, 8.1),
        (
            "learning-rate-not-small",
            {"eta": 0.01, "mu": 2.0, "d": 10**4},
            -math.log(0.04) / math.log(math.log(10**4)),
        ),
        (
            "learning-rate-not-large",
            {"eta": 0.01, "mu": 2.0, "d": 10**4},
            math.log(0.04) / math.log(math.log(10**4)),
        ),
        ("target-loss", {"epsilon": 0.05, "d": 10**4}, math.log(20) / math.log(math.log(10**4))),
    ],
)
def test_implied_constants_are_the_written_ones(id, given, expected):
    assert bounds.REGIME[id].implied_constant(given) == pytest.approx(expected, rel=1e-13, abs=0)
    assert bounds.REGIME[id].holds(given) is None


def test_a_power_of_log_d_has_that_power_as_implied_constant():
    log_d = math.log(10**6)
    found = bounds.REGIME["width"].implied_constant({"m": round(log_d**3), "d": 10**6})
    assert found == pytest.approx(3, abs=0.001)


def test_hidden_constants_have_distinct_names():
    names = [condition.constant_name for condition in bounds.REGIME.values() if condition.hidden]
    assert len(names) == len(set(names)) == 9


def test_the_substitution_removes_all_but_sizes_from_a_unit_free_expression():
    bound = bounds.THEOREMS["mild-pruning"].claims["no-noise"].bound
    in_regime = sympy.powsimp(bound.subs(bounds.THEOREM_REGIME))
    assert in_regime.free_symbols == {d, n, m, p}
    time = bounds.THEOREMS["mild-pruning"].claims["stopping-time"].bound
    assert K in time.subs(bounds.THEOREM_REGIME).free_symbols


@pytest.mark.parametrize(
    ("name", "number", "message"),
    [
        ("d", 1, "d must be a whole number >= 2 in the theorem regime, got 1"),
        ("d", 10.5, "d must be a whole number >= 1, got 10.5"),
        ("p", 0, "p must be a finite number > 0 and <= 1, got 0"),
        ("K", 1, "K must be a whole number >= 2, got 1"),
        ("mu", -1.0, "mu must be a finite number > 0, got -1.0"),
    ],
)
def test_a_bad_size_is_refused(name, number, message):
    with pytest.raises(ValueError, match=message):
        bounds.theorem_regime_values(**{**SIZE, name: number})
