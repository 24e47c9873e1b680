r"""The omega drift: how far noise coefficients of wrong classes go, from the measured gamma.

Semi-empirical: gamma is read off a run, the rest is derived. Source: Theory, section 8.
"""

import math

# A neuron has learned its signal when gamma is at least this (Theory, section 8).
LEARNED = 0.05


def signal_overlap(gamma: float, xi_j: float, mu: float, keeps: bool, noise: str) -> float:
    """Evaluate what a learned signal adds to the product of its neuron with a sample's noise.

    Parameters
    ----------
    gamma : float
        gamma_{j,r,j} at the end of the run, unit-free.
    xi_j : float
        Coordinate j of the sample's noise, unit X.
    mu : float
        Signal strength, unit X.
    keeps : bool
        Whether the mask keeps coordinate j of the neuron.
    noise : {"isotropic", "orthogonal"}
        The noise law.

    Returns
    -------
    float
        gamma xi_i[j] / mu, unit-free; 0.0 for a neuron that has not learned (gamma < 0.05), whose
        mask drops the coordinate, or under orthogonal noise.

    Raises
    ------
    ValueError
        If mu is not positive or the noise law is neither of the two.

    Notes
    -----
    Theory, section 8 (derived).
    """
    if noise not in ("isotropic", "orthogonal"):
        raise ValueError(f"noise must be 'isotropic' or 'orthogonal', got {noise!r}")
    if not 0 < mu < math.inf:
        raise ValueError(f"mu must be a finite number > 0, got {mu!r}")
    if noise == "orthogonal" or not keeps or gamma < LEARNED:
        return 0.0
    return gamma * xi_j / mu


def drift(u: float, beta: float, q: float, time: float) -> float:
    """Evaluate what u' = -beta u^(q-1) takes away from u in a given time.

    Parameters
    ----------
    u : float
        Starting product, unit-free; one that is not positive stays.
    beta : float
        The rate of :func:`bounds.omega_rate`, per step.
    q : float
        Power of the activation, at least 2.
    time : float
        Flow time in steps; may be inf.

    Returns
    -------
    float
        The amount lost, between 0 and u.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, section 8 (derived): u / (1 + beta u t) at q = 3, u exp(-beta t) at q = 2.
    """
    _check(u, beta, q)
    if not time >= 0:
        raise ValueError(f"time must be >= 0, got {time!r}")
    if u <= 0 or beta == 0:
        return 0.0
    if time == math.inf:
        return u
    if q == 2:
        return -u * math.expm1(-beta * time)
    shrink = math.log1p((q - 2) * beta * time * u ** (q - 2)) / (q - 2)
    return -u * math.expm1(-shrink)


def omega_drift(
    u: float, beta: float, q: float, T_j: float, T_k: float, overlap: float = 0.0
) -> float:
    """Predict ``|omega_{j,r,i}|`` for a neuron of class j and a sample of class k (semi-empirical).

    Parameters
    ----------
    u : float
        Initial product of the masked neuron with the sample's noise, unit-free.
    beta : float
        The rate of :func:`bounds.omega_rate` for this neuron and sample, per step.
    q : float
        Power of the activation, at least 2.
    T_j, T_k : float
        Escape times of the neuron's class and the sample's class, in steps; for a class that
        cannot learn, the end of training.
    overlap : float
        What the learned signal adds to the product at T_j, from :func:`signal_overlap`; it uses the
        measured gamma.

    Returns
    -------
    float
        All that was lost in the drift up to the first escape, and in the one between T_j and T_k.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, section 8 (derived). The quantity of the claim `no-noise` is the maximum over j != y_i,
    r and i.
    """
    if not math.isfinite(overlap):
        raise ValueError(f"overlap must be a finite number, got {overlap!r}")
    for name, time in (("T_j", T_j), ("T_k", T_k)):
        if not time >= 0:
            raise ValueError(f"{name} must be >= 0, got {time!r}")
    first = drift(u, beta, q, min(T_j, T_k))
    if T_k <= T_j:
        return first
    return first + drift(u - first + overlap, beta, q, T_k - T_j)


def _check(u: float, beta: float, q: float) -> None:
    if not math.isfinite(u):
        raise ValueError(f"u must be a finite number, got {u!r}")
    if not 0 <= beta < math.inf:
        raise ValueError(f"beta must be a finite number >= 0, got {beta!r}")
    if not 2 <= q < math.inf:
        raise ValueError(f"q must be a finite number >= 2, got {q!r}")
