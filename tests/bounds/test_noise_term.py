"""The derivation of exp(-n^2 / p) gives the written formulas, and follows its assumptions."""

import pytest
import sympy
from scipy.stats import norm
from sympy import Rational, log

import bounds
from bounds import noise_term
from bounds.symbols import K, c, d, gamma, m, mu, n, p, q, sigma_0, sigma_n

POWER = c ** (2 / q) * m ** (8 - 2 / q) * log(d) ** 2


def same(found, expected):
    return sympy.simplify(found - expected) == 0


def test_the_exponent_is_the_written_one():
    assert same(bounds.derive_noise_term()["exponent"], -POWER * n**2 / p / 2)


def test_the_loss_has_half_the_exponent():
    assert same(bounds.derive_loss_noise_term()["exponent"], -POWER * n**2 / p / 4)


@pytest.mark.parametrize(
    ("derivation", "number"), [(bounds.derive_noise_term, 2), (bounds.derive_loss_noise_term, 4)]
)
def test_the_exponent_is_below_the_theorem_s_under_the_written_condition(derivation, number):
    condition = derivation()["condition"]
    assert isinstance(condition, sympy.Ge)
    assert same(condition.lhs, POWER)
    assert condition.rhs == number


def test_the_whole_bound_is_below_under_the_written_condition():
    condition = bounds.derive_noise_term()["condition-with-prefactor"]
    assert isinstance(condition, sympy.Ge)
    assert same(condition.lhs, n**2 / p * (POWER / 2 - 1))
    assert same(condition.rhs, log(2 * K * m))


def test_the_loss_variant_takes_the_root_of_the_prefactor_too():
    bound, root = bounds.derive_noise_term()["bound"], bounds.derive_loss_noise_term()["bound"]
    assert same(sympy.powdenest(root**2, force=True), bound)


@pytest.mark.slow
@pytest.mark.parametrize("size", [{"d": 100, "n": 2, "m": 2, "K": 2}, {"d": 9, "n": 1, "m": 1}])
@pytest.mark.parametrize("c_value", [0.001, 0.05, 0.2, 0.4, 1.0])
@pytest.mark.parametrize("p_value", [1.0, 0.3])
def test_the_conditions_say_exactly_when_the_numbers_are_below(size, c_value, p_value):
    given = {"K": 2, **size, "p": p_value, "q": 3, "c": c_value, "mu": 1.0}
    regime = bounds.theorem_regime_values(**{k: given[k] for k in "dnmKp"})
    given.update(sigma_n=regime["sigma_n"], sigma_0=regime["sigma_0"])
    for derived in (bounds.derive_noise_term(), bounds.derive_loss_noise_term()):
        target = -(given["n"] ** 2) / p_value
        exponent_below = bounds.value(derived["exponent"], given) <= target
        bound_below = bounds.log_value(derived["bound"], given) <= target
        assert bounds.decide(derived["condition"], given) is exponent_below
        assert bounds.decide(derived["condition-with-prefactor"], given) is bound_below


def test_the_bound_covers_the_exact_tail_of_independent_products():
    given = {"d": 50, "p": 0.5, "m": 3, "K": 2, "q": 3, "c": 1.0, "sigma_n": 0.1, "sigma_0": 0.5}
    deviation = 0.1 * 0.5 * (0.5 * 50) ** 0.5
    tail = 2 * norm.sf((1 / 3) ** (1 / 3) / deviation)
    exact = 1 - (1 - tail) ** 6
    assert exact < bounds.value(bounds.derive_noise_term()["bound"], given) < 10 * exact


def test_isotropic_noise_adds_the_learned_weight():
    derived = bounds.derive_isotropic_noise_term()
    assert same(derived["weight-norm"], sigma_0**2 * p * d + gamma**2 / mu**2)
    assert same(derived["crossover"], gamma**2 * m**8 * n**2 / p)
    at_measured_size = {"gamma": 1.0, "m": 6, "n": 10, "p": 1}
    assert bounds.value(derived["crossover"], at_measured_size) == pytest.approx(
        1.7e8, rel=0.02, abs=0
    )


def test_far_below_the_crossover_the_exponent_is_free_of_p():
    found = bounds.derive_isotropic_noise_term()["small-d"]
    tau = (c / m) ** (1 / q)
    assert same(found, -(tau**2) * d * log(d) ** 2 / (2 * gamma**2))
    assert p not in found.free_symbols


@pytest.mark.parametrize(("size", "step"), [(10**3, "small-d"), (10**15, "dense")])
def test_the_isotropic_exponent_has_both_limits(size, step):
    given = {"d": size, "n": 10, "m": 6, "p": 0.5, "q": 3, "c": 0.5, "gamma": 1.0}
    derived = bounds.derive_isotropic_noise_term()
    limit = derived[step] if step == "small-d" else bounds.derive_noise_term()["exponent"]
    found = bounds.value(derived["exponent"], given) / bounds.value(limit, given)
    assert found == pytest.approx(1, rel=1e-4, abs=0)


def test_every_step_is_unit_free_or_a_weight_norm():
    derivations = (
        bounds.derive_noise_term,
        bounds.derive_loss_noise_term,
        bounds.derive_isotropic_noise_term,
    )
    for step in (step for derivation in derivations for step in derivation().steps):
        assert bounds.unit(step.expression) == (-2 if step.name == "weight-norm" else 0)


def test_q_of_the_theorem_gives_the_power_22_over_3():
    exponent = bounds.derive_noise_term()["exponent"].subs(q, 3)
    assert same(exponent / m ** Rational(22, 3), exponent.subs(m, 1))


def test_another_initialization_gives_another_exponent():
    """With sigma_0 = 1 / (m^2 n mu) the width enters with m^(4 - 2/q): nothing is typed in."""
    other = {**noise_term.REGIME, sigma_0: 1 / (m**2 * n * mu)}
    found = bounds.derive_noise_term(other)["exponent"]
    assert same(found, bounds.derive_noise_term()["exponent"] / m**4)


def test_another_noise_level_gives_another_condition():
    other = {**noise_term.REGIME, sigma_n: mu / sympy.sqrt(d)}
    assert same(bounds.derive_noise_term(other)["condition"].lhs, POWER / log(d) ** 2)


def test_another_initialization_moves_the_crossover():
    other = {**noise_term.REGIME, sigma_0: 1 / (m**4 * mu)}
    assert same(bounds.derive_isotropic_noise_term(other)["crossover"], gamma**2 * m**8 / p)


def test_an_unknown_step_is_a_key_error():
    with pytest.raises(KeyError, match="no such step"):
        bounds.derive_noise_term()["no such step"]
