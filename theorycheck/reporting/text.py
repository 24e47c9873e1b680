"""Verdicts as CSV, and statements as LaTeX."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from typing import Any

from bounds import Theorem
from theorycheck.reporting.formulas import claim_formula
from theorycheck.reporting.notation import latex_text
from theorycheck.reporting.statements import NOT_DEFINED

Results = dict[str, Any]


def _nested(*keys: str | int) -> Callable[[Results], Any]:
    """Return a function that follows keys into a record; None where one leads nowhere."""

    def read(record: Results) -> Any:
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


COLUMNS: dict[str, Callable[[Results], Any]] = {
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
    "share_within": _nested("share_within"),
    "draws": _nested("draws"),
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


def verdicts_csv(records: Sequence[Results]) -> str:
    """Return verdicts as CSV with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for record in records:
        writer.writerow([read(record) for read in COLUMNS.values()])
    return text.getvalue()


def statement_latex(theorem: Theorem, table: dict[str, Any]) -> str:
    r"""Return a table that needs no package."""
    problem = ", ".join(f"{name} = {value}" for name, value in table["parameters"].items())
    rows = [
        rf"{latex_text(row['id'])} & ${claim_formula(theorem.claims[row['id']], 'latex')}$ & "
        rf"{_value(row)} & {latex_text(row['tag'])} \\"
        for row in table["claims"]
    ]
    lines = [
        f"% {theorem.title} at {problem}",
        r"\begin{tabular}{llrl}",
        r"claim & statement & bound & source \\",
        r"\hline",
        *rows,
        r"\end{tabular}",
    ]
    return "\n".join(lines)


def _value(row: dict[str, Any]) -> str:
    """Write the value of a bound, by a power of ten where it is large or small."""
    value, log_value = row["value"], row["log_value"]
    if not row["defined"]:
        return NOT_DEFINED
    if log_value is None:
        return r"$\infty$" if value is None else f"${value:.4g}$"
    exponent = math.floor(log_value / math.log(10))
    if -3 <= exponent < 4:
        return f"${value:.4g}$"
    if abs(exponent) > 300:
        return rf"$\exp({log_value:.4g})$"
    mantissa = math.exp(log_value - exponent * math.log(10))
    return rf"${mantissa:.3f} \times 10^{{{exponent}}}$"
