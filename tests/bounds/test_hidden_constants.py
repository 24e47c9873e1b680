"""The derived thresholds against exact probabilities along paths, and where they are limits."""

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy
from sympy import Symbol, limit, log

import bounds
from bounds.events import CLASSES_FULL, LEARNABLE, MEMORIZABLE, ONE_UNLEARNABLE
from bounds.hidden_constants import LEMMA_DERIVATIONS
from bounds.mild_pruning import MILD_PRUNING
from bounds.over_pruning import OVER_PRUNING
from bounds.symbols import K, d, m, p
from bounds.threshold import decay

WITHIN = 0.02
C1 = Symbol("C1", positive=True)


def threshold(id, constant_name, theorem=None):
    found = bounds.lemma_thresholds(id) if theorem is None else bounds.thresholds(theorem)
    return next(one for one in found if (one.id, one.constant_name) == (id, constant_name))


def measured(driver, log_failures):
    """Return the constant C at which log failure falls by one where driver / C grows by one.

    The driver is the constant times log(d), or times whatever the rate asks for.
    """
    return -1 / np.polyfit(driver, log_failures, 1)[0]


def exact(lemma, **parameters):
    return math.log(bounds.LEMMAS[lemma].failure_exact(parameters))


# --- the thresholds of the theorems


@pytest.mark.parametrize("keep", [1.0, 0.5, 0.1, 1e-3])
@pytest.mark.parametrize("classes", [2, 5])
def test_c1_is_where_the_exact_failure_falls_like_one_over_d(keep, classes):
    needed = threshold("mild-pruning", "C1", "mild-pruning").value({"p": keep})
    sizes = np.linspace(6, 12, 7) * math.log(10) * needed / keep  # d = 1e6 to 1e12
    neurons = np.round(sizes).astype(int)
    failures = [
        bounds.log_value(LEARNABLE.failure, {"m": int(one), "p": keep, "K": classes})
        for one in neurons
    ]
    assert measured(neurons * keep, failures) == pytest.approx(needed, rel=WITHIN)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_so_many_samples_empty_no_class_more_often_than_one_over_d(classes):
    needed = threshold("samples", "c_n", "mild-pruning").value({"K": classes})
    samples = np.round(np.linspace(6, 12, 7) * math.log(10) * needed).astype(int)
    failures = [
        bounds.log_value(CLASSES_FULL.failure, {"n": int(n), "K": classes}) for n in samples
    ]
    assert measured(samples, failures) == pytest.approx(needed, rel=WITHIN)


def test_the_width_of_over_pruning_is_where_a_sample_fails_like_one_over_log_d():
    needed = threshold("width", "c_m", "over-pruning").value({"n": 10})
    neurons = np.arange(10, 60, 5)
    failures = [
        bounds.log_value(MEMORIZABLE.failure, {"n": 10, "m": int(one), "p": 0.5, "d": 10**4})
        for one in neurons
    ]
    assert measured(neurons, failures) == pytest.approx(needed, rel=WITHIN)


def test_c1_tends_to_two_as_p_falls_and_is_one_over_log_two_without_pruning():
    needed = threshold("mild-pruning", "C1", "mild-pruning").expression
    assert limit(needed, p, 0, "+") == 2
    assert sympy.simplify(needed.subs(p, 1) - 1 / log(2)) == 0


def test_with_classes_that_grow_the_failure_at_the_threshold_is_one_over_d():
    size, classes, keep = 10**12, 27, 0.1
    given = {"d": size, "p": keep, "K": classes}
    c1 = threshold("mild-pruning", "C1", "mild-pruning")
    assert c1.value(given, moving=("d", "K")) > c1.value(given, moving=("d", "m"))
    neurons = math.ceil(c1.value(given, moving=("K",)) * math.log(size) / keep)
    failure = bounds.value(LEARNABLE.failure, {**given, "m": neurons})
    assert failure * size == pytest.approx(1.0, abs=0.06)


def test_below_and_above_the_threshold_the_power_of_d_is_what_the_exact_failure_shows():
    for constant in (1.0, 1.44, 2.0, 3.0):
        power = decay(K * ONE_UNLEARNABLE.subs(p, 1), {m: constant * log(d)}, log(d))
        assert float(power) == pytest.approx(-constant * math.log(2), rel=1e-12)
    assert decay(K * ONE_UNLEARNABLE, {m: C1 * log(d) / p}, log(d)) == C1 * log(1 - p / 2) / p


def test_no_own_signal_left_fails_like_one_over_log_d_whatever_the_constant():
    left = K * m * p
    path = {p: C1 / (K * m * log(d))}
    assert decay(left, path, log(log(d))) == -1
    assert decay(left, path, log(d)) == 0
    assert decay(left, {p: C1 / (K * m * d)}, log(d)) == -1


# --- the thresholds of the lemmas


def at_levels(needed, low, high, step):
    """Return multiples of a step that reach from d = 10^low to 10^high at a constant."""
    levels = np.linspace(low, high, 9) * math.log(10) * needed
    return np.unique(np.round(levels / step).astype(int)) * step


@pytest.mark.parametrize("classes", [2, 4])
def test_class_counts_leave_their_range_like_one_over_d(classes):
    needed = threshold("class-counts", "c_n").value({"K": classes})
    per_class = at_levels(needed, 12, 48, 2)
    failures = [exact("class-counts", n=int(one * classes), K=classes) for one in per_class]
    assert measured(per_class, failures) == pytest.approx(needed, rel=WITHIN)


@pytest.mark.parametrize(("keep", "lattice"), [(0.01, 200), (0.5, 4), (0.8, 5)])
def test_signal_neurons_leave_their_range_like_one_over_d(keep, lattice):
    """On sizes whose ends are whole numbers, so that they do not jump."""
    needed = threshold("signal-neurons", "C1").value({"p": keep})
    kept = at_levels(needed, 12, 48, lattice * keep)
    failures = [exact("signal-neurons", m=round(one / keep), p=keep, K=2) for one in kept]
    assert measured(kept, failures) == pytest.approx(needed, rel=WITHIN)


def test_without_pruning_any_constant_keeps_every_signal_neuron():
    assert threshold("signal-neurons", "C1").value({"p": 1.0}) == 0.0


def test_a_sparse_noise_norm_leaves_its_range_like_one_over_d():
    needed, keep = threshold("masked-noise-norm", "c").value({}), 1e-3
    kept = at_levels(needed, 12, 36, 1)
    failures = [exact("masked-noise-norm", d=round(one / keep), p=keep) for one in kept]
    assert measured(kept, failures) == pytest.approx(needed, rel=WITHIN)


@pytest.mark.parametrize("lemma", ["masked-noise-overlap", "init-noise"])
def test_products_with_noise_pass_their_limits_like_one_over_d(lemma):
    needed = threshold(lemma, "a").value({})
    assert needed == 0.5
    log_inverse = np.linspace(12, 40, 8) * math.log(10) * needed
    failures = [
        exact(lemma, d=10**15, p=0.5, n=4, m=3, K=2, delta=math.exp(-one)) for one in log_inverse
    ]
    assert measured(log_inverse, failures) == pytest.approx(needed, rel=WITHIN)


def test_the_lower_end_of_initial_signals_is_missed_like_one_over_d():
    for keep in (1.0, 0.05):
        needed = threshold("init-signal", "C1").value({"p": keep})
        neurons = np.round(np.linspace(6, 12, 7) * math.log(10) * needed / keep).astype(int)
        failures = [exact("init-signal", m=int(one), p=keep, K=2, delta=1e-30) for one in neurons]
        assert measured(neurons * keep, failures) == pytest.approx(needed, rel=WITHIN)


def test_the_upper_end_of_initial_signals_is_passed_like_one_over_d():
    needed = threshold("init-signal", "a").value({})
    log_inverse = np.linspace(30, 100, 8) * math.log(10) * needed
    failures = [
        exact("init-signal", m=10**4, p=0.5, K=2, delta=math.exp(-one)) for one in log_inverse
    ]
    assert measured(log_inverse, failures) == pytest.approx(needed, rel=WITHIN)


def test_signal_is_left_like_one_over_d_where_p_falls_like_it():
    assert threshold("no-signal-left", "a").value({}) == 1.0
    powers = np.linspace(6, 12, 7) * math.log(10)
    failures = [exact("no-signal-left", m=10, K=2, p=math.exp(-one) / 20) for one in powers]
    assert measured(powers, failures) == pytest.approx(1.0, rel=WITHIN)


def test_every_lemma_about_a_draw_has_a_threshold():
    about_draws = {id for id, lemma in bounds.LEMMAS.items() if lemma.exact is not None}
    assert set(LEMMA_DERIVATIONS) == about_draws
    assert all(one.source.tag == "derived" for id in about_draws for one in lemma_all(id))
    assert bounds.lemma_thresholds("gradient-norm") == ()


def lemma_all(id):
    found = bounds.lemma_thresholds(id)
    assert found
    assert all(one.id == id for one in found)
    return found


# --- what the judge asks


def test_what_falls_short_is_named_with_both_constants():
    given = {"d": 10**6, "n": 40, "m": 4, "K": 2, "p": 1.0}
    (short,) = bounds.shortfalls(MILD_PRUNING, given)
    assert (short.premise, short.constant_name, short.rate) == ("mild-pruning", "C1", "1/d")
    assert short.implied == pytest.approx(4 / math.log(10**6))
    assert short.needed == pytest.approx(1 / math.log(2))


def test_a_path_along_the_threshold_falls_short_nowhere():
    for size in (10**4, 10**8, 10**12):
        neurons = math.ceil(2 * math.log(size) / 0.2)
        given = {"d": size, "n": 100, "m": neurons, "K": 2, "p": 0.2}
        assert bounds.shortfalls(MILD_PRUNING, given) == ()


def test_over_pruning_needs_a_width_that_grows_with_its_samples():
    given = {"d": 10**8, "n": 200, "m": 6, "K": 2, "p": 1e-3}
    assert bounds.shortfalls(OVER_PRUNING, given) == ()
    (short,) = bounds.shortfalls(OVER_PRUNING, given, moving=("d", "n"))
    assert (short.premise, short.rate) == ("width", "1/log(d)")
    needed = math.log(200 * math.log(10**8)) / math.log(2) / math.log(math.log(10**8))
    assert short.needed == pytest.approx(needed, rel=1e-12)


def test_premises_named_are_those_of_the_theorem():
    for id, theorem in bounds.THEOREMS.items():
        assert bounds.thresholds(id)
        assert all(one.id in theorem.conditions for one in bounds.thresholds(id))


def test_a_theorem_without_thresholds_falls_short_of_none():
    assert bounds.shortfalls(replace(MILD_PRUNING, id="mine"), {}) == ()


def test_a_constant_that_is_a_premise_is_implied_as_the_premise_says():
    given = {"d": 10**6, "m": 4, "p": 0.7}
    premise = MILD_PRUNING.conditions["mild-pruning"]
    found = threshold("mild-pruning", "C1", "mild-pruning").implied_constant(given)
    assert found == premise.implied_constant(given)
