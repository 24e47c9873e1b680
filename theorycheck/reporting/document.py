"""What is written to ``verdicts.json``: plain numbers, null where there is none, never NaN."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import bounds
from bounds import Theorem
from sims import Problem
from theorycheck.about import versions
from theorycheck.files import FORMAT_VERSION, without_gaps
from theorycheck.judging.family import Family
from theorycheck.judging.lemma_check import LemmaCheck
from theorycheck.judging.observation import Observation
from theorycheck.judging.table import sort_runs
from theorycheck.judging.verdict import PathPremise, SizeSummary, Verdict
from theorycheck.predictions.limit import SharpVerdict

if TYPE_CHECKING:
    from theorycheck.predictions.limit import SharpVerdict


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
        What they are about, as :mod:`theorycheck.reporting.statements` writes it.
    trajectories : dict, optional
        Runs over a grid of p, as :mod:`theorycheck.reporting.document` writes them.

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


Record = dict[str, Any]
NEEDED = ("theorem", "claim", "statement", "outcome", "reason")


def read_verdicts(file: Path) -> Record:
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


def checked_results(found: Any, file: Path) -> Record:
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


@dataclass(frozen=True)
class Report:
    """What a check found."""

    verdicts: list[Verdict] = field(default_factory=list)
    lemmas: list[LemmaCheck] = field(default_factory=list)
    predictions: list[SharpVerdict] = field(default_factory=list)
    json: str = ""
    files: list[Path] = field(default_factory=list)
    theorems: list[Theorem] = field(default_factory=list)

    @property
    def outcomes(self) -> list[str]:
        """The outcome of every verdict, then of every lemma and every prediction."""
        kinds = (self.verdicts, self.lemmas, self.predictions)
        return [str(one.outcome) for several in kinds for one in several]

    @property
    def refuted(self) -> bool:
        """Whether anything is refuted."""
        return "refuted" in self.outcomes


POINTS = 60
DIGITS = 4  # more than a picture can show
LEVELS = ("stopping-time", "train-loss", "signal-learned", "no-cross-signal", "no-noise")


def grid_record(runs: Sequence[Observation]) -> dict[str, Any] | None:
    """Return runs of mild pruning over a grid of p as plain data.

    Parameters
    ----------
    runs : sequence of Observation
        Runs that differ in p and seed alone.

    Returns
    -------
    dict or None
        The problem, the course of the first seed's run at each p with the theorem's bounds, and
        the test loss and error of every run; None where there are no runs.
    """
    if not runs:
        return None
    first = min(run.seed for run in runs)
    problem = runs[0].problem.parameters()
    del problem["p"]
    shown = sorted((run for run in runs if run.seed == first), key=lambda run: -run.problem.p)
    return {
        "problem": problem,
        "epsilon": runs[0].epsilon,
        "seed": first,
        "courses": [_course(run) for run in shown],
        "tests": [
            {
                "p": run.problem.p,
                "seed": run.seed,
                "in_event": run.in_event,
                "test_loss": run.test.test_loss,
                "test_error": run.test.test_error,
            }
            for run in runs
        ],
    }


def _course(run: Observation) -> dict[str, Any]:
    parameters = {**run.problem.parameters(), "epsilon": run.epsilon}
    theorem = bounds.THEOREMS["mild-pruning"]
    premise = theorem.conditions[theorem.id]
    seen = vars(run.series)
    kept = thin(len(run.series.steps))
    return {
        "p": run.problem.p,
        "premise_kept": premise.implied_constant(parameters) >= premise.constant,
        "in_event": run.in_event,
        "status": run.status,
        "test_loss": run.test.test_loss,
        "test_error": run.test.test_error,
        "levels": {name: theorem.claims[name].evaluate(parameters) for name in LEVELS},
        **{name: [_rounded(value) for value in seen[name][kept].tolist()] for name in seen},
    }


def thin(recorded: int) -> list[int]:
    """Choose at most ``POINTS`` recorded steps, the first and the last among them.

    They are recorded where there is something to see, so their numbers are spaced evenly.
    """
    return sorted({round(place) for place in np.linspace(0, recorded - 1, POINTS)})


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else value
