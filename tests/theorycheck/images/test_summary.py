"""Means, paired differences and slopes, on made-up repetitions."""

import math
from dataclasses import replace

import numpy as np
import pytest

from theorycheck.images.runs import Repetition, Run
from theorycheck.images.summary import cells, mean_of, slopes

DENSE = Run(
    "dense", "", 1.0, "reached", 9, 0.05, 0.9, 0.6, (1.0, 1.0), 0.0, 1.0, 2.0, 1.0, 2.0, 1.0, 0.4
)


def repetition(seed, easy, gain, power, status="reached"):
    """A seed whose images are easy by so much, an arm that gains so much, SNR_p a power of p."""
    dense = replace(DENSE, accuracy=0.6 + easy)
    pruned = [
        replace(dense, arm="pruned", pruning="random", p=p, accuracy=dense.accuracy + gain,
                snr=0.4 * p**power, noise_over_signal=p ** (2 * power), status=status)
        for p in (0.5, 0.1)
    ]  # fmt: skip
    return Repetition(seed, (3.0,), (dense, *pruned))


def test_differences_are_paired():
    easy, gain = np.random.default_rng(0).normal(0, 0.2, 8), [0.01, 0.02] * 4
    found = cells([repetition(seed, easy[seed], gain[seed], 0.0) for seed in range(8)])
    pruned = found[1]
    assert (pruned.arm, pruned.pruning, pruned.p) == ("pruned", "random", 0.5)
    assert pruned.gain.value == pytest.approx(0.015)
    assert pruned.gain.error == pytest.approx(np.std(gain, ddof=1) / math.sqrt(8))
    assert pruned.accuracy.error > 5 * pruned.gain.error
    assert (found[0].gain.value, found[0].gain.error) == (0, 0)


def test_a_cell_is_reached_only_if_every_run_is():
    runs = [repetition(0, 0, 0, 0), repetition(1, 0, 0, 0, "max-steps")]
    dense, pruned, _ = cells(runs)
    assert dense.reached
    assert not pruned.reached
    assert pruned.ended == {"max-steps": 1, "reached": 1}


@pytest.mark.parametrize("power", [-0.5, 0.0, 0.3])
def test_slopes_are_those_of_the_powers(power):
    found = slopes([repetition(seed, 0, 0, power) for seed in range(3)], "random")
    assert found.snr.value == pytest.approx(power, abs=1e-12)
    assert found.snr.error == pytest.approx(0, abs=1e-12)
    assert found.noise_over_signal["pruned"].value == pytest.approx(2 * power, abs=1e-12)
    assert math.isnan(found.noise_over_signal["shrunk"].value)  # no such run: no slope


def test_a_mean_leaves_out_what_is_no_number():
    mean = mean_of([1.0, math.nan, 3.0])
    assert (mean.value, mean.error, mean.count) == (2.0, pytest.approx(1.0), 2)
    assert math.isnan(mean_of([math.nan]).value)
    assert math.isnan(mean_of([1.0]).error)
