"""The parameters of one experiment."""

from __future__ import annotations

import dataclasses
import math
import numbers
from dataclasses import dataclass
from typing import Any

from sims.directions import Directions
from sims.notebook import table

NOISE_LAWS = ("isotropic", "orthogonal")
SIGNALS = ("axis", "antipodal")
SCORES = ("magnitude", "snip", "grasp")  # of which any may be cut off neuron by neuron
PER_NEURON = "-per-neuron"
# "given" is what a run says whose mask was handed to it
PRUNINGS = ("random", *SCORES, "synflow", *(score + PER_NEURON for score in SCORES), "given")
# Fields that the model of the first paper does not have. At these values they are left out of what
# is stored, and of the identity of a run.
SIBLING_DEFAULTS: dict[str, Any] = {
    "signals": "axis",
    "flip": 0.0,
    "support": 1,
    "directions": None,
    "pruning": "random",
}
LARGEST_COUNT = 2**53  # every integer up to here is an exact float64
SMALLEST, LARGEST = 1e-120, 1e120  # sizes whose products and cubes stay inside float64


@dataclass(frozen=True)
class Problem:
    r"""Every parameter of one experiment, validated (Theory, section 1).

    The scale symmetry of Theory, section 4.5 gives each parameter its unit, a power of X.

    Parameters
    ----------
    d : int
        Dimension of one patch, at least ``K``. No unit.
    n : int
        Number of training samples, at least 1. No unit.
    m : int
        Neurons (filters) per class, at least 1. No unit.
    K : int
        Number of classes, at least 2. No unit.
    p : float
        Probability that a weight is KEPT, ``0 < p <= 1``. No unit.
    mu : float
        Signal strength, the norm of every signal. Unit X.
    sigma_n : float
        Standard deviation of each noise coordinate. Unit X.
    sigma_0 : float
        Standard deviation of each initial weight. Unit 1/X.
    eta : float
        Learning rate of full-batch gradient descent. Unit 1/X^2.
    q : float, default 3
        Power of the activation ``sigma(z) = max(z, 0)**q``, at least 1. No unit. At 1 < q < 2
        sigma' is not Lipschitz at 0, so that rounding is magnified there: two exact engines agree
        to 10^-6 in the test loss only, and to 10^-3 or so in single coefficients at q = 1.2.
    noise : {"isotropic", "orthogonal"}, default "isotropic"
        Law of the noise patch: all d coordinates, or all but those of the signals (Theory,
        section 2).
    signals : {"axis", "antipodal"}, default "axis"
        The signal of class k is ``mu * e_k``; or, at K = 2, the signals are ``mu * e_0`` and
        ``-mu * e_0`` (Theory, section 12).
    flip : float, default 0
        Probability that the label which training sees is another class than the signal's, uniform
        over the others; ``0 <= flip < 1/2`` (Theory, section 12). No unit.
    support : int, default 1
        Coordinates that each signal is spread over, with random signs and a support of its own;
        ``K * support <= d``. Orthogonal noise is zero on all of them (Theory, section 13). No unit.
    directions : Directions, optional
        Orthonormal vectors u_k that the signals ``mu * u_k`` point along, in place of the above.
        Orthogonal noise is zero on the coordinates up to the last that any of them needs: it stays
        orthogonal under every mask, which noise orthogonal to the vectors alone does not, and it is
        refused where no coordinate is left.
    pruning : str, default "random"
        Which weights are kept: by chance, each with probability ``p``; or ``round(p K m d)`` of
        them, exactly, by a score of the dense start: "magnitude", "snip", "grasp" (``q >= 2``) or
        "synflow"; or ``round(p d)`` of every neuron: "magnitude-per-neuron", "snip-per-neuron",
        "grasp-per-neuron" (Theory, section 14). "given" is for runs that are handed a mask.

    Raises
    ------
    ValueError
        If a parameter is outside its domain; the sentence names it, its value and the domain.

    Examples
    --------
    >>> Problem(d=2000, n=20, m=10, K=2, p=0.5, mu=1.0, sigma_n=0.003, sigma_0=0.01, eta=0.1).q
    3.0
    """

    d: int
    n: int
    m: int
    K: int
    p: float
    mu: float
    sigma_n: float
    sigma_0: float
    eta: float
    q: float = 3.0
    noise: str = "isotropic"
    signals: str = "axis"
    flip: float = 0.0
    support: int = 1
    directions: Directions | None = None
    pruning: str = "random"

    def __post_init__(self) -> None:
        """Validate, and store plain Python numbers."""
        for name, least in (("n", 1), ("m", 1), ("K", 2), ("d", 1)):
            object.__setattr__(self, name, _integer(name, getattr(self, name), least))
        if self.d < self.K:
            raise ValueError(f"d must be an integer of at least K = {self.K}, got {self.d!r}")
        for name in ("p", "mu", "sigma_n", "sigma_0", "eta", "q"):
            object.__setattr__(self, name, _real(name, getattr(self, name)))
        if not 0 < self.p <= 1:
            raise ValueError(
                f"p is the probability to keep a weight and must satisfy 0 < p <= 1, got {self.p!r}"
            )
        for name in ("mu", "sigma_n", "sigma_0", "eta"):
            _check_size(name, getattr(self, name))
        _check_size("eta * mu**2", self.eta * self.mu * self.mu)
        _check_size("eta * sigma_n**2 * d", self.eta * self.sigma_n * self.sigma_n * self.d)
        _check_size("sigma_0 * mu", self.sigma_0 * self.mu)
        _check_size("sigma_0 * sigma_n", self.sigma_0 * self.sigma_n)
        if self.q < 1:
            raise ValueError(f"q must be at least 1, got {self.q!r}")
        if self.noise not in NOISE_LAWS:
            raise ValueError(f"noise must be one of {', '.join(NOISE_LAWS)}, got {self.noise!r}")
        self._check_sibling()
        self._check_pruning()

    def _check_pruning(self) -> None:
        if self.pruning not in PRUNINGS:
            raise ValueError(f"pruning must be one of {', '.join(PRUNINGS)}, got {self.pruning!r}")
        if self.pruning.startswith("grasp") and self.q < 2:
            raise ValueError(
                f"pruning {self.pruning!r} needs q >= 2, below which sigma has no second "
                f"derivative at 0, got q = {self.q!r}"
            )

    def _check_sibling(self) -> None:
        if self.signals not in SIGNALS:
            raise ValueError(f"signals must be one of {', '.join(SIGNALS)}, got {self.signals!r}")
        if self.signals == "antipodal" and self.K != 2:
            raise ValueError(f"signals 'antipodal' need K = 2, got K = {self.K!r}")
        flip = _real("flip", self.flip)
        if not 0 <= flip < 0.5:
            raise ValueError(
                f"flip is the probability of a wrong label and must satisfy 0 <= flip < 1/2, "
                f"got {self.flip!r}"
            )
        object.__setattr__(self, "flip", flip + 0.0)  # -0.0 is 0.0
        object.__setattr__(self, "support", _integer("support", self.support, 1))
        self._check_spread()

    def _check_spread(self) -> None:
        if self.signals == "antipodal" and (self.support > 1 or self.directions is not None):
            raise ValueError("signals 'antipodal' lie on one coordinate: support must be 1, "
                             f"got {self.support!r}, and directions None")  # fmt: skip
        if self.K * self.support > self.d:
            raise ValueError(
                f"support must be at most d / K = {self.d / self.K:g}, got {self.support!r}"
            )
        if self.directions is None:
            return
        if not isinstance(self.directions, Directions) or self.support > 1:
            raise ValueError(
                f"directions must be sims.Directions, and support 1 beside them, "
                f"got {self.directions!r} and {self.support!r}"
            )
        if self.directions.vectors.shape != (self.K, self.d):
            raise ValueError(
                f"directions must have shape (K, d) = {(self.K, self.d)}, "
                f"got {self.directions.vectors.shape}"
            )
        if self.noise == "orthogonal" and self.directions.reach == self.d:
            raise ValueError(
                "noise 'orthogonal' is zero up to the last coordinate of the directions and must "
                f"have one beyond, got directions that reach to d = {self.d}"
            )

    @classmethod
    def theorem_regime(
        cls,
        d: int,
        n: int,
        m: int,
        K: int,
        p: float,
        *,
        mu: float = 1.0,
        eta: float | None = None,
        q: float = 3.0,
        noise: str = "isotropic",
        signals: str = "axis",
        flip: float = 0.0,
        support: int = 1,
        directions: Directions | None = None,
        pruning: str = "random",
    ) -> Problem:
        r"""Fill in the regime of the theorems with all hidden constants 1 (Theory, section 6).

        ``sigma_n = mu / (sqrt(d) log d)``, ``sigma_0 = 1 / (m^4 n mu)``, and ``eta = 1 / mu^2``
        unless given.

        Parameters
        ----------
        d, n, m, K, p, mu, eta, q, noise, signals, flip, support, directions, pruning
            As in :class:`Problem`; ``d`` is at least 2, since ``log d`` divides.

        Returns
        -------
        Problem
            The problem in the regime.

        Raises
        ------
        ValueError
            If a parameter is outside its domain.
        """
        d = _integer("d", d, 2)
        n, m = _integer("n", n, 1), _integer("m", m, 1)
        mu = _real("mu", mu)
        _check_size("mu", mu)
        sigma_n = mu / (math.sqrt(d) * math.log(d))
        sigma_0 = 1.0 / (float(m) ** 4 * n * mu)
        eta = 1.0 / (mu * mu) if eta is None else eta
        model: dict[str, Any] = {"noise": noise, "signals": signals, "pruning": pruning}
        model |= {"flip": flip, "support": support, "directions": directions}
        return cls(d, n, m, K, p, mu, sigma_n, sigma_0, eta, q, **model)

    @property
    def letters(self) -> str:
        """The sizes and p, as in ``d = 20000, n = 30, m = 20, K = 2, p = 0.5``."""
        return ", ".join(
            f"{name} = {getattr(self, name):.6g}" for name in ("d", "n", "m", "K", "p")
        )

    def _repr_html_(self) -> str:
        return table(["", "value"], list(self.parameters().items()), "Problem")

    def parameters(self) -> dict[str, Any]:
        """Return the parameters as plain numbers (and words: noise law, signals, pruning).

        Returns
        -------
        dict
            The fields by name, in the letters of the theory; those of sibling models only where
            they differ from their defaults. ``directions`` are named by the digest of their
            content.
        """
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        usual = {name for name, value in SIBLING_DEFAULTS.items() if values[name] == value}
        values["directions"] = getattr(self.directions, "digest", None)
        return {name: value for name, value in values.items() if name not in usual}


def _integer(name: str, value: object, least: int) -> int:
    number = _number(value)
    if isinstance(value, bool) or not number.is_integer() or not least <= number <= LARGEST_COUNT:
        raise ValueError(f"{name} must be an integer from {least} to 2**53, got {value!r}")
    return int(number)


def _real(name: str, value: object) -> float:
    number = _number(value)
    if isinstance(value, bool) or not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    return number


def _number(value: object) -> float:
    """Return a float; nan for what is no number, inf for what is too large."""
    if not isinstance(value, numbers.Real):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _check_size(name: str, value: float) -> None:
    if not value > 0:
        raise ValueError(f"{name} must be greater than 0, got {value!r}")
    if not SMALLEST <= value <= LARGEST:
        raise ValueError(
            f"{name} must lie between {SMALLEST:g} and {LARGEST:g} to be computed with, "
            f"got {value!r}"
        )
