r"""Averaged outputs: ``F_j = (1/m) sum_r [..]`` by a change of variables (Theory, section 12).

Because ``sigma(a z) = a^q sigma(z)``, a network that averages over its neurons is one that sums,
with weights ``w' = a w`` where ``a = m^(-1/q)``, and descent on the one is descent on the other:

    sigma_0' = m^(-1/q) sigma_0,     eta' = m^(-2/q) eta
"""

from __future__ import annotations

from dataclasses import replace

from sims.problem import Problem


def averaged_output(problem: Problem) -> Problem:
    """Return the problem whose runs are those of ``problem`` with outputs averaged over neurons.

    Steps, logits, losses and errors of the two are the same. Weights, pre-activations and the
    coefficients gamma, zeta and omega of the averaged network are :func:`coefficient_factor` times
    those of the run.

    Parameters
    ----------
    problem : Problem
        The parameters of the network with ``F_j = (1/m) sum_r [..]``; of ``sigma_0`` and ``eta``
        too.

    Returns
    -------
    Problem
        The same with ``sigma_0`` times ``m^(-1/q)`` and ``eta`` times ``m^(-2/q)``.

    Raises
    ------
    ValueError
        If these are too small to be computed with.

    Notes
    -----
    Theory, section 12 (derived).

    Examples
    --------
    >>> problem = Problem(100, 10, 8, 2, 1.0, 1.0, 0.1, 0.02, 0.4, q=3)
    >>> averaged = averaged_output(problem)
    >>> averaged.sigma_0, averaged.eta, coefficient_factor(problem)
    (0.01, 0.1, 2.0)
    """
    factor = coefficient_factor(problem)
    return replace(problem, sigma_0=problem.sigma_0 / factor, eta=problem.eta / (factor * factor))


def coefficient_factor(problem: Problem) -> float:
    """Return ``m^(1/q)``: what a coefficient of the run times this is, in the averaged network.

    Parameters
    ----------
    problem : Problem
        The averaged network, or what :func:`averaged_output` makes of it; m and q enter.

    Returns
    -------
    float
        The factor of gamma, zeta, omega, weights and pre-activations. No unit.
    """
    return float(problem.m ** (1 / problem.q))
