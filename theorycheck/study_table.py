"""What was measured at each problem of a study: medians over its runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

import bounds
from theorycheck.measure import EVENTS
from theorycheck.record import SPEC_COLUMNS, Record
from theorycheck.study_path import moving

SETTINGS = tuple(name for name in SPEC_COLUMNS if name not in ("seed", "threads"))
MEDIANS = ("loss", "test_loss", "test_error")
MOST_ROWS = 500


def study_table(records: Iterable[Record]) -> dict[str, Any]:
    """Return medians problem by problem.

    Parameters
    ----------
    records : iterable of Record
        The runs, in any order. Each is read once and not kept.

    Returns
    -------
    dict
        Plain data: ``fixed``, the settings that are the same everywhere; ``moving``, the names of
        the others; ``rows``, up to ``MOST_ROWS`` of them, and ``left_out``, how many more there
        are; and ``seeds`` and ``engines``.
    """
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    seeds = set()
    for record in records:
        settings = tuple(record.values[name] for name in SETTINGS)
        groups.setdefault(settings, []).append(_measured(record))
        seeds.add(record.values["seed"])
    everywhere = [dict(zip(SETTINGS, settings, strict=True)) for settings in groups]
    moved = moving(everywhere)
    rows = [
        {"settings": [settings[name] for name in moved], **_medians(runs)}
        for settings, runs in zip(everywhere, groups.values(), strict=True)
    ]
    return {
        "fixed": {} if not rows else {k: v for k, v in everywhere[0].items() if k not in moved},
        "moving": moved,
        "rows": rows[:MOST_ROWS],
        "left_out": len(rows[MOST_ROWS:]),
        "events": [one.title for one in bounds.THEOREMS.values()],
        "seeds": sorted(seeds),
        "engines": sorted({one["engine"] for one in everywhere}),
    }


def _measured(record: Record) -> dict[str, Any]:
    """Return the few numbers of a run that are kept."""
    found = {name: record.values[name] for name in ("outcome", "status", "steps", *MEDIANS)}
    if record.npz is not None:
        event = record.trajectory().event
        found["inside"] = [EVENTS[one.inside](event) for one in bounds.THEOREMS.values()]
    return found


def _medians(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    inside = [one["inside"] for one in runs if "inside" in one]
    reached = [one["steps"] for one in runs if one["status"] == "reached"]
    return {
        "runs": len(runs),
        "failed": sum(one["outcome"] == "failed" for one in runs),
        "reached": len(reached),
        "steps": _median(reached),
        **{name: _median([one[name] for one in runs]) for name in MEDIANS},
        "measured": len(inside),
        "inside": [sum(column) for column in zip(*inside, strict=True)],
    }


def _median(values: Sequence[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return float(np.median(known)) if known else None
