"""How often events fail, against counting, enumeration of masks and draws."""

import math
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import bounds
from bounds.events import CLASSES_FULL, EVENT_PARTS, LEARNABLE, MEMORIZABLE
from bounds.mild_pruning import MILD_PRUNING
from bounds.over_pruning import OVER_PRUNING

STANDARD_ERRORS = 4.5


def failure(theorem, **parameters):
    return bounds.event_failure(theorem, parameters)


def some_class_empty(n, K):
    """Draw labels one by one and count how many classes were met: whole numbers, all positive."""
    met = [1] + [0] * K
    for _ in range(n):
        met = [0] + [met[c] * c + met[c - 1] * (K - c + 1) for c in range(1, K + 1)]
    return Fraction(sum(met[:K]), K**n)


def exactly_mild(n, m, K, p):
    learnable = (1 - (1 - Fraction(p) / 2) ** m) ** K
    return 1 - (1 - some_class_empty(n, K)) * learnable


def assert_frequency(failures, expected):
    tolerance = STANDARD_ERRORS * math.sqrt(expected * (1 - expected) / len(failures))
    assert np.mean(failures) == pytest.approx(expected, abs=tolerance)


# --- mild pruning


@pytest.mark.parametrize(("n", "K"), [(1, 2), (3, 5), (10, 5), (40, 2), (200, 12), (900, 4)])
def test_an_empty_class_is_as_frequent_as_counting_says(n, K):
    found = bounds.value(CLASSES_FULL.failure, {"n": n, "K": K})
    assert found == pytest.approx(float(some_class_empty(n, K)), rel=1e-14, abs=0)


@pytest.mark.parametrize("n", [20, 400])
@pytest.mark.parametrize(("m", "K", "p"), [(6, 2, 1.0), (20, 3, 0.5), (900, 5, 0.125)])
def test_the_mild_event_fails_as_fractions_say(n, m, K, p):
    found = failure(MILD_PRUNING, n=n, m=m, K=K, p=p)
    assert found.exact
    expected = exactly_mild(n, m, K, p)
    assert found.probability == pytest.approx(float(expected), rel=1e-14, abs=0)


def test_a_failure_of_1e_12_keeps_its_digits():
    expected = exactly_mild(45, 40, 2, 1.0)
    assert 1e-13 < float(expected) < 1e-11
    found = failure(MILD_PRUNING, n=45, m=40, K=2, p=1.0)
    assert found.probability == pytest.approx(float(expected), rel=1e-14, abs=0)
    assert found.log_probability == pytest.approx(math.log(float(expected)), rel=1e-14, abs=0)


def test_far_below_the_floats_the_logarithm_is_left():
    found = failure(MILD_PRUNING, n=10**6, m=10**5, K=3, p=0.5)
    assert found.probability == 0.0
    expected = math.log(3) + 10**5 * math.log(0.75)
    assert found.log_probability == pytest.approx(expected, rel=1e-14, abs=0)


def test_the_learnable_part_is_the_complement_of_the_growth_phase_formula():
    given = {"m": 10, "p": 0.3, "K": 3}
    learned = bounds.learnable_probability(**given)
    assert bounds.value(LEARNABLE.failure, given) == pytest.approx(1 - learned, rel=1e-13)


def test_the_mild_event_fails_as_often_as_labels_masks_and_signs_say():
    rng = np.random.default_rng(1)
    n, m, K, p, draws = 12, 8, 3, 0.4, 40_000
    labels = rng.integers(K, size=(draws, n))
    full = np.array([(labels == k).any(axis=1) for k in range(K)]).all(axis=0)
    kept, positive = rng.random((draws, K, m)) < p, rng.random((draws, K, m)) < 0.5
    learnable = (kept & positive).any(axis=2).all(axis=1)
    found = failure(MILD_PRUNING, n=n, m=m, K=K, p=p)
    assert_frequency(~(full & learnable), found.probability)


# --- over-pruning


def test_one_sample_is_unmemorizable_as_all_masks_say():
    """d = 4, one neuron a class: the own coordinate is gone, the sign is even where one is left."""
    p, d, m = Fraction(1, 3), 4, 2
    one = Fraction(0)
    for mask in product((False, True), repeat=d - 1):
        chance = math.prod(p if kept else 1 - p for kept in mask)
        one += chance * (Fraction(1, 2) if any(mask) else 1)
    found = bounds.value(MEMORIZABLE.failure, {"n": 1, "m": m, "p": float(p), "d": d})
    assert found == pytest.approx(float(one**m), rel=1e-14)


def test_over_pruning_fails_as_the_product_of_its_parts():
    n, m, K, p = 30, 8, 2, 1 / 64
    found = failure(OVER_PRUNING, n=n, m=m, K=K, p=p, d=10**6)
    kept = (1 - Fraction(p)) ** (K * m) * (1 - some_class_empty(n, K))
    assert found.probability == pytest.approx(
        float(1 - kept * (1 - Fraction(1, 2**m)) ** n), rel=1e-14
    )
    assert not found.exact
    assert list(found.parts) == ["no-own-signal", "classes-full", "memorizable"]
    assert found.parts["no-own-signal"] == pytest.approx(1 - (1 - p) ** (K * m), rel=1e-13)


def products(rng, draws, n, m, K, p, d):
    """Draw labels, noise, masks and weights, and decide the event from the products themselves."""
    for _ in range(draws):
        labels = rng.integers(K, size=n)
        noise = rng.standard_normal((n, d))
        kept = rng.random((K, m, d)) < p
        starts = (kept * rng.standard_normal((K, m, d))) @ noise.T
        own = starts[labels, :, np.arange(n)]
        no_own = not any(kept[k, :, k].any() for k in range(K))
        full = len(np.unique(labels)) == K
        yield no_own and full and bool((own > 0).any(axis=1).all())


def test_over_pruning_fails_as_often_as_drawn_products_do_where_they_overlap_little():
    n, m, K, p, d = 6, 4, 2, 0.05, 600
    held = np.array(list(products(np.random.default_rng(2), 6000, n, m, K, p, d)))
    assert_frequency(~held, failure(OVER_PRUNING, n=n, m=m, K=K, p=p, d=d).probability)


def test_without_pruning_the_own_signal_is_surely_left():
    found = failure(OVER_PRUNING, n=30, m=8, K=2, p=1.0, d=100)
    assert (found.probability, found.log_probability) == (1.0, 0.0)


def test_orthogonal_noise_has_as_many_coordinates_less_as_there_are_signals():
    given = {"n": 3, "m": 2, "K": 3, "p": 0.25}
    orthogonal = failure(OVER_PRUNING, d=12, noise="orthogonal", **given)
    isotropic = failure(OVER_PRUNING, d=10, **given)
    assert orthogonal == isotropic


# --- which events have a formula


def test_every_draw_lies_in_no_event_and_others_have_no_formula():
    every = replace(MILD_PRUNING, inside="every-draw")
    assert failure(every).probability == 0.0
    assert failure(every).log_probability == -math.inf
    assert failure(replace(MILD_PRUNING, inside="captured")) is None


def test_the_built_in_theorems_have_formulas():
    assert {theorem.inside for theorem in bounds.THEOREMS.values()} <= set(EVENT_PARTS)


def test_without_pruning_every_sample_needs_a_neuron_that_starts_positive():
    low_snr = bounds.SIBLING_THEOREMS["low-snr-descent"]
    found = bounds.event_failure(low_snr, {"n": 12, "m": 3, "K": 2, "p": 1.0, "d": 1000})
    starts = np.random.default_rng(0).normal(size=(40_000, 12, 3)) > 0
    full = np.random.default_rng(1).integers(0, 2, (40_000, 12))
    inside = starts.any(axis=2).all(axis=1) & (full.min(axis=1) < full.max(axis=1))
    assert found.probability == pytest.approx(1 - inside.mean(), abs=0.01)
    assert bounds.event_failure(bounds.SIBLING_THEOREMS["benign-overfitting"], {}) is None


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"p": 1.5}, "p must"), ({"noise": "white"}, "noise must"), ({"n": 0}, "n")],
)
def test_parameters_outside_their_domain_are_refused(wrong, named):
    given = {"n": 10, "m": 4, "K": 2, "p": 0.5, "d": 100, **wrong}
    with pytest.raises(ValueError, match=named):
        failure(OVER_PRUNING, **given)
