"""What a concentration lemma is: an event, a bound on its failure, and the exact probability."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sympy

from bounds.evaluation import decide, parameter, value
from bounds.sources import Source


@dataclass(frozen=True)
class Lemma:
    """A concentration lemma: an event, a bound on its failure, and the exact probability.

    Parameters
    ----------
    id, statement : str
        Name, and the event in plain text.
    quantity : str
        What is held between `lower` and `upper`.
    source : Source
        Where it comes from.
    lower, upper : sympy.Expr or None
        The ends of the event, where it is an interval; both in the unit X^`unit`.
    unit : int
        Unit of the quantity.
    bound : sympy.Expr or None
        Bound on the probability that the event fails for any class, neuron or sample.
    applies : sympy relation or None
        Where the bound is stated to hold; None for everywhere.
    exact : callable or None
        The exact probability of failure from a parameter mapping.
    exact_kind : {"joint", "marginal", None}
        Whether `exact` speaks of all events at once or of one of them.
    events : sympy.Expr
        The number of events in the union; they depend on each other.
    per_patch : bool
        Whether d stands for the number of noise coordinates, which is d - K for orthogonal noise.
    left : str
        The quantity as a formula, as in :class:`Claim`.
    """

    id: str
    statement: str
    quantity: str
    source: Source
    lower: sympy.Expr | None = None
    upper: sympy.Expr | None = None
    unit: int = 0
    bound: sympy.Expr | None = None
    applies: Any = None
    exact: Callable[[Mapping[str, Any]], float] | None = None
    exact_kind: Literal["joint", "marginal"] | None = None
    events: sympy.Expr = sympy.S.One
    per_patch: bool = False
    left: str = ""

    def failure_bound(self, parameters: Mapping[str, Any]) -> float:
        """Bound the probability that the event fails somewhere.

        Parameters
        ----------
        parameters : mapping
            Values by name (Theory, section 1), and optionally noise="isotropic" or "orthogonal".

        Returns
        -------
        float
            At most 1; 1.0, which is always true, where the bound is not stated to hold.

        Raises
        ------
        ValueError
            If the lemma states no probability, or a parameter is missing or outside its domain.
        """
        if self.bound is None:
            raise ValueError(f"lemma {self.id!r} must state a probability to have a bound on it")
        parameters = self._noise_dimension(parameters)
        if self.applies is not None and decide(self.applies, parameters) is not True:
            return 1.0
        return min(1.0, value(self.bound, parameters))

    def failure_exact(self, parameters: Mapping[str, Any], union: bool = False) -> float:
        """Evaluate the exact probability of failure.

        Parameters
        ----------
        parameters : mapping
            Values by name (Theory, section 1), and optionally noise="isotropic" or "orthogonal".
        union : bool
            For a marginal lemma, multiply by the number of events, which bounds the probability
            that any of them fails; no effect on a joint one.

        Returns
        -------
        float
            At most 1, with full relative precision also where it is tiny.

        Raises
        ------
        ValueError
            If the lemma states no probability, or a parameter is missing or outside its domain.
        """
        if self.exact is None:
            raise ValueError(f"lemma {self.id!r} must state a probability to have an exact one")
        parameters = self._noise_dimension(parameters)
        failure = self.exact(parameters)
        if union and self.exact_kind == "marginal":
            failure *= value(self.events, parameters)
        return min(1.0, failure)

    def _noise_dimension(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        noise = parameters.get("noise", "isotropic")
        if noise not in ("isotropic", "orthogonal"):
            raise ValueError(f"noise must be 'isotropic' or 'orthogonal', got {noise!r}")
        if not self.per_patch or noise == "isotropic":
            return parameters
        d, K = parameter(parameters, "d"), parameter(parameters, "K")
        if d <= K:
            raise ValueError(f"d must be > K = {K} for orthogonal noise, got {d}")
        return {**parameters, "d": d - K}
