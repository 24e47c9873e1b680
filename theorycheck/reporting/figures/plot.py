"""One call a figure: ``tc.plot``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sims import LearningCurve, Trajectory
from theorycheck.predictions.phase_diagram import PhaseDiagram
from theorycheck.predictions.plane import PlaneDiagram
from theorycheck.reporting.document import Findings, read_verdicts
from theorycheck.reporting.figures.claim_files import checked_style, drawable, figure_of_claim
from theorycheck.reporting.figures.plane_map import figure_of_map
from theorycheck.reporting.figures.run_files import figure_of_run
from theorycheck.reporting.figures.style import house_style, spelled
from theorycheck.reporting.figures.trajectory import learning_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Drawn: TypeAlias = Trajectory | LearningCurve | PhaseDiagram | PlaneDiagram  # with no claim in it


def plot(
    results: Findings | Mapping[str, Any] | str | Path | Drawn,
    claim: str | None = None,
    *,
    theorem: str | None = None,
    along: str | None = None,
    style: str = "house",
) -> Figure:
    """Draw a claim as on the page, the course of a run, its learning curve, or a map of phases.

    Parameters
    ----------
    results : Findings, mapping, str, Path, Trajectory, LearningCurve, PhaseDiagram or PlaneDiagram
        For a claim what :func:`theorycheck.check` returned, the contents of its ``verdicts.json``,
        or where that file or its directory lies. A run of :func:`sims.simulate` is drawn with the
        bounds of a theorem, what :func:`sims.learning_curve` integrated as losses and test error
        against steps, and what :func:`theorycheck.map_phases` measured as a map.
    claim : str, optional
        Id of the claim; a run or a map has none.
    theorem, along : str, optional
        Id of its theorem, and the symbol of its path; the first that there is where left out. For
        a run the theorem whose bounds are drawn, "mild-pruning" where left out.
    style : {"house", "paper"}
        "paper" is for a page set in LaTeX: 8.6 cm wide, Computer Modern.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, apart from pyplot's state; of a claim ``measured / bound``, which has no unit.

    Raises
    ------
    ValueError
        If there is no such claim or path in the results, or nothing to draw, or if a run or a
        map is asked for a claim.

    Notes
    -----
    The rules behind the lines: :doc:`/verdicts`.
    """
    checked_style(style)
    if isinstance(results, Drawn):
        if claim is not None or along is not None:
            raise ValueError(f"claim and along are of verdicts, got {claim or along!r} of a run")
        with house_style(style):
            return spelled(_figure_without_claim(results, theorem or "mild-pruning"))
    content = _content(results)
    if claim is None:
        known = dict.fromkeys(one["claim"] for one in drawable(content))
        raise ValueError(f"claim must be one of {', '.join(known)}, got None")
    asked = {"theorem": theorem, "along": along}
    for record in drawable(content, [claim]):
        if all(record[name] == given for name, given in asked.items() if given is not None):
            with house_style(style):
                figure = figure_of_claim(content, record)
                if figure is None:
                    raise ValueError(f"claim must have a measured number above 0, got {claim!r}")
                return spelled(figure)
    wanted = " and ".join(f"{name} {given!r}" for name, given in asked.items() if given)
    raise ValueError(f"claim {claim!r} must have a verdict with {wanted}, and has none")


def _figure_without_claim(drawn: Drawn, theorem: str) -> Figure:
    if isinstance(drawn, Trajectory):
        return figure_of_run(drawn, theorem)
    if isinstance(drawn, LearningCurve):
        return learning_figure(drawn)
    return figure_of_map(drawn)


def _content(results: Findings | Mapping[str, Any] | str | Path) -> Mapping[str, Any]:
    if isinstance(results, Findings):
        found: Mapping[str, Any] = json.loads(results.json)
        return found
    if isinstance(results, Mapping):
        return results
    if not isinstance(results, str | Path):
        raise ValueError(
            "results must be what check returned, a run, a map, or where a verdicts.json lies, "
            f"got {type(results).__name__}"
        )
    path = Path(results)
    return read_verdicts(path / "verdicts.json" if path.is_dir() else path)
