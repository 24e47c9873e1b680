"""The same descent in JAX: one compiled step that gives its weights' memory to their successor."""

from __future__ import annotations

import os

import jax
import jax.numpy as jnp

from benchmarks.descents import Descent, draw_flat
from sims.problem import Problem


def start_jax(problem: Problem, seed: int, threads: int) -> Descent:
    """Start descent by a jitted step in float64, the weights' buffer donated."""
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"  # read at the first use
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    K, m, n, eta, mu, q = (getattr(problem, name) for name in ("K", "m", "n", "eta", "mu", "q"))
    q = int(q) if q.is_integer() else q  # an integer power compiles to products
    # asarray may share the memory of the arrays drawn; the copy is what may be given away
    weights, mask, noise, labels = (jnp.asarray(array) for array in draw_flat(problem, seed))
    weights = weights.copy()

    def forward(weights: jax.Array, noise: jax.Array, labels: jax.Array) -> jax.Array:
        on_noise = jax.nn.relu(weights @ noise.T).reshape(K, m, n) ** q
        on_signals = jax.nn.relu(mu * weights[:, :K]).reshape(K, m, K) ** q
        logits = on_noise.sum(axis=1) + on_signals.sum(axis=1)[:, labels]
        own = logits[labels, jnp.arange(n)]
        return jnp.mean(jax.nn.logsumexp(logits, axis=0) - own)

    def step(
        weights: jax.Array, mask: jax.Array, noise: jax.Array, labels: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        loss, gradient = jax.value_and_grad(forward)(weights, noise, labels)
        return weights - eta * jnp.where(mask, gradient, 0.0), loss

    step, forward = jax.jit(step, donate_argnums=0), jax.jit(forward)

    def take(steps: int) -> None:
        nonlocal weights
        for _ in range(steps):
            weights, _ = step(weights, mask, noise, labels)
        weights.block_until_ready()

    return Descent(take, lambda: float(forward(weights, noise, labels)))
