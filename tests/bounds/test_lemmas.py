"""The lemmas: the bound is never below the exact probability, anywhere."""

import math

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import bounds

# The exact probabilities are good to 1e-8 at worst; the bounds leave far more room than that.
ROUNDING = 1 + 1e-7

IDS = (
    "class-counts",
    "signal-neurons",
    "no-signal-left",
    "masked-noise-norm",
    "masked-noise-overlap",
    "init-noise",
    "init-signal",
    "gradient-norm",
)

SIZES = {"d": 400, "n": 12, "m": 8, "K": 3, "p": 0.25, "q": 3, "delta": 0.1}


def holds_at(id, parameters):
    lemma = bounds.LEMMAS[id]
    bound = lemma.failure_bound(parameters)
    return bound >= 1 or lemma.failure_exact(parameters, union=True) <= bound * ROUNDING


def keep_probabilities():
    return st.one_of(
        st.just(1.0),
        st.floats(-6, 0).map(lambda power: 10**power),
        st.fractions(min_value="1/50", max_value=1, max_denominator=50).map(float),
    )


def failure_probabilities():
    return st.one_of(st.floats(0.001, 0.999), st.floats(-80, -1).map(lambda power: 10**power))


SEARCH = settings(max_examples=150, derandomize=True, deadline=None)


def test_the_eight_lemmas_are_there():
    assert tuple(bounds.LEMMAS) == IDS


@SEARCH
@given(n=st.integers(1, 800), K=st.integers(2, 12))
def test_class_counts_fail_no_more_often_than_bounded(n, K):
    assert holds_at("class-counts", {"n": n, "K": K})


@SEARCH
@given(m=st.integers(1, 5000), p=keep_probabilities(), K=st.integers(2, 50))
def test_signal_neurons_fail_no_more_often_than_bounded(m, p, K):
    assert holds_at("signal-neurons", {"m": m, "p": p, "K": K})


@SEARCH
@given(m=st.integers(1, 5000), p=keep_probabilities(), K=st.integers(2, 50))
def test_signal_is_left_no_more_often_than_bounded(m, p, K):
    assert holds_at("no-signal-left", {"m": m, "p": p, "K": K})


@SEARCH
@given(
    d=st.one_of(st.integers(1, 3000), st.integers(3000, 10**12)),
    p=keep_probabilities(),
    n=st.integers(1, 100),
    m=st.integers(1, 100),
    K=st.integers(2, 10),
)
@example(d=1000, p=0.1, n=1, m=1, K=2)
def test_masked_noise_norms_fail_no_more_often_than_bounded(d, p, n, m, K):
    assert holds_at("masked-noise-norm", {"d": d, "p": p, "n": n, "m": m, "K": K})


@pytest.mark.slow
@pytest.mark.parametrize("id", ["masked-noise-overlap", "init-noise"])
@settings(SEARCH, max_examples=60)
@given(
    kept=st.floats(0, 4).map(lambda power: 10**power),
    p=keep_probabilities(),
    n=st.integers(1, 100),
    m=st.integers(1, 100),
    K=st.integers(2, 10),
    delta=failure_probabilities(),
)
def test_products_with_noise_fail_no_more_often_than_bounded(id, kept, p, n, m, K, delta):
    d = max(1, round(kept / p))
    assume(d < 10**15)
    assert holds_at(id, {"d": d, "p": p, "n": n, "m": m, "K": K, "delta": delta})


@pytest.mark.slow
@SEARCH
@given(
    m=st.integers(1, 5000),
    p=keep_probabilities(),
    K=st.integers(2, 50),
    delta=failure_probabilities(),
)
def test_initial_signal_products_fail_no_more_often_than_bounded(m, p, K, delta):
    assert holds_at("init-signal", {"m": m, "p": p, "K": K, "delta": delta})


def test_the_dense_textbook_constant_16_would_be_false():
    given = {"d": 1000, "p": 0.1, "n": 1, "m": 1, "K": 2}
    lemma = bounds.LEMMAS["masked-noise-norm"]
    assert lemma.failure_exact(given) > 2 * math.exp(-100 / 16)
    assert lemma.failure_exact(given) < 2 * math.exp(-100 / 31)


def test_the_bounds_are_the_written_formulas():
    stated = {id: lemma.bound for id, lemma in bounds.LEMMAS.items() if lemma.bound is not None}
    assert {id: bounds.value(bound, SIZES) for id, bound in stated.items()} == {
        "class-counts": pytest.approx(6 * math.exp(-1 / 3)),
        "signal-neurons": pytest.approx(6 * math.exp(-1 / 6)),
        "no-signal-left": pytest.approx(6),
        "masked-noise-norm": pytest.approx(576 * math.exp(-100 / 31)),
        "masked-noise-overlap": 0.1,
        "init-noise": 0.1,
        # P(Z <= 1/2) = 0.691462461274013
        "init-signal": pytest.approx(3 * (0.75 + 0.25 * 0.691462461274013) ** 8 + 0.05),
    }


def test_the_numbers_of_events_are_the_written_ones():
    assert {id: bounds.value(lemma.events, SIZES) for id, lemma in bounds.LEMMAS.items()} == {
        "class-counts": 3,
        "signal-neurons": 3,
        "no-signal-left": 24,
        "masked-noise-norm": 288,
        "masked-noise-overlap": 1584,
        "init-noise": 288,
        "init-signal": 3,
        "gradient-norm": 1,
    }


def test_the_overlap_bound_is_stated_only_where_enough_coordinates_are_kept():
    lemma = bounds.LEMMAS["masked-noise-overlap"]
    log_count = math.log(3 * 8 * 144 / 0.1)
    for p, expected in ((1.01 * log_count / 400, 0.1), (0.99 * log_count / 400, 1.0)):
        assert lemma.failure_bound({**SIZES, "p": p}) == expected


@pytest.mark.parametrize("id", ["masked-noise-norm", "masked-noise-overlap", "init-noise"])
def test_orthogonal_noise_has_k_coordinates_less(id):
    lemma = bounds.LEMMAS[id]
    orthogonal = {**SIZES, "d": 403, "noise": "orthogonal"}
    assert lemma.failure_exact(orthogonal) == lemma.failure_exact(SIZES)
    assert lemma.failure_bound(orthogonal) == lemma.failure_bound(SIZES)
    assert lemma.failure_exact({**SIZES, "d": 403}) != lemma.failure_exact(SIZES)


def test_orthogonal_noise_changes_nothing_where_there_is_no_noise():
    lemma = bounds.LEMMAS["init-signal"]
    assert lemma.failure_exact({**SIZES, "noise": "orthogonal"}) == lemma.failure_exact(SIZES)


def test_orthogonal_noise_needs_a_coordinate_beyond_the_signals():
    with pytest.raises(ValueError, match="d must be > K = 3 for orthogonal noise, got 3"):
        bounds.LEMMAS["masked-noise-norm"].failure_bound({**SIZES, "d": 3, "noise": "orthogonal"})


def test_one_sample_has_no_pairs_to_overlap():
    lemma = bounds.LEMMAS["masked-noise-overlap"]
    assert lemma.failure_exact({**SIZES, "n": 1}, union=True) == 0.0


@pytest.mark.parametrize("id", [id for id in IDS if id != "gradient-norm"])
def test_a_missing_parameter_is_named(id):
    needed = "n" if id == "class-counts" else "p"
    given = {name: number for name, number in SIZES.items() if name != needed}
    with pytest.raises(ValueError, match=f"^{needed} is missing"):
        bounds.LEMMAS[id].failure_exact(given)
