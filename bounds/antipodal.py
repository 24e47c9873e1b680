"""What the theorems on averaged, antipodal models share: their model, and how to state them.

Two classes with signals mu e_1 and -mu e_1, logistic loss, no pruning, F_j = (1/m) sum_r, noise
orthogonal to the signals. Their letters are those of the mean (:mod:`bounds.averaged`). Every
premise is recalled, and an expression of one line. Source: Theory, section 12.
"""

import sympy

from bounds.orders import EXACT_UPPER, Direction, Order
from bounds.sources import Source
from bounds.statements import Claim, Condition
from bounds.symbols import K, epsilon, p, q

# What a problem of the engine must have in its fields to be their model.
MODEL = {"signals": "antipodal", "noise": "orthogonal"}
SECTION = "Theory, section 12"


def recalled(citation: str, note: str = "") -> Source:
    """Return the source of a statement that is known without the paper's text."""
    return Source(citation, "recalled*", SECTION, note)


def fixed(source: Source, q_is: int | None = None) -> tuple[Condition, ...]:
    """Return the premises that name a number: K = 2, p = 1, and q, above 2 unless given."""
    if q_is is None:
        power = Condition("power", "q > 2", q, "lower", source, 2, strict=True)
    else:
        power = Condition("power", f"q = {q_is}", q, "both", source, q_is)
    return (
        Condition("two-classes", "K = 2", K, "both", source, 2),
        Condition("unpruned", "p = 1", p, "both", source, 1),
        power,
    )


def hidden(
    id: str,
    statement: str,
    expression: sympy.Expr,
    direction: Direction,
    source: Source,
    constant_name: str,
    constant: float = 1.0,
) -> Condition:
    """Return a premise with a hidden constant."""
    return Condition(id, statement, expression, direction, source, constant, constant_name)


def stopping_time(
    formula: str, bound: sympy.Expr, order: Order, source: Source, law: sympy.Expr
) -> Claim:
    """Return the claim that training is over after at most a constant times a time."""
    return Claim(
        "stopping-time",
        f"t* <= C T, T = {order.symbol}({formula})",
        "t*, the first recorded step with L_S <= epsilon",
        bound,
        order,
        source,
        law=law,
        left="t^*",
    )


def train_loss(source: Source) -> Claim:
    """Return the claim that training comes to an end."""
    return Claim(
        "train-loss",
        "there is a step t* with L_S <= epsilon",
        "training loss L_S at t*",
        epsilon,
        EXACT_UPPER,
        source,
        law=epsilon,
        left="L_S",
    )
