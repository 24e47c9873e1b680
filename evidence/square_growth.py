"""`square_growth`: plain descent at q = 2: growth per step, and what the premise on sigma_0 does.

First a few steps from a start so small that every softmax output stays at 1/2: the mean factor per
step of each positive product, with the own signal and with the noises of samples that carry the
neuron's label, against `bounds`. Products that start below a tenth of their standard deviation are
left out: what other samples do to each other, about sqrt(n/d) of a usual product, is more there.

Then the test error at n SNR^2 = 1 where sigma_0 sigma_n sqrt(d) is 0.1, between the two limits of
the theorem (at n = 40 just below the lower one, n d^(-1/4) = 0.126 without its constant), and
10^-4, far below both. Source: measured.
"""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np

import bounds
from evidence.record import write
from sims import Problem, Trajectory, coefficient_factor, noise_grams, population, simulate_many
from sims.arrays import Floats
from theorycheck.judging.siblings.problems import start

D = 10**10
STEPS = 8
H = 0.05  # eta sigma_n^2 d/(n m) of the mean, in the steps that are counted
SIZES = ((10, 10), (20, 10), (20, 20), (40, 20), (40, 40))  # n, m
FLIPS = (0.0, 0.1)
STARTS = (0.1, 1e-4)
SEEDS = 20
EPSILON = 0.01


def problem_at(n: int, m: int, start_size: float, flip: float, h: float) -> Problem:
    """Return a problem at n SNR^2 = 1, mu = 1, its start over sigma_n sqrt(d) as told."""
    snr = n**-0.5
    sizes: dict[str, Any] = {"d": D, "n": n, "m": m, "flip": flip}
    return start(2.0, snr, sigma_0=start_size * snr, eta=h * n * m * snr * snr, **sizes)


def rates(before: Floats, after: Floats, factors: Floats) -> Floats:
    """Return measured over predicted growth per step, of products that start well above 0."""
    clear = before > 0.1 * before.std()
    measured = (after[clear] / before[clear]) ** (1 / STEPS)
    return (measured - 1) / (factors[clear] - 1)


def signal_rates(run: Trajectory, eta: float) -> Floats:
    """Return :func:`rates` of the products with the neurons' own signal."""
    problem, own, other = run.problem, [0, 1], [1, 0]
    counts = run.event.class_counts, run.event.flipped_counts
    growth = [
        bounds.square_signal_growth(
            eta, problem.mu, int(count - wrong), int(wrong), problem.n, problem.m
        )
        for count, wrong in zip(*counts, strict=True)
    ]
    before = run.draw.initial_signal[own, :, own]
    after = before + run.final.gamma[own, :, own] - run.final.gamma[own, :, other]
    grows = np.array(growth) != 1  # as many wrong labels as right ones: nothing moves
    factors = np.broadcast_to(np.array(growth)[:, None], before.shape)
    return rates(before[grows], after[grows], factors[grows])


def noise_rates(run: Trajectory, eta: float) -> Floats:
    """Return :func:`rates` of the products of samples with the neurons of their label."""
    problem, draw, each = run.problem, run.draw, np.arange(run.problem.n)
    norms = draw.noise_norm2[run.labels, :, each]
    factors = [
        [bounds.square_noise_growth(eta, norm, problem.n, problem.m) for norm in row]
        for row in norms.tolist()
    ]
    grams = noise_grams(draw, run.engine)
    moved = np.einsum("jrk,jrki->jri", run.final.rho / draw.noise_norm2, grams)
    before = draw.initial_noise[run.labels, :, each]
    return rates(before, before + moved[run.labels, :, each], np.array(factors))


def growth(n: int, m: int, flip: float, seeds: int = SEEDS) -> dict[str, Any]:
    """Count a few steps; return the range of measured over predicted growth."""
    problem = problem_at(n, m, 1e-4, flip, H)
    eta = problem.eta * coefficient_factor(problem) ** 2  # of the mean
    runs = simulate_many(
        [problem] * seeds, range(seeds), EPSILON, engine="gram-law", max_steps=STEPS
    )
    found: dict[str, Any] = {"n": n, "m": m, "flip": flip}
    for name, of in (("signal", signal_rates), ("noise", noise_rates)):
        ratios = np.concatenate([of(run, eta) for run in runs])
        found[name] = {
            "products": int(ratios.size),
            "median": float(np.median(ratios)),
            "range": [float(ratios.min()), float(ratios.max())],
        }
    return found


def errors(n: int, m: int, flip: float, start_size: float, seeds: int = SEEDS) -> dict[str, Any]:
    """Train to the target; return mean, standard error and median of the test error."""
    problem = problem_at(n, m, start_size, flip, 0.01)
    runs = simulate_many([problem] * seeds, range(seeds), EPSILON, engine="gram-law")
    found = np.array([population(run).test_error for run in runs])
    return {
        "n": n, "m": m, "flip": flip, "sigma_0 sigma_n sqrt(d)": start_size,
        "lower limit n d^(-1/4)": n * D**-0.25,
        "reached": sum(run.status == "reached" for run in runs),
        "error": float(found.mean()),
        "standard error": float(found.std(ddof=1)) / math.sqrt(seeds),
        "median": float(np.median(found)),
    }  # fmt: skip


def main() -> None:
    """Run both parts and write the result."""
    write(
        "square_growth",
        {
            "d": D, "seeds": SEEDS, "steps": STEPS, "epsilon": EPSILON, "n SNR^2": 1.0,
            "growth per step, measured over predicted": [
                growth(*sizes, flip) for sizes, flip in product((SIZES[1], SIZES[3]), FLIPS)
            ],
            "errors": [
                errors(*sizes, flip, at) for sizes, flip, at in product(SIZES, FLIPS, STARTS)
            ],
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
