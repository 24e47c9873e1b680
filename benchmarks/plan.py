"""What is measured: sizes, repeats and problems, in full and as a quick smoke run."""

from __future__ import annotations

from dataclasses import dataclass

from sims.problem import Problem

SEED = 0
Size = tuple[int, int, int, int]  # K, m, d, n


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Attributes
    ----------
    sizes : tuple of (K, m, d, n)
        Where single steps are timed.
    run_size : (K, m, d, n)
        Where whole runs are timed.
    build_size : (K, m, d, n)
        Where the building of Gram matrices is timed.
    square : int
        Side of the matrices whose product gives the machine's rate.
    small_dimensions, all_dimensions : tuple of int
        d of the engines that draw every coordinate, and of the one that draws none.
    repeats : int
        How often everything is timed.
    seconds : float
        How long one timing of single steps lasts, about.
    threads : tuple of int
        Thread counts that are compared.
    """

    sizes: tuple[Size, ...]
    run_size: Size
    build_size: Size
    square: int
    small_dimensions: tuple[int, ...]
    all_dimensions: tuple[int, ...]
    repeats: int
    seconds: float
    threads: tuple[int, ...] = (1, 2)


FULL = Plan(
    sizes=((2, 20, 20_000, 30), (4, 50, 20_000, 60), (4, 100, 50_000, 100), (2, 75, 400, 100)),
    run_size=(2, 20, 20_000, 30),
    build_size=(4, 50, 20_000, 60),
    square=2000,
    small_dimensions=tuple(10**k for k in range(3, 7)),
    all_dimensions=tuple(10**k for k in range(3, 16)),
    repeats=7,
    seconds=0.2,
)
QUICK = Plan(
    sizes=((2, 5, 2_000, 10), (2, 10, 200, 20)),
    run_size=(2, 5, 2_000, 10),
    build_size=(2, 10, 4_000, 20),
    square=500,
    small_dimensions=(10**3, 10**4),
    all_dimensions=(10**3, 10**6, 10**15),
    repeats=2,
    seconds=0.02,
)


def step_problem(size: Size) -> Problem:
    """Return a problem whose loss moves from the first step on, so that engines can be compared."""
    K, m, d, n = size
    # pre-activations near 1/2 on both patches, whatever d
    sigma_0, sigma_n = 0.5, (2 / d) ** 0.5
    return Problem(d=d, n=n, m=m, K=K, p=0.5, mu=1.0, sigma_n=sigma_n, sigma_0=sigma_0, eta=0.1 / m)
