r"""Plain descent in the low-SNR paper of Huang et al. (2025): it memorizes, and errs on new data.

Source: Theory, section 12, from arXiv:2510.17526, recalled without its text: an exponent or a
constant is one line to change below. Their sigma_0 and eta are those of F_j = (1/m) sum_r, q = 2.
"L_S <= epsilon and an error of at least 0.24 at T = Theta(..)" is read as everywhere here: at t*,
the first recorded step with L_S <= epsilon, and t* <= C T. (That t* is no smaller is not claimed:
the m^3 of the second term is more than what the slow end takes.)

At q = 2 a product grows by the same factor in every step (:mod:`bounds.square_growth`), so that the
signal of a class ends at sigma_0 mu (sigma_0 s)^(-n SNR^2 (1 - 2 flip)/2), s = sigma_n sqrt(d): the
smaller the start, the larger a signal that is slower than the noise. The premise bounds sigma_0
from below for that; its constants, and that of n SNR^2, decide the claim on the error. The declared
C_SNR is 0.5: with n SNR^2 = 1, a start of 0.1 and no flips the error is 0.17 (n = 20, m = 10).
"""

import sympy
from sympy import log, sqrt

from bounds import averaged_laws as laws
from bounds.antipodal import MODEL, fixed, hidden, recalled, stopping_time, train_loss
from bounds.sources import LOW_SNR
from bounds.statements import BIG_O, EXACT_LOWER, Claim, Theorem
from bounds.symbols import d, epsilon, eta, m, mu, n, sigma_0, sigma_n

RECALLED = recalled(LOW_SNR)
START = sigma_0 * sigma_n * sqrt(d)  # of a product with noise

TIME = n * m * log(1 / START) / (eta * sigma_n**2 * d) + m**3 * n / (eta * epsilon * sigma_n**2 * d)

_CONDITIONS = (
    *fixed(RECALLED, 2),
    hidden(
        "signal-to-noise",
        "n SNR^2 = O~(1)",
        n * mu**2 / (sigma_n**2 * d),
        "upper",
        RECALLED,
        "C_SNR",
        0.5,
    ),
    hidden(
        "start-not-small",
        "sigma_0 sigma_n sqrt(d) >= O~(n d^(-1/4))",
        START * d ** sympy.Rational(1, 4) / n,
        "lower",
        RECALLED,
        "c_sigma_0",
    ),
    hidden(
        "start-not-large",
        "sigma_0 sigma_n sqrt(d) <= O~(1)",
        START,
        "upper",
        RECALLED,
        "C_sigma_0",
    ),
)

_CLAIMS = (
    stopping_time(
        "n m log(1/(sigma_0 sigma_n sqrt(d))) eta^-1 sigma_n^-2 d^-1 "
        "+ m^3 n eta^-1 epsilon^-1 sigma_n^-2 d^-1",
        TIME,
        BIG_O,
        RECALLED,
        laws.SQUARE_TIME,
    ),
    train_loss(RECALLED),
    Claim(
        "test-error",
        "the test error is at least 0.24",
        "test error at t*, against labels of which a share `flip` is wrong",
        sympy.Rational(24, 100),
        EXACT_LOWER,
        RECALLED,
        law=laws.TEST_ERROR_GUESSING,
        left="P(error)",
    ),
)

LOW_SNR_DESCENT = Theorem(
    id="low-snr-descent",
    title="Plain descent at low SNR",
    statement="If n SNR^2 = O~(1), and sigma_0 is neither small nor large, then all claims hold "
    "together at a step t* <= C T.",
    probability="at least 1 - O(1/d)",
    event="both labels are there, and every sample has a neuron of its label with a positive "
    "initial product on its noise",
    source=RECALLED,
    conditions={one.id: one for one in _CONDITIONS},
    claims={one.id: one for one in _CLAIMS},
    inside="fittable",
    output="mean",
    model={**MODEL, "flip": "any"},
)
