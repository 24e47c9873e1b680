r"""The mild pruning theorem: above p = C1 log(d) / m the signal is learned, the noise is not.

Source: Theory, section 7, "Mild pruning", from arXiv:2301.00335. Claims 3 and 4 are known from the
paper itself (tag "paper"), the others are marked "paper*": an exponent or a constant is one line
to change below. The constants the paper leaves unspecified are C1 (premise), C (inside the test
loss) and the one in front of each order, here the `constant` of the claim.
"""

from sympy import exp, log, sqrt

from bounds import laws
from bounds.regime import REGIME
from bounds.sources import PAPER
from bounds.statements import BIG_O, EXACT_UPPER, OMEGA, SOFT_O, Claim, Condition, Source, Theorem
from bounds.symbols import C, K, d, epsilon, eta, m, mu, n, p, q, sigma_0, sigma_n

_SECTION = "Theory, section 7, Mild pruning"
RECALLED = Source(PAPER, "paper*", _SECTION)
STATED = Source(PAPER, "paper", _SECTION)

STOPPING_TIME = K / eta * sigma_0 ** (2 - q) * mu ** (-q) + K**2 * m**4 * mu**-2 / (eta * epsilon)

_CONDITIONS = (
    Condition(
        "mild-pruning",
        "p >= C1 log(d) / m",
        p * m / log(d),
        "lower",
        RECALLED,
        # With 1 the premise would fail at p = 1 for every small network (m = 6: for d > 403).
        0.1,
        "C1",
    ),
)

_CLAIMS = (
    Claim(
        "stopping-time",
        "t* <= C T, T = O~(K eta^-1 sigma_0^(2-q) mu^-q + K^2 m^4 mu^-2 eta^-1 epsilon^-1)",
        "t*, the first recorded step with L_S <= epsilon",
        STOPPING_TIME,
        SOFT_O,
        RECALLED,
        law=laws.SIGNAL_TIME,
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
        "signal-learned",
        "max_r gamma_{j,r,j} = Omega(m^(-1/q)) for every class j",
        "min over classes j of max over r of gamma_{j,r,j}",
        m ** (-1 / q),
        OMEGA,
        RECALLED,
        law=laws.LEARNED,
        smallest=laws.NOTHING,
        left="min_j max_r gamma_{j,r,j}",
    ),
    Claim(
        "no-cross-signal",
        "max_{j != k, r} |gamma_{j,r,k}| = O~(sigma_0 mu)",
        "max over j != k and r of |gamma_{j,r,k}|",
        sigma_0 * mu,
        SOFT_O,
        STATED,
        law=laws.CROSS_SIGNAL,
        smallest=laws.NOTHING,
        left="max_{j != k, r} |gamma_{j,r,k}|",
    ),
    Claim(
        "no-noise",
        "max zeta and max |omega| = O~(sigma_0 sigma_n sqrt(p d))",
        "max over j, r, i of zeta_{j,r,i} and |omega_{j,r,i}|",
        sigma_0 * sigma_n * sqrt(p * d),
        SOFT_O,
        STATED,
        law=laws.NOISE,
        smallest=laws.NOTHING,
        left="max_{j,r,i} max(zeta_{j,r,i}, |omega_{j,r,i}|)",
    ),
    Claim(
        "test-loss",
        "L_D <= O(K epsilon) + exp(-n^2 / p)",
        "test loss L_D at t*",
        C * K * epsilon + exp(-(n**2) / p),
        BIG_O,
        RECALLED,
        hidden={"C": 1.0},
        law=laws.TEST_LOSS_LEARNED,
        left="L_D",
    ),
)

MILD_PRUNING = Theorem(
    id="mild-pruning",
    title="Mild pruning",
    statement="If C1 log(d) / m <= p <= 1, then all claims hold together at a step t* <= C T.",
    probability="at least 1 - O(1/d)",
    event="every class has samples, and in every class some neuron keeps the coordinate of its own "
    "signal and starts with a positive product on it",
    source=RECALLED,
    conditions={**REGIME, **{condition.id: condition for condition in _CONDITIONS}},
    claims={claim.id: claim for claim in _CLAIMS},
    inside="learnable",
)
