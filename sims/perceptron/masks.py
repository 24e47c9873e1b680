"""Which weights are kept: five masks that are chosen before training, with an exact count.

A score is given to every weight of the layers that are pruned, from the dense start; the p N of the
N weights with the largest scores are kept, over all these layers together. Where the score does not
depend on p, the kept sets are nested as p falls: for all but SynFlow, which prunes in rounds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sims.arguments import check_number
from sims.arrays import Floats, Integers
from sims.perceptron.gradients import flow_scores, hessian_product, loss_and_gradient
from sims.perceptron.layers import Layers, Masks, masked

PRUNINGS = ("random", "magnitude", "snip", "grasp", "synflow")
ROUNDS = 100  # of SynFlow, each keeping the same share of what the one before it kept


def draw_masks(
    pruning: str,
    p: float,
    weights: Layers,
    images: Floats,
    labels: Integers,
    rng: np.random.Generator,
    pruned: Sequence[int] | None = None,
    q: float = 1.0,
) -> Masks:
    r"""Choose which weights are kept.

    Parameters
    ----------
    pruning : {"random", "magnitude", "snip", "grasp", "synflow"}
        What is kept: the smallest of i.i.d. uniforms, the largest ``|w|``, the largest ``|w g|``,
        all but the largest ``-w (H g)``, the largest flow after 100 rounds. g and H are of the
        training loss at the dense start. Which end grasp removes is ``recalled*``.
    p : float
        Share of weights that is KEPT, ``0 < p <= 1``: p N, rounded, and one at least.
    weights : tuple of (d_l, d_{l-1}) arrays
        The dense start.
    images : (n, d) array
        Training images; snip and grasp look at them.
    labels : (n,) int array
        Their classes.
    rng : numpy.random.Generator
        Where the uniforms of ``random`` come from. The same state keeps nested sets at every p.
    pruned : sequence of int, optional
        Layers that are pruned, from 0; all by default. The others keep every weight.
    q : float, default 1
        Power of the activation.

    Returns
    -------
    tuple of (d_l, d_{l-1}) bool arrays
        True where the weight is kept.

    Raises
    ------
    ValueError
        If p or the name of the mask is not allowed.
    """
    check_number("p", p, 0.0, 1.0)
    if p == 0:
        raise ValueError(f"p is the share of weights kept and must satisfy 0 < p <= 1, got {p!r}")
    if pruning not in PRUNINGS:
        raise ValueError(f"pruning must be one of {', '.join(PRUNINGS)}, got {pruning!r}")
    layers = range(len(weights)) if pruned is None else pruned
    everything = tuple(np.ones(weight.shape, bool) for weight in weights)
    if pruning == "synflow":
        masks = everything
        for step in range(1, ROUNDS + 1) if p < 1 else ():
            scores = flow_scores(masked(weights, masks))
            # a removed weight has no path, and must not tie with one that is kept
            scores = tuple(np.where(m, s, -1.0) for m, s in zip(masks, scores, strict=True))
            masks = _keep_largest(scores, p ** (step / ROUNDS), everything, layers)
        return masks
    scores = _scores(pruning, weights, images, labels, rng, q)
    return _keep_largest(scores, p, everything, layers)


def _scores(
    pruning: str,
    weights: Layers,
    images: Floats,
    labels: Integers,
    rng: np.random.Generator,
    q: float,
) -> Layers:
    if pruning == "random":
        return tuple(-rng.random(weight.shape) for weight in weights)
    if pruning == "magnitude":
        return tuple(np.abs(weight) for weight in weights)
    _, gradient = loss_and_gradient(weights, images, labels, q)
    if pruning == "snip":
        return tuple(np.abs(w * g) for w, g in zip(weights, gradient, strict=True))
    # -w (H g) with the largest removed
    change = hessian_product(weights, gradient, images, labels, q)
    return tuple(w * c for w, c in zip(weights, change, strict=True))


def _keep_largest(scores: Layers, p: float, everything: Masks, layers: Sequence[int]) -> Masks:
    """Keep the share p with the largest scores; of equal scores those that come first."""
    together = np.concatenate([scores[layer].ravel() for layer in layers])
    kept = np.zeros(together.size, bool)
    kept[np.argsort(-together, kind="stable")[: max(1, round(p * together.size))]] = True
    masks, start = list(everything), 0
    for layer in layers:
        end = start + scores[layer].size
        masks[layer] = kept[start:end].reshape(scores[layer].shape)
        start = end
    return tuple(masks)
