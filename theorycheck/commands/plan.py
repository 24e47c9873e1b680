"""One `theorycheck verify`: what is asked for, validated before any work starts."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import bounds
from bounds import Theorem
from sims import Problem
from sims.arguments import check_count
from sims.engines import ENGINES
from theorycheck.commands.courses import Course, course_along
from theorycheck.defaults import DEFAULTS, SIZES
from theorycheck.judging.family import Family, engine_for, mild_family, over_family
from theorycheck.judging.paths.default_paths import default_paths
from theorycheck.judging.paths.exponent_paths import chosen_paths
from theorycheck.judging.theorems import BUILT_IN_THEOREMS, SUFFIX, find, is_module
from theorycheck.names import did_you_mean
from theorycheck.printing import listed
from theorycheck.reporting.repeat import THEOREM_CHOICES, unusable
from theorycheck.running.tasks import seed_list

P_GRID = (1.0, 0.5, 0.25, 0.12, 0.06, 0.03, 0.01)
P_GRID_SEEDS = (0, 1, 2)
P_GRID_SHAPE: dict[str, Any] = {"d": 20000, "n": 30, "m": 20, "K": 2}
UNSET = (None, (), False)
ELSEWHERE = ("workers", "out", "store", "no_figures")  # options that change no result
SHAPED = ("d", "n", "m", "K", "p", "noise", "epsilon", "engine")  # they ask for one path along d
QUICK_SEEDS = 12


@dataclass(frozen=True)
class Plan:
    """What to verify, with the options of the command line; validated before any work starts.

    An option that is unset is None, so that one that cannot be used is refused; what is taken in
    its place is in :data:`theorycheck.defaults.DEFAULTS`.
    """

    theorem: str = "all"
    d: tuple[int, ...] | None = None
    seeds: int | tuple[int, ...] | None = None
    n: int | None = None
    m: int | None = None
    K: int | None = None
    p: float | None = None
    noise: str | None = None
    epsilon: float | None = None
    engine: str | None = None
    along: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()
    quick: bool = False
    p_grid: bool = False
    no_figures: bool = False
    workers: int | None = None
    out: Path = Path("theorycheck-report")
    store: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if self.theorem not in THEOREM_CHOICES and not is_module(self.theorem):
            known = f"{', '.join(THEOREM_CHOICES)} or the path of a module {SUFFIX}"
            hint = did_you_mean(self.theorem, THEOREM_CHOICES)
            raise ValueError(f"THEOREM must be one of {known}, got {self.theorem!r}{hint}")
        names, why = unusable(self.theorem, self.along)
        self._refuse([name for name in names if getattr(self, name) not in UNSET], why)
        seed_list(self.chosen("seeds"))
        epsilon, engine = self.chosen("epsilon"), self.chosen("engine")
        if not (math.isfinite(epsilon) and epsilon > 0):
            raise ValueError(f"epsilon must be a finite number greater than 0, got {epsilon!r}")
        if engine not in ENGINES:
            raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {engine!r}")
        if self.workers is not None:
            check_count("workers", self.workers, 1)
        if self.d is not None and len(set(self.d)) < len(self.d):
            raise ValueError(f"d must name every size once, got {','.join(map(str, self.d))}")
        for name in self.theorems():
            self.theorem_of(name)
        self._check_constants()
        self.families()

    def _refuse(self, names: Sequence[str], why: str) -> None:
        """Refuse options that are set and cannot be used, all in one sentence."""
        if names:
            given = {name: getattr(self, name) for name in names} | {"store": str(self.store)}
            got = ", ".join(f"{name} = {given[name]!r}" for name in names)
            raise ValueError(f"{listed(names)} must be left out {why}, got {got}")

    def chosen(self, name: str) -> Any:
        """Return an option, or what is taken in its place where it is unset."""
        given = getattr(self, name)
        if given is None and name == "seeds" and self.quick:
            return QUICK_SEEDS
        return DEFAULTS[name] if given is None else given

    def stated(self, name: str) -> Theorem:
        """Return a theorem as :meth:`theorem_of`, but in the letters of its paper."""
        return self._declared(BUILT_IN_THEOREMS.get(name) or find(name).theorem)

    def theorem_of(self, name: str) -> Theorem:
        """Return a theorem with the constants that are declared for its claims."""
        return self._declared(find(name).theorem)

    def _declared(self, theorem: Theorem) -> Theorem:
        declared = declared_constants(self.constant)
        claims = {
            id: replace(claim, constant=declared.get(id, claim.constant))
            for id, claim in theorem.claims.items()
        }
        return replace(theorem, claims=claims)

    def _check_constants(self) -> None:
        """Refuse a constant for what is no claim with an order that is checked."""
        claims = {
            id
            for name in self.theorems()
            for id, claim in find(name).theorem.claims.items()
            if claim.order.symbol != "exact"
        }
        known = f"name one of {', '.join(sorted(claims))}"
        if not claims:
            known = f"be left out of verify {self.theorem}, which checks no claim with an order"
        for id in declared_constants(self.constant):
            if id not in claims:
                hint = did_you_mean(id, sorted(claims))
                raise ValueError(f"constant must {known}, got {id!r}{hint}")

    def options(self) -> str:
        """Return as JSON what decides the runs and the verdicts, for :func:`plan_from`."""
        chosen = {
            name: value
            for name, value in vars(self).items()
            if name not in ELSEWHERE and value not in UNSET
        }
        if is_module(self.theorem):
            chosen["theorem"] = str(Path(self.theorem).resolve())
            chosen["sha256"] = find(self.theorem).sha256
        return json.dumps(chosen)

    @property
    def command(self) -> str:
        """The command line that asks for the same."""
        words = ["theorycheck", "verify", self.theorem]
        for field in fields(self)[1:]:
            value, option = getattr(self, field.name), f"--{field.name.replace('_', '-')}"
            if value is True:
                words.append(option)
            elif field.name == "constant":
                words += [word for one in value for word in (option, one)]
            elif value != field.default:
                told = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
                words += [option, told]
        return shlex.join(words)

    def theorems(self) -> list[str]:
        """Return the theorems that are asked for, by id or by the path of their module."""
        if is_module(self.theorem):
            return [self.theorem]
        names = bounds.THEOREMS if self.theorem == "all" else BUILT_IN_THEOREMS
        return [name for name in names if self.theorem in (name, "all")]

    def wants_lemmas(self) -> bool:
        """Tell whether the lemmas are asked for."""
        return self.theorem in ("lemmas", "all") and not self.quick

    def wants_predictions(self) -> bool:
        """Tell whether the sharp predictions are asked for."""
        return self.theorem in ("predictions", "all") and not (self.along or self.quick)

    @property
    def draws_figures(self) -> bool:
        """Whether figures are drawn."""
        return not (self.quick or self.no_figures)

    def left_out(self) -> list[str]:
        """Return what `quick` leaves out, in words."""
        if not self.quick:
            return []
        whole = replace(self, quick=False)
        told = {
            "the lemmas": whole.wants_lemmas(),
            "the sharp predictions": whole.wants_predictions(),
            "every path but one along d": any(
                whole._courses(name) != self._courses(name) for name in self.theorems()
            ),
        }
        every, few = (len(seed_list(one.chosen("seeds"))) for one in (whole, self))
        draws = [f"{every - few} of {every} draws on a path"] if every > few else []
        return [*(what for what, left in told.items() if left), *draws, "the figures"]

    def families(self) -> dict[str, list[Course]]:
        """Return what is run for each theorem that is asked for."""
        asked = {name: self._courses(name) for name in self.theorems() if find(name).theorem.claims}
        if self.wants_lemmas() and "mild-pruning" not in asked:
            # the lemma gradient-norm speaks of the path in its regime
            return {"mild-pruning": self._courses("mild-pruning")[:1], **asked}
        return asked

    def _courses(self, name: str) -> list[Course]:
        subject = find(name)
        if self.along:
            paths = chosen_paths(subject.theorem, self.along)
            return [course_along(name, one) for one in paths]
        shaped = any(getattr(self, option) is not None for option in SHAPED)
        if not (is_module(name) or shaped) and (paths := default_paths(subject.theorem)):
            courses = [course_along(name, one) for one in paths]
            return [replace(courses[0], times=1)] if self.quick else courses
        family = subject.family or self._regime_family(name)
        engine = engine_for(family, self.chosen("engine"))
        return [Course(name, family, self.chosen("epsilon"), engine)]

    def _regime_family(self, name: str) -> Family:
        """Return the path along d in the theorem regime, of the shape that was asked for."""
        shape = {name: self.chosen(name) for name in ("n", "m", "K", "noise")}
        sizes = SIZES if self.d is None else self.d
        if name == "over-pruning":
            return over_family(sizes, **shape)
        return mild_family(sizes, p=self.chosen("p"), **shape)

    def grid(self) -> list[Problem]:
        """Return the problems of the figure of test loss against p."""
        noise = self.chosen("noise")
        return [Problem.theorem_regime(p=p, noise=noise, **P_GRID_SHAPE) for p in P_GRID]


def declared_constants(constants: Sequence[str]) -> dict[str, float]:
    """Return the constants that CLAIM=C declares, by claim."""
    declared = {}
    for one in constants:
        claim, _, number = one.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not claim or not (math.isfinite(value) and value > 0):
            raise ValueError(
                f"constant must be CLAIM=C with a finite C greater than 0, got {one!r}"
            )
        declared[claim] = value
    return declared


def plan_from(options: str, module: str | None = None) -> Plan:
    """Return the plan that :meth:`Plan.options` wrote.

    Version 0.1.0 ignored options that a check cannot use, and wrote every option down, the unset
    ones as their defaults; what it ignored is left out here, and its seeds are those it ran.
    """
    try:
        chosen: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in json.loads(options).items()
        }
        checked, sha256 = chosen.pop("theorem", Plan.theorem), chosen.pop("sha256", None)
        theorem = _checked_module(module, checked, sha256) if is_module(checked) else checked
        ignored, _ = unusable(theorem, chosen.get("along", ()))
        used = {name: value for name, value in chosen.items() if name not in ignored}
        if None in chosen.values() and "seeds" in used:  # as only 0.1.0 wrote an option down
            used["seeds"] = tuple(range(used["seeds"]))
        plan = Plan(theorem, **used)
    except (TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"these are no options of verify: {options!r}") from error
    if module not in (None, theorem):
        raise ValueError(
            f"--theorem must be left out where {theorem} was checked, which is built in, "
            f"got {module!r}"
        )
    return plan


def _checked_module(module: str | None, checked: str, sha256: str | None) -> str:
    """Return the path of the module with the text that was checked."""
    again = "give its `verify --store` again, which makes no run that is there"
    if sha256 is None:
        raise ValueError(
            f"the check of {checked!r} is of version 0.1.0, which kept no hash of the theorem's "
            f"text: {again}"
        )
    if module is None or not is_module(module):
        raise ValueError(
            f"--theorem must be the path of the module {SUFFIX} that was checked, as {checked!r} "
            f"was, since a report imports nothing that its results name; got {module!r}"
        )
    if find(module).sha256 != sha256:
        raise ValueError(
            f"--theorem must be the module that was checked, and the text of {module!r} is "
            f"another: to judge the runs by it, {again}"
        )
    return module
