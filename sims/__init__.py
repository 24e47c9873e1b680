"""What gradient descent does: data, network, gradients, and engines that run it.

This package knows no theorem. It needs numpy, scipy and threadpoolctl, and tqdm
for a progress bar.
"""

from sims.data import Dataset, draw_dataset, draw_network
from sims.decomposition import Coefficients, rebuild_weights
from sims.dense_start import DenseStart, dense_start
from sims.directions import Directions
from sims.draw import Draw, draw_signal_mask
from sims.event import Event, event_of, noise_grams
from sims.gradients import loss_and_gradient
from sims.gram import draw_with_grams, draw_with_overlaps
from sims.learning_curve import LearningCurve, learning_curve
from sims.masks import mask_of
from sims.memory import check_memory, peak_memory
from sims.output_scale import averaged_output, coefficient_factor
from sims.population import Population, population, populations
from sims.problem import Problem
from sims.simulate import RESULT_VERSION, simulate, simulate_many, stream_many
from sims.tail import NoiseTerm, noise_term
from sims.trajectory import Trajectory

__all__ = [
    "RESULT_VERSION",
    "Coefficients",
    "Dataset",
    "DenseStart",
    "Directions",
    "Draw",
    "Event",
    "LearningCurve",
    "NoiseTerm",
    "Population",
    "Problem",
    "Trajectory",
    "averaged_output",
    "check_memory",
    "coefficient_factor",
    "dense_start",
    "draw_dataset",
    "draw_network",
    "draw_signal_mask",
    "draw_with_grams",
    "draw_with_overlaps",
    "event_of",
    "learning_curve",
    "loss_and_gradient",
    "mask_of",
    "noise_grams",
    "noise_term",
    "peak_memory",
    "population",
    "populations",
    "rebuild_weights",
    "simulate",
    "simulate_many",
    "stream_many",
]
