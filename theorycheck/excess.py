"""By how much one measurement exceeds its bound, as a logarithm."""

from __future__ import annotations

import math

from bounds import Claim
from sims import Problem
from theorycheck.measure import Observation

# That t* exists, and when it comes, are claims themselves: they can be judged where it does not.
ABOUT_T_STAR = ("stopping-time", "train-loss")


def can_judge(claim: Claim, run: Observation) -> bool:
    """Tell whether a claim can be held against a run: claims are judged at t*.

    Those derived for any weights that descent can reach hold at any step. What could not be
    measured is judged by nothing.
    """
    if math.isnan(run.measured[claim.measure]):
        return False
    if run.status == "reached":
        return True
    at_any_step = claim.source.tag == "derived" or claim.measure in ABOUT_T_STAR
    return at_any_step and run.status != "diverged"


def log_bound(claim: Claim, problem: Problem, epsilon: float) -> float:
    """Return the logarithm of a claim's bound at a problem, its declared constant included."""
    parameters = {**problem.parameters(), "epsilon": epsilon}
    return claim.evaluate(parameters, log=True) + math.log(claim.constant)


def log_excess(claim: Claim, measured: float, log_bound: float) -> float:
    """Return by how much a measurement exceeds its bound on the unfavourable side.

    Parameters
    ----------
    claim : Claim
        Its direction says which side is unfavourable.
    measured : float
        The claim's left side, at least 0.
    log_bound : float
        Logarithm of the bound.

    Returns
    -------
    float
        log(measured/bound) for an upper bound, log(bound/measured) for a lower one; positive means
        violated with the declared constant. A measured 0 satisfies an upper bound (-inf) and fails
        a lower one (inf).
    """
    log_measured = math.log(measured) if measured > 0 else -math.inf
    if log_measured == log_bound:
        return 0.0
    difference = log_measured - log_bound
    return -difference if claim.direction == "lower" else difference
