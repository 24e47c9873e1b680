r"""Loss, gradient, Hessian product and SynFlow of a perceptron, by hand.

Read it after :mod:`sims.gradients`, whose last layer is fixed and whose images are one signal and
one noise; here every layer is trained and an image is whatever it is. Every formula stands above
the lines that compute it. l = 1..L is a layer, i a sample, j a class. Samples are columns:

    h_0 = X^T,   z_l = W_l h_{l-1},   h_l = sigma(z_l) for l < L,   F = z_L

with sigma(z) = max(z, 0)^q. What each layer hears of the loss is called delta_l = dL_S/dz_l.
A mask is no part of this file: W_l holds zeros where it is pruned, and the gradient is that of the
weights as if none were; :mod:`sims.perceptron.train` masks it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sims.arrays import Floats, Integers
from sims.gradients import loss_and_slopes
from sims.network import activation, activation_curvature, activation_slope
from sims.perceptron.layers import Layers


class Pass(NamedTuple):
    """What a forward pass leaves behind: ``h_0 .. h_{L-1}`` and ``z_1 .. z_L``, samples in columns.

    Attributes
    ----------
    inputs : list of (d_{l-1}, n) arrays
        What each layer is given.
    products : list of (d_l, n) arrays
        What its weights make of it; the last are the logits F.
    """

    inputs: list[Floats]
    products: list[Floats]


def forward(weights: Layers, images: Floats, q: float = 1.0) -> Pass:
    r"""Compute ``z_l = W_l h_{l-1}`` and ``h_l = sigma(z_l)``, layer by layer.

    Parameters
    ----------
    weights : tuple of (d_l, d_{l-1}) arrays
        The weights, pruned ones 0.
    images : (n, d) array
        One image a row, no unit.
    q : float, default 1
        Power of the activation: 1 is ReLU.

    Returns
    -------
    Pass
        Every layer's inputs and products.
    """
    inputs, products = [images.T], []
    for weight in weights:
        # z_l = W_l h_{l-1}
        products.append(weight @ inputs[-1])
        # h_l = sigma(z_l)
        inputs.append(activation(products[-1], q))
    return Pass(inputs[:-1], products)  # the logits pass no activation


def logits(weights: Layers, images: Floats, q: float = 1.0) -> Floats:
    """Return ``F_j(x_i)``, ``(K, n)``; parameters as in :func:`forward`."""
    return forward(weights, images, q).products[-1]


def loss_and_gradient(
    weights: Layers, images: Floats, labels: Integers, q: float = 1.0
) -> tuple[float, Layers]:
    r"""Compute the training loss and its gradient in every weight.

    Parameters
    ----------
    weights, images, q
        As in :func:`forward`.
    labels : (n,) int array
        Class y_i of each image, 0 to K - 1.

    Returns
    -------
    loss : float
        ``L_S``, the mean over images of ``-log softmax(F(x_i))_{y_i}``.
    gradient : tuple of (d_l, d_{l-1}) arrays
        ``dL_S/dW_l``. At a pre-activation of 0 the slope of sigma counts as 0.
    """
    loss, heard, passed = loss_and_heard(weights, images, labels, q)
    # dL_S/dW_l = delta_l h_{l-1}^T
    gradient = (delta @ h.T for delta, h in zip(heard, passed.inputs, strict=True))
    return loss, tuple(gradient)


def loss_and_heard(
    weights: Layers, images: Floats, labels: Integers, q: float = 1.0
) -> tuple[float, list[Floats], Pass]:
    """Return the loss, ``delta_1 .. delta_L`` (``(d_l, n)`` each), and the pass they come from."""
    passed = forward(weights, images, q)
    loss, slopes = loss_and_slopes(passed.products[-1], labels)
    # delta_L = l'/n,   l'_{j,i} = softmax(F(x_i))_j - 1[j = y_i]
    heard = [slopes / len(labels)]
    for weight, z in zip(weights[:0:-1], passed.products[-2::-1], strict=True):
        # delta_{l-1} = (W_l^T delta_l) sigma'(z_{l-1})
        heard.append((weight.T @ heard[-1]) * activation_slope(z, q))
    return loss, heard[::-1], passed


def hessian_product(
    weights: Layers, direction: Layers, images: Floats, labels: Integers, q: float = 1.0
) -> Layers:
    r"""Compute how the gradient changes along a direction, ``H V``, exactly.

    Write R(.) for the derivative along ``W_l + t V_l`` at t = 0, and differentiate the lines above
    (Pearlmutter's trick): a product with the Hessian costs two gradients.

    Parameters
    ----------
    weights, images, labels, q
        As in :func:`loss_and_gradient`; q is 1 or at least 2, for sigma'' has to be bounded.
    direction : tuple of (d_l, d_{l-1}) arrays
        V_l, a matrix for each layer.

    Returns
    -------
    tuple of (d_l, d_{l-1}) arrays
        ``H V``. At q = 1 it leaves out that units switch at their kinks, as almost everywhere.

    Raises
    ------
    ValueError
        If q lies below 1 or between 1 and 2.
    """
    if not (q == 1 or q >= 2):
        raise ValueError(f"q must be 1 or at least 2 for a Hessian product, got {q!r}")
    _, heard, passed = loss_and_heard(weights, images, labels, q)
    n = len(labels)

    # forward: R(z_l) = V_l h_{l-1} + W_l R(h_{l-1}),   R(h_l) = sigma'(z_l) R(z_l),   R(h_0) = 0
    moved_inputs, moved_products = [np.zeros_like(passed.inputs[0])], []
    for weight, v, h, z in zip(weights, direction, *passed, strict=True):
        moved_products.append(v @ h + weight @ moved_inputs[-1])
        moved_inputs.append(activation_slope(z, q) * moved_products[-1])

    # R(delta_L) = (1/n) [ s R(F) - s <s, R(F)> ],   s_j = softmax(F)_j
    s = n * heard[-1]
    s[labels, np.arange(n)] += 1.0
    pulled = s * moved_products[-1]
    moved_heard = [(pulled - s * pulled.sum(axis=0)) / n]

    # backward: R(delta_{l-1}) = (V_l^T delta_l + W_l^T R(delta_l)) sigma'(z_{l-1})
    #                            + (W_l^T delta_l) sigma''(z_{l-1}) R(z_{l-1})
    for layer in range(len(weights) - 1, 0, -1):
        weight, v, delta = weights[layer], direction[layer], heard[layer]
        z, moved_z = passed.products[layer - 1], moved_products[layer - 1]
        straight = (v.T @ delta + weight.T @ moved_heard[-1]) * activation_slope(z, q)
        bent = (weight.T @ delta) * _curvature(z, q) * moved_z
        moved_heard.append(straight + bent)

    # (H V)_l = R(delta_l) h_{l-1}^T + delta_l R(h_{l-1})^T
    columns = zip(moved_heard[::-1], passed.inputs, heard, moved_inputs[:-1], strict=True)
    return tuple(moved @ h.T + delta @ moved_h.T for moved, h, delta, moved_h in columns)


def flow_scores(weights: Layers) -> Layers:
    r"""Compute SynFlow's score of every weight, ``|w| dR/d|w|`` with ``R = 1^T |W_L| .. |W_1| 1``.

    R is the sum over all paths from a pixel to a class of the product of the weights on it, and the
    score of a weight the sum over the paths that use it. No image enters.

    Parameters
    ----------
    weights : tuple of (d_l, d_{l-1}) arrays
        The weights, pruned ones 0.

    Returns
    -------
    tuple of (d_l, d_{l-1}) arrays
        The scores; those of each layer add up to R.
    """
    sizes = [np.abs(weight) for weight in weights]
    # from the pixels: a_0 = 1, a_l = |W_l| a_{l-1}
    arriving = [np.ones(sizes[0].shape[1])]
    for size in sizes[:-1]:
        arriving.append(size @ arriving[-1])
    # from the classes: b_L = 1, b_{l-1} = |W_l|^T b_l
    leaving = [np.ones(sizes[-1].shape[0])]
    for size in sizes[:0:-1]:
        leaving.append(size.T @ leaving[-1])
    # |w_{cb}| dR/d|w_{cb}| = (b_l)_c |w_{cb}| (a_{l-1})_b
    columns = zip(leaving[::-1], sizes, arriving, strict=True)
    return tuple(after[:, None] * size * before for after, size, before in columns)


def _curvature(z: Floats, q: float) -> Floats:
    """Return ``sigma''(z)``; 0 for ReLU."""
    return np.zeros_like(z) if q == 1 else activation_curvature(z, q)
