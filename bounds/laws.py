r"""How the measured quantities scale, at leading order, in every parameter.

Each law is the left side of one claim up to a constant factor, with the logarithms that are known,
for orthogonal noise or d so large that the overlap of noise and signal (Theory, section 8) is gone,
and for a signal that wins (mild pruning) or is not there (over-pruning). They say what a changed
theorem must be wrong about before anything is run. Source: derived, Theory, section 9, from the
growth phase of section 7 and the drift of section 8; s below is sigma_n sqrt(p d).
"""

import sympy
from sympy import log, sqrt

from bounds.symbols import K, d, epsilon, eta, m, mu, n, p, q, sigma_0, sigma_n

s = sigma_n * sqrt(p * d)

# After its escape a class has a loss of 1 / (rate * time): logits grow like the logarithm of time.
_LATE = q**2 * eta * epsilon * log(1 / epsilon) ** (2 - 2 / q)

# The slowest of K classes, each with its own best of the m p neurons that see its signal.
SIGNAL_TIME = (
    K**2 / (K - 1) * log(1 + K) / (q * (q - 2) * eta * mu**q * sigma_0 ** (q - 2))
) / log(2 + m * p) ** ((q - 2) / 2) + K / (mu**2 * _LATE)

NOISE_TIME = (
    n * K / (K - 1) / (q * (q - 2) * eta * s**q * sigma_0 ** (q - 2)) / log(2 + m) ** ((q - 2) / 2)
) + n / (s**2 * _LATE)

# What has learned stops where the loss is epsilon: its logit, gamma^q or zeta^q, is log(K/epsilon).
LEARNED = log(K / epsilon) ** (1 / q)

# Neurons of other classes lose u - u / (1 + u t), u of order sigma_0 mu, until the class learns.
CROSS_SIGNAL = sigma_0 * mu * sqrt(log(2 + m)) / K

# b u^(q-1) T: a product u of order sigma_0 s, drifting until the signal of its class is learned.
NOISE = sigma_0 * s ** (q + 1) * mu ** (-q) * K / n * log(m * n) / log(2 + m * p) ** ((q - 2) / 2)

TRAIN_LOSS = epsilon
# The loss left at t* is that of the slowest class, as a rule the rarest: it has n_k of n samples
# and a K-th of the population, and the fewest of K counts lies sqrt(2 (n/K) log K) below n/K.
TEST_LOSS_LEARNED = epsilon * (1 + sqrt(K * log(K) / n))
TEST_LOSS_GUESSING = log(K)
TEST_ERROR_GUESSING = 1 - 1 / K
NOTHING = sympy.S.Zero
