"""Which samples are memorized once no own signal is left, from the draw alone.

A neuron's product with a sample grows by its own equation z' = b z^(q-1) until the first neuron of
the class escapes on that sample and memorizes it. That neuron then holds g times the sample's
noise, which moves its products with all other samples by g times their overlap: up, and it goes on
to memorize them too, or below 0, and it is lost to them. Played escape after escape, at leading
order in the start and in the overlaps (derived; Theory, section 11).
"""

from __future__ import annotations

import numpy as np

from sims.arrays import Booleans, Floats
from sims.draw import Draw

ROUNDS = 8  # of the fixed point for a level that moves like the logarithm of its argument


def captured_samples(draw: Draw, grams: Floats) -> Booleans:
    """Decide which samples some neuron of their label memorizes, where no own signal is left.

    Parameters
    ----------
    draw : Draw
        Where a run starts; q > 2.
    grams : (K, m, n, n) array
        Masked inner products of the noises ``<xi~_{j,r,i}, xi_{i'}>``, unit X^2.

    Returns
    -------
    (n,) bool array
        True where the sample is memorized in the end.

    Raises
    ------
    ValueError
        If q is not above 2: products then escape in no order that the starts decide.

    Notes
    -----
    Theory, section 11 (derived).
    """
    q = draw.problem.q
    if not q > 2:
        raise ValueError(f"q must be > 2 for the event 'captured', got {q!r}")
    captured = np.zeros(draw.problem.n, bool)
    for j in range(draw.problem.K):
        mine = np.flatnonzero(draw.labels == j)
        if len(mine):
            shifts, norms = _shifts(grams[j][:, mine][:, :, mine])
            level = _memorized_level(shifts, draw.problem.K, q)
            starts = draw.initial_noise[j][:, mine]
            captured[mine] = _play(starts, norms, level * shifts, q)
    return captured


def _shifts(grams: Floats) -> tuple[Floats, Floats]:
    """Return the overlaps over the squared norm of their first sample, and these norms."""
    norms = np.einsum("rii->ri", grams)
    scale = np.where(norms > 0, norms, 1.0)
    return grams / scale[:, :, None], norms


def _memorized_level(shifts: Floats, K: int, q: float) -> float:
    """Return the product g of a memorized sample when the products that it moved get to escape.

    From z = 1 on, F = z^q obeys ``exp(F) F' = K q b F^(2 - 2/q)``, and products of the size of a
    typical shift take 1 / (b shift) to escape.
    """
    others = np.abs(shifts[:, ~np.eye(shifts.shape[1], dtype=bool)])
    others = others[others > 0]
    waits = 1 / float(np.median(others)) if others.size else 1.0
    response = 1.0
    for _ in range(ROUNDS):
        response = float(np.log(np.e + K * q * waits * response ** (2 - 2 / q)))
    return float(response ** (1 / q))


def _play(starts: Floats, norms: Floats, shifts: Floats, q: float) -> Booleans:
    """Play the escapes in one class of m neurons and N samples; return which samples escape.

    Shapes: starts and norms (m, N); shifts (m, N, N), by which a memorized sample, the first of the
    two, moves the products. Times are in units in which b is the squared norm.
    """
    products, memorized = starts.copy(), np.zeros(starts.shape[1], bool)
    while True:
        grows = (products > 0) & (norms > 0) & ~memorized
        if not grows.any():
            return memorized
        times = np.full(products.shape, np.inf)
        times[grows] = 1 / ((q - 2) * norms[grows] * products[grows] ** (q - 2))
        r, i = np.unravel_index(np.argmin(times), times.shape)
        left = times - times[r, i]
        later = grows & (left > 0)
        products[later] = (1 / ((q - 2) * norms[later] * left[later])) ** (1 / (q - 2))
        memorized[i] = True
        products[r] += shifts[r, i]
