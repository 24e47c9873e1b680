r"""The concentration lemmas of both theorems: explicit constants and exact probabilities.

Source: Theory, section 7, "Lemmas used by both". The events are the paper's, known without its
text at hand ("paper*"); the constants are derived from standard tails. exp(-p d / 16), the
textbook constant for dense noise, would be false in masked-noise-norm: d = 1000, p = 0.1.
"""

import sympy
from sympy import erfc, exp, log, sqrt

from bounds import exact_probabilities
from bounds.sources import PAPER
from bounds.statements import Lemma, Source
from bounds.symbols import K, d, delta, loss, m, mu, n, p, q, sigma_0, sigma_n

SOURCE = Source(
    PAPER, "paper*", "Theory, section 7, Lemmas used by both", "explicit constants derived here"
)
DERIVED = Source("this project", "derived", "Theory, section 7, Lemmas used by both")

_ALL = (
    Lemma(
        id="class-counts",
        statement="n/(2K) <= n_k <= 3n/(2K) for all k",
        quantity="number n_k of samples of class k",
        source=SOURCE,
        lower=n / (2 * K),
        upper=3 * n / (2 * K),
        bound=2 * K * exp(-n / (12 * K)),
        exact=exact_probabilities.class_counts,
        exact_kind="joint",
        events=K,
        left="n_k",
    ),
    Lemma(
        id="signal-neurons",
        statement="m p/2 <= size of S_signal^k <= 3 m p/2 for all k",
        quantity="number of neurons of class k that keep the coordinate of their own signal",
        source=SOURCE,
        lower=m * p / 2,
        upper=3 * m * p / 2,
        bound=2 * K * exp(-m * p / 12),
        exact=exact_probabilities.signal_neurons,
        exact_kind="joint",
        events=K,
        left="|S_signal^k|",
    ),
    Lemma(
        id="no-signal-left",
        statement="every S_signal^k is empty",
        quantity="number of neurons that keep the coordinate of their own signal",
        source=SOURCE,
        upper=sympy.S.Zero,
        bound=K * m * p,
        exact=exact_probabilities.no_signal_left,
        exact_kind="joint",
        events=K * m,
        left="|S_signal^k|",
    ),
    Lemma(
        id="masked-noise-norm",
        statement="sigma_n^2 p d/2 <= norm(xi~_{j,r,i})^2 <= 3 sigma_n^2 p d/2 for all j, r, i",
        quantity="squared norm of the masked noise",
        source=SOURCE,
        lower=sigma_n**2 * p * d / 2,
        upper=3 * sigma_n**2 * p * d / 2,
        unit=2,
        bound=2 * K * m * n * exp(-p * d / 31),
        exact=exact_probabilities.masked_noise_norm,
        exact_kind="marginal",
        events=K * m * n,
        per_patch=True,
        left="||xi~_{j,r,i}||^2",
    ),
    Lemma(
        id="masked-noise-overlap",
        statement="|<xi~_{j,r,i}, xi_{i'}>| <= 2 sigma_n^2 sqrt(p d log(K m n^2/delta)) "
        "for i != i'",
        quantity="absolute inner product of masked noise with the noise of another sample",
        source=SOURCE,
        upper=2 * sigma_n**2 * sqrt(p * d * log(K * m * n**2 / delta)),
        unit=2,
        bound=delta,
        applies=sympy.Ge(p * d, log(K * m * n**2 / delta)),
        exact=exact_probabilities.masked_noise_overlap,
        exact_kind="marginal",
        events=K * m * n * (n - 1) / 2,
        per_patch=True,
        left="|<xi~_{j,r,i}, xi_{i'}>|",
    ),
    Lemma(
        id="init-noise",
        statement="on masked-noise-norm, |<w~(0)_{j,r}, xi_i>| <= "
        "2 sqrt(log(K m n/delta)) sigma_0 sigma_n sqrt(p d) for all j, r, i",
        quantity="absolute initial product with noise",
        source=SOURCE,
        upper=2 * sqrt(log(K * m * n / delta)) * sigma_0 * sigma_n * sqrt(p * d),
        bound=delta,
        exact=exact_probabilities.init_noise,
        exact_kind="marginal",
        events=K * m * n,
        per_patch=True,
        left="|<w~_{j,r}(0), xi_i>|",
    ),
    Lemma(
        id="init-signal",
        statement="for every class j, max over r in S_signal^j of <w(0)_{j,r}, mu_j> lies between "
        "sigma_0 mu/2 and u sigma_0 mu, u = sqrt(2 log(K m/delta))",
        quantity="largest initial product of a class with its own signal",
        source=DERIVED,
        lower=sigma_0 * mu / 2,
        upper=sqrt(2 * log(K * m / delta)) * sigma_0 * mu,
        # Q(1/2) = erfc(1/(2 sqrt 2))/2, and K m p Q(u) <= K m exp(-u^2/2)/2 = delta/2.
        bound=K * (1 - p * erfc(1 / (2 * sqrt(2))) / 2) ** m + delta / 2,
        exact=exact_probabilities.init_signal,
        exact_kind="joint",
        events=K,
        left="max_{r in S_signal^j} <w_{j,r}(0), mu_j>",
    ),
    Lemma(
        id="gradient-norm",
        statement="norm(grad L_S)_F^2 <= C m^(2/q) mu^2 K L_S along the path",
        quantity="squared Frobenius norm of the gradient of the training loss",
        source=SOURCE,
        upper=m ** (2 / q) * mu**2 * K * loss,
        unit=2,
        left="||grad L_S||_F^2",
    ),
)

LEMMAS: dict[str, Lemma] = {lemma.id: lemma for lemma in _ALL}
