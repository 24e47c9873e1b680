"""What is written to ``verdicts.json``: plain numbers, null where there is none, never NaN."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bounds
from sims import Problem
from theorycheck.about import versions
from theorycheck.files import FORMAT_VERSION, without_gaps
from theorycheck.judging.boundaries.verdict import BoundaryVerdict
from theorycheck.judging.facts import PathPremise, SizeSummary
from theorycheck.judging.family import Family
from theorycheck.judging.observation import Observation
from theorycheck.judging.table import sort_runs
from theorycheck.judging.verdict import Verdict
from theorycheck.predictions.lemma_check import LemmaCheck
from theorycheck.predictions.limit import PredictionVerdict
from theorycheck.reporting.findings import Findings as Findings


def verdict_record(
    verdict: Verdict, family: Family, observations: Sequence[Observation]
) -> dict[str, Any]:
    """Return one verdict on a theorem's claim as plain data."""
    points = sort_runs(family, observations).points
    return {
        **numbers_record(verdict),
        "released": list(family.released),
        "tied": family.tied,
        "prediction": _prediction_record(verdict),
        "premises": {one.id: list(one.implied) for one in verdict.premises},
        "premise_checks": [_premise_record(one) for one in verdict.premises],
        "epsilon": None if family.epsilons else points[0][1],
        "epsilons": list(family.epsilons),
        "problems": [problem.parameters() for problem, _ in points],
        "seeds": sorted({one.seed for one in observations}),
        "engines": sorted({one.engine for one in observations}),
        "statuses": _count([one.status for one in observations]),
    }


def numbers_record(verdict: Verdict) -> dict[str, Any]:
    """Return what a verdict says of numbers alone, whoever computed them, as plain data."""
    return {
        "theorem": verdict.theorem,
        "claim": verdict.claim,
        "statement": verdict.statement,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "order": verdict.order,
        "tag": verdict.tag,
        **_scaling_record(verdict),
        "zeros": verdict.zeros,
        "failures": verdict.failures,
        "failure_interval": verdict.failure_interval,
        "draws": verdict.draws,
        "along": verdict.along,
        "direction": verdict.direction,
        "sizes": [_size_record(size) for size in verdict.sizes],
        "runs": verdict.runs,
        "total": verdict.total,
    }


def _scaling_record(verdict: Verdict) -> dict[str, Any]:
    """Return how the implied constant moves along the path, and from where on the claim holds."""
    constant, start = verdict.constant, verdict.start
    return {
        "implied_constant": {"median": constant.median, "quantile_0.9": constant.quantile},
        "constant": asdict(constant),
        "constant_from_each_size": list(verdict.constant_from_each),
        "slope": verdict.slope.median,
        "slope_interval": [verdict.slope.low, verdict.slope.high],
        "slope_level": verdict.slope.level,
        "slope_draws": verdict.slope.draws,
        "tail": list(verdict.tail),
        "end_slope": asdict(verdict.end_slope),
        "tolerated_slope": verdict.tolerated_slope,
        "share_within": verdict.share_within,
        "without_step": verdict.without_step,
        "holds_from": {"median": start.median, "quantile_0.9": start.quantile},
        "worst_before": {
            "size": start.worst,
            "median": start.worst_median,
            "quantile_0.9": start.worst_quantile,
        },
        "tests": verdict.tested.words,
        "tested": asdict(verdict.tested),
    }


def prediction_record(found: PredictionVerdict) -> dict[str, Any]:
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


def boundary_record(found: BoundaryVerdict) -> dict[str, Any]:
    """Return one verdict on a boundary as plain data."""
    plain = asdict(found)
    plain["claim"] = plain.pop("boundary")
    return {**plain, "order": "iff", "total": found.runs, "along_boundary": plain.pop("along")}


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
    summaries: Mapping[str, Any] | None = None,
    courses: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Return the whole content of ``verdicts.json``.

    Plain data without nan.
    """
    content = {
        "format_version": FORMAT_VERSION,
        "versions": versions(),
        "machine": {"system": platform.system(), "architecture": platform.machine()},
        "command": command,
        **({"summaries": [], "claims": []} if summaries is None else summaries),
        "verdicts": records,
        "theorems": theorems,
        "trajectories": trajectories,
        "courses": courses,
    }
    cleaned: dict[str, Any] = without_gaps(content)
    return cleaned


Results = dict[str, Any]
NEEDED = ("theorem", "claim", "statement", "outcome", "reason")


def read_verdicts(file: Path) -> Results:
    """Return the content of a ``verdicts.json``, or raise what :func:`load_results` does."""
    try:
        found = json.loads(file.read_bytes(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"RESULTS must be a verdicts.json, its directory or a store, and {file} is no JSON"
        ) from error
    return checked_results(found, file)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def checked_results(found: Any, file: Path) -> Results:
    """Return results that have the form of ``verdicts.json``, or raise a ValueError."""
    version = found.get("format_version") if isinstance(found, dict) else None
    if not isinstance(version, int):
        raise ValueError(
            f"RESULTS must be a verdicts.json, its directory or a store, and {file} is none"
        )
    if version != FORMAT_VERSION:
        raise ValueError(f"RESULTS must have format_version {FORMAT_VERSION}, got {version}")
    verdicts = found.get("verdicts")
    if not isinstance(verdicts, list) or not all(map(_is_verdict, verdicts)):
        raise ValueError(f"verdicts in {file} must be a list of verdicts with {', '.join(NEEDED)}")
    return found


def _is_verdict(record: Any) -> bool:
    return isinstance(record, dict) and all(isinstance(record.get(key), str) for key in NEEDED)
