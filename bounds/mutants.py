"""Changed claims: what may go wrong when a theorem is written down, and what is false of it.

A mutant moves the exponent of one parameter, drops a symbol, turns an upper into a lower bound or
back, takes a minimum for a maximum, or the pruned fraction for the kept one. Whether it is false is
read off the law of the measured quantity (:mod:`bounds.laws`), before anything is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import mpmath
import sympy

from bounds.paths import CONSTANT, Route, growth, log_along
from bounds.statements import BIG_O, OMEGA, Claim
from bounds.symbols import SYMBOLS, p
from bounds.units import UnitError, unit

SHIFTS = tuple(Fraction(k, 4) for k in (-4, -2, -1, 1, 2, 4))
PARAMETERS = ("d", "n", "m", "K", "p", "mu", "sigma_n", "sigma_0", "eta", "epsilon")
KINDS = ("false", "equivalent", "weaker", "stronger-but-true", "undetermined")
SMALLEST = ":min"  # ends the name of a measured quantity whose maxima are replaced by minima

# An exact claim must be wrong by this factor somewhere: the laws hold at leading order.
MARGIN = 0.1

# A slope below this, half the smallest shift, is a logarithm and no power.
RESOLUTION = 0.125

Start = tuple[Route, Mapping[str, Any], float]


@dataclass(frozen=True)
class Mutant:
    """A changed claim.

    Parameters
    ----------
    claim : Claim
        The claim after the change; its id, its statement and its source are those of the original.
    change : str
        What was changed, in words.
    """

    claim: Claim
    change: str

    @property
    def unit_sound(self) -> bool:
        """Whether the bound is still unit-free; the unit check kills a mutant that is not."""
        try:
            return bool(sympy.simplify(unit(self.claim.bound)) == 0)
        except UnitError:
            return False


def mutants(claim: Claim) -> Iterator[Mutant]:
    """Yield every mutant of a claim."""
    if claim.bound.is_zero:
        return
    for name in PARAMETERS:
        symbol = SYMBOLS[name].symbol
        for shift in SHIFTS:
            moved = claim.bound * symbol ** sympy.Rational(shift)
            yield _with_bound(claim, moved, f"times {name}^({shift})")
    present = {symbol.name for symbol in claim.bound.free_symbols}
    for name in PARAMETERS:
        if name in present:
            dropped = claim.bound.subs(SYMBOLS[name].symbol, 1)
            yield _with_bound(claim, dropped, f"{name} dropped")
    if "p" in present:
        yield _with_bound(claim, claim.bound.subs(p, 1 - p), "p -> 1 - p")
    if claim.order.symbol != "exact" and claim.direction != "both":
        other = OMEGA if claim.direction == "upper" else BIG_O
        change = f"{claim.order.symbol} -> {other.symbol}"
        yield Mutant(replace(claim, order=other, log_power=None), change)
    if claim.smallest is not None:
        smallest = replace(claim, measure=claim.measure + SMALLEST, law=claim.smallest)
        yield Mutant(smallest, "max -> min")


def _with_bound(claim: Claim, bound: sympy.Expr, change: str) -> Mutant:
    return Mutant(replace(claim, bound=bound), change)


def kind(mutant: Mutant, original: Claim, starts: Sequence[Start]) -> tuple[str, str]:
    """Decide what a mutant is, from the law of its quantity and the paths it will be run on."""
    claim = mutant.claim
    if claim.law is None:
        return "undetermined", "no law of the quantity is known"
    decide = _exact_on_path if claim.order.symbol == "exact" else _order_on_path
    reasons: dict[str, list[str]] = {"false": [], "undetermined": []}
    for start in starts:
        found = decide(claim, original, start)
        if found is not None:
            reasons[found[0]].append(found[1])
    for verdict in ("false", "undetermined"):
        if reasons[verdict]:
            return verdict, "; ".join(reasons[verdict])
    return _true_kind(claim, original, starts)


Finding = tuple[str, str] | None


def _order_on_path(claim: Claim, original: Claim, start: Start) -> Finding:
    """Compare law and changed bound along one path; None where the claim stands there."""
    path, values, _ = start
    concerned = _changed(claim, original, start)
    bound = _bound(claim)
    if claim.law == 0:
        return ("false", "the quantity is 0") if claim.direction == "lower" else None
    if _vanishes(bound, path, values):
        why = f"the bound is 0 along {path.along}, the quantity is not"
        return None if claim.direction == "lower" else ("false", why)
    excess = claim.law / bound if claim.direction == "upper" else bound / claim.law
    found = growth(excess, path, values)
    if found is None:
        return ("undetermined", f"no power along {path.along}") if concerned else None
    if found.power > 0:
        ratio = "measured/bound" if claim.direction == "upper" else "bound/measured"
        return "false", f"{ratio} grows like {_progress(path)}^{found.power}"
    if concerned and found > CONSTANT:
        return "undetermined", f"only a logarithm of {path.along} decides"
    if concerned and _slope_within(excess, start) > RESOLUTION:
        return "undetermined", f"true only beyond the end of the path along {path.along}"
    return None


def _slope_within(excess: sympy.Expr, start: Start) -> float:
    """Return the log-log slope over the second half of a path, in its logarithm."""
    path, values, end = start
    last = float(mpmath.log(end))
    half, whole = (log_along(excess, path, values, log_x) for log_x in (last / 2, last))
    return float((whole - half) / (last / 2))


def _exact_on_path(claim: Claim, original: Claim, start: Start) -> Finding:
    """Compare law and changed bound at both ends of one path."""
    path, values, end = start
    for log_x in (0.0, float(mpmath.log(end))):
        law = log_along(claim.law, path, values, log_x)
        bound = log_along(_bound(claim), path, values, log_x)
        if claim.direction == "lower" and bound == -mpmath.inf:
            continue
        excess = law - bound if claim.direction == "upper" else bound - law
        if mpmath.isnan(excess):
            return "undetermined", f"no value along {path.along}"
        if excess > MARGIN:
            return "false", f"wrong by a factor {float(mpmath.exp(excess)):.3g} along {path.along}"
        if excess > 1e-9 and _changed(claim, original, start):
            return "undetermined", f"wrong by {float(excess):.2g} at most along {path.along}"
    return None


def _true_kind(claim: Claim, original: Claim, starts: Sequence[Start]) -> tuple[str, str]:
    if claim.order != original.order:
        return "stronger-but-true", "the quantity is of this order along every path"
    if claim.measure != original.measure:
        return "weaker", "the quantity is 0 instead"
    if claim.direction == "lower" and _bound(claim).is_zero:
        return "weaker", "the bound is 0"
    sign = -1 if claim.direction == "lower" else 1
    easier: list[str] = []
    harder: list[str] = []
    for path, values, end in starts:
        ratio = _bound(claim) / _bound(original)
        moves = [log_along(ratio, path, values, log_x) for log_x in (0.0, float(mpmath.log(end)))]
        change = sign * (moves[1] - moves[0])
        if mpmath.isnan(change):
            return "undetermined", f"the bounds cannot be compared along {path.along}"
        if abs(change) > 1e-9:
            (easier if change > 0 else harder).append(path.along)
    if harder:
        return "stronger-but-true", f"loose along {', '.join(harder)}"
    if easier:
        return "weaker", f"easier along {', '.join(easier)}"
    return "equivalent", "the same along every path, up to a constant"


def _changed(claim: Claim, original: Claim, start: Start) -> bool:
    """Tell whether a change concerns a path: order, quantity or bound differ along it.

    The bounds may differ on the path alone, and not beyond its end.
    """
    if claim.order != original.order or claim.measure != original.measure:
        return True
    path, values, _ = start
    ratio = _bound(claim) / _bound(original)
    return growth(ratio, path, values) != CONSTANT or abs(_slope_within(ratio, start)) > RESOLUTION


def _vanishes(bound: sympy.Expr, path: Route, values: Mapping[str, Any]) -> bool:
    return bool(log_along(bound, path, values, 1.0) == -mpmath.inf)


def _bound(claim: Claim) -> sympy.Expr:
    """Return the bound with its hidden constants at their defaults."""
    defaults = {SYMBOLS[name].symbol: value for name, value in claim.hidden.items()}
    return claim.bound.subs(defaults)


def _progress(path: Route) -> str:
    return path.along if path.direction == "up" else f"(1/{path.along})"
