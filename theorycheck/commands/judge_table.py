"""Judge a table of numbers that was written elsewhere: CSV and a bound in, a verdict out."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bounds import SYMBOLS
from bounds.parsing import parse
from sims.arrays import Floats
from theorycheck.about import versions
from theorycheck.files import FORMAT_VERSION, as_json, without_gaps
from theorycheck.judging.elsewhere.numbers import judge
from theorycheck.judging.orders.allowance import COUNTS
from theorycheck.judging.slopes import DELTA
from theorycheck.judging.verdict import Verdict
from theorycheck.reporting.document import numbers_record
from theorycheck.reporting.terminal.details import constant_words, start_words

SEED, MEASURED = "seed", "measured"
SIGNS = {"O": "= O({})", "Omega": "= Omega({})", "O~": "= O~({})", "<=": "<= {}", ">=": ">= {}"}
EXACT = ("<=", ">=")

Row = dict[str, float]  # a line of the table, by column


@dataclass(frozen=True, eq=False)
class NumberTable:
    """What a table holds: S draws at N sizes, in the order of the path.

    Attributes
    ----------
    seeds : tuple of int
        Names of the draws.
    sizes : (N,) array
        The path.
    measured : (S, N) array
        The left side; nan where the table has no line.
    symbols : mapping of str to (N,) array
        The symbols that the bound uses, and those of d, n, m and K that are there.
    """

    seeds: tuple[int, ...]
    sizes: Floats
    measured: Floats
    symbols: Mapping[str, Floats]


def judge_table(
    file: Path,
    bound: str,
    order: str,
    along: str = "size",
    constant: float = 1.0,
    log_power: float | None = None,
) -> Verdict:
    """Judge the column `measured` of a table against a bound made of its other columns."""
    if along in (SEED, MEASURED):
        raise ValueError(f"along must be another column than seed and measured, got {along!r}")
    formula = parse(bound, {*SYMBOLS, along})
    table = read_table(file, along, formula.names)
    at = [
        {name: float(values[place]) for name, values in table.symbols.items()}
        for place in range(len(table.sizes))
    ]
    limits = [formula.value(one) for one in at]
    for size, limit in zip(table.sizes, limits, strict=True):
        if not (math.isfinite(limit) and limit > 0):
            raise ValueError(
                f"bound must be a finite number greater than 0 at every size, and {formula.text} "
                f"is {limit:g} at {along} = {size:g}"
            )
    return judge(
        table.sizes,
        table.measured,
        limits,
        order,
        along=along,
        constant=constant,
        log_power=log_power,
        argument=None if order in EXACT else _argument(table.symbols),
        symbols={name: table.symbols[name] for name in formula.names},
        seeds=table.seeds,
        statement=_statement(formula.text, order, constant),
    )


def _statement(bound: str, order: str, constant: float) -> str:
    declared = f" with constant {constant:g}" if constant != 1 else ""
    return f"measured {SIGNS.get(order, '{}').format(bound)}{declared}"


def _argument(symbols: Mapping[str, Floats]) -> Floats | None:
    """Return d n m K / delta where it moves without d and the table has all four."""
    moved = [name for name in COUNTS if name in symbols and len(set(symbols[name].tolist())) > 1]
    if not moved or moved[0] == "d" or not all(name in symbols for name in COUNTS):
        return None
    return np.asarray(np.prod([symbols[name] for name in COUNTS], axis=0) / DELTA)


def read_table(file: Path, along: str, names: Sequence[str]) -> NumberTable:
    """Read a table with one line for each draw and size."""
    rows = _rows(file, along, names)
    seeds = sorted({int(row[SEED]) for _, row in rows})
    sizes = _path(rows, along)
    measured = np.full((len(seeds), len(sizes)), np.nan)
    filled: dict[tuple[int, int], int] = {}
    first: dict[float, Row] = {}
    for line, row in rows:
        place = seeds.index(int(row[SEED])), sizes.index(row[along])
        if place in filled:
            raise ValueError(
                f"{file} must have one line for each seed and {along}, and lines {filled[place]} "
                f"and {line} are both of seed {row[SEED]:g} at {along} = {row[along]:g}"
            )
        filled[place] = line
        measured[place] = row[MEASURED]
        _check_same(file, line, row, first.setdefault(row[along], row), along)
    columns = [name for name in rows[0][1] if name not in (SEED, MEASURED)]
    symbols = {name: np.array([first[size][name] for size in sizes]) for name in columns}
    return NumberTable(tuple(seeds), np.array(sizes), measured, symbols)


def _check_same(file: Path, line: int, row: Row, first: Row, along: str) -> None:
    """Refuse a symbol that differs between draws at one size."""
    for name, value in row.items():
        if name not in (SEED, MEASURED) and value != first[name]:
            raise ValueError(
                f"{file}, line {line}: {name} must be the same in every draw at {along} = "
                f"{row[along]:g}, got {value:g} and {first[name]:g}"
            )


def _path(rows: Sequence[tuple[int, Row]], along: str) -> list[float]:
    """Return the sizes in the direction in which every draw of the table runs through them."""
    last: dict[float, float] = {}
    directions: dict[bool, int] = {}  # where it rises first, and where it falls
    for line, row in rows:
        before = last.get(row[SEED], row[along])
        if row[along] != before:
            directions.setdefault(row[along] > before, line)
        last[row[SEED]] = row[along]
    if len(directions) > 1:
        raise ValueError(
            f"{along} must rise from line to line in every seed, or fall in every seed, and rises "
            f"in line {directions[True]} and falls in line {directions[False]}"
        )
    return sorted({row[along] for _, row in rows}, reverse=False in directions)


def _rows(file: Path, along: str, names: Sequence[str]) -> list[tuple[int, Row]]:
    """Return the lines of a table with their numbers."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            reader = csv.reader(opened, strict=True)
            header = [name.strip() for name in next(reader, [])]
            columns = _columns(file, header, along, names)
            rows = [
                (reader.line_num, _row(file, reader.line_num, header, cells, columns))
                for cells in reader
                if cells
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{file} must be a CSV file in UTF-8, and is not: {error}") from error
    if not rows:
        raise ValueError(f"{file} must have a line for each seed and {along}, got none")
    return rows


def _columns(file: Path, header: Sequence[str], along: str, names: Sequence[str]) -> list[str]:
    """Return the columns that are read, each of which must be there once."""
    needed = list(dict.fromkeys((SEED, along, MEASURED, *names)))
    columns = needed + [name for name in COUNTS if name in header and name not in needed]
    for name in columns:
        if header.count(name) != 1:
            raise ValueError(
                f"{file} must have one column {name!r}, got {header.count(name)} among "
                f"{', '.join(header) or 'none'}"
            )
    return columns


def _row(
    file: Path, line: int, header: Sequence[str], cells: Sequence[str], columns: Sequence[str]
) -> Row:
    if len(cells) != len(header):
        raise ValueError(
            f"{file}, line {line}: must have {len(header)} cells as the header has, "
            f"got {len(cells)}"
        )
    found = dict(zip(header, cells, strict=True))
    return {
        name: _number(f"{file}, line {line}, column {name}", name, found[name]) for name in columns
    }


def _number(where: str, name: str, cell: str) -> float:
    """Return the number in a cell of a column, which has a domain where it is a symbol."""
    try:
        value = float(cell)
    except ValueError:
        missing = ", inf or nan" if name == MEASURED else ""
        raise ValueError(f"{where}: must be a number{missing}, got {cell!r}") from None
    if name == SEED and not (math.isfinite(value) and value == int(value) and value >= 0):
        raise ValueError(f"{where}: must be a whole number of at least 0, got {cell!r}")
    if name == MEASURED and value < 0:
        raise ValueError(f"{where}: must be at least 0, inf or nan, got {cell!r}")
    if name in SYMBOLS and not (math.isfinite(value) and SYMBOLS[name].allows(value)):
        raise ValueError(f"{where}: must be {SYMBOLS[name].allowed}, got {cell!r}")
    if name not in (SEED, MEASURED) and not (math.isfinite(value) and value > 0):
        raise ValueError(f"{where}: must be a finite number greater than 0, got {cell!r}")
    return value


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    """Yield a verdict on numbers, line by line."""
    yield verdict.statement
    yield f"{verdict.outcome}: {verdict.reason}"
    if verdict.order != "exact":
        slope, base = verdict.slope, verdict.along
        yield (
            f"slope: {slope.median:+.3f} [{slope.low:+.3f}, {slope.high:+.3f}] in the median of "
            f"{slope.draws} draws over {base} = {_span(verdict)}, allowed up to "
            f"{verdict.tolerated_slope:+.3f}"
        )
        if constant := constant_words(verdict):
            yield f"constant, over the declared one: {constant}"
            yield f"start: {'; '.join(start_words(verdict))}"
    yield f"tested: {verdict.tested.words}"


def _span(verdict: Verdict) -> str:
    return f"{verdict.tail[0]:g} to {verdict.tail[-1]:g}" if verdict.tail else "none"


def verdict_text(verdict: Verdict, command: str) -> str:
    """Return a verdict on numbers as JSON."""
    content: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "versions": versions(),
        "command": command,
        "verdicts": [numbers_record(verdict)],
    }
    return as_json(without_gaps(content))
