"""Every symbol of the theory once: assumptions, unit, domain and one line of meaning.

The names of the sympy symbols are the keys of the parameter mappings used everywhere, so an
expression can be evaluated from a mapping without a translation table. Source: Theory, sections 1
and 4.5.
"""

from dataclasses import dataclass

import sympy


@dataclass(frozen=True)
class SymbolInfo:
    r"""One symbol of the theory.

    Parameters
    ----------
    symbol : sympy.Symbol
        The symbol; its name is the key in a parameter mapping.
    unit : int
        Power of X under the scale symmetry (mu, sigma_n, sigma_0, eta) -> (c mu, c sigma_n,
        sigma_0 / c, eta / c^2) of Theory, section 4.5.
    meaning : str
        One line.
    lower, upper : float
        The values allowed lie between these two.
    lower_allowed, upper_allowed : bool
        Whether the end itself is allowed.
    default : float or None
        What it is where a mapping does not name it; None for a symbol that must be named.
    """

    symbol: sympy.Symbol
    unit: int
    meaning: str
    lower: float = 0.0
    upper: float = float("inf")
    lower_allowed: bool = False
    upper_allowed: bool = False
    default: float | None = None

    @property
    def integer(self) -> bool:
        """Whether only whole numbers are allowed."""
        return bool(self.symbol.is_integer)

    @property
    def allowed(self) -> str:
        """The domain in words, for error messages."""
        kind = "a whole number" if self.integer else "a finite number"
        low = f" {'>=' if self.lower_allowed else '>'} {self.lower:g}"
        if self.upper == float("inf"):
            return kind + low
        return kind + low + f" and {'<=' if self.upper_allowed else '<'} {self.upper:g}"

    def allows(self, number: int | float) -> bool:
        """Whether a finite number lies in the domain."""
        above = number >= self.lower if self.lower_allowed else number > self.lower
        below = number <= self.upper if self.upper_allowed else number < self.upper
        return above and below and (not self.integer or number == int(number))


def _whole(name: str) -> sympy.Symbol:
    return sympy.Symbol(name, integer=True, positive=True)


def _positive(name: str) -> sympy.Symbol:
    return sympy.Symbol(name, positive=True)


d = _whole("d")
n = _whole("n")
K = _whole("K")
m = _whole("m")
p = _positive("p")
q = _positive("q")
mu = _positive("mu")
sigma_n = _positive("sigma_n")
sigma_0 = _positive("sigma_0")
eta = _positive("eta")
epsilon = _positive("epsilon")
delta = _positive("delta")
flip = sympy.Symbol("flip", nonnegative=True)
support = _whole("support")

C = _positive("C")
C2 = _positive("C2")
c = _positive("c")
gamma = _positive("gamma")
loss = _positive("loss")
z0 = _positive("z0")
level = _positive("level")
rate = _positive("rate")
n_j = sympy.Symbol("n_j", integer=True, nonnegative=True)
norm_squared = sympy.Symbol("norm_squared", nonnegative=True)

_ALL = (
    SymbolInfo(d, 0, "dimension of one patch", lower=1, lower_allowed=True),
    SymbolInfo(n, 0, "number of training samples", lower=1, lower_allowed=True),
    SymbolInfo(K, 0, "number of classes", lower=2, lower_allowed=True),
    SymbolInfo(m, 0, "neurons (filters) per class", lower=1, lower_allowed=True),
    SymbolInfo(p, 0, "probability that a weight is kept", upper=1, upper_allowed=True),
    SymbolInfo(q, 0, "power of the activation max(z, 0)^q", lower=1, lower_allowed=True),
    SymbolInfo(mu, 1, "signal strength, mu_k = mu e_k"),
    SymbolInfo(sigma_n, 1, "standard deviation of each noise coordinate"),
    SymbolInfo(sigma_0, -1, "standard deviation of each initial weight"),
    SymbolInfo(eta, -2, "learning rate of full-batch gradient descent"),
    SymbolInfo(epsilon, 0, "target training loss"),
    SymbolInfo(delta, 0, "failure probability of a high-probability event", upper=1),
    SymbolInfo(
        flip, 0, "probability that a label is wrong", upper=0.5, lower_allowed=True, default=0.0
    ),
    SymbolInfo(
        support,
        0,
        "coordinates that each signal is spread over",
        lower=1,
        lower_allowed=True,
        default=1,
    ),
    SymbolInfo(C, 0, "a constant hidden in an order symbol"),
    SymbolInfo(C2, 0, "a constant hidden in an exponent"),
    SymbolInfo(c, 0, "half the smallest training logit that the signal gives to its own class"),
    SymbolInfo(gamma, 0, "the signal coefficient of a neuron that has learned"),
    SymbolInfo(loss, 0, "training loss L_S"),
    SymbolInfo(z0, 0, "initial pre-activation of the neuron that escapes first"),
    SymbolInfo(level, 0, "the pre-activation to be reached"),
    SymbolInfo(rate, 0, "the factor a in z' = a z^(q-1) per step"),
    SymbolInfo(n_j, 0, "training samples of class j", lower_allowed=True),
    SymbolInfo(norm_squared, 2, "squared norm of a masked noise vector", lower_allowed=True),
)

# What `import *` brings: the symbols, but for gamma, which would hide sympy's function.
__all__ = [
    "C2",
    "C",
    "K",
    "c",
    "d",
    "delta",
    "epsilon",
    "eta",
    "flip",
    "level",
    "loss",
    "m",
    "mu",
    "n",
    "n_j",
    "norm_squared",
    "p",
    "q",
    "rate",
    "sigma_0",
    "sigma_n",
    "support",
    "z0",
]

SYMBOLS: dict[str, SymbolInfo] = {quantity.symbol.name: quantity for quantity in _ALL}
