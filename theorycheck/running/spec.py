"""What makes a run the run it is: everything its results depend on, and a key made of it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sims import RESULT_VERSION, Problem
from sims.engines import check_arguments, settle
from theorycheck.defaults import EPSILON

LARGEST_SEED = 2**63 - 1  # the largest integer of SQLite
RTOL = 1e-5
KEY_LETTERS = 32  # 128 bits


@dataclass(frozen=True)
class RunSpec:
    """One run before it is made, with nothing left open.

    :meth:`plan` fills in what is left open, so that two ways of asking for the same run are equal.

    Attributes
    ----------
    problem : Problem
        What to run.
    seed : int
        With which seed.
    engine : str
        With which engine, never "auto".
    target_loss, max_steps, rtol, threads
        As in :func:`sims.simulate`.
    population : bool
        Whether test loss and test error are integrated at the end.
    """

    problem: Problem
    seed: int
    engine: str
    target_loss: float
    max_steps: float
    rtol: float
    population: bool
    threads: int = 1

    @classmethod
    def plan(
        cls,
        problem: Problem,
        seed: int = 0,
        engine: str = "auto",
        target_loss: float = EPSILON,
        *,
        max_steps: float | None = None,
        rtol: float = RTOL,
        population: bool = True,
        threads: int = 1,
    ) -> RunSpec:
        """Return the run that these arguments ask for.

        Parameters
        ----------
        problem, seed, engine, target_loss, max_steps, rtol, threads
            As in :func:`sims.simulate`.
        population : bool, default True
            Integrate test loss and test error at the end.

        Returns
        -------
        RunSpec
            The run.

        Raises
        ------
        ValueError
            If an argument is outside its domain.
        """
        check_arguments(problem, seed, engine, target_loss, max_steps, rtol, 0.0, threads)
        if problem.directions is not None:
            raise ValueError(
                "directions must be None in a store, which keeps numbers and words alone, "
                f"got {problem.directions!r}"
            )
        if seed > LARGEST_SEED:
            raise ValueError(f"seed must be at most 2**63 - 1 in a store, got {seed!r}")
        if not isinstance(population, bool):
            raise ValueError(f"population must be true or false, got {population!r}")
        engine, last, leaps = settle(problem, engine, max_steps)
        # adding 0.0 makes -0.0 the 0.0 it equals
        return cls(
            problem,
            int(seed),
            engine,
            float(target_loss) + 0.0,
            last + 0.0,
            float(rtol) if leaps else RTOL,  # nothing else feels it
            population,
            int(threads),
        )

    def columns(self) -> dict[str, Any]:
        """Return the run as plain numbers and words by name, the version of the results last."""
        parameters = {name: one for name, one in vars(self.problem).items() if name != "directions"}
        return self._columns(parameters, RESULT_VERSION)

    def _columns(self, parameters: dict[str, Any], version: int) -> dict[str, Any]:
        named = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        del named["problem"]
        return {**parameters, **named, "result_version": version}

    @cached_property
    def key(self) -> str:
        """The identity of the run: a hash of its columns, each written in one way only."""
        return self.key_of(RESULT_VERSION)

    def key_of(self, version: int) -> str:
        """Return the identity that the run has, or had, under a version of the results."""
        # fields that the first paper's model does not have are part of it where they differ alone
        columns = self._columns(self.problem.parameters(), version)
        canonical = json.dumps(columns, sort_keys=True, allow_nan=False)
        return hashlib.sha256(canonical.encode()).hexdigest()[:KEY_LETTERS]


def spec_from_columns(columns: dict[str, Any]) -> RunSpec:
    """Return the run that columns describe, whatever else they hold."""
    names = [field.name for field in dataclasses.fields(Problem)]
    problem = Problem(**{name: columns[name] for name in names if name in columns})
    return RunSpec.plan(
        problem,
        columns["seed"],
        columns["engine"],
        columns["target_loss"],
        max_steps=columns["max_steps"],
        rtol=columns["rtol"],
        population=bool(columns["population"]),
        threads=columns["threads"],
    )
