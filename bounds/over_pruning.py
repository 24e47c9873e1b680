r"""The over-pruning theorem: at p of order 1 / (K m log d) only noise is left to memorize.

Source: Theory, section 7, "Over-pruning", from arXiv:2301.00335, known without its text at hand
("paper*"). The two claims that end in "-exact" are derived: once every S_signal^k is empty, F_j(x)
= G_j(xi) + B_{y,j} with B >= 0 and B_{y,y} = 0, and xi is independent of y, so by Jensen no
weights that descent can reach do better than a guess.
"""

import sympy
from sympy import log

from bounds import laws
from bounds.evaluation import value
from bounds.regime import REGIME
from bounds.sources import PAPER
from bounds.statements import (
    EXACT,
    EXACT_LOWER,
    EXACT_UPPER,
    OMEGA,
    SOFT_O,
    Claim,
    Condition,
    Source,
    Theorem,
)
from bounds.symbols import K, d, epsilon, eta, m, n, p, q, sigma_0, sigma_n

_SECTION = "Theory, section 7, Over-pruning"
RECALLED = Source(PAPER, "paper*", _SECTION)
DERIVED = Source(
    "this project", "derived", _SECTION + ", claim 4", "given that every S_signal^k is empty"
)

KEEP_PROBABILITY = 1 / (K * m * log(d))

STOPPING_TIME = n / eta * sigma_0 ** (2 - q) * sigma_n ** (-q) * (p * d) ** (-q / 2) + (
    m**4 * n * sigma_n**-2 / (eta * epsilon * p * d)
)

_CONDITIONS = (
    Condition(
        "over-pruning",
        "p = Theta(1 / (K m log d))",
        p / KEEP_PROBABILITY,
        "both",
        RECALLED,
        1.0,
        "C_p",
    ),
)

_CLAIMS = (
    Claim(
        "stopping-time",
        "t* <= C T, T = O~(eta^-1 n sigma_0^(2-q) sigma_n^-q (p d)^(-q/2) "
        "+ eta^-1 epsilon^-1 m^4 n sigma_n^-2 (p d)^-1)",
        "t*, the first recorded step with L_S <= epsilon",
        STOPPING_TIME,
        SOFT_O,
        RECALLED,
        law=laws.NOISE_TIME,
        left="t^*",
    ),
    Claim(
        "train-loss",
        "there is a step t* with L_S <= epsilon",
        "training loss L_S at t*",
        epsilon,
        EXACT_UPPER,
        RECALLED,
        law=laws.TRAIN_LOSS,
        left="L_S",
    ),
    Claim(
        "no-signal",
        "every S_signal^k is empty, so gamma_{j,r,j} = 0 for all j, r",
        "max over j, r of gamma_{j,r,j}",
        sympy.S.Zero,
        EXACT,
        RECALLED,
        law=laws.NOTHING,
        left="max_{j,r} gamma_{j,r,j}",
    ),
    Claim(
        "noise-memorized",
        "max_r zeta_{y_i,r,i} = Omega(m^(-1/q)) for every sample i",
        "min over samples i of max over r of zeta_{y_i,r,i}",
        m ** (-1 / q),
        OMEGA,
        RECALLED,
        law=laws.LEARNED,
        smallest=laws.NOTHING,
        left="min_i max_r zeta_{y_i,r,i}",
    ),
    Claim(
        "test-loss",
        "L_D = Omega(log K)",
        "test loss L_D at t*",
        log(K),
        OMEGA,
        RECALLED,
        law=laws.TEST_LOSS_GUESSING,
        left="L_D",
    ),
    Claim(
        "test-loss-exact",
        "L_D >= log K",
        "test loss L_D at any step",
        log(K),
        EXACT_LOWER,
        DERIVED,
        measure="test-loss",
        law=laws.TEST_LOSS_GUESSING,
        left="L_D",
    ),
    Claim(
        "test-error-exact",
        "the test error is at least 1 - 1/K",
        "test error at any step, ties at their expectation",
        1 - 1 / K,
        EXACT_LOWER,
        DERIVED,
        measure="test-error",
        law=laws.TEST_ERROR_GUESSING,
        left="P(error)",
    ),
)

OVER_PRUNING = Theorem(
    id="over-pruning",
    title="Over-pruning",
    statement="There is p = Theta(1 / (K m log d)) such that all claims hold together at a step "
    "t* <= C T.",
    probability="at least 1 - 1/polylog(d)",
    event="no neuron keeps the coordinate of its own signal, every class has samples, and every "
    "sample has a neuron of its class with a positive initial product on its noise",
    source=RECALLED,
    conditions={**REGIME, **{condition.id: condition for condition in _CONDITIONS}},
    claims={claim.id: claim for claim in _CLAIMS},
    inside="memorizable",
)


def over_pruning_p(d: int, m: int, K: int) -> float:
    """Evaluate the keep probability of the over-pruning theorem with hidden constant 1.

    Parameters
    ----------
    d, m, K : int
        Dimension (at least 2), neurons per class, classes.

    Returns
    -------
    float
        1 / (K m log d), unit-free.

    Raises
    ------
    ValueError
        If an argument is outside its domain, or d = 1, where log(d) = 0.

    Notes
    -----
    Theory, section 7, Over-pruning.
    """
    return value(KEEP_PROBABILITY, {"d": d, "m": m, "K": K})
