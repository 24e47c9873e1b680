"""A study: which runs a sweep is to make, read from a TOML file (docs/sweeps.md)."""

from __future__ import annotations

import dataclasses
import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from sims import Problem
from sims.arguments import check_count, check_number
from sims.problem import LARGEST
from theorycheck.running.spec import RTOL, RunSpec

MOST_RUNS = 1_000_000
PARAMETERS = tuple(  # all that a file of words and numbers can hold
    field.name for field in dataclasses.fields(Problem) if field.name != "directions"
)
COUNTS = ("d", "n", "m", "K")
WORDS = ("noise", "signals", "pruning")
REQUIRED = (*COUNTS, "p")
OPTIONS = ("engine", "target_loss", "max_steps", "rtol", "population")
KEYS = (*OPTIONS, "seeds", "problem", "together", "random")
TRAINING = "training is full-batch gradient descent only, at a constant learning rate eta"
NETWORK = "the network has two layers, the second fixed to ones, and no bias"
FIXED = {
    **dict.fromkeys(
        ("momentum", "optimizer", "batch_size", "batch", "weight_decay", "schedule", "epochs",
         "dropout", "adam", "sgd", "nesterov"), TRAINING),
    **dict.fromkeys(("layers", "depth", "width", "bias", "activation"), NETWORK),
}  # fmt: skip

Point = dict[str, Any]
Axis = Sequence[Point]


def read_study(study: str | Path | Mapping[str, Any] | Iterable[RunSpec]) -> list[RunSpec]:
    """Return the runs of a study, each once, in its order."""
    if isinstance(study, str | Path):
        return _named(str(study), _read_toml(Path(study)))
    if isinstance(study, Mapping):
        return _named("study", study)
    specs = list(dict.fromkeys(study))
    if not specs or not all(isinstance(spec, RunSpec) for spec in specs):
        raise ValueError("study must hold at least one run, each a RunSpec")
    return specs


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not TOML: {error}") from error


def _named(name: str, content: Mapping[str, Any]) -> list[RunSpec]:
    try:
        return _runs(content)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _runs(content: Mapping[str, Any]) -> list[RunSpec]:
    """Cross every axis of a study with every other."""
    _check_keys(content, KEYS, "a study")
    axes = [_option_axis(name, content[name]) for name in OPTIONS if name in content]
    axes += _problem_axes(content)
    seeds = _seeds(content.get("seeds", 1))
    count = math.prod(len(axis) for axis in axes) * len(seeds)
    if count > MOST_RUNS:
        raise ValueError(f"a study may have up to {MOST_RUNS} runs, this one has {count}")
    runs = []
    for points in product(*axes):
        merged: Point = {}
        for point in points:
            merged |= point
        problem = _problem({name: merged.pop(name) for name in PARAMETERS if name in merged})
        runs += [RunSpec.plan(problem, seed, **merged) for seed in seeds]
    rtol = content.get("rtol", RTOL)
    if rtol != RTOL and all(run.rtol == RTOL for run in runs):
        raise ValueError(f"rtol must be left out where no run leaps over steps, got {rtol!r}")
    return list(dict.fromkeys(runs))


def _check_keys(table: object, known: Sequence[str], where: str) -> None:
    if not isinstance(table, Mapping):
        raise ValueError(f"{where} must be a table, got {table!r}")
    for key in table:
        if key not in known:
            raise ValueError(f"{where} has no key {key!r}; {_instead(str(key), known)}")


def _instead(key: str, known: Sequence[str]) -> str:
    """Say what a key may have been meant to be, or what the model fixes."""
    if key.lower() in FIXED:
        return FIXED[key.lower()]
    if nearest := difflib.get_close_matches(key, known, n=1):
        return f"the nearest is {nearest[0]!r}"
    return f"it may have {', '.join(known)}"


def _values(name: str, value: Any) -> list[Any]:
    """Return the values of a key: one, or those of a list."""
    values = value if isinstance(value, list | tuple) else [value]
    if not values:
        raise ValueError(f"{name} must be a value or a list of at least one, got {value!r}")
    for one in values:
        if not isinstance(one, int | float | str):
            raise ValueError(f"{name} must be a number or a word, or a list of them, got {one!r}")
    return list(values)


def _option_axis(name: str, value: Any) -> Axis:
    if name in ("rtol", "population") and isinstance(value, list):
        raise ValueError(f"{name} must be one value, got {value!r}")
    return [{name: one} for one in _values(name, value)]


def _problem_axes(content: Mapping[str, Any]) -> list[Axis]:
    """Return the axes along which the problem varies; no parameter is on two of them."""
    fixed = content.get("problem", {})
    _check_keys(fixed, PARAMETERS, "[problem]")
    axes: list[Axis] = [[{name: one} for one in _values(name, v)] for name, v in fixed.items()]
    together = content.get("together", [])
    if not isinstance(together, list):
        raise ValueError(f"[[together]] must be a list of tables, got {together!r}")
    axes += [_together(table) for table in together]
    if "random" in content:
        axes.append(_random(content["random"]))
    named = [name for axis in axes for name in axis[0]]
    for name in named:
        if named.count(name) > 1:
            raise ValueError(f"{name} is given twice")
    for name in REQUIRED:
        if name not in named:
            raise ValueError(f"{name} is missing from [problem], [[together]] and [random]")
    return axes


def _together(table: Any) -> Axis:
    _check_keys(table, PARAMETERS, "[[together]]")
    columns = {name: _values(name, value) for name, value in table.items()}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"[[together]] must hold lists of one length, got {lengths}")
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


@dataclass(frozen=True)
class Range:
    """The range of one parameter in a random design."""

    name: str
    low: float
    high: float
    scale: str

    def at(self, share: float) -> float:
        """Return the value at a share of the way from low to high; a whole one for counts."""
        if self.scale == "log":
            value = self.low * (self.high / self.low) ** share
        else:
            value = self.low + (self.high - self.low) * share
        value = min(max(value, self.low), self.high)
        return round(value) if self.name in (*COUNTS, "support") else value


def _random(table: Any) -> Axis:
    """Return the points of a random design: the first ones of a scrambled Sobol sequence."""
    from scipy.stats import qmc

    _check_keys(table, ("count", "seed", "ranges"), "[random]")
    count, seed = table.get("count", 0), table.get("seed", 0)
    check_count("count of [random]", count, 1)
    check_count("seed of [random]", seed, 0)
    if count > MOST_RUNS:
        raise ValueError(f"count of [random] must be at most {MOST_RUNS}, got {count!r}")
    numeric = [name for name in PARAMETERS if name not in WORDS]
    _check_keys(table.get("ranges"), numeric, "ranges of [random]")
    ranges = [_range(name, value) for name, value in table["ranges"].items()]
    if not ranges:
        raise ValueError("ranges of [random] must name at least one parameter")
    sequence = qmc.Sobol(len(ranges), scramble=True, rng=np.random.default_rng(seed))
    # a whole power of 2 is drawn and cut: a larger count keeps the points of a smaller one
    shares = sequence.random_base2((count - 1).bit_length())[:count].tolist()
    return [{one.name: one.at(share) for one, share in zip(ranges, row, strict=True)}
            for row in shares]  # fmt: skip


def _range(name: str, value: Any) -> Range:
    where = f"range {name}"
    _check_keys(value, ("low", "high", "scale"), where)
    for end in ("low", "high"):
        check_number(f"{end} of {where}", value.get(end), -LARGEST, LARGEST)
    low, high, scale = value["low"], value["high"], value.get("scale", "linear")
    if scale not in ("linear", "log"):
        raise ValueError(f"scale of {where} must be 'linear' or 'log', got {scale!r}")
    if not low < high:
        raise ValueError(f"low of {where} must be less than high, got {low!r} and {high!r}")
    if scale == "log" and low <= 0:
        raise ValueError(f"low of {where} must be greater than 0 on a log scale, got {low!r}")
    return Range(name, float(low), float(high), scale)


def _seeds(value: Any) -> Sequence[int]:
    """Return the seeds that a count, a list, or a start and a count stand for."""
    if isinstance(value, list | tuple):
        for seed in value:
            check_count("seeds", seed, 0)
        if not value:
            raise ValueError("seeds must be at least one, got []")
        return list(value)
    if isinstance(value, Mapping):
        _check_keys(value, ("start", "count"), "seeds")
        start, count = value.get("start", 0), value.get("count", 0)
        check_count("start of seeds", start, 0)
        check_count("count of seeds", count, 1)
    else:
        check_count("seeds", value, 1)
        start, count = 0, value
    if count > MOST_RUNS:
        raise ValueError(f"a study may have up to {MOST_RUNS} runs, this one has {count} seeds")
    return range(start, start + count)


def _problem(given: Point) -> Problem:
    """Make a problem; the theorem regime wherever the study is silent (Theory, section 6)."""
    sigmas = {name: given.pop(name) for name in ("sigma_n", "sigma_0") if name in given}
    return dataclasses.replace(Problem.theorem_regime(**given), **sigmas)
