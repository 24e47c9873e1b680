"""What a boundary is: an index that tells where a quantity is small from where it is not."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sympy

from bounds.evaluation import log_value, value
from bounds.sources import Source

Side = Literal["below", "above"]


@dataclass(frozen=True)
class Boundary:
    """A statement with "if and only if": success exactly where an index is at least a constant.

    Parameters
    ----------
    id, statement : str
        Name, and the whole statement in plain text.
    quantity : str
        The left side in words.
    index : sympy.Expr
        What is compared with the constant, as in ``n * (mu / (sigma_n * sqrt(d)))**q``. Unit-free.
    source : Source
        Where it comes from.
    level : float
        The value of the left side that tells success from failure.
    measure : str
        Name of the measured quantity, the left side; the boundary's id where it is empty.
    side : {"below", "above"}
        Whether success is a left side of at most, or of at least, the level.
    constant : float
        The constant that the index is compared with, hidden in the statement: a declared default.
    log_power : float
        The power of log(d n m K / delta) that the constant may hide.
    left : str
        The left side as a formula, as in :class:`bounds.Claim`; empty where words must do.

    Notes
    -----
    Theory, section 7, `phase-boundary`, and section 9, `race`.
    """

    id: str
    statement: str
    quantity: str
    index: sympy.Expr
    source: Source
    level: float
    measure: str = ""
    side: Side = "below"
    constant: float = 1.0
    log_power: float = 2.0
    left: str = ""

    def __post_init__(self) -> None:
        """Fill in the name of the quantity; refuse numbers that cannot be compared with."""
        where = f"of boundary {self.id!r} must be"
        if not (math.isfinite(self.constant) and self.constant > 0):
            raise ValueError(
                f"constant {where} a finite number greater than 0, got {self.constant!r}"
            )
        if not math.isfinite(self.level):
            raise ValueError(f"level {where} a finite number, got {self.level!r}")
        if self.side not in ("below", "above"):
            raise ValueError(f"side {where} 'below' or 'above', got {self.side!r}")
        object.__setattr__(self, "index", sympy.sympify(self.index, strict=True))
        object.__setattr__(self, "measure", self.measure or self.id)

    def evaluate(self, parameters: Mapping[str, Any], log: bool = False) -> float:
        """Evaluate the index.

        Parameters
        ----------
        parameters : mapping
            Values by name (Theory, section 1).
        log : bool
            Return the natural logarithm, which neither underflows nor overflows.

        Returns
        -------
        float
            The index, to be compared with `constant`. Unit-free.

        Raises
        ------
        ValueError
            If a parameter is missing or outside its domain.
        """
        return (log_value if log else value)(self.index, parameters)

    def succeeds(self, measured: float) -> bool:
        """Tell whether a value of the left side is a success.

        Parameters
        ----------
        measured : float
            The left side, in its own unit; not nan.

        Returns
        -------
        bool
            Whether it lies on the side of the level that a large index promises.
        """
        return measured <= self.level if self.side == "below" else measured >= self.level
