"""The results as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

YEAR = 365.25 * 24 * 3600
RATIOS = (("gram", "pytorch"), ("gram", "jax"), ("weights", "pytorch"), ("weights", "jax"))


def render(results: dict[str, Any]) -> str:
    """Return all tables as one document.

    Parameters
    ----------
    results : dict
        What ``python -m benchmarks`` wrote to ``results.json``.

    Returns
    -------
    str
        Markdown.
    """
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    parts = [
        "# Benchmarks",
        f"{machine['date']}, {machine['cpu']}, {machine['cores']} cores; {versions}; BLAS: "
        f"{'; '.join(machine['blas'])}. Medians of interleaved repeats; quartiles in brackets."
        + f" Load of the machine at the start: {machine['load']}; unless that is near 0, others "
        "slowed what needs all cores."
        + (" A quick run: sizes are small, times mean little." if results["quick"] else ""),
        *(f"{sentence[0].upper()}{sentence[1:]}." for sentence in results["missing"]),
        "## Time per step of descent",
        table(("K, m, d, n", "threads", "engine", "time per step"), _step_rows(results)),
        "## How many times faster, with the same threads",
        table(("K, m, d, n", "threads", *_ratio_names()), _ratio_rows(results)),
        "## Whole runs in the regime of the theorems",
        "PyTorch's times are extrapolated: the measured time of a step times the number of steps.",
        table(
            ("run", "steps", "`flow`, 1 thread", "PyTorch, a step", "PyTorch, extrapolated"),
            (_run_row(row) for row in results["whole_runs"]),
        ),
        "## Cost against the dimension (K = 2, m = 6, n = 10, 1 thread)",
        *_dimension_tables(results),
        "## Building Gram matrices",
        table(
            ("K, m, d, n", "threads", "matrix product", "building", "share"),
            (_rate_row(row) for row in results["gram_rate"]),
        ),
        "Where the time goes. Random numbers are drawn ahead by a second thread, so that the "
        "parts add up to more than the whole.",
        table(
            ("threads", "whole", "random numbers", "sums of the draw", "pairs", "matrix products"),
            (_part_row(row) for row in results["gram_rate"]),
        ),
        "## Peak memory beyond the imports, start included",
        table(("K, m, d, n", "threads", *_engines(results)), _memory_rows(results)),
        "## Steps after which `gram` overtakes",
        "The whole building of the Gram matrices is charged to `gram`, and no start to the others.",
        table(("K, m, d, n", "threads", "building", *_others(results)), _overtaking(results)),
    ]
    return "\n\n".join(parts) + "\n"


def duration(seconds: float) -> str:
    """Return a time in a unit that suits it, with three digits."""
    for unit, size in (("years", YEAR), ("days", 86400.0), ("h", 3600.0), ("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _timing(timing: dict[str, float]) -> str:
    spread = f"{duration(timing['low'])} to {duration(timing['high'])}"
    return f"{duration(timing['seconds'])} ({spread})"


def _settings(results: dict[str, Any]) -> Iterator[tuple[list[str], dict[str, dict[str, Any]]]]:
    """Yield size and threads as text, with the rows of that setting by engine."""
    by_setting = groupby(results["per_step"], key=lambda row: (row["size"], row["threads"]))
    for (size, threads), rows in by_setting:
        yield [_size(size), str(threads)], {row["engine"]: row for row in rows}


def _size(size: list[int]) -> str:
    return ", ".join(f"{number}" for number in size)


def _engines(results: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(row["engine"] for row in results["per_step"]))


def _others(results: dict[str, Any]) -> list[str]:
    return [engine for engine in _engines(results) if engine != "gram"]


def _step_rows(results: dict[str, Any]) -> Iterator[list[str]]:
    for setting, rows in _settings(results):
        for engine, row in rows.items():
            yield [*setting, engine, _timing(row)]


def _ratio_names() -> list[str]:
    return [f"{ours} over {theirs}" for ours, theirs in RATIOS]


def _ratio_rows(results: dict[str, Any]) -> Iterator[list[str]]:
    for setting, rows in _settings(results):
        ratios = [
            f"{rows[theirs]['seconds'] / rows[ours]['seconds']:.3g}" if theirs in rows else "–"
            for ours, theirs in RATIOS
        ]
        yield [*setting, *ratios]


def _run_row(row: dict[str, Any]) -> list[str]:
    name = f"{row['run']}, p = {row['p']:.3g}"
    ours = [name, f"{row['steps']:.3g}", _timing(row["flow"])]
    if "pytorch_step" not in row:
        return [*ours, "–", "–"]
    step = row["pytorch_step"]
    threads = f"{step['threads']} thread{'s' if step['threads'] > 1 else ''}"
    return [
        *ours,
        f"{duration(step['seconds'])}, {threads}",
        duration(row["pytorch_run_extrapolated"]),
    ]


def _dimension_tables(results: dict[str, Any]) -> Iterator[str]:
    rows = results["against_d"]
    dimensions = sorted({row["d"] for row in rows})
    head = ("engine", "p", "what", *(f"{d:.0e}" for d in dimensions))
    lines = []
    for (engine, p, what), group in groupby(rows, key=lambda r: (r["engine"], r["p"], r["what"])):
        times = {row["d"]: duration(row["seconds"]) for row in group}
        lines.append([f"`{engine}`", f"{p:g}", what, *(times.get(d, "") for d in dimensions)])
    yield table(head, lines)
    for p in (1.0, 0.5):
        times = [
            row["seconds"]
            for row in rows
            if row["engine"] == "gram-law" and row["p"] == p and row["d"] >= 10**6
        ]
        yield (
            f"From d = 10^6 to 10^15 at p = {p:g} the cost of `gram-law` stays between "
            f"{duration(min(times))} and {duration(max(times))}, a ratio of "
            f"{max(times) / min(times):.2f}."
        )


def _rate_row(row: dict[str, Any]) -> list[str]:
    return [
        _size(row["size"]),
        str(row["threads"]),
        f"{row['matrix_product_rate'] / 1e9:.3g} Gflop/s",
        f"{row['building_rate'] / 1e9:.3g} Gflop/s",
        f"{100 * row['share']:.0f} %",
    ]


def _part_row(row: dict[str, Any]) -> list[str]:
    seconds = {name: timing["seconds"] for name, timing in row["times"].items()}
    products = max(seconds["pairs_all_neurons"] - seconds["pairs_one_neuron"], 0.0)
    parts = ("building", "random_numbers", "sums_of_the_draw", "pairs_one_neuron")
    return [str(row["threads"]), *(duration(seconds[part]) for part in parts), duration(products)]


def _memory_rows(results: dict[str, Any]) -> Iterator[list[str]]:
    for setting, rows in _settings(results):
        sizes = (rows.get(engine) for engine in _engines(results))
        yield [*setting, *(f"{row['peak_megabytes']:.0f} MB" if row else "–" for row in sizes)]


def _overtaking(results: dict[str, Any]) -> Iterator[list[str]]:
    for setting, rows in _settings(results):
        gram = rows["gram"]
        counts = []
        for engine in _others(results):
            saved = rows[engine]["seconds"] - gram["seconds"] if engine in rows else 0.0
            counts.append(f"{gram['start_seconds'] / saved:.3g}" if saved > 0 else "never")
        yield [*setting, duration(gram["start_seconds"]), *counts]
