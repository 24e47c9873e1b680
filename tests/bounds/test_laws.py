"""The laws of the measured quantities: derived from the growth phase, and within the bounds."""

import math
from fractions import Fraction

import mpmath
import pytest
import sympy
from sympy import log, sqrt

from bounds import THEOREMS, laws, unit
from bounds.growth import ESCAPE_TIME, NOISE_RATE, SIGNAL_RATE
from bounds.paths import CONSTANT, PATHS, growth
from bounds.symbols import K, epsilon, eta, m, mu, n, n_j, norm_squared, p, q, rate, sigma_0, z0

START = {
    "d": 1e10, "n": 30, "m": 20, "K": 4, "p": 1.0, "q": 3, "mu": 1.0,
    "sigma_n": 1e-6, "sigma_0": 1e-5, "eta": 0.01, "epsilon": 0.05, "C": 1.0,
}  # fmt: skip
CLAIMS = [
    pytest.param(claim, id=f"{theorem.id} {claim.id}")
    for theorem in THEOREMS.values()
    for claim in theorem.claims.values()
]
LATE = q**2 * eta * epsilon * log(1 / epsilon) ** (2 - 2 / q)  # Theory, section 9


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_has_a_law(claim):
    assert claim.law is not None


@pytest.mark.parametrize("claim", [one for one in CLAIMS if one.values[0].law != 0])
def test_law_has_the_unit_of_its_bound(claim):
    assert sympy.simplify(unit(claim.law) - unit(claim.bound)) == 0


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("name", list(PATHS))
def test_theorem_agrees_with_the_laws_along_every_path(claim, name):
    if claim.law == 0:
        assert claim.direction != "lower"
        assert claim.bound == 0
        return
    ratio = claim.bound / claim.law if claim.direction == "lower" else claim.law / claim.bound
    found = growth(ratio, PATHS[name], START)
    assert found is not None
    assert found.power <= 0
    if claim.order.symbol == "exact":  # with no constant to spare
        assert found == CONSTANT


@pytest.mark.parametrize("claim", [one for one in CLAIMS if one.values[0].smallest is not None])
def test_smallest_coefficient_is_one_that_never_moves(claim):
    assert claim.smallest == laws.NOTHING == 0


def test_time_of_the_signal_is_the_escape_of_its_largest_neuron_and_then_the_slow_end():
    escape = laws.SIGNAL_TIME - K / (mu**2 * LATE)
    largest = sigma_0 * mu * sqrt(log(2 + m * p))
    expected = ESCAPE_TIME.subs({rate: SIGNAL_RATE, z0: largest}).subs(n_j, n / K)
    assert sympy.simplify(escape / expected - log(1 + K)) == 0  # the slowest of K classes


def test_time_of_the_noise_is_the_escape_of_a_sample_and_then_the_slow_end():
    escape = laws.NOISE_TIME - n / (laws.s**2 * LATE)
    largest = sigma_0 * laws.s * sqrt(log(2 + m))
    expected = ESCAPE_TIME.subs({rate: NOISE_RATE, z0: largest}).subs(norm_squared, laws.s**2)
    assert sympy.simplify(escape / expected) == 1


@pytest.mark.parametrize("power", [2.5, 3.0, 4.0])
def test_slow_end_is_the_integral_of_one_over_its_speed(power):
    # a logit F = gamma^q moves at q^2 eta gamma^(2q-2) exp(-F), until exp(-F) = epsilon
    logarithm = 400.0
    time = mpmath.quad(
        lambda F: mpmath.exp(F) / F ** (2 - 2 / power) / (power**2 * START["eta"]),
        [1, logarithm / 2, logarithm - 20, logarithm],
    )
    small = mpmath.exp(-logarithm)
    law = 1 / LATE.subs({q: power, eta: START["eta"]})
    expected = sympy.lambdify(epsilon, law, "mpmath")(small)
    assert float(time / expected) == pytest.approx(1, abs=2 / logarithm)


@pytest.mark.parametrize("name", ["d", "p", "mu", "sigma_0", "eta", "epsilon"])
def test_noise_drifts_for_the_escape_time_of_its_class(name):
    drifting = sigma_0 * laws.s
    drift = eta * q * laws.s**2 / n * drifting ** (q - 1)
    escape = laws.SIGNAL_TIME - K / (mu**2 * LATE)
    assert growth(laws.NOISE / (drift * escape), PATHS[name], START) == CONSTANT


@pytest.mark.parametrize(("name", "power"), [("K", 0), ("n", -1), ("m", 0)])
def test_noise_falls_like_one_over_the_samples_of_a_class(name, power):
    assert growth(laws.NOISE, PATHS[name], START).power == Fraction(power)


def test_what_is_learned_is_the_root_of_the_logit():
    learned = float(laws.LEARNED.subs({K: 4, epsilon: 0.05, q: 3}))
    assert 4 * math.exp(-(learned**3)) == pytest.approx(0.05)  # K exp(-F) = epsilon
