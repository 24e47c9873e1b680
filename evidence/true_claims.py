"""How often the checker errs on real runs: a thousand independent checks on reduced families.

Each repetition runs its own family of small networks with fresh seeds through the engine
``gram-law`` and judges, as `verify` does, all claims with an order together with their mutants that
are false along d. The claims are true on these families by the laws of Theory, section 9, the
mutants false by a power of d, by the same laws. A repetition errs when a claim is refuted or a
mutant consistent. Claims that hide nothing are counted apart: they cannot fail.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

from scipy.stats import binomtest

import bounds
from bounds.mutants import kind, mutants
from bounds.paths import PATHS
from evidence.record import pool, write
from sims import Problem
from theorycheck.family import Family
from theorycheck.judge import judge_theorem
from theorycheck.measure import observe

REPETITIONS = {"mild-pruning": 1000, "over-pruning": 60}
SEEDS = 16
EPSILON = 0.05
FALSE = "false: "
SIZES = (10**6, 10**9, 10**10, 10**12)  # the tail: 10^9 to 10^12
PER_TASK = 10


def families() -> dict[str, Family]:
    """Return a small family for each theorem."""
    mild = tuple(Problem.theorem_regime(d, 6, 4, 2, 1.0) for d in SIZES)
    over = tuple(replace(one, p=bounds.over_pruning_p(one.d, 4, 2)) for one in mild)
    return {"mild-pruning": Family("d", mild, ""), "over-pruning": Family("d", over, "")}


@cache
def with_false(name: str) -> bounds.Theorem:
    """Return a theorem with, beside its claims, their mutants that a power of d makes false."""
    theorem = bounds.THEOREMS[name]
    start = families()[name].problems[0]
    paths = [(PATHS["d"], {**start.parameters(), "epsilon": EPSILON}, SIZES[-1] / SIZES[0])]
    claims = dict(theorem.claims)
    for claim in theorem.claims.values():
        for mutant in mutants(claim):
            if claim.order.symbol != "exact" and kind(mutant, claim, paths)[0] == "false":
                claims[f"{FALSE}{claim.id}, {mutant.change}"] = mutant.claim
    return replace(theorem, claims=claims)


def repetition(name: str, index: int) -> Counter[tuple[str, str, str]]:
    """Check one theorem once with its own seeds; count claim, order and outcome."""
    family = families()[name]
    first = index * SEEDS
    runs = [
        observe(name, problem, seed, EPSILON, "gram-law")
        for problem in family.problems
        for seed in range(first, first + SEEDS)
    ]
    judged = with_false(name)
    verdicts = judge_theorem(judged, family, runs)
    return Counter(
        (claim, one.order, one.outcome) for claim, one in zip(judged.claims, verdicts, strict=True)
    )


def errs(found: Counter[tuple[str, str, str]]) -> bool:
    """Tell whether a true claim is refuted, or a false one consistent."""
    return any(
        outcome == ("consistent" if claim.startswith(FALSE) else "refuted")
        for claim, order, outcome in found
        if order != "exact"
    )


def repetitions(name: str, start: int) -> list[Counter[tuple[str, str, str]]]:
    """Check one theorem several times."""
    return [repetition(name, index) for index in range(start, start + PER_TASK)]


def summary(found: list[Counter[tuple[str, str, str]]]) -> dict[str, Any]:
    """Sum up the repetitions of one theorem."""
    wrong = sum(map(errs, found))
    interval = binomtest(wrong, len(found)).proportion_ci(0.9, method="exact")
    outcomes: dict[str, dict[str, int]] = {}
    for (claim, _, outcome), count in sum(found, Counter()).items():
        outcomes.setdefault(claim, {})[outcome] = count
    return {
        "repetitions": len(found),
        "with a wrong outcome": wrong,
        "upper 95 % limit of the rate": float(interval.high),
        "outcomes": outcomes,
    }


def main() -> None:
    """Run every repetition and write the rates."""
    jobs = [(name, start) for name in families() for start in range(0, REPETITIONS[name], PER_TASK)]
    found: dict[str, list[Counter[tuple[str, str, str]]]] = {name: [] for name in families()}
    with pool() as workers:
        for (name, _), several in zip(
            jobs, workers.map(repetitions, *zip(*jobs, strict=True)), strict=True
        ):
            found[name] += several
    content = {name: summary(several) for name, several in found.items()}
    write("true_claims", {"seeds a check": SEEDS, "sizes": list(SIZES), "theorems": content})


if __name__ == "__main__":
    main()
