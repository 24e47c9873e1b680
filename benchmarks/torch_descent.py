"""The same descent in PyTorch, as well as we know how on a CPU."""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy

from benchmarks.descents import Descent, draw_flat
from sims.problem import Problem


def start_pytorch(problem: Problem, seed: int, threads: int) -> Descent:
    """Start descent by automatic differentiation: float64, vectorized, updated in place."""
    torch.set_num_threads(threads)
    K, m, n, eta, mu = problem.K, problem.m, problem.n, problem.eta, problem.mu
    drawn = draw_flat(problem, seed)
    weights, mask, noise, labels = (torch.from_numpy(array) for array in drawn)
    mask = mask.double()  # so that masking and updating are one pass, addcmul_
    weights.requires_grad_()

    def forward(weights: torch.Tensor, at_signals: torch.Tensor) -> torch.Tensor:
        on_noise = torch.relu(weights @ noise.T).pow(problem.q).view(K, m, n)
        on_signals = torch.relu(mu * at_signals).pow(problem.q).view(K, m, K)
        logits = on_noise.sum(dim=1) + on_signals.sum(dim=1)[:, labels]
        return cross_entropy(logits.T, labels)

    def take(steps: int) -> None:
        for _ in range(steps):
            # the signals' coordinates as a leaf of their own: the gradient of a slice of the
            # weights would be a second array of the size of the weights, nearly all zeros
            at_signals = weights.detach()[:, :K].requires_grad_()
            loss = forward(weights, at_signals)
            gradient, signal_gradient = torch.autograd.grad(loss, (weights, at_signals))
            with torch.no_grad():
                weights.addcmul_(gradient, mask, value=-eta)
                weights[:, :K].addcmul_(signal_gradient, mask[:, :K], value=-eta)

    def loss() -> float:
        with torch.no_grad():
            return float(forward(weights, weights[:, :K]))

    return Descent(take, loss)
