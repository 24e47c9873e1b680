"""Test loss and test error of a trained network, as Gaussian integrals (Theory, section 5).

The points of the integration are drawn once for all runs of one size. Each standard error comes
from independent scrambles and is honest, but the errors of two runs are correlated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from sims.arguments import check_count, check_number
from sims.arrays import Floats
from sims.decomposition import noise_factors, signal_factors
from sims.draw import Block, blocks
from sims.gram_law import first_coordinates
from sims.masks import kept_bits
from sims.network import activation
from sims.signals import add_products, add_signals, signal_coordinates
from sims.streams import stream
from sims.trajectory import Trajectory
from sims.weight_gram import add_weight_gram

SCRAMBLES = 16
POINTS = 512  # per scramble; a power of 2, as Sobol sequences want it
ROUGHNESS = 1e-6  # relative, of a test loss between two exact engines at 1 < q < 2
RANK_TOLERANCE = 1e-13  # relative to the largest eigenvalue
MOST_KEPT = 2**22  # numbers in one set of points that is kept for the next run: 34 MB


@dataclass(frozen=True)
class Population:
    """Expected loss and error on fresh data, with standard errors from independent scrambles.

    Attributes
    ----------
    test_loss : float
        L_D, the expected cross-entropy of a fresh sample, whose label is wrong as often as those
        of training. No unit.
    test_error : float
        Probability that the largest logit is not the label's; where several tie, the expectation
        over a fair choice among them. With wrong labels flip + (1 - 2 flip) times the clean one
        at K = 2 (Theory, section 12).
    test_loss_se, test_error_se : float
        Standard errors of the two; at 1 < q < 2 no less than 10^-6 of them, which is what rounding
        makes of the weights there.
    """

    test_loss: float
    test_error: float
    test_loss_se: float
    test_error_se: float


def population(
    run: Trajectory,
    seed: int = 0,
    *,
    scrambles: int = SCRAMBLES,
    points: int = POINTS,
    memory: float = 100.0,
) -> Population:
    r"""Integrate the loss over fresh data for the weights at the end of a run.

    For fixed weights the pre-activations on fresh noise are jointly Gaussian of size K m,
    N(0, sigma_n^2 W~ W~^T) (without the signal coordinates for orthogonal noise), so L_D is one
    Gaussian integral per signal.

    Parameters
    ----------
    run : Trajectory
        The run; its weights are rebuilt by a second pass over the same random streams.
    seed : int, default 0
        Seed of the test points; they do not depend on the run's own seed.
    scrambles : int, default 16
        Independently scrambled Sobol sequences, at least 8.
    points : int, default 512
        Points of each sequence, a power of 2.
    memory : float, default 100
        Megabytes for coordinates drawn ahead. Never changes a bit of a result.

    Returns
    -------
    Population
        The integrals and their standard errors.

    Raises
    ------
    ValueError
        If the run diverged, or an argument is outside its domain.
    """
    if run.status == "diverged":
        raise ValueError(f"a diverged run has no test loss: {run.reason}")
    check_count("seed", seed, 0)
    check_count("scrambles", scrambles, 8)
    check_count("points", points, 1)
    if points & (points - 1):
        raise ValueError(f"points must be a power of 2, got {points!r}")
    check_number("memory", memory, 0.0, math.inf)
    with _controller().limit(limits=run.threads, user_api="blas"):
        weight_gram, on_signals = weight_gram_and_signals(run, memory)
        factor = gaussian_factor(run.problem.sigma_n**2 * weight_gram)
        results = [
            _loss_and_error(run, factor, on_signals, z)
            for z in gaussian_points(int(seed), len(factor), scrambles, points)
        ]
    loss, error = np.mean(results, axis=0)
    loss_se, error_se = np.std(results, axis=0, ddof=1) / np.sqrt(scrambles)
    if 1 < run.problem.q < 2:  # the weights themselves are known to about so many digits
        loss_se, error_se = (
            math.hypot(se, ROUGHNESS * x) for se, x in ((loss_se, loss), (error_se, error))
        )
    return Population(float(loss), float(error), float(loss_se), float(error_se))


def populations(
    runs: Iterable[Trajectory],
    seed: int = 0,
    *,
    scrambles: int = SCRAMBLES,
    points: int = POINTS,
    memory: float = 100.0,
) -> list[Population]:
    """Integrate the loss over fresh data for each of many runs.

    Parameters
    ----------
    runs : iterable of Trajectory
        The runs, none of them diverged.
    seed, scrambles, points, memory
        As in :func:`population`.

    Returns
    -------
    list of Population
        To the bit what :func:`population` returns for each run.
    """
    settings: dict[str, Any] = {"scrambles": scrambles, "points": points, "memory": memory}
    return [population(run, seed, **settings) for run in runs]


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()  # looks for the libraries, which takes longer than their limit


def weight_gram_and_signals(run: Trajectory, memory: float = 0.0) -> tuple[Floats, Floats]:
    """Rebuild ``W~ W~^T`` as fresh noise sees it, and the final pre-activations on signals.

    Parameters
    ----------
    run : Trajectory
        The run.
    memory : float, default 0
        Megabytes for coordinates drawn ahead.

    Returns
    -------
    weight_gram : (K m, K m) array
        ``<w~_{j,r}, w~_{j',r'}>``, over the coordinates that carry noise; unit 1/X^2.
    on_signals : (K, m, K) array
        ``<w~_{j,r}, mu_k>``, no unit.
    """
    problem, draw = run.problem, run.draw
    neurons = problem.K * problem.m
    factors = noise_factors(run.final.rho, draw.noise_norm2)
    on_units = signal_factors(run.final.gamma, draw)
    weight_gram = np.zeros((neurons, neurons))
    on_signals = np.zeros(run.final.gamma.shape)
    from_law = run.engine == "gram-law"
    if from_law:
        drawn: Iterable[Block] = [first_coordinates(problem, run.seed)]
    else:
        drawn = blocks(problem, run.seed, memory, kept_bits(problem, run.seed, draw.mask))
    for block in drawn:
        weights = block.weights + factors @ block.noise
        add_signals(weights, on_units, problem, block.start)
        weights *= block.mask
        add_products(on_signals, weights, problem, block.start)
        if problem.noise == "orthogonal":
            weights[:, :, : max(signal_coordinates(problem) - block.start, 0)] = 0.0
        rows = weights.reshape(neurons, -1)
        weight_gram += rows @ rows.T
    if from_law:
        add_weight_gram(weight_gram, problem, run.seed, factors.reshape(neurons, -1))
    return weight_gram, problem.mu * on_signals


def gaussian_factor(covariance: Floats) -> Floats:
    """Return F with ``F F^T = covariance``, one column per direction that has variance."""
    values, vectors = np.linalg.eigh(covariance)
    # an emptied neuron feels nothing at all: rounding must not break the ties between such neurons
    vectors[np.diag(covariance) == 0] = 0.0
    kept = values > RANK_TOLERANCE * max(values[-1], 0.0)
    return vectors[:, kept] * np.sqrt(values[kept])


def _loss_and_error(
    run: Trajectory, factor: Floats, on_signals: Floats, z: Floats
) -> tuple[float, float]:
    """Average loss and error over points z, in columns, all signals and wrong labels."""
    K, m, q, flip = run.problem.K, run.problem.m, run.problem.q, run.problem.flip
    products = factor @ z[: factor.shape[1]]  # <w~_{j,r}, xi>, shape (K m, points)
    from_noise = activation(products, q).reshape(K, m, -1).sum(axis=1)
    from_signal = activation(on_signals, q).sum(axis=1)
    classes = np.arange(K)
    # one row of logits, (K, points), for every signal
    logits = from_noise + from_signal.T[:, :, None]
    top = logits.max(axis=1)
    own = logits[classes, classes]
    normalizer = np.exp(logits - top[:, None]).sum(axis=1)
    losses = np.log(normalizer) + top - own
    tied = np.count_nonzero(logits == top[:, None], axis=1)
    errors = 1.0 - (own == top) / tied
    if flip > 0:
        others = (logits.sum(axis=1) - own) / (K - 1)  # a wrong label is any other class
        losses += flip * (own - others)
        errors = (1 - flip) * errors + flip * (1 - errors / (K - 1))
    return float(np.mean(losses)), float(np.mean(errors))


def gaussian_points(seed: int, dimension: int, scrambles: int, points: int) -> Iterator[Floats]:
    """Yield independently scrambled sets of Gaussian points, ``(dimension, points)``, in columns.

    The first coordinates of a set are points of fewer dimensions.
    """
    if scrambles * points * dimension <= MOST_KEPT:
        yield from _kept_points(seed, dimension, scrambles, points)
    else:
        yield from _draw_points(seed, dimension, scrambles, points)


@lru_cache(maxsize=4)
def _kept_points(seed: int, dimension: int, scrambles: int, points: int) -> list[Floats]:
    return list(_draw_points(seed, dimension, scrambles, points))


def _draw_points(seed: int, dimension: int, scrambles: int, points: int) -> Iterator[Floats]:
    from scipy.special import ndtri
    from scipy.stats import qmc

    tiny = 2.0**-64
    for rng in stream(seed, "test").spawn(scrambles):
        uniform = qmc.Sobol(dimension, scramble=True, rng=rng).random(points)
        z = np.ascontiguousarray(ndtri(np.clip(uniform, tiny, 1.0 - 2.0**-53)).T)
        z.flags.writeable = False
        yield z
