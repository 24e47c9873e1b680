"""Laws of the averaged models: within the bounds, with their units, and met by literal descents."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy

import bounds
from bounds import averaged_laws as laws
from bounds import unit
from bounds.paths import CONSTANT, growth
from bounds.premise_paths import MOVED
from bounds.symbols import C2

POWER = {"relu-benign-overfitting": 1, "relu-harmful-overfitting": 1, "low-snr-descent": 2}
CLAIMS = [
    pytest.param(theorem.id, claim, id=f"{theorem.id} {claim.id}")
    for theorem in bounds.SIBLING_THEOREMS.values()
    for claim in theorem.claims.values()
]


def start_of(theorem):
    """Parameters on the theorem's side of its signal-to-noise premise."""
    mu = 1e-3 if theorem == "relu-harmful-overfitting" else 3.0 if "benign" in theorem else 0.1
    return {
        "d": 1e10, "n": 30, "m": 20, "q": POWER.get(theorem, 3), "mu": mu, "sigma_n": 1e-5,
        "sigma_0": 1e-5, "eta": 0.01, "epsilon": 0.05, "flip": 0.1,
    }  # fmt: skip


@pytest.mark.parametrize(("theorem", "claim"), CLAIMS)
@pytest.mark.parametrize("name", MOVED)
def test_law_never_outgrows_the_bound_where_the_premise_stays(theorem, claim, name):
    bound = claim.bound.xreplace({C2: sympy.Integer(4)})
    ratio = bound / claim.law if claim.direction == "lower" else claim.law / bound
    route = bounds.premise_paths(theorem, POWER.get(theorem, 3))[name]
    found = growth(ratio, route, start_of(theorem))
    assert found is not None
    assert found.power <= 0
    if claim.order.symbol == "exact":
        assert found == CONSTANT


@pytest.mark.parametrize("name", MOVED)
@pytest.mark.parametrize("id", bounds.SIBLING_THEOREMS)
def test_the_signal_to_noise_premise_stays_along_the_paths_of_its_theorem(id, name):
    theorem, q = bounds.SIBLING_THEOREMS[id], POWER.get(id, 3)
    premise, route = theorem.conditions["signal-to-noise"], bounds.premise_paths(id, q)[name]
    implied, declared = premise.implied_constant(start_of(id)), premise.constant
    assert implied >= declared if premise.direction == "lower" else implied <= declared
    found = growth(premise.expression, route, start_of(id)).power
    assert found >= 0 if premise.direction == "lower" else found <= 0


@pytest.mark.parametrize(("theorem", "claim"), CLAIMS)
def test_law_has_the_unit_of_its_bound(theorem, claim):
    at_power = {bounds.symbols.q: sympy.Integer(POWER.get(theorem, 3))}
    assert sympy.simplify(unit(claim.law.subs(at_power))) == 0
    assert sympy.simplify(unit(claim.bound.subs(at_power))) == 0


def test_laws_have_their_powers_of_m():
    """At fixed letters of the mean; the bounds have m^3 in the slow end, and no m in gamma."""
    route, start = bounds.premise_paths("benign-overfitting", 3)["m"], start_of("benign")
    assert growth(laws.LEARNED, route, start).power == Fraction(1, 3)
    assert growth(laws.NOISE, route, start).power == 0
    assert growth(laws.SIGNAL_TIME, route, start).power == 1
    assert growth(laws.NOISE_TIME, route, start).power == 1
    assert growth(laws.SQUARE_TIME, route, {**start, "q": 2}).power == 1
    assert growth(laws.RELU_TIME, route, {**start, "q": 1}).power == 1


@pytest.fixture(scope="module")
def growing(descend):
    """Steps to a loss of 0.5 of networks with padded neurons, and their letters of the sum."""
    n, base, q = 6, 3, 3
    classes, noises = np.arange(n) % 2, np.hstack([np.zeros((n, 1)), np.eye(n)])
    gaussians = np.random.default_rng(5).normal(size=(2, base, n + 1))
    gaussians[0, 0, 0], gaussians[1, 0, 0] = 1.5, -1.5  # both classes start alike on their signal
    gaussians[:, 0, 1:] = 1.5

    def steps(snr, m, sigma_0, eta):
        padded = np.concatenate([gaussians, -1e-3 * np.ones((2, m - base, n + 1))], axis=1)
        run = descend(sigma_0 * padded, noises, classes, classes, snr, eta, q, 0.5)
        assert run.loss <= 0.5
        letters = bounds.summed({"m": m, "q": q, "sigma_0": sigma_0, "eta": eta})
        return run, letters

    return steps


# The signal far above the noise, and far below.
@pytest.mark.parametrize(("snr", "eta", "winner"), [(2.5, 0.6, "signal"), (0.05, 6.0, "noise")])
def test_time_grows_like_m_and_like_one_over_the_start(growing, snr, eta, winner):
    q, n, found = 3, 6, {}
    for m, sigma_0 in ((4, 1e-3), (16, 1e-3), (4, 5e-4), (4, 2e-3)):
        run, letters = growing(snr, m, sigma_0, eta)
        if winner == "signal":
            rate = bounds.signal_rate(letters["eta"], q, snr, n // 2, n, 2)
        else:
            rate = bounds.noise_rate(letters["eta"], q, 1.0, n, 2)
        start = 1.5 * letters["sigma_0"] * (snr if winner == "signal" else 1.0)
        found[m, sigma_0] = run.steps
        assert run.steps == pytest.approx(bounds.escape_time(start, rate, q), rel=0.05)
    assert math.log(found[16, 1e-3] / found[4, 1e-3], 4) == pytest.approx(1, abs=0.03)
    slope = math.log(found[4, 2e-3] / found[4, 5e-4], 4)
    assert slope == pytest.approx(2 - q, abs=0.03)


def test_learned_coefficient_is_the_root_of_m_times_the_logit(descend):
    n, q, epsilon = 6, 3, 0.05
    classes, noises = np.arange(n) % 2, np.hstack([np.zeros((n, 1)), np.eye(n)])
    for m in (3, 12):
        start = 1e-2 * np.random.default_rng(4).normal(size=(2, m, n + 1))
        start[0, 0, 0], start[1, 0, 0] = 0.05, -0.05
        run = descend(start, noises, classes, classes, 2.5, 0.5, q, epsilon)
        gamma = 2.5 * (run.weights - run.start)[:, 0, 0] * np.array([1, -1])
        law = bounds.value(laws.LEARNED, {"m": m, "q": q, "epsilon": epsilon})
        assert gamma == pytest.approx(law, rel=0.1)


def test_losing_signal_moves_by_its_race(descend):
    """A signal that loses grows by about I/(q - 2) of its start, I the race index."""
    n, m, snr = 6, 3, 0.2
    classes, noises = np.arange(n) % 2, np.hstack([np.zeros((n, 1)), np.eye(n)])
    gaussians = np.abs(np.random.default_rng(6).normal(size=(2, m, n + 1))) + 0.5
    gaussians[1, :, 0] *= -1
    run = descend(2e-3 * gaussians, noises, classes, classes, snr, 0.5, 3, 0.1)
    for j, sign in enumerate((1, -1)):
        own = sign * gaussians[j, :, 0]
        maxima = gaussians[j][:, 1:][:, classes == j].max(axis=0).tolist()
        index = bounds.antipodal_race_index(snr, own.max(), maxima, 3)
        moved = (sign * (run.weights - run.start)[j, :, 0] / (2e-3 * own)).max()
        assert moved == pytest.approx(index / (1 - index), rel=0.1)
