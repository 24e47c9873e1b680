"""The vocabulary of the package: what a condition, a claim, a theorem and a lemma are.

A claim compares a measured quantity with a bound, up to what its order hides. A condition with a
hidden constant reports the one that would make it an equality. Source: Theory, sections 6 and 7.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import sympy

from bounds.boundary import Boundary
from bounds.evaluation import decide, log_value, value
from bounds.lemma import Lemma
from bounds.notebook import table
from bounds.orders import (
    BIG_O,
    EXACT,
    EXACT_LOWER,
    EXACT_UPPER,
    LOG_POWER,
    OMEGA,
    SOFT_O,
    THETA,
    Direction,
    Order,
)
from bounds.sources import Source

# What `import *` brings.
__all__ = [
    "BIG_O",
    "EXACT",
    "EXACT_LOWER",
    "EXACT_UPPER",
    "OMEGA",
    "SOFT_O",
    "THETA",
    "Boundary",
    "Claim",
    "Condition",
    "Lemma",
    "Source",
    "Theorem",
]


@dataclass(frozen=True)
class Condition:
    """A premise of a theorem, as one number compared with a constant.

    Parameters
    ----------
    id, statement : str
        Name, and the whole premise in plain text.
    expression : sympy.Expr
        The implied constant: the premise compares it with `constant`. Unit-free.
    direction : {"upper", "lower", "both"}
        Whether the expression must be at most, at least, or equal to (for a hidden constant: of the
        order of) the constant.
    source : Source
        Where it comes from.
    constant : float
        The constant; for a hidden one, the declared default.
    constant_name : str
        Name of a hidden constant, "" where nothing is hidden.
    strict : bool
        Whether equality is excluded.
    """

    id: str
    statement: str
    expression: sympy.Expr
    direction: Direction
    source: Source
    constant: float = 1.0
    constant_name: str = ""
    strict: bool = False

    @property
    def hidden(self) -> bool:
        """Whether the constant is hidden, so that the premise is not a yes-or-no question."""
        return bool(self.constant_name)

    def implied_constant(self, parameters: Mapping[str, Any]) -> float:
        """Evaluate the constant with which the premise is an equality.

        Parameters
        ----------
        parameters : mapping
            Values by name (Theory, section 1).

        Returns
        -------
        float
            Unit-free.

        Raises
        ------
        ValueError
            If a parameter is missing or outside its domain.
        """
        return value(self.expression, parameters)

    def holds(self, parameters: Mapping[str, Any]) -> bool | None:
        """Decide the premise.

        Parameters
        ----------
        parameters : mapping
            Values by name (Theory, section 1).

        Returns
        -------
        bool or None
            None where the constant is hidden, or where sympy cannot decide.

        Raises
        ------
        ValueError
            If a parameter is missing or not a finite number.
        """
        if self.hidden:
            return None
        return decide(self._relation(), parameters)

    def _relation(self) -> Any:
        constant = sympy.Rational(self.constant)
        # The symbols are declared positive, so that p > 0 would be true before p has a value.
        undeclared = {symbol: sympy.Symbol(symbol.name) for symbol in self.expression.free_symbols}
        expression = self.expression.xreplace(undeclared)
        if self.direction == "both":
            return sympy.Eq(expression, constant)
        if self.direction == "upper":
            relation = sympy.Lt if self.strict else sympy.Le
        else:
            relation = sympy.Gt if self.strict else sympy.Ge
        return relation(expression, constant)


@dataclass(frozen=True)
class Claim:
    """One conclusion of a theorem: a quantity of a run against a bound.

    Parameters
    ----------
    id, statement : str
        Name, and the whole claim in plain text.
    quantity : str
        The left side in words.
    bound : sympy.Expr
        The right side. Unit-free.
    order : Order
        How the two compare, and what that hides.
    source : Source
        Where it comes from.
    constant : float
        The factor on the bound, hidden in its order; not part of `bound`.
    log_power : float or None
        The power of log(d n m K / delta) by which the implied constant may grow; None for the
        default of the order, which is :data:`LOG_POWER` for O~ and 0 for the others.
    hidden : mapping
        Hidden constants that stand inside the bound, with their defaults.
    measure : str
        Name of the measured quantity, the left side; the claim's id where it is empty.
    law : sympy.Expr or None
        How the left side scales at leading order (Theory, section 9); None where that is not known.
    smallest : sympy.Expr or None
        The law of the left side with its maxima over neurons and samples replaced by minima; None
        where it has none.
    left : str
        The left side as a formula: the letters of Theory, with ``_`` and ``^`` for what stands
        below and above, ``{}`` around more than one sign of it and ``~`` for the mask, as in
        ``max_r gamma_{j,r,j}``; empty where words must do.
    """

    id: str
    statement: str
    quantity: str
    bound: sympy.Expr
    order: Order
    source: Source
    constant: float = 1.0
    log_power: float | None = None
    hidden: Mapping[str, float] = field(default_factory=dict, hash=False)
    measure: str = ""
    law: sympy.Expr | None = None
    smallest: sympy.Expr | None = None
    left: str = ""

    def __post_init__(self) -> None:
        """Take plain numbers as bounds; fill in the allowance and the name of the quantity."""
        if not (math.isfinite(self.constant) and self.constant > 0):
            raise ValueError(
                f"constant of claim {self.id!r} must be a finite number greater than 0, "
                f"got {self.constant!r}"
            )
        object.__setattr__(self, "bound", sympy.sympify(self.bound, strict=True))
        if self.log_power is None:
            allowance = LOG_POWER if self.order == SOFT_O else 0.0
            object.__setattr__(self, "log_power", allowance)
        if not self.measure:
            object.__setattr__(self, "measure", self.id)

    @property
    def direction(self) -> Direction:
        """Whether the bound is an upper one, a lower one, or both."""
        return self.order.direction

    def evaluate(self, parameters: Mapping[str, Any], log: bool = False) -> float:
        """Evaluate the bound.

        Parameters
        ----------
        parameters : mapping
            Values by name (Theory, section 1); a hidden constant of the bound may be among them,
            otherwise it has its default.
        log : bool
            Return the natural logarithm, which neither underflows nor overflows.

        Returns
        -------
        float
            The bound, without the factor `constant`. Unit-free.

        Raises
        ------
        ValueError
            If a parameter is missing or outside its domain.
        """
        return (log_value if log else value)(self.bound, {**self.hidden, **parameters})


@dataclass(frozen=True, repr=False)
class Theorem:
    """A theorem: premises, conclusions, and the event that one run can be held to.

    Parameters
    ----------
    id, title : str
        Name and title.
    statement : str
        The theorem in plain text.
    probability : str
        The probability with which it is said to hold.
    event : str
        The event, decided by the draw alone, given which a single run is held to the claims.
    source : Source
        Where it comes from.
    conditions : mapping of str to Condition
        The premises by id.
    claims : mapping of str to Claim
        The conclusions by id, in the order of the theorem.
    inside : str
        Name of the test that tells whether a draw lies in the event; "every-draw" for no condition.
    boundaries : mapping of str to Boundary
        What it says with "if and only if", by id.
    output : {"sum", "mean"}
        How the network of the paper adds its neurons. The letters of a "mean" are those of F_j =
        (1/m) sum_r; :func:`bounds.in_engine_letters` rewrites it for F_j = sum_r.
    model : mapping of str to str
        What a problem must have in its fields to be the model of the paper, by name, or "any"; for
        `signals`, `flip` and `pruning`, where they are not there, the default of a problem.
    """

    id: str
    title: str
    statement: str
    probability: str
    event: str
    source: Source
    conditions: Mapping[str, Condition] = field(hash=False)
    claims: Mapping[str, Claim] = field(hash=False)
    inside: str = "every-draw"
    boundaries: Mapping[str, Boundary] = field(default_factory=dict, hash=False)
    output: Literal["sum", "mean"] = "sum"
    model: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __repr__(self) -> str:
        """Return one line."""
        counted = f"{len(self.claims)} claims, {len(self.conditions)} premises"
        return f"<Theorem {self.id[:100]}: {self.title[:100]}, {counted}, {self.source.tag}>"

    def _repr_html_(self) -> str:
        parts: list[Claim | Boundary] = [*self.claims.values(), *self.boundaries.values()]
        rows = [(one.id, one.statement, one.source.tag) for one in parts]
        return table(["claim", "statement", "known"], rows, f"{self.title}: {self.statement}")

    @property
    def constants(self) -> dict[str, float]:
        """The hidden constants of premises and bounds with their declared defaults."""
        found = {x.constant_name: x.constant for x in self.conditions.values() if x.hidden}
        for claim in self.claims.values():
            found.update(claim.hidden)
        return found
