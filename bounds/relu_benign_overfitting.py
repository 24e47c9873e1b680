r"""Kou, Chen, Chen and Gu (2023): ReLU with wrong labels, benign where n mu^4/(sigma_n^4 d) is big.

Source: Theory, section 12, from arXiv:2303.04145, recalled without its text: an exponent or a
constant is one line to change below. Their sigma_0 and eta are those of F_j = (1/m) sum_r, q = 1,
and a share `flip` of the labels is wrong; x is the index n mu^4 / (sigma_n^4 d).

Declared constants that are not 1 are such that a network that can be run lies inside: at n = 20,
m = 10 and d = 10 n^2 the dimension is 0.01 of what C = 1 asks for, and the curve of
:func:`bounds.relu_error` is already met. With C2 = 6 that curve lies below flip + exp(-x/C2) at
every x for flips up to 0.1 and a from 3/4 to 0.82, with room for the scatter over draws of tens of
samples, and with C3 = 1 above flip + 0.1.
"""

import sympy
from sympy import Max, exp, log, sqrt

from bounds import averaged_laws as laws
from bounds.antipodal import MODEL, fixed, hidden, recalled, stopping_time, train_loss
from bounds.averaged_laws import RELU_INDEX
from bounds.orders import Order
from bounds.sources import RELU
from bounds.statements import EXACT_LOWER, EXACT_UPPER, SOFT_O, Claim, Condition, Theorem
from bounds.symbols import C2, d, epsilon, eta, flip, m, mu, n, sigma_0, sigma_n

RECALLED = recalled(RELU)
UNRECALLED_RATE = recalled(
    RELU, "that eta is small; how small is ours: one step moves a margin by less than 1"
)

# The probability with which the theorem may fail, where a premise asks for it.
DELTA = sympy.Rational(1, 100)

TIME = n * m / (eta * epsilon * sigma_n**2 * d)
LEAST_DIMENSION = Max(
    n * mu**2 / sigma_n**2 * log(TIME), n**2 * log(n * m / DELTA) * log(TIME) ** 2
)

SHARED = (
    *fixed(RECALLED, 1),
    hidden(
        "dimension",
        "d >= C max(n mu^2 sigma_n^-2 log(T), n^2 log(n m/delta) log(T)^2), delta = 0.01",
        d / LEAST_DIMENSION,
        "lower",
        RECALLED,
        "C_d",
        0.001,
    ),
    hidden(
        "width", "m >= C log(n/delta), delta = 0.01", m / log(n / DELTA), "lower", RECALLED, "C_m"
    ),
    hidden(
        "samples", "n >= C log(m/delta), delta = 0.01", n / log(m / DELTA), "lower", RECALLED, "C_n"
    ),
    hidden(
        "signal",
        "mu^2 >= C sigma_n^2 log(n/delta), delta = 0.01",
        mu**2 / (sigma_n**2 * log(n / DELTA)),
        "lower",
        RECALLED,
        "C_mu",
        0.5,
    ),
    hidden("few-flips", "flip <= 1/C", flip, "upper", RECALLED, "c_flip", 0.1),
    hidden(
        "start",
        "sigma_0 <= (C max(sigma_n d n^(-1/2), sqrt(log(m/delta)) mu))^-1, delta = 0.01",
        sigma_0 * Max(sigma_n * d / sqrt(n), sqrt(log(m / DELTA)) * mu),
        "upper",
        RECALLED,
        "c_sigma_0",
    ),
    hidden(
        "learning-rate",
        "eta is small: eta sigma_n^2 d <= C n m",
        eta * sigma_n**2 * d / (n * m),
        "upper",
        UNRECALLED_RATE,
        "C_eta",
    ),
)

_BENIGN_PREMISE = hidden(
    "signal-to-noise", "n mu^4 >= C1 sigma_n^4 d", RELU_INDEX, "lower", RECALLED, "C1"
)
_HARMFUL_PREMISE = hidden(
    "signal-to-noise", "n mu^4 <= C3 sigma_n^4 d", RELU_INDEX, "upper", RECALLED, "C3"
)


def _test_error(formula: str, bound: sympy.Expr, order: Order, **hidden: float) -> Claim:
    return Claim(
        "test-error",
        f"the test error is at {formula}",
        "test error at t*, against labels of which a share `flip` is wrong",
        bound,
        order,
        RECALLED,
        hidden=hidden,
        law=laws.RELU_ERROR,
        left="P(error)",
    )


_BENIGN_ERROR = _test_error(
    "most flip + exp(-n mu^4 / (C2 sigma_n^4 d))",
    flip + exp(-RELU_INDEX / C2),
    EXACT_UPPER,
    C2=6.0,
)
_HARMFUL_ERROR = _test_error("least flip + 0.1", flip + sympy.Rational(1, 10), EXACT_LOWER)


def _side(id: str, title: str, premise: Condition, error: Claim) -> Theorem:
    time = stopping_time(
        "eta^-1 epsilon^-1 m n sigma_n^-2 d^-1", TIME, SOFT_O, RECALLED, laws.RELU_TIME
    )
    return Theorem(
        id=id,
        title=title,
        statement=f"If {premise.statement}, then all claims hold together at a step t* <= C T.",
        probability="at least 1 - O(delta)",
        event="every label is there",
        source=RECALLED,
        conditions={one.id: one for one in (*SHARED, premise)},
        claims={one.id: one for one in (time, train_loss(RECALLED), error)},
        inside="classes-full",
        output="mean",
        model={**MODEL, "flip": "any"},
    )


RELU_BENIGN_OVERFITTING = _side(
    "relu-benign-overfitting", "Benign overfitting of ReLU", _BENIGN_PREMISE, _BENIGN_ERROR
)
RELU_HARMFUL_OVERFITTING = _side(
    "relu-harmful-overfitting", "Harmful overfitting of ReLU", _HARMFUL_PREMISE, _HARMFUL_ERROR
)
