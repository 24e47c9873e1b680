r"""Where exp(-n^2 / p) in the mild pruning theorem comes from, derived by sympy.

A test sample is classified as the signal says unless some ``|<w~_{j,r}, xi>|`` reaches tau =
(c/m)^(1/q), c half the smallest training logit that the signal gives to its own class. The union
bound over K m Gaussian products is the noise term; in the theorem regime its exponent contains n^2
/ p. No result below is typed in: each is computed from the assumptions, which are arguments.
Source: derived, Theory, section 7, "Where exp(-n^2/p) comes from".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Rational, exp, log

from bounds.regime import THEOREM_REGIME
from bounds.symbols import K, c, d, gamma, m, mu, n, p, q, sigma_0, sigma_n

THRESHOLD = (c / m) ** (1 / q)

INITIAL_NORM = sigma_0**2 * p * d
LEARNED_NORM = gamma**2 / mu**2

# Two tails for each of K m products.
PREFACTOR = 2 * K * m

# The exponent that the theorem states, to be undercut.
TARGET = -(n**2) / p

# q stays a symbol: the theorems take 3, the derivation does not need it.
REGIME = {symbol: THEOREM_REGIME[symbol] for symbol in (sigma_n, sigma_0)}


@dataclass(frozen=True)
class Step:
    """One line of a derivation.

    Parameters
    ----------
    name : str
        What is computed.
    reason : str
        Why it follows from the lines above.
    expression : sympy.Basic
        The result, an expression or a relation.
    """

    name: str
    reason: str
    expression: Any


@dataclass(frozen=True)
class Derivation:
    """A chain of steps; a step is found by its name.

    Parameters
    ----------
    title : str
        What is derived.
    steps : tuple of Step
        In order.
    """

    title: str
    steps: tuple[Step, ...]

    def __getitem__(self, name: str) -> Any:
        """Return the expression of a step.

        Parameters
        ----------
        name : str
            Name of the step.

        Returns
        -------
        sympy.Basic
            Its expression or relation.

        Raises
        ------
        KeyError
            If no step has the name.
        """
        for step in self.steps:
            if step.name == name:
                return step.expression
        raise KeyError(name)


def tail_exponent(weight_norm_squared: sympy.Expr, threshold: sympy.Expr = THRESHOLD) -> sympy.Expr:
    """Find the exponent of the Gaussian tail of one product with noise."""
    return -(threshold**2) / (2 * sigma_n**2 * weight_norm_squared)


def in_regime(
    expression: sympy.Expr, regime: Mapping[sympy.Symbol, sympy.Expr] = REGIME
) -> sympy.Expr:
    """Substitute the theorem regime and simplify.

    In d, n, m, K, p, q, c and gamma; free of mu where `expression` is unit-free.
    """
    return sympy.powsimp(sympy.expand_power_base(sympy.simplify(expression.subs(regime))))


def below_target(exponent: sympy.Expr, target: sympy.Expr = TARGET) -> Any:
    """Find the condition under which an exponent is below -n^2/p, without the prefactor."""
    factor, rest = sympy.powsimp(sympy.expand_power_base(exponent / target)).as_coeff_Mul()
    return sympy.Ge(rest, 1 / factor)


def below_target_with_prefactor(
    exponent: sympy.Expr, prefactor: sympy.Expr, target: sympy.Expr = TARGET
) -> Any:
    """Find the condition under which prefactor * exp(exponent) is below exp(-n^2/p)."""
    return sympy.Ge(sympy.factor_terms(target - exponent), log(prefactor))


def _derive(title: str, power: sympy.Expr, regime: Mapping[sympy.Symbol, sympy.Expr]) -> Derivation:
    """Derive the noise term P raised to a power."""
    prefactor, exponent = PREFACTOR**power, power * tail_exponent(INITIAL_NORM)
    reached = in_regime(exponent, regime)
    return Derivation(
        title,
        (
            Step("threshold", "m neurons stay below c together if each stays below tau", THRESHOLD),
            Step("weight-norm", "||w~||^2 has not moved from its initial value", INITIAL_NORM),
            Step("bound", "Gaussian tails, K m of them", prefactor * exp(exponent)),
            Step("exponent", "the theorem regime", reached),
            Step("condition", "the exponent is below -n^2/p", below_target(reached)),
            Step(
                "condition-with-prefactor",
                "the whole bound is below exp(-n^2/p)",
                below_target_with_prefactor(reached, prefactor),
            ),
        ),
    )


def derive_noise_term(regime: Mapping[sympy.Symbol, sympy.Expr] = REGIME) -> Derivation:
    """Derive the noise term, the probability that noise overrules the signal on a test sample.

    Parameters
    ----------
    regime : mapping
        Values of sigma_n and sigma_0.

    Returns
    -------
    Derivation
        With the steps threshold, weight-norm, bound, exponent, condition and
        condition-with-prefactor.

    Notes
    -----
    Theory, section 7 (derived).
    """
    return _derive("noise term of the test error", sympy.S.One, regime)


def derive_loss_noise_term(regime: Mapping[sympy.Symbol, sympy.Expr] = REGIME) -> Derivation:
    """Derive the noise term of the test loss, which is unbounded: Cauchy-Schwarz leaves sqrt(P).

    Parameters
    ----------
    regime : mapping
        Values of sigma_n and sigma_0.

    Returns
    -------
    Derivation
        The steps of :func:`derive_noise_term`, with half the exponent. The bound is a multiple of
        sqrt(P); the factor, the root of a second moment of the loss, is not included.

    Notes
    -----
    Theory, section 7 (derived).
    """
    return _derive("noise term of the test loss", Rational(1, 2), regime)


def derive_isotropic_noise_term(regime: Mapping[sympy.Symbol, sympy.Expr] = REGIME) -> Derivation:
    """Derive the noise term where isotropic noise also meets the learned signal coordinate.

    Parameters
    ----------
    regime : mapping
        Values of sigma_n and sigma_0.

    Returns
    -------
    Derivation
        With the steps weight-norm, exponent, crossover (the d above which the initial weights
        outweigh gamma^2/mu^2) and small-d (the exponent far below it, which is free of p).

    Notes
    -----
    Theory, section 7 (derived), "Isotropic noise again".
    """
    whole = INITIAL_NORM + LEARNED_NORM
    excess = in_regime(INITIAL_NORM / LEARNED_NORM, regime) - 1
    return Derivation(
        "noise term of the test error, isotropic noise, signal learned",
        (
            Step("weight-norm", "the learned gamma / mu adds to the initial weights", whole),
            Step("exponent", "the theorem regime", in_regime(tail_exponent(whole), regime)),
            Step("crossover", "both parts of ||w~||^2 are equal", _solve_for_d(excess)),
            Step(
                "small-d",
                "gamma^2 / mu^2 alone, far below the crossover",
                in_regime(tail_exponent(LEARNED_NORM), regime),
            ),
        ),
    )


def _solve_for_d(expression: sympy.Expr) -> sympy.Expr:
    # d is declared a whole number, and sympy would reject a solution it cannot prove to be one.
    dimension = sympy.Dummy("d", positive=True)
    (solution,) = sympy.solve(expression.subs(d, dimension), dimension)
    return solution
