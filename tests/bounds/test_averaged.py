"""The output scale: a mean of neurons is a sum of them in other letters."""

import math

import numpy as np
import pytest

import bounds
from bounds.paths import PATHS

GIVEN = {
    "d": 900, "n": 7, "m": 5, "K": 2, "p": 1.0, "q": 3.0, "mu": 1.5, "sigma_n": 0.02,
    "sigma_0": 0.003, "eta": 0.7, "epsilon": 0.04, "flip": 0.1, "noise": "orthogonal",
}  # fmt: skip


@pytest.mark.parametrize("q", [1.0, 2.0, 3.0, 3.5])
def test_descent_on_the_mean_is_descent_on_the_sum(descend, q):
    n, m, mu, sigma_0, eta, rng = 6, 4, 0.8, 0.3, 0.4, np.random.default_rng(2)
    classes = rng.integers(0, 2, n)
    labels = np.where(rng.random(n) < 0.3, 1 - classes, classes)
    noises = rng.normal(size=(n, 9)) * (np.arange(9) > 0)
    gaussians = rng.normal(size=(2, m, 9))
    other = bounds.summed({"m": m, "q": q, "sigma_0": sigma_0, "eta": eta})
    data = (noises, classes, labels, mu)
    mean = descend(sigma_0 * gaussians, *data, eta, q, 0.0, most=60)
    total = descend(other["sigma_0"] * gaussians, *data, other["eta"], q, 0.0, most=60, scale=1.0)
    factor = bounds.coefficient_factor({"m": m, "q": q})
    assert total.loss == pytest.approx(mean.loss, rel=1e-12)
    assert mean.loss < 0.9 * math.log(2)
    np.testing.assert_allclose(factor * total.weights, mean.weights, rtol=1e-11, atol=1e-14)


def test_there_and_back_is_nothing():
    back = bounds.averaged(bounds.summed(GIVEN))
    assert back.pop("noise") == "orthogonal"
    assert back == pytest.approx({name: GIVEN[name] for name in back}, rel=1e-14)
    assert bounds.averaged(GIVEN)["sigma_0"] == pytest.approx(0.003 * 5 ** (1 / 3))
    assert bounds.averaged(GIVEN)["eta"] == pytest.approx(0.7 * 5 ** (2 / 3))


@pytest.mark.parametrize("id", bounds.SIBLING_THEOREMS)
def test_a_theorem_in_the_engines_letters_says_the_same(id):
    stated = bounds.SIBLING_THEOREMS[id]
    rewritten = bounds.in_engine_letters(stated)
    engine, paper = GIVEN, bounds.averaged(GIVEN)
    assert (stated.output, rewritten.output) == ("mean", "sum")
    for one, other in zip(stated.claims.values(), rewritten.claims.values(), strict=True):
        assert other.evaluate(engine) == pytest.approx(one.evaluate(paper), rel=1e-13)
        if one.law is not None:
            assert bounds.value(other.law, engine) == pytest.approx(bounds.value(one.law, paper))
    for key, one in stated.conditions.items():
        implied = rewritten.conditions[key].implied_constant(engine)
        assert implied == pytest.approx(one.implied_constant(paper), rel=1e-13)


def test_a_theorem_on_a_sum_stays_as_it_is():
    assert bounds.in_engine_letters(bounds.MILD_PRUNING) is bounds.MILD_PRUNING
    rewritten = bounds.in_engine_letters(bounds.SIBLING_THEOREMS["benign-overfitting"])
    assert bounds.in_engine_letters(rewritten) is rewritten


def test_a_path_in_m_moves_the_letters_of_the_mean():
    route = bounds.averaged_route(PATHS["m"], 2)
    at = route.point(bounds.averaged(GIVEN | {"q": 2.0}), 3.0)
    expected = bounds.averaged(GIVEN | {"q": 2.0, "m": 15})
    assert {name: at[name] for name in expected} == pytest.approx(expected)
    assert bounds.averaged_route(PATHS["d"], 3) is PATHS["d"]


def test_a_missing_letter_is_named():
    with pytest.raises(ValueError, match="eta is missing"):
        bounds.averaged({"m": 5, "q": 3.0, "sigma_0": 0.1})
