"""Starts of neurons that keep a share of their signal, against simulation and one coordinate."""

import math

import numpy as np
import pytest

import bounds
from bounds.events import EVENT_PARTS
from bounds.exact_probabilities import init_signal, no_signal_left, signal_neurons
from bounds.kept_starts import signal_maxima, start_tails

RNG = np.random.default_rng(7)


def drawn_shares(shape, p, s):
    """Draw kept shares, coordinate by coordinate in number."""
    return RNG.binomial(s, p, shape) / s


@pytest.mark.parametrize(("p", "s"), [(1.0, 1), (0.3, 1), (0.3, 4), (0.05, 30)])
def test_the_tail_of_a_start_is_that_of_the_draws(p, s):
    starts = drawn_shares(400_000, p, s) ** 1.5 * RNG.standard_normal(400_000)
    x = np.array([0.0, 0.1, 0.5])
    share = (starts[:, None] > x).mean(axis=0)
    np.testing.assert_allclose(start_tails(x, p, s, 1.5), share, atol=0.004)


@pytest.mark.parametrize("p", [1.0, 0.4, 0.05])
def test_one_coordinate_gives_the_positive_maximum(p):
    one = bounds.signal_maximum(20, p, 1, 3.0)
    assert one == pytest.approx(bounds.positive_maximum(20, p), rel=1e-5)


@pytest.mark.parametrize("s", [1, 4, 1000])
def test_nothing_pruned_leaves_no_trace_of_the_support(s):
    assert bounds.even_snr(1.0, 20, 10, 2, 3.0, 0.5, s) == pytest.approx(
        bounds.even_snr(1.0, 20, 10, 2, 3.0), rel=1e-3
    )
    assert bounds.race(0.5, 1.0, 20, 10, 2, 3.0, s) == pytest.approx(
        bounds.race(0.5, 1.0, 20, 10, 2, 3.0), rel=1e-4
    )


@pytest.mark.parametrize(("p", "s"), [(0.3, 4), (0.1, 16)])
def test_the_expected_maximum_and_its_quantiles_are_those_of_the_draws(p, s):
    m, q = 20, 3.0
    power = q / (2 * (q - 2))
    starts = drawn_shares((100_000, m), p, s) ** power * RNG.standard_normal((100_000, m))
    largest = np.maximum(starts.max(axis=1), 0)
    assert bounds.signal_maximum(m, p, s, q) == pytest.approx(largest.mean(), rel=0.01)
    ranks = np.array([0.1, 0.5, 0.9])
    np.testing.assert_allclose(
        signal_maxima(ranks, m, p, s, q), np.quantile(largest, ranks), rtol=0.02
    )


@pytest.mark.parametrize(("p", "s"), [(0.3, 1), (0.1, 4), (0.02, 16)])
def test_learnability_and_lemmas_count_whoever_keeps_some_of_a_signal(p, s):
    K, m, runs = 2, 8, 100_000
    shares = drawn_shares((runs, K, m), p, s)
    starts = np.sqrt(shares) * RNG.standard_normal(shares.shape)
    given = {"K": K, "m": m, "p": p, "support": s, "delta": 0.5, "n": 40, "d": 1000}

    def close(found, events):
        assert found == pytest.approx(events.mean(), abs=5 * 0.5 / math.sqrt(runs))

    close(bounds.learnable_probability(m, p, K, s), (starts > 0).any(axis=2).all(axis=1))
    close(1 - no_signal_left(given), ~(shares > 0).any(axis=(1, 2)))
    counts = (shares > 0).sum(axis=2)
    outside = (counts < m * p / 2) | (counts > 3 * m * p / 2)
    close(signal_neurons(given), outside.any(axis=1))
    u = math.sqrt(2 * math.log(K * m / 0.5))
    largest = starts.max(axis=2)
    close(init_signal(given), ((largest < 0.5) | (largest > u)).any(axis=1))
    parts = {part.id: part for part in EVENT_PARTS["learnable"] + EVENT_PARTS["memorizable"]}
    close(bounds.value(parts["learnable"].failure, given), ~(starts > 0).any(axis=2).all(axis=1))
    close(bounds.value(parts["no-own-signal"].failure, given), (shares > 0).any(axis=(1, 2)))


def test_a_spread_signal_does_not_feel_pruning_in_the_race():
    # SNR_p rises as p^(-1/2), and the shares take it away again
    spread = [bounds.race(0.4, p, 20, 20, 2, 3.0, 1000) for p in (1.0, 0.25, 0.12)]
    assert max(spread) / min(spread) < 1.3
    assert bounds.race(0.4, 0.25, 20, 20, 2, 3.0) > 3 * spread[0]


def test_the_square_has_no_race_for_spread_signals():
    with pytest.raises(ValueError, match="q must be a finite number > 2"):
        bounds.race(0.4, 0.5, 20, 20, 2, 2.0, 4)
