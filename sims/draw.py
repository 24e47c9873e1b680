"""What chance decides before training: labels, noise, initial weights and masks.

Each has a stream of its own, so that changing ``p`` changes the masks and nothing else. Coordinates
are drawn in blocks of one constant size, so every engine meets the same numbers in the same order,
and the first coordinates do not depend on d: families along d are paired too.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sims.arrays import Booleans, Floats, Integers
from sims.problem import Problem
from sims.signals import axes, concentrated, signal_coordinates, unit_signals
from sims.streams import stream

BLOCK = 2048  # coordinates drawn and summed at a time; part of what a seed means
MOST_KEPT = 2**20  # numbers of one seed that are kept for the next run: 8 MB

Bits: TypeAlias = NDArray[np.uint8]  # of a mask, eight weights a byte along d
Units = tuple[Floats, Floats, Floats | None]  # of one block: noise, weights, uniforms


class Samples(NamedTuple):
    """What is drawn of the samples beside their noise.

    Attributes
    ----------
    classes : (n,) int array
        Class of each sample's signal, uniform on the K classes.
    labels : (n,) int array
        What training sees: another class with probability ``flip``, uniform on the others.
    signal_first : (n,) bool array
        True where the signal is the first of the two patches.
    """

    classes: Integers
    labels: Integers
    signal_first: Booleans


def draw_samples(problem: Problem, seed: int) -> Samples:
    """Draw classes, labels and the order of patches (Theory, sections 2 and 12)."""
    coins, n, K = stream(seed, "labels"), problem.n, problem.K
    classes = coins.integers(K, size=n)
    signal_first = coins.random(n) < 0.5
    # wrong where below flip, so that the sets of wrong labels are nested as flip rises
    wrong = coins.random(n) < problem.flip
    other = (classes + 1 + coins.integers(K - 1, size=n)) % K
    return Samples(classes, np.where(wrong, other, classes), signal_first)


def draw_labels(problem: Problem, seed: int) -> Integers:
    """Draw the labels that training sees, an ``(n,)`` array (Theory, sections 2 and 12)."""
    return draw_samples(problem, seed).labels


def draw_signal_mask(problem: Problem, seed: int) -> Booleans:
    """Draw the masks at the signals alone: :attr:`Draw.signal_mask` of the same seed."""
    K, m = problem.K, problem.m
    if problem.p == 1:
        return np.ones((K, m, K), bool)
    if problem.pruning != "random":
        raise ValueError(f"pruning must be 'random' to draw masks alone, got {problem.pruning!r}")
    masks, count = stream(seed, "masks"), signal_coordinates(problem)
    drawn = [masks.random((K, m, BLOCK)) < problem.p for _ in range(0, count, BLOCK)]
    kept = np.concatenate(drawn, axis=2)[:, :, :count]
    if concentrated(problem):
        return kept[:, :, axes(problem).coordinates]
    # a sum of numbers that are not negative: above 0 where any is
    return kept.astype(float) @ unit_signals(problem, 0, count).T ** 2 > 0


@dataclass(frozen=True, eq=False)
class Block:
    """Coordinates ``start`` to ``stop`` of everything that has d of them.

    Attributes
    ----------
    start, stop : int
        The half-open range of coordinates; B = stop - start below.
    noise : (n, B) array
        Noise patches of the training samples, unit X.
    weights : (K, m, B) array
        Initial weights BEFORE masking, unit 1/X.
    mask : (K, m, B) bool array
        True where the weight is kept.
    """

    start: int
    stop: int
    noise: Floats
    weights: Floats
    mask: Booleans


def unpruned(problem: Problem) -> Problem:
    """Return the same problem with all weights kept."""
    return replace(problem, p=1.0, pruning="random")


def blocks(
    problem: Problem, seed: int, memory: float = 0.0, mask: Bits | None = None
) -> Iterator[Block]:
    """Draw all coordinates, block by block.

    Parameters
    ----------
    problem, seed
        What to draw, and the seed of the run.
    memory : float, default 0
        Megabytes for blocks that a second thread draws ahead of their use. It decides how fast
        the blocks come, never what is in them.
    mask : (K, m, D) uint8 array, optional
        Bits of the mask along d, D = d/8 rounded up; drawn by chance where it is left out.

    Yields
    ------
    Block
        Consecutive blocks that together cover coordinates 0 to d.
    """
    drawn = _draw_blocks(problem, seed, mask)
    block_bytes = BLOCK * (8 * problem.n + 17 * problem.K * problem.m)
    ahead = int(min(memory * 1e6 / block_bytes, problem.d // BLOCK))
    if ahead < 1 or problem.d <= BLOCK:
        yield from drawn
        return
    with ThreadPoolExecutor(max_workers=1) as drawer:
        waiting = deque(drawer.submit(next, drawn, None) for _ in range(ahead))
        while (block := waiting.popleft().result()) is not None:
            waiting.append(drawer.submit(next, drawn, None))
            yield block


def _draw_blocks(problem: Problem, seed: int, bits: Bits | None) -> Iterator[Block]:
    by_chance = problem.p < 1 and bits is None
    if by_chance and problem.pruning != "random":
        raise ValueError(f"the mask must be there for pruning {problem.pruning!r}, got none")
    n, m, K = problem.n, problem.m, problem.K
    count = -(-problem.d // BLOCK)
    size = (n, K, m, by_chance)
    few = count * BLOCK * (n + 2 * K * m) <= MOST_KEPT
    drawn = _kept_units(seed, size, count) if few else _draw_units(seed, size, count)
    for start, (noise, weights, uniform) in zip(range(0, problem.d, BLOCK), drawn, strict=True):
        width = min(BLOCK, problem.d - start)
        noise = problem.sigma_n * noise[:, :width]
        if problem.noise == "orthogonal":
            noise[:, : max(signal_coordinates(problem) - start, 0)] = 0.0
        weights = problem.sigma_0 * weights[:, :, :width]
        if uniform is not None:
            # kept when below p, so that the kept sets are nested as p falls
            mask = uniform[:, :, :width] < problem.p
        elif bits is not None:
            mask = _unpacked(bits, start, width)
        else:
            mask = np.ones(weights.shape, bool)
        yield Block(start, start + width, noise, weights, mask)


def _unpacked(bits: Bits, start: int, width: int) -> Booleans:
    """Return the mask on ``width`` coordinates from ``start`` on, a multiple of 8."""
    here = bits[:, :, start // 8 : -(-(start + width) // 8)]
    return np.unpackbits(here, axis=2, count=width).view(bool)


@lru_cache(maxsize=8)
def _kept_units(seed: int, size: tuple[int, int, int, bool], count: int) -> list[Units]:
    """Keep what runs share that differ in p or in the scales alone, and a run's second pass."""
    return list(_draw_units(seed, size, count))


def _draw_units(seed: int, size: tuple[int, int, int, bool], count: int) -> Iterator[Units]:
    """Draw noise and weights of standard deviation 1, and one uniform for each weight."""
    n, K, m, pruned = size
    noise, weights, masks = (stream(seed, name) for name in ("noise", "weights", "masks"))
    for _ in range(count):
        yield (
            noise.standard_normal((n, BLOCK)),
            weights.standard_normal((K, m, BLOCK)),
            masks.random((K, m, BLOCK)) if pruned else None,
        )


@dataclass(frozen=True, eq=False, repr=False)
class Draw:
    """What a run starts from, as far as training can feel it: no array has length d.

    Premises and events of theorems are functions of this alone, never of a trajectory.

    Attributes
    ----------
    problem : Problem
        The parameters.
    seed : int
        The seed everything was drawn from.
    labels : (n,) int array
        The class of each training sample that training sees.
    signal_kept : (K, m, K) array
        ``signal_kept[j, r, k]``: the share of signal k that neuron r of class j keeps, the squared
        norm of the masked u_k: 0 or 1 where the signal lies on one coordinate. No unit.
    noise_at_signal : (n, K) array
        Components of each noise patch along the signals, ``<xi_i, mu_k> / mu``, unit X.
    initial_signal : (K, m, K) array
        Initial pre-activations on the signals, ``<w~_{j,r}, mu_k>``. No unit.
    initial_noise : (K, m, n) array
        Initial pre-activations on the noise, ``<w~_{j,r}, xi_i>``. No unit.
    noise_norm2 : (K, m, n) array
        Squared masked noise norms ``||xi~_{j,r,i}||^2``, unit X^2.
    classes : (n,) int array
        Class of each training sample's signal; the labels where it is left out.
    along_signals : (K, m, K, K + n) array, optional
        ``<u_k * m_{j,r}, v>``, v the directions u_1 .. u_K and the noises; unit 1 and X. None
        where every signal lies on one coordinate: it follows from the others there.
    mask : (K, m, D) uint8 array or None
        Bits of the mask along d, as numpy.packbits makes them; None where the seed gives it again.
    """

    problem: Problem
    seed: int
    labels: Integers
    signal_kept: Floats
    noise_at_signal: Floats
    initial_signal: Floats
    initial_noise: Floats
    noise_norm2: Floats
    classes: Integers = None  # type: ignore[assignment]
    along_signals: Floats | None = None
    mask: Bits | None = None

    def __post_init__(self) -> None:
        """Let no label be wrong unless classes are given."""
        if self.classes is None:
            object.__setattr__(self, "classes", self.labels)

    def __repr__(self) -> str:
        """Return one line."""
        kept = f"{self.signal_neurons.sum()} of {self.signal_neurons.size}"
        return f"<Draw: seed {self.seed}, {kept} neurons keep their signal; {self.problem.letters}>"

    @property
    def signal_mask(self) -> Booleans:
        """``(K, m, K)``: True where a neuron keeps any of a signal."""
        return self.signal_kept > 0

    @property
    def signal_neurons(self) -> Booleans:
        """``(K, m)``: True where neuron r is in S_signal^j, it keeps its own signal."""
        return np.einsum("jrj->jr", self.signal_mask)

    @property
    def mask_digest(self) -> str:
        """SHA-256 of the bits of the mask; empty where the seed gives it again."""
        return "" if self.mask is None else hashlib.sha256(self.mask.tobytes()).hexdigest()
