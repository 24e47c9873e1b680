"""Which weights are kept where that is no matter of chance: by score, or as given.

Every score is of the dense start, one number a weight, and the weights with the largest are kept:
of all K m d of them, or of each neuron (Theory, section 14). Coordinate c of a neuron has::

    magnitude   |w_c|
    snip        |w_c g_c|,      g the gradient of the training loss
    grasp       w_c (H g)_c,    H its Hessian: the largest -w_c (H g)_c are removed (recalled*)
    synflow     |w_c| dR/d|w_c|, after 100 rounds, each of which keeps the same share

R is what the network answers to patches of ones with the absolute values of the kept weights. With
S their sum in a neuron, the neuron answers S^q to each of the two patches, which have no order and
only count twice, so the score is ``|w_c| S^(q-1)`` up to a factor that all share. It is held as a
logarithm. Inside a neuron its order is that of the magnitudes: SynFlow neuron by neuron would be
magnitude neuron by neuron, and has no name of its own.

Where the score does not depend on p the kept sets are nested as p falls: for all but synflow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from sims.arrays import Booleans, Floats
from sims.dense_start import DenseStart, dense_start
from sims.draw import Bits, Draw, blocks
from sims.problem import PER_NEURON, Problem

ROUNDS = 100  # of SynFlow
Mask: TypeAlias = Booleans | Callable[[DenseStart], Any]  # as the user hands it over


def mask_of(draw: Draw) -> Booleans:
    """Return the mask of a draw, ``(K, m, d)``: True where the weight is kept.

    Parameters
    ----------
    draw : Draw
        Where a run of any engine but "gram-law" starts, which draws no weight one by one.
    """
    bits = kept_bits(draw.problem, draw.seed, draw.mask)
    drawn = blocks(draw.problem, draw.seed, mask=bits)
    return np.concatenate([block.mask for block in drawn], axis=2)


def kept_bits(problem: Problem, seed: int, known: Bits | None = None) -> Bits | None:
    """Return the bits of a mask; None where nothing is pruned, or chance decides.

    Parameters
    ----------
    problem : Problem
        What is drawn.
    seed : int
        The seed it is drawn from.
    known : (K, m, D) uint8 array, optional
        The bits, where they are there already.

    Raises
    ------
    ValueError
        If the mask was given, and is not there.
    """
    if problem.p == 1 or problem.pruning == "random":
        return None
    if known is not None:
        return known
    if problem.pruning == "given":
        raise ValueError("pruning 'given' needs the mask that was given, and there is none")
    return np.packbits(scored_mask(dense_start(problem, seed)), axis=2)


def given_bits(problem: Problem, seed: int, mask: Mask) -> tuple[Problem, Bits]:
    """Return the problem of a run with a given mask, p the share that it keeps, and its bits."""
    array = mask(dense_start(problem, seed)) if callable(mask) else mask
    shape = (problem.K, problem.m, problem.d)
    wanted = f"mask must be a bool array of shape (K, m, d) = {shape}, or a function of the dense "
    wanted += "start that returns one"
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{wanted}, got {type(array).__name__}")
    if array.dtype != bool or array.shape != shape:
        raise ValueError(f"{wanted}, got shape {array.shape} of {array.dtype}")
    if not array.any():
        raise ValueError(f"{wanted}, and keep at least one weight, got one that keeps none")
    return replace(problem, p=float(array.mean()), pruning="given"), np.packbits(array, axis=2)


def scored_mask(start: DenseStart) -> Booleans:
    """Choose the weights that ``pruning`` keeps of a share p, ``(K, m, d)``.

    Parameters
    ----------
    start : DenseStart
        The dense start; ``p`` and ``pruning`` of its problem decide.

    Returns
    -------
    (K, m, d) bool array
        True for exactly round(p K m d) weights, or round(p d) of every neuron; one at least. Of
        equal scores those that come first are kept.
    """
    problem = start.problem
    score, per_neuron, _ = problem.pruning.partition(PER_NEURON)
    if score == "synflow":
        return _by_flow(start.weights, problem.p, problem.q)
    rows = problem.K * problem.m if per_neuron else 1
    scores = SCORE[score](start).reshape(rows, -1)
    return keep_largest(scores, problem.p).reshape(start.weights.shape)


SCORE: dict[str, Callable[[DenseStart], Floats]] = {
    "magnitude": lambda start: np.abs(start.weights),
    "snip": lambda start: np.abs(start.weights * start.gradient),
    "grasp": lambda start: start.weights * start.hessian_gradient,
}


def keep_largest(scores: Floats, p: float) -> Booleans:
    """Keep the share p of each row, ``(rows, N)``: the largest, of equal ones the first."""
    size = scores.shape[1]
    count = max(1, round(p * size))
    cut = np.partition(scores, size - count, axis=1)[:, size - count, None]
    kept = scores > cut
    for row, here, level in zip(kept, scores, cut, strict=True):
        row[np.flatnonzero(here == level)[: count - np.count_nonzero(row)]] = True
    return kept


def _by_flow(weights: Floats, p: float, q: float) -> Booleans:
    """Prune to the share p in rounds by ``log |w_c| + (q - 1) log S``."""
    sizes = np.abs(weights).ravel()
    left, width = np.arange(sizes.size), weights.shape[2]
    with np.errstate(divide="ignore"):  # a weight of 0 has no flow
        logarithms = np.log(sizes)
    for step in range(1, ROUNDS + 1):
        neurons = left // width
        sums = np.bincount(neurons, weights=sizes[left], minlength=1)
        with np.errstate(divide="ignore"):
            flow = logarithms[left] + ((q - 1) * np.log(sums))[neurons]
        # the share of all that this round is to leave, as one of what is left
        share = max(1, round(p ** (step / ROUNDS) * sizes.size)) / left.size
        left = left[keep_largest(flow[None], share)[0]]
    kept = np.zeros(sizes.size, bool)
    kept[left] = True
    return kept.reshape(weights.shape)
