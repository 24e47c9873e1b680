"""Over-pruned runs at dimensions that no simulation of coordinates reaches."""

from __future__ import annotations

import time

import bounds
from evidence.record import write
from sims import Problem, population, simulate
from theorycheck.judging.quantities import in_over_event

SIZES = (10**6, 10**9)


def main() -> None:
    """Run the first seed in the event at each size, and write the result."""
    runs = []
    for d in SIZES:
        problem = Problem.theorem_regime(d, 30, 20, 2, bounds.over_pruning_p(d, 20, 2))
        seed, run, began = 0, None, 0.0
        while run is None or not in_over_event(run.event):
            began = time.perf_counter()
            run = simulate(problem, seed, "gram-law")
            seed += 1
        test = population(run)
        runs.append(
            {
                "d": d,
                "seed": seed - 1,
                "seconds": round(time.perf_counter() - began, 2),
                "steps": float(run.steps[-1]),
                "training loss": float(run.loss[-1]),
                "largest own gamma": float(run.gamma[-1].max()),
                "test loss": [test.test_loss, test.test_loss_se],
                "test error": [test.test_error, test.test_error_se],
            }
        )
    write("over_pruned", {"runs": runs})


if __name__ == "__main__":
    main()
