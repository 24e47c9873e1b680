"""Exact failure probabilities of the lemmas' events, without cancellation.

Every probability is a sum of positive terms: a failure of 1e-200 has its leading digits right,
which 1 - (probability of success) would lose. Where a sum is thinned or an integral is replaced by
quadrature, the error is stated. Source: derived, Theory, section 7, "Lemmas used by both".
"""

import math
from collections.abc import Mapping
from typing import Any

from bounds.evaluation import parameter
from bounds.kept_starts import kept_probability, start_tails

# m p / 2 and 3 m p / 2 within this relative distance of a whole number count as that number: 20 *
# 0.1 / 2 is meant to be 1, and the event includes its ends.
BOUNDARY_SLACK = 1e-12

# Binomial mass outside the window is below exp(-750), less than the smallest float.
WINDOW_EXPONENT = 750.0

# Where the binomial is wide, every (standard deviation / 8)-th count is enough: by Poisson's
# summation formula the error of the thinned sum is relatively exp(-2 (8 pi)^2) and less.
COUNTS_PER_DEVIATION = 8

# Gauss-Legendre nodes on each panel of at most one standard deviation, or 1/4 in log R.
NODES = 12
PANEL = 0.25


def _any_of(failure: float, count: int) -> float:
    """Probability that one of `count` independent events of probability `failure` happens."""
    return 1.0 if failure >= 1 else -math.expm1(count * math.log1p(-failure))


def _upper_tail(x: float) -> float:
    """Q(x), the upper tail of a standard Gaussian."""
    return math.erfc(x / math.sqrt(2)) / 2


def class_counts(parameters: Mapping[str, Any]) -> float:
    r"""Probability that some class count leaves [n/(2K), 3n/(2K)], labels uniform."""
    import numpy as np
    from scipy.stats import binom, poisson

    n, K = int(parameter(parameters, "n")), int(parameter(parameters, "K"))
    low, high = -(-n // (2 * K)), 3 * n // (2 * K)
    sums = np.arange(n + 1)
    in_range = np.where((sums >= low) & (sums <= high), poisson.pmf(sums, n / K), 0.0)[: high + 1]
    earlier, failure = np.ones(1), 0.0
    for left in range(K, 0, -1):
        others = n - sums[: len(earlier)]
        law = earlier * poisson.pmf(others, left * n / K) / poisson.pmf(n, n)
        out_of_range = binom.cdf(low - 1, others, 1 / left) + binom.sf(high, others, 1 / left)
        failure += float(law @ out_of_range)
        earlier = np.convolve(earlier, in_range)[: n + 1]
    return min(1.0, failure)


def signal_neurons(parameters: Mapping[str, Any]) -> float:
    r"""Probability that for some class the size of S_signal leaves [m p/2, 3 m p/2]."""
    from scipy.stats import binom

    m, p, K, s = (parameter(parameters, name) for name in ("m", "p", "K", "support"))
    low = math.ceil(m * p / 2 * (1 - BOUNDARY_SLACK))
    high = math.floor(3 * m * p / 2 * (1 + BOUNDARY_SLACK))
    keeps = kept_probability(p, int(s))
    return _any_of(float(binom.cdf(low - 1, m, keeps) + binom.sf(high, m, keeps)), int(K))


def no_signal_left(parameters: Mapping[str, Any]) -> float:
    r"""Probability that some neuron keeps the coordinate of its own signal."""
    m, p, K, s = (parameter(parameters, name) for name in ("m", "p", "K", "support"))
    return _any_of(p, int(K * m * s))


def init_signal(parameters: Mapping[str, Any]) -> float:
    r"""Probability that for some class the largest initial product leaves its interval."""
    m, p, K, delta = (parameter(parameters, name) for name in ("m", "p", "K", "delta"))
    u, spread = math.sqrt(2 * math.log(K * m / delta)), int(parameter(parameters, "support"))
    if spread > 1:  # a share P scales the start by its root
        high, low = start_tails([u, 0.5], p, spread, 0.5).tolist()
        return _any_of(-math.expm1(m * math.log1p(-high)) + math.exp(m * math.log1p(-low)), int(K))
    above = -math.expm1(m * math.log1p(-p * _upper_tail(u)))
    below = math.exp(m * math.log1p(-p * _upper_tail(0.5)))
    return _any_of(above + below, int(K))


def masked_noise_norm(parameters: Mapping[str, Any]) -> float:
    r"""Probability that one squared masked noise norm leaves sigma_n^2 p d [1/2, 3/2]."""
    import numpy as np
    from scipy.stats import chi2

    d, p = int(parameter(parameters, "d")), parameter(parameters, "p")
    kept, weight = _kept_counts(d, p)
    freedom = np.maximum(kept, 1)
    fails = chi2.cdf(p * d / 2, freedom) + chi2.sf(3 * p * d / 2, freedom)
    # A noise vector with no coordinate kept has norm 0, for certain.
    return min(1.0, float(weight @ np.where(kept == 0, 1.0, fails)))


def masked_noise_overlap(parameters: Mapping[str, Any]) -> float:
    r"""Probability that one overlap of masked noise with other noise exceeds its threshold."""
    d, n, m, K, p, delta = (parameter(parameters, x) for x in ("d", "n", "m", "K", "p", "delta"))
    threshold = 2 * math.sqrt(p * d * math.log(K * m * n**2 / delta))
    return _gaussian_tail(int(d), p, threshold, 0.0, math.inf)


def init_noise(parameters: Mapping[str, Any]) -> float:
    r"""Probability that one initial product with noise exceeds its threshold, on the norm event."""
    d, n, m, K, p, delta = (parameter(parameters, x) for x in ("d", "n", "m", "K", "p", "delta"))
    threshold = 2 * math.sqrt(p * d * math.log(K * m * n / delta))
    return _gaussian_tail(int(d), p, threshold, p * d / 2, 3 * p * d / 2)


def _kept_counts(d: int, p: float) -> tuple[Any, Any]:
    """Numbers of kept coordinates and their weights, thinned where the binomial is wide."""
    import numpy as np
    from scipy.stats import binom

    variance = p * d * (1 - p)
    # Bernstein's inequality, solved for the distance from the mean.
    third = WINDOW_EXPONENT / 3
    reach = third + math.sqrt(third**2 + 2 * WINDOW_EXPONENT * variance)
    step = max(1, int(math.sqrt(variance) / COUNTS_PER_DEVIATION))
    first, last = max(0, math.floor(p * d - reach)), min(d, math.ceil(p * d + reach))
    kept = np.arange(first, last + 1, step) if p < 1 else np.array([d])
    weight = step * binom.pmf(kept, d, p) if p < 1 else np.ones(1)
    return kept[weight > 0], weight[weight > 0]


def _gaussian_tail(d: int, p: float, threshold: float, low: float, high: float) -> float:
    """P(|Z| sqrt(R) > threshold, low <= R <= high), R the masked squared norm over sigma_n^2."""
    import numpy as np
    from scipy.special import erfc

    kept, weight = _kept_counts(d, p)
    kept, weight = kept[kept > 0], weight[kept > 0]
    deviation = math.sqrt(p * d * (3 - p))
    # Below the first R erfc underflows; above the last the chi-square tail is negligible.
    first = max(low, p * d - 40 * deviation, threshold**2 / 1500)
    last = min(high, p * d + 40 * deviation + 4 * threshold + 100)
    if first >= last:
        return 0.0
    log_R, width = _panels(math.log(first), math.log(last), min(PANEL, deviation / (p * d)))
    density = np.exp(_log_density(log_R[:, None], kept)) @ weight
    return float(np.sum(width * density * erfc(threshold * np.exp(-log_R / 2) / math.sqrt(2))))


def _panels(first: float, last: float, panel: float) -> tuple[Any, Any]:
    """Nodes and weights of Gauss-Legendre quadrature on equal panels."""
    import numpy as np

    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    edges = np.linspace(first, last, math.ceil((last - first) / panel) + 1)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + nodes)).ravel(), (half * weights).ravel()


def _log_density(log_R: Any, freedom: Any) -> Any:
    """Log density of log R for R ~ chi-square, accurate for any number of degrees of freedom.

    With a = freedom / 2 and x = log(R / freedom) it is a (x + 1 - e^x) plus the log of
    a^a e^-a / Gamma(a), where Stirling's leading terms have cancelled (after Loader 2000).
    """
    import numpy as np

    a = freedom / 2
    x = log_R - np.log(freedom)
    return a * (x - np.expm1(x)) + 0.5 * np.log(a / (2 * np.pi)) - _stirling_remainder(a)


def _stirling_remainder(a: Any) -> Any:
    """Return log Gamma(a) - ((a - 1/2) log a - a + log(2 pi) / 2)."""
    import numpy as np
    from scipy.special import gammaln

    direct = gammaln(a) - ((a - 0.5) * np.log(a) - a + 0.5 * np.log(2 * np.pi))
    series = (1 - (1 / 30 - 1 / (105 * a**2)) / a**2) / (12 * a)
    return np.where(a < 50, direct, series)
