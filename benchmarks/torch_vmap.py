"""Many descents at once in PyTorch: one gradient for all of them, by ``vmap`` over the runs."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch
from torch.func import grad, vmap
from torch.nn.functional import cross_entropy

from benchmarks.descents import draw_flat
from sims.problem import Problem


def seconds_a_step(problem: Problem, seeds: Sequence[int], steps: int) -> float:
    """Return the processor seconds of one step of all runs: float64, vectorized, in place."""
    torch.set_num_threads(1)
    K, m, n, eta, mu, q = (problem.K, problem.m, problem.n, problem.eta, problem.mu, problem.q)
    drawn = zip(*(draw_flat(problem, seed) for seed in seeds), strict=True)
    weights, mask, noise, labels = (torch.from_numpy(np.stack(arrays)) for arrays in drawn)
    mask = mask.double()

    def loss(weights: torch.Tensor, noise: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        on_noise = torch.relu(weights @ noise.T).pow(q).view(K, m, n)
        on_signals = torch.relu(mu * weights[:, :K]).pow(q).view(K, m, K)
        logits = on_noise.sum(dim=1) + on_signals.sum(dim=1)[:, labels]
        return cross_entropy(logits.T, labels)

    gradients = vmap(grad(loss))

    def take(count: int) -> None:
        for _ in range(count):
            weights.addcmul_(gradients(weights, noise, labels), mask, value=-eta)

    with torch.no_grad():
        take(2)
        began = time.process_time()
        take(steps)
        return (time.process_time() - began) / steps
