"""The figure of every verdict on a claim as files for a paper, each with the numbers behind it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from theorycheck.files import write_whole
from theorycheck.names import did_you_mean
from theorycheck.reporting.figures.scaling import exp, scaling_figure
from theorycheck.reporting.figures.style import STYLES, house_style, save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMS = ("pdf", "svg", "png")
# The last two are of the size; a draw without t* is beyond every other in them.
COLUMNS = ("theorem", "claim", "along", "size", "seed", "measured", "log_bound", "ratio",
           "median", "quantile_0.9")  # fmt: skip
Record = dict[str, Any]


def write_claims(
    content: Mapping[str, Any], out: Path, style: str = "house", claims: Sequence[str] = ()
) -> list[Path]:
    """Write the figure and the numbers of every verdict of results that has runs.

    Parameters
    ----------
    content : mapping
        What ``verdicts.json`` holds.
    out : Path
        The directory; made where there is none.
    style : {"house", "paper"}
        "paper" is for a page set in LaTeX: 8.6 cm wide, Computer Modern.
    claims : sequence of str, optional
        Ids of the claims that are drawn; all of them where it is empty.

    Returns
    -------
    list of Path
        For each verdict a PDF, an SVG, a PNG and a CSV.

    Raises
    ------
    ValueError
        If the style or a claim is unknown.
    """
    checked_style(style)
    records = drawable(content, claims)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, record in _named(records):
        with house_style(style):
            figure = figure_of_claim(content, record)
            if figure is not None:
                written += save(figure, out, name, FORMS)
        write_whole(out / f"{name}.csv", numbers(record).encode())
        written.append(out / f"{name}.csv")
    return written


def drawable(content: Mapping[str, Any], claims: Sequence[str] = ()) -> list[Record]:
    """Return the verdicts of results that have runs, on the claims that are named."""
    records = [one for one in content["verdicts"] if one.get("sizes")]
    known = dict.fromkeys(one["claim"] for one in records)
    for claim in claims:
        if claim not in known:
            hint = did_you_mean(claim, known)
            raise ValueError(f"claim must be one of {', '.join(known)}, got {claim!r}{hint}")
    return [one for one in records if not claims or one["claim"] in claims]


def figure_of_claim(content: Mapping[str, Any], record: Record) -> Figure | None:
    """Draw one verdict of results; None where no run has a ratio above 0."""
    theorems = {one["id"]: one for one in content.get("theorems") or []}
    stated = theorems.get(record["theorem"], {}).get("claims", {}).get(record["claim"], {})
    lower = stated.get("direction") == "lower" or record.get("order") == "Omega"
    return scaling_figure(record, lower)


def numbers(record: Record) -> str:
    """Return what a verdict was decided by as CSV: a line for each run."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    about = (record["theorem"], record["claim"], record["along"])
    for size in record["sizes"]:
        log_bound, of_all = size.get("log_bound"), size["implied_constant"]
        each = size.get("each", [])
        seeds = size.get("seeds") or [""] * len(each)
        for seed, measured in zip(seeds, each, strict=True):
            told = measured is not None and log_bound is not None
            ratio = measured * exp(-log_bound) if told else ""
            rows.writerow((*about, size["size"], seed, measured, log_bound, ratio,
                           of_all["median"], of_all["quantile_0.9"]))  # fmt: skip
    return text.getvalue()


def _named(records: Sequence[Record]) -> Iterator[tuple[str, Record]]:
    """Name the files of each verdict by theorem, claim and path; number what would be one name."""
    taken: dict[str, int] = {}
    for record in records:
        parts = (Path(record["theorem"]).stem, record["claim"], record["along"])
        name = "-".join(re.sub(r"[^\w.]+", "-", part) for part in parts)
        taken[name] = taken.get(name, 0) + 1
        yield (name if taken[name] == 1 else f"{name}-{taken[name]}"), record


def checked_style(style: str) -> None:
    """Refuse a style that there is none of."""
    if style not in STYLES:
        raise ValueError(f"style must be one of {', '.join(STYLES)}, got {style!r}")
