"""Numbers made by PyTorch, judged by ``tc.judge``, beside those of our own engine.

The draws are the same. A small mild family is trained by automatic differentiation on the weights,
and gamma, zeta and omega are read off the trained weights by least squares: nothing but the draws
is ours. The numbers go through a CSV file. Needs the extra ``bench``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

import bounds
import theorycheck as tc
from benchmarks.descents import draw_flat
from bounds import Claim
from bounds.symbols import d
from evidence.record import RESULTS, write
from sims import Problem, simulate
from theorycheck.judging.judge import judge_claim
from theorycheck.judging.observation import NO_POPULATION, Observation, observation
from theorycheck.judging.quantities import in_mild_event
from theorycheck.judging.verdict import Verdict

SIZES = (100, 316, 1000, 3162, 10_000)
DRAWS = 16
EPSILON = 0.05
MOST_STEPS = 2000
TOLERANCE = 1e-9  # relative, of the measured numbers; steps must be equal
MILD = bounds.THEOREMS["mild-pruning"]
NAMES = ("stopping-time", "signal-learned", "no-cross-signal", "no-noise")
CLAIMS = {
    **{name: MILD.claims[name] for name in NAMES},
    "no-cross-signal / d": replace(
        MILD.claims["no-cross-signal"],
        statement="false: max_{j != k, r} |gamma_{j,r,k}| = O~(sigma_0 mu / d)",
        bound=MILD.claims["no-cross-signal"].bound / d,
    ),
}
Numbers = dict[str, float]  # what was measured in one run, by claim


def problem(size: int) -> Problem:
    """Return the problem of a size: sigma_n as in the theorem regime, and large steps."""
    sigma_n = 1 / (math.sqrt(size) * math.log(size))
    return Problem(size, 8, 4, 2, 0.7, 1.0, sigma_n, 0.1, 0.5)


def draws_in_event() -> list[int]:
    """Return the first seeds whose draw lies in the event at every size."""
    seeds: list[int] = []
    seed = 0
    while len(seeds) < DRAWS:
        drawn = (simulate(problem(one), seed, "gram", EPSILON, max_steps=0) for one in SIZES)
        if all(in_mild_event(one.event) for one in drawn):
            seeds.append(seed)
        seed += 1
    return seeds


def train(one: Problem, seed: int) -> Numbers:
    """Train the network of a draw in PyTorch, until L_S <= epsilon, and measure."""
    drawn = draw_flat(one, seed)
    start, mask, noise, labels = (torch.from_numpy(array) for array in drawn)
    signals = one.mu * torch.eye(one.K, one.d, dtype=torch.float64)
    weights = start.clone().requires_grad_()
    shape = (one.K, one.m, -1)
    for step in range(MOST_STEPS + 1):
        kept = weights * mask
        on_noise = torch.relu(kept @ noise.T).pow(one.q).reshape(shape).sum(dim=1)
        on_signals = torch.relu(kept @ signals.T).pow(one.q).reshape(shape).sum(dim=1)
        loss = cross_entropy((on_noise + on_signals[:, labels]).T, labels)
        if float(loss.detach()) <= EPSILON:
            moved = ((weights - start) * mask).detach().numpy()
            return {"stopping-time": float(step), **coefficients(one, moved, *drawn[1:])}
        (gradient,) = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            weights -= one.eta * gradient
    return dict.fromkeys(NAMES, math.inf)


def coefficients(one: Problem, moved: Any, mask: Any, noise: Any, labels: Any) -> Numbers:
    """Solve for gamma and rho: moved = gamma mu / |mu|^2 + rho xi / |xi|^2, masked, row by row."""
    signals = np.eye(one.K, one.d) / one.mu
    solved = []
    for row, kept in zip(moved, mask, strict=True):
        masked = noise * kept
        directions = np.vstack([signals * kept, masked / (masked**2).sum(axis=1, keepdims=True)])
        solved.append(np.linalg.lstsq(directions.T, row, rcond=None)[0])
    found = np.array(solved).reshape(one.K, one.m, one.K + one.n)
    gamma, rho = found[:, :, : one.K], found[:, :, one.K :]
    own = [float(gamma[j, :, j].max()) for j in range(one.K)]
    cross = [np.abs(gamma[j, :, k]).max() for j in range(one.K) for k in range(one.K) if j != k]
    return {
        "signal-learned": min(own),
        "no-cross-signal": float(max(cross)),
        "no-noise": float(np.abs(rho).max()),
    }


def write_table(file: Path, seeds: Sequence[int]) -> None:
    """Train every network in PyTorch and write what was measured."""
    with file.open("w", newline="") as opened:
        table = csv.writer(opened, lineterminator="\n")
        table.writerow(["seed", "d", *NAMES])
        for seed in seeds:
            for size in SIZES:
                found = train(problem(size), seed)
                table.writerow([seed, size, *(repr(found[name]) for name in NAMES)])


def read_table(file: Path, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Return the numbers of each claim, a row a seed and a column a size."""
    with file.open(newline="") as opened:
        rows = {(int(row["seed"]), int(row["d"])): row for row in csv.DictReader(opened)}
    return {
        name: np.array([[float(rows[seed, size][name]) for size in SIZES] for seed in seeds])
        for name in NAMES
    }


def judge_theirs(claim: Claim, measured: np.ndarray, seeds: Sequence[int]) -> Verdict:
    """Judge the numbers of PyTorch."""
    at = [{**problem(size).parameters(), "epsilon": EPSILON} for size in SIZES]
    limits = [claim.evaluate(one) for one in at]
    order = claim.order.symbol
    return tc.judge(SIZES, measured, limits, order, seeds=seeds, among=len(NAMES))


def observe_ours(seeds: Sequence[int]) -> list[Observation]:
    """Train the same draws by our own engine on the weights."""
    runs = (
        simulate(problem(size), seed, "weights", EPSILON, max_steps=MOST_STEPS)
        for size in SIZES
        for seed in seeds
    )
    return [observation(MILD.id, run, NO_POPULATION) for run in runs]


def compare(claim: Claim, ours: Verdict, theirs: Verdict) -> dict[str, Any]:
    """Set the two verdicts on one claim side by side."""
    numbers = [np.array([one.each for one in verdict.sizes]) for verdict in (ours, theirs)]
    off = float(np.abs(numbers[1] / numbers[0] - 1).max())
    return {
        "statement": claim.statement,
        "order": claim.order.symbol,
        "outcome, PyTorch": theirs.outcome,
        "outcome, ours": ours.outcome,
        "slope, PyTorch": theirs.slope.median,
        "slope, ours": ours.slope.median,
        "constant, PyTorch": theirs.constant.median,
        "constant, ours": ours.constant.median,
        "largest relative difference of a number": off,
        "numbers equal within the tolerance": off <= TOLERANCE,
    }


def main() -> None:
    """Train, judge, compare, and write the result."""
    torch.set_num_threads(1)
    seeds = draws_in_event()
    file = RESULTS / "other_numbers.csv"
    write_table(file, seeds)
    measured = read_table(file, seeds)
    family = tc.Family("d", tuple(map(problem, SIZES)), "sigma_n tied to d")
    runs = observe_ours(seeds)
    # numbers have no premises to keep, so that our own runs are held to none either
    free = replace(MILD, conditions={}, claims={name: MILD.claims[name] for name in NAMES})
    found = {}
    for name, claim in CLAIMS.items():
        (ours,) = judge_claim(free, claim, [(family, runs)])
        theirs = judge_theirs(claim, measured[claim.measure], seeds)
        found[name] = compare(claim, ours, theirs)
    write(
        "other_numbers",
        {
            "torch": version("torch"),
            "sizes": SIZES,
            "seeds": seeds,
            "problem": {**problem(SIZES[0]).parameters(), "d": "the size", "epsilon": EPSILON},
            "tolerance": TOLERANCE,
            "outcomes equal": all(
                one["outcome, PyTorch"] == one["outcome, ours"] for one in found.values()
            ),
            "numbers equal": all(
                one["numbers equal within the tolerance"] for one in found.values()
            ),
            "claims": found,
        },
    )


if __name__ == "__main__":
    main()
