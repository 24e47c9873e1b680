"""One call a figure: ``tc.plot``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theorycheck.reporting.document import Findings, read_verdicts
from theorycheck.reporting.figures.claim_files import checked_style, drawable, figure_of_claim
from theorycheck.reporting.figures.style import house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot(
    results: Findings | Mapping[str, Any] | str | Path,
    claim: str,
    *,
    theorem: str | None = None,
    along: str | None = None,
    style: str = "house",
) -> Figure:
    """Draw measured / bound of a claim against size, as on the page.

    Parameters
    ----------
    results : Findings, mapping, str or Path
        What :func:`theorycheck.check` returned, the contents of its ``verdicts.json``, or where
        that file or its directory lies.
    claim : str
        Id of the claim.
    theorem, along : str, optional
        Id of its theorem, and the symbol of its path; the first that there is where left out.
    style : {"house", "paper"}
        "paper" is for a page set in LaTeX: 8.6 cm wide, Computer Modern.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, apart from pyplot's state; ``measured / bound`` has no unit.

    Raises
    ------
    ValueError
        If there is no such claim or path in the results, or nothing to draw.

    Notes
    -----
    The rules behind the lines: :doc:`/verdicts`.
    """
    checked_style(style)
    content = _content(results)
    asked = {"theorem": theorem, "along": along}
    for record in drawable(content, [claim]):
        if all(record[name] == given for name, given in asked.items() if given is not None):
            with house_style(style):
                figure = figure_of_claim(content, record)
            if figure is None:
                raise ValueError(f"claim must have a measured number above 0, got {claim!r}")
            return figure
    wanted = " and ".join(f"{name} {given!r}" for name, given in asked.items() if given)
    raise ValueError(f"claim {claim!r} must have a verdict with {wanted}, and has none")


def _content(results: Findings | Mapping[str, Any] | str | Path) -> Mapping[str, Any]:
    if isinstance(results, Findings):
        found: Mapping[str, Any] = json.loads(results.json)
        return found
    if isinstance(results, Mapping):
        return results
    path = Path(results)
    return read_verdicts(path / "verdicts.json" if path.is_dir() else path)
