import numpy as np
import pytest
from scipy import integrate, special, stats

import bounds


@pytest.mark.parametrize("p", [1.0, 0.9, 0.3, 0.05, 1e-6])
def test_magnitude_gain_is_the_second_moment_beyond_the_cut(p):
    cut = stats.norm.isf(p / 2)
    inside = integrate.quad(lambda x: x * x * stats.norm.pdf(x), cut, np.inf, epsabs=0)[0]
    assert bounds.magnitude_gain(p) == pytest.approx(2 * inside / p, rel=1e-8)


def test_magnitude_gains_nothing_where_nothing_is_pruned():
    assert bounds.magnitude_gain(1.0) == 1.0


@pytest.mark.parametrize("level", [0.0, 0.1, 1.0, 4.0])
def test_product_tail_is_the_mean_of_a_gaussian_tail(level):
    def given(x):
        return 2 * stats.norm.pdf(x) * 2 * stats.norm.sf(level / x) if x > 0 else 0.0

    expected = integrate.quad(given, 0, np.inf, epsabs=1e-13)[0]
    assert bounds.product_tail(level) == pytest.approx(expected, rel=1e-8)


def test_snip_cut_leaves_the_share_of_the_scores():
    spreads = [1e-9, 3e-9, 0.0, 4e-8]
    cut = bounds.snip_cut(0.2, spreads)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 4, 10**5))
    share = np.mean(np.abs(x * y) * np.array(spreads)[:, None] > cut)
    assert share == pytest.approx(0.2, abs=5 * (0.2 / 4e5) ** 0.5)


def test_snip_cut_is_0_where_fewer_weights_have_a_gradient_than_are_kept():
    assert bounds.snip_cut(0.6, [1.0, 0.0]) == 0.0
    with pytest.raises(ValueError, match=r"^spreads must have one above 0, got \[0.0\]$"):
        bounds.snip_cut(0.6, [0.0])


@pytest.mark.parametrize("q", [1.0, 2.0, 3.5])
def test_snip_keeps_a_signal_where_its_score_is_above_the_cut(q):
    pull, mu, sigma_0, cut = 0.2, 1.5, 0.4, 0.01
    w = sigma_0 * np.random.default_rng(1).standard_normal(10**6)
    share = np.mean(q * pull * np.where(w > 0, mu * w, 0.0) ** q > cut)
    found = bounds.snip_kept_share(cut, pull, q, mu, sigma_0)
    assert found == pytest.approx(share, abs=5 * 5e-4)
    assert found < 0.5
    assert bounds.snip_kept_share(cut, 0.0, q, mu, sigma_0) == 0.0


def test_a_neuron_is_emptied_where_no_coordinate_passes():
    tail = bounds.product_tail(3.0)
    assert bounds.snip_empty_chance(3.0, 1.0, 40) == pytest.approx((1 - tail) ** 40, rel=1e-10)
    assert bounds.snip_empty_chance(3.0, 0.0, 40) == 1.0
    assert bounds.snip_empty_chance(0.0, 1.0, 40) == 0.0


def symmetric_round(q, u):
    """How far a neuron's cut moves in a round when its own was off by 1, all others at u."""
    h = 1e-6
    log_sum = lambda cut: np.log(2 * stats.norm.pdf(cut))  # noqa: E731
    level = np.log(u) + (q - 1) * log_sum(u)
    moved = [np.exp(level - (q - 1) * log_sum(u + step)) for step in (-h, h)]
    return (moved[1] - moved[0]) / (2 * h)


@pytest.mark.parametrize("q", [1.5, 2.0, 3.0, 4.0])
def test_synflow_collapses_where_a_round_takes_neurons_apart(q):
    u = special.ndtri(1 - bounds.synflow_collapse(q) / 2)
    assert symmetric_round(q, u) == pytest.approx(1.0, rel=1e-6)
    assert symmetric_round(q, 1.05 * u) > 1 > symmetric_round(q, 0.95 * u)


def test_synflow_of_relu_empties_no_neuron():
    assert bounds.synflow_collapse(1.0) == 0.0
    with pytest.raises(ValueError, match=r"^q must be at least 1, got 0.5$"):
        bounds.synflow_collapse(0.5)


@pytest.mark.parametrize("p", [0, -0.1, 1.1])
def test_a_share_outside_its_domain_is_refused(p):
    for function in (bounds.magnitude_gain, lambda p: bounds.snip_cut(p, [1.0])):
        with pytest.raises(ValueError, match=rf"^p is the share of weights kept .*got {p}$"):
            function(p)
