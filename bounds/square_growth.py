r"""At q = 2 products grow by one factor in every step, while every softmax output is near 1/2.

For the averaged, antipodal model, no hidden constant: a neuron of label j sees its own signal grow
with the samples of class j that carry the label j, and shrink with those that carry the other; a
sample with a positive product is memorized at one speed. Source: derived, Theory, section 12. Every
function raises a ValueError where an argument is outside its domain.
"""

from bounds.averaged_laws import SQUARE_TIME
from bounds.evaluation import parameter, value
from bounds.relu_error import check_target


def square_signal_growth(eta: float, mu: float, clean: int, flipped: int, n: int, m: int) -> float:
    """Evaluate by which factor one step multiplies a neuron's positive product with its own signal.

    Parameters
    ----------
    eta, mu : float
        Learning rate of F_j = (1/m) sum_r (unit 1/X^2), and signal strength (X).
    clean, flipped : int
        Samples of the class with its own label, and with the other.
    n, m : int
        Samples, neurons per class.

    Returns
    -------
    float
        1 + eta mu^2 (clean - flipped) / (n m).

    Notes
    -----
    Theory, section 12 (derived).
    """
    given = {"eta": eta, "mu": mu, "n": n, "m": m}
    for name in given:
        parameter(given, name)
    for name, count in (("clean", clean), ("flipped", flipped)):
        if not (count == int(count) and 0 <= count <= n):
            raise ValueError(f"{name} must be a whole number from 0 to n = {n}, got {count!r}")
    return 1 + eta * mu * mu * (clean - flipped) / (n * m)


def square_noise_growth(eta: float, norm_squared: float, n: int, m: int) -> float:
    """Evaluate by which factor one step multiplies a positive product with a sample's noise.

    Told as :func:`square_signal_growth`, for a neuron of the sample's label, with the squared norm
    of the noise (unit X^2): 1 + eta norm_squared / (n m).
    """
    given = {"eta": eta, "norm_squared": norm_squared, "n": n, "m": m}
    for name in given:
        parameter(given, name)
    return 1 + eta * norm_squared / (n * m)


def square_stopping_time(
    epsilon: float, eta: float, sigma_n: float, sigma_0: float, d: int, n: int, m: int
) -> float:
    """Evaluate the steps until plain descent has memorized all samples, at leading order.

    Parameters
    ----------
    epsilon : float
        Target training loss, below log 2.
    eta, sigma_n, sigma_0 : float
        Learning rate and start of F_j = (1/m) sum_r (units 1/X^2 and 1/X), noise (X).
    d, n, m : int
        Dimension, samples, neurons per class.

    Returns
    -------
    float
        (2 log(L/F_0) + Ei(L) - log(L) - Euler's constant) / (4 h) steps, L = -log(e^epsilon - 1)
        the margin at which the loss is epsilon, F_0 = sigma_0^2 s^2 / 2, h = eta s^2/(n m), s^2 =
        sigma_n^2 d: the time that F' = 4 h F / (1 + e^F) takes from F_0 to L.

    Raises
    ------
    ValueError
        If an argument is outside its domain.

    Notes
    -----
    Theory, section 12 (derived), for many neurons, where the noise is memorized before the signal
    is learned.
    """
    given = {"epsilon": epsilon, "eta": eta, "sigma_n": sigma_n, "sigma_0": sigma_0}
    given |= {"d": d, "n": n, "m": m}
    check_target(epsilon)
    return value(SQUARE_TIME, given)
