"""How a quantity may compare with its bound, and what that leaves unsaid."""

from dataclasses import dataclass
from typing import Literal

Direction = Literal["upper", "lower", "both"]

# What O~ lets the implied constant do unless a claim says otherwise: grow like
# log(d n m K / delta)^2, which along d is less than log(d)^2.
LOG_POWER = 2.0


@dataclass(frozen=True)
class Order:
    """How a quantity is compared with its bound.

    Parameters
    ----------
    symbol : str
        "exact", "O", "Omega", "Theta" or "O~".
    direction : {"upper", "lower", "both"}
        "upper": the quantity is at most the bound; "lower": at least; "both": both.
    hides : str
        What the symbol leaves unsaid, in words.
    """

    symbol: str
    direction: Direction
    hides: str


EXACT = Order("exact", "both", "nothing: equality")
EXACT_UPPER = Order("exact", "upper", "nothing: at most the bound")
EXACT_LOWER = Order("exact", "lower", "nothing: at least the bound")
BIG_O = Order("O", "upper", "a constant factor")
OMEGA = Order("Omega", "lower", "a constant factor")
THETA = Order("Theta", "both", "a constant factor on either side")
SOFT_O = Order("O~", "upper", "a constant factor and a power of log(d n m K / delta)")
