"""The exact engines of this project, one step at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from threadpoolctl import threadpool_limits

from benchmarks.descents import Descent
from sims.data import draw_dataset, draw_network
from sims.descent import DescentState
from sims.draw import DrawSums, blocks
from sims.gram import GramDescent, build
from sims.problem import Problem
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
    return _descent(WeightDescent(sums.total(), data, weights, mask, workers))


def start_gram(problem: Problem, seed: int, threads: int) -> Descent:
    """Start the engine ``gram``, building included."""
    threadpool_limits(threads, user_api="blas")
    return _descent(GramDescent(build(problem, seed, DRAWN_AHEAD)))


def _descent(state: DescentState) -> Descent:
    def take(steps: int) -> None:
        for _ in range(steps):
            state.loss()
            state.step()

    return Descent(take, state.loss)
