r"""How the quantities of the averaged, antipodal models scale, at leading order.

Two classes, no pruning, F_j = (1/m) sum_r, noise orthogonal to the signals. For q > 2 they are the
laws of :mod:`bounds.laws` in the letters of the mean: antipodal signals change neither race nor
times, since a neuron that grew on its own signal answers the other with 0. Where those have no
counterpart, and for q = 2 and q = 1, the derivation is in docs/sibling_theorems.md. Source:
derived, Theory, sections 9 and 11; s below is sigma_n sqrt(d), the norm of a noise.
"""

import sympy
from sympy import Ei, EulerGamma, erfc, exp, log, sqrt
from sympy.codegen.cfunctions import expm1

from bounds import laws
from bounds.averaged import COEFFICIENT_FACTOR, TO_SUM
from bounds.symbols import K, d, epsilon, eta, flip, m, mu, n, p, q, sigma_0, sigma_n

s = sigma_n * sqrt(d)
SNR = mu / s

# The share of its label's neurons that answer a memorized sample: half of them start positive, and
# overlaps carry half of the others over 0. A heuristic: bounds.relu_error says where it holds.
ACTIVE_SHARE = sympy.Rational(3, 4)


def of_mean(law: sympy.Expr) -> sympy.Expr:
    """Return a law of the sum in the letters of the mean, for two classes and p = 1."""
    two, one = sympy.Integer(2), sympy.Integer(1)
    return law.xreplace(TO_SUM).xreplace({K: two, p: one})


# q > 2
SIGNAL_TIME = of_mean(laws.SIGNAL_TIME)
NOISE_TIME = of_mean(laws.NOISE_TIME)
LEARNED = of_mean(laws.LEARNED) * COEFFICIENT_FACTOR
NOISE = of_mean(laws.NOISE) * COEFFICIENT_FACTOR
TEST_LOSS_LEARNED = of_mean(laws.TEST_LOSS_LEARNED)
TEST_LOSS_GUESSING = of_mean(laws.TEST_LOSS_GUESSING)
TEST_ERROR_GUESSING = of_mean(laws.TEST_ERROR_GUESSING)

# a z^(q-1) T: a product z of order sigma_0 mu grows until the samples of its class are memorized.
SIGNAL = sigma_0 * mu * sqrt(log(2 + m)) * n * SNR**q

# Where a loss of log(1 + e^-M) is epsilon.
MARGIN = -log(expm1(epsilon))

# q = 2: the mean F of a label's squared products with one noise starts at (sigma_0 s)^2/2, obeys
# F' = 4 h F / (1 + e^F), h = eta s^2/(n m), and is over at the margin. For small starts.
SQUARE_TIME = (
    (2 * log(2 * MARGIN / (sigma_0 * s) ** 2) + Ei(MARGIN) - EulerGamma - log(MARGIN))
    * (n * m)
    / (4 * eta * s**2)
)

# q = 1: a margin M of M' = a h / (1 + e^M).
RELU_INDEX = n * mu**4 / (sigma_n**4 * d)
RELU_TIME = (MARGIN + exp(MARGIN) - 1) * n * m / (ACTIVE_SHARE * eta * s**2)

# The curve of bounds.relu_error with one of its two noises only: the exponent of its tail is right,
# and it lies above by a factor below 3 where a clean sample is mistaken more often than 1e-14.
RELU_ERROR = (
    flip + (1 - 2 * flip) * erfc((1 - 2 * flip) * sqrt(RELU_INDEX) / (2 * ACTIVE_SHARE)) / 2
)
