"""The noise term: agreeing with plain sampling where that can see it, and far below the floats."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import log_ndtr

from sims import Problem, noise_term, simulate
from sims.population import weight_gram_and_signals


@pytest.fixture(scope="module")
def run():
    return simulate(Problem(200, 10, 4, 2, 0.6, 1.0, 0.1, 0.02, 0.2), 0, "gram")


@pytest.mark.parametrize("tau", [0.1, 0.2, 0.3, 0.4])
def test_estimate_agrees_with_plain_sampling(run, tau):
    weights, _ = weight_gram_and_signals(run)
    covariance = run.problem.sigma_n**2 * weights
    rng = np.random.default_rng(1)
    noise = rng.multivariate_normal(np.zeros(8), covariance, size=400_000)
    frequency = float((np.abs(noise).max(axis=1) > tau).mean())
    ours = noise_term(run, tau)
    error = math.sqrt(frequency * (1 - frequency) / 400_000)
    estimate = math.exp(ours.log_probability)
    assert abs(estimate - frequency) < 4 * math.hypot(error, estimate * ours.relative_se)


@pytest.mark.parametrize("tau", [0.1, 1.0, 30.0, 1e4])
def test_estimate_lies_between_the_largest_tail_and_the_union_bound(run, tau):
    ours = noise_term(run, tau)
    weights, _ = weight_gram_and_signals(run)
    heights = tau / (run.problem.sigma_n * np.sqrt(np.diag(weights)))
    largest = math.log(2) + log_ndtr(-heights).max()
    slack = 1e-9 * abs(largest) + 4 * ours.relative_se
    assert largest - slack <= ours.log_probability <= ours.log_bound + slack


def test_probability_far_below_the_floats_keeps_its_logarithm(run):
    # tails fall like exp(-tau^2 / 2 s^2): doubling tau multiplies the logarithm by 4
    once, twice = noise_term(run, 20.0), noise_term(run, 40.0)
    assert once.log_probability < -700
    assert twice.log_probability / once.log_probability == pytest.approx(4, rel=2e-3)


def test_threshold_is_what_the_smallest_logit_allows(run):
    _, on_signals = weight_gram_and_signals(run)
    own = [np.sum(np.maximum(on_signals[k, :, k], 0) ** 3) for k in range(2)]
    assert noise_term(run).tau == pytest.approx((min(own) / (2 * 4)) ** (1 / 3))


def test_threshold_is_of_the_signals_that_training_has_whatever_the_labels(run):
    _, on_signals = weight_gram_and_signals(run)
    own = [np.sum(np.maximum(on_signals[k, :, k], 0) ** 3) for k in range(2)]
    larger = int(np.argmax(own))
    classes, labels = np.full(10, larger), np.arange(10) % 2
    draw = replace(run.draw, classes=classes, labels=labels)
    threshold = noise_term(replace(run, draw=draw)).tau
    assert threshold == pytest.approx((own[larger] / (2 * 4)) ** (1 / 3))
    assert own[larger] > min(own)


def test_class_that_has_not_learned_has_no_threshold():
    run = simulate(Problem(50, 4, 2, 2, 0.01, 1.0, 0.1, 0.02, 0.2), 1, "gram", max_steps=5)
    with pytest.raises(ValueError, match="tau must be greater than 0"):
        noise_term(run)


def test_standard_error_is_honest(run):
    estimates = [noise_term(run, 0.15, samples=256, seed=seed) for seed in range(60)]
    spread = np.std([math.exp(one.log_probability) for one in estimates], ddof=1)
    stated = np.mean([math.exp(one.log_probability) * one.relative_se for one in estimates])
    # 60 estimates tell a spread to about 10 %
    assert spread == pytest.approx(stated, rel=0.35)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": 1}, "samples must be an integer of at least 2, got 1"),
        ({"samples": 2.5}, "samples must be an integer"),
        ({"seed": -1}, "seed must be an integer of at least 0, got -1"),
        ({"tau": math.inf}, "tau must be a finite number"),
        ({"tau": 0.0}, "tau must be greater than 0"),
    ],
)
def test_bad_argument_is_refused(run, options, message):
    with pytest.raises(ValueError, match=message):
        noise_term(run, **options)
