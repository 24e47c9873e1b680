"""What is false of a changed claim, worked out by hand from the laws of Theory, section 9."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest
import sympy

from bounds import MILD_PRUNING, THEOREMS
from bounds.mutants import KINDS, PARAMETERS, SHIFTS, kind, mutants
from bounds.paths import PATHS
from bounds.symbols import K, d, m, n, sigma_0

MILD_START = {
    "d": 1e10, "n": 30, "m": 20, "K": 4, "p": 1.0, "q": 3, "mu": 1.0,
    "sigma_n": 1e-6, "sigma_0": 1e-5, "eta": 0.01, "epsilon": 0.05,
}  # fmt: skip
OVER_START = {**MILD_START, "p": 1e-3}
SHORT = ("n", "m", "K", "p")  # parameters that cannot move far


def starts(theorem):
    values = MILD_START if theorem is MILD_PRUNING else OVER_START
    return [(path, values, 30.0 if name in SHORT else 1e6) for name, path in PATHS.items()]


# Mild pruning, q = 3. Laws: T ~ K log K / (eta mu^3 sigma_0 sqrt(log m p)) + K / (eta mu^2 epsilon
# log(1/epsilon)^(4/3)); gamma ~ log(K/epsilon)^(1/3); cross ~ sigma_0 mu sqrt(log m) / K;
# noise ~ sigma_0 (sigma_n sqrt(p d))^4 mu^-3 (K/n) log(m n) / sqrt(log m p); L_D ~ epsilon.
# Along d sigma_n falls like d^(-1/2); along K n grows like K; p, sigma_0, eta, epsilon fall.
MILD_BY_HAND = [
    # the time does not know d, n and p: any power that lets the bound fall is wrong
    ("stopping-time", "times d^(1/4)", "weaker"),
    ("stopping-time", "times d^(-1/4)", "false"),
    ("stopping-time", "times n^(1/2)", "weaker"),
    ("stopping-time", "times n^(-1/2)", "false"),
    ("stopping-time", "times p^(1/4)", "false"),
    ("stopping-time", "times p^(-1/4)", "weaker"),
    ("stopping-time", "times sigma_n^(1/4)", "false"),  # d^(-1/8) along d
    ("stopping-time", "times sigma_n^(-1/4)", "weaker"),
    # its second term has m^4 to spare, and K^2 where K log K is needed
    ("stopping-time", "times m^(-1)", "stronger-but-true"),
    # along K the law grows like K log K and the bound like K, until its K^2 leads from 10^4 on
    ("stopping-time", "m dropped", "undetermined"),
    ("stopping-time", "times K^(-1/2)", "stronger-but-true"),
    ("stopping-time", "times K^(-1)", "undetermined"),  # K against K log K
    ("stopping-time", "K dropped", "false"),
    # tight in mu, sigma_0, eta and, but for a logarithm, epsilon
    ("stopping-time", "times mu^(-1/4)", "false"),
    ("stopping-time", "mu dropped", "weaker"),
    ("stopping-time", "times sigma_0^(1/4)", "false"),
    ("stopping-time", "times sigma_0^(-1/4)", "weaker"),
    ("stopping-time", "sigma_0 dropped", "false"),
    ("stopping-time", "eta dropped", "false"),
    ("stopping-time", "times epsilon^(1/4)", "false"),
    ("stopping-time", "epsilon dropped", "false"),
    ("stopping-time", "O~ -> Omega", "false"),  # m^4 along m
    # one winner carries the signal: gamma knows no m, where the bound has m^(-1/3)
    ("signal-learned", "times m^(1/4)", "stronger-but-true"),
    ("signal-learned", "times m^(1/2)", "false"),
    ("signal-learned", "m dropped", "stronger-but-true"),
    ("signal-learned", "times sigma_0^(1/4)", "weaker"),
    ("signal-learned", "times sigma_0^(-1/4)", "false"),
    ("signal-learned", "times epsilon^(-1/4)", "false"),  # only log(1/epsilon)^(1/3) is there
    ("signal-learned", "times K^(1/4)", "false"),
    ("signal-learned", "Omega -> O", "false"),
    ("signal-learned", "max -> min", "false"),  # losers do not move
    ("no-cross-signal", "times sigma_0^(1/4)", "false"),
    ("no-cross-signal", "sigma_0 dropped", "weaker"),
    ("no-cross-signal", "mu dropped", "false"),
    ("no-cross-signal", "times K^(-1)", "stronger-but-true"),
    ("no-cross-signal", "times m^(-1/4)", "false"),
    ("no-cross-signal", "O~ -> Omega", "false"),  # 1/K along K
    ("no-cross-signal", "max -> min", "weaker"),
    # p^2 against p^(1/2): three halves to spare, and mu^3; n and K only together
    ("no-noise", "times p^(1)", "stronger-but-true"),
    ("no-noise", "p dropped", "weaker"),
    ("no-noise", "p -> 1 - p", "false"),  # 0 at p = 1
    ("no-noise", "times mu^(-1)", "stronger-but-true"),
    ("no-noise", "d dropped", "false"),
    ("no-noise", "sigma_n dropped", "weaker"),
    ("no-noise", "times n^(-1/2)", "false"),  # true along n, false along K with n/K held
    ("no-noise", "times sigma_0^(1/2)", "false"),
    ("no-noise", "times eta^(1/4)", "false"),
    # the class learned last is the rarest: L_D / L_S grows like sqrt(log K) along K
    ("test-loss", "K dropped", "undetermined"),
    ("test-loss", "times K^(-1)", "undetermined"),
    ("test-loss", "times epsilon^(1/4)", "false"),
    ("test-loss", "epsilon dropped", "weaker"),
    ("test-loss", "times m^(-1/4)", "false"),
    ("test-loss", "O -> Omega", "false"),  # K along K
    ("train-loss", "times epsilon^(1/4)", "false"),
    ("train-loss", "times d^(1/4)", "weaker"),
]  # fmt: skip

# Over-pruning, q = 3. Laws: T ~ n / (eta sigma_0 s^3 sqrt(log m)) + n / (eta s^2 epsilon
# log(1/epsilon)^(4/3)), s = sigma_n sqrt(p d); zeta ~ log(K/epsilon)^(1/3); L_D ~ log K.
OVER_BY_HAND = [
    ("stopping-time", "times p^(1/4)", "false"),
    ("stopping-time", "times p^(-1/4)", "weaker"),
    ("stopping-time", "p -> 1 - p", "false"),
    ("stopping-time", "times n^(-1/4)", "false"),
    ("stopping-time", "times K^(-1/4)", "false"),  # n/K is held, so T grows like K
    ("stopping-time", "times m^(-1)", "stronger-but-true"),
    ("stopping-time", "times mu^(1/4)", "weaker"),
    ("stopping-time", "times mu^(-1/4)", "false"),
    ("stopping-time", "times sigma_n^(1)", "false"),
    ("stopping-time", "eta dropped", "false"),
    ("noise-memorized", "times m^(1/4)", "stronger-but-true"),
    ("noise-memorized", "times m^(1/2)", "false"),
    ("noise-memorized", "times n^(1/4)", "false"),
    ("noise-memorized", "max -> min", "false"),
    ("test-loss", "times K^(1/4)", "false"),
    ("test-loss", "times d^(-1/4)", "weaker"),
    ("test-loss", "K dropped", "weaker"),  # log 1 = 0
    ("test-loss", "Omega -> O", "stronger-but-true"),
    ("test-loss-exact", "times mu^(1/4)", "false"),
    ("test-loss-exact", "times p^(1/4)", "weaker"),
    ("test-error-exact", "times p^(-1/4)", "false"),
]  # fmt: skip


@cache
def kinds_of(name):
    """What each mutant of a theorem is, by its claim and change."""
    theorem = THEOREMS[name]
    return {
        (claim.id, one.change): kind(one, claim, starts(theorem))[0]
        for claim in theorem.claims.values()
        for one in mutants(claim)
    }


def the_mutant(claim, change):
    (found,) = [one for one in mutants(claim) if one.change == change]
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("claim", "change", "expected"), MILD_BY_HAND)
def test_kind_of_a_mild_mutant_is_as_worked_out_by_hand(claim, change, expected):
    assert kinds_of("mild-pruning")[claim, change] == expected


@pytest.mark.slow
@pytest.mark.parametrize(("claim", "change", "expected"), OVER_BY_HAND)
def test_kind_of_an_over_pruned_mutant_is_as_worked_out_by_hand(claim, change, expected):
    assert kinds_of("over-pruning")[claim, change] == expected


@pytest.mark.parametrize("theorem", THEOREMS.values(), ids=list(THEOREMS))
def test_every_claim_with_a_bound_has_every_shift_of_every_parameter(theorem):
    for claim in theorem.claims.values():
        changes = [one.change for one in mutants(claim)]
        shifts = [one for one in changes if one.startswith("times")]
        assert len(shifts) == (0 if claim.bound == 0 else len(PARAMETERS) * len(SHIFTS))
        assert max(Counter(changes).values(), default=1) == 1


@pytest.mark.slow
@pytest.mark.parametrize("theorem", THEOREMS)
def test_there_are_a_hundred_false_and_a_hundred_true_mutants(theorem):
    found = Counter(kinds_of(theorem).values())
    assert set(found) <= set(KINDS)
    assert found["false"] >= 100
    assert found["weaker"] + found["stronger-but-true"] + found["equivalent"] >= 100


@pytest.mark.slow
def test_shifts_up_and_down_by_the_same_power_are_never_both_weaker():
    kinds = kinds_of("mild-pruning")
    for claim in MILD_PRUNING.claims:
        for name in PARAMETERS:
            both = {kinds[claim, f"times {name}^({power})"] for power in ("-1/4", "1/4")}
            assert both != {"weaker"}


def test_claim_without_a_law_is_undetermined():
    original = replace(MILD_PRUNING.claims["no-noise"], law=None)
    found, why = kind(the_mutant(original, "d dropped"), original, starts(MILD_PRUNING))
    assert found == "undetermined"
    assert "no law" in why


def test_wrong_law_changes_the_kind():
    original = MILD_PRUNING.claims["no-noise"]
    grown = replace(original, law=original.law * sympy.sqrt(d))
    mutant = the_mutant(grown, "times d^(1/4)")
    assert kind(mutant, grown, starts(MILD_PRUNING))[0] == "false"


def test_swapped_order_hides_what_the_other_order_hides():
    swapped = the_mutant(MILD_PRUNING.claims["no-noise"], "O~ -> Omega").claim
    assert swapped.log_power == 0.0
    assert swapped.direction == "lower"


def test_unit_check_kills_what_has_a_unit_and_nothing_else():
    claim = MILD_PRUNING.claims["no-noise"]
    sound = {one.change: one.unit_sound for one in mutants(claim)}
    for name in ("mu", "sigma_n", "sigma_0", "eta"):
        assert not sound[f"times {name}^(1/4)"]
    for name in ("d", "n", "m", "K", "p", "epsilon"):
        assert sound[f"times {name}^(1/4)"]
    assert not sound["sigma_n dropped"]
    assert sound["p -> 1 - p"]


def test_bound_of_a_sum_is_moved_in_every_term():
    claim = MILD_PRUNING.claims["stopping-time"]
    moved = the_mutant(claim, "times n^(1/2)").claim.bound
    assert sympy.simplify(moved / claim.bound - sympy.sqrt(n)) == 0


def test_dropped_symbol_is_gone():
    claim = MILD_PRUNING.claims["stopping-time"]
    for name, symbol in (("K", K), ("m", m), ("sigma_0", sigma_0)):
        assert symbol not in the_mutant(claim, f"{name} dropped").claim.bound.free_symbols
