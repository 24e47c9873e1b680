"""How large the hidden constants must be for the probability that a theorem speaks of.

"With probability at least 1 - O(1/d)" is a statement about hidden constants: where p m = C1 log d,
a class is unlearnable with probability d^(log(1 - p/2) C1/p), which is O(1/d) from C1 = -p/log(1 -
p/2) on. Every threshold here is found in that way, by sympy and not by hand: the failure at leading
order is set equal to the rate, the size eliminated for its implied constant, and the equation
solved for it. Nothing is derived before it is asked for.

For the judge: :func:`bounds.event_failure` gives the probability that a draw lies outside the event
of a theorem, or None; :func:`shortfalls` lists the implied constants that lie below what the
theorem's probability needs, so that a verdict can say "C1 = 0.25 here; 1 - O(1/d) needs 1.44".
Source: derived, Theory, section 10.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sympy
from sympy import Symbol, log, simplify, sqrt

from bounds import large_deviations
from bounds.events import ONE_EMPTY, ONE_UNLEARNABLE, ONE_UNMEMORIZABLE
from bounds.lemmas import LEMMAS
from bounds.statements import Theorem
from bounds.symbols import K, d, delta, m, mu, n, p, sigma_0, sigma_n
from bounds.threshold import Threshold, derive

ROUNDING = 1e-9  # relative: a path may be laid along a threshold
_exponent = Symbol("exponent", positive=True)


@dataclass(frozen=True)
class Shortfall:
    """An implied constant that is too small for the probability of a theorem.

    Attributes
    ----------
    premise, constant_name : str
        Id of the premise, and the name of its constant.
    implied, needed : float
        What the parameters imply, and what the probability needs.
    rate : str
        The failure rate asked for, "1/d" or "1/log(d)".
    statement : str
        What it is needed for.
    """

    premise: str
    constant_name: str
    implied: float
    needed: float
    rate: str
    statement: str


def shortfalls(
    theorem: Theorem, parameters: Mapping[str, Any], moving: Collection[str] = ()
) -> tuple[Shortfall, ...]:
    """List the constants that are too small for a theorem's probability.

    Parameters
    ----------
    theorem : Theorem
        One of :data:`bounds.THEOREMS`, or one with its id; another has no thresholds.
    parameters : mapping
        Values by name (Theory, section 1): d, n, m, K, p.
    moving : collection of str
        Names of the parameters that move with d along the path.

    Returns
    -------
    tuple of Shortfall
        Empty where every constant is large enough.

    Raises
    ------
    ValueError
        If a parameter is missing or outside its domain.

    Notes
    -----
    Theory, section 10 (derived).
    """
    found = []
    for one in thresholds(theorem.id):
        implied, needed = one.implied_constant(parameters), one.value(parameters, moving)
        if implied < needed * (1 - ROUNDING):
            found.append(
                Shortfall(one.id, one.constant_name, implied, needed, one.rate, one.statement)
            )
    return tuple(found)


def _with_exponent(threshold: Threshold, exponent: sympy.Expr) -> Threshold:
    """Put the exponent of a tail, which sympy need not carry through the algebra."""
    return replace(
        threshold,
        expression=threshold.expression.subs(_exponent, exponent),
        growing=threshold.growing.subs(_exponent, exponent),
    )


@cache
def thresholds(theorem: str) -> tuple[Threshold, ...]:
    """Derive the thresholds of a theorem's premises, by its id; () for a theorem without any."""
    derivations = {"mild-pruning": _of_mild_pruning, "over-pruning": _of_over_pruning}
    return derivations[theorem]() if theorem in derivations else ()


@cache
def lemma_thresholds(lemma: str) -> tuple[Threshold, ...]:
    """Derive from which constants on a lemma's event fails with O(1/d), by its id; () for none."""
    return LEMMA_DERIVATIONS[lemma]() if lemma in LEMMA_DERIVATIONS else ()


def _of_mild_pruning() -> tuple[Threshold, ...]:
    return (
        derive(
            "mild-pruning", "C1", "a class is unlearnable with probability O(1/d)",
            p * m / log(d), m, K, ONE_UNLEARNABLE, log(d),
        ),
        derive(
            "samples", "c_n", "n = c_n log(d): a class is empty with probability O(1/d)",
            n / log(d), n, K, ONE_EMPTY, log(d),
        ),
    )  # fmt: skip


def _of_over_pruning() -> tuple[Threshold, ...]:
    # No own signal left fails with C_p / log(d) whatever C_p is: the rate of the other parts.
    some_noise_kept = ONE_UNMEMORIZABLE.subs((1 - p) ** (d - 1), 0)
    rate = log(log(d))
    return (
        derive(
            "samples", "c_n", "n = c_n log(log d): a class is empty with probability O(1/log d)",
            n / rate, n, K, ONE_EMPTY, rate,
        ),
        derive(
            "width", "c_m", "m = c_m log(log d): a sample has no neuron that starts positive on it "
            "with probability O(1/log d)", m / rate, m, n, some_noise_kept, rate,
        ),
    )  # fmt: skip


def _of_class_counts() -> tuple[Threshold, ...]:
    found = derive(
        "class-counts", "c_n", "n = c_n K log(d): a class count is off by half with probability "
        "O(1/d)", n / (K * log(d)), n, K, sympy.exp(-n * _exponent), log(d),
    )  # fmt: skip
    return (_with_exponent(found, large_deviations.class_exponent()),)


def _of_signal_neurons() -> tuple[Threshold, ...]:
    found = derive(
        "signal-neurons", "C1", "the neurons of a class that keep its signal are off by half with "
        "probability O(1/d)", p * m / log(d), m, K, sympy.exp(-m * _exponent), log(d),
    )  # fmt: skip
    return (_with_exponent(found, large_deviations.kept_exponent()),)


def _of_no_signal_left() -> tuple[Threshold, ...]:
    statement = "p = d^-a / (K m): an own signal is left with probability O(1/d)"
    implied = -log(K * m * p) / log(d)
    return (derive("no-signal-left", "a", statement, implied, p, K * m, p, log(d)),)


def _of_noise_norm() -> tuple[Threshold, ...]:
    """Sufficient at every p; necessary as p -> 0."""
    found = derive(
        "masked-noise-norm", "c", "p d = c log(d): a masked noise norm is off by half with "
        "probability O(1/d); less is enough where p is not small",
        p * d / log(d), p, LEMMAS["masked-noise-norm"].events, sympy.exp(-p * d * _exponent),
        log(d),
    )  # fmt: skip
    return (_with_exponent(found, large_deviations.norm_exponent()),)


def _of_delta(
    lemma: str, unit: sympy.Expr, count: sympy.Expr, what: str, some: sympy.Expr = sympy.S.One
) -> Threshold:
    """Let a Gaussian of that unit pass the lemma's upper end, in a share of `count` events."""
    x_squared = simplify((LEMMAS[lemma].upper / unit) ** 2)
    statement = f"delta = d^-a: {what} with probability O(1/d)"
    tail = large_deviations.gaussian_tail(x_squared)
    return derive(lemma, "a", statement, -log(delta) / log(d), delta, count, some * tail, log(d))


def _of_overlap() -> tuple[Threshold, ...]:
    """Where p d is far above log(d), so that the norms are those of their means."""
    lemma = "masked-noise-overlap"
    what = "an overlap of two noises passes its limit"
    return (_of_delta(lemma, sigma_n**2 * sqrt(p * d), LEMMAS[lemma].events, what),)


def _of_initial_noise() -> tuple[Threshold, ...]:
    """Where p d is far above log(d), so that the norms are those of their means."""
    lemma, unit = "init-noise", sigma_0 * sigma_n * sqrt(p * d)
    what = "an initial product with noise passes its limit"
    return (_of_delta(lemma, unit, LEMMAS[lemma].events, what),)


def _of_initial_signal() -> tuple[Threshold, ...]:
    none_above = (1 - p * large_deviations.UPPER_HALF) ** m
    statement = "a class has no start above sigma_0 mu / 2 with probability O(1/d)"
    lower = derive("init-signal", "C1", statement, p * m / log(d), m, K, none_above, log(d))
    what = "an initial product passes its upper end"
    return (lower, _of_delta("init-signal", sigma_0 * mu, K * m, what, p))


LEMMA_DERIVATIONS: dict[str, Callable[[], tuple[Threshold, ...]]] = {
    "class-counts": _of_class_counts,
    "signal-neurons": _of_signal_neurons,
    "no-signal-left": _of_no_signal_left,
    "masked-noise-norm": _of_noise_norm,
    "masked-noise-overlap": _of_overlap,
    "init-noise": _of_initial_noise,
    "init-signal": _of_initial_signal,
}
