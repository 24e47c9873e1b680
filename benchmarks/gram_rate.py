"""Building Gram matrices, as a share of this machine's rate of matrix products."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.own_descent import DRAWN_AHEAD
from benchmarks.per_step import summary
from benchmarks.plan import SEED, Plan, step_problem
from sims.draw import blocks
from sims.draw_sums import DrawSums
from sims.gram import _add_pair_products, build
from sims.problem import Problem

REPEATS = 3


def measure(plan: Plan) -> list[dict[str, Any]]:
    """Time building, a large matrix product, and the parts of building, in turn.

    Parameters
    ----------
    plan : Plan
        What to measure.

    Returns
    -------
    list of dict
        One row per thread count.
    """
    return [_row(plan, threads) for threads in plan.threads]


def _row(plan: Plan, threads: int) -> dict[str, Any]:
    problem = step_problem(plan.build_size)
    # two different factors: NumPy takes a matrix times its own transpose in half the operations
    left, right = np.random.default_rng(SEED).standard_normal((2, plan.square, plan.square))
    product = np.empty_like(left)
    drawn = list(blocks(problem, SEED))
    parts: dict[str, Callable[[], object]] = {
        "matrix_product": lambda: np.matmul(left, right, out=product),
        "building": lambda: build(problem, SEED, DRAWN_AHEAD),
        "random_numbers": lambda: [None for _ in blocks(problem, SEED)],
        "sums_of_the_draw": lambda: _sum_draw(problem, drawn),
        "pairs_all_neurons": lambda: _sum_pairs(problem, drawn, problem.K * problem.m),
        # nearly all of what one neuron costs is the products of the samples, shared by all
        "pairs_one_neuron": lambda: _sum_pairs(problem, drawn, 1),
    }
    with threadpool_limits(threads, user_api="blas"):
        rounds = [{name: _seconds(part) for name, part in parts.items()} for _ in range(REPEATS)]
    times = {name: summary([times[name] for times in rounds]) for name in parts}
    peak = 2 * plan.square**3 / times["matrix_product"]["seconds"]
    rate = useful_operations(problem) / times["building"]["seconds"]
    return {
        "size": list(plan.build_size),
        "threads": threads,
        "matrix_product_rate": peak,
        "building_rate": rate,
        "share": rate / peak,
        "times": times,
    }


def useful_operations(problem: Problem) -> int:
    """Count ``2 K m d n (n + 1) / 2``: one product and one sum per neuron, coordinate and pair."""
    return problem.K * problem.m * problem.d * problem.n * (problem.n + 1)


def _seconds(part: Callable[[], object]) -> float:
    began = time.perf_counter()
    part()
    return time.perf_counter() - began


def _sum_draw(problem: Problem, drawn: list[Any]) -> None:
    sums = DrawSums(problem, SEED)
    for block in drawn:
        sums.add(block)


def _sum_pairs(problem: Problem, drawn: list[Any], neurons: int) -> None:
    packed = np.zeros((neurons, problem.n * (problem.n + 1) // 2))
    for block in drawn:
        mask = block.mask.reshape(problem.K * problem.m, -1)[:neurons]
        _add_pair_products(packed, mask, block.noise)
