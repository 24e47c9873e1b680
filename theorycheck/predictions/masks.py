"""Masks by score: what is predicted of them from the dense start (Theory, section 14)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import bounds
from sims import DenseStart
from sims.arrays import Floats
from sims.network import activation_slope


@dataclass(frozen=True, eq=False)
class SnipPrediction:
    """What SNIP is predicted to keep.

    Attributes
    ----------
    kept : (K, K) array
        ``kept[j, k]``: share of the neurons of class j that keep the coordinate of signal k.
    emptied : float
        Expected number of neurons that keep no weight.
    """

    kept: Floats
    emptied: float

    @property
    def own_share(self) -> float:
        """Share of all neurons that keep their own signal."""
        return float(np.mean(np.diag(self.kept)))


def predict_snip(start: DenseStart) -> SnipPrediction:
    """Predict what SNIP keeps of the signals, and how many neurons it empties.

    Parameters
    ----------
    start : DenseStart
        A dense start whose products are small, with signals on axes of their own and noise that is
        zero there; p of its problem is the share kept, below 1.

    Returns
    -------
    SnipPrediction
        Shares and a count, from the products with the noises and the labels alone.

    Raises
    ------
    ValueError
        If signals or noise are others.
    """
    problem = start.problem
    model = (problem.signals, problem.support, problem.directions, problem.noise)
    if model != ("axis", 1, None, "orthogonal"):
        raise ValueError(
            f"problem must have signals on axes and orthogonal noise for SNIP's shares, got "
            f"signals {problem.signals} with support {problem.support}, and {problem.noise} noise"
        )
    K, n, q = problem.K, problem.n, problem.q
    # l' of a network that says nothing yet
    slopes = 1 / K - np.eye(K)[start.labels].T
    products = start.weights @ start.noise.T
    felt = slopes[:, None] * activation_slope(products, q)
    spreads = (problem.sigma_0 * problem.sigma_n / n) * np.sqrt((felt * felt).sum(axis=2))
    cut = bounds.snip_cut(problem.p, spreads.ravel().tolist())
    pulls = np.abs(slopes @ np.eye(K)[start.classes]) / n
    kept = [
        [bounds.snip_kept_share(cut, pull, q, problem.mu, problem.sigma_0) for pull in row]
        for row in pulls.tolist()
    ]
    left = np.array([[bounds.snip_empty_chance(cut, spread, problem.d) for spread in row]
                     for row in spreads.tolist()])  # fmt: skip
    # emptied where no signal is kept either
    emptied = left.sum(axis=1) @ np.prod(1 - np.array(kept), axis=1)
    return SnipPrediction(np.array(kept), float(emptied))
