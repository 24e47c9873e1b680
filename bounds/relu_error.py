r"""ReLU with wrong labels, at leading order and without a fitted constant: the error, and when.

At q = 1 every neuron learns the signal at the same speed, and every sample is memorized by the
share `a` of its label's neurons that answer it. A fresh noise then meets the two classes with
psi_a(X) and psi_a(X'), X and X' standard Gaussian, psi_a(X) = E relu(a X + sqrt(a(1-a)) Z), and the
signal is in the way of a mistake by (1 - 2 flip) sqrt(x/2), all in one unit. Source: derived,
Theory, section 12; the steps are in docs/sibling_theorems.md.

How large `a` is, is a heuristic: half of the neurons start positive on a sample, and the overlaps
with the samples that these answer carry half of the rest over 0, which makes 3/4. Those push again,
round by round, until the share has settled at 0.82; it does where the start vanishes. At a tenth of
the paper's largest start it is 0.76, at that start 0.68 (measured, n = 40, d = 10 n^2).
"""

import math

from bounds import averaged_laws
from bounds.averaged_laws import RELU_INDEX
from bounds.evaluation import parameter, value

ACTIVE_SHARE = float(averaged_laws.ACTIVE_SHARE)
SETTLED_SHARE = 0.82  # of the rounds of random overlaps, many samples

# Beyond these the Gaussian density, and psi, are below what the integral can see.
LAST_X = 12.0


def relu_index(n: int, d: int, mu: float, sigma_n: float) -> float:
    """Evaluate the index x = n mu^4 / (sigma_n^4 d) that decides between benign and harmful.

    Told samples and dimension, signal strength and noise per coordinate (unit X); x is unit-free.
    """
    return value(RELU_INDEX, {"n": n, "d": d, "mu": mu, "sigma_n": sigma_n})


def relu_error(index: float, flip: float = 0.0, active_share: float = ACTIVE_SHARE) -> float:
    """Evaluate the test error of ReLU descent with wrong labels, at leading order.

    Parameters
    ----------
    index : float
        x = n mu^4 / (sigma_n^4 d), unit-free (:func:`relu_index`).
    flip : float
        Probability that a label is wrong, in training and in the test.
    active_share : float
        a, the share of a label's neurons that answer one of its samples, above 0 and at most 1.

    Returns
    -------
    float
        flip + (1 - 2 flip) P(psi_a(X') - psi_a(X) > (1 - 2 flip) sqrt(x/2)), an error against
        labels of which a share `flip` is wrong.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, section 12 (derived), in the limit of many neurons and samples.
    """
    flip = float(parameter({"flip": flip}, "flip"))
    _check(index, active_share)
    clean = _exceeds((1 - 2 * flip) * math.sqrt(index / 2), active_share)
    return flip + (1 - 2 * flip) * clean


def relu_even_index(
    excess: float = 0.5, flip: float = 0.0, active_share: float = ACTIVE_SHARE
) -> float:
    """Find the index at which the error of ReLU descent is a share of the way to guessing.

    Parameters
    ----------
    excess : float
        The share, between 0 and 1: an error of flip + excess (1/2 - flip).
    flip, active_share : float
        As in :func:`relu_error`.

    Returns
    -------
    float
        x = n mu^4 / (sigma_n^4 d), unit-free; 0 where the least signal already errs less, as at
        a = 1, where two neurons that do not answer tie.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, section 12 (derived).
    """
    from scipy.optimize import brentq

    flip = float(parameter({"flip": flip}, "flip"))
    _check(0.0, active_share)
    if not 0 < excess < 1:
        raise ValueError(f"excess must satisfy 0 < excess < 1, got {excess!r}")

    def too_far(distance: float) -> float:
        return excess / 2 - _exceeds(distance, active_share)

    distance = 0.0 if too_far(0.0) >= 0 else brentq(too_far, 0.0, LAST_X, xtol=1e-12)
    return 2 * float(distance / (1 - 2 * flip)) ** 2


def relu_stopping_time(
    epsilon: float,
    eta: float,
    sigma_n: float,
    d: int,
    n: int,
    m: int,
    active_share: float = ACTIVE_SHARE,
) -> float:
    """Evaluate the steps of ReLU descent until the training loss is epsilon, at leading order.

    Parameters
    ----------
    epsilon : float
        Target training loss, below log 2.
    eta, sigma_n : float
        Learning rate of F_j = (1/m) sum_r (unit 1/X^2), and noise per coordinate (X).
    d, n, m : int
        Dimension, samples, neurons per class.
    active_share : float
        a, the share of a label's neurons that answer one of its samples, above 0 and at most 1.

    Returns
    -------
    float
        T = (L + e^L - 1) / (a h) steps, L = -log(e^epsilon - 1) the margin at which the loss is
        epsilon and h = eta sigma_n^2 d / (n m).

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, section 12 (derived): the integral of M' = a h / (1 + e^M) from 0 to L.
    """
    _check(0.0, active_share)
    given = {"epsilon": epsilon, "eta": eta, "sigma_n": sigma_n, "d": d, "n": n, "m": m}
    for name in given:
        parameter(given, name)
    check_target(epsilon)
    return value(averaged_laws.RELU_TIME, given) * ACTIVE_SHARE / active_share


def answer(x: float, active_share: float = ACTIVE_SHARE) -> float:
    """Evaluate psi_a(x) = E relu(a x + sqrt(a (1 - a)) Z), Z standard Gaussian."""
    mean = active_share * x
    spread = math.sqrt(active_share * (1 - active_share))
    if spread == 0:
        return max(mean, 0.0)
    z = mean / spread
    below = math.erfc(-z / math.sqrt(2)) / 2
    return mean * below + spread * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _exceeds(distance: float, a: float) -> float:
    """Return P(psi_a(X') - psi_a(X) > distance)."""
    from scipy.integrate import quad
    from scipy.optimize import brentq

    def beyond(x: float) -> float:
        least = answer(x, a) + distance
        # psi_a(y) >= a y, so that the y looked for is at most this
        y = brentq(lambda y: answer(y, a) - least, x, max(least / a, x) + 1, xtol=1e-13)
        return math.exp(-x * x / 2) / math.sqrt(2 * math.pi) * math.erfc(y / math.sqrt(2)) / 2

    found = quad(beyond, -LAST_X, LAST_X, epsabs=0, epsrel=1e-9, points=[-3.0, 0.0], limit=200)
    return float(found[0])


def check_target(epsilon: float) -> None:
    """Refuse a training loss that descent starts below."""
    if not epsilon < math.log(2):
        raise ValueError(f"epsilon must be < log 2, where training starts, got {epsilon!r}")


def _check(index: float, active_share: float) -> None:
    if not 0 <= index < math.inf:
        raise ValueError(f"index must be a finite number >= 0, got {index!r}")
    if not 0 < active_share <= 1:
        raise ValueError(f"active_share must satisfy 0 < active_share <= 1, got {active_share!r}")
