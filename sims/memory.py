"""How much memory a run will take at its peak, said before it starts."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sims.draw import BLOCK, MOST_KEPT
from sims.gram import PAIR_TILE
from sims.gram_law import CHUNK
from sims.patterns import expected_levels
from sims.problem import Problem
from sims.recorder import RECORDS_PER_DECADE
from sims.signals import concentrated, signal_coordinates

FLOAT = 8  # bytes
RECORDS = 10 * RECORDS_PER_DECADE + 20  # ten decades of steps are a long run, with an escape
SCORE_ARRAYS = 8  # of the size of the weights, while a mask is chosen
INTEGRATOR_ARRAYS = 40  # of the size of the coefficients, in flow
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def peak_memory(problem: Problem, engine: str) -> float:
    """Estimate the peak memory of one run.

    Parameters
    ----------
    problem : Problem
        What will run.
    engine : {"weights", "gram", "flow", "gram-law"}
        With which engine.

    Returns
    -------
    float
        Bytes, beyond those of the interpreter and its libraries.
    """
    d, n, neurons = float(problem.d), float(problem.n), float(problem.K * problem.m)
    vectors = n + problem.K
    coefficients = FLOAT * neurons * vectors
    block = min(d, BLOCK) * FLOAT * (2 * n + 5 * neurons + max(PAIR_TILE, n))
    kept = FLOAT * min(math.ceil(d / BLOCK) * BLOCK * (n + 2 * neurons), MOST_KEPT)
    records = 3 * RECORDS * coefficients
    common = records + block + kept
    if not concentrated(problem):
        # masked signals on a block, and their products; the signals, and what a step adds to them
        common += FLOAT * neurons * problem.K * (min(d, BLOCK) + vectors)
        common += FLOAT * signal_coordinates(problem) * (problem.K + 2 * neurons)
    if problem.pruning != "random":
        common += chosen_memory(problem)
    if engine == "weights":
        # weights, mask and noise as they are drawn, and once more in slabs
        return common + 2 * d * ((FLOAT + 1) * neurons + FLOAT * n)
    # packed pairs, a copy of them on the way into the matrices, and these
    grams = FLOAT * neurons * (vectors * vectors + n * (n + 1))
    if engine == "gram-law":
        # how many coordinates each pattern has, and columns with what they are made of
        patterns = sum(one.patterns for one in expected_levels(problem) if one.enumerated)
        return records + grams + FLOAT * (3 * patterns + 8 * CHUNK)
    return common + grams + INTEGRATOR_ARRAYS * coefficients


def chosen_memory(problem: Problem) -> float:
    """Estimate the memory that choosing a mask takes, in bytes: the dense start, and scores."""
    weights, rows = float(problem.d) * problem.K * problem.m, float(problem.n + problem.K)
    return FLOAT * (SCORE_ARRAYS * weights + 3 * problem.d * rows)


def stack_memory(problem: Problem, engine: str, places: int) -> float:
    """Estimate the peak memory of a stack of runs, in bytes: drawn one by one, held together.

    Parameters
    ----------
    problem : Problem
        One of them, all of one shape.
    engine : str
        With which engine.
    places : int
        How many runs are stacked.
    """
    vectors = float(problem.n + problem.K)
    coefficients = FLOAT * problem.K * problem.m * vectors
    # four Gram matrices: they are copied for rows that do the same, and for those to be recorded
    held = (3 * RECORDS + INTEGRATOR_ARRAYS + 4 * vectors) * coefficients
    if problem.pruning != "random":
        held += problem.d * problem.K * problem.m / 8  # bits of the mask
    return peak_memory(problem, engine) + (places - 1) * held


def available_memory() -> float:
    """Return the bytes that this process may take: the least of all limits that can be read."""
    limits = [math.inf]
    with suppress(AttributeError, OSError, ValueError):  # not a system that tells
        limits.append(float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")))
    with suppress(OSError, ValueError):  # no such group, or "max"
        limits.append(float(CGROUP_LIMIT.read_text()))
    with suppress(ImportError):
        import resource

        soft = resource.getrlimit(resource.RLIMIT_AS)[0]
        limits.append(math.inf if soft == resource.RLIM_INFINITY else float(soft))
    return min(limits)


def check_memory(problem: Problem, engine: str, at_once: int = 1, stacked: int = 1) -> None:
    """Refuse what cannot fit, before any work starts.

    Parameters
    ----------
    problem : Problem
        What will run.
    engine : str
        With which engine, not "auto".
    at_once : int, default 1
        How many such runs, or stacks of them, share the machine.
    stacked : int, default 1
        How many runs are stacked.

    Raises
    ------
    ValueError
        With the estimate and what would fit.
    """
    needed, available = at_once * stack_memory(problem, engine, stacked), available_memory()
    if needed <= available:
        return
    many = at_once * stacked
    runs = "this problem" if many == 1 else f"{many} runs of this problem at once"
    raise ValueError(
        f"engine '{engine}' would need about {needed / 1e9:.3g} GB of memory for {runs}, and there "
        f"are {available / 1e9:.3g} GB: {_what_fits(problem, engine, available / many)}"
    )


def _what_fits(problem: Problem, engine: str, available: float) -> str:
    """Name the first parameter that could be lowered alone, and how far."""
    for name, fits in (("d", problem.K), ("n", 1), ("m", 1)):
        too_large: int = getattr(problem, name)
        if _with_size(problem, name, fits, engine) > available:
            continue
        while too_large - fits > 1:
            middle = (fits + too_large) // 2
            if _with_size(problem, name, middle, engine) <= available:
                fits = middle
            else:
                too_large = middle
        return f"{name} = {fits} would fit"
    return "lowering d, n or m alone is not enough"


def _with_size(problem: Problem, name: str, size: int, engine: str) -> float:
    changed: dict[str, Any] = {name: size}
    return peak_memory(replace(problem, **changed), engine)
