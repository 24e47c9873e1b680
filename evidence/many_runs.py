"""Three hundred runs with their test error, on two cores."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Sequence

from evidence.record import write
from sims import Problem, population, simulate_many
from theorycheck.running.tasks import open_pool

P = (1.0, 0.7, 0.5, 0.35, 0.25, 0.18, 0.12, 0.08, 0.05, 0.02)
SNR = (1.0, 0.5, 0.35, 0.25, 0.12)
SEEDS = 6


def problems() -> list[tuple[Problem, int]]:
    """Return every problem with its seed."""
    d = 4000
    return [
        (Problem(d, 20, 20, 2, p, 1.0, 1 / (snr * math.sqrt(d)), 1e-3, 0.1), seed)
        for p in P
        for snr in SNR
        for seed in range(SEEDS)
    ]


def run_part(part: Sequence[tuple[Problem, int]]) -> list[tuple[str, str, float]]:
    """Train and test a part of the runs."""
    runs = simulate_many([problem for problem, _ in part], [seed for _, seed in part])
    return [(run.engine, run.status, population(run).test_error) for run in runs]


def main() -> None:
    """Time the whole, processes and imports included, and write the result."""
    everything = problems()
    began = time.perf_counter()
    with open_pool(2) as workers:
        found = [one for part in workers.map(run_part, [everything[0::2], everything[1::2]])
                 for one in part]  # fmt: skip
    seconds = time.perf_counter() - began
    statuses = Counter(f"{engine} {status}" for engine, status, _ in found)
    write("many_runs", {"runs": len(found), "seconds": round(seconds, 1), "of which": statuses})


if __name__ == "__main__":
    main()
