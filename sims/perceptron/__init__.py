"""A multilayer perceptron in NumPy, pruned before training, every gradient by hand.

It knows neither theorem nor file. Read :mod:`sims.perceptron.gradients` first.
"""

from sims.perceptron.decomposition import (
    Coefficients,
    coefficients,
    first_layer,
    signal_to_noise,
    spread,
)
from sims.perceptron.gradients import (
    flow_scores,
    hessian_product,
    logits,
    loss_and_gradient,
)
from sims.perceptron.layers import Layers, Masks, draw_layers, masked
from sims.perceptron.masks import PRUNINGS, draw_masks
from sims.perceptron.train import Trained, train

__all__ = [
    "PRUNINGS",
    "Coefficients",
    "Layers",
    "Masks",
    "Trained",
    "coefficients",
    "draw_layers",
    "draw_masks",
    "first_layer",
    "flow_scores",
    "hessian_product",
    "logits",
    "loss_and_gradient",
    "masked",
    "signal_to_noise",
    "spread",
    "train",
]
