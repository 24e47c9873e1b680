r"""How likely noise is to overrule the signal: the noise term, in log space (Theory, section 7).

The noise term is ``P(max_{j,r} |<w~_{j,r}, xi>| > tau)`` for fresh noise xi: outside this event
every test sample is classified as its signal says. It falls far below the smallest float, so
bound and estimate are logarithms. The estimate samples one of the 2 K m half-spaces in proportion
to its probability, then noise inside it, and counts how many half-spaces that noise lies in (Owen,
Maximov and Chertkov 2019, arXiv:1710.06965): unbiased, with a small relative error however rare
the event.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from sims.arguments import check_count, check_number
from sims.arrays import Floats
from sims.network import activation
from sims.population import gaussian_factor, weight_gram_and_signals
from sims.streams import stream
from sims.trajectory import Trajectory

SAMPLES = 4096
TAIL_BRANCH = 2**32 - 1  # beyond every branch that the population integrals spawn: 0, 1, ..


@dataclass(frozen=True)
class NoiseTerm:
    """The probability that noise crosses tau somewhere.

    Attributes
    ----------
    tau : float
        The threshold on a pre-activation, no unit.
    log_bound : float
        Natural logarithm of the union bound, the sum of the 2 K m tail probabilities.
    log_probability : float
        Natural logarithm of the estimate.
    relative_se : float
        Standard error of the estimate, relative to it.
    """

    tau: float
    log_bound: float
    log_probability: float
    relative_se: float


def noise_term(
    run: Trajectory, tau: float | None = None, *, samples: int = SAMPLES, seed: int = 0
) -> NoiseTerm:
    r"""Estimate the noise term of a trained network.

    Parameters
    ----------
    run : Trajectory
        The run, of any engine; its weights at the end are used.
    tau : float, optional
        The threshold; by default ``(c/m)^(1/q)`` with c half the smallest logit that the signal
        gives to its own class.
    samples : int, default 4096
        Importance samples.
    seed : int, default 0
        Seed of the samples, beside the run's own.

    Returns
    -------
    NoiseTerm
        Bound and estimate as logarithms; both -inf where no neuron feels noise.

    Raises
    ------
    ValueError
        If the run diverged, an argument is outside its domain, or tau is not greater than 0: by
        default, where a class has not learned its signal.
    """
    if run.status == "diverged":
        raise ValueError(f"a diverged run has no noise term: {run.reason}")
    check_count("samples", samples, 2)
    check_count("seed", seed, 0)
    if tau is not None:
        check_number("tau", tau, 0.0, math.inf)
    with threadpool_limits(run.threads, user_api="blas"):
        return _noise_term(run, tau, samples, seed)


def _noise_term(run: Trajectory, tau: float | None, samples: int, seed: int) -> NoiseTerm:
    from scipy.special import log_ndtr, logsumexp

    weight_gram, on_signals = weight_gram_and_signals(run)
    tau = signal_threshold(run, on_signals) if tau is None else tau
    if not tau > 0:
        raise ValueError(f"tau must be greater than 0, got {tau!r}")
    factor = gaussian_factor(run.problem.sigma_n**2 * weight_gram)
    spread = np.sqrt(np.sum(factor * factor, axis=1))
    felt = spread > 0
    if not felt.any():
        return NoiseTerm(tau, -np.inf, -np.inf, 0.0)
    factor, heights = factor[felt], tau / spread[felt]
    log_tails = np.log(2.0) + log_ndtr(-heights)
    log_bound = float(logsumexp(log_tails))
    rng = stream(run.seed, "test", seed, TAIL_BRANCH)
    crossings = _crossings(factor, heights, np.exp(log_tails - log_bound), tau, samples, rng)
    shares = 1.0 / crossings
    mean = float(shares.mean())
    error = float(shares.std(ddof=1) / np.sqrt(samples))
    return NoiseTerm(tau, log_bound, log_bound + float(np.log(mean)), error / mean)


def signal_threshold(run: Trajectory, on_signals: Floats) -> float:
    """Return ``(c/m)^(1/q)``, c half the smallest logit a signal gives to its own class."""
    K, m, q = run.problem.K, run.problem.m, run.problem.q
    own = activation(on_signals, q).sum(axis=1)[np.arange(K), np.arange(K)]
    seen = np.bincount(run.draw.classes, minlength=K) > 0
    return float((own[seen].min() / (2 * m)) ** (1 / q))


def _crossings(
    factor: Floats, heights: Floats, shares: Floats, tau: float, samples: int,
    rng: np.random.Generator,
) -> Floats:  # fmt: skip
    """Sample noise that crosses at least one threshold; count how many each crosses."""
    from scipy.special import log_ndtr, ndtri_exp

    chosen = rng.choice(len(heights), size=samples, p=shares / shares.sum())
    # the chosen product, in units of its spread, from its Gaussian tail above its height
    log_uniform = -rng.standard_exponential(samples)
    product = -ndtri_exp(log_uniform + log_ndtr(-heights[chosen]))
    directions = factor / np.sqrt(np.sum(factor * factor, axis=1))[:, None]
    latent = rng.standard_normal((samples, factor.shape[1]))
    along = directions[chosen]
    latent += (product - np.sum(latent * along, axis=1))[:, None] * along
    crossed = np.abs(latent @ factor.T) > tau
    # rounding must not lose the crossing that was chosen
    crossed[np.arange(samples), chosen] = True
    return crossed.sum(axis=1).astype(float)
