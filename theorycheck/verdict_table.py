"""Verdicts as comma-separated values: one row a claim."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

Record = dict[str, Any]


def _nested(*keys: str | int) -> Callable[[Record], Any]:
    """Return a function that follows keys into a record; None where one leads nowhere."""

    def read(record: Record) -> Any:
        found: Any = record
        for key in keys:
            if isinstance(found, dict):
                found = found.get(key)
            elif isinstance(found, list) and isinstance(key, int) and key < len(found):
                found = found[key]
            else:
                return None
        return found

    return read


COLUMNS: dict[str, Callable[[Record], Any]] = {
    "theorem": _nested("theorem"),
    "claim": _nested("claim"),
    "outcome": _nested("outcome"),
    "tag": _nested("tag"),
    "order": _nested("order"),
    "along": _nested("along"),
    "constant_median": _nested("implied_constant", "median"),
    "constant_quantile_0.9": _nested("implied_constant", "quantile_0.9"),
    "slope": _nested("slope"),
    "slope_low": _nested("slope_interval", 0),
    "slope_high": _nested("slope_interval", 1),
    "tolerated_slope": _nested("tolerated_slope"),
    "slack": _nested("slack"),
    "holds_from_median": _nested("holds_from", "median"),
    "holds_from_quantile_0.9": _nested("holds_from", "quantile_0.9"),
    "bound": _nested("bound"),
    "exact": _nested("exact"),
    "failures": _nested("failures"),
    "failure_low": _nested("failure_interval", 0),
    "failure_high": _nested("failure_interval", 1),
    "runs": _nested("runs"),
    "total": _nested("total"),
    "reason": _nested("reason"),
}


def as_csv(records: Sequence[Record]) -> str:
    """Return verdicts as CSV with a header.

    Parameters
    ----------
    records : sequence of dict
        The verdicts, as in ``verdicts.json``.

    Returns
    -------
    str
        One row a verdict; what it has no number for is left empty.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in records:
        writer.writerow([read(record) for read in COLUMNS.values()])
    return text.getvalue()
