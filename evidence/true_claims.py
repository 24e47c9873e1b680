"""How often the checker errs on real runs: a thousand independent checks on reduced families.

Each repetition runs its own family of small networks with fresh seeds through the engine
``gram-law`` and judges, as `verify` does, all claims with an order together with their mutants that
are false along d. The claims are true on these families by the laws of Theory, section 9, the
mutants false by a power of d, by the same laws; the families lie where those laws lead. A
repetition errs when a claim is refuted or a mutant consistent. Claims that hide nothing are counted
apart: they cannot fail.

Not so in the regime of the theorems, whose sigma_n sqrt(d) = mu / log d leaves no-noise to a power
of log d: there its mutant with sigma_n^(1/4), false by d^(1/8) in the end, is consistent from 10^6
to 10^12. No statistic sees what begins beyond its family.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

from scipy.stats import binomtest
from tqdm import tqdm

import bounds
from bounds.mutants import kind, mutants
from bounds.paths import PATHS
from evidence.record import write
from sims import Problem
from theorycheck.judging.facts import PROBABILITY
from theorycheck.judging.family import Family
from theorycheck.judging.judge import judge_theorem
from theorycheck.judging.observation import observe_many
from theorycheck.judging.paths.premises import regime_left
from theorycheck.judging.table import points_of
from theorycheck.running.tasks import open_pool

THEOREM = bounds.THEOREMS["mild-pruning"]
REPETITIONS = 1000
SEEDS = 15
EPSILON = 0.05
FALSE = "false: "
SIZES = (10**8, 10**11, 10**12, 10**14)  # the tail: 10^11 to 10^14; one run at the first
SNR = 20.0


def small_family() -> Family:
    """Return the path along d, sigma_n sqrt(d) held, that may leave constants of the regime."""
    problems = [Problem(d, 6, 4, 2, 1.0, 1.0, 1 / (SNR * math.sqrt(d)), 1e-3, 1.0) for d in SIZES]
    family = Family("d", tuple(problems), PATHS["d"].tied)
    return replace(family, released=regime_left(THEOREM, family, points_of(family, EPSILON)))


@cache
def with_false() -> bounds.Theorem:
    """Return the theorem with, beside its claims, their mutants that a power of d makes false."""
    start = {**small_family().problems[0].parameters(), "epsilon": EPSILON}
    paths = [(PATHS["d"], start, SIZES[-1] / SIZES[0])]
    claims = dict(THEOREM.claims)
    for claim in THEOREM.claims.values():
        for mutant in mutants(claim):
            if claim.order.symbol != "exact" and kind(mutant, claim, paths)[0] == "false":
                claims[f"{FALSE}{claim.id}, {mutant.change}"] = mutant.claim
    return replace(THEOREM, claims=claims)


def repetition(index: int) -> Counter[tuple[str, str, str]]:
    """Check the theorem once with seeds of its own; count claim, order and outcome."""
    family, judged = small_family(), with_false()
    first = index * SEEDS
    calls = [
        (THEOREM.id, problem, seed, EPSILON, "gram-law")
        for problem in family.problems
        for seed in range(first, first + (SEEDS if problem.d > SIZES[0] else 1))
    ]
    runs = dict(observe_many(calls))
    verdicts = judge_theorem(judged, family, [runs[number] for number in range(len(calls))])
    of_claims = [one for one in verdicts if one.claim != PROBABILITY]
    return Counter(
        (claim, one.order, one.outcome) for claim, one in zip(judged.claims, of_claims, strict=True)
    )


def errs(found: Counter[tuple[str, str, str]]) -> bool:
    """Tell whether a true claim is refuted, or a false one consistent."""
    return any(
        outcome == ("consistent" if claim.startswith(FALSE) else "refuted")
        for claim, order, outcome in found
        if order != "exact"
    )


def summary(found: list[Counter[tuple[str, str, str]]]) -> dict[str, Any]:
    """Sum up the repetitions."""
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
    found = []
    with open_pool(2) as workers:
        for one in tqdm(workers.map(repetition, range(REPETITIONS)), total=REPETITIONS):
            found.append(one)
            if len(found) % 100 == 0:  # what is done is kept
                about = {"seeds a check": SEEDS, "sizes": list(SIZES)}
                write("true_claims", {**about, **summary(found)})


if __name__ == "__main__":
    main()
