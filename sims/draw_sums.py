"""A draw, summed up while the coordinates stream by."""

from __future__ import annotations

import numpy as np

from sims.arrays import Floats
from sims.draw import Bits, Block, Draw, draw_samples
from sims.problem import Problem
from sims.signals import add_products, axes, concentrated, signal_coordinates, unit_signals


class DrawSums:
    """Adds up a :class:`Draw` while the coordinates stream by, one block after the other.

    Parameters
    ----------
    problem : Problem
        What is drawn.
    seed : int
        The seed it is drawn from.
    mask : (K, m, D) uint8 array, optional
        Bits of the mask, where chance does not draw it.
    """

    def __init__(self, problem: Problem, seed: int, mask: Bits | None = None) -> None:
        n, m, K = problem.n, problem.m, problem.K
        self.problem, self.seed, self.mask = problem, seed, mask
        self.signal_kept = np.zeros((K, m, K))
        self.noise_at_signal = np.zeros((n, K))
        self.initial_signal = np.zeros((K, m, K))
        self.initial_noise = np.zeros((K, m, n))
        self.noise_norm2 = np.zeros((K, m, n))
        spread = not concentrated(problem)
        self.along_signals = np.zeros((K, m, K, K + n)) if spread else None

    def add(self, block: Block) -> None:
        """Add one block of coordinates."""
        self.add_products(block)
        self.noise_norm2 += block.mask.astype(float) @ (block.noise * block.noise).T

    def add_products(self, block: Block) -> None:
        """Add one block to everything but the noise norms."""
        masked = block.weights * block.mask
        self.initial_noise += masked @ block.noise.T
        add_products(self.noise_at_signal, block.noise, self.problem, block.start)
        if self.along_signals is None:
            places, _ = axes(self.problem)
            here = (places >= block.start) & (places < block.stop)
            self.signal_kept[:, :, here] = block.mask[:, :, places[here] - block.start]
        elif block.start < signal_coordinates(self.problem):
            self._add_masked_signals(block, self.along_signals)
        add_products(self.initial_signal, masked, self.problem, block.start)

    def _add_masked_signals(self, block: Block, along: Floats) -> None:
        """Add a block to the products of masked signals, alike in all neurons if none is pruned."""
        unit = unit_signals(self.problem, block.start, block.stop)
        width, rows = unit.shape[1], slice(None) if self.problem.p < 1 else slice(1)
        masked = block.mask[rows, rows, None, :width] * unit
        along += masked @ np.concatenate([unit, block.noise[:, :width]]).T

    def total(self) -> Draw:
        """Return the draw once every block was added."""
        samples = draw_samples(self.problem, self.seed)
        if self.along_signals is not None:
            self.signal_kept = np.einsum("jrkk->jrk", self.along_signals[..., : self.problem.K])
        return Draw(
            self.problem,
            self.seed,
            samples.labels,
            self.signal_kept,
            self.noise_at_signal,
            self.problem.mu * self.initial_signal,
            self.initial_noise,
            self.noise_norm2,
            samples.classes,
            self.along_signals,
            self.mask,
        )
