"""Test loss and error by Gaussian integrals against plain Monte Carlo over fresh samples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evidence.record import write
from sims import Problem, draw_network, population, rebuild_weights, simulate
from sims.data import draw_dataset
from sims.network import activation
from theorycheck.running.tasks import open_pool

SAMPLES = 1_000_000
CHUNK = 20_000
NETWORKS = [
    (300, 20, 8, K, p, snr, noise, seed)
    for seed, (K, p, snr, noise) in enumerate(
        [
            (2, 1.0, 0.6, "isotropic"),
            (2, 0.5, 0.5, "isotropic"),
            (2, 0.3, 0.4, "isotropic"),
            (2, 0.1, 0.3, "isotropic"),
            (3, 0.6, 0.5, "isotropic"),
            (3, 0.2, 0.4, "isotropic"),
            (2, 0.5, 0.5, "orthogonal"),
            (2, 0.15, 0.3, "orthogonal"),
            (3, 0.4, 0.6, "orthogonal"),
            (4, 0.5, 0.5, "orthogonal"),
        ]
    )
]


def compare(network: tuple[Any, ...]) -> dict[str, Any]:
    """Train one network, integrate, sample, and return both with the distance in errors."""
    d, n, m, K, p, snr, noise, seed = network
    sigma_n = 1 / (snr * math.sqrt(d))
    problem = Problem(d, n, m, K, p, 1.0, sigma_n, 0.01, 0.1, noise=noise)
    run = simulate(problem, seed)
    ours = population(run)
    weights, mask = draw_network(problem, seed)
    data = draw_dataset(problem, seed)
    trained = rebuild_weights(run.final, run.draw, weights, mask, data.noise)
    losses, errors = sample(problem, trained, np.random.default_rng(10_000 + seed))
    record: dict[str, Any] = {"network": list(network), "status": run.status}
    for name, values, mean, error in (
        ("loss", losses, ours.test_loss, ours.test_loss_se),
        ("error", errors, ours.test_error, ours.test_error_se),
    ):
        spread = math.hypot(values.std(ddof=1) / math.sqrt(SAMPLES), error)
        distance = abs(values.mean() - mean) / spread if spread > 0 else 0.0
        record[name] = [mean, float(values.mean()), distance]
    return record


def sample(problem: Problem, weights: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    """Draw fresh samples; return the loss and the error of each."""
    K, losses, errors = problem.K, [], []
    for _ in range(SAMPLES // CHUNK):
        labels = rng.integers(K, size=CHUNK)
        noise = problem.sigma_n * rng.standard_normal((CHUNK, problem.d))
        if problem.noise == "orthogonal":
            noise[:, :K] = 0.0
        on_signal = problem.mu * weights[:, :, labels]
        on_noise = (weights.reshape(-1, problem.d) @ noise.T).reshape(on_signal.shape)
        logits = (activation(on_signal, problem.q) + activation(on_noise, problem.q)).sum(axis=1)
        own, top = logits[labels, np.arange(CHUNK)], logits.max(axis=0)
        losses.append(np.log(np.exp(logits - top).sum(axis=0)) + top - own)
        errors.append(1 - (own == top) / (logits == top).sum(axis=0))
    return np.concatenate(losses), np.concatenate(errors)


def main() -> None:
    """Compare every network and write the result."""
    with open_pool(2) as workers:
        networks = list(workers.map(compare, NETWORKS))
    distances = [one[name][2] for one in networks for name in ("loss", "error")]
    write(
        "population",
        {
            "samples": SAMPLES,
            "inside 3 standard errors": sum(
                bool(max(one["loss"][2], one["error"][2]) < 3) for one in networks
            ),
            "largest distance": max(distances),
            "networks [d, n, m, K, p, snr, noise, seed], [integral, sampled, distance]": networks,
        },
    )


if __name__ == "__main__":
    main()
