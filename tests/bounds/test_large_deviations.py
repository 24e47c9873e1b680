"""The exponents of tails against numerical minima of Chernoff's bound and against exact tails."""

import math

import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import binom, chi2

import bounds
from bounds import large_deviations
from bounds.large_deviations import HIGH, LOW


def binomial_by_search(chance, share):
    def log_moment(t):
        return math.log(1 - chance + chance * math.exp(t)) - share * t

    return -minimize_scalar(log_moment, bounds=(-30, 30), options={"xatol": 1e-10}).fun


@pytest.mark.parametrize(("chance", "share"), [(0.5, 0.25), (0.2, 0.3), (0.01, 0.005)])
def test_the_binomial_exponent_is_the_least_of_chernoffs(chance, share):
    found = float(large_deviations.binomial_exponent(chance, share))
    assert found == pytest.approx(binomial_by_search(chance, share), rel=1e-6)


def test_the_binomial_exponent_is_that_of_the_exact_tail():
    exponent = float(large_deviations.binomial_exponent(0.3, 0.45))
    near, far = (float(binom.logsf(0.45 * n - 1, n, 0.3)) for n in (4000, 8000))
    assert (near - far) / 4000 == pytest.approx(exponent, rel=5e-3)


@pytest.mark.parametrize("p", [1e-6, 0.1, 0.5, 0.65, 0.7, 0.95])
def test_the_neurons_that_are_kept_leave_their_range_on_the_easier_side(p):
    sides = [binomial_by_search(p, p / 2)] + [binomial_by_search(p, 1.5 * p)] * (1.5 * p < 1)
    assert bounds.value(large_deviations.kept_exponent(), {"p": p}) == pytest.approx(
        min(sides), rel=1e-4
    )


def test_an_unpruned_network_never_leaves_the_range():
    assert bounds.value(large_deviations.kept_exponent(), {"p": 1.0}) == math.inf


@pytest.mark.parametrize("share", [LOW, HIGH])
def test_the_dense_norm_exponent_is_that_of_the_chi_square(share):
    tail = chi2.logcdf if share < 1 else chi2.logsf
    near, far = (float(tail(float(share) * d, d)) for d in (2000, 5000))
    found = float(large_deviations.dense_norm_exponent(share))
    assert (near - far) / 3000 == pytest.approx(found, rel=1e-2)


@pytest.mark.parametrize("share", [LOW, HIGH])
@pytest.mark.parametrize("p", [0.01, 0.3, 1.0])
def test_a_sparse_mask_has_the_smallest_norm_exponent(share, p):
    """Chernoff's bound at any p, over p d."""

    def log_moment(t):
        return math.log(1 - p + p / math.sqrt(1 - 2 * t)) / p - float(share) * t

    least = minimize_scalar(log_moment, bounds=(-5, 0.499), options={"xatol": 1e-10}).fun
    assert float(large_deviations.sparse_norm_exponent(share)) <= -least
    if p == 0.01:
        found = float(large_deviations.sparse_norm_exponent(share))
        assert found == pytest.approx(-least, rel=0.01)


def test_the_lemmas_constants_lie_on_the_safe_side_of_the_exponents():
    """1/31 in masked-noise-norm, 1/12 in the two counts."""
    assert 1 / 31 < float(large_deviations.norm_exponent()) < 1 / 30
    assert bounds.value(large_deviations.kept_exponent(), {"p": 1e-6}) / 1e-6 > 1 / 12
    assert 1000 * bounds.value(large_deviations.class_exponent(), {"K": 1000}) > 1 / 12
