r"""Cao, Chen, Belkin and Gu (2022): benign overfitting where n SNR^q is large, harmful where small.

Source: Theory, section 12, from arXiv:2202.06526, recalled without its text: an exponent or a
constant is one line to change below. Their sigma_0 and eta are those of F_j = (1/m) sum_r, and
their gamma_{j,r} is gamma_{j,r,j} - gamma_{j,r,k} of the engine, k the other class; rho is zeta and
omega together. SNR = mu / (sigma_n sqrt(d)).

The event of each side is the outcome of the race (:func:`bounds.antipodal_race_index`), which the
draw alone decides and for which n SNR^q is a stand-in.
"""

import sympy
from sympy import Max, Min, exp, sqrt

from bounds import averaged_laws as laws
from bounds.antipodal import MODEL, fixed, hidden, recalled, stopping_time, train_loss
from bounds.regime import power_of_log
from bounds.sources import BENIGN
from bounds.statements import (
    EXACT_LOWER,
    EXACT_UPPER,
    OMEGA,
    SOFT_O,
    Claim,
    Condition,
    Theorem,
)
from bounds.symbols import d, epsilon, eta, m, mu, n, q, sigma_0, sigma_n

RECALLED = recalled(BENIGN)
NORM = sigma_n * sqrt(d)  # of a noise
SNR_INDEX = n * (mu / NORM) ** q
SMALLER_INVERSE = Min(1 / NORM, 1 / mu)

LEAST_DIMENSION = m ** Max(2, 4 / (q - 2)) * n ** Max(4, (2 * q - 2) / (q - 2))
LEAST_START = n / sqrt(d) * SMALLER_INVERSE
LARGEST_START = m ** (-2 / (q - 2)) * n ** (-Max(1 / (q - 2), 1)) * SMALLER_INVERSE

SIGNAL_TIME = m * sigma_0 ** (2 - q) * mu ** (-q) / eta + m**3 * mu**-2 / (eta * epsilon)
NOISE_TIME = m * n * sigma_0 ** (2 - q) * NORM ** (-q) / eta + m**3 * n / (
    eta * epsilon * sigma_n**2 * d
)

# They ask for some power of log(d) and leave open which.
OPEN_POWERS = (
    hidden("samples", "n = Omega(polylog d)", power_of_log(n), "lower", RECALLED, "power_n"),
    hidden("width", "m = Omega(polylog d)", power_of_log(m), "lower", RECALLED, "power_m"),
)

SHARED = (
    *fixed(RECALLED),
    *OPEN_POWERS,
    hidden(
        "dimension",
        "d = Omega~(m^(max(2, 4/(q-2))) n^(max(4, (2q-2)/(q-2))))",
        d / LEAST_DIMENSION,
        "lower",
        RECALLED,
        "C_d",
    ),
    hidden(
        "learning-rate",
        "eta = O~(min(mu^-2, sigma_n^-2 d^-1))",
        eta / Min(mu**-2, 1 / (sigma_n**2 * d)),
        "upper",
        RECALLED,
        "C_eta",
    ),
    hidden(
        "start-not-small",
        "sigma_0 >= O~(n d^(-1/2)) min((sigma_n sqrt(d))^-1, mu^-1)",
        sigma_0 / LEAST_START,
        "lower",
        RECALLED,
        "c_sigma_0",
    ),
    hidden(
        "start-not-large",
        "sigma_0 <= O~(m^(-2/(q-2)) n^(-max(1/(q-2), 1))) min((sigma_n sqrt(d))^-1, mu^-1)",
        sigma_0 / LARGEST_START,
        "upper",
        RECALLED,
        "C_sigma_0",
    ),
)

_BENIGN_PREMISE = hidden(
    "signal-to-noise", "n SNR^q = Omega~(1)", SNR_INDEX, "lower", RECALLED, "C_SNR"
)
_HARMFUL_PREMISE = hidden(
    "signal-to-noise", "n^-1 SNR^-q = Omega~(1)", 1 / SNR_INDEX, "lower", RECALLED, "C_SNR"
)


_BENIGN_CLAIMS = (
    stopping_time(
        "eta^-1 m sigma_0^(2-q) mu^-q + eta^-1 epsilon^-1 m^3 mu^-2",
        SIGNAL_TIME,
        SOFT_O,
        RECALLED,
        laws.SIGNAL_TIME,
    ),
    train_loss(RECALLED),
    Claim(
        "signal-learned",
        "max_r gamma_{j,r} = Omega(1) for both j",
        "m^(1/q) times the min over classes j of max over r of gamma_{j,r,j} - gamma_{j,r,k}",
        sympy.S.One,
        OMEGA,
        RECALLED,
        measure="least-gamma-averaged",
        law=laws.LEARNED,
        smallest=sympy.S.Zero,
        left="min_j max_r gamma_{j,r}",
    ),
    Claim(
        "no-noise",
        "max_{j,r,i} |rho_{j,r,i}| = O~(sigma_0 sigma_n sqrt(d))",
        "m^(1/q) times the max over j, r, i of zeta_{j,r,i} and |omega_{j,r,i}|",
        sigma_0 * sigma_n * sqrt(d),
        SOFT_O,
        RECALLED,
        measure="max-rho-averaged",
        law=laws.NOISE,
        smallest=sympy.S.Zero,
        left="max_{j,r,i} |rho_{j,r,i}|",
    ),
    Claim(
        "test-loss",
        "L_D <= 6 epsilon + exp(-n^2)",
        "test loss L_D at t*",
        6 * epsilon + exp(-(n**2)),
        EXACT_UPPER,
        RECALLED,
        law=laws.TEST_LOSS_LEARNED,
        left="L_D",
    ),
)

_HARMFUL_CLAIMS = (
    stopping_time(
        "eta^-1 m n sigma_0^(2-q) (sigma_n sqrt(d))^-q + eta^-1 epsilon^-1 m^3 n sigma_n^-2 d^-1",
        NOISE_TIME,
        SOFT_O,
        RECALLED,
        laws.NOISE_TIME,
    ),
    train_loss(RECALLED),
    Claim(
        "noise-memorized",
        "max_r zeta_{y_i,r,i} = Omega(1) for every sample i",
        "m^(1/q) times the min over samples i of max over r of zeta_{y_i,r,i}",
        sympy.S.One,
        OMEGA,
        RECALLED,
        measure="least-zeta-averaged",
        law=laws.LEARNED,
        smallest=sympy.S.Zero,
        left="min_i max_r zeta_{y_i,r,i}",
    ),
    Claim(
        "no-signal",
        "max_{j,r} gamma_{j,r} = O~(sigma_0 mu)",
        "m^(1/q) times the max over j, r of |gamma_{j,r,j} - gamma_{j,r,k}|",
        sigma_0 * mu,
        SOFT_O,
        RECALLED,
        measure="max-gamma-averaged",
        law=laws.SIGNAL,
        smallest=sympy.S.Zero,
        left="max_{j,r} gamma_{j,r}",
    ),
    Claim(
        "test-loss",
        "L_D >= 0.1",
        "test loss L_D at t*",
        sympy.Rational(1, 10),
        EXACT_LOWER,
        RECALLED,
        law=laws.TEST_LOSS_GUESSING,
        left="L_D",
    ),
)


def _side(
    id: str, title: str, snr: Condition, claims: tuple[Claim, ...], event: str, inside: str
) -> Theorem:
    return Theorem(
        id=id,
        title=title,
        statement=f"If {snr.statement}, then all claims hold together at a step t* <= C T.",
        probability="at least 1 - O(1/d)",
        event=event,
        source=RECALLED,
        conditions={one.id: one for one in (*SHARED, snr)},
        claims={one.id: one for one in claims},
        inside=inside,
        output="mean",
        model=MODEL,
    )


BENIGN_OVERFITTING = _side(
    "benign-overfitting",
    "Benign overfitting",
    _BENIGN_PREMISE,
    _BENIGN_CLAIMS,
    "both classes have samples, and their signals win the race against the noise",
    "signal-wins",
)

HARMFUL_OVERFITTING = _side(
    "harmful-overfitting",
    "Harmful overfitting",
    _HARMFUL_PREMISE,
    _HARMFUL_CLAIMS,
    "both classes have samples, the noise wins the race against their signals, and every sample "
    "has a neuron of its class with a positive initial product on its noise",
    "noise-wins",
)
