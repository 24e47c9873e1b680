"""Numbers that someone else computed, judged by the rules that our own runs are judged by."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from bounds.statements import (
    BIG_O,
    EXACT_LOWER,
    EXACT_UPPER,
    OMEGA,
    SOFT_O,
    Claim,
    Source,
)
from sims.arguments import check_count
from sims.arrays import Booleans, Floats
from theorycheck.judging.blank import moved_and_fixed, summarize_table
from theorycheck.judging.elsewhere.given import (
    along_path,
    checked_measured,
    checked_sizes,
    checked_symbols,
    is_number,
    named_draws,
)
from theorycheck.judging.exact import Trials, judge_trials
from theorycheck.judging.facts import Tested
from theorycheck.judging.orders.allowance import COUNTS, Allowance
from theorycheck.judging.orders.order import Together, case_of, judge_orders
from theorycheck.judging.slopes import tail, tail_end
from theorycheck.judging.table import Table, log_excess
from theorycheck.judging.verdict import Verdict
from theorycheck.printing import listed

ORDERS = {"O": BIG_O, "Omega": OMEGA, "O~": SOFT_O, "<=": EXACT_UPPER, ">=": EXACT_LOWER}
SOURCE = Source("whoever handed the numbers in", "measured", "")
GIVEN = "numbers"  # what stands in a verdict in the place of a theorem
NO_PREMISE = "none was looked at: these are numbers alone"


def judge(
    sizes: Any,
    measured: Any,
    bound: Any,
    order: str = "O",
    *,
    along: str = "d",
    constant: float = 1.0,
    log_power: float | None = None,
    argument: Any = None,
    symbols: Mapping[str, Any] | None = None,
    seeds: Sequence[int] | None = None,
    claim: str = "measured",
    statement: str = "",
    among: int = 1,
) -> Verdict:
    """Judge numbers of any origin against a bound, as the runs of a check are judged.

    Parameters
    ----------
    sizes : (N,) array_like
        What grows, or falls, along the path: strictly monotonic, greater than 0.
    measured : (S, N) array_like
        The left side: a row for each independent draw (a seed at all sizes), a column for each
        size; at least 0. nan where it was not measured, which speaks for nothing; inf where there
        is no such number (a run without a t*), which speaks against the claim in either direction.
    bound : (N,) array_like
        The right side without its constant, greater than 0. In the unit of `measured`.
    order : {"O", "Omega", "O~", "<=", ">="}, default "O"
        How the two compare. The last two hide nothing: they are judged by the draws that violate
        them, with no room for rounding.
    along : str, default "d"
        Name of what `sizes` are. O~ hides a power of log(d) along "d", of log(d n m K / delta)
        along "n", "m" and "K", and nothing along any other name unless `argument` is given.
    constant : float, default 1.0
        The declared constant, a factor on the bound.
    log_power : float, optional
        Which power of that logarithm the order allows: 2 for O~ and 0 for O and Omega where it is
        left out.
    argument : (N,) array_like, optional
        The argument of that logarithm at each size, greater than 1, where d stays: d n m K / delta
        with delta = 0.01. Along n, m and K it is taken from `symbols` where they have all four.
    symbols : mapping of str to (N,) array_like, optional
        The symbols of the bound at each size, so that the verdict can tell which ones were moved.
    seeds : sequence of int, optional
        Names of the draws, all different; 0, 1, .., S - 1 where they are left out.
    claim, statement : str
        What the verdict calls the claim, and how it states it.
    among : int, default 1
        How many claims, this one included, are judged in one study: they share one rate of error,
        so that each needs more draws.

    Returns
    -------
    Verdict
        As for a claim of a theorem, with "numbers" in its place and the tag "measured": no premise
        is looked at, and nothing `holds`.

    Raises
    ------
    ValueError
        If an argument has another shape, a value outside its domain, or cannot be used.

    Examples
    --------
    Twelve draws of a quantity that falls like d^-0.5, and a claim that it falls like 1/d:

    >>> import numpy as np
    >>> import theorycheck as tc
    >>> d = np.array([1e2, 1e3, 1e4, 1e5, 1e6])
    >>> factors = np.exp(np.random.default_rng(0).normal(0, 0.1, (12, 1)))
    >>> verdict = tc.judge(d, 3 * factors / np.sqrt(d), 1 / d)
    >>> verdict.outcome, round(verdict.slope.median, 3)
    ('refuted', 0.5)
    >>> tc.judge(d, 3 * factors / np.sqrt(d), 1 / np.sqrt(d), constant=4).outcome
    'consistent'
    """
    stated = _claim(claim, statement or f"measured {order} bound", order, constant, log_power)
    at = checked_sizes(sizes, along)
    values = checked_measured(measured, len(at))
    limits = along_path("bound", bound, len(at))
    named, rows = named_draws(seeds, len(values))
    known = checked_symbols(symbols, along, at)
    check_count("among", among, 1)
    table = _table(stated, at, values[rows], limits)
    blank = _blank(stated, along, table, named, _tested(along, at, limits, known))
    if stated.order.symbol == "exact":
        _refuse_hidden(order, constant=constant, log_power=log_power, argument=argument)
        return _judge_exact(blank, table, named)
    case = replace(
        case_of(blank, table, _allowance(stated, along, at, known, argument)),
        released=NO_PREMISE,
        time_error=math.nan,
        remark=_gaps(table),
    )
    return judge_orders([case], Together(among, among))[0]


def _claim(
    name: str, statement: str, order: str, constant: float, log_power: float | None
) -> Claim:
    """Return the claim that the numbers are held to; its bound is the array, not an expression."""
    if order not in ORDERS:
        raise ValueError(f"order must be one of {', '.join(ORDERS)}, got {order!r}")
    if not (is_number(constant) and constant > 0):
        raise ValueError(f"constant must be a finite number greater than 0, got {constant!r}")
    if log_power is not None and not (is_number(log_power) and log_power >= 0):
        raise ValueError(f"log_power must be a finite number of at least 0, got {log_power!r}")
    one = sympy.Integer(1)
    return Claim(name, statement, "", one, ORDERS[order], SOURCE, constant, log_power)


def _table(claim: Claim, sizes: Floats, measured: Floats, bound: Floats) -> Table:
    progress = sizes if sizes[-1] >= sizes[0] else 1 / sizes
    log_bound = np.array([math.log(limit) for limit in bound]) + math.log(claim.constant)
    excess = [
        [_excess(claim, value, limit) for value, limit in zip(draw, log_bound, strict=True)]
        for draw in measured
    ]
    return Table(
        sizes, progress, tail(progress.tolist()), tail_end(progress.tolist()),
        log_bound, measured, np.array(excess),
    )  # fmt: skip


def _excess(claim: Claim, measured: float, log_bound: float) -> float:
    """Return the excess of a number; nothing is known of nan, and nothing suffices for inf."""
    if not math.isfinite(measured):
        return measured
    return log_excess(claim, measured, log_bound)


def _tested(along: str, sizes: Floats, bound: Floats, symbols: Mapping[str, Floats]) -> Tested:
    """Tell what the path moves: of a bound without symbols, what it runs along if it moves."""
    own = sorted(symbols) if symbols else [along] * (len(set(bound.tolist())) > 1)
    values = {along: sizes, **symbols}
    return moved_and_fixed(own, {name: one.tolist() for name, one in values.items()})


def _blank(claim: Claim, along: str, table: Table, seeds: Sequence[int], tested: Tested) -> Verdict:
    """Sum up the numbers in a verdict without an outcome."""
    return Verdict(
        GIVEN,
        claim.id,
        claim.statement,
        claim.order.symbol,
        claim.source.tag,
        "undecided",
        "",
        along,
        summarize_table(table, seeds, claim.direction == "lower"),
        "up" if table.sizes[-1] >= table.sizes[0] else "down",
        zeros=int((table.measured == 0).sum()),
        draws=len(seeds),
        runs=int((~np.isnan(table.measured)).sum()),
        total=table.measured.size,
        tested=tested,
    )


def _allowance(
    claim: Claim, along: str, sizes: Floats, symbols: Mapping[str, Floats], argument: Any
) -> Allowance:
    """Return what the order hides along the path."""
    counts = {name: one for name, one in {**symbols, along: sizes}.items() if name in COUNTS}
    moved = [name for name, one in counts.items() if len(set(one.tolist())) > 1]
    inside = None if argument is None else along_path("argument", argument, len(sizes), 1.0)
    if "d" in moved and inside is not None:
        raise ValueError(
            f"argument must be left out where d moves, since the logarithm is that of d, "
            f"got {inside.tolist()}"
        )
    if moved and "d" not in moved and inside is None and len(counts) < len(COUNTS):
        raise ValueError(
            f"{listed([one for one in COUNTS if one not in counts])} must be told too where "
            f"{listed(moved)} moves, as symbols or columns of the table, since slopes are held "
            f"against that of log(d n m K / delta), or argument must give what the logarithm is of"
        )
    return Allowance.of(claim.log_power or 0.0, len(sizes), counts, inside)


def _refuse_hidden(order: str, constant: float, **others: Any) -> None:
    """Refuse what only a claim that hides something can use."""
    given = {"constant": constant} if constant != 1 else {}
    for name, value in {**given, **others}.items():
        if value is not None:
            raise ValueError(
                f"{name} must be left out where order is {order}, which hides nothing, "
                f"got {value!r}"
            )


def _judge_exact(blank: Verdict, table: Table, seeds: Sequence[int]) -> Verdict:
    """Judge a claim that hides nothing by the draws that violate it."""
    tested, failing = ~np.isnan(table.excess), table.excess > 0
    if not tested.any():
        return replace(blank, reason="no number was measured")
    trials = Trials(
        tuple(_named(seeds, here) for here in tested.T),
        tuple(_named(seeds, here) for here in failing.T),
        _first(blank, table, failing, seeds),
        released=NO_PREMISE,
    )
    judged = judge_trials(blank, trials)
    return replace(judged, reason=judged.reason + _gaps(table))


def _named(seeds: Sequence[int], here: Booleans) -> tuple[int, ...]:
    return tuple(seed for seed, included in zip(seeds, here, strict=True) if included)


def _first(blank: Verdict, table: Table, failing: Booleans, seeds: Sequence[int]) -> str:
    """Say what violates the claim first along the path; nothing where nothing does."""
    if not failing.any():
        return ""
    column, row = np.argwhere(failing.T)[0]
    limit = math.exp(table.log_bound[column])
    return (
        f"{blank.along} = {table.sizes[column]:g}, seed {seeds[row]}: measured "
        f"{table.measured[row, column]:.6g}, bound {limit:.6g}"
    )


def _gaps(table: Table) -> str:
    """Say how many numbers are missing."""
    missing = int(np.isnan(table.measured).sum())
    return f"; {missing} of {table.measured.size} numbers were not measured" if missing else ""
