"""The claims of a theorem at one problem as a LaTeX table."""

from __future__ import annotations

import math
from typing import Any

from bounds import Theorem
from theorycheck.formulas import claim_formula, latex_text
from theorycheck.statement_table import NOT_DEFINED


def as_latex(theorem: Theorem, table: dict[str, Any]) -> str:
    r"""Return a table that needs no package.

    Parameters
    ----------
    theorem : Theorem
        The theorem.
    table : dict
        Its values, from :func:`theorycheck.statement_table.statement_table`.

    Returns
    -------
    str
        A ``tabular`` with a row for each claim: its formula, the value of its bound and how it is
        known; the problem in a comment above it.
    """
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
