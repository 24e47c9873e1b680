"""The exact probabilities against enumeration, high precision and Monte Carlo."""

import math
from fractions import Fraction
from functools import cache

import mpmath
import numpy as np
import pytest

import bounds

# Four and a half standard errors: a false alarm once in 150 000 comparisons, and seeds are fixed.
STANDARD_ERRORS = 4.5


def exact(id, **parameters):
    return bounds.LEMMAS[id].failure_exact(parameters)


def assert_frequency(failures, expected):
    """Compare the mean of independent 0-1 outcomes with their probability."""
    tolerance = STANDARD_ERRORS * math.sqrt(expected * (1 - expected) / len(failures))
    assert np.mean(failures) == pytest.approx(expected, abs=tolerance)


def binomial(n, k, p):
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


# --- class counts


def good_labelings(n, K):
    """Count the label sequences with every class in range, class by class, in whole numbers."""
    in_range = [c for c in range(n + 1) if Fraction(n, 2 * K) <= c <= Fraction(3 * n, 2 * K)]

    @cache
    def count(classes, samples):
        if classes == 0:
            return int(samples == 0)
        return sum(
            math.comb(samples, c) * count(classes - 1, samples - c)
            for c in in_range
            if c <= samples
        )

    return count(K, n)


@pytest.mark.parametrize("K", [2, 3, 4, 7])
@pytest.mark.parametrize("n", [1, 2, 5, 6, 12, 37, 60])
def test_class_counts_agree_with_enumeration(n, K):
    failing = 1 - Fraction(good_labelings(n, K), K**n)
    assert exact("class-counts", n=n, K=K) == pytest.approx(float(failing), rel=1e-11, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "K"), [(500, 2), (700, 3), (1000, 4)])
def test_tiny_class_count_failures_keep_their_digits(n, K):
    failing = 1 - Fraction(good_labelings(n, K), K**n)
    assert float(failing) < 1e-11
    assert exact("class-counts", n=n, K=K) == pytest.approx(float(failing), rel=1e-10, abs=0)


def test_two_classes_are_one_binomial_down_to_the_smallest_floats():
    n = 4000
    failing = 2 * sum(Fraction(math.comb(n, c), 2**n) for c in range(n // 4))
    assert 1e-235 < float(failing) < 1e-225
    assert exact("class-counts", n=n, K=2) == pytest.approx(float(failing), rel=1e-10, abs=0)


def test_class_counts_agree_with_drawn_labels():
    rng = np.random.default_rng(1)
    n, K = 40, 4
    counts = rng.multinomial(n, np.full(K, 1 / K), 100_000)
    failures = ((counts < n / (2 * K)) | (counts > 3 * n / (2 * K))).any(axis=1)
    assert_frequency(failures, exact("class-counts", n=n, K=K))


# --- neurons that see their signal


@pytest.mark.parametrize("p", [Fraction(1, 10), Fraction(1, 3), Fraction(7, 20), Fraction(9, 11)])
@pytest.mark.parametrize("m", [1, 6, 20, 33, 60])
def test_signal_neurons_agree_with_fractions_also_at_inclusive_ends(m, p):
    outside = [c for c in range(m + 1) if not m * p / 2 <= c <= 3 * m * p / 2]
    failing = 1 - (1 - sum(binomial(m, c, p) for c in outside)) ** 3
    assert exact("signal-neurons", m=m, p=float(p), K=3) == pytest.approx(
        float(failing), rel=1e-12, abs=0
    )


@pytest.mark.parametrize(
    ("m", "p", "low", "high"),
    [(50, Fraction(7, 25), 7, 21), (33, Fraction(6, 11), 9, 27), (66, Fraction(3, 11), 9, 27)],
)
def test_ends_that_floats_would_miss_belong_to_the_signal_neuron_event(m, p, low, high):
    assert (m * p / 2, 3 * m * p / 2) == (low, high)
    failing = 1 - sum(binomial(m, c, p) for c in range(low, high + 1)) ** 2
    found = exact("signal-neurons", m=m, p=float(p), K=2)
    assert found == pytest.approx(float(failing), rel=1e-11, abs=0)


def test_tiny_signal_neuron_failures_keep_their_digits():
    m, p = 2000, Fraction(1, 2)
    failing = sum(binomial(m, c, p) for c in range(m // 4))
    failing += sum(binomial(m, c, p) for c in range(3 * m // 4 + 1, m + 1))
    assert float(failing) < 1e-100
    found = exact("signal-neurons", m=m, p=0.5, K=2)
    assert found == pytest.approx(2 * float(failing), rel=1e-10, abs=0)


def test_an_unpruned_network_keeps_every_signal_neuron_and_cannot_leave_the_range():
    assert exact("signal-neurons", m=10, p=1.0, K=3) == 0.0


def test_signal_is_surely_left_without_pruning_and_rarely_after_heavy_pruning():
    assert exact("no-signal-left", m=5, p=1.0, K=2) == 1.0
    assert exact("no-signal-left", m=5, p=1e-200, K=2) == pytest.approx(1e-199, rel=1e-12, abs=0)
    assert exact("no-signal-left", m=3, p=0.25, K=2) == pytest.approx(1 - 0.75**6, rel=1e-14, abs=0)


# --- initial signal products


@pytest.mark.parametrize(
    ("m", "p", "K", "delta"),
    [(1, 1.0, 2, 0.5), (8, 0.4, 3, 0.05), (400, 0.9, 2, 1e-30), (900, 1.0, 5, 1e-150)],
)
def test_initial_signal_failures_agree_with_many_digits(m, p, K, delta):
    with mpmath.workdps(250):
        u = mpmath.sqrt(2 * mpmath.log(K * m / mpmath.mpf(delta)))
        below_u = 1 - p + p * mpmath.ncdf(u)
        below_half = 1 - p + p * mpmath.ncdf(0.5)
        failing = 1 - (below_u**m - below_half**m) ** K
        found = exact("init-signal", m=m, p=p, K=K, delta=delta)
        assert found == pytest.approx(float(failing), rel=1e-10, abs=0)


def test_initial_signal_failures_agree_with_drawn_weights():
    rng = np.random.default_rng(2)
    m, p, K, delta = 8, 0.4, 3, 0.9
    products = rng.standard_normal((100_000, K, m))
    products[rng.random(products.shape) >= p] = -np.inf
    largest = products.max(axis=2)
    u = math.sqrt(2 * math.log(K * m / delta))
    failures = ~((largest >= 0.5) & (largest <= u)).all(axis=1)
    assert_frequency(failures, exact("init-signal", m=m, p=p, K=K, delta=delta))


# --- masked noise


def chi_square_below(x, b):
    return mpmath.gammainc(mpmath.mpf(b) / 2, 0, mpmath.mpf(x) / 2, regularized=True)


def chi_square_above(x, b):
    return mpmath.gammainc(mpmath.mpf(b) / 2, mpmath.mpf(x) / 2, regularized=True)


@pytest.mark.parametrize(("d", "p"), [(1, 0.5), (10, 0.3), (60, 0.75), (60, 1.0)])
def test_masked_norm_failures_agree_with_many_digits(d, p):
    with mpmath.workdps(30):
        failing = (mpmath.mpf(1) - p) ** d
        for b in range(1, d + 1):
            fails = chi_square_below(p * d / 2, b) + chi_square_above(3 * p * d / 2, b)
            failing += math.comb(d, b) * mpmath.mpf(p) ** b * (1 - mpmath.mpf(p)) ** (d - b) * fails
        found = exact("masked-noise-norm", d=d, p=p)
        assert found == pytest.approx(float(failing), rel=1e-10, abs=0)


@pytest.mark.parametrize(("d", "p", "rounding"), [(40_000, 0.25, 1e-8), (10**8, 1e-4, 1e-5)])
def test_tiny_masked_norm_failures_keep_their_digits_where_the_binomial_is_thinned(d, p, rounding):
    """All terms one by one in logarithms, against every eighth of a standard deviation."""
    from scipy.special import gammaln
    from scipy.stats import chi2

    b = np.arange(4000, 17_000)
    log_weight = gammaln(d + 1) - gammaln(b + 1) - gammaln(d - b + 1)
    log_weight += b * math.log(p) + (d - b) * math.log(1 - p)
    fails = chi2.cdf(p * d / 2, b) + chi2.sf(3 * p * d / 2, b)
    failing = float(np.exp(log_weight) @ fails)
    assert 1e-200 < failing < 1e-100
    assert exact("masked-noise-norm", d=d, p=p) == pytest.approx(failing, rel=rounding, abs=0)


def test_masked_norms_of_huge_dimension_do_not_fail():
    assert exact("masked-noise-norm", d=10**15, p=0.5) == 0.0
    assert exact("masked-noise-norm", d=10**15, p=1.0) == 0.0


def test_the_limit_of_sparse_masks_does_not_depend_on_the_dimension():
    dense, sparse = (exact("masked-noise-norm", d=d, p=30 / d) for d in (10**8, 10**14))
    assert sparse == pytest.approx(dense, rel=1e-5, abs=0)


def test_masked_norm_failures_agree_with_drawn_masks():
    rng = np.random.default_rng(3)
    d, p = 30, 0.4
    noise = rng.standard_normal((100_000, d)) * (rng.random((100_000, d)) < p)
    norm = (noise**2).sum(axis=1)
    failures = (norm < p * d / 2) | (norm > 3 * p * d / 2)
    assert_frequency(failures, exact("masked-noise-norm", d=d, p=p))


def product_tail(d, p, threshold, low=0, high=mpmath.inf):
    """P(|Z| sqrt(R) > threshold, low <= R <= high), one chi-square after the other."""
    total = mpmath.mpf(0)
    for b in range(1, d + 1):
        weight = math.comb(d, b) * mpmath.mpf(p) ** b * (1 - mpmath.mpf(p)) ** (d - b)
        if weight == 0:
            continue
        half = mpmath.mpf(b) / 2

        def integrand(R, half=half):
            density = mpmath.exp((half - 1) * mpmath.log(R) - R / 2) / 2**half / mpmath.gamma(half)
            return density * mpmath.erfc(threshold / mpmath.sqrt(2 * R))

        breaks = [x for x in (1, 4, 10, 20, 40, 80, 160, 320) if low < x < high]
        total += weight * mpmath.quad(integrand, [low, *breaks, high])
    return float(total)


@pytest.mark.parametrize(
    ("d", "p", "delta"),
    [(4, 1.0, 0.5), (9, 0.4, 0.2), (12, 0.9, 1e-6), (3, 0.05, 0.5), (110, 1.0, 0.1)],
)
def test_overlap_failures_agree_with_quadrature(d, p, delta):
    n, m, K = 3, 2, 2
    threshold = 2 * math.sqrt(p * d * math.log(K * m * n**2 / delta))
    found = exact("masked-noise-overlap", d=d, p=p, n=n, m=m, K=K, delta=delta)
    assert found == pytest.approx(product_tail(d, p, threshold), rel=1e-8, abs=0)


@pytest.mark.parametrize(("d", "p", "delta"), [(4, 1.0, 0.5), (9, 0.4, 0.2), (12, 0.9, 1e-6)])
def test_initial_noise_failures_agree_with_quadrature(d, p, delta):
    n, m, K = 3, 2, 2
    threshold = 2 * math.sqrt(p * d * math.log(K * m * n / delta))
    found = exact("init-noise", d=d, p=p, n=n, m=m, K=K, delta=delta)
    expected = product_tail(d, p, threshold, p * d / 2, 3 * p * d / 2)
    assert found == pytest.approx(expected, rel=1e-8, abs=0)


@pytest.mark.parametrize("id", ["masked-noise-overlap", "init-noise"])
@pytest.mark.parametrize("d", [10**8, 10**11, 10**15])
def test_products_become_gaussian_in_huge_dimension(id, d):
    """To second order in R / (p d) = 1 + x, where x has variance (3 - p) / (p d)."""
    p, n, m, K, delta = 0.3, 5, 4, 2, 0.01
    count = K * m * n * (n if id == "masked-noise-overlap" else 1)
    s = 2 * math.sqrt(math.log(count / delta))
    density = math.exp(-(s**2) / 2) / math.sqrt(2 * math.pi)
    # Second derivative of P(|Z| > s / sqrt(1 + x)) at x = 0.
    curvature = density * (s**3 - 3 * s) / 2
    expected = math.erfc(s / math.sqrt(2)) + curvature * (3 - p) / (p * d) / 2
    found = exact(id, d=d, p=p, n=n, m=m, K=K, delta=delta)
    assert found == pytest.approx(expected, rel=1e-8, abs=0)


def test_overlap_and_initial_product_failures_agree_with_draws():
    rng = np.random.default_rng(4)
    d, p, n, m, K, delta = 12, 0.5, 1, 1, 2, 0.99
    noise = rng.standard_normal((200_000, d)) * (rng.random((200_000, d)) < p)
    product = np.abs((noise * rng.standard_normal(noise.shape)).sum(axis=1))
    norm = (noise**2).sum(axis=1)
    above = product > 2 * math.sqrt(p * d * math.log(K * m * n / delta))
    on_event = (norm >= p * d / 2) & (norm <= 3 * p * d / 2)
    sizes = {"d": d, "p": p, "n": n, "m": m, "K": K, "delta": delta}
    assert_frequency(above, exact("masked-noise-overlap", **sizes))
    assert_frequency(above & on_event, exact("init-noise", **sizes))
