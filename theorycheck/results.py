"""What is written to ``verdicts.json``: plain numbers, null where there is none, never NaN."""

from __future__ import annotations

import json
import math
import os
import platform
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bounds
from sims import Problem
from theorycheck import __version__
from theorycheck.family import Family
from theorycheck.lemma_check import LemmaCheck
from theorycheck.measure import Observation
from theorycheck.tabulate import sort_runs
from theorycheck.verdict import PathPremise, SizeSummary, Verdict

if TYPE_CHECKING:
    from theorycheck.sharp_verdict import SharpVerdict

FORMAT_VERSION = 1

# A list of numbers or words in indented JSON. No string matches: its line breaks are escaped.
PLAIN_LIST = re.compile(r'\[\n(?:[^\[\]{}"]|"[\w-]*")*\n *\]')


def versions() -> dict[str, str]:
    """Return the versions a result depends on."""
    own = {"theorycheck": __version__, "python": platform.python_version()}
    return {**own, **{name: version(name) for name in ("numpy", "scipy", "sympy")}}


def verdict_record(
    verdict: Verdict, family: Family, observations: Sequence[Observation]
) -> dict[str, Any]:
    """Return one verdict on a theorem's claim as plain data."""
    points = sort_runs(family, observations).points
    median, high = verdict.implied_constant
    return {
        "theorem": verdict.theorem,
        "claim": verdict.claim,
        "statement": verdict.statement,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "order": verdict.order,
        "tag": verdict.tag,
        "implied_constant": {"median": median, "quantile_0.9": high},
        "slope": verdict.slope.mean,
        "slope_interval": list(verdict.slope_interval),
        "slope_level": verdict.slope.level,
        "slope_seeds": verdict.slope.seeds,
        "tail": list(verdict.tail),
        "end_slope": asdict(verdict.end_slope),
        "slope_quantile_0.9": asdict(verdict.slope_high),
        "tolerated_slope": verdict.tolerated_slope,
        "slack": verdict.slack,
        "holds_from": {"median": verdict.holds_from, "quantile_0.9": verdict.holds_from_high},
        "holds_from_interval": {
            "median": verdict.holds_from_interval,
            "quantile_0.9": verdict.holds_from_high_interval,
        },
        "zeros": verdict.zeros,
        "failures": verdict.failures,
        "failure_interval": verdict.failure_interval,
        "along": verdict.along,
        "direction": verdict.direction,
        "released": list(family.released),
        "tied": family.tied,
        "sizes": [_size_record(size) for size in verdict.sizes],
        "prediction": _prediction_record(verdict),
        "premises": {one.id: list(one.implied) for one in verdict.premises},
        "premise_checks": [_premise_record(one) for one in verdict.premises],
        "epsilon": None if verdict.along == "epsilon" else points[0][1],
        "problems": [problem.parameters() for problem, _ in points],
        "seeds": sorted({one.seed for one in observations}),
        "engines": sorted({one.engine for one in observations}),
        "statuses": _count([one.status for one in observations]),
        "runs": verdict.runs,
        "total": verdict.total,
    }


def prediction_record(found: SharpVerdict) -> dict[str, Any]:
    """Return one verdict on a sharp prediction as plain data."""
    plain = asdict(found)
    return {
        "theorem": "predictions",
        "claim": plain.pop("prediction"),
        "order": "exact",
        **plain,
        "rows": [{**row, "more": dict(row["more"])} for row in plain["rows"]],
        "runs": sum(row.runs for row in found.rows),
        "total": sum(row.runs for row in found.rows),
    }


def lemma_record(check: LemmaCheck) -> dict[str, Any]:
    """Return one verdict on a lemma as plain data."""
    return {
        "theorem": "lemmas",
        "claim": check.lemma,
        "statement": check.statement,
        "outcome": check.outcome,
        "reason": check.reason,
        "order": "exact",
        "tag": bounds.LEMMAS[check.lemma].source.tag,
        "bound": check.bound,
        "exact": check.exact,
        "exact_kind": check.exact_kind,
        "failures": check.failures,
        "failure_interval": [check.low, check.high],
        "problems": [check.problem.parameters()],
        "seeds": list(range(check.draws)),
        "runs": check.draws,
        "total": check.draws,
    }


def lemma_check(record: dict[str, Any]) -> LemmaCheck:
    """Return the lemma check that :func:`lemma_record` wrote."""
    low, high = record["failure_interval"]
    return LemmaCheck(
        record["claim"],
        record["statement"],
        Problem(**record["problems"][0]),
        record["bound"],
        record["exact"],
        record["exact_kind"],
        record["failures"],
        record["runs"],
        low,
        high,
        record["outcome"],
        record["reason"],
    )


def _premise_record(premise: PathPremise) -> dict[str, Any]:
    """Return what a path does to a premise; its implied constants stand under ``premises``."""
    return {name: value for name, value in asdict(premise).items() if name != "implied"}


def _size_record(size: SizeSummary) -> dict[str, Any]:
    return {
        "size": size.size,
        "runs": size.in_event,
        "total": size.runs,
        "step": size.step,
        "measured": size.measured,
        "bound": size.bound,
        "log_bound": size.log_bound,
        "implied_constant": {"median": size.implied, "quantile_0.9": size.implied_high},
        "seeds": list(size.seeds),
        "each": list(size.each),
        "engines": list(size.engines),
    }


def _prediction_record(verdict: Verdict) -> dict[str, Any] | None:
    if verdict.prediction is None:
        return None
    return {
        "name": verdict.prediction.name,
        "measured_over_predicted": verdict.prediction.ratio,
        "implied_constant": verdict.prediction.implied,
    }


def _count(values: Sequence[str]) -> dict[str, int]:
    return {value: values.count(value) for value in sorted(set(values))}


def document(
    command: str,
    records: Sequence[dict[str, Any]],
    theorems: Sequence[dict[str, Any]] = (),
    trajectories: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the whole content of ``verdicts.json``.

    Parameters
    ----------
    command : str
        The command that made it.
    records : sequence of dict
        The verdicts.
    theorems : sequence of dict
        What they are about, as :mod:`theorycheck.statement_record` writes it.
    trajectories : dict, optional
        Runs over a grid of p, as :mod:`theorycheck.trajectory_record` writes them.

    Returns
    -------
    dict
        Plain data without nan.
    """
    content = {
        "format_version": FORMAT_VERSION,
        "versions": versions(),
        "machine": {"system": platform.system(), "architecture": platform.machine()},
        "command": command,
        "verdicts": records,
        "theorems": theorems,
        "trajectories": trajectories,
    }
    cleaned: dict[str, Any] = without_gaps(content)
    return cleaned


def without_gaps(value: Any) -> Any:
    """Return plain data with null in place of every number that JSON cannot hold."""
    if isinstance(value, dict):
        return {key: without_gaps(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_gaps(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def as_json(content: dict[str, Any]) -> str:
    """Return the text of ``verdicts.json``."""
    text = json.dumps(content, indent=2, allow_nan=False) + "\n"
    return PLAIN_LIST.sub(lambda found: f"[{' '.join(found[0][1:-1].split())}]", text)


def check_writable(path: Path) -> None:
    """Raise an OSError now where a file could not be written later."""
    if path.is_dir():
        raise IsADirectoryError(21, "is a directory, not a file to write", str(path))
    probe = path.with_name(path.name + ".partial")
    try:
        probe.touch()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    probe.unlink()


@contextmanager
def output_directory(out: Path, name: str) -> Iterator[None]:
    """Make a directory that a file can be written to; take it back if what follows fails.

    Parameters
    ----------
    out : Path
        The directory.
    name : str
        The file.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    made = [path for path in (out, *out.parents) if not path.exists()]
    out.mkdir(parents=True, exist_ok=True)
    try:
        check_writable(out / name)
        yield
    except BaseException:
        for path in made:
            if not any(path.iterdir()):
                path.rmdir()
        raise


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it appears whole or not at all.

    Parameters
    ----------
    path : Path
        Where.
    data : bytes
        What.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(data)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
