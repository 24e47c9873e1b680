"""How often the event fails that a theorem holds a run to: labels, masks and starts decide it.

An event is made of independent parts, each with the probability that it fails. Sums are of positive
terms or go through expm1 and log1p, so that a failure of 1e-300 keeps its digits; the logarithm is
right far below. For the judge: :func:`event_failure` gives the number, and says whether it is exact
or of leading order; it is None for an event that has no formula. Source: derived, Theory, section
10.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sympy
from sympy import Sum, binomial
from sympy.codegen.cfunctions import expm1, log1p

from bounds.evaluation import log_value, parameter, value
from bounds.sources import Source
from bounds.statements import Theorem
from bounds.symbols import K, d, m, n, p, support

DERIVED = Source("this project", "derived", "Theory, section 10")


def any_of(failure: sympy.Expr, count: sympy.Expr) -> sympy.Expr:
    """Return the probability that one of `count` independent events of one probability happens."""
    return -expm1(count * log1p(-failure))


@dataclass(frozen=True)
class EventPart:
    """One of the independent parts of an event.

    Parameters
    ----------
    id, statement : str
        Name, and what is asked in plain text.
    failure : sympy.Expr
        Probability that it fails, given the parts before it.
    exact : bool
        False for a law of leading order.
    source : Source
        Where the probability comes from.
    """

    id: str
    statement: str
    failure: sympy.Expr
    exact: bool = True
    source: Source = DERIVED


@dataclass(frozen=True)
class EventFailure:
    """The probability that the event of a theorem fails.

    Attributes
    ----------
    event : str
        Name of the event, the theorem's `inside`.
    probability, log_probability : float
        That it fails, and the natural logarithm of that, which does not underflow.
    exact : bool
        Whether every part is exact; otherwise it is of leading order.
    parts : mapping of str to float
        Probability that each part fails, by its id, each given the parts before it.
    """

    event: str
    probability: float
    log_probability: float
    exact: bool
    parts: Mapping[str, float] = field(hash=False)


_k = sympy.Symbol("k", integer=True, positive=True)

# One class that has samples: each of m neurons keeps its coordinate, and starts positive, with p/2.
ONE_UNLEARNABLE = (1 - p / 2) ** m
# Where its signal is spread: each keeps some of it, and starts positive, with (1 - (1 - p)^s)/2.
ONE_UNLEARNABLE_SPREAD = ((1 + (1 - p) ** support) / 2) ** m
ONE_EMPTY = (1 - 1 / K) ** n
# One sample: each of m neurons of its class has kept a coordinate of the noise, its own is gone,
# and starts positive on it. For orthogonal noise d is put so that d - 1 is the d - K that are left.
ONE_UNMEMORIZABLE = ((1 + (1 - p) ** (d - 1)) / 2) ** m

CLASSES_FULL = EventPart(
    "classes-full",
    "every class has samples",
    Sum((-1) ** (_k + 1) * binomial(K, _k) * (1 - _k / K) ** n, (_k, 1, K - 1)),
)
LEARNABLE = EventPart(
    "learnable",
    "in every class some neuron keeps the coordinate of its own signal and starts with a positive "
    "product on it",
    any_of(ONE_UNLEARNABLE_SPREAD, K),
)
NO_OWN_SIGNAL = EventPart(
    "no-own-signal", "no neuron keeps the coordinate of its own signal", any_of(p, K * m * support)
)
MEMORIZABLE = EventPart(
    "memorizable",
    "every sample has a neuron of its class with a positive initial product on its noise",
    any_of(ONE_UNMEMORIZABLE, n),
    exact=False,
    source=Source(
        "this project",
        "derived",
        "Theory, section 10",
        "exact for one sample; the signs of one neuron on two samples are independent only as "
        "p d grows, so that n samples are of leading order",
    ),
)

EVENT_PARTS: dict[str, tuple[EventPart, ...]] = {
    "every-draw": (),
    "classes-full": (CLASSES_FULL,),
    "fittable": (CLASSES_FULL, MEMORIZABLE),
    "learnable": (CLASSES_FULL, LEARNABLE),
    "memorizable": (NO_OWN_SIGNAL, CLASSES_FULL, MEMORIZABLE),
}


@cache
def failure_expression(event: str) -> sympy.Expr:
    """Write the probability that an event fails: that one of its independent parts does."""
    kept = [log1p(-part.failure) for part in EVENT_PARTS[event]]
    return -expm1(sympy.Add(*kept))


def event_failure(theorem: Theorem, parameters: Mapping[str, Any]) -> EventFailure | None:
    """Evaluate the probability that a draw lies outside the event of a theorem.

    Parameters
    ----------
    theorem : Theorem
        Its `inside` names the event.
    parameters : mapping
        Values by name (Theory, section 1): n, m, K and p, and for the event "memorizable" d;
        optionally noise="isotropic" or "orthogonal".

    Returns
    -------
    EventFailure or None
        None for an event without a formula.

    Raises
    ------
    ValueError
        If a parameter is missing or outside its domain.

    Notes
    -----
    Theory, section 10 (derived).
    """
    parts = EVENT_PARTS.get(theorem.inside)
    if parts is None:
        return None
    parameters = _coordinates_of_noise(parameters)
    whole = failure_expression(theorem.inside)
    return EventFailure(
        theorem.inside,
        value(whole, parameters),
        min(0.0, log_value(whole, parameters)),
        all(part.exact for part in parts),
        {part.id: value(part.failure, parameters) for part in parts},
    )


def _coordinates_of_noise(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put for d what makes d - 1 the number of noise coordinates that are not own signal's."""
    noise = parameters.get("noise", "isotropic")
    if noise not in ("isotropic", "orthogonal"):
        raise ValueError(f"noise must be 'isotropic' or 'orthogonal', got {noise!r}")
    spread = parameter(parameters, "support")
    if (noise == "isotropic" and spread == 1) or "d" not in parameters:
        return parameters
    size, classes = parameter(parameters, "d"), parameter(parameters, "K")
    if size < classes * spread:
        raise ValueError(f"d must be >= K support = {classes * spread}, got {size}")
    return {**parameters, "d": size - (1 if noise == "isotropic" else classes) * spread + 1}
