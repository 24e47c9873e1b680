"""How often a true claim is refuted: a thousand independent checks on reduced families.

Each repetition runs its own family of small networks with fresh seeds through the engine
``gram-law`` and judges every claim with an order together, as `verify` does. The claims are true on
these families by the laws of Theory, section 9. A repetition errs when anything is refuted. Claims
that hide nothing are counted apart: they cannot fail.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from scipy.stats import binomtest

import bounds
from evidence.record import pool, write
from sims import Problem
from theorycheck.family import Family
from theorycheck.judge import judge_theorem
from theorycheck.measure import observe

REPETITIONS = {"mild-pruning": 1000, "over-pruning": 60}
SEEDS = 15
SIZES = (10**6, 10**9, 10**10, 10**12)  # the tail: 10^9 to 10^12
PER_TASK = 10


def families() -> dict[str, Family]:
    """Return a small family for each theorem."""
    mild = tuple(Problem.theorem_regime(d, 6, 4, 2, 1.0) for d in SIZES)
    over = tuple(replace(one, p=bounds.over_pruning_p(one.d, 4, 2)) for one in mild)
    return {"mild-pruning": Family("d", mild, ""), "over-pruning": Family("d", over, "")}


def repetition(name: str, index: int) -> Counter[tuple[str, str, str]]:
    """Check one theorem once with its own seeds; count claim, order and outcome."""
    family = families()[name]
    first = index * SEEDS
    runs = [
        observe(name, problem, seed, 0.05, "gram-law")
        for problem in family.problems
        for seed in range(first, first + SEEDS)
    ]
    verdicts = judge_theorem(bounds.THEOREMS[name], family, runs)
    return Counter((one.claim, one.order, one.outcome) for one in verdicts)


def repetitions(name: str, start: int) -> list[Counter[tuple[str, str, str]]]:
    """Check one theorem several times."""
    return [repetition(name, index) for index in range(start, start + PER_TASK)]


def summary(found: list[Counter[tuple[str, str, str]]]) -> dict[str, Any]:
    """Sum up the repetitions of one theorem."""
    wrong = sum(
        any(outcome == "refuted" and order != "exact" for _, order, outcome in one) for one in found
    )
    interval = binomtest(wrong, len(found)).proportion_ci(0.9, method="exact")
    outcomes: dict[str, dict[str, int]] = {}
    for (claim, _, outcome), count in sum(found, Counter()).items():
        outcomes.setdefault(claim, {})[outcome] = count
    return {
        "repetitions": len(found),
        "with something refuted": wrong,
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
