r"""`relu_map`: the public heat map of ReLU networks over dimension and signal, in three models.

The repository uclaml/Benign_ReLU_CNN of Kou et al. trains 20 samples for 100 steps at a learning
rate of 0.1, with a tenth of wrong labels, noise of standard deviation 1 and ten neurons a class,
d = 100, 110, .., 1090 and mu = 0, 0.1, .., 9.9, and shows the mean test error of ten runs. Here the
grid is coarser, thirty runs a cell, and three models are run on it:

* `script`: as its network is built, a bias in every neuron, weights and biases uniform up to
  1/sqrt(d), the mean over both patches of the sum over neurons, isotropic noise. Written anew in
  NumPy; errors on 1000 fresh samples.
* `isotropic`: the model of the engine, without biases and with a Gaussian start of the same
  standard deviation; errors are integrals.
* `orthogonal`: the same with noise that has no part along the signal, as in their theorem.

The mean over two patches halves the output: sigma_0 / 2 and eta / 4 in the letters of a sum at
q = 1. What is compared is mu where the error is half-way from the flips to guessing. Source:
measured.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import bounds
from bounds.relu_error import SETTLED_SHARE
from evidence.record import write
from sims import Problem, populations, simulate_many
from sims.arrays import Floats

N, M, FLIP, STEPS, RATE = 20, 10, 0.1, 100, 0.1
SIGMA_N = 1.0
DIMENSIONS = (100, 150, 250, 400, 600, 800, 1090)
SIGNALS = (0.1, 0.5, 1.0, 1.4, 1.8, 2.2, 2.6, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 9.9)
RUNS = 30
FRESH = 1000
HALF_WAY = FLIP + (0.5 - FLIP) / 2
NEVER = 1e-300  # a training loss that stops no run


def engine_errors(d: int, mu: float, noise: str, runs: int = RUNS) -> Floats:
    """Return the test errors of networks without biases and with a Gaussian start."""
    sigma_0 = math.sqrt(1 / (3 * d))  # of a uniform law up to 1/sqrt(d)
    problem = Problem(
        d, N, M, 2, 1.0, mu, SIGMA_N, sigma_0 / 2, RATE / 4, 1.0, noise, "antipodal", FLIP
    )
    trained = simulate_many([problem] * runs, range(runs), NEVER, max_steps=STEPS)
    return np.array([one.test_error for one in populations(trained)])


def script_error(d: int, mu: float, rng: np.random.Generator, steps: int = STEPS) -> float:
    """Train one network with biases on both patches, and return its error on fresh samples."""
    width = 1 / math.sqrt(d)
    weights = rng.uniform(-width, width, (2 * M, d))
    biases = rng.uniform(-width, width, 2 * M)
    signs, labels, noises = drawn(N, d, rng)
    of_class = np.repeat([-1.0, 1.0], M)
    for _ in range(steps):
        on_signal, on_noise = pre_activations(weights, biases, signs, noises, mu)
        margins = labels * outputs(on_signal, on_noise)
        # of the mean loss along the output of the neuron's class, halved by the mean over patches
        pull = RATE / (2 * N) * np.outer(labels / (1 + np.exp(margins)), of_class)
        by_signal, by_noise = pull * (on_signal > 0), pull * (on_noise > 0)
        weights += by_noise.T @ noises
        weights[:, 0] += mu * (signs @ by_signal)
        biases += (by_signal + by_noise).sum(axis=0)
    signs, labels, noises = drawn(FRESH, d, rng)
    answers = outputs(*pre_activations(weights, biases, signs, noises, mu))
    return float((labels * answers <= 0).mean())


def drawn(count: int, d: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Draw signs of the signal, labels of which some are wrong, and noises, ``(count, d)``."""
    signs = rng.choice([-1.0, 1.0], count)
    wrong = rng.random(count) < FLIP
    return signs, np.where(wrong, -signs, signs), rng.normal(0, SIGMA_N, (count, d))


def pre_activations(
    weights: Floats, biases: Floats, signs: Floats, noises: Floats, mu: float
) -> tuple[Floats, Floats]:
    """Return what each sample's two patches are to each neuron, ``(samples, 2 m)`` each."""
    return np.outer(mu * signs, weights[:, 0]) + biases, noises @ weights.T + biases


def outputs(on_signal: Floats, on_noise: Floats) -> Floats:
    """Return f = F_+ - F_- of each sample."""
    answers = (np.maximum(on_signal, 0) + np.maximum(on_noise, 0)) / 2
    found: Floats = answers[:, M:].sum(axis=1) - answers[:, :M].sum(axis=1)
    return found


def half_way(errors: Floats) -> float:
    """Return the mu at which a row of mean errors last passes half-way, between two of the grid."""
    last = int(np.flatnonzero(errors > HALF_WAY)[-1])
    part = (errors[last] - HALF_WAY) / (errors[last] - errors[last + 1])
    low, high = np.log(SIGNALS[last : last + 2])
    return float(np.exp(low + part * (high - low)))


def mapped(model: str) -> Floats:
    """Return the mean test error over dimensions and signals in one model."""
    found = np.empty((len(DIMENSIONS), len(SIGNALS)))
    rng = np.random.default_rng(0)
    for row, d in enumerate(DIMENSIONS):
        for column, mu in enumerate(SIGNALS):
            if model == "script":
                found[row, column] = np.mean([script_error(d, mu, rng) for _ in range(RUNS)])
            else:
                found[row, column] = engine_errors(d, mu, model).mean()
    return found


def summary(errors: Floats) -> dict[str, Any]:
    """Return the map of a model, and mu and x half-way by dimension."""
    middle = [half_way(row) for row in errors]
    indices = [
        bounds.relu_index(N, d, mu, SIGMA_N) for d, mu in zip(DIMENSIONS, middle, strict=True)
    ]
    return {
        "mu half-way": [round(one, 3) for one in middle],
        "x half-way": [round(one, 3) for one in indices],
        "slope of log mu in log d": round(
            float(np.polyfit(np.log(DIMENSIONS), np.log(middle), 1)[0]), 3
        ),
        "error by d and mu": errors.round(4).tolist(),
    }


def main() -> None:
    """Run the three models over the grid and write the result."""
    maps = {model: mapped(model) for model in ("script", "isotropic", "orthogonal")}
    apart = {
        model: [float(one.round(4)) for one in (difference.mean(), np.abs(difference).max())]
        for model in ("isotropic", "orthogonal")
        for difference in [maps[model] - maps["script"]]
    }
    write(
        "relu_map",
        {
            "n": N, "m": M, "flip": FLIP, "steps": STEPS, "learning rate": RATE, "runs": RUNS,
            "d": list(DIMENSIONS), "mu": list(SIGNALS), "error half-way": HALF_WAY,
            "x half-way by the curve, at a = 3/4 and 0.82": [
                round(bounds.relu_even_index(0.5, FLIP, a), 3) for a in (0.75, SETTLED_SHARE)
            ],
            "minus script: mean, largest difference": apart,
            **{model: summary(errors) for model, errors in maps.items()},
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
