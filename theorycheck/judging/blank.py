"""A verdict without an outcome: what the runs of a path say about a claim, size by size."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from bounds import Claim, Theorem
from theorycheck.judging.facts import SizeSummary, Tested
from theorycheck.judging.paths.premises import path_premises
from theorycheck.judging.slopes import HIGH_QUANTILE
from theorycheck.judging.statistics import exponential, quantile, quantiles
from theorycheck.judging.table import Point, SortedRuns, Table, can_judge, parameters_at
from theorycheck.judging.verdict import Verdict


def summarize(theorem: Theorem, claim: Claim, path: SortedRuns, table: Table) -> Verdict:
    """Sum up the runs size by size, in a verdict without an outcome."""
    return Verdict(
        theorem.id,
        claim.id,
        claim.statement,
        claim.order.symbol,
        claim.source.tag,
        "undecided",
        "",
        path.family.along,
        _size_summaries(claim, path, table),
        path.family.direction,
        zeros=int((table.measured == 0).sum()),
        draws=len(path.draws),
        runs=sum(map(len, path.counted)),
        total=sum(map(len, path.runs)),
        premises=path_premises(theorem, path.family, path.points),
        tested=what_is_tested(claim, path.points),
    )


def _size_summaries(claim: Claim, path: SortedRuns, table: Table) -> tuple[SizeSummary, ...]:
    judged = [[one for one in here if can_judge(claim, one)] for here in path.counted]
    bare = summarize_table(table, path.draws, claim.direction == "lower")
    return tuple(
        replace(
            size,
            in_event=len(inside),
            runs=len(runs),
            step=quantile([one.step for one in entering], 0.5),
            engines=tuple(one.engine for one in entering),
        )
        for size, inside, runs, entering in zip(bare, path.inside, path.runs, judged, strict=True)
    )


def summarize_table(table: Table, seeds: Sequence[int], lower: bool) -> tuple[SizeSummary, ...]:
    """Sum up a table size by size, as if each of its rows were a run at every size."""
    sign = -1.0 if lower else 1.0
    return tuple(
        SizeSummary(
            float(size), len(seeds), len(seeds), math.nan, float(measured), float(log_bound),
            exponential(sign * float(median)), exponential(sign * float(high)),
            tuple(seed for seed, value in zip(seeds, each, strict=True) if not np.isnan(value)),
            tuple(each[~np.isnan(each)].tolist()),
        )
        for size, each, measured, log_bound, median, high in zip(
            table.sizes, table.measured.T,
            quantiles(table.measured, 0.5), table.log_bound,
            quantiles(table.excess, 0.5), quantiles(table.excess, HIGH_QUANTILE),
            strict=True,
        )
    )  # fmt: skip


def what_is_tested(claim: Claim, points: Sequence[Point]) -> Tested:
    """Tell which symbols of a bound a path moves, which others it moves, and which it holds."""
    at = [parameters_at(point) for point in points]
    own = sorted(symbol.name for symbol in claim.bound.free_symbols if symbol.name in at[0])
    return moved_and_fixed(own, {name: [one[name] for one in at] for name in at[0]})


def moved_and_fixed(own: Sequence[str], values: Mapping[str, Iterable[float]]) -> Tested:
    """Sort the symbols of a bound, and the others, by whether their values along a path differ."""
    moved = [name for name, along in values.items() if len(set(along)) > 1]
    return Tested(
        tuple(name for name in own if name in moved),
        tuple(name for name in own if name not in moved),
        tuple(name for name in moved if name not in own),
    )
