"""The exact engines of this project, one step at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.descents import Descent
from sims import exact
from sims.data import draw_dataset, draw_network
from sims.draw import blocks
from sims.draw_sums import DrawSums
from sims.flow import FlowSettings
from sims.gram import build
from sims.problem import Problem
from sims.rows import Rows, Start
from sims.weights import WeightDescent

DRAWN_AHEAD = 100.0  # megabytes, as `simulate` has it


def start_weights(problem: Problem, seed: int, threads: int) -> Descent:
    """Start the engine ``weights``, with threads as `simulate` gives them to it."""
    threadpool_limits(1, user_api="blas")
    workers = ThreadPoolExecutor(threads) if threads > 1 else None
    sums = DrawSums(problem, seed)
    for block in blocks(problem, seed, DRAWN_AHEAD):
        sums.add(block)
    weights, mask = draw_network(problem, seed)
    data = draw_dataset(problem, seed)
    state = WeightDescent(sums.total(), data, weights, mask, workers)

    def take(steps: int) -> None:
        for _ in range(steps):
            state.loss()
            state.step()

    return Descent(take, state.loss)


def start_gram(problem: Problem, seed: int, threads: int) -> Descent:
    """Start the engine ``gram``, building included."""
    threadpool_limits(threads, user_api="blas")
    start = Start(0, build(problem, seed, DRAWN_AHEAD), False, 0.0, np.inf)
    rows = Rows([start], FlowSettings())

    def take(steps: int) -> None:
        exact.descend(rows, np.zeros(1, int), steps)

    def loss() -> float:
        return float(exact.evaluate(rows.systems, rows.c)[0][0])

    return Descent(take, loss)
