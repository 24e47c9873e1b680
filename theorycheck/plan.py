"""One `theorycheck verify`: what is asked for, validated before any work starts."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bounds
from sims import Problem
from sims.engines import ENGINES
from theorycheck.falsify import chosen_paths
from theorycheck.family import SIZES, Family, engine_for, mild_family, over_family
from theorycheck.theorems import SUFFIX, find, is_module
from theorycheck.verification import SEEDS, seed_list

THEOREM_CHOICES = (*bounds.THEOREMS, "lemmas", "predictions", "all")
P_GRID = (1.0, 0.5, 0.25, 0.12, 0.06, 0.03, 0.01)
P_GRID_SEEDS = (0, 1, 2)
P_GRID_SHAPE = {"d": 20000, "n": 30, "m": 20, "K": 2}
ELSEWHERE = ("workers", "out", "store")  # options that change no result


@dataclass(frozen=True)
class Course:
    """A family with the target loss and the engine of its runs."""

    family: Family
    epsilon: float
    engine: str


@dataclass(frozen=True)
class Plan:
    """What to verify, with the options of the command line; validated before any work starts."""

    theorem: str = "all"
    d: tuple[int, ...] | None = None
    seeds: int = SEEDS
    n: int = 10
    m: int = 6
    K: int = 2
    p: float = 0.7
    noise: str = "isotropic"
    epsilon: float = 0.05
    engine: str = "auto"
    along: tuple[str, ...] = ()
    workers: int | None = None
    out: Path = Path("theorycheck-report")
    store: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if self.theorem not in THEOREM_CHOICES and not is_module(self.theorem):
            known = ", ".join(THEOREM_CHOICES)
            raise ValueError(
                f"THEOREM must be one of {known} or the path of a module {SUFFIX}, "
                f"got {self.theorem!r}"
            )
        seed_list(self.seeds)
        if not (math.isfinite(self.epsilon) and self.epsilon > 0):
            raise ValueError(
                f"epsilon must be a finite number greater than 0, got {self.epsilon!r}"
            )
        if self.engine not in ENGINES:
            raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {self.engine!r}")
        if self.workers is not None and self.workers < 1:
            raise ValueError(f"workers must be at least 1, got {self.workers!r}")
        self.families()

    def options(self) -> str:
        """Return as JSON what decides the runs and the verdicts, for :func:`plan_from`."""
        chosen = {name: value for name, value in vars(self).items() if name not in ELSEWHERE}
        if is_module(self.theorem):
            chosen["theorem"] = str(Path(self.theorem).resolve())
        return json.dumps(chosen)

    def theorems(self) -> list[str]:
        """Return the theorems that are asked for, by id or by the path of their module."""
        if is_module(self.theorem):
            return [self.theorem]
        return [name for name in bounds.THEOREMS if self.theorem in (name, "all")]

    def wants_lemmas(self) -> bool:
        """Tell whether the lemmas are asked for."""
        return self.theorem in ("lemmas", "all")

    def wants_predictions(self) -> bool:
        """Tell whether the sharp predictions are asked for."""
        return self.theorem in ("predictions", "all") and not self.along

    def families(self) -> dict[str, list[Course]]:
        """Return what is run for each theorem that is asked for."""
        wanted = self.theorems()
        if self.wants_lemmas() and "mild-pruning" not in wanted:
            wanted = ["mild-pruning", *wanted]  # the lemma gradient-norm speaks of its paths
        return {name: self._courses(name) for name in wanted}

    def _courses(self, name: str) -> list[Course]:
        subject = find(name)
        if self.d is not None and (self.along or subject.family):
            raise ValueError(
                "d must be left out with --along or a module's own FAMILY, which bring their "
                f"sizes, got {self.d}"
            )
        if self.along:
            paths = chosen_paths(subject.theorem, self.along)
            return [Course(one.family, one.epsilon, one.engine) for one in paths]
        family = subject.family or self._regime_family(name)
        return [Course(family, self.epsilon, engine_for(family, self.engine))]

    def _regime_family(self, name: str) -> Family:
        """Return the path along d in the theorem regime, of the shape that was asked for."""
        shape: dict[str, Any] = {"n": self.n, "m": self.m, "K": self.K, "noise": self.noise}
        sizes = SIZES if self.d is None else tuple(dict.fromkeys(self.d))
        if name == "over-pruning":
            return over_family(sizes, **shape)
        return mild_family(sizes, p=self.p, **shape)

    def p_grid(self) -> list[Problem]:
        """Return the problems of the figure of test loss against p."""
        return [Problem.theorem_regime(p=p, noise=self.noise, **P_GRID_SHAPE) for p in P_GRID]


def plan_from(options: str) -> Plan:
    """Return the plan that :meth:`Plan.options` wrote.

    Parameters
    ----------
    options : str
        JSON.

    Returns
    -------
    Plan
        The plan.

    Raises
    ------
    ValueError
        If the options are none, or their theorem is no longer there.
    """
    try:
        chosen: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in json.loads(options).items()
        }
        return Plan(**chosen)
    except (TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"these are no options of verify: {options!r}") from error
