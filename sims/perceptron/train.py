"""Full-batch gradient descent on the kept weights, with the updates of the first layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sims.arguments import check_count, check_number
from sims.arrays import Floats, Integers
from sims.perceptron.gradients import loss_and_heard
from sims.perceptron.layers import Layers, Masks, masked

LARGEST_LOSS = 1e6  # a loss beyond it is called diverged


@dataclass(frozen=True, eq=False)
class Trained:
    """What came of a descent.

    Attributes
    ----------
    weights : tuple of (d_l, d_{l-1}) arrays
        The masked weights at the end; pruned ones are exactly 0.
    updates : (d_1, n) array
        A, the sum over steps of ``-eta delta_1``: the first layer is ``mask * (W_1(0) + A X)``.
    loss : float
        Training loss at the end.
    steps : int
        Steps taken.
    status : {"reached", "stalled", "max-steps", "diverged"}
        How it ended: at the target, where no weight moves any more, out of steps, or with a loss
        beyond 10^6 or no number.
    """

    weights: Layers
    updates: Floats
    loss: float
    steps: int
    status: str


def train(
    weights: Layers,
    masks: Masks,
    images: Floats,
    labels: Integers,
    eta: float,
    target_loss: float = 0.05,
    max_steps: int = 2000,
    q: float = 1.0,
) -> Trained:
    r"""Descend from masked weights until the training loss is at most the target.

    Parameters
    ----------
    weights : tuple of (d_l, d_{l-1}) arrays
        The start; it is masked first, and not changed.
    masks : tuple of (d_l, d_{l-1}) bool arrays
        True where the weight is kept.
    images : (n, d) array
        Training images.
    labels : (n,) int array
        Their classes.
    eta : float
        Learning rate of every layer.
    target_loss : float, default 0.05
        Training loss to stop at (epsilon).
    max_steps : int, default 2000
        Steps after which it stops in any case.
    q : float, default 1
        Power of the activation.

    Returns
    -------
    Trained
        Weights, updates of the first layer, loss, steps and how it ended.

    Raises
    ------
    ValueError
        If eta, the target or the number of steps is not positive.
    """
    check_number("eta", eta, 1e-12, 1e12)
    check_number("target_loss", target_loss, 1e-12, 1e12)
    check_count("max_steps", max_steps, 1)
    now = masked(weights, masks)
    updates = np.zeros((now[0].shape[0], len(labels)))
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(max_steps + 1):
            loss, heard, passed = loss_and_heard(now, images, labels, q)
            changes = [-eta * delta @ h.T for delta, h in zip(heard, passed.inputs, strict=True)]
            changes = list(masked(tuple(changes), masks))
            moves = any(change.any() for change in changes)
            status = _status(loss, target_loss, moves, step == max_steps)
            if status is not None:
                break
            updates -= eta * heard[0]
            for weight, change in zip(now, changes, strict=True):
                weight += change
    assert status is not None
    return Trained(now, updates, loss, step, status)


def _status(loss: float, target_loss: float, moves: bool, last: bool) -> str | None:
    """Say how a descent ends here, or None where it goes on."""
    if not loss <= LARGEST_LOSS:
        return "diverged"
    if loss <= target_loss:
        return "reached"
    if not moves:
        return "stalled"
    return "max-steps" if last else None
